"""The first records of a log that is no table of text, JSON lines or parquet, as rows under their names."""

import io
import json
from itertools import islice
from typing import Any

HEAD = 100  # characters in which the first record begins
LOOKED_AT, LOOKED_INTO = 2_000, 20_000_000  # records, characters
MOST_COLUMNS = 200
LONGEST = 200  # characters of a cell
MAGIC = b"PAR1"
Rows = tuple[tuple[str, ...], ...]


def json_rows(text: str) -> Rows:
    """Names and records of JSON lines; none for other text, a single document and a log of too many columns."""
    if not text[:HEAD].lstrip("\ufeff \t\r\n").startswith("{"):
        return ()
    records: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    lines = io.StringIO(text[:LOOKED_INTO].removeprefix("\ufeff"))
    for line in islice((line for line in lines if line.strip()), LOOKED_AT):
        record = _object(line)
        if record is None:
            break
        names |= dict.fromkeys(record)
        records.append(record)
        if len(names) > MOST_COLUMNS:
            return ()
    if len(records) < 2:  # a document on one line is no log
        return ()
    return (tuple(names), *(tuple(_cell(record.get(name)) for name in names) for record in records))


def _object(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def parquet_rows(content: bytes) -> Rows:
    """Names and records of a parquet file; none for other bytes, a damaged file and one of too many columns."""
    if not content.startswith(MAGIC):
        return ()
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        names = tuple(file.schema_arrow.names)
        if not 0 < len(names) <= MOST_COLUMNS:
            return ()
        records = next(file.iter_batches(LOOKED_AT), None)
        rows = [] if records is None else records.to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError):
        return ()
    return (names, *(tuple(_cell(row[name]) for name in names) for row in rows))


def _cell(value: Any) -> str:
    """The value as a table of text would hold it; what is nested is shown and taken for no number."""
    return "" if value is None else (json.dumps(value) if isinstance(value, dict | list) else str(value))[:LONGEST]
