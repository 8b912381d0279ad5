"""Google Analytics 4, reports by day: lines that say what it is, then a table or several, rows in any order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError
from analysis.sources._ga4_blocks import MARK, WORDS, Block, blocks_of, bounds_of, dates_of, sheet_of_block
from analysis.sources._kpis import counts_whole
from analysis.sources._numbers import numbers
from analysis.sources._options import DayFormat, DecimalMark, Encoding, Heading
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import Recognition, Sample
from analysis.sources._series import absent_notes
from analysis.sources._sheet import Sheet
from analysis.sources._text import decode, read_bytes
from analysis.sources._windows import ONE_DAY, join_windows, window_of

NAME = "google_analytics_4"
LABEL = "Google Analytics 4, report by date (CSV)"
REFERENCE = "Layout of Google Analytics 4 report exports (Report CSV Export, Reports snapshot), 2021 to 2025"

CORE_METRICS = {
    "sessions": "Sessions",
    "engaged_sessions": "Engaged sessions",
    "page_views": "Views",
    "events": "Event count",
    "key_events": "Key events",
    "conversions": "Conversions",
    "new_users": "New users",
}
KPIS = {header: name for name, header in CORE_METRICS.items()} | {"Total users": "users", "Active users": "users"}
PERSONAL = ()  # figures that are added up already
NO_SUM = re.compile(
    r"\b(total|active|returning|[0-9]+-day(?: active)?) users\b|\bper\b|\baverage\b|\brate\b|%"
    r"|\bmedi[ao]\b|\btasa\b|\btaux\b|\btasso\b|\btaxa\b|^(users|usuarios|utenti|nutzer|utilisateurs|usuários)\b",
    re.I,
)
SHOWN = 6


class Options(Strict):
    """``metrics``: our name of each metric and its column; without it, those of CORE_METRICS that the file has."""

    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] | None = None
    encoding: Encoding = "utf-8"
    date_format: DayFormat = "%Y%m%d"
    decimal: DecimalMark | None = None


@dataclass(frozen=True, slots=True)
class _Report:
    """``said``: account, property and audience, which must be the same for files that are joined. ``tables``: those by
    day, each with its dates; ``heading``: the first table's header, to be shown."""

    file: str
    said: tuple[str, ...]
    first: pd.Timestamp
    last: pd.Timestamp
    tables: tuple[tuple[Sheet, pd.Series], ...] = field(repr=False)
    notes: tuple[Note, ...] = ()


