"""A file larger than memory (CSV, JSON lines, parquet) as a relation of events in SQL: columns found, cells typed.

Paths and formats reach the database as parameters, column names as quoted identifiers, never as text of a statement.
"""

import csv
import itertools
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import duckdb

from analysis.core.errors import SourceError
from analysis.sources._aggregation import UNREADABLE
from analysis.sources._large_lines import line_of_object, line_of_record
from analysis.sources._large_refusals import check_last_row, check_packed, opened, refusal
from analysis.sources._out_of_core import literal
from analysis.sources._sheet import LONGEST_CELL, Sheet

SUFFIXES = {".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet"}
LONGEST_HEADER = 4_000_000  # characters
LONGEST_LINE = 16_000_000  # characters of a JSON record, the database's own limit
LOOKED_AT = 1_000  # lines of a JSON file, for the names of its columns
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")
INTEGER = r"\s*-?[0-9]+\s*"
NUMBER = r"\s*-?[0-9]+([.][0-9]+)?\s*"
CLOCKED = r"\s*[0-9]{1,4}:[0-5][0-9]:[0-5][0-9]\s*"  # of two parts nothing says whether hours or minutes come first
ABSENT = "{0} IS NULL OR trim({0}) IN ('', '-')"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what, and how it is written. ``unit``: seconds of one in the duration column; ``clocked``: it
    holds hours, minutes and seconds."""

    time: str
    channel: str | None
    topic: str | None
    duration: str | None
    date_format: str
    unit: int
    clock: Literal["local", "utc"]
    encoding: str
    delimiter: str
    sums: tuple[str, ...] = ()
    clocked: bool = False


@dataclass(frozen=True, slots=True)
class LargeFile:
    """One file as the database reads it: ``table`` (SQL) with its parameters, ``line`` the SQL of a row's number from
    1 and ``head`` how many rows stand above the first; the SQL and the type of each column that is needed."""

    path: Path
    table: str
    values: dict[str, Any]
    line: str
    head: int
    cells: dict[str, str]
    types: dict[str, str]

    def events(self, columns: Columns, first: int) -> tuple[str, dict[str, Any], bool]:
        """SQL of the relation ``events`` (see `_aggregation`), its parameters, and whether its moments are in UTC.
        ``first`` is added to each row's number."""
        moment, values, instants = self._moment(columns)
        sql = f"""
            SELECT {moment} AS moment, {self._word(columns.channel)} AS channel, {self._word(columns.topic)} AS topic,
                {self._duration(columns)} AS duration, {self.line} + {first + self.head} AS place
                {"".join(f", {self._whole(name)} AS sum{number}" for number, name in enumerate(columns.sums))}
            FROM {self.table}"""
        return sql, self.values | values, instants

    def cell(self, connection: duckdb.DuckDBPyConnection, name: str, row: int) -> str:
        """What stands in a column of the row (header counted), for a message."""
        sql = f"SELECT CAST({self.cells[name]} AS VARCHAR) FROM {self.table} LIMIT 1 OFFSET {row - 1 - self.head}"
        found = connection.execute(sql, self.values).fetchone()
        return (found[0] or "")[:60] if found else ""

    def line_of(self, row: int) -> int:
        """The line on which the row with this number begins, for a message; of parquet the number itself."""
        if "format = 'newline_delimited'" in self.table:
            return line_of_object(self.path, row)
        # A blank line is an empty cell where the table has one column, and nothing where it has more.
        return self._csv_line(row, blanks=len(self.values["columns"]) == 1) if self.head else row

    def line_named(self, line: int) -> int:
        """The line that the database means: in a CSV file it counts what quoted cells hold of line ends for nothing."""
        return self._csv_line(line, blanks=True) if self.head else line

    def _csv_line(self, number: int, *, blanks: bool) -> int:
        written = self.values["encoding"], self.values["delimiter"]
        return line_of_record(self.path, *written, number, blanks=blanks)

    def _moment(self, columns: Columns) -> tuple[str, dict[str, Any], bool]:
        cell, kind = self.cells[columns.time], self.types[columns.time]
        if kind == "VARCHAR":
            instants, read = "%z" in columns.date_format, "try_strptime({}, $date_format)"
            text = f"trim({cell})"  # asked for only where the cell as it is was no time
            if instants:
                text = f"CASE WHEN ends_with({text}, 'Z') THEN rtrim({text}, 'Z') || '+00:00' ELSE {text} END"
            moment = _seconds(f"COALESCE({read.format(cell)}, {read.format(text)})")
            return moment, {"date_format": columns.date_format}, instants or columns.clock == "utc"
        if kind.startswith("TIMESTAMP") or kind == "DATE":
            instants = kind == "TIMESTAMP WITH TIME ZONE" or (columns.clock == "utc" and kind != "DATE")
            plain = "TIMESTAMPTZ" if kind == "TIMESTAMP WITH TIME ZONE" else "TIMESTAMP"
            return _seconds(f"CAST({cell} AS {plain})"), {}, instants
        raise self._wrong(columns.time, kind, "times, days or texts")

    def _word(self, name: str | None) -> str:
        """As it stands: each different word is looked at once, later, not each event's."""
        return "''" if name is None else f"CAST({self.cells[name]} AS VARCHAR)"

    def _duration(self, columns: Columns) -> str:
        """Whole seconds, rounded down; decimals are read exactly, to the millionth of the unit."""
        if columns.duration is None:
            return "CAST(NULL AS BIGINT)"
        cell, kind = self.cells[columns.duration], self.types[columns.duration]
        if columns.clocked and kind != "VARCHAR":
            raise self._wrong(columns.duration, kind, "texts like 0:03:05")
        if kind in WHOLE:
            read, absent = f"CAST(TRY_CAST({cell} AS INTEGER) AS BIGINT) * {columns.unit}", f"{cell} IS NULL"
        elif kind.split("(")[0] in FRACTIONS:
            read, absent = _decimal(cell, columns.unit), f"{cell} IS NULL"
        elif kind == "VARCHAR" and columns.clocked:
            parts = [f"CAST(split_part(trim({cell}), ':', {part}) AS BIGINT)" for part in (1, 2, 3)]
            whole = f"3600 * {parts[0]} + 60 * {parts[1]} + {parts[2]}"
            read = f"CASE WHEN regexp_full_match({cell}, '{CLOCKED}') THEN {whole} END"
            absent = ABSENT.format(cell)
        elif kind == "VARCHAR":
            plain = f"CASE WHEN regexp_full_match({cell}, '{NUMBER}') THEN {cell} END"
            read, absent = _decimal(plain, columns.unit), ABSENT.format(cell)
        else:
            raise self._wrong(columns.duration, kind, "numbers or texts")
        return f"COALESCE({read}, CASE WHEN {absent} THEN NULL ELSE {UNREADABLE} END)"

    def _whole(self, name: str) -> str:
        """A whole number, or absent; UNREADABLE what is neither."""
        cell, kind = self.cells[name], self.types[name]
        if kind == "VARCHAR":
            read, absent = f"CASE WHEN regexp_full_match({cell}, '{INTEGER}') THEN {cell} END", ABSENT.format(cell)
        elif kind in WHOLE:
            read, absent = cell, f"{cell} IS NULL"
        elif kind.split("(")[0] in FRACTIONS:
            read, absent = f"CASE WHEN {cell} = floor({cell}) THEN {cell} END", f"{cell} IS NULL"
        else:
            raise self._wrong(name, kind, "numbers or texts")
        return f"COALESCE(TRY_CAST({read} AS BIGINT), CASE WHEN {absent} THEN NULL ELSE {UNREADABLE} END)"

    def _wrong(self, name: str, kind: str, wanted: str) -> SourceError:
        return SourceError(
            f'the column "{name}" holds {kind}, not {wanted}',
            where=self.path.name,
            cure="name another column in the source's options, or export it as text",
        )


