"""When the plan was fixed: its registration beside the case, and what was planned when the data were first read.

A registration is the author's word, dated by hand. The first reading is remembered by the study itself, among its
processed files and only there: it is carried from run to run, published only when the plan has changed since, and gone
when the processed files are removed.
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from analysis.core import artefacts
from analysis.core.errors import CaseError
from analysis.core.paths import LOCK_FILE, Layout
from analysis.pipeline.study import Study

FIRST_READ_FILE = "plan.first_read.json"
LARGEST_LOCK = 10_000  # bytes; a date and a hash take a hundred
AS_REGISTERED, CHANGED, NOT_REGISTERED = "as registered", "changed since registration", "not registered"
AFTER_EVENT, AFTER_READING = "registered after the event", "changed after the data were first read"
BUILDING = ".building-"  # how a run's own folder beside the published ones begins (see publication)


def registered(folder: Path, digest: str, event: date | None = None) -> dict[str, Any]:
    """``status`` of the plan with this hash beside the case folder's plan.lock.json, and its date and hash if any.

    A registration dated on the first ``event`` of any outcome or later says so: its data may have been seen. Raises
    CaseError for a lock that cannot be read.
    """
    file = folder / LOCK_FILE
    if not file.is_file():
        return {"status": NOT_REGISTERED, "registered": None, "registered_sha256": None}
    try:
        if file.stat().st_size > LARGEST_LOCK:
            raise ValueError(f"more than {LARGEST_LOCK:,} bytes")
        lock = artefacts.read_json(file)
        locked, day = lock["sha256"], date.fromisoformat(lock["registered"]).isoformat()
        if not isinstance(locked, str):
            raise TypeError("sha256 is no text")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CaseError(
            "the registration cannot be read",
            where=f"{folder.name}/{LOCK_FILE}",
            cure='restore it: {"registered": "YYYY-MM-DD", "sha256": "..."}, as `exit-study plan --register` writes it',
        ) from error
    status = AS_REGISTERED if locked == digest else CHANGED
    if status == AS_REGISTERED and event is not None and date.fromisoformat(day) >= event:
        status = AFTER_EVENT
    return {"status": status, "registered": day, "registered_sha256": locked}


def register(folder: Path, digest: str, day: str) -> Path:
    """Write plan.lock.json. Raises CaseError for a date that is none, or a case registered with another plan."""
    try:
        day = date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise CaseError(f'"{day}" is not a date', where="--date", cure="write it like 2019-04-30") from error
    if registered(folder, digest)["status"] != NOT_REGISTERED:
        raise CaseError(
            "a plan is registered already",
            where=f"{folder.name}/{LOCK_FILE}",
            cure="a registration is kept; to start anew remove the file, and say so in the case's limits",
        )
    return artefacts.write_json(folder / LOCK_FILE, {"registered": day, "sha256": digest})


def changed_since_reading(study: Study, promised: Mapping[str, Any], digest: str) -> list[str]:
    """Names of the fields in which the plan differs from the one with which the data were first read; none at first.

    The first plan, its hash and that of the data are carried over from the published files into the run's own.
    """
    kept = published(study.layout).processed / FIRST_READ_FILE
    try:
        first = artefacts.read_json(kept)
        before = dict(first["plan"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        first = {"sha256": digest, "data_sha256": data_hash(study), "plan": artefacts.plain(promised)}
        before = first["plan"]
    artefacts.write_json(study.layout.processed / FIRST_READ_FILE, first)
    return [] if first["sha256"] == digest else sorted(_differing(before, artefacts.plain(promised)))


def published(layout: Layout) -> Layout:
    """Where a run's products will be published; for products made in place, there."""
    building = next((item for item in layout.processed.parents if item.name.startswith(BUILDING)), None)
    return layout if building is None else Layout.under(building.parents[2], layout.processed.name)


def hand_over(one: Layout, other: Layout) -> None:
    """What was planned at the first reading, from one place of products to another: a rebuild must know it too."""
    kept = one.processed / FIRST_READ_FILE
    if kept.is_file():
        other.processed.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, other.processed / FIRST_READ_FILE)


def data_hash(study: Study) -> str:
    """sha256 over the exports of the case."""
    hashes = {
        path.relative_to(study.folder.data_root).as_posix(): artefacts.sha256_file(path)
        for source in study.case.sources
        for path in study.folder.files_of(source.id)
    }
    return artefacts.sha256_bytes(artefacts.canonical_json(hashes).encode())


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Fields by name; those of an outcome after its id."""
    for name in sorted({*before, *now} - {"outcomes"}):
        if before.get(name) != now.get(name):
            yield name
    old, new = ({item["id"]: item for item in plan.get("outcomes", [])} for plan in (before, now))
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            yield f"{name}: {'added' if name in new else 'removed'}"
            continue
        yield from (f"{name}.{key}" for key in {*old[name], *new[name]} if old[name].get(key) != new[name].get(key))
