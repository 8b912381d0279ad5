"""YouTube Studio: the chart's data by day, or the table of contents, its videos under their day of publication."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError
from analysis.sources._dates import days, moments
from analysis.sources._headers import spelled
from analysis.sources._kpis import counts_whole
from analysis.sources._numbers import numbers, rows_of
from analysis.sources._options import DayFormat, DecimalMark, Encoding, Heading
from analysis.sources._personal import own_posts
from analysis.sources._reading import Note, Reading, channel_of, place, together, unit_of, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._series import absent_notes
from analysis.sources._sheet import Sheet, sheet_of
from analysis.sources._tally import by_day
from analysis.sources._text import decode, read_bytes
from analysis.sources._windows import join_windows
from analysis.sources._youtube_words import FILES, RATIO, TOTALS, words

NAME = "youtube_studio"
LABEL = "YouTube Studio, chart data or table of contents (CSV)"
REFERENCE = "Layouts of Chart data.csv, Totals.csv and Table data.csv of YouTube Studio, advanced mode, 2020 to 2024"

SUMS = {
    "views": "Views",
    "watch_hours": "Watch time (hours)",
    "net_subscribers": "Subscribers",  # gained less lost: may be negative
    "impressions": "Impressions",
    "likes": "Likes",
    "comments": "Comments added",
    "shares": "Shares",
    "engaged_views": "Engaged views",  # since 2025: those that went on past the first moment
}
# A view here is a film that was played, not a post that was displayed.
KPIS = {header: name for name, header in SUMS.items()} | {"Views": "video_views", "views": "video_views"}
PERSONAL = own_posts("Content", "Video title")
NO_SUM = re.compile(rf"\b(average|rate|unique|viewers)\b|%|{RATIO}", re.I)
REVENUE = re.compile(r".+\([A-Z]{3}\)")  # in the channel's own currency: "Estimated revenue (USD)"
LIFETIME = "lifetime_{}"
KPIS |= {LIFETIME.format(name): KPIS[header] for name, header in SUMS.items()}
WORDS = words()
FOOTER = re.compile(r'"?Showing top ([0-9,.]+) results"?,*')
ROUNDING = 5e-5  # hours are written with four decimals; each row may be off by half of the last
OWN = ("Subscription status", "Watch time (hours)", "Engaged views")
PLAYED = {"Views", "Engaged views"}
TABLE_COLUMNS = ("Content", "Video title", "Video publish time")
VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
PUBLISHED = re.compile(r"([A-Z][a-z]{2} \d{1,2}, \d{4})?")
OWN_FILE = re.compile(rf"{FILES}( ?\(\d+\))?\.csv(\.gz)?", re.I)
LOOKED_AT = 50  # rows, for the ids of videos


class Options(Strict):
    """``parts``: columns of the chart whose values split the channel's whole; other breakdowns are refused.
    ``publish_format``: how the table writes the day of publication."""

    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] | None = None
    parts: tuple[Heading, ...] = ("Subscription status",)
    encoding: Encoding = "utf-8"
    date_format: DayFormat = "%Y-%m-%d"
    publish_format: DayFormat = "%b %d, %Y"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    """The chart's columns are other formats' too, unless one of YouTube's own is among them, or the name that it
    gives the file besides."""
    given = sample.header
    header, pattern = _header(given, sample.records[1:]), Options.model_fields
    if header[: len(TABLE_COLUMNS)] == TABLE_COLUMNS:
        dated = Dated(given[2], pattern["publish_format"].default, "publish_format")
        return Recognition(f"first columns {', '.join(given[:3])}", "youtube", dates=(dated,))
    by_video = {"Content", "Video title"} <= set(header)
    others = [name for name in header[1:] if name not in SUMS.values()]
    own = [name for name in others if name in OWN or REVENUE.fullmatch(name)]
    own += [name for name in OWN if name in header and name not in own]
    known = all(name in own or NO_SUM.search(name) for name in others) or by_video
    alone = len(set(header)) == len(header) and not PLAYED.isdisjoint(header)
    if header[:1] != ("Date",) or not alone or not known or sample.described:
        return None
    sure = bool(own) or by_video or bool(OWN_FILE.fullmatch(sample.file))
    dated = Dated(given[0], pattern["date_format"].default)
    return Recognition('"Date", "Views" and YouTube\'s own columns', "youtube", general=not sure, dates=(dated,))


def _header(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """In English. The first columns of a table of contents are known by what they hold, in any language."""
    names = spelled(header, WORDS)
    full = [row for row in rows[:LOOKED_AT] if len(row) == len(names) > len(TABLE_COLUMNS)]
    videos = [row for row in full if VIDEO.fullmatch(row[0].strip())]
    if not videos or len(videos) < len(full) - 1 or not all(PUBLISHED.fullmatch(row[2].strip()) for row in videos):
        return names
    return (*TABLE_COLUMNS, *names[len(TABLE_COLUMNS) :])


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Chart data: views and what else adds up, a day. Table of contents: "posts" and "lifetime_views" and the like,
    what the videos published on a day had gathered by the day of the export; the two are never joined.

    Unique viewers are people and click-through rates, averages and durations are ratios: none of them adds up, none
    is read. The table shows the top 500 at most: noted, with what its line of totals holds besides. Columns are
    known in several languages; days and numbers are written in English in all of them. Raises SourceError
    for a file that is cut or of another layout, both layouts in one source, a chart broken down by something that
    does not make up the whole, a table without days of publication, a video given twice and windows that disagree;
    CaseError when the case names no channel.
    """
    unit, channel = unit_of(source, case), channel_of(source)
    sheets = together(partial(_sheet, path, options.encoding) for path in files)
    tables = [sheet for sheet, _ in sheets if sheet.header[: len(TABLE_COLUMNS)] == TABLE_COLUMNS]
    if tables and len(tables) < len(sheets):
        raise SourceError(
            "one file is the table of contents, another the chart: they count different things under a day",
            where=", ".join(sheet.file for sheet, _ in sheets),
            cure="name each in a source of its own",
        )
    one = _published if tables else _charted
    done = together(partial(one, sheet, options, case.kpis) for sheet, _ in sheets)
    notes = [note for _, found in sheets for note in found] + [note for _, found in done for note in found]
    frames = [frame.assign(unit=unit, channel=channel) for frame, _ in done]
    if tables:
        videos = pd.concat(frames, ignore_index=True)
        _check_once(videos)
        return Reading(by_day(videos, _metrics(videos)), zone_of(source, case), notes=tuple(notes))
    joined, more = join_windows([by_day(frame, _metrics(frame)) for frame in frames], source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


def _metrics(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame if name not in ("date", "unit", "channel", "file", "row", "video")]


def _sheet(path: Path, encoding: str) -> tuple[Sheet, list[Note]]:
    """The table without the line below it that says how many rows are shown."""
    text = decode(read_bytes(path), encoding, path.name)
    head, _, last = text.rstrip("\r\n").rpartition("\n")
    footer = FOOTER.fullmatch(last.strip())
    sheet = sheet_of(path.name, f"{head}\n" if footer else text)
    sheet = replace(sheet, header=_header(sheet.header, sheet.rows))
    if footer is None:
        return sheet, list(sheet.notes)
    detail = f"the table shows the top {footer.group(1)} only; what else was published is not in it"
    return sheet, [*sheet.notes, Note(path.name, "table cut at the top", len(sheet.rows), detail)]


def _values(sheet: Sheet, keep: list[int], options: Options, ties: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The metrics that the file has, or those asked for. Raises SourceError for one that does not add up."""
    columns = options.metrics or {name: header for name, header in SUMS.items() if header in sheet.header}
    known = {header: WORDS.get(header, header) for header in columns.values() if header not in sheet.header}
    columns = {name: known.get(header, header) for name, header in columns.items()}
    if not columns:
        raise SourceError(
            f"none of the columns is one of {', '.join(SUMS.values())}",
            where=f"{sheet.file}, row 1",
            cure="name the columns wanted with `metrics:` in the source's options",
        )
    for name, header in columns.items():
        if NO_SUM.search(header):
            raise SourceError(
                f'{name}: "{header}" holds people or a ratio, which do not add up over videos or parts of a day',
                where=f"{sheet.file}, row 1",
                cure="take it out of `metrics:`",
            )
    lines = [sheet.lines[index] for index in keep]

    def numbers_of(name: str, header: str) -> np.ndarray:
        cells = sheet.column(header)
        negative = header == SUMS["net_subscribers"]
        kept = [cells[index] for index in keep]
        whole = counts_whole(name, header, KPIS, ties)
        return numbers(kept, lines, sheet.file, header, decimal=options.decimal, negative=negative, whole=whole)

    read_columns = together(partial(numbers_of, *column) for column in columns.items())
    return dict(zip(columns, read_columns, strict=True))


def _charted(sheet: Sheet, options: Options, ties: Mapping[str, str]) -> tuple[pd.DataFrame, list[Note]]:
    """One row a day and part: date, file, row and the metrics."""
    if sheet.header[0] != "Date":
        raise SourceError(
            f'the first columns are neither "Date" nor {", ".join(TABLE_COLUMNS)}',
            where=f"{sheet.file}, row 1",
            cure="export the chart's data by day, or the table of contents; in English if its language is not known",
        )
    keep = list(range(len(sheet.rows)))
    values = _values(sheet, keep, options, ties)
    measured = {*(options.metrics or SUMS).values()}
    others = [header for header in sheet.header[1:] if header not in measured and not NO_SUM.search(header)]
    unknown = [header for header in others if header not in options.parts and not REVENUE.fullmatch(header)]
    if unknown:
        raise SourceError(
            f'the chart is broken down by "{unknown[0]}", and the parts drawn need not make up the whole',
            where=f"{sheet.file}, row 1",
            cure="use Totals.csv of the same export, which holds the whole, or export it without a breakdown; name the "
            "column under `parts:` if its values add up to the whole",
        )
    dates = days(sheet.column("Date"), sheet.lines, sheet.file, "Date", options.date_format)
    parts = [tuple(row[sheet.position(header)] for header in options.parts if header in others) for row in sheet.rows]
    notes = [note for name, column in values.items() for note in absent_notes(column, sheet.file, name)]
    frame = pd.DataFrame({"date": dates, "part": parts, "file": sheet.file, "row": list(sheet.lines)} | values)
    again = frame.duplicated(["date", "part"]).to_numpy()
    if again.any():
        second = int(again.argmax())
        first = int((frame[["date", "part"]] == frame[["date", "part"]].iloc[second]).all(axis=1).to_numpy().argmax())
        raise SourceError(
            f"{dates[second]:%Y-%m-%d} is given twice for the same part",
            where=f"{place(frame, first)} and {place(frame, second)}",
            cure="export the file again",
        )
    counts = frame.groupby("date").size()
    if short := int((counts < counts.max()).sum()):
        detail = f"first {counts.index[counts < counts.max()][0]:%Y-%m-%d}; what is not given counts as nothing"
        notes.append(Note(sheet.file, "days without every part", short, detail))
    return frame.drop(columns="part"), notes


def _published(sheet: Sheet, options: Options, ties: Mapping[str, str]) -> tuple[pd.DataFrame, list[Note]]:
    """One row a video: date, file, row, video, posts and the metrics."""
    videos = [cell.strip() for cell in sheet.column("Content")]
    published = sheet.column("Video publish time")
    total = _total(sheet, videos)
    keep = [index for index in range(len(videos)) if index != total]
    undated = [index for index in keep if not published[index].strip()]
    keep = [index for index in keep if published[index].strip()]
    if not keep:
        raise SourceError(
            "no video has its day of publication, so that no day can be given to what it gathered",
            where=f'{sheet.file}, column "{TABLE_COLUMNS[2]}"',
            cure="export the table of the whole channel again, or use the chart's data by day (Totals.csv)",
        )
    if empty := [index for index in keep if not videos[index]]:
        where = f'{sheet.file}, {rows_of(sheet.lines, empty)}, column "Content"'
        raise SourceError("the video has no id", where=where, cure="export it again")
    lines = [sheet.lines[index] for index in keep]
    dates = moments(
        [published[index] for index in keep], lines, sheet.file, "Video publish time", options.publish_format
    )
    values = _values(sheet, keep, options, ties)
    notes = [note for name, column in values.items() for note in absent_notes(column, sheet.file, name)]
    if undated:
        detail = f"first in row {sheet.lines[undated[0]]}: left out"
        notes.append(Note(sheet.file, "video without a day of publication", len(undated), detail))
    notes += _total_notes(sheet, total, values, options, ties)
    frame = pd.DataFrame(
        {"date": dates, "file": sheet.file, "row": lines, "video": [videos[index] for index in keep], "posts": 1.0}
        | {LIFETIME.format(name): column for name, column in values.items()}
    )
    return frame, notes


def _total(sheet: Sheet, videos: list[str]) -> int | None:
    """The row of the table's own totals: by its word, or by a first row that is of no video and has no title."""
    title = sheet.column(TABLE_COLUMNS[1])[0].strip()
    if videos[0] and not VIDEO.fullmatch(videos[0]) and not title:
        return 0
    return next((index for index, video in enumerate(videos) if video in TOTALS), None)


def _total_notes(
    sheet: Sheet, total: int | None, values: dict[str, np.ndarray], options: Options, ties: Mapping[str, str]
) -> list[Note]:
    """What the table's own line of totals holds beyond the videos it shows."""
    if total is None:
        return []
    whole = _values(sheet, [total], options, ties)
    rests = {name: float(whole[name][0] - np.nansum(column)) for name, column in values.items()}
    return [
        Note(sheet.file, "total beyond the rows", 1, f"{name}: {rest:,.6g} of {whole[name][0]:,.6g} in no row read")
        for name, rest in rests.items()
        if abs(rest) > ROUNDING * len(sheet.rows)
    ]


def _check_once(videos: pd.DataFrame) -> None:
    again = videos["video"].duplicated().to_numpy()
    if again.any():
        second = int(again.argmax())
        first = int((videos["video"] == videos["video"].iloc[second]).to_numpy().argmax())
        raise SourceError(
            f'the video {videos["video"].iloc[second]} is given twice',
            where=f"{place(videos, first)} and {place(videos, second)}",
            cure="what a video has gathered grows: name the latest table only",
        )
