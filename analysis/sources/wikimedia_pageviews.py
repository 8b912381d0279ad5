"""Views of Wikipedia articles: the pageviews tool's CSV, the JSON of the REST interface, the legacy page counts."""

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Source, Strict, Text
from analysis.core.errors import SourceError
from analysis.core.redefinitions import changes_of
from analysis.sources._options import DayFormat, DecimalMark, Encoding
from analysis.sources._pageviews import ITEM_KEYS, LEGACY, PAGE_VIEWS, VALUE_KEYS, PageSeries, series_of_file
from analysis.sources._reading import Note, Reading, channel_of, together, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._series import absent_notes, check_step, redefinition_notes, units_of_series
from analysis.sources._tally import summed
from analysis.sources._windows import join_windows, window_of

NAME = "wikimedia_pageviews"
LABEL = "Wikimedia page views (CSV or JSON)"
REFERENCE = (
    "Layouts of the pageviews tool (pageviews.wmcloud.org) and of the Wikimedia REST interfaces Pageviews and Legacy "
    "Pagecounts, as documented on wikitech.wikimedia.org"
)

TOOL_HEADER = re.compile(r'Date(,"[^"\n]*(""[^"\n]*)*")+\r?\n\d{4}-\d\d')
TOOL_FILE = re.compile(r"pageviews-\d{8}-\d{8}")
MOST_ARTICLES = 50
KPIS = {name: name for name in (PAGE_VIEWS, LEGACY)}
PERSONAL = ()  # figures that are added up already
CHANGES = changes_of("wikipedia")


