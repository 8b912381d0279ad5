"""What the exports by tweet and by post of X share: named columns, added up by posting day."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.core.case import Case, Source
from analysis.core.errors import SourceError
from analysis.sources._dates import days, format_among
from analysis.sources._headers import spelled, with_spelling
from analysis.sources._numbers import numbers
from analysis.sources._options import DecimalMark
from analysis.sources._posts import (
    by_day,
    check_adds_up,
    check_metric_names,
    distinct_files,
    ids_of,
    posting_days,
    posts_frame,
)
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._sheet import Sheet, read_sheet
from analysis.sources._windows import window_of
from analysis.sources._x_columns import words_of

# The first of these columns that a header has tells which export it is of, and the format that reads it.
LAYOUTS = (
    ("Tweet id", "the export by tweet, to 2021", "twitter_analytics_tweets"),
    ("Post id", "the content export, since 2024", "x_content"),
    ("Reposts", "the account overview, since 2024", "x_overview"),
    ("Tweets published", "the export by day, to 2021", "twitter_analytics_daily"),
)


def read_export(path: Path, encoding: str, reader: str) -> Sheet:
    """The sheet, its columns headed as the reader names them. Raises SourceError as `read_sheet`, and for a layout
    that another reader reads."""
    sheet = with_spelling(read_sheet(path, encoding), words_of(reader))
    check_layout(sheet, reader)
    return sheet


def check_layout(sheet: Sheet, expected: str) -> None:
    """Raises SourceError naming the neighbouring export, of similar columns, that the file is."""
    found = next(((what, reader) for column, what, reader in LAYOUTS if column in sheet.header), None)
    if found and found[1] == expected:
        return
    own = next(column for column, _, reader in LAYOUTS if reader == expected)
    what, cure = f'there is no column "{own}"', "export it again, or name the format that the file has"
    if found:
        what, cure = f"this is {found[0]}", f"read it with the format {found[1]}"
    raise SourceError(f"{what}: not the layout of {expected}", where=f"{sheet.file}, row 1", cure=cure)


def recognise_layout(
    sample: Sample, expected: str, time_header: str, date_format: str | Sequence[str]
) -> Recognition | None:
    """The first of the layouts whose own column the file has, with two that all of them have."""
    header = spelled(sample.header, words_of(expected))
    found = next(((column, reader) for column, _, reader in LAYOUTS if column in header), None)
    folded = {name.casefold() for name in header}
    if found is None or found[1] != expected or not {"impressions", "engagements"} <= folded:
        return None
    channel = "x" if expected.startswith("x_") else "twitter"
    at = header.index(time_header) if time_header in header else 0
    if not isinstance(date_format, str):
        date_format = format_among([row[at] for row in sample.records[1:] if len(row) > at], date_format)
    dated = Dated(sample.header[at], date_format)
    return Recognition(f'columns "{found[0]}", impressions, engagements', channel, dates=(dated,))


def with_header(sheet: Sheet, metrics: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """The columns asked for as the sheet spells them; ``other`` gives the second spelling of some."""
    return {
        name: other[header] if header not in sheet.header and other.get(header) in sheet.header else header
        for name, header in metrics.items()
    }


def read_tweets(
    files: tuple[Path, ...], source: Source, case: Case, *, reader: str, encoding: str, id_header: str,
    time_header: str, date_format: str | Sequence[str], decimal: DecimalMark | None, metrics: Mapping[str, str],
    other: Mapping[str, str], whole: Collection[str],
) -> Reading:
    """The number of posts and each metric's sum over the posts of a day. Raises SourceError as `by_day` and below.

    ``whole``: the metrics that count whole things.
    """
    unit, channel, zone = unit_of(source, case), channel_of(source), zone_of(source, case)
    check_metric_names(metrics, source.id)
    files, notes = distinct_files(files)

    def one(path: Path) -> tuple[pd.DataFrame, list[Note]]:
        sheet = read_export(path, encoding, reader)
        headers = with_header(sheet, metrics, words_of(reader) | other)
        for name, header in headers.items():
            check_adds_up(name, header, sheet.file)
        cells = sheet.column(time_header)
        pattern = date_format if isinstance(date_format, str) else format_among(cells, date_format)
        dates, found = posting_days(sheet, time_header, cells, pattern, None, zone)
        columns = together(
            partial(
                numbers, sheet.column(header), sheet.lines, sheet.file, header, decimal=decimal, whole=name in whole
            )
            for name, header in headers.items()
        )
        values = dict(zip(headers, columns, strict=True))
        return posts_frame(sheet, ids_of(sheet, id_header), dates, values), [*sheet.notes, *found]

    frames = []
    for frame, found in together(partial(one, path) for path in files):
        frames.append(frame)
        notes += found
    measured, more = by_day(frames, unit, channel)
    return Reading(measured, zone, notes=(*notes, *more))


def daily_window(
    sheet: Sheet, unit: str, channel: str, headers: Mapping[str, str], date_format: str, decimal: DecimalMark | None,
    whole: Collection[str],
) -> tuple[pd.DataFrame, list[Note]]:
    """One export of a row a day: its measurements, and the sheet's notes with those on absent values."""
    dates = days(sheet.column("Date"), sheet.lines, sheet.file, "Date", date_format)
    columns = together(
        partial(numbers, sheet.column(header), sheet.lines, sheet.file, header, decimal=decimal, whole=name in whole)
        for name, header in headers.items()
    )
    values = dict(zip(headers, columns, strict=True))
    absent = [
        Note(sheet.file, "absent values", count, f'{name} (column "{headers[name]}"): left out, not zero')
        for name, column in values.items() if (count := int(np.isnan(column).sum()))
    ]
    return window_of(sheet.file, sheet.lines, dates, unit, channel, values), [*sheet.notes, *absent]
