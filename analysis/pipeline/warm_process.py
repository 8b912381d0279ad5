"""Kernels forked from one process that has imported what every chapter imports: each fresh, none pays for imports.

The process that is forked runs no cell, so a kernel shares no state with another. It is started as early as can be,
with the surroundings that must stand before Python starts (hash seed, threads of BLAS), and ends with this process.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from analysis.core import paths

# One thread, one zone, one locale, one style: what a kernel computes must not depend on whose machine it is.
SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
SERVER = "analysis.pipeline.warm_server"
ANSWER = 64  # bytes: a process id
WAIT_SECONDS = 0.02  # between two looks whether a kernel has ended


class WarmProcess:
    """The process that kernels are forked from. ``fork`` may be called from several threads."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        asked, self._requests = os.pipe()
        self._answers, answered = os.pipe()
        alive, self._held = os.pipe()  # its writing end closes when this process ends, however it ends
        theirs = (asked, answered, alive)
        self._process = subprocess.Popen(
            [sys.executable, "-m", SERVER, *map(str, theirs)],
            pass_fds=theirs,
            env={**os.environ, **SETTINGS, "MATPLOTLIBRC": str(paths.MATPLOTLIBRC)},
            cwd=paths.PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # interrupts of a terminal are for the run, which stops its kernels itself
        )
        for end in theirs:
            os.close(end)
        atexit.register(self._process.kill)  # it may still be importing, and would end only after that

    def fork(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> "ForkedKernel":
        """A kernel with ipykernel's ``arguments``, in ``folder``, that sees ``environment`` and nothing else.

        Raises OSError when the process that is forked is gone.
        """
        request = json.dumps({"arguments": list(arguments), "environment": dict(environment), "folder": folder})
        with self._asking:
            os.write(self._requests, f"{request}\n".encode())
            answer = os.read(self._answers, ANSWER)
        if not answer:
            raise ConnectionResetError("the process that kernels are forked from is gone")
        return ForkedKernel(int(answer))

    def gone(self) -> bool:
        return self._process.poll() is not None


class ForkedKernel:
    """A forked process with the methods of ``subprocess.Popen`` that a provisioner calls.

    It is no child of this process, which therefore asks whether it is there; what it ended with is not known, and
    nobody asks.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended = False

    def poll(self) -> int | None:
        """None while it runs, else 0."""
        if not self._ended:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                self._ended = True
        return 0 if self._ended else None

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(WAIT_SECONDS)
        return 0

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


_starting = threading.Lock()
_running: list[WarmProcess] = []  # one at most


def warm_up() -> WarmProcess:
    """The process that is forked, started unless it runs; does not wait for its imports."""
    with _starting:
        if not _running or _running[0].gone():
            _running[:] = [WarmProcess()]
        return _running[0]
