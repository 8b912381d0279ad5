"""Meta Business Suite, content of Facebook pages and Instagram accounts: one row a post, added up by posting day."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import CaseError, SourceError, nearest
from analysis.sources._channels import check_map
from analysis.sources._kpis import whole_of
from analysis.sources._numbers import numbers
from analysis.sources._options import DecimalMark, Delimiter, Encoding, Heading, MomentFormat, Zone
from analysis.sources._personal import own_posts
from analysis.sources._platforms import CHANNELS, channel_for
from analysis.sources._posts import (
    by_day,
    check_adds_up,
    check_metric_names,
    distinct_files,
    posting_days,
    posts_frame,
)
from analysis.sources._reading import Note, Reading, together, unit_of, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._sheet import Sheet, nearest_header
from analysis.sources._suite_names import ACCOUNT, ID, PAGE, TIME, TYPES, english_of
from analysis.sources._suite_posts import (
    UNTYPED,
    Content,
    content_of,
    keys_of,
    looks_like_posts,
    names_of,
    one_of_several,
    platform_of,
    times_of,
    types_of,
)
from analysis.sources._tables import read_table

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
    "replies": "Replies",
    "saves": "Saves",
    "new_followers": "Follows",
    "clicks": "Total clicks",
    "link_clicks": "Link Clicks",
    "seconds_viewed": "Seconds viewed",
}
KPIS = {header: name for name, header in USUAL.items()}
PERSONAL = own_posts("Post ID", "Permalink", "Title", "Description")
POSTED = True  # values stand under the day of posting
FEWEST = 8  # columns of a file in an unknown language

class Options(Strict):
    """``metrics`` left out: the usual ones that the files have. ``keep_types``: posts of these types only.

    ``columns``: the file's own name of a column by its English one, for languages that the reader does not know.
    """

    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] | None = None
    keep_types: Annotated[tuple[Identifier, ...], Field(min_length=1)] | None = None
    doubled: Literal["refuse", "first", "last"] = "refuse"
    channel_map: dict[Heading, Identifier] = Field(default_factory=dict)
    columns: dict[Heading, Heading] = Field(default_factory=dict)
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    date_format: MomentFormat = "%m/%d/%Y %H:%M"
    posted_zone: Zone | None = None
    empty: Literal["missing", "zero"] = "missing"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    """An id, a page's or an account's id and a time of publication, by names or, in a language known in part, cells."""
    header, rows = (sample.rows[0], sample.rows[1:]) if sample.rows else ((), ())
    own = names_of(header, rows, {})
    platform = platform_of(own)
    if platform is None:
        told = len(header) > FEWEST and looks_like_posts(rows)
        return Recognition("ids, times and links of posts", missing=("columns",)) if told else None
    dated = Dated(own[TIME], Options.model_fields["date_format"].default, zone="posted_zone")
    because = f'columns "{own[ID]}", "{own[PAGE if PAGE in own else ACCOUNT]}" and "{own[TIME]}"'
    return Recognition(because, CHANNELS[platform], dates=(dated,))


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The number of posts and each metric's sum over the posts of a day, of Facebook, Instagram or both.

    The header tells the platform, and with it the channel; a source that names a channel leaves out the others. A
    column that an export has twice ("Views") is read once when both say the same, and otherwise refused unless
    ``doubled`` chooses. Publish times carry no zone: ``posted_zone``, or the study's own; users have found those of
    their exports to be Pacific time. Reach is never added up. Headers and types of post come in the user's language;
    where it is known in part, ids, times and links are told by the cells, and the names that are not known are noted.
    A file that was saved again as a workbook, with other delimiters or with its rows numbered is read as long as
    times are whole; ids that a spreadsheet rounded give way to the links. Raises SourceError for a file that is cut,
    in another encoding or layout, columns that disagree, a column that cannot be added up, rounded ids without links,
    times that a spreadsheet took for dates in part, and a post given twice with different numbers.
    """
    check_map(options.channel_map, source, case)
    check_metric_names(options.metrics or {}, source.id)
    _check_types(options, source)
    zone, unit = zone_of(source, case), unit_of(source, case)
    files, notes = distinct_files(files)
    sheets = together(
        partial(read_table, path, options.encoding, options.delimiter, short_rows=True) for path in files
    )
    contents = []
    for sheet in sheets:
        content, more = content_of(sheet, options.columns)
        contents.append(content)
        notes += [*sheet.notes, *more]
    metrics = _metrics(options, contents)
    whole = whole_of({name: english_of(header) for name, header in metrics.items()}, KPIS, case.kpis)
    keys, more = keys_of(contents)
    notes += more
    by_channel: dict[str, list[pd.DataFrame]] = {}
    for content, ids in zip(contents, keys, strict=True):
        file, platform = content.sheet.file, content.platform
        channel = channel_for(platform, options.channel_map, source, case, f"{file}, row 1")
        if channel is None:
            notes.append(Note(file, "file left out", 1, f"it is about {platform}"))
            continue
        frame, more = _posts(content, ids, metrics, options, zone, whole)
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


def _metrics(options: Options, contents: list[Content]) -> Mapping[str, str]:
    """A column may be missing in some years; one that no file has is a slip of the pen."""
    headers = {header for content in contents for header in (*content.own, *content.sheet.header)}
    if options.metrics is None:
        return {name: header for name, header in USUAL.items() if header in headers}
    for name, header in options.metrics.items():
        if header not in headers:
            raise SourceError(
                f'no file has the column "{header}" (metric {name})',
                where=", ".join(content.sheet.file for content in contents),
                cure=nearest_header(header, sorted(headers)),
            )
    return options.metrics


def _posts(
    content: Content, ids: Sequence[str], metrics: Mapping[str, str], options: Options, zone: str, whole: set[str]
) -> tuple[pd.DataFrame, list[Note]]:
    sheet = content.sheet
    cells, pattern, notes = times_of(content, options.date_format)
    dates, more = posting_days(sheet, content.own[TIME], cells, pattern, options.posted_zone, zone)
    notes += more
    values = {}
    for name, header in metrics.items():
        header = content.own.get(english_of(header), header)
        if header in sheet.header:
            check_adds_up(name, english_of(header), sheet.file)
        values[name], more = _values(sheet, header, options, whole=name in whole)
        notes += more
    frame = posts_frame(sheet, ids, dates, values)
    types, more = types_of(content)
    if options.keep_types is None:
        return frame, [*notes, *more]
    kept = np.isin(types, options.keep_types)
    detail = f"kept: {', '.join(options.keep_types)}"
    return frame[kept], [*notes, *more, Note(sheet.file, "posts of other types left out", int((~kept).sum()), detail)]


def _values(sheet: Sheet, header: str, options: Options, *, whole: bool) -> tuple[np.ndarray, list[Note]]:
    """A column's numbers; all NaN, and never 0, where this export has no such column."""
    found = [index for index, name in enumerate(sheet.header) if name == header]
    if not found:
        return np.full(len(sheet.rows), np.nan), []
    columns = [
        numbers(sheet.cells(index), sheet.lines, sheet.file, header, decimal=options.decimal, whole=whole)
        for index in found
    ]
    chosen, notes = one_of_several(sheet, header, columns, found, options.doubled)
    empty = int(np.isnan(chosen).sum())
    if empty and options.empty == "zero":
        notes.append(Note(sheet.file, "empty cells", empty, f'column "{header}": counted as 0'))
        chosen = np.nan_to_num(chosen)
    return chosen, notes
