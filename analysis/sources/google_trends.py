"""Google Trends, interest over time, in any language of its interface: one column a term, scaled to 100."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict, Text
from analysis.core.errors import SourceError
from analysis.core.redefinitions import changes_of
from analysis.sources._dates import days, detect_format
from analysis.sources._numbers import numbers
from analysis.sources._options import DayFormat, DecimalMark, Encoding
from analysis.sources._reading import Note, Reading, channel_of, together, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._series import (
    absent_notes,
    check_step,
    labels_of,
    redefinition_notes,
    step_of,
    units_of_series,
)
from analysis.sources._sheet import Sheet
from analysis.sources._text import decode, read_bytes
from analysis.sources._trends_layouts import BELOW_ONE, layout_of, table_of, term_of
from analysis.sources._windows import join_windows, window_of

NAME = "google_trends"
LABEL = "Google Trends, interest over time (CSV)"
REFERENCE = (
    "Layouts of multiTimeline.csv downloads of Google Trends, nine languages of its interface, 2017 to 2025, and of "
    "time_series_*.csv, 2026"
)

HOUR = re.compile(r"\d{4}-\d\d-\d\d[T ](?!00:00:00$)\d\d")
ISO = re.compile(r"\d{4}-\d\d(-\d\d)?( 00:00:00)?")
EXCEL_MONTH = re.compile(r"[A-Z][a-z]{2}-\d\d")
LARGEST = 100
MOST_TERMS = 25
KPIS = {"search_interest": "search_interest"}
PERSONAL = ()  # figures that are added up already
CHANGES = changes_of("google_trends")


class Options(Strict):
    """``terms``: our unit for each term to keep; ``below_one``: the number that "<1" stands for; ``date_format``: of
    a download saved again by a spreadsheet, left out where its days can be read in one way only."""

    terms: dict[str, Text] = Field(default_factory=dict)
    metric: Identifier = "search_interest"
    below_one: Annotated[float, Field(ge=0, lt=1)] = 0.5
    encoding: Encoding = "utf-8"
    date_format: DayFormat | None = None
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    found = layout_of(sample)
    if found is None:
        return None
    because, begins, headings = found
    header = sample.records[begins]
    dated = Dated(header[len(header) - len(headings) - 1])
    options = {"terms": _units(headings[:MOST_TERMS])} if len(headings) > 1 else {}
    return Recognition(because, "search", options, regular=True, begins=begins, dates=(dated,))


def _units(headings: Sequence[str]) -> dict[str, str]:
    """A unit a term, or a term and region where one term is there for several."""
    names = [term_of(heading) for heading in headings]
    if len(set(names)) == len(names):
        return {name: name.strip('"') for name in names}
    own = [(name.strip('"'), heading[len(name) :].strip(" :：")) for heading, name in zip(headings, names, strict=True)]
    return {heading: " ".join(parts) for heading, parts in zip(headings, own, strict=True)}


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Search interest (0 to 100) of each term, by day, week or month (under its first day).

    A download is scaled to its own largest value, so two files are never joined into one series, and terms compare
    only within a file. "<1" (in Japanese "1 未満") is text in the export: it counts as ``below_one``, noted with how
    often. Since the end of 2025 downloads have neither category nor region. A download saved again by pandas or a
    spreadsheet is read, and so is one of pytrends, whose period that is not over ("isPartial") is left out. Raises
    SourceError for a file that is cut or not interest over time, hours, a distance between values that is not the
    declared period, a value that is not a number from 0 to 100, a term that is not there, and a unit in two files;
    CaseError when the case does not name the channel.
    """
    channel = channel_of(source)
    sheets = together(partial(_table, path, options.encoding) for path in files)
    windows, notes = [], []
    series = [(sheet, index) for sheet in sheets for index in range(1, len(sheet.header))]
    _check_alone([sheet.header[index] for sheet, index in series], [sheet.file for sheet, _ in series])
    names = [_names(sheet, index) for sheet, index in series]
    units = units_of_series(names, options.terms, "terms", source, case, ", ".join(sheet.file for sheet in sheets))
    _check_alone(units, [sheet.file for sheet, _ in series])
    for sheet in sheets:
        dates = _dates(sheet, options)
        notes += [*sheet.notes, *filter(None, [check_step(dates, source, sheet.file)])]
        notes += redefinition_notes(dates, CHANGES, sheet.file)
        for (own, index), unit in zip(series, units, strict=True):
            if own is not sheet:
                continue
            if unit is None:
                notes.append(Note(sheet.file, "term not listed", 1, f'"{sheet.header[index]}": left out'))
                continue
            values, more = _values(sheet, index, options)
            notes += more
            windows.append(window_of(sheet.file, sheet.lines, dates, unit, channel, {options.metric: values}))
    joined, more = join_windows(windows, source.period, gaps=all(step_of(w["date"]) != "month" for w in windows))
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


