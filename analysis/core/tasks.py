"""One function over many tasks: here, in processes of this machine, or on a Dask cluster; the same results in order."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from analysis.core.errors import StudyError

ANSWER_SECONDS = 10  # how long a scheduler may take to answer
Task = TypeVar("Task")
Result = TypeVar("Result")
Progress = Callable[[int, int], Any]


def map_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    jobs: int = 1,
    threads: bool = False,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> list[Result]:
    """``function`` of each task, in the order of ``tasks``; ``progress`` is told how many of how many are done.

    ``jobs`` processes on this machine (1: none beside this one; or threads, for tasks that wait for processes of
    their own), or the cluster whose scheduler answers at
    ``scheduler`` (like tcp://10.0.0.1:8786). BLAS has one thread in processes and under a Dask nanny; here, and in
    workers without a nanny, what OMP_NUM_THREADS says. The same bytes for any number of workers where ``function``
    draws from ``generator_for`` with the task's name. The tasks of a lost worker are run again: here once, on a cluster
    as often as its ``allowed-failures`` says. What ``function`` raises is raised.

    Raises StudyError when distributed is missing, the scheduler does not answer, or workers are lost again.
    """
    todo = list(tasks)
    told = progress or (lambda done, total: None)
    if scheduler is not None:
        return _on_cluster(function, todo, scheduler, told)
    if jobs == 1 or len(todo) < 2:
        return _collect(map(function, todo), [], len(todo), told)
    if threads:
        calls = (delayed(function)(task) for task in todo)
        return _collect(Parallel(jobs, prefer="threads", return_as="generator")(calls), [], len(todo), told)
    return _in_processes(function, todo, jobs, told)


def _collect(found: Iterable[Result], results: list[Result], total: int, told: Progress) -> list[Result]:
    for result in found:
        results.append(result)
        told(len(results), total)
    return results


def _in_processes(function: Callable, todo: Sequence, jobs: int, told: Progress) -> list:
    results: list = []
    for last in (False, True):
        try:
            with parallel_config(backend="loky", inner_max_num_threads=1):
                calls = (delayed(function)(task) for task in todo[len(results) :])
                return _collect(Parallel(jobs, return_as="generator")(calls), results, len(todo), told)
        except TerminatedWorkerError as error:
            if last:
                raise StudyError(
                    "worker processes were killed twice",
                    where=f"task {len(results) + 1} of {len(todo)} or one beside it",
                    cure="fewer --jobs: the system kills processes when memory runs out",
                ) from error
        except KeyboardInterrupt:
            get_reusable_executor().shutdown(kill_workers=True)
            raise
    raise AssertionError("unreachable")


def _on_cluster(function: Callable, todo: Sequence, scheduler: str, told: Progress) -> list:
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        cure = "pip install exit-study[cluster]"
        raise StudyError("distributed is not installed", where=f"--scheduler {scheduler}", cure=cure) from error
    try:
        client = Client(scheduler, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:  # a time-out is an OSError
        raise StudyError(
            f"no Dask scheduler answers within {ANSWER_SECONDS} seconds",
            where=f"--scheduler {scheduler}",
            cure="start `dask scheduler` (pip install exit-study[cluster] there too); give the address it prints",
        ) from error
    with client:
        futures = client.map(function, todo, pure=False)
        try:
            return _collect((future.result() for future in futures), [], len(todo), told)
        except KilledWorker as error:
            raise StudyError(
                "one task lost every worker it was given to",
                where=f"--scheduler {scheduler}",
                cure="give workers more memory: `dask worker --memory-limit`",
            ) from error
        finally:
            client.cancel(futures)  # nothing of this call goes on running, whatever ended it
