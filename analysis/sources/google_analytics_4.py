"""Google Analytics 4, a report by date: nine lines that say what it is, then the table, its rows in any order."""

import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError
from analysis.sources._dates import days
from analysis.sources._numbers import numbers
from analysis.sources._options import DayFormat, DecimalMark, Encoding, Heading
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import Recognition, Sample
from analysis.sources._series import absent_notes
from analysis.sources._sheet import Sheet, sheet_of
from analysis.sources._text import decode, read_bytes
from analysis.sources._windows import ONE_DAY, join_windows, window_of

NAME = "google_analytics_4"
LABEL = "Google Analytics 4, report by date (CSV)"
REFERENCE = "Layout of Google Analytics 4 report exports (Report CSV Export), English interface, 2023 to 2024"

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
MARK = "#"
BOUNDS = ("Start date", "End date")
NO_SUM = re.compile(r"\b(total|active|returning|[0-9]+-day(?: active)?) users\b|\bper\b|\baverage\b|\brate\b|%", re.I)


class Options(Strict):
    """``metrics``: our name of each metric and its column; without it, those of CORE_METRICS that the file has."""

    metrics: Annotated[dict[Identifier, Heading], Field(min_length=1)] | None = None
    encoding: Encoding = "utf-8"
    date_format: DayFormat = "%Y%m%d"
    decimal: DecimalMark | None = None


@dataclass(frozen=True, slots=True)
class _Report:
    """``said``: account, property and audience, which must be the same for files that are joined."""

    said: tuple[str, ...]
    first: pd.Timestamp
    last: pd.Timestamp
    sheet: Sheet = field(repr=False)


def recognise(sample: Sample) -> Recognition | None:
    lines = sample.head.removeprefix("\ufeff").splitlines()
    above = [line for line in lines if line.startswith(MARK)]
    if not lines or not lines[0].startswith(MARK) or not all(any(f"{b}: " in line for line in above) for b in BOUNDS):
        return None
    return Recognition("lines above the table that name a property and its period", "website", begins=len(above))


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """One measurement a day and metric, the report windows joined.

    Users are people: those of two days may be the same, so total, active and returning users, like rates and
    averages, are read only when ``metrics`` names them, with a note that their days do not add up. Raises SourceError
    for a file that is cut, without its nine lines or with several tables, a day outside the period it names or given
    twice, a missing or doubled column, windows that disagree or are of two properties or audiences; CaseError when
    the case does not name the channel.
    """
    unit, channel = unit_of(source, case), channel_of(source)
    reports = together(partial(_report, path, options) for path in files)
    _check_same(reports)
    windows, notes = [], []

    def one(report: _Report) -> tuple[pd.DataFrame, list[Note]]:
        return _window(report, unit, channel, options)

    for window, found in together(partial(one, report) for report in reports):
        windows.append(window)
        notes += found
    joined, more = join_windows(windows, source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


def _report(path: Path, options: Options) -> _Report:
    file, text = path.name, decode(read_bytes(path), options.encoding, path.name)
    lines = text.split("\n")
    count = next((number for number, line in enumerate(lines) if not line.startswith(MARK)), len(lines))
    said = [line.strip(f"{MARK} \r") for line in lines[:count]]
    fields = dict(line.split(": ", 1) for line in said if ": " in line)
    if not set(BOUNDS) <= set(fields):
        raise SourceError(
            "the lines that name the property and the period are missing: this is not a report as exported",
            where=f"{file}, rows 1 to {max(count, 1)}",
            cure="export the report as CSV and keep its first nine lines",
        )
    again = next((number for number, line in enumerate(lines[count:], count + 1) if line.startswith(MARK)), None)
    if again is not None:
        raise SourceError(
            "a second table begins", where=f"{file}, row {again}", cure="export a report of one table, by date"
        )
    places = [1 + next(n for n, line in enumerate(said) if line.startswith(f"{key}: ")) for key in BOUNDS]
    first, last = days([fields[key] for key in BOUNDS], places, file, " and ".join(BOUNDS), "%Y%m%d")
    kept = tuple(line for line in said if line.strip("-") and not line.startswith(BOUNDS))
    return _Report(kept, first, last, sheet_of(file, "\n".join(lines[count:]), begins=count + 1))


def _check_same(reports: list[_Report]) -> None:
    for report in reports[1:]:
        odd = next((line for line in report.said if line not in reports[0].said), None)
        odd = odd or next((line for line in reports[0].said if line not in report.said), None)
        if odd is not None:
            raise SourceError(
                f'the reports are not of the same thing: only one says "{odd[:100]}"',
                where=f"{reports[0].sheet.file} and {report.sheet.file}",
                cure="name reports of one property and one audience only, or read the other as a source of its own",
            )


def _window(report: _Report, unit: str, channel: str, options: Options) -> tuple[pd.DataFrame, list[Note]]:
    sheet = report.sheet
    if "Date" not in sheet.header:
        raise SourceError(
            f'there is no column "Date"; the first is "{sheet.header[0][:80]}"',
            where=f"{sheet.file}, row {sheet.header_line}",
            cure="export the report with the date as its only dimension",
        )
    dates = days(sheet.column("Date"), sheet.lines, sheet.file, "Date", options.date_format)
    outside = ((dates < report.first) | (dates > report.last)).to_numpy()
    if outside.any():
        index = int(outside.argmax())
        raise SourceError(
            f"{dates[index]:%Y-%m-%d} lies outside the period that the file names, {report.first:%Y-%m-%d} to "
            f"{report.last:%Y-%m-%d}",
            where=f'{sheet.file}, row {sheet.lines[index]}, column "Date"',
            cure="use the export as received",
        )
    values, notes = {}, list(sheet.notes)
    columns = _columns(sheet, options)
    read_columns = together(
        lambda header=header: numbers(sheet.column(header), sheet.lines, sheet.file, header, decimal=options.decimal)
        for header in columns.values()
    )
    for (name, header), column in zip(columns.items(), read_columns, strict=True):
        values[name] = column
        notes += absent_notes(column, sheet.file, header)
        if NO_SUM.search(header):
            detail = f'{name} (column "{header}"): use `aggregate: mean`, its days do not add up to a week'
            notes.append(Note(sheet.file, "people, a rate or an average", len(column), detail))
    if missing := int((report.last - report.first) / ONE_DAY) + 1 - dates.nunique():
        detail = f"the file names {report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}; not filled"
        notes.append(Note(sheet.file, "fewer days than the file names", missing, detail))
    return window_of(sheet.file, sheet.lines, dates, unit, channel, values), notes


def _columns(sheet: Sheet, options: Options) -> dict[str, str]:
    if options.metrics is not None:
        return options.metrics
    found = {name: header for name, header in CORE_METRICS.items() if header in sheet.header}
    if not found:
        raise SourceError(
            f"none of the columns is one of {', '.join(CORE_METRICS.values())}",
            where=f"{sheet.file}, row {sheet.header_line}",
            cure="name the columns wanted with `metrics:` in the source's options",
        )
    return found