def recognise(sample: Sample) -> Recognition | None:
    lines = sample.head.removeprefix("\ufeff").splitlines()
    above = list(takewhile(lambda line: line.startswith(MARK), lines))
    if bounds_of(above) is None:
        return None
    return Recognition("lines above the table that name a property and its period", "website", begins=len(above))


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """One measurement a day and metric, the report windows joined.

    A file may hold several tables: those by day (a date, or the number of the day in the period, "0000" first) of the
    first table's period are read, the others and those of a period of comparison left out with a note. What a table
    is, is told by what it holds, so that the interface may have been in any language; the usual columns are known in
    seven. An exploration's row of grand totals is left out.

    Users are people: those of two days may be the same, so total, active and returning users, like rates and
    averages, are read only when ``metrics`` names them, with a note that their days do not add up. Raises SourceError
    for a file that is cut, without its lines or without a table by day, a day outside the period it names or given
    twice, a missing or doubled column, windows that disagree or are of two properties or audiences; CaseError when
    the case does not name the channel.
    """
    unit, channel = unit_of(source, case), channel_of(source)
    reports = together(partial(_report, path, options) for path in files)
    _check_same(reports)
    windows, notes = [], []

    def one(report: _Report) -> tuple[list[pd.DataFrame], list[Note]]:
        return _windows(report, unit, channel, options, case.kpis)

    for found, more in together(partial(one, report) for report in reports):
        windows += found
        notes += more
    joined, more = join_windows(windows, source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


def _report(path: Path, options: Options) -> _Report:
    file = path.name
    blocks = blocks_of(file, decode(read_bytes(path), options.encoding, file))
    first, last = blocks[0].period
    tables, left_out = [], []
    for block in blocks:
        if len(blocks) > 1 and not block.filled:
            left_out.append((block, "without a row"))
        elif block.period != (first, last):
            left_out.append((block, "of another period"))
        else:
            sheet = sheet_of_block(file, block)
            dates = dates_of(sheet, block, options.date_format)
            if dates is None:
                left_out.append((block, "not by day"))
            else:
                tables.append((sheet, dates))
    if not tables:
        raise _not_by_day(file, blocks)
    said = tuple(line for line in blocks[0].said if line.strip("-") and bounds_of((f"# {line}", f"# {line}")) is None)
    notes = [
        Note(file, "table left out", 1, f"row {block.begins}, {why}: {block.heading[:80]}") for block, why in left_out
    ]
    return _Report(file, said, first, last, tuple(tables), tuple(notes))


def _not_by_day(file: str, blocks: Sequence[Block]) -> SourceError:
    header = blocks[0].heading.split(",")[0]
    shown = "; ".join(block.heading[:60] for block in blocks[:SHOWN])
    return SourceError(
        f'there is no column "Date"; the first is "{header[:80]}"' if len(blocks) == 1
        else f"none of the {len(blocks)} tables is by day. They begin with: {shown}",
        where=f"{file}, row {blocks[0].begins}",
        cure="export the report with the date as its only dimension",
    )


def _check_same(reports: list[_Report]) -> None:
    for report in reports[1:]:
        odd = next((line for line in report.said if line not in reports[0].said), None)
        odd = odd or next((line for line in reports[0].said if line not in report.said), None)
        if odd is not None:
            raise SourceError(
                f'the reports are not of the same thing: only one says "{odd[:100]}"',
                where=f"{reports[0].file} and {report.file}",
                cure="name reports of one property and one audience only, or read the other as a source of its own",
            )


def _windows(
    report: _Report, unit: str, channel: str, options: Options, ties: Mapping[str, str]
) -> tuple[list[pd.DataFrame], list[Note]]:
    windows, notes = [], list(report.notes)
    columns = _columns(report, options)
    for sheet, dates in report.tables:
        _check_inside(report, sheet, dates)
        own = {name: header for name, header in columns.items() if header in sheet.header}
        notes += sheet.notes
        if not own:
            detail = f"row {sheet.header_line}, none of its columns is asked for: {', '.join(sheet.header)[:80]}"
            notes.append(Note(sheet.file, "table left out", 1, detail))
            continue
        read_columns = together(
            partial(
                numbers, sheet.column(header), sheet.lines, sheet.file, header, decimal=options.decimal,
                whole=counts_whole(name, header, KPIS, ties),
            )
            for name, header in own.items()
        )
        values = dict(zip(own, read_columns, strict=True))
        for name, column in values.items():
            notes += absent_notes(column, sheet.file, own[name])
            if NO_SUM.search(own[name]):
                detail = f'{name} (column "{own[name]}"): use `aggregate: mean`, its days do not add up to a week'
                notes.append(Note(sheet.file, "people, a rate or an average", len(column), detail))
        windows.append(window_of(sheet.file, sheet.lines, dates, unit, channel, values))
    there = pd.concat([dates for _, dates in report.tables]).nunique()
    if missing := int((report.last - report.first) / ONE_DAY) + 1 - there:
        detail = f"the file names {report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}; not filled"
        notes.append(Note(report.file, "fewer days than the file names", missing, detail))
    return windows, notes


def _check_inside(report: _Report, sheet: Sheet, dates: pd.Series) -> None:
    outside = ((dates < report.first) | (dates > report.last)).to_numpy()
    if outside.any():
        index = int(outside.argmax())
        raise SourceError(
            f"{dates[index]:%Y-%m-%d} lies outside the period that the file names, {report.first:%Y-%m-%d} to "
            f"{report.last:%Y-%m-%d}",
            where=f'{sheet.file}, row {sheet.lines[index]}, column "{sheet.header[0]}"',
            cure="use the export as received",
        )


def _columns(report: _Report, options: Options) -> dict[str, str]:
    headers = [header for sheet, _ in report.tables for header in sheet.header]
    if options.metrics is not None:
        named = {name: header if header in headers else WORDS.get(header, header)
                 for name, header in options.metrics.items()}  # fmt: skip
        for header in named.values():
            if header not in headers:
                report.tables[0][0].position(header)
        return named
    found = {name: header for name, header in CORE_METRICS.items() if header in headers}
    if not found:
        shown = ", ".join(dict.fromkeys(headers))[:200]
        raise SourceError(
            f"none of the columns is one of {', '.join(CORE_METRICS.values())}; they are {shown}",
            where=f"{report.file}, row {report.tables[0][0].header_line}",
            cure="name the columns wanted with `metrics:` in the source's options",
        )
    return found
