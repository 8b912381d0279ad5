"""What chapters made, kept by what they were made from: a chapter whose ingredients are as they were need not run.

An entry is a folder: the files as the chapter left them, and entry.json with their hashes and the ingredients. It is
written beside and renamed, so that there is a whole one or none, and its files are compared with their hashes whenever
it is taken. An entry that is damaged or cannot be written costs time, nothing else.
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.core import artefacts, paths

ENTRY_FILE, FILES = "entry.json", "files"
KEPT = 2  # entries a chapter: as it is, and as it was before the last change


@dataclass(frozen=True, slots=True)
class Entry:
    """``made`` has the sha256 of every file under ``files``; ``carried`` those of what a chapter takes from the last
    report and passes on, before and after it ran ("" for none)."""

    folder: Path
    ingredients: Mapping[str, str]
    made: Mapping[str, str]
    carried: tuple[str, ...] = ()

    @property
    def files(self) -> Path:
        return self.folder / FILES


def shelf(root: Path, slug: str, chapter: str) -> Path:
    """Where the entries of one chapter of a case are kept."""
    return paths.cache_under(root) / slug / chapter


def find(place: Path, ingredients: Mapping[str, str], carried: str) -> Entry | None:
    """The whole entry made from exactly these ingredients, marked as used; None when there is none.

    A chapter that carries something on would do the same with what it found as with what it left: it does not matter
    which of the two is there now.
    """
    entry = _read(place / _key(ingredients))
    if entry is None or (entry.carried and carried not in entry.carried) or hashes_of(entry.files) != entry.made:
        return None
    with suppress(OSError):
        os.utime(entry.folder)
    return entry


def entries(place: Path) -> list[Entry]:
    """Every entry that can be read, the one last made or used first; their files are not looked at."""
    return [entry for folder in _by_age(place) if (entry := _read(folder))]


def keep(
    place: Path, ingredients: Mapping[str, str], built: Path, made: Mapping[str, str], carried: tuple = ()
) -> None:
    """Copy the files ``made`` below ``built`` into an entry and remove those of old; nothing when there is no room."""
    target = place / _key(ingredients)
    part = target.with_name(f".{target.name}.part")
    record = {"ingredients": dict(ingredients), "made": dict(made), "carried": list(carried)}
    try:
        shutil.rmtree(part, ignore_errors=True)
        copy_files(built, part / FILES, made)
        artefacts.write_json(part / ENTRY_FILE, record)
        shutil.rmtree(target, ignore_errors=True)
        os.rename(part, target)
    except OSError:  # a full disk: what was found is still to be published, and that may fit
        shutil.rmtree(part, ignore_errors=True)
    for old in [*_by_age(place)[KEPT:], *place.glob(".*.part")]:
        shutil.rmtree(old, ignore_errors=True)


def hashes_of(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder, by relative path."""
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    return {item.relative_to(folder).as_posix(): artefacts.sha256_file(item) for item in files}


def copy_files(source: Path, target: Path, names: Mapping[str, Any]) -> None:
    """Copy the named files, with the folders they need."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


def _key(ingredients: Mapping[str, str]) -> str:
    return artefacts.sha256_bytes(artefacts.canonical_json(ingredients).encode())


def _read(folder: Path) -> Entry | None:
    try:
        record = artefacts.read_json(folder / ENTRY_FILE)
        return Entry(folder, record["ingredients"], record["made"], tuple(record["carried"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _by_age(place: Path) -> list[Path]:
    """Entries, the one last made or used first."""
    entries = [item for item in place.glob("[!.]*") if item.is_dir()]
    return sorted(entries, key=lambda item: item.stat().st_mtime_ns, reverse=True)
