"""What is wrong with a file larger than memory, in the project's words and with its row."""

import gzip
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import duckdb

from analysis.core.errors import SourceError
from analysis.sources._text import CHUNK, LARGEST_RATIO, RATIO_APPLIES_FROM

LINE = re.compile(r"CSV Error on Line: (\d+)|\bin line (\d+)")
LOOKED_INTO = 2 * RATIO_APPLIES_FROM  # unpacked bytes of a packed file, for how much it shrinks
LONGEST_ROW = 2_000_000  # bytes, the database's own limit
LONG_ROW = f"longer than {LONGEST_ROW:,} bytes"
CELLS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


def opened(path: Path, encoding: str) -> TextIO:
    """Bytes of another encoding are let through: the database finds them, with their row."""
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding=encoding, errors="replace")


def check_packed(path: Path) -> None:
    """Refuse a packed file that begins as padding does. Raises SourceError, and what a file that is no gzip raises."""
    if path.suffix != ".gz":
        return
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as stream:
        size = sum(len(part) for part in iter(lambda: stream.read(CHUNK) if stream.tell() < LOOKED_INTO else b"", b""))
        if size > RATIO_APPLIES_FROM and size > LARGEST_RATIO * raw.tell():
            raise SourceError(
                f"the file is no log: its first {raw.tell():,} bytes unpack to {size:,}",
                where=path.name, cure="check what it holds, or give it unpacked",
            )  # fmt: skip


def check_last_row(path: Path) -> None:
    """Refuse a CSV file whose last row is longer than a row may be: the database passes over it without a word when it
    is longer than the pieces that it reads. Raises SourceError."""
    size = path.stat().st_size
    if path.suffix != ".gz":
        with path.open("rb") as stream:
            stream.seek(max(size - LONGEST_ROW - 2, 0))
            length = _since_line_end(stream.read(), 0)
    else:
        length = 0
        with gzip.open(path) as stream:
            while part := stream.read(CHUNK):
                length = _since_line_end(part, length)
    if length > LONGEST_ROW:
        raise SourceError(f"the last row is {LONG_ROW}", where=f"{path.name}, last row", cure="correct or remove it")


def _since_line_end(part: bytes, before: int) -> int:
    """Bytes since the last line end that something follows."""
    at = max(part.rfind(b"\n", 0, -1), part.rfind(b"\r", 0, -1))
    return before + len(part) if at < 0 else len(part) - at - 1


def refusal(path: Path, error: duckdb.Error, line_named: Callable[[int], int] = int) -> SourceError:
    """What the database found wrong with a file, with its row where it says one; ``line_named``: which line it means.
    """
    if isinstance(error, duckdb.OutOfMemoryException):
        return SourceError(
            "the counts do not fit in memory and the folder for temporary files",
            where=path.name,
            cure="use a larger `duration_step:` in the source's options, or free space on the disk",
        )
    text = str(error)
    line, cells = LINE.search(text), CELLS.search(text)
    row = line_named(int(line[1])) if line and line[1] else _malformed(path, int(line[2])) if line else None
    where = f"{path.name}, row {row}" if row else path.name
    if cells:
        what, cure = f"the row has {cells[2]} cells, the header {cells[1]}", "correct the row, or check the delimiter"
    elif "unterminated quote" in text:
        what, cure = "a quote is opened and not closed as it should be", "export the file again"
    elif "not utf-8" in text or "unicode" in text.lower():
        what, cure = "the file is not in the declared encoding", "declare `encoding:` in the source's options"
    elif "maximum_object_size" in text:
        what, cure = "a record is longer than 16 million bytes", "check what the file holds, or export it again"
    elif text.startswith("Invalid Input Error: CSV Error on Line"):
        what, cure = f"the row cannot be read: it is malformed, or {LONG_ROW}", "correct or remove it"
    elif "Malformed JSON" in text:
        what, cure = "the line is no JSON object", "export the file again"
    else:
        told = text.splitlines()[0].replace(str(path), path.name)[:200]
        what, cure = f"the file cannot be read ({told})", "export the file again"
    return SourceError(what, where=where, cure=cure)


def _malformed(path: Path, near: int) -> int:
    """The line that is no JSON: the database names it, or the one after it."""
    with opened(path, "utf-8-sig") as stream:
        lines = itertools.islice(enumerate(stream, start=1), max(near - 2, 0), near)
        return next((number for number, line in lines if not _is_json(line)), near)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return not line.strip()
    return True
