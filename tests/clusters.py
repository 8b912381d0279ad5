"""A real Dask cluster on this machine: a scheduler and worker processes that a test may kill."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.core import paths

WORKERS = 3


@contextmanager
def started(scratch: Path, *importable: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """The scheduler's address, and three workers without nannies, which can import from ``importable`` too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (paths.PROJECT, *importable))),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
        silent = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=scratch, env=environment, stdout=silent, stderr=silent)

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", str(port))
    own = ("--no-nanny", "--nthreads", "1", "--local-directory", str(scratch))
    workers = [start("worker", address, *own) for _ in range(WORKERS)]
    try:
        yield address, workers
    finally:
        for process in (scheduler, *workers):
            process.kill()
            process.wait()
