"""A delimited file as header, rows and the line each row begins on. Ragged, cut or malformed files are refused."""

import csv
import difflib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.core.errors import SourceError
from analysis.sources._reading import Note
from analysis.sources._text import decode, read_bytes

SHOWN_HEADERS = 12
LONGEST_CELL = 1_000_000
LONGEST_LINE = 5_000_000  # characters: a hundred thousand columns, whatever they are called
# Above the header, for Excel: what cuts the cells. Saved again by it, the line has the other columns' delimiters.
SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?[\t,;|]*\r?\n")
NO_NAME = ("", "Unnamed: 0")  # what the number of a row is headed with by pandas and R, when they save a table again


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
        return f'the nearest is "{folded[close[0]][:200]}"; correct the column named in the source\'s options'
    shown = ", ".join(f'"{item[:80]}"' for item in header[:SHOWN_HEADERS])
    return f"the file has {shown}{' and more' if len(header) > SHOWN_HEADERS else ''}"


def read_sheet(
    path: Path, encoding: str, delimiter: str = ",", *, described: bool = False, short_rows: bool = False
) -> Sheet:
    """Read one file. As `sheet_from`, which is given its bytes."""
    return sheet_from(
        read_bytes(path), path.name, encoding, delimiter, described=described, short_rows=short_rows
    )


def sheet_from(
    content: bytes, file: str, encoding: str, delimiter: str = ",", *, described: bool = False,
    short_rows: bool = False,
) -> Sheet:
    """One file's bytes as a sheet. As `sheet_of`, which is given its text; raises for another encoding too."""
    return sheet_of(file, decode(content, encoding, file), delimiter, described=described, short_rows=short_rows)


def sheet_of(
    file: str, text: str, delimiter: str = ",", *, described: bool = False, short_rows: bool = False, begins: int = 1
) -> Sheet:
    """A table that is the text from line ``begins`` of a file on: exports with lines before, after or between tables.

    ``described``: the row below the header explains the columns and may be cut short. ``short_rows``: a row may leave
    out its last cells, which are then empty and told in a note. A first column of row numbers without a name, as pandas
    and R write it, is left out and told. Raises SourceError naming file and row: an unclosed quote, a row with more or
    (without ``short_rows``) fewer cells than the header, no header, no rows.
    """
    records = records_of(text, delimiter, file, begins)
    header_line, header = next(records, (begins, None))
    if header is None:
        raise SourceError("the file is empty", where=file, cure="export it again")
    header = tuple(cell.strip() for cell in header)
    numbered: tuple[Note, ...] = ()
    if header[0] in NO_NAME:
        rest = list(records)
        if numbers_rows(header, [cells for _, cells in rest]):
            header, rest = header[1:], [(line, cells[1:]) for line, cells in rest]
            numbered = (Note(file, "a column of row numbers", 1, "the first: saved again by a program, left out"),)
        records = iter(rest)
    descriptions: tuple[str, ...] = ()
    if described:
        line, cells = next(records, (header_line + 1, None))
        descriptions = descriptions_of(file, line, cells, len(header))
    whole = text.endswith(("\n", "\r"))
    lines, rows = [], []
    for line, cells in records:
        if rows and _odd(rows[-1], header, short_rows):
            raise _ragged(file, lines[-1], rows[-1], header, last=False)
        lines.append(line)
        rows.append(cells)
    if not rows:
        raise SourceError("the file has a header and no rows", where=file, cure="export the period that is meant")
    if _odd(rows[-1], header, short_rows and whole):
        raise _ragged(file, lines[-1], rows[-1], header, last=True)
    notes = numbered if whole else (*numbered, _no_line_end(file, lines[-1]))
    short = [index for index, row in enumerate(rows) if len(row) < len(header)]
    if short:
        notes += (_short_rows(file, lines, rows, short, len(header)),)
        rows = [row + [""] * (len(header) - len(row)) for row in rows]
    return Sheet(file, header, descriptions, tuple(rows), tuple(lines), notes, header_line)


def numbers_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first column has no name and a number in every row: the rows were numbered when saved again."""
    named = len(header) > 1 and header[0].strip() in NO_NAME
    return named and bool(rows) and all(row and row[0].strip().isdecimal() for row in rows)


def _odd(cells: list[str], header: Sequence[str], short_rows: bool) -> bool:
    return len(cells) > len(header) or (len(cells) < len(header) and not short_rows)


def _short_rows(file: str, lines: list[int], rows: list[list[str]], short: list[int], width: int) -> Note:
    detail = f"first row {lines[short[0]]}, {len(rows[short[0]])} cells of {width}: the cells after its end are empty"
    return Note(file, "rows shorter than the header", len(short), detail)


def records_of(text: str, delimiter: str, file: str, begins: int = 1) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each record; blank lines and a first line that only names the delimiter are passed over.
    """
    csv.field_size_limit(LONGEST_CELL)
    if (at := too_long_line(text)) is not None:
        raise SourceError(
            f"a line is longer than {LONGEST_LINE:,} characters, which no export's is",
            where=f"{file}, row {text.count(chr(10), 0, at) + begins}",
            cure="check what the file holds, or export it again",
        )
    if begins == 1 and (first := SEPARATOR.match(text)):
        if first[1] != delimiter:
            raise SourceError(
                f'the file says itself that its delimiter is "{first[1]}"', where=f"{file}, row 1",
                cure="declare that with `delimiter:` in the source's options",
            )  # fmt: skip
        text, begins = text[first.end() :], 2
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


def too_long_line(text: str) -> int | None:
    """Where a line of more than LONGEST_LINE characters begins; None where there is none."""
    at = 0
    while len(text) - at > LONGEST_LINE:
        end = max(text.rfind("\n", at, at + LONGEST_LINE), text.rfind("\r", at, at + LONGEST_LINE))
        if end < 0:
            return at
        at = end + 1
    return None


def descriptions_of(file: str, line: int, cells: list[str] | None, width: int) -> tuple[str, ...]:
    """The row below the header, filled up to its width. Raises SourceError when it is a row of data."""
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
