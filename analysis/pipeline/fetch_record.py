"""What was fetched: the files, whole or not at all, their record (fetched.csv) and the page on origin and rights."""

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from analysis.core.artefacts import sha256_bytes, sha256_file
from analysis.core.errors import CaseError, StudyError

FOLDER, RECORD_FILE, SOURCE_FILE = "wikimedia", "fetched.csv", "SOURCE.md"
COLUMNS = ("file", "sha256", "bytes", "fetched_on", "address")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.json")

Record = dict[str, dict[str, str]]

PAGE = """\
# Wikimedia page views: origin and rights

Daily views of Wikipedia articles, fetched by `exit-study fetch` from the Wikimedia REST interface (Pageviews, per
article) and kept as received; never edited. Wikimedia publishes page views under CC0 1.0 (public domain).

A view counts under the title asked for at the time: views under an earlier title or through a redirect are not in the
file. A day without a view is absent from an answer.

| file | fetched on (UTC) | bytes | sha256 | address |
|---|---|---|---|---|
{rows}
"""


def read_record(path: Path) -> Record:
    """A row a file that was fetched, by name; empty before anything was. Raises CaseError when it is not that table."""
    if not path.is_file():
        return {}
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path) from error
    if any(tuple(row) != COLUMNS or None in row.values() for row in rows):
        raise _unreadable(path)
    return {row["file"]: row for row in rows}


def _unreadable(path: Path) -> CaseError:
    cure = f"put it back as it was, or move the folder {FOLDER} away and fetch again"
    return CaseError("the record of what was fetched cannot be read", where=f"{FOLDER}/{path.name}", cure=cure)


def check_untouched(target: Path, record: Record, names: list[str]) -> None:
    """Raises CaseError when one of the files that would be written is there and is not what the record says."""
    changed = [
        name
        for name in names
        if os.path.lexists(target / name)
        and not ((target / name).is_file() and sha256_file(target / name) == record.get(name, {}).get("sha256"))
    ]
    if changed:
        raise CaseError(
            f"{', '.join(changed)}: not as fetched, so changed or put there by hand; nothing was downloaded",
            where=f"{FOLDER}/{RECORD_FILE}",
            cure="move it away (or delete it), then fetch again; hand-made files belong outside this folder",
        )


def keep(target: Path, record: Record, name: str, content: bytes, address: str) -> None:
    """The answer, once whole, under its name; the record first, so that a file is never there without its sha256."""
    record[name] = _row(name, content, address)
    listed = [row for file, row in sorted(record.items()) if FILE_NAME.fullmatch(file)]
    page = PAGE.format(rows="\n".join(map(_page_row, listed))).encode()
    record[SOURCE_FILE] = _row(SOURCE_FILE, page, "")
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*listed, record[SOURCE_FILE]])
    with writing(target / name):
        ready = _beside(target / name, content)
        for file, whole in ((RECORD_FILE, text.getvalue().encode()), (SOURCE_FILE, page)):
            os.replace(_beside(target / file, whole), target / file)
        os.replace(ready, target / name)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """An error of the disk as one that says where and what to do."""
    try:
        yield
    except OSError as error:
        raise StudyError(
            f"cannot write here: {error.strerror}",
            where=f"{FOLDER}, {place.name}",
            cure="free the disk or make the folder writable; what is there is untouched",
        ) from error


def _beside(path: Path, content: bytes) -> Path:
    """A new temporary file next to the one meant; a link or a leftover of that name is not written through."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as stream:
            stream.write(content)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def _row(name: str, content: bytes, address: str) -> dict[str, str]:
    values = (name, sha256_bytes(content), str(len(content)), f"{datetime.now(UTC).date()}", address)
    return dict(zip(COLUMNS, values, strict=True))


def _page_row(row: Mapping[str, str]) -> str:
    cells = (f"`{row['file']}`", row["fetched_on"], row["bytes"], f"`{row['sha256']}`", f"`{row['address']}`")
    return "| " + " | ".join(cell.replace("|", "%7C") for cell in cells) + " |"
