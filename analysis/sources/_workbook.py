"""Workbooks, told by their first bytes and never by their name, as sheets of text. Nothing in them is evaluated."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pandas as pd
import xlrd
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analysis.core.errors import SourceError, nearest
from analysis.sources._reading import Note
from analysis.sources._sheet import Sheet
from analysis.sources._spreadsheetml import (
    LARGEST_GRID,
    MOST_COLUMNS,
    MOST_ROWS,
    is_spreadsheetml,
    rows_of_sheets,
    too_many_cells,
)
from analysis.sources._text import LARGEST_RATIO, RATIO_APPLIES_FROM
from analysis.sources._xml_parts import elements_in

LARGEST_UNPACKED = 300_000_000  # bytes, all parts of an .xlsx together
MOST_PARTS = 2_000
EXACT = 2**53  # beyond this a number in a cell is no longer the number that was meant
SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
EPOCHS = {False: pd.Timestamp("1899-12-30"), True: pd.Timestamp("1904-01-01")}


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: ``rows[i]`` are the cells, as text, of its row ``lines[i]`` (1-based); blank rows are left out."""

    name: str
    rows: tuple[list[str], ...] = field(repr=False)
    lines: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Workbook:
    """``epoch``: the day from which the file counts dates that are plain numbers."""

    file: str
    grids: tuple[Grid, ...]
    epoch: pd.Timestamp = EPOCHS[False]
    notes: tuple[Note, ...] = ()

    def grid(self, name: str) -> Grid:
        """The sheet of that name, upper and lower case alike. Raises SourceError naming the nearest."""
        found = [grid for grid in self.grids if grid.name.strip().casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        raise SourceError(
            f'there is no sheet "{name}"' if not found else f'{len(found)} sheets are called "{name}"',
            where=self.file,
            cure=f"export it again with that sheet. {nearest(name, [grid.name for grid in self.grids])}",
        )


def read_workbook(content: bytes, file: str) -> Workbook | None:
    """The sheets of an .xlsx, a true .xls (BIFF) or a SpreadsheetML 2003 file; None when it is none of these.

    Raises SourceError for a damaged or encrypted file, one whose parts unpack to more than LARGEST_UNPACKED bytes,
    more than LARGEST_GRID cells, and XML that declares entities.
    """
    if content.startswith(b"PK\x03\x04"):
        return _xlsx(content, file)
    if content.startswith(xlrd.compdoc.SIGNATURE):
        return _xls(content, file)
    if is_spreadsheetml(content):
        sheets, notes = rows_of_sheets(content, file)
        return Workbook(file, tuple(_grid(name, rows, file) for name, rows in sheets), notes=notes)
    return None


def sheet_of(grid: Grid, file: str, *, first: str, within: int = 1) -> Sheet:
    """A grid as header and rows. The header is the row, among the first ``within``, whose first cell is ``first``.

    Short rows are filled up, as a sheet does not store what is blank at the end. Raises SourceError when there is no
    such header, no row below it, or a filled cell beyond the last header.
    """
    place = f'{file}, sheet "{grid.name}"'
    at = next((i for i, row in enumerate(grid.rows[:within]) if row and row[0].strip() == first), None)
    if at is None:
        seen = grid.rows[0][0][:80] if grid.rows and grid.rows[0] else ""
        raise SourceError(
            f'the first column is "{seen}", not "{first}": the sheet is another one, or was edited',
            where=f"{place}, row {grid.lines[0] if grid.lines else 1}",
            cure="use the export as received",
        )
    header = [cell.strip() for cell in grid.rows[at]]
    while header and not header[-1]:
        header.pop()
    rows = []
    for line, row in zip(grid.lines[at + 1 :], grid.rows[at + 1 :], strict=True):
        if any(cell.strip() for cell in row[len(header) :]):
            raise SourceError(
                f"a row has more cells than the header, {len(header)}",
                where=f"{place}, row {line}",
                cure="use the export as received",
            )
        rows.append((row + [""] * len(header))[: len(header)])
    if not rows:
        raise SourceError("the sheet has a header and no rows", where=place, cure="export the period that is meant")
    return Sheet(file, tuple(header), (), tuple(rows), grid.lines[at + 1 :])


def dates_as_text(cells: Sequence[str], epoch: pd.Timestamp, date_format: str) -> list[str]:
    """Cells in ``date_format``, those that are a spreadsheet's day number or an ISO date among them rewritten."""
    return [_date_text(cell.strip(), epoch, date_format) for cell in cells]


def is_spreadsheet_date(cell: str) -> bool:
    """Whether a cell is a spreadsheet's own day number or date, which can be read in one way only."""
    return bool(SERIAL.fullmatch(cell.strip()) or ISO_MOMENT.match(cell.strip()))


def _date_text(cell: str, epoch: pd.Timestamp, date_format: str) -> str:
    if SERIAL.fullmatch(cell):
        return f"{epoch + pd.Timedelta(days=int(float(cell))):{date_format}}"
    if ISO_MOMENT.match(cell):
        found = pd.to_datetime(cell, format="ISO8601", errors="coerce")
        return cell if pd.isna(found) else f"{found:{date_format}}"
    return cell


def _grid(name: str, rows: Iterable[tuple[int, list[str]]], file: str) -> Grid:
    lines, kept, cells = [], [], 0
    for line, row in rows:
        cells += len(row)
        if cells > LARGEST_GRID or line > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise too_many_cells(file, name)
        if any(cell.strip() for cell in row):
            lines.append(line)
            kept.append(row)
    return Grid(name, tuple(kept), tuple(lines))


def _xlsx(content: bytes, file: str) -> Workbook:
    try:
        _check_size(content, file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
            # Formulas stay formulas: where a number is expected they are refused, never computed.
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            grids = [_grid(sheet.title, _cells_of(sheet), file) for sheet in book.worksheets]
        return Workbook(file, tuple(grids), EPOCHS[book.epoch == CALENDAR_MAC_1904])
    except SourceError:
        raise
    except Exception as error:  # whatever a damaged or hostile file makes the library raise
        raise _damaged(file, ".xlsx", error) from error


def _check_size(content: bytes, file: str) -> None:
    """Refuse by the sizes that the zip declares, then read every part in pieces, which refuses a false declaration and
    XML that would grow: the library builds what it is given."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        size = sum(part.file_size for part in parts)
        swollen = size > RATIO_APPLIES_FROM and size > LARGEST_RATIO * len(content)
        if size > LARGEST_UNPACKED or len(parts) > MOST_PARTS or swollen:
            raise SourceError(
                f"the workbook is too large to be an export: {len(content):,} bytes unpack to {size:,} in "
                f"{len(parts):,} parts, the limit is {LARGEST_UNPACKED:,} in {MOST_PARTS:,} and {LARGEST_RATIO} times",
                where=file,
                cure="export shorter periods, or check what the file holds",
            )
        elements = 0
        for part in parts:
            with packed.open(part) as stream:
                elements = elements_in(stream, elements, file)


def _cells_of(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield line, [text_of(value) for value in row]


def _xls(content: bytes, file: str) -> Workbook:
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), ragged_rows=True)
        grids = [_grid(sheet.name, _cells_of_xls(sheet, book.datemode), file) for sheet in book.sheets()]
        return Workbook(file, tuple(grids), EPOCHS[book.datemode == 1])
    except SourceError:
        raise
    except Exception as error:
        raise _damaged(file, ".xls", error) from error


def _cells_of_xls(sheet: Any, datemode: int) -> Iterator[tuple[int, list[str]]]:
    for row in range(sheet.nrows):
        yield row + 1, [_xls_text(cell, datemode) for cell in sheet.row(row)]


def _xls_text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        return text_of(xlrd.xldate_as_datetime(cell.value, datemode))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return text_of(bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value)


def text_of(value: Any) -> str:
    """A cell's value as an export would write it; a whole number too large to be exact keeps its exponent."""
    if value is None:
        return ""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < EXACT else f"{value:e}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= EXACT:
        return f"{value:e}"
    return str(value)


def _damaged(file: str, kind: str, error: Exception) -> SourceError:
    return SourceError(
        f"the file begins like an {kind} workbook and cannot be read as one ({type(error).__name__})",
        where=file,
        cure="export it again; take off a password if it has one",
    )
