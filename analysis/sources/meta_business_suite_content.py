"""Meta Business Suite, content of Facebook pages and Instagram accounts: one row a post, added up by posting day."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import CaseError, SourceError, nearest
from analysis.sources._channels import check_map
from analysis.sources._numbers import numbers
from analysis.sources._options import DecimalMark, Encoding, Heading, MomentFormat, Zone
from analysis.sources._personal import own_posts
from analysis.sources._platforms import CHANNELS, channel_for
from analysis.sources._posts import (
    by_day,
    check_adds_up,
    check_metric_names,
    distinct_files,
    ids_of,
    posting_days,
    posts_frame,
)
from analysis.sources._reading import Note, Reading, together, unit_of, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._sheet import Sheet, nearest_header, read_sheet

NAME = "meta_business_suite_content"
LABEL = "Meta Business Suite, content of Facebook and Instagram (CSV)"
REFERENCE = "Layout of the content exports of Meta Business Suite Insights, Facebook and Instagram, 2023 to 2025"

USUAL = {
    "views": "Views",
    "impressions": "Impressions",
    "engagements": "Reactions, Comments and Shares",
    "reactions": "Reactions",
    "likes": "Likes",
    "comments": "Comments",
    "shares": "Shares",
    "saves": "Saves",
    "new_followers": "Follows",
    "clicks": "Total clicks",
    "link_clicks": "Link Clicks",
    "seconds_viewed": "Seconds viewed",
}
KPIS = {header: name for name, header in USUAL.items()}
PERSONAL = own_posts("Post ID", "Permalink", "Title", "Description")
POSTED = True  # values stand under the day of posting
PLATFORMS = {"Page ID": "Facebook", "Account ID": "Instagram"}
LIFETIME = "Lifetime"
TYPES = {
    "photo": "photo", "photos": "photo", "ig image": "photo", "image": "photo",
    "video": "video", "videos": "video", "ig video": "video",
    "reel": "reel", "reels": "reel", "ig reel": "reel",
    "carousel": "carousel", "ig carousel": "carousel", "multi media": "carousel",
    "text": "text", "status": "text", "link": "link", "links": "link",
    "story": "story", "stories": "story", "ig story": "story", "live": "live", "album": "album", "albums": "album",
}  # fmt: skip
UNTYPED = "none"


class Options(Strict):
    """``metrics`` left out: the usual ones that the files have. ``keep_types``: posts of these types only."""

    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] | None = None
    keep_types: Annotated[tuple[Identifier, ...], Field(min_length=1)] | None = None
    doubled: Literal["refuse", "first", "last"] = "refuse"
    channel_map: dict[Heading, Identifier] = Field(default_factory=dict)
    encoding: Encoding = "utf-8"
    date_format: MomentFormat = "%m/%d/%Y %H:%M"
    posted_zone: Zone | None = None
    empty: Literal["missing", "zero"] = "missing"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    named = [header for header in PLATFORMS if header in sample.header]
    if sample.header[:1] != ("Post ID",) or len(named) != 1 or not sample.has("Publish time", "Post type"):
        return None
    dated = Dated("Publish time", Options.model_fields["date_format"].default, zone="posted_zone")
    channel = CHANNELS[PLATFORMS[named[0]]]
    return Recognition(f'first column "Post ID", then "{named[0]}" and "Publish time"', channel, dates=(dated,))


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The number of posts and each metric's sum over the posts of a day, of Facebook, Instagram or both.

    The header tells the platform, and with it the channel; a source that names a channel leaves out the others. A
    column that an export has twice ("Views") is read once when both say the same, and otherwise refused unless
    ``doubled`` chooses. Publish times carry no zone: ``posted_zone``, or the study's own. Reach is never added up.
    Raises SourceError for a file that is cut, in another encoding or layout, columns that disagree, a column that
    cannot be added up, an id that was rounded, and a post given twice with different numbers.
    """
    check_map(options.channel_map, source, case)
    check_metric_names(options.metrics or {}, source.id)
    _check_types(options, source)
    zone, unit = zone_of(source, case), unit_of(source, case)
    files, notes = distinct_files(files)
    sheets = together(partial(read_sheet, path, options.encoding, short_rows=True) for path in files)
    metrics = _metrics(options, sheets)
    by_channel: dict[str, list[pd.DataFrame]] = {}
    for sheet in sheets:
        notes += sheet.notes
        channel = channel_for(_platform(sheet), options.channel_map, source, case, f"{sheet.file}, row 1")
        if channel is None:
            notes.append(Note(sheet.file, "file left out", 1, f"it is about {_platform(sheet)}"))
            continue
        frame, more = _posts(sheet, metrics, options, zone)
        by_channel.setdefault(channel, []).append(frame)
        notes += more
    if not by_channel:
        raise SourceError(
            f'no file is about the channel "{source.channel}"',
            where=", ".join(sheet.file for sheet in sheets),
            cure=f"correct `channel:` of the source {source.id}, or map the platform with `channel_map:`",
        )
    parts = []
    for channel, frames in by_channel.items():
        measured, more = by_day(frames, unit, channel)
        parts.append(measured)
        notes += more
    return Reading(pd.concat(parts, ignore_index=True), zone, notes=tuple(notes))


