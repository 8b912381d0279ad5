"""One function over many tasks: here, in processes of this machine, or on a Dask cluster; the same results in order."""

import copyreg
import ctypes
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from analysis.core.errors import StudyError

ANSWER_SECONDS = 10  # how long a scheduler may take to answer
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
Task = TypeVar("Task")
Result = TypeVar("Result")
Progress = Callable[[int, int], Any]


def _frozen(mapping: dict) -> MappingProxyType:
    return MappingProxyType(mapping)


copyreg.pickle(MappingProxyType, lambda mapping: (_frozen, (dict(mapping),)))  # frozen values travel too


def map_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    jobs: int = 1,
    threads: bool = False,
    forked: bool = False,
    scheduler: str | None = None,
    progress: Progress | None = None,
    take: Callable[[Result], Any] | None = None,
) -> list[Any]:
    """``function`` of each task, in the order of ``tasks``; ``progress`` is told how many of how many are done.

    ``take`` is given each result here as soon as it and those before it are there; what it returns is kept in its
    place, so that large results need not be held together and what came before a loss is not lost with it.

    ``jobs`` processes on this machine (1: none beside this one; threads, for tasks that wait for processes of their
    own; forked: copies of this process, which begin at once with all that it holds, for tasks of seconds, on Linux
    alone), or the cluster whose scheduler answers at ``scheduler`` (like tcp://10.0.0.1:8786). BLAS has one thread in
    processes and under a Dask nanny; here, in copies and in workers without a nanny, what OMP_NUM_THREADS says. The
    same bytes for any number of workers where ``function`` draws from ``generator_for`` with the task's name. The tasks
    of a lost worker are run again: here once (a lost copy's by this process), on a cluster as often as its
    ``allowed-failures`` says. What ``function`` raises is raised.

    Raises StudyError when distributed is missing, the scheduler does not answer, or workers are lost again.
    """
    todo = list(tasks)
    told = _Told(len(todo), progress or (lambda done, total: None), take or (lambda result: result))
    if scheduler is not None:
        return _on_cluster(function, todo, scheduler, told)
    if jobs == 1 or len(todo) < 2:
        return _collect(map(function, todo), [], told)
    if threads:
        calls = (delayed(function)(task) for task in todo)
        return _collect(Parallel(jobs, prefer="threads", return_as="generator")(calls), [], told)
    if forked:
        return _in_copies(function, todo, jobs, told)
    return _in_processes(function, todo, jobs, told)


class _Told(NamedTuple):
    """Who is told of a result: how many there will be, who counts, who takes it."""

    total: int
    progress: Progress
    take: Callable[[Any], Any]


def _collect(found: Iterable, results: list, told: _Told) -> list:
    for result in found:
        results.append(told.take(result))
        told.progress(len(results), told.total)
    return results


def _in_processes(function: Callable, todo: Sequence, jobs: int, told: _Told) -> list:
    results: list = []
    for last in (False, True):
        try:
            with parallel_config(backend="loky", inner_max_num_threads=1):
                calls = (delayed(function)(task) for task in todo[len(results) :])
                return _collect(Parallel(jobs, return_as="generator")(calls), results, told)
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


def _in_copies(function: Callable, todo: Sequence, jobs: int, told: _Told) -> list:
    results: list = []
    if sys.platform == "linux":  # elsewhere libraries of the system do not outlive a fork
        begin = (_begin_copy, (function, todo, os.getpid()))
        with (
            warnings.catch_warnings(action="ignore", category=DeprecationWarning),  # that a kernel has threads
            ProcessPoolExecutor(min(jobs, len(todo)), get_context("fork"), *begin) as pool,
        ):
            try:
                return _collect(pool.map(_in_this_copy, range(len(todo))), results, told)
            except BrokenProcessPool as error:
                if error.__cause__ is not None:  # a result that cannot travel
                    raise
                # Killed, most likely for want of memory: one at a time needs less.
    return _collect(map(function, todo[len(results) :]), results, told)


_copied: list[tuple[Callable, Sequence]] = []  # what this copy is to do; tasks are inherited and need not be pickled


def _begin_copy(function: Callable, todo: Sequence, parent: int) -> None:
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that was said
        os._exit(1)
    _copied[:] = [(function, todo)]


def _in_this_copy(number: int) -> Any:
    (function, todo) = _copied[0]
    try:
        return function(todo[number])
    except Exception as error:
        if _travels(error):
            raise
        told = f"{type(error).__name__}: {error}"
    raise RuntimeError(told)  # out here, where it does not take the other along


def _travels(error: Exception) -> bool:
    """Libraries' errors often cannot be pickled, or not be made again from what they were pickled as."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True


def _on_cluster(function: Callable, todo: Sequence, scheduler: str, told: _Told) -> list:
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
            return _collect(_each(futures), [], told)
        except KilledWorker as error:
            raise StudyError(
                "one task lost every worker it was given to",
                where=f"--scheduler {scheduler}",
                cure="give workers more memory: `dask worker --memory-limit`",
            ) from error
        finally:
            client.cancel(futures)  # nothing of this call goes on running, whatever ended it


def _each(futures: list) -> Iterator:
    """Results in order; the cluster may forget each as soon as it is here."""
    for future in futures:
        result = future.result()
        future.release()
        yield result
