"""Cases run as tasks are published as `run` publishes them; a failing one is named and stops nothing."""

import shutil
import signal
from pathlib import Path

import pytest

from analysis.core import paths
from analysis.core.paths import Layout
from analysis.pipeline.batch import Outcome, Task, run_cases

pytestmark = pytest.mark.study
VARIANTS = 24


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def variant(small_case: Path, number: int, folder: Path) -> Path:
    """The small case with another name and other levels."""
    made = Path(shutil.copytree(small_case, folder / f"brand-{number:02}"))
    case_file = made / paths.CASE_FILE
    case_file.write_text(case_file.read_text("utf-8").replace(small_case.name, made.name), "utf-8")
    head, *rows = (made / "engagement.csv").read_text("utf-8").splitlines()
    cells = [row.rsplit(",", 1) for row in rows]
    changed = [f"{before},{int(level) + (number * place) % 17}" for place, (before, level) in enumerate(cells)]
    (made / "engagement.csv").write_text("\n".join([head, *changed]) + "\n", "utf-8")
    return made


def test_a_batch_publishes_the_same_bytes_and_names_what_failed(published_project, small_case, tmp_path, monkeypatch):
    pages, failed = run_cases([str(small_case), "no-such-case"], output=tmp_path)
    assert list(failed) == ["no-such-case"]
    assert contents(pages[0].parent) == contents(published_project.reports)
    monkeypatch.setattr("analysis.pipeline.batch.run_elsewhere", None)  # nothing changed: nothing is run
    assert run_cases([str(small_case)], output=tmp_path) == (pages, {})


def test_what_came_before_an_interruption_is_published(published_project, small_case, tmp_path, monkeypatch):
    layout = Layout.under(published_project.root, small_case.name)
    made = {
        f"{kind}/{small_case.name}/{name}": content
        for kind, folder in (("data/processed", layout.processed), ("reports", layout.reports))
        for name, content in contents(folder).items()
    }

    def run_first_only(task: Task) -> Outcome:
        if task.case != str(small_case):
            raise KeyboardInterrupt
        return Outcome(small_case.name, made, None)

    monkeypatch.setattr("analysis.pipeline.batch.run_elsewhere", run_first_only)
    with pytest.raises(KeyboardInterrupt):
        run_cases([str(small_case), str(variant(small_case, 1, tmp_path / "cases"))], output=tmp_path)
    assert contents(tmp_path / "reports" / small_case.name) == contents(published_project.reports)


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_publishes_what_one_process_does(small_case, dask_cluster, tmp_path):
    cases = [str(variant(small_case, number, tmp_path / "cases")) for number in range(VARIANTS)]
    address, workers = dask_cluster()

    def kill_one(done: int, total: int) -> None:
        if done == total // 2:
            workers[0].send_signal(signal.SIGKILL)

    pages, failed = run_cases(cases, output=tmp_path / "cluster", scheduler=address, progress=kill_one)
    assert not failed
    assert workers[0].wait() == -signal.SIGKILL
    assert run_cases(cases, output=tmp_path / "here")[1] == {}
    published = contents(tmp_path / "cluster" / "reports")
    assert published == contents(tmp_path / "here" / "reports")
    assert len({published[f"{page.parent.name}/results.json"] for page in pages}) == VARIANTS
