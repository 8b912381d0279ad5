"""Build beside, then swap: an interrupted run leaves the last good report untouched."""

import ctypes
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.pipeline.registration import BUILDING
from analysis.pipeline.storage import storage_error

RENAME_EXCHANGE = 2
AT_FDCWD = -100


@contextmanager
def building_site(root: Path, slug: str) -> Iterator[Path]:
    """An empty folder to build in, this run's alone; what an earlier, killed run left is removed.

    Its name is never used again: a kernel that outlives its killed run by a moment cannot write into the next one's.
    Raises StudyError when another run of the same case is under way or the place cannot be written.
    """
    processed, reports = root / "data" / "processed", root / "reports"
    building = processed / f"{BUILDING}{slug}"
    try:
        for place in (processed, reports):
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                pass  # better to know now than when the report is to be put in place
        lock = (processed / f".lock-{slug}").open("a+")
    except OSError as error:
        raise storage_error(error, "data/processed or reports") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise StudyError(
                f'another run of "{slug}" is under way',
                where=f"data/processed, process {lock.read(20).strip() or 'unknown'}",
                cure="wait for it to end or stop it; the last report is untouched",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(exist_ok=True)
        try:
            yield Path(tempfile.mkdtemp(dir=building, prefix=""))
        finally:
            shutil.rmtree(building, ignore_errors=True)


def private_prefix(root: Path, slug: str) -> str:
    """What the names of a case's socket folders begin with. Sockets have short names only: they must not lie deep."""
    mark = hashlib.sha256(f"{root}/{slug}".encode()).hexdigest()[:8]
    return f"exit-study-{os.getuid()}-{mark}-"


@contextmanager
def private_sockets(root: Path, slug: str) -> Iterator[Path]:
    """A folder for one run's sockets, removed when the run ends, however it ends short of being killed.

    Only whoever holds the lock of the case under ``root`` may enter: what a killed run of it left is removed first.
    """
    prefix = private_prefix(root, slug)
    for stale in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(site: Path, root: Path, slug: str) -> None:
    """Put the finished folders of ``site`` in place of the last ones, the report last."""
    built, final = Layout.under(site, slug), Layout.under(root, slug)
    _swap(built.processed, final.processed)
    _swap(built.reports, final.reports)


def _swap(new: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        os.rename(new, place)
    elif _exchange(new, place):
        shutil.rmtree(new)
    else:
        # Not atomic: for the blink between two renames there is no report. Only where the system has no exchange.
        aside = new.with_name(f"{new.name}.old")
        os.rename(place, aside)
        os.rename(new, place)
        shutil.rmtree(aside)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step (Linux); False where the system cannot."""
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    return function(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0
