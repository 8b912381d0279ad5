"""What the post level and the video level of Facebook Insights share: one row a post, added up by posting day."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError
from analysis.sources._insights_columns import Column, check_prefix, columns_of, values_of
from analysis.sources._insights_files import main_rows, read_insights
from analysis.sources._kpis import whole_of
from analysis.sources._options import DecimalMark, Delimiter, Encoding, MomentFormat, Zone
from analysis.sources._posts import by_day, check_adds_up, check_metric_names, ids_of, posting_days, posts_frame
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._sheet import Sheet

ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?")
ISO_FORMAT = "%Y-%m-%dT%H:%M:%S"
LEVEL_MARKS = (
    ("lifetime total video views", "lifetime total 30-second", "lifetime auto-played", "lifetime clicked-to-play"),
    ("lifetime post consum", "lifetime engaged users", "lifetime post stories", "lifetime negative feedback",
     "lifetime talking about", "post_stories", "post_consumptions", "post_engaged_users"),
)  # fmt: skip
UNTOLD_PEOPLE = re.compile(r"\breach\b|unique|engaged.users|\bconsumers\b|\bpeople\b|talking about", re.IGNORECASE)


class PostOptions(Strict):
    """``metrics`` left out: those of the reader's own list that the files have."""

    metrics: Annotated[dict[Identifier, Column], Field(min_length=1)] | None = None
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    date_format: MomentFormat = "%m/%d/%Y %I:%M:%S %p"
    posted_zone: Zone = "America/Los_Angeles"
    empty: Literal["missing", "zero"] = "missing"
    without_type: Literal["count", "drop"] = "count"
    decimal: DecimalMark | None = None


def read_posts(
    files: tuple[Path, ...], source: Source, case: Case, options: PostOptions, usual: Mapping[str, Column],
    known: Mapping[str, str],
) -> Reading:
    """Posts and their counts by posting day; ``usual`` are the metrics read when the case names none, ``known`` the
    reader's KPIS."""
    unit, channel, zone = unit_of(source, case), channel_of(source), zone_of(source, case)
    check_metric_names(options.metrics or {}, source.id)
    sheets = together(partial(_sheet, path, options) for path in files)
    notes: list[Note] = [note for sheet in sheets for note in sheet.notes]
    metrics, more = _metrics(options, usual, sheets)
    notes += more
    frames = []
    whole = whole_of(metrics, known, case.kpis)
    for frame, found in together(partial(_posts, sheet, metrics, options, zone, whole) for sheet in sheets):
        frames.append(frame)
        notes += found
    measured, more = by_day(frames, unit, channel, empty=options.empty)
    return Reading(measured, zone, notes=(*notes, *more))


def recognise_posts(sample: Sample, *, videos: bool) -> Recognition | None:
    """The two levels share their first columns; what is counted tells them apart."""
    rows = main_rows(sample.sheets) or sample.records
    header = rows[0] if rows else ()
    if header[:1] != ("Post ID",) or "Posted" not in header:
        return None
    names = {name.casefold() for name in header}
    of_videos, of_posts = (any(name.startswith(mark) for name in names for mark in marks) for marks in LEVEL_MARKS)
    if (of_videos and not of_posts) != videos or not (of_videos or of_posts):
        return None
    level = "video" if videos else "post"
    dated = Dated("Posted", PostOptions.model_fields["date_format"].default, zone="posted_zone")
    return Recognition(f'first column "Post ID", "Posted", counts of a {level}', "facebook", dates=(dated,))


def _sheet(path: Path, options: PostOptions) -> Sheet:
    sheet = read_insights(path, options.encoding, "Post ID", options.delimiter)
    if sheet.header[0] == "Post ID" and "Posted" in sheet.header:
        return sheet
    raise SourceError(
        f'the first column is "{sheet.header[0][:80]}" and not "Post ID", or there is no column "Posted": this is not '
        "an export by post",
        where=f"{sheet.file}, row 1",
        cure="export Post data; Page data are read with the format facebook_insights_page",
    )


def _metrics(
    options: PostOptions, usual: Mapping[str, Column], sheets: list[Sheet]
) -> tuple[Mapping[str, Column], list[Note]]:
    if options.metrics is not None:
        for name, column in options.metrics.items():
            check_prefix(name, column, sheets)
        return options.metrics, []
    told: dict[str, bool | None] = {name: _has(column, sheets) for name, column in usual.items()}
    there = {name: column for name, column in usual.items() if told[name]}
    absent = [name for name in usual if told[name] is False]
    unclear = [name for name in usual if told[name] is None]
    notes = []
    if absent:
        detail = f"{', '.join(absent)}: no file has the column, not measured"
        notes.append(Note(sheets[0].file, "usual metrics not in the export", len(absent), detail))
    if unclear:
        detail = f"{', '.join(unclear)}: not measured; name the columns with `metrics:` and `occurrence:`"
        notes.append(Note(sheets[0].file, "usual metrics whose columns share a name", len(unclear), detail))
    return there, notes


def _has(column: Column, sheets: list[Sheet]) -> bool | None:
    """Whether a file has the column; None where somebody took out the descriptions that tell it from its namesake."""
    found = False
    for sheet in sheets:
        try:
            found = bool(columns_of(sheet, column)) or found
        except SourceError:
            if any(sheet.descriptions):
                raise
            return None
    return found


def _posts(
    sheet: Sheet, metrics: Mapping[str, Column], options: PostOptions, zone: str, whole: set[str]
) -> tuple[pd.DataFrame, list[Note]]:
    cells = [cell.strip() for cell in sheet.column("Posted")]
    found = [ISO.fullmatch(cell) for cell in cells]
    if all(found):  # a workbook's own dates
        cells, pattern = [match[1] for match in found if match], ISO_FORMAT
    else:
        pattern = options.date_format
    dates, notes = posting_days(sheet, "Posted", cells, pattern, options.posted_zone, zone)
    values = together(
        partial(_values, sheet, name, column, options.decimal, whole=name in whole) for name, column in metrics.items()
    )
    frame = posts_frame(sheet, ids_of(sheet, "Post ID"), dates, dict(zip(metrics, values, strict=True)))
    untyped = np.array([not cell.strip() for cell in sheet.column("Type")] if "Type" in sheet.header else [False])
    if untyped.any():
        fate = "left out" if options.without_type == "drop" else "counted like the others"
        detail = f'first row {sheet.lines[int(untyped.argmax())]}, such as "was mentioned in a post": {fate}'
        notes = [*notes, Note(sheet.file, "posts without a type", int(untyped.sum()), detail)]
        if options.without_type == "drop":
            frame = frame[~untyped]
    return frame, notes


def _values(
    sheet: Sheet, name: str, column: Column, decimal: DecimalMark | None, *, whole: bool
) -> np.ndarray:
    for header, description in columns_of(sheet, column):
        told = "(Unique Users)" in description or "(Total Count)" in description
        people = "(Unique Users)" in description if told else bool(UNTOLD_PEOPLE.search(header))
        check_adds_up(name, header, sheet.file, people=people)
    return values_of(sheet, column, decimal, whole=whole)
