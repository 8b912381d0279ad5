"""Kernels forked from one process that has imported what every chapter imports: each fresh, none pays for imports.

The process that is forked runs no cell, so a kernel shares no state with another. It is started at the first kernel
with the surroundings that must stand before Python starts (hash seed, threads of BLAS), and ends with this process.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.core import paths

SERVER = "analysis.pipeline.warm_server"
LAUNCHER = "ipykernel_launcher"
ANSWER = 64  # bytes: a process id
WAIT_SECONDS = 0.02  # between two looks whether a kernel has ended


class WarmProcess:
    """The process that kernels are forked from. ``fork`` may be called from several threads."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._asking = threading.Lock()
        asked, self._requests = os.pipe()
        self._answers, answered = os.pipe()
        alive, self._held = os.pipe()  # its writing end closes when this process ends, however it ends
        theirs = (asked, answered, alive)
        self._process = subprocess.Popen(
            [sys.executable, "-m", SERVER, *map(str, theirs)],
            pass_fds=theirs,
            env={**os.environ, **environment},
            cwd=paths.PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # interrupts of a terminal are for the run, which stops its kernels itself
        )
        for end in theirs:
            os.close(end)

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


class WarmProvisioner(LocalProvisioner):
    """Forks the kernel where the local provisioner would start an interpreter."""

    async def launch_kernel(self, cmd: Sequence[str], **options: Any) -> KernelConnectionInfo:
        arguments = list(cmd[cmd.index(LAUNCHER) + 1 :])
        environment = options["env"]
        self.process = warm_up(environment).fork(arguments, environment, options.get("cwd") or os.getcwd())
        self.pid = self.pgid = self.process.pid
        return self.connection_info


_starting = threading.Lock()
_running: list[WarmProcess] = []  # one at most


def warm_up(environment: Mapping[str, str]) -> WarmProcess:
    """The process that is forked, started with ``environment`` unless it runs; does not wait for its imports."""
    with _starting:
        if not _running or _running[0].gone():
            _running[:] = [WarmProcess(environment)]
        return _running[0]
