"""Two reports file by file: what differs, and by how much where it is a number."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from analysis.core import artefacts

MANIFEST = "manifest.json"
NOTHING = "nothing"
SHOWN_FILES, SHOWN_VALUES = 40, 5


@dataclass(frozen=True, slots=True)
class Moved:
    """One value that differs: where it is in its file, what it was and what it is."""

    file: str
    key: str
    old: Any
    new: Any

    @property
    def numbers(self) -> tuple[float, float] | None:
        """Both as numbers, where both are."""
        try:
            return None if isinstance(self.old, bool) else (float(self.old), float(self.new))
        except (TypeError, ValueError):
            return None

    def __str__(self) -> str:
        return f"{self.key}: {_short(self.old)} -> {_short(self.new)}{self._by_how_much()}"

    def _by_how_much(self) -> str:
        if self.numbers is None or self.numbers[0] == 0:
            return ""
        old, new = self.numbers
        return f" ({(new - old) / abs(old):+.3g} of it)"


def moved(old: Path, new: Path) -> list[Moved]:
    """Everything that differs between two folders of a report, the manifest's hashes apart, file by file."""
    before, after = _files(old), _files(new)
    found: list[Moved] = []
    for name in sorted({*before, *after}):
        if name not in before or name not in after:
            there = ("the file", NOTHING)
            found.append(Moved(name, "", *(there if name in before else reversed(there))))
        elif before[name] != after[name]:
            found += _differences(name, (old / name).read_bytes(), (new / name).read_bytes())
    return found


def by_file(found: list[Moved]) -> list[str]:
    """A line a file with its first differences."""
    files: dict[str, list[Moved]] = {}
    for item in found:
        files.setdefault(item.file, []).append(item)
    lines = []
    for name, items in list(files.items())[:SHOWN_FILES]:
        if not items[0].key:
            lines.append(f"{name}: {'not remade' if items[0].new == NOTHING else 'new in the rebuild'}")
            continue
        more = f"; and {len(items) - SHOWN_VALUES} more" if len(items) > SHOWN_VALUES else ""
        lines.append(f"{name}: {'; '.join(map(str, items[:SHOWN_VALUES]))}{more}")
    if len(files) > SHOWN_FILES:
        lines.append(f"and {len(files) - SHOWN_FILES} more files")
    return lines


def without_own_hashes(report: Path) -> dict[str, str]:
    """sha256 of each file but for the hashes in it that say which code and which bytes: a comment changes those.

    What stays are the numbers, sentences and figures that the code makes. The manifest counts without its hashes.
    """
    record = artefacts.read_json(report / MANIFEST)
    names = {record["fingerprint"]: "fingerprint", record["code_sha256"]: "code"}
    names |= {digest: f"hash of {name}" for name, digest in record["outputs"].items()}
    found = {}
    for name in _files(report):
        content = (report / name).read_bytes()
        for digest, label in names.items():
            content = content.replace(digest.encode(), label.encode())
        found[name] = artefacts.sha256_bytes(content)
    rest = {key: value for key, value in record.items() if key not in ("fingerprint", "code_sha256", "outputs")}
    return found | {MANIFEST: artefacts.sha256_bytes(artefacts.canonical_json(rest).encode())}


def _files(folder: Path) -> dict[str, str]:
    return {
        item.relative_to(folder).as_posix(): artefacts.sha256_file(item)
        for item in sorted(folder.rglob("*"))
        if item.is_file() and item.name != MANIFEST
    }


def _differences(name: str, old: bytes, new: bytes) -> Iterator[Moved]:
    kinds = {".json": _values_of_json, ".csv": _values_of_csv}
    values = kinds.get(Path(name).suffix, _values_of_text)
    try:
        before, after = values(old), values(new)
    except ValueError:
        before, after = {"bytes": len(old)}, {"bytes": len(new)}
    differing = [key for key in {**before, **after} if before.get(key, NOTHING) != after.get(key, NOTHING)]
    if not differing:
        yield Moved(name, "bytes", artefacts.sha256_bytes(old)[:12], artefacts.sha256_bytes(new)[:12])
    for key in differing:
        yield Moved(name, key, before.get(key, NOTHING), after.get(key, NOTHING))


def _values_of_json(content: bytes) -> dict[str, Any]:
    return dict(_flat(json.loads(content), ""))


def _flat(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _flat(item, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _flat(item, f"{key}.{place}")
    else:
        yield key, value


def _values_of_csv(content: bytes) -> dict[str, str]:
    """Cells by row and column."""
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8")))
    return {
        f"row {number}, {column}": cell
        for number, row in enumerate(rows, start=2)
        for column, cell in zip_longest(head, row, fillvalue="")
    }


def _values_of_text(content: bytes) -> dict[str, str]:
    lines = content.decode("utf-8").splitlines()
    return {f"line {number}": line for number, line in enumerate(lines, start=1)}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
