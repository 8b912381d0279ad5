"""Many cases as tasks: each is run in a folder of its own wherever there is a worker, and published from here."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from analysis.core import paths
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.core.tasks import Progress, map_tasks
from analysis.pipeline.front_page import write_front_page
from analysis.pipeline.publication import building_site, publish
from analysis.pipeline.registration import FIRST_READ_FILE
from analysis.pipeline.runner import is_up_to_date, run_case


class Task(NamedTuple):
    """A case, and what was planned at its first reading, which a run elsewhere must know too."""

    case: str
    first_read: bytes | None


class Outcome(NamedTuple):
    """The products of a case, relative path -> bytes, or why there are none."""

    slug: str
    files: dict[str, bytes]
    error: StudyError | None


def run_cases(
    cases: Sequence[str],
    *,
    output: Path | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> tuple[list[Path], dict[str, StudyError]]:
    """Run every case, by name or path (which workers must see too), and publish those that can be.

    A case whose report is up to date is not run. Returns the pages, and the error of each case that has none; its last
    report is as it was. Raises StudyError as ``map_tasks`` does.
    """
    root = (output or paths.PROJECT).resolve()
    failed: dict[str, StudyError] = {}
    pages, tasks = [], []
    for case in dict.fromkeys(cases):
        try:
            folder = load_case_folder(case)
            if is_up_to_date(folder, root):
                pages.append(Layout.under(root, folder.case.slug).page)
                continue
        except StudyError as error:
            failed[case] = error
            continue
        planned = Layout.under(root, folder.case.slug).processed / FIRST_READ_FILE
        tasks.append(Task(str(folder.folder), planned.read_bytes() if planned.is_file() else None))

    def take(outcome: Outcome) -> None:
        """Published as it comes: a thousand reports are never held together, and an interrupted run keeps its own."""
        try:
            pages.append(_published(outcome, root))
        except StudyError as error:
            failed[outcome.slug] = error

    try:
        map_tasks(run_elsewhere, tasks, jobs=jobs, scheduler=scheduler, progress=progress, take=take)
    finally:
        write_front_page(root)
    return pages, failed


def run_elsewhere(task: Task) -> Outcome:
    """A case's study in a temporary folder, one notebook at a time."""
    slug = Path(task.case).name
    with TemporaryDirectory() as scratch:
        try:
            slug = load_case_folder(task.case).case.slug
            layout = Layout.under(Path(scratch), slug)
            if task.first_read is not None:
                layout.processed.mkdir(parents=True)
                (layout.processed / FIRST_READ_FILE).write_bytes(task.first_read)
            run_case(task.case, output=Path(scratch), jobs=1)
        except StudyError as error:
            return Outcome(slug, {}, error)
        made = [file for place in (layout.processed, layout.reports) for file in place.rglob("*") if file.is_file()]
        return Outcome(slug, {file.relative_to(scratch).as_posix(): file.read_bytes() for file in made}, None)


def _published(outcome: Outcome, root: Path) -> Path:
    if outcome.error is not None:
        raise outcome.error
    with building_site(root, outcome.slug) as site:
        for name, content in outcome.files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_bytes(content)
        publish(site, root, outcome.slug)
    return Layout.under(root, outcome.slug).page