def _check_types(options: Options, source: Source) -> None:
    known = {*TYPES.values(), UNTYPED}
    for name in options.keep_types or ():
        if name not in known:
            raise CaseError(
                f'there is no type of post "{name}"', where=f"sources, {source.id}, options, keep_types",
                cure=nearest(name, known),
            )


def _platform(sheet: Sheet) -> str:
    found = [name for header, name in PLATFORMS.items() if header in sheet.header]
    if len(found) == 1 and sheet.header[0] == "Post ID":
        return found[0]
    raise SourceError(
        f'the file begins with "{sheet.header[0][:80]}" and has {" and ".join(found) or "neither"} of the columns '
        '"Page ID" and "Account ID": it is no content export',
        where=f"{sheet.file}, row 1",
        cure="export the content of one page or account; charts are read with the format meta_business_suite_charts",
    )


def _metrics(options: Options, sheets: list[Sheet]) -> Mapping[str, str]:
    """A column may be missing in some years; one that no file has is a slip of the pen."""
    headers = {header for sheet in sheets for header in sheet.header}
    if options.metrics is None:
        return {name: header for name, header in USUAL.items() if header in headers}
    for name, header in options.metrics.items():
        if header not in headers:
            raise SourceError(
                f'no file has the column "{header}" (metric {name})',
                where=", ".join(sheet.file for sheet in sheets),
                cure=nearest_header(header, sorted(headers)),
            )
    return options.metrics


def _posts(
    sheet: Sheet, metrics: Mapping[str, str], options: Options, zone: str
) -> tuple[pd.DataFrame, list[Note]]:
    _check_lifetime(sheet)
    cells = sheet.column("Publish time")
    dates, notes = posting_days(sheet, "Publish time", cells, options.date_format, options.posted_zone, zone)
    values = {}
    for name, header in metrics.items():
        if header in sheet.header:
            check_adds_up(name, header, sheet.file)
        values[name], more = _values(sheet, header, options)
        notes += more
    frame = posts_frame(sheet, ids_of(sheet, "Post ID"), dates, values)
    types, more = _types(sheet)
    if options.keep_types is None:
        return frame, [*notes, *more]
    kept = np.isin(types, options.keep_types)
    detail = f"kept: {', '.join(options.keep_types)}"
    return frame[kept], [*notes, *more, Note(sheet.file, "posts of other types left out", int((~kept).sum()), detail)]


def _check_lifetime(sheet: Sheet) -> None:
    """Counts since publication; a breakdown by day would count every post once a day."""
    for index, cell in enumerate(sheet.column("Date")):
        if cell.strip() != LIFETIME:
            raise SourceError(
                f'"{cell}" where "{LIFETIME}" belongs: the export is broken down by day, or the row is cut short',
                where=f'{sheet.file}, row {sheet.lines[index]}, column "Date"',
                cure="export the content with lifetime figures",
            )


def _values(sheet: Sheet, header: str, options: Options) -> tuple[np.ndarray, list[Note]]:
    """A column's numbers; all NaN, and never 0, where this export has no such column."""
    found = [index for index, name in enumerate(sheet.header) if name == header]
    if not found:
        return np.full(len(sheet.rows), np.nan), []
    columns = [
        numbers(sheet.cells(index), sheet.lines, sheet.file, header, decimal=options.decimal) for index in found
    ]
    differ = np.flatnonzero([len({str(value) for value in values}) > 1 for values in zip(*columns, strict=True)])
    where = f'columns {", ".join(str(index + 1) for index in found)}, "{header}"'
    if len(differ) and options.doubled == "refuse":
        first = differ[0]
        raise SourceError(
            f'"{header}" is there {len(found)} times with different numbers: '
            f"{' and '.join(f'{column[first]:g}' for column in columns)} (rows like this: {len(differ)})",
            where=f"{sheet.file}, row {sheet.lines[first]}, {where}",
            cure="export it again with the column once, or set `doubled: first` or `doubled: last`",
        )
    chosen, notes = columns[-1] if options.doubled == "last" else columns[0], []
    if len(found) > 1:
        fate = f"{len(differ)} rows differ, the {options.doubled} is read" if len(differ) else "equal, read once"
        notes.append(Note(sheet.file, "column given twice", len(found), f"{where}: {fate}"))
    empty = int(np.isnan(chosen).sum())
    if empty and options.empty == "zero":
        notes.append(Note(sheet.file, "empty cells", empty, f'column "{header}": counted as 0'))
        chosen = np.nan_to_num(chosen)
    return chosen, notes


def _types(sheet: Sheet) -> tuple[list[str], list[Note]]:
    """One word a type, whatever the export of the year calls it; an unknown word stays as it is."""
    words = [cell.strip().casefold() for cell in sheet.column("Post type")]
    unknown = sorted({word for word in words if word and word not in TYPES})
    count = sum(word in unknown for word in words)
    detail = f"{', '.join(unknown)}: kept under their own names"
    notes = [Note(sheet.file, "unknown types of post", count, detail)] if unknown else []
    types = [TYPES.get(word, word or UNTYPED) for word in words]
    counts = ", ".join(f"{name} {types.count(name)}" for name in sorted(set(types)))
    return types, [Note(sheet.file, "types of post", len(set(types)), counts), *notes]
