"""Facebook Page Insights, page level, CSV or workbook, in windows of at most about 180 days (2014 to 2020)."""

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError
from analysis.sources._dates import days, detect_format
from analysis.sources._insights_columns import Column, check_prefix, values_of
from analysis.sources._insights_files import main_rows, read_insights, without_time
from analysis.sources._insights_names import other_names
from analysis.sources._kpis import counts_whole
from analysis.sources._mapping import MOST_METRICS, slugs
from analysis.sources._options import DayFormat, DecimalMark, Delimiter, Encoding
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._sheet import Sheet
from analysis.sources._windows import join_windows, window_of

NAME = "facebook_insights_page"
LABEL = "Facebook Page Insights, page level (CSV, .xls, .xlsx)"
REFERENCE = "Layout of the legacy Facebook Page Insights data export, Page data, CSV and Excel, 2014 to 2020"

PERIODS = re.compile(r"(Lifetime|Daily|Weekly|28 Days) |page_\w+:(lifetime|day|week|days_28)")
TOTAL = "(Total Count)"
PROPOSED = {
    "engagements": "Daily Page consumptions", "engaged_users": "Daily Page Engaged Users", "reach": "Daily Total Reach",
    "impressions": "Daily Total Impressions", "paid_impressions": "Daily Paid Impressions",
    "video_views": "Daily Total Video Views", "followers": "Lifetime Total Likes", "new_followers": "Daily New Likes",
    "lost_followers": "Daily Unlikes",
}  # fmt: skip
# Consumptions are clicks on content, whatever a case calls them.
_NAMED = {label: name for name, label in PROPOSED.items()} | {"Daily Page consumptions": "clicks"}
KPIS = {name: kpi for label, kpi in _NAMED.items() for name in (label, *other_names(label))}
PERSONAL = ()  # figures that are added up already
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Options(Strict):
    metrics: Annotated[dict[Identifier, Column], Field(min_length=1)]
    encoding: Encoding = "cp1252"
    delimiter: Delimiter = ","
    date_format: DayFormat | None = None
    empty: Literal["missing", "zero"] = "missing"
    decimal: DecimalMark | None = None


def recognise(sample: Sample) -> Recognition | None:
    """"Date" and columns that name their period, with the row below that explains them or names that no other has."""
    rows = (main_rows(sample.sheets) or sample.records)[:2]
    header = rows[0] if rows else ()
    if header[:1] != ("Date",) or not any(PERIODS.match(name) for name in header):
        return None
    described = len(rows) > 1 and not "".join(rows[1][:1])
    if not described and not any(other_names(name) for name in header):
        return None
    metrics = _proposed(header, rows[1] if described else ())
    return Recognition(
        'first column "Date", then columns like "Daily New Likes"' + (" and a row that explains them" if described
                                                                      else ""),
        "facebook", {"metrics": metrics} if metrics else {}, () if metrics else ("metrics",), dates=(Dated("Date"),),
    )  # fmt: skip


def _proposed(header: tuple[str, ...], descriptions: tuple[str, ...]) -> dict[str, str | dict[str, str]]:
    """The usual metrics that the file has; where it has none, its columns of counts by day that stand there once."""
    folded = [name.casefold() for name in header]
    found: dict[str, str | dict[str, str]] = {}
    for metric, label in PROPOSED.items():
        name = next((n for n in (label, *other_names(label)) if n.casefold() in folded), None)
        places = [i for i, item in enumerate(folded) if name and item == name.casefold()]
        if len(places) == 1:
            found[metric] = header[places[0]]
        elif sum(i < len(descriptions) and TOTAL in descriptions[i] for i in places) == 1:
            found[metric] = {"header": header[places[0]], "description_contains": TOTAL}
    plain = [name for name in header if name.startswith("Daily ") and " - " not in name and header.count(name) == 1]
    return found or {ours: theirs for theirs, ours in slugs(plain[:MOST_METRICS]).items()}


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Join the export windows; one measurement a day and metric.

    Each file may be CSV, SpreadsheetML 2003 (.xls, .xml) or .xlsx, as its first bytes say, headed by labels or by
    Graph API names, and saved again with other delimiters, as a workbook of one sheet or without the row of
    descriptions, by which namesakes are told apart. An empty cell means that nothing was counted: left out, or 0 with
    ``empty: zero``. Raises SourceError for a file that is cut, in another encoding or without a column asked for, for
    dates that can be read in two ways, and for windows that disagree.
    """
    unit, channel = unit_of(source, case), channel_of(source)
    sheets = together(partial(read_insights, path, options.encoding, "Date", options.delimiter) for path in files)
    for name, column in options.metrics.items():
        check_prefix(name, column, sheets)
    windows, notes = [], []
    parts = together(
        partial(values_of, sheet, column, options.decimal, whole=counts_whole(name, column, KPIS, case.kpis))
        for sheet in sheets
        for name, column in options.metrics.items()
    )
    for number, sheet in enumerate(sheets):
        own = parts[number * len(options.metrics) : (number + 1) * len(options.metrics)]
        values = dict(zip(options.metrics, own, strict=True))
        notes += [*sheet.notes, *_cut_description_notes(sheet), *_empty_notes(sheet, values, options)]
        if options.empty == "zero":
            values = {name: np.nan_to_num(column) for name, column in values.items()}
        dates, found = _dates(sheet, options)
        notes += found
        windows.append(window_of(sheet.file, sheet.lines, dates, unit, channel, values))
    joined, more = join_windows(windows, source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


def _dates(sheet: Sheet, options: Options) -> tuple[pd.Series, list[Note]]:
    if sheet.header[0] != "Date":
        raise SourceError(
            f'the first column is "{sheet.header[0][:80]}", not "Date": this is not a page-level export',
            where=f"{sheet.file}, row 1",
            cure="export Page data, not post or video data",
        )
    cells, notes = without_time(sheet, "Date")
    dated = all(ISO_DAY.fullmatch(cell) for cell in cells)  # a workbook's own dates, whatever the CSV windows declare
    pattern = "%Y-%m-%d" if dated else options.date_format
    pattern = pattern or detect_format(cells, sheet.lines, sheet.file, "Date")
    return days(cells, sheet.lines, sheet.file, "Date", pattern), notes


def _empty_notes(sheet: Sheet, values: dict[str, np.ndarray], options: Options) -> list[Note]:
    fate = "counted as 0" if options.empty == "zero" else "left out"
    empty = {name: int(np.isnan(column).sum()) for name, column in values.items()}
    return [Note(sheet.file, "empty cells", count, f"{name}: {fate}") for name, count in empty.items() if count]


def _cut_description_notes(sheet: Sheet) -> list[Note]:
    if any(sheet.descriptions) or any(note.finding == "no row of descriptions" for note in sheet.notes):
        return []
    return [Note(sheet.file, "description row cut off", 1, "namesake columns can only be told apart by their order")]
