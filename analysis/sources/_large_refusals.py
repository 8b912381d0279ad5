"""What is wrong with a file larger than memory, in the project's words and with its row."""

import gzip
import itertools
import json
import re
from pathlib import Path
from typing import TextIO

import duckdb

from analysis.core.errors import SourceError

LINE = re.compile(r"CSV Error on Line: (\d+)|\bin line (\d+)")
CELLS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


def opened(path: Path, encoding: str) -> TextIO:
    """Bytes of another encoding are let through: the database finds them, with their row."""
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding=encoding, errors="replace")


def refusal(path: Path, error: duckdb.Error) -> SourceError:
    """What the database found wrong with a file, with its row where it says one."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return SourceError(
            "the counts do not fit in memory and the folder for temporary files",
            where=path.name,
            cure="use a larger `duration_step:` in the source's options, or free space on the disk",
        )
    text = str(error)
    line, cells = LINE.search(text), CELLS.search(text)
    row = int(line[1]) if line and line[1] else _malformed(path, int(line[2])) if line else None
    where = f"{path.name}, row {row}" if row else path.name
    if cells:
        what, cure = f"the row has {cells[2]} cells, the header {cells[1]}", "correct the row, or check the delimiter"
    elif "unterminated quote" in text:
        what, cure = "a quote is opened and not closed as it should be", "export the file again"
    elif "not utf-8" in text or "unicode" in text.lower():
        what, cure = "the file is not in the declared encoding", "declare `encoding:` in the source's options"
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
