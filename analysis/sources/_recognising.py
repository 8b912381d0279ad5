"""What a reader sees of a file to say whether it is of its format: the content decoded once, never the name alone."""

import codecs
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from analysis.core.errors import SourceError
from analysis.sources._log_rows import json_rows, parquet_rows
from analysis.sources._sheet import LONGEST_CELL, LONGEST_LINE, SEPARATOR, numbers_rows, too_long_line
from analysis.sources._text import OTHER_MARKS, UTF8_MARK, read_bytes
from analysis.sources._workbook import read_workbook

HEAD = 4_000  # characters of text that recognisers look at
MOST_RECORDS = 200_000
DELIMITERS = (",", ";", "\t", "|")
CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}
MOST_CONTROLS = 0.01  # of the letters looked at: with more of them it is no text
TODO = "TODO"
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One file, opened once for all readers.

    ``encoding`` is "" for what is no text, "utf-8-sig" for UTF-8 that says so itself. ``records`` are the first
    MOST_RECORDS records under ``delimiter``, blank ones and a column of row numbers left out; ``sheets`` the rows of
    each sheet of a workbook; ``log`` the first records of JSON lines or parquet under a row of their names, with no
    ``records`` beside. ``flaw``: what keeps the text from being looked at, and its line.
    """

    file: str
    encoding: str = ""
    head: str = field(default="", repr=False)
    delimiter: str = ","
    records: Rows = field(default=(), repr=False)
    sheets: Mapping[str, Rows] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    log: Rows = field(default=(), repr=False)
    flaw: tuple[str, int] | None = None

    @property
    def header(self) -> tuple[str, ...]:
        """The first record, blanks taken off."""
        return self.records[0] if self.records else ()

    @property
    def rows(self) -> Rows:
        """The table: the records, or the rows of a workbook's one filled sheet, as a spreadsheet saves a CSV again."""
        filled = [rows for rows in self.sheets.values() if rows]
        return _unnumbered(filled[0]) if len(filled) == 1 else self.records

    @property
    def described(self) -> bool:
        """Whether the second record begins with an empty cell, as rows that explain the columns do."""
        return len(self.records) > 1 and bool(self.records[1]) and not self.records[1][0]

    def has(self, *names: str) -> bool:
        """Whether the header has all of these columns."""
        return set(names) <= set(self.header)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the file does not settle: ``key`` is what to set in case.yaml ("" where no key can), ``choices`` to what."""

    about: str
    key: str = ""
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.key:
            return self.about
        return f"{self.about}: set `{self.key}:`" + (f" to {' or '.join(self.choices)}" if self.choices else "")


@dataclass(frozen=True, slots=True)
class Dated:
    """A column of dates: ``default`` is the format read without `date_format:`, None when the reader proves one.

    ``zone`` names the key that says in which time zone times without one are; "" for day labels.
    """

    header: str
    default: str | None = None
    key: str = "date_format"
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Recognition:
    """A reader's word that a file is of its format.

    ``missing`` names the options that nothing in the file settles: while there are some the file could be read, and is
    not claimed. ``general`` marks a format that many files fit; the word of a platform's own format counts more.
    ``begins``: where the table's header is among the sample's records. ``regular``: one value a period, so that the
    distance between dates is the period. ``plain_numbers``: cells with separators are not settled by the reader.
    """

    because: str
    channel: str | None = None
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    missing: tuple[str, ...] = ()
    general: bool = False
    dates: tuple[Dated, ...] = ()
    begins: int = 0
    regular: bool = False
    plain_numbers: bool = True
    doubts: tuple[Doubt, ...] = ()


def sample_of(path: Path) -> Sample:
    """The file's sample. Raises SourceError for one that cannot be opened: cut, damaged, too large, a folder."""
    if not path.is_file():
        what = "this is a folder" if path.is_dir() else "there is no such file"
        raise SourceError(what, where=path.name, cure="name the export files themselves")
    content = read_bytes(path)
    book = read_workbook(content, path.name)
    if book is not None:
        sheets = {grid.name: tuple(tuple(cell.strip() for cell in row) for row in grid.rows) for grid in book.grids}
        return Sample(path.name, sheets=MappingProxyType(sheets))
    if log := parquet_rows(content):
        return Sample(path.name, log=log)
    encoding, text = _decoded(content)
    if not encoding:
        return Sample(path.name, flaw=_control(content))
    if (at := too_long_line(text)) is not None:
        what = f"It has a line of more than {LONGEST_LINE:,} characters, which no export has"
        return Sample(path.name, encoding, text[:HEAD], flaw=(what, text.count("\n", 0, at) + 1))
    if log := json_rows(text):
        return Sample(path.name, encoding, text[:HEAD], log=log)
    first = SEPARATOR.match(text)
    table = text[first.end() :] if first else text
    delimiter = first[1] if first else _delimiter(text)
    records = _records(table, delimiter, MOST_RECORDS)
    flaw = None if records or not table.strip() else (f"It has a cell of more than {LONGEST_CELL:,} characters", 1)
    return Sample(path.name, encoding, text[:HEAD], delimiter, records, flaw=flaw)


def _decoded(content: bytes) -> tuple[str, str]:
    """(encoding, text); both empty for what is no text."""
    named = "utf-8-sig" if content.startswith(UTF8_MARK) else ""
    named = named or next((name for mark, name in OTHER_MARKS if content.startswith(mark)), "")
    if not named and b"\0" in content[:HEAD]:
        named = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be" if content[:1] == b"\0" else ""
        if not named:
            return "", ""
    for encoding in (named,) if named else ("utf-8", "cp1252", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(ord(letter) in CONTROLS for letter in text[:HEAD]):
            return "", ""
        return ("ascii" if content.isascii() else codecs.lookup(encoding).name), text
    return "", ""


def _control(content: bytes) -> tuple[str, int] | None:
    """The first control character of what else is text; None for what is no text at all."""
    try:
        head = content.removeprefix(UTF8_MARK).decode("utf-8")[:HEAD]
    except UnicodeDecodeError:
        return None
    found = [place for place, letter in enumerate(head) if ord(letter) in CONTROLS]
    if not found or len(found) > max(MOST_CONTROLS * len(head), 1):
        return None
    what = f"It is text with a control character in it, U+{ord(head[found[0]]):04X}"
    return what, head.count("\n", 0, found[0]) + 1


def _delimiter(text: str) -> str:
    """The one that cuts the first records into the most cells, as many in each."""

    def cells(mark: str) -> tuple[bool, int]:
        widths = [len(row) for row in _records(text[: HEAD * 5], mark, 5)[:-1]] or [1]
        return len(set(widths)) == 1 and widths[0] > 1, widths[0]

    return max(DELIMITERS, key=cells)


def _records(text: str, delimiter: str, most: int) -> Rows:
    """As far as the text can be cut into records: what is wrong with the rest the reader tells."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    found = []
    try:
        for row in islice(reader, most):
            if row:
                found.append(tuple(cell.strip() for cell in row))
    except csv.Error:
        pass
    return _unnumbered(tuple(found))


def _unnumbered(rows: Rows) -> Rows:
    return tuple(row[1:] for row in rows) if rows and numbers_rows(rows[0], rows[1:]) else rows
