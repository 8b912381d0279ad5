"""Tasks give the same bytes here, in processes and on a cluster, also when a worker is killed half-way."""

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from analysis.core.errors import CaseError, StudyError
from analysis.core.said import Said, lines_of
from analysis.core.seeds import generator_for
from analysis.core.tasks import map_tasks

VARIANTS = range(24)
DRAWS = 10_000


def fitted(variant: int, pause: float = 0.0) -> bytes:
    """A regression, which BLAS solves, and the variant's draws."""
    time.sleep(pause)
    generator = generator_for("tasks", variant)
    design = generator.normal(size=(400, 30))
    solved = np.linalg.lstsq(design, design @ np.arange(30.0) + generator.normal(size=400), rcond=None)[0]
    return solved.tobytes() + generator.normal(size=DRAWS).tobytes()


def dies_once(variant: int, mark: Path) -> bytes:
    if variant == 13 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return fitted(variant)


def dies(variant: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuses(variant: int) -> None:
    raise CaseError("wrong", where=f"task {variant}", cure="mend it", problems=["one", "two"])


class Awkward(Exception):
    def __init__(self, task: int, place: str) -> None:
        super().__init__(f"task {task} of {place}")
        self.again = lambda: task


def awkward(task: int) -> None:
    raise Awkward(task, "a file")


def test_same_bytes_in_processes_in_the_order_of_the_tasks():
    told = []
    found = map_tasks(fitted, VARIANTS, jobs=2, progress=lambda *seen: told.append(seen))
    assert found == [fitted(variant) for variant in VARIANTS] == map_tasks(fitted, VARIANTS)
    assert told == [(done, 24) for done in range(1, 25)]


def test_tasks_of_a_killed_process_are_run_again(tmp_path):
    mark = tmp_path / "died"
    assert map_tasks(partial(dies_once, mark=mark), VARIANTS, jobs=2) == map_tasks(fitted, VARIANTS)
    assert mark.exists()


class Unreadable:
    """Pickled well, and never read back."""

    def __reduce__(self) -> tuple:
        return int, ("no number",)


@pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux alone")
class TestCopies:
    def test_same_bytes_from_tasks_that_cannot_travel(self):
        base = {"shift": 1}
        pids, told = set(), []
        found = map_tasks(
            lambda variant: (os.getpid(), fitted(variant + base["shift"])), VARIANTS, jobs=2, forked=True,
            take=lambda result: pids.add(result[0]) or result[1], progress=lambda *seen: told.append(seen),
        )  # fmt: skip
        assert found == [fitted(variant + 1) for variant in VARIANTS]
        assert os.getpid() not in pids
        assert len(pids) <= 2
        assert told[-1] == (24, 24)

    def test_tasks_of_a_killed_copy_are_done_here(self, tmp_path):
        mark = tmp_path / "died"
        found = map_tasks(partial(dies_once, mark=mark), VARIANTS, jobs=2, forked=True)
        assert found == map_tasks(fitted, VARIANTS)
        assert mark.exists()

    def test_a_sentence_comes_back_with_what_it_is_made_of(self):
        said = Said("Two donors moved.", (("moved", {"n": 2}),))
        (found, _) = map_tasks(lambda task: said, [1, 2], jobs=2, forked=True)
        assert (found, lines_of(found)) == (said, lines_of(said))

    def test_a_result_that_cannot_travel_is_no_loss_of_a_copy(self):
        with pytest.raises(BrokenProcessPool):
            map_tasks(lambda task: Unreadable(), [1, 2], jobs=2, forked=True)

    def test_an_error_that_cannot_travel_comes_back_by_its_name(self):
        with pytest.raises(RuntimeError, match=r"^Awkward: task 1 of a file$"):
            map_tasks(awkward, [1, 2], jobs=2, forked=True)

    def test_errors_come_back_whole(self):
        with pytest.raises(CaseError) as caught:
            map_tasks(refuses, [7, 8], jobs=2, forked=True)
        assert (caught.value.where, caught.value.problems) == ("task 7", ("one", "two"))

    def test_none_outlives_the_process_it_is_a_copy_of(self, tmp_path):
        program = (
            "import os, time; from analysis.core.tasks import map_tasks; "
            "told = lambda task: os.write(1, b'%d\\n' % os.getpid()) and time.sleep(60); "  # print writes the end apart
            "map_tasks(told, range(2), jobs=2, forked=True)"
        )
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        copies = [int(process.stdout.readline()) for _ in range(2)]
        process.kill()
        process.wait()
        assert all(gone(copy) for copy in copies)


def gone(pid: int) -> bool:
    """Within ten seconds."""
    for _ in range(100):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


def test_processes_killed_twice_are_a_named_error():
    with pytest.raises(StudyError, match="killed twice"):
        map_tasks(dies, range(4), jobs=2)


def test_errors_come_back_whole():
    with pytest.raises(CaseError) as caught:
        map_tasks(refuses, [7], jobs=2)
    assert (caught.value.where, caught.value.cure, caught.value.problems) == ("task 7", "mend it", ("one", "two"))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_same_bytes_on_a_cluster_that_loses_a_worker(dask_cluster):
    address, workers = dask_cluster(Path(__file__).parent)
    gone = []

    def kill_one(done: int, total: int) -> None:
        if done == total // 2:
            workers[0].send_signal(signal.SIGKILL)
            gone.append(workers[0].wait())

    found = map_tasks(partial(fitted, pause=0.2), VARIANTS, scheduler=address, progress=kill_one)
    assert gone == [-signal.SIGKILL]
    assert found == map_tasks(fitted, VARIANTS)


def test_no_scheduler_is_told_with_the_cure(monkeypatch):
    with pytest.raises(StudyError, match=r"exit-study\[cluster\]"):
        map_tasks(fitted, [1, 2], scheduler="nonsense://")
    monkeypatch.setattr("analysis.core.tasks.ANSWER_SECONDS", 1)
    with pytest.raises(StudyError, match=r"no Dask scheduler answers within 1 seconds"):
        map_tasks(fitted, [1, 2], scheduler="tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(StudyError, match=r"pip install exit-study\[cluster\]"):
        map_tasks(fitted, [1, 2], scheduler="tcp://127.0.0.1:9")


def test_results_are_taken_as_they_come_and_what_came_before_a_loss_is_kept():
    taken = []

    def fails_at_three(number: int) -> int:
        if number == 3:
            raise CaseError("wrong", where="task 3", cure="mend it")
        return number

    with pytest.raises(CaseError):
        map_tasks(fails_at_three, range(6), take=taken.append)
    assert taken == [0, 1, 2]
    assert map_tasks(abs, [-1, -2], jobs=2, take=lambda result: 10 * result) == [10, 20]