def _table(path: Path, encoding: str) -> Sheet:
    return table_of(path.name, decode(read_bytes(path), encoding, path.name))


def _names(sheet: Sheet, index: int) -> tuple[str, ...]:
    """A column by its heading, by its term, and by its term without the quotes of an exact search."""
    heading = sheet.header[index]
    term = term_of(heading)
    return tuple(dict.fromkeys((heading, term, term.strip('"'))))


def _dates(sheet: Sheet, options: Options) -> pd.Series:
    cells, first = [cell.strip() for cell in sheet.cells(0)], sheet.header[0]
    hour = next((number for number, cell in enumerate(cells) if HOUR.match(cell)), None)
    if hour is not None:
        raise SourceError(
            f'"{cells[hour]}" is an hour: the download covers a few days only',
            where=f'{sheet.file}, row {sheet.lines[hour]}, column "{first}"',
            cure="choose a longer period, which Google Trends gives by day, week or month",
        )
    if not any(letter.isdigit() for cell in cells for letter in cell):
        raise SourceError(
            f'"{cells[0][:80]}" is not a date: these are places or searches',
            where=f'{sheet.file}, row {sheet.lines[0]}, column "{first}"',
            cure="download interest over time (multiTimeline.csv), not interest by region or related queries",
        )
    if all(EXCEL_MONTH.fullmatch(cell) for cell in cells):
        return days([f"01-{cell}" for cell in cells], sheet.lines, sheet.file, first, "%d-%b-%y")
    if options.date_format is not None:
        return days(cells, sheet.lines, sheet.file, first, options.date_format)
    if any(ISO.fullmatch(cell) for cell in cells):
        cells = [cell.removesuffix(" 00:00:00") for cell in cells]
        return labels_of(cells, sheet.lines, sheet.file, first, "%Y-%m-%d")
    return days(cells, sheet.lines, sheet.file, first, detect_format(cells, sheet.lines, sheet.file, first))


def _values(sheet: Sheet, index: int, options: Options) -> tuple[np.ndarray, list[Note]]:
    cells, heading = sheet.cells(index), sheet.header[index]
    small = np.array([bool(BELOW_ONE.fullmatch(cell.strip())) for cell in cells])
    plain = ["0" if is_small else cell for cell, is_small in zip(cells, small, strict=True)]
    read = numbers(plain, sheet.lines, sheet.file, heading, decimal=options.decimal)
    values = np.where(small, options.below_one, read)
    large = np.flatnonzero(values > LARGEST)  # NaN compares false
    if len(large):
        raise SourceError(
            f'"{cells[large[0]]}" is above {LARGEST}, the largest value that Google Trends gives',
            where=f'{sheet.file}, row {sheet.lines[large[0]]}, column "{heading}"',
            cure="use the CSV of interest over time as downloaded",
        )
    notes = absent_notes(values, sheet.file, heading)
    if small.any():
        detail = f'"{heading}": each as {options.below_one:g}'
        notes.append(Note(sheet.file, "values below one", int(small.sum()), detail))
    return values, notes


def _check_alone(whose: Sequence[str | None], files: Sequence[str]) -> None:
    """One series a unit: two downloads, or two terms, are on scales that neither join nor add up."""
    for index, name in enumerate(whose):
        first = list(whose).index(name)
        if name is not None and first < index:
            raise SourceError(
                f'two series are of "{name}": each download has its own scale, and shares of searches do not add up',
                where=" and ".join(dict.fromkeys((files[first], files[index]))),
                cure="download the whole period at once, or read the second as a source with another `metric:`",
            )