def _seconds(moment: str) -> str:
    return f"epoch_us({moment}) // 1000000"


def _decimal(number: str, unit: int) -> str:
    return f"CAST(floor(TRY_CAST({number} AS DECIMAL(18, 6)) * {unit}) AS BIGINT)"


def open_large(connection: duckdb.DuckDBPyConnection, path: Path, columns: Columns) -> LargeFile:
    """The file, its columns found. Raises SourceError: another kind of file, unreadable, a column that is not there."""
    kind = SUFFIXES.get((path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower())
    if kind is None or (kind == "parquet" and path.suffix == ".gz"):
        raise SourceError(
            "neither CSV, JSON lines nor parquet, by its name",
            where=path.name,
            cure=f"let it end in {', '.join(SUFFIXES)}; the first three may be packed (.gz)",
        )
    try:
        check_packed(path)
        file = {"csv": _csv, "json": _json, "parquet": _parquet}[kind](path, columns)
        needed = _needed(columns)
        picked = ", ".join(file.cells[name] for name in needed)
        described = connection.execute(f"SELECT {picked} FROM {file.table} LIMIT 0", file.values).description
        return replace(file, types={name: str(item[1]) for name, item in zip(needed, described, strict=True)})
    except duckdb.Error as error:
        raise refusal(path, error) from error
    except csv.Error as error:
        raise SourceError(
            f"the header cannot be read ({error})",
            where=f"{path.name}, row 1", cure="check the quotes and the delimiter, or export it again",
        ) from error  # fmt: skip
    except (OSError, EOFError) as error:
        raise SourceError(
            f"the file cannot be read ({error})", where=path.name, cure="allow reading it, or export it again"
        ) from error


def _csv(path: Path, columns: Columns) -> LargeFile:
    """All cells as text, columns by their position: a hostile header names nothing in a statement."""
    check_last_row(path)
    sheet = Sheet(path.name, _header(path, columns), (), (), ())
    places = {name: sheet.position(name) for name in _needed(columns)}
    table = """read_csv($path, columns = $columns, delim = $delimiter, encoding = $encoding, header = true,
        auto_detect = false, quote = '"', escape = '"', strict_mode = true, null_padding = false)"""
    values = {
        "path": literal(path), "delimiter": columns.delimiter, "encoding": columns.encoding,
        "columns": {f"c{index}": "VARCHAR" for index in range(len(sheet.header))},
    }
    cells = {name: f"c{index}" for name, index in places.items()}
    return LargeFile(path, table, values, "row_number() OVER ()", 1, cells, {})


def _header(path: Path, columns: Columns) -> tuple[str, ...]:
    encoding = "utf-8-sig" if columns.encoding == "utf-8" else columns.encoding
    csv.field_size_limit(LONGEST_CELL)
    with opened(path, encoding) as stream:
        head = csv.reader([*stream.read(LONGEST_HEADER).splitlines(keepends=True)], delimiter=columns.delimiter)
        header = next(head, None)
    if not header:
        raise SourceError("the file is empty", where=path.name, cure="export it again")
    return tuple(cell.strip() for cell in header)


def _json(path: Path, columns: Columns) -> LargeFile:
    known: dict[str, None] = {}
    with opened(path, "utf-8-sig") as stream:
        lines = itertools.islice(iter(lambda: stream.readline(LONGEST_LINE), ""), LOOKED_AT)
        for number, line in enumerate(lines, start=1):
            known |= dict.fromkeys(_keys(path, number, line))
    if not known:
        raise SourceError("the file is empty", where=path.name, cure="export it again")
    sheet = Sheet(path.name, tuple(known), (), (), ())
    for name in _needed(columns):
        sheet.position(name)
    table = "read_json($path, columns = $columns, format = 'newline_delimited', records = true, auto_detect = false)"
    cells = {name: _quoted(name) for name in _needed(columns)}
    values = {"path": literal(path), "columns": dict.fromkeys(cells, "VARCHAR")}
    return LargeFile(path, table, values, "row_number() OVER ()", 0, cells, {})


def _keys(path: Path, number: int, line: str) -> list[str]:
    try:
        record = json.loads(line) if line.strip() else {}
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise SourceError(
            "the line is no JSON object", where=f"{path.name}, row {number}",
            cure="write one object a line: a list in square brackets is no JSON lines; or export it again",
        )
    return list(record)


def _parquet(path: Path, columns: Columns) -> LargeFile:
    import pyarrow
    from pyarrow import parquet

    try:
        names = tuple(parquet.read_schema(path).names)
    except PermissionError:
        raise
    except (pyarrow.ArrowException, OSError) as error:
        raise SourceError("the file is not sound parquet", where=path.name, cure="fetch or export it again") from error
    sheet = Sheet(path.name, names, (), (), ())
    for name in _needed(columns):
        sheet.position(name)
        if sum(other.casefold() == name.casefold() for other in names) > 1:  # the database would take the first
            raise SourceError(
                f'another column differs from "{name}" by its capitals only',
                where=path.name, cure="rename one of them",
            )  # fmt: skip
    table = "read_parquet($path, file_row_number = true)"
    cells = {name: _quoted(name) for name in _needed(columns)}
    return LargeFile(path, table, {"path": literal(path)}, "file_row_number + 1", 0, cells, {})


def _needed(columns: Columns) -> list[str]:
    named = (columns.time, columns.channel, columns.topic, columns.duration, *columns.sums)
    return [name for name in named if name is not None]


def ends_in_a_line(path: Path) -> bool:
    """Whether the last row of a CSV file is closed; of a packed file the end is known to be whole."""
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return path.suffix != ".csv" or stream.read(1) in (b"\n", b"\r")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
