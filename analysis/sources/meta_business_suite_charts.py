"""Meta Business Suite, insights charts: a metric a day, several charts and platforms in one UTF-16 file (2023 on)."""

import re
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import CaseError, SourceError
from analysis.sources._channels import check_map
from analysis.sources._dates import moments
from analysis.sources._kpis import counts_whole
from analysis.sources._numbers import numbers
from analysis.sources._options import DayFormat, DecimalMark, Encoding, Heading
from analysis.sources._platforms import channel_for
from analysis.sources._reading import NAME_PATTERN, Note, Reading, together, unit_of, zone_of
from analysis.sources._recognising import Recognition, Sample
from analysis.sources._sheet import SEPARATOR, records_of
from analysis.sources._suite_titles import VALUES, metric_of, placed
from analysis.sources._text import decode, read_bytes
from analysis.sources._windows import join_windows, window_of

NAME = "meta_business_suite_charts"
LABEL = "Meta Business Suite, charts of Insights (CSV)"
REFERENCE = "Layout of the chart exports of Meta Business Suite Insights (Reach.csv, Visits.csv ...), 2023 to 2025"

KPIS = {
    "follows": "new_followers",
    "unfollows": "lost_followers",
    "interactions": "engagements",
    "content_interactions": "engagements",
    "profile_visits": "visits",
    "page_visits": "visits",
    "viewers": "reach",
    "paid_reach": "reach",
}
PERSONAL = ()  # figures that are added up already
DATE, VALUE = "Date", VALUES[0]
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# "Date","Primary" in whatever language, by which a file without "sep=" is known to be cut.
HEADED = re.compile(rf'^"?[^\W\d]+"?([,;\t])"?(?:{"|".join(VALUES)})"?', re.MULTILINE)


class Title(Strict):
    """What a chart's title line stands for, where the title does not say it itself."""

    platform: Literal["Facebook", "Instagram"]
    metric: Identifier


class Options(Strict):
    titles: dict[Heading, Title] = Field(default_factory=dict)
    metrics: dict[Identifier, Heading] = Field(default_factory=dict)
    channel_map: dict[Heading, Identifier] = Field(default_factory=dict)
    encoding: Encoding = "utf-16"
    date_format: DayFormat = "%Y-%m-%dT%H:%M:%S"
    decimal: DecimalMark | None = None


@dataclass(frozen=True, slots=True)
class _Chart:
    title: str
    line: int
    platform: str
    metric: str
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def recognise(sample: Sample) -> Recognition | None:
    """A title of its own, a header of a word for the date and one for the value, then days."""
    first = SEPARATOR.match(sample.head)
    delimiter = first[1] if first else _delimiter(sample.head)
    lines = sample.head[first.end() if first else 0 :].replace('"', "").splitlines()
    lines = [line.strip("\ufeff\t,; ") for line in lines if line.strip("\ufeff\t,; ")]
    if len(lines) < 3 or delimiter in lines[0]:
        return None
    headers = [now.split(delimiter) for before, now in pairwise(lines) if delimiter not in before]
    at = next((header for header in headers[: None if first else 1] if _is_header(header)), None)
    if at is None:  # tables of the audience may stand above a chart, in an export as received
        return None
    because = f'a title of its own above "{at[0]}" and "{at[1]}"'
    return Recognition(because, begins=len(sample.records))


def _delimiter(text: str) -> str:
    found = HEADED.search(text)
    return found[1] if found else ","


