"""A Facebook Insights export as one sheet, whether it is CSV, SpreadsheetML 2003 (.xls, .xml) or .xlsx."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from analysis.core.errors import SourceError
from analysis.sources._reading import Note
from analysis.sources._sheet import NO_NAME, Sheet, descriptions_of, numbers_rows, records_of
from analysis.sources._sheet import sheet_of as sheet_of_text
from analysis.sources._tables import unnumbered
from analysis.sources._text import decode, read_bytes
from analysis.sources._workbook import Grid, Workbook, read_workbook, sheet_of

MAIN = "Key Metrics"
DESCRIPTION = "Description"
ISO_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?")
NOON = "12:00"


def main_rows(sheets: Mapping[str, tuple[tuple[str, ...], ...]]) -> tuple[tuple[str, ...], ...]:
    """The rows of a workbook's main sheet, or of its only one: a CSV that a spreadsheet saved again."""
    filled = {name: rows for name, rows in sheets.items() if rows}
    named = next((rows for name, rows in filled.items() if name.strip().casefold() == MAIN.casefold()), None)
    if len(filled) != 1:
        return named or ()
    [rows] = filled.values()
    return tuple(row[1:] for row in rows) if numbers_rows(rows[0], rows[1:]) else rows


def read_insights(path: Path, encoding: str, key: str, delimiter: str = ",") -> Sheet:
    """The export's columns under one header, the row below the header kept as descriptions.

    ``key`` heads the column that identifies a row ("Date", "Post ID"). A workbook's breakdowns, each on a sheet of
    its own, follow the columns of "Key Metrics" as "<sheet> - <column>", joined by the key, so that they are asked
    for like those of a CSV export; ``lines`` are rows of "Key Metrics". A row of descriptions that somebody took out is
    told: namesakes then go by their order. Raises SourceError for a file that is cut, damaged or of another kind.
    """
    content = read_bytes(path)
    workbook = read_workbook(content, path.name)
    if workbook is None:
        return _of_text(decode(content, encoding, path.name), path.name, delimiter)
    grid, main = _main(workbook, key)
    others = [other for other in workbook.grids if other.name != grid.name]
    columns = [column for other in others for column in _breakdown(other, main, key)]
    if not columns:
        return replace(main, notes=(*workbook.notes, *main.notes))
    headers, descriptions, cells = zip(*columns, strict=True)
    rows = tuple([*row, *(column[i] for column in cells)] for i, row in enumerate(main.rows))
    return replace(
        main, header=main.header + headers, descriptions=main.descriptions + descriptions, rows=rows,
        notes=(*workbook.notes, *main.notes),
    )


def _of_text(text: str, file: str, delimiter: str) -> Sheet:
    records = records_of(text, delimiter, file)
    header = next(records, (0, [""]))[1]
    line, second = next(records, (2, [""]))
    numbered = header[0].strip() in NO_NAME
    if not "".join(second[numbered : numbered + 1]).strip():
        return sheet_of_text(file, text, delimiter, described=True)
    sheet = sheet_of_text(file, text, delimiter)
    return replace(
        sheet, descriptions=("",) * len(sheet.header), notes=(*sheet.notes, _undescribed(file, line)),
    )


def _undescribed(file: str, line: int) -> Note:
    detail = f"row {line} is one of data: columns of one name can only be told apart by their order"
    return Note(file, "no row of descriptions", 1, detail)


def without_time(sheet: Sheet, column: str) -> tuple[list[str], list[Note]]:
    """A column of day labels that a workbook wrote with a time of day, the time taken off and told in a note.

    Raises SourceError when a time is noon or later: such a label may belong to the day after.
    """
    cells = [cell.strip() for cell in sheet.column(column)]
    found = [ISO_MOMENT.fullmatch(cell) for cell in cells]
    times = sorted({match[2] for match in found if match} - {"00:00"})
    if not times:
        return [match[1] if match else cell for match, cell in zip(found, cells, strict=True)], []
    if times[-1] >= NOON:
        index = next(i for i, match in enumerate(found) if match and match[2] == times[-1])
        raise SourceError(
            f'"{cells[index]}" may stand for the day before or the day after midnight',
            where=f'{sheet.file}, row {sheet.lines[index]}, column "{column}"',
            cure="export the page data as CSV, whose dates carry no time",
        )
    count = sum(bool(match) and match[2] != "00:00" for match in found)
    note = Note(sheet.file, "dates with a time of day", count, f"{', '.join(times[:5])}: read as a label of its day")
    return [match[1] if match else cell for match, cell in zip(found, cells, strict=True)], [note]


def _main(workbook: Workbook, key: str) -> tuple[Grid, Sheet]:
    filled = [grid for grid in workbook.grids if grid.rows]
    grid = unnumbered(filled[0]) if len(filled) == 1 else workbook.grid(MAIN)
    sheet = sheet_of(grid, workbook.file, first=key)
    blank = ("",) * len(sheet.header)
    if sheet.lines[0] > grid.lines[0] + 1:  # the row of descriptions is there and blank
        return grid, replace(sheet, descriptions=blank)
    if sheet.rows[0][0].strip():
        return grid, replace(sheet, descriptions=blank, notes=(_undescribed(workbook.file, sheet.lines[0]),))
    descriptions = descriptions_of(workbook.file, sheet.lines[0], sheet.rows[0], len(sheet.header))
    if len(sheet.rows) == 1:
        raise SourceError(
            "the sheet has a header and no rows", where=f'{workbook.file}, sheet "{MAIN}"',
            cure="export the period that is meant",
        )
    return grid, replace(sheet, descriptions=descriptions, rows=sheet.rows[1:], lines=sheet.lines[1:])


def _breakdown(grid: Grid, main: Sheet, key: str) -> Iterator[tuple[str, str, list[str]]]:
    """(header, description, cells in the order of the main sheet) of each column that only this sheet has."""
    if len(grid.rows) < 2 or grid.rows[0][0].strip() not in (DESCRIPTION, key):
        return  # nothing was counted, or it is a sheet of another kind
    sheet = sheet_of(grid, main.file, first=grid.rows[0][0].strip())
    at = sheet.position(key)
    described = next((row[0] for row in sheet.rows if sheet.header[0] == DESCRIPTION and row[0]), "")
    by_key: dict[str, list[str]] = {}
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        if row[at] and by_key.setdefault(row[at], row) is not row:
            raise SourceError(
                f'"{row[at]}" is given twice', where=f'{main.file}, sheet "{grid.name}", row {line}',
                cure="export it again",
            )
    rows = [by_key.pop(cell, None) for cell in main.column(key)]
    if by_key:
        raise SourceError(
            f'{len(by_key)} rows, "{next(iter(by_key))}" first, are not on the sheet "{MAIN}"',
            where=f'{main.file}, sheet "{grid.name}"',
            cure="export it again",
        )
    first = described
    for index, header in enumerate(sheet.header):
        if header and header != DESCRIPTION and header not in main.header:
            yield f"{grid.name} - {header}", first, ["" if row is None else row[index] for row in rows]
            first = ""
