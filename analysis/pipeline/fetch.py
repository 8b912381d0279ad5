"""`exit-study fetch`: the Wikimedia page views that a case asks for, as received, beside a record of what they are."""

import fcntl
import json
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from analysis.core import paths
from analysis.core.artefacts import sha256_bytes
from analysis.core.case_fetch import Wikimedia
from analysis.core.case_loading import CaseFolder
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline.fetch_record import FOLDER, RECORD_FILE, SOURCE_FILE, check_untouched, keep, read_record, writing
from analysis.pipeline.web import Client, NotFound

BASE = "https://wikimedia.org/api/rest_v1"
CONTACT = re.compile(r"[\x21-\x7e ]{0,200}")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One article: whose it is, what to ask for below the service's base address, the file that keeps the answer."""

    unit: str
    title: str
    path: str
    file: str


def wanted_by(asked: Wikimedia) -> tuple[Wanted, ...]:
    """One request an article; the file's name differs when anything asked for does."""
    found = []
    first, last = f"{asked.first:%Y%m%d}", f"{asked.last:%Y%m%d}"
    for unit, title in asked.articles.items():
        parts = (asked.project, asked.access, asked.agent, quote(title, safe=""), "daily", f"{first}00", f"{last}00")
        path = "/metrics/pageviews/per-article/" + "/".join(parts)
        shown = re.sub(r"[^A-Za-z0-9.-]+", "-", title)[:60]
        file = f"{asked.project}_{shown}_{sha256_bytes(path.encode())[:8]}_{first}_{last}.json"
        found.append(Wanted(unit, title, path, file))
    return tuple(found)


def silent(done: int, total: int, text: str) -> None:
    """A progress that shows nothing."""


def fetch_case(
    folder: CaseFolder,
    *,
    force: bool = False,
    contact: str = "",
    base: str = BASE,
    progress: Progress = silent,
    pause: Callable[[float], None] = time.sleep,
    timeout: float = 30.0,
) -> tuple[list[Path], list[Path]]:
    """Download what the case asks for; returns the files fetched and those that were there already.

    Files go into ``wikimedia/`` of the case's data, each complete or not at all, with their sha256 in fetched.csv and
    a SOURCE.md. A file whose content is not the one recorded was changed by hand and is never overwritten: raises
    CaseError before anything is asked for. Raises StudyError when the service does not answer, and one that lists
    every article that it does not have; whatever was fetched by then stays.
    """
    asked = _asked(folder)
    if not CONTACT.fullmatch(contact):
        raise CaseError("a contact is one line of plain letters", where="--contact", cure="give an address or a URL")
    target = _target(folder)
    with _alone(target):
        record = read_record(target / RECORD_FILE)
        wanted = wanted_by(asked)
        check_untouched(target, record, [*(item.file for item in wanted), SOURCE_FILE])
        missing = [item for item in wanted if force or not (target / item.file).is_file()]
        agent = f"exit-study/{version('exit-study')} ({contact or 'no contact given'})"
        absent, done = [], []
        for number, item in enumerate(missing):
            progress(number, len(missing), item.unit)
            client = Client(agent, timeout, pause, lambda text, number=number: progress(number, len(missing), text))
            try:
                content = client.get(base + item.path)
            except NotFound as error:
                absent.append(_no_article(asked, item, error))
                continue
            _check_answer(content, item, base)
            keep(target, record, item.file, content, base + item.path)
            done.append(target / item.file)
        if missing:
            progress(len(missing), len(missing), "done")
    _raise_absent(absent)
    return done, [target / item.file for item in wanted if item not in missing]


def _asked(folder: CaseFolder) -> Wikimedia:
    """What to fetch. Raises CaseError when the case asks for nothing, or for days that are not over."""
    if folder.case.fetch is None:
        raise CaseError(
            "the case asks for nothing to be fetched",
            where=f"{folder.case_file.name}, fetch",
            cure="add `fetch: {wikimedia: {project: en.wikipedia.org, first: 2017-01-01, last: 2020-02-23, "
            "articles: {Our brand: Title_of_its_article}}}`",
        )
    asked = folder.case.fetch.wikimedia
    if asked.last >= datetime.now(UTC).date() - timedelta(days=1):
        raise CaseError(
            f"the views of {asked.last} may not be counted yet",
            where=f"{folder.case_file.name}, fetch, wikimedia, last",
            cure="give a day before yesterday",
        )
    return asked


def _target(folder: CaseFolder) -> Path:
    """The folder to write into, made if need be. Raises CaseError when it is not the case's own."""
    inside = folder.data_root.resolve().is_relative_to(folder.folder.resolve())
    target = paths.inside(folder.data_root, FOLDER) if inside else None
    if target is None:
        raise CaseError(
            "the files would be written outside the case's folder",
            where=f"{folder.case_file.name}, data_root: {folder.case.data_root}",
            cure=f"keep the data in the case's own folder, and no link called {FOLDER} in it",
        )
    with writing(target):
        target.mkdir(exist_ok=True)
    return target


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One download of a case at a time: the service sees one request at a time, and the record one writer."""
    handle = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StudyError("another download of this case is under way", where=FOLDER, cure="wait for its end") from error
    finally:
        os.close(handle)


def _check_answer(content: bytes, item: Wanted, base: str) -> None:
    """Raises StudyError unless the answer holds views of the article asked for and of nothing else."""
    try:
        answer = json.loads(content)
        titles = {unicodedata.normalize("NFC", one["article"]) for one in answer["items"] if int(one["views"]) >= 0}
    except (ValueError, KeyError, TypeError, RecursionError):
        titles = set()
    if titles != {unicodedata.normalize("NFC", item.title)}:
        raise StudyError(
            f'the answer holds no views of "{item.title}", or not of it alone',
            where=base + item.path,
            cure="try again later; nothing was written for it",
        )


def _no_article(asked: Wikimedia, item: Wanted, error: NotFound) -> StudyError:
    return StudyError(
        f'no views of "{item.title}" on {asked.project} from {asked.first} to {asked.last} ({error.what})',
        where=f"{paths.CASE_FILE}, fetch, wikimedia, articles, {item.unit}",
        cure="write the title as it stands in the article's address, capitals too; check project and days",
    )


def _raise_absent(absent: list[StudyError]) -> None:
    if len(absent) == 1:
        raise absent[0]
    if absent:
        raise StudyError(
            f"{len(absent)} articles could not be fetched",
            where=f"{paths.CASE_FILE}, fetch, wikimedia, articles",
            cure="correct each of these; the others are kept",
            problems=[str(item) for item in absent],
        )
