"""An export of one table, as received (delimited text) or saved again by a spreadsheet as a workbook of one sheet."""

from dataclasses import replace
from pathlib import Path

from analysis.core.errors import SourceError
from analysis.sources._sheet import Sheet, numbers_rows, sheet_from
from analysis.sources._text import read_bytes
from analysis.sources._workbook import Grid, Workbook, read_workbook, sheet_of


def read_table(path: Path, encoding: str, delimiter: str = ",", *, short_rows: bool = False) -> Sheet:
    """One file's table. A workbook's sheet is read as text, its own dates as 2019-05-13T10:00:00.

    Raises SourceError as `sheet_from`, and for a workbook in which several sheets are filled.
    """
    content = read_bytes(path)
    workbook = read_workbook(content, path.name)
    if workbook is None:
        return sheet_from(content, path.name, encoding, delimiter, short_rows=short_rows)
    return table_of(workbook)


def table_of(workbook: Workbook) -> Sheet:
    """The one filled sheet of a workbook. Raises SourceError where there are several, or none."""
    filled = [grid for grid in workbook.grids if grid.rows]
    if len(filled) != 1:
        names = ", ".join(f'"{grid.name}"' for grid in filled[:5]) or "none"
        raise SourceError(
            f"a table of one sheet belongs here, and {len(filled)} sheets are filled: {names}", where=workbook.file,
            cure="save the export's own sheet alone, or use the export as received",
        )
    grid = unnumbered(filled[0])
    sheet = sheet_of(grid, workbook.file, first=grid.rows[0][0].strip())
    return replace(sheet, notes=workbook.notes, header_line=grid.lines[0])


def unnumbered(grid: Grid) -> Grid:
    """The grid without a first column that only numbers its rows."""
    if not numbers_rows(grid.rows[0], grid.rows[1:]):
        return grid
    return replace(grid, rows=tuple(row[1:] for row in grid.rows))
