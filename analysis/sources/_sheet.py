"""A delimited file as header, rows and the line each row begins on. Ragged, cut or malformed files are refused."""

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.core.errors import SourceError
from analysis.sources._reading import Note
from analysis.sources._text import decode, read_bytes

SHOWN_HEADERS = 12
LONGEST_CELL = 1_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows[i]`` has as many cells as ``header`` and begins on physical line ``lines[i]`` (1-based) of ``file``."""

    file: str
    header: tuple[str, ...]
    descriptions: tuple[str, ...]
    rows: tuple[list[str], ...] = field(repr=False)
    lines: tuple[int, ...] = field(repr=False)
    notes: tuple[Note, ...] = ()
    header_line: int = 1

    def position(self, name: str) -> int:
        """Where the column is. Raises SourceError when it is absent (naming the nearest) or there twice."""
        found = [index for index, header in enumerate(self.header) if header == name]
        if len(found) == 1:
            return found[0]
        if not found:
            raise SourceError(
                f'there is no column "{name}"',
                where=f"{self.file}, row {self.header_line}",
                cure=nearest_header(name, self.header),
            )
        columns = ", ".join(str(index + 1) for index in found)
        raise SourceError(
            f'the column "{name}" is there {len(found)} times',
            where=f"{self.file}, row {self.header_line}, columns {columns}",
            cure="export the file again, or take out the column that is not meant",
        )

    def column(self, name: str) -> list[str]:
        """The cells of a column, top to bottom."""
        return self.cells(self.position(name))

    def cells(self, position: int) -> list[str]:
        return [row[position] for row in self.rows]


def nearest_header(name: str, header: Sequence[str]) -> str:
    """What a misnamed column probably is."""
    if len(header) == 1:
        return f'the first row is one cell, "{header[0][:80]}": check the delimiter'
    folded = {item.casefold(): item for item in reversed(header)}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    if close:
        return f'the nearest is "{folded[close[0]]}"; correct the column named in the source\'s options'
    shown = ", ".join(f'"{item}"' for item in header[:SHOWN_HEADERS])
    return f"the file has {shown}{' and more' if len(header) > SHOWN_HEADERS else ''}"


def read_sheet(path: Path, encoding: str, delimiter: str = ",", *, described: bool = False) -> Sheet:
    """Read one file. ``described``: the row below the header explains the columns and may be cut short.

    Raises SourceError naming file and row: not the declared encoding, an unclosed quote, a row with more or fewer
    cells than the header, no header, no rows.
    """
    return sheet_of(path.name, decode(read_bytes(path), encoding, path.name), delimiter, described=described)


def sheet_of(file: str, text: str, delimiter: str = ",", *, described: bool = False, begins: int = 1) -> Sheet:
    """A table that is the text from line ``begins`` of a file on: exports with lines before, after or between tables.

    Raises SourceError as `read_sheet`.
    """
    records = _records(text, delimiter, file, begins)
    header_line, header = next(records, (begins, None))
    if header is None:
        raise SourceError("the file is empty", where=file, cure="export it again")
    header = tuple(cell.strip() for cell in header)
    descriptions: tuple[str, ...] = ()
    if described:
        line, cells = next(records, (header_line + 1, None))
        descriptions = _descriptions(file, line, cells, len(header))
    lines, rows = [], []
    for line, cells in records:
        if rows and len(rows[-1]) != len(header):
            raise _ragged(file, lines[-1], rows[-1], header, last=False)
        lines.append(line)
        rows.append(cells)
    if not rows:
        raise SourceError("the file has a header and no rows", where=file, cure="export the period that is meant")
    if len(rows[-1]) != len(header):
        raise _ragged(file, lines[-1], rows[-1], header, last=True)
    notes = () if text.endswith(("\n", "\r")) else (_no_line_end(file, lines[-1]),)
    return Sheet(file, header, descriptions, tuple(rows), tuple(lines), notes, header_line)


def _records(text: str, delimiter: str, file: str, begins: int) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each record; blank lines are passed over."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = begins - 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cut = "unexpected end" in str(error)
            raise SourceError(
                "the file is cut short: a quoted cell is never closed" if cut else f"the row cannot be read ({error})",
                where=f"{file}, row {begins}",
                cure="export it again" if cut else "check the quotes and the delimiter of that row",
            ) from error
        if cells:
            yield begins, cells
        begins = before + reader.line_num + 1


def _descriptions(file: str, line: int, cells: list[str] | None, width: int) -> tuple[str, ...]:
    if not cells or cells[0].strip():
        raise SourceError(
            "the row that describes the columns is missing",
            where=f"{file}, row {line}",
            cure="use the export as received: its second row begins with an empty cell and explains each column",
        )
    return tuple((cells + [""] * width)[:width])


def _ragged(file: str, line: int, cells: list[str], header: Sequence[str], *, last: bool) -> SourceError:
    counted = f"{len(cells)} cells where the header has {len(header)}"
    if len(cells) < len(header):
        return SourceError(
            f"the file is cut short: its last row has {counted}" if last else f"a row is cut short: {counted}",
            where=f"{file}, row {line}",
            cure="export it again",
        )
    return SourceError(
        f"a row has {counted}",
        where=f"{file}, row {line}",
        cure="a cell with the delimiter in it must be quoted; check that row and the delimiter",
    )


def _no_line_end(file: str, line: int) -> Note:
    return Note(file, "no line end after the last row", 1, f"the last number of row {line} may be cut short")