def _is_header(cells: list[str]) -> bool:
    """The value may be followed by columns that split it up or compare it."""
    return len(cells) > 1 and cells[1] in VALUES and bool(re.fullmatch(r"[^\W\d]+", cells[0]))


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """One measurement a day, platform and chart; several sections of a file and several files are joined.

    The metric is the title without the platform ("Facebook reach" and "Copertura di Facebook" give "reach" of
    Facebook); ``metrics`` gives a title's remainder another name and keeps only those listed. A title that names no
    platform ("Views", "Viewers", "Content interactions") is of the source's channel, or as ``titles`` says. The hour of
    a date is a trace of the exporting browser, not a time: the label's day is kept. Columns beside the primary one
    split it up or compare it, and tables of the audience are no series: left out, and told. A source that names a
    channel leaves out the charts of others. Raises SourceError for a file in another encoding or layout, a title that
    cannot be placed, cells that are no counts, and charts that disagree; CaseError for a title without a platform where
    the case names no channel.
    """
    check_map(options.channel_map, source, case)
    unit = unit_of(source, case)
    windows: list[pd.DataFrame] = []
    notes: list[Note] = []
    for found, more in together(partial(_file, path, source, case, options, unit) for path in files):
        windows += found
        notes += more
    if not windows:
        raise SourceError(
            "no file has a chart of the channel and metrics asked for",
            where=", ".join(path.name for path in files),
            cure=f"check `channel:` of the source {source.id}, and `channel_map:` and `metrics:` in its options",
        )
    joined, more = join_windows(windows, source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


def _file(
    path: Path, source: Source, case: Case, options: Options, unit: str
) -> tuple[list[pd.DataFrame], list[Note]]:
    windows, notes = [], []
    names = {metric_of(theirs): ours for ours, theirs in options.metrics.items()}
    charts, tables = _charts(decode(read_bytes(path), options.encoding, path.name), path.name, options)
    if tables:
        detail = f"{', '.join(tables[:6])}: shares of the audience, no value a day"
        notes.append(Note(path.name, "tables left out", len(tables), detail))
    for chart in charts:
        channel = _channel(chart, path.name, source, case, options)
        metric = names.get(chart.metric) if names else chart.metric
        if channel is None or metric is None:
            notes.append(Note(path.name, "chart left out", 1, f'row {chart.line}: "{chart.title}" was not asked for'))
            continue
        whole = counts_whole(metric, options.metrics.get(metric), KPIS, case.kpis)
        window, more = _window(chart, path.name, unit, channel, metric, options, whole=whole)
        windows.append(window)
        notes += more
        if not chart.platform:
            detail = f'row {chart.line}: "{chart.title}" is taken as of {channel}, which the source names'
            notes.append(Note(path.name, "title without a platform", 1, detail))
        if chart.beside:
            detail = f'row {chart.line + 1}: {", ".join(chart.beside)}'
            notes.append(Note(path.name, "columns beside the primary one left out", len(chart.beside), detail))
    return windows, notes


def _channel(chart: _Chart, file: str, source: Source, case: Case, options: Options) -> str | None:
    if chart.platform:
        return channel_for(chart.platform, options.channel_map, source, case, f"{file}, row {chart.line}")
    if source.channel is None:
        raise CaseError(
            f'the title "{chart.title[:80]}" names no platform',
            where=f"{file}, row {chart.line}; sources, {source.id}, channel",
            cure="add `channel:` to the source, or say what the title is with `titles:` in its options: the title, its "
            "`platform:` and `metric:`",
        )
    return source.channel


def _charts(text: str, file: str, options: Options) -> tuple[list[_Chart], list[str]]:
    """The charts, and the titles of tables of another kind that stand among them ("Age & gender", "Top cities")."""
    first = SEPARATOR.match(text)
    delimiter = first[1] if first else _delimiter(text)
    charts: list[_Chart] = []
    tables: list[str] = []
    headed = skipping = False
    for line, cells in records_of(text[first.end() :] if first else text, delimiter, file):
        line += 1 if first else 0
        cells = [cell.strip() for cell in cells]
        while cells and not cells[-1]:
            cells.pop()
        if not cells or (skipping and len(cells) > 1):
            continue
        if cells[0] == DATE or _is_header(cells):
            _check_header(cells, charts, headed, file, line)
            charts[-1].beside.extend(cells[2:])
            headed = True
        elif len(cells) == 1 and not ISO_DAY.match(cells[0]):
            _check_filled(charts, file)
            charts.append(_Chart(cells[0], line, *_placed(cells[0], options, f"{file}, row {line}")))
            headed = skipping = False
        elif not headed and charts and not charts[-1].platform and not ISO_DAY.match(cells[0]):
            tables.append(charts.pop().title)
            skipping = True
        elif not headed or not 2 <= len(cells) <= 2 + len(charts[-1].beside):
            raise SourceError(
                f"a row of {len(cells)} cells where a title, a header or a date with its number belongs",
                where=f"{file}, row {line}",
                cure="use the export as received; export it again if it is cut short",
            )
        else:
            charts[-1].rows.append(cells[:2])
            charts[-1].lines.append(line)
    if not charts:
        raise SourceError("the file has no chart", where=file, cure="export a chart, such as Reach or Views, again")
    _check_filled(charts, file)
    return charts, tables


def _check_header(cells: list[str], charts: list[_Chart], headed: bool, file: str, line: int) -> None:
    if not charts or headed or not _is_header(cells):
        raise SourceError(
            f"the header {cells} does not follow a chart's title, or is not {[DATE, VALUE]}",
            where=f"{file}, row {line}",
            cure="export one chart without a comparison, and use the file as received",
        )


def _check_filled(charts: list[_Chart], file: str) -> None:
    if charts and not charts[-1].rows:
        raise SourceError(
            f'the chart "{charts[-1].title}" has no rows', where=f"{file}, row {charts[-1].line}",
            cure="the file may be cut short: export it again",
        )


def _placed(title: str, options: Options, where: str) -> tuple[str, str]:
    """Platform ("" where none is named) and metric of a title."""
    if title in options.titles:
        return options.titles[title].platform, options.titles[title].metric
    platform, metric = placed(title)
    if re.fullmatch(NAME_PATTERN, metric):
        return platform, metric
    raise SourceError(
        f'the title "{title[:80]}" gives no name for a metric',
        where=where,
        cure="say what it is with `titles:` in the source's options: the title, its `platform:` and `metric:`",
    )


def _window(
    chart: _Chart, file: str, unit: str, channel: str, metric: str, options: Options, *, whole: bool
) -> tuple[pd.DataFrame, list[Note]]:
    column = f'{DATE}" of "{chart.title}'
    times = moments([row[0] for row in chart.rows], chart.lines, file, column, options.date_format)
    hours = times.dt.strftime("%H:%M").value_counts().sort_index()
    notes = []
    if set(hours.index) != {"00:00"}:
        seen = ", ".join(f"{hour} on {count} days" for hour, count in hours.items())
        detail = f'"{chart.title}": {seen}; the day is kept'
        notes.append(Note(file, "dates with a time of day", int(hours.sum()), detail))
    cells, heading = [row[1] for row in chart.rows], f'{VALUE}" of "{chart.title}'
    values = numbers(cells, chart.lines, file, heading, decimal=options.decimal, whole=whole)
    return window_of(file, chart.lines, times.dt.normalize(), unit, channel, {metric: values}), notes