class Options(Strict):
    """``articles``: our unit for each article to keep, several of one unit are added up; ``metrics``: what the files
    hold, to be named when they hold both."""

    articles: dict[str, Text] = Field(default_factory=dict)
    metrics: Annotated[tuple[Literal["page_views", "legacy_page_counts"], ...], Field(min_length=1)] | None = None
    agent: Literal["user", "all-agents", "automated", "spider"] = "user"
    encoding: Encoding = "utf-8"
    date_format: DayFormat = "%Y-%m-%d"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    """An answer of the interfaces says what it is. The tool's CSV is known by its quotes: all titles, never "Date"."""
    head = sample.head.removeprefix("\ufeff").lstrip()
    if head.startswith("{"):
        told = all(f'"{key}"' in head for key in ("items", "project", "granularity", "timestamp"))
        return Recognition("JSON with items, project, granularity, timestamp", "wikipedia") if told else None
    if set(ITEM_KEYS) <= set(sample.header) and not set(VALUE_KEYS).isdisjoint(sample.header):
        return Recognition("items of an answer saved as a table", "wikipedia", plain_numbers=False)
    named = TOOL_FILE.match(sample.file) and sample.header[:1] == ("Date",)  # its quotes are lost on saving it again
    if len(sample.header) < 2 or not (named or TOOL_HEADER.match(head)):
        return None
    titles = sample.header[1:MOST_ARTICLES]
    options = {"articles": {title: title for title in titles}} if len(titles) > 1 else {}
    because = "first column Date, then titles of articles" + (", as the name says" if named else ", each in quotes")
    return Recognition(because, "wikipedia", options, dates=(Dated("Date", "%Y-%m-%d"),))


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Views of each unit's articles by day, or by month under its first day.

    Metric "page_views" counts the ``agent`` asked for (the tool's CSV: whatever was chosen there); metric
    "legacy_page_counts", up to 2016, counts robots too and is never joined to it. Days without a view are not in the
    answers and are not filled. In JSON, ``row`` is the number of the item. Items that a program saved as a table, one a
    row, are read as the answer is. Raises SourceError for a file that is cut
    or not such an answer, both metrics without naming both, another agent, several kinds of access, both layouts in
    one source, an article that is not there and files that disagree; CaseError when the case names no channel.
    """
    channel = channel_of(source)
    read_files = together(
        partial(series_of_file, path, options.encoding, options.date_format, options.decimal) for path in files
    )
    series = [one for found, _ in read_files for one in found]
    notes = [note for _, found in read_files for note in found]
    _check_metrics(series, source, options)
    _check_kinds(series, options)
    names = {one.name: one.aliases for one in series}
    places = ", ".join(dict.fromkeys(one.file for one in series))
    chosen = units_of_series(list(names.values()), options.articles, "articles", source, case, places)
    units = {name: unit for name, unit in zip(names, chosen, strict=True) if unit is not None}
    windows, monthly = [], False
    for one in series:
        if one.name not in units:
            notes.append(Note(one.file, "article not listed", 1, f'"{one.name}": left out'))
            continue
        by_month = check_step(one.dates, source, one.file)
        monthly = monthly or by_month is not None
        notes += [by_month] if by_month else []
        notes += absent_notes(one.values, one.file, one.name)
        if one.metric == PAGE_VIEWS and options.agent == "user":
            notes += redefinition_notes(one.dates, CHANGES, one.file)
        windows.append(window_of(one.file, one.rows, one.dates, one.name, channel, {one.metric: one.values}))
    joined, more = join_windows(windows, source.period, gaps=not monthly)
    frame, incomplete = _by_unit(joined, units)
    return Reading(frame, zone_of(source, case), notes=(*dict.fromkeys(notes), *more, *incomplete))


def _by_unit(joined: pd.DataFrame, units: dict[str, str]) -> tuple[pd.DataFrame, list[Note]]:
    """Articles added up by unit, on the dates that all of the unit's articles have."""
    frame = joined.assign(article=joined["unit"], unit=joined["unit"].map(units))
    whole = frame.groupby(["unit", "metric"])["article"].transform("nunique")
    there = frame.groupby(["unit", "metric", "date"])["article"].transform("nunique")
    short = frame[there < whole]
    notes = [
        Note(rows["file"].iloc[0], "date without all articles", rows["date"].nunique(), f"{unit}: left out")
        for unit, rows in short.groupby("unit", sort=True)
    ]
    return summed(frame[there == whole].drop(columns="article")), notes


def _check_metrics(series: list[PageSeries], source: Source, options: Options) -> None:
    found = {one.metric: one.file for one in series}
    where = f"{', '.join(found.values())}; sources, {source.id}, options, metrics"
    if options.metrics is None and len(found) > 1:
        raise SourceError(
            f"the files hold metrics that do not continue each other: {LEGACY} counts robots, {PAGE_VIEWS} does not",
            where=where,
            cure=f"name both, `metrics: [{PAGE_VIEWS}, {LEGACY}]`, and use each for its own outcome; or name one file",
        )
    if options.metrics is not None and set(options.metrics) != set(found):
        raise SourceError(
            f"the files hold {' and '.join(sorted(found))}, the case says {' and '.join(options.metrics)}",
            where=where,
            cure="correct `metrics:` or the files",
        )


def _check_kinds(series: list[PageSeries], options: Options) -> None:
    """What is joined must count the same: one layout, one agent, one access, one granularity a metric."""
    first: dict[str, PageSeries] = {}
    for one in series:
        if one.metric == PAGE_VIEWS and one.kind[1] not in ("", options.agent):
            raise SourceError(
                f'"{one.name}" counts the agent {one.kind[1]}, the case asks for {options.agent}',
                where=one.file,
                cure=f"fetch it with the agent {options.agent}, or set `agent:` in the source's options",
            )
        other = first.setdefault(one.metric, one)
        if one.kind != other.kind:
            said = " and ".join(", ".join(filter(None, each.kind)) or "a CSV, silent" for each in (other, one))
            raise SourceError(
                f"the files do not count the same: {said}",
                where=" and ".join(dict.fromkeys((other.file, one.file))),
                cure="name files of one layout, one access and one granularity (all-access and daily, say) only",
            )
