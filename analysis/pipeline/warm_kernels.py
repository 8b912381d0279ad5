"""Kernels forked from one process that has imported what every chapter imports: each fresh, none pays for imports.

The process that is forked runs no cell, so a kernel shares no state with another. It is started at the first kernel
with the surroundings that must stand before Python starts (hash seed, threads of BLAS), and ends with this process.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.core import paths

SERVER = "analysis.pipeline.warm_server"
LAUNCHER = "ipykernel_launcher"
ANSWER = 64  # bytes: a process id


class WarmProcess:
    """The process that kernels are forked from. ``fork`` may be called from several threads."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._asking = threading.Lock()
        self._socket, theirs = socket.socketpair()
        alive, self._held = os.pipe()  # its writing end closes when this process ends, however it ends
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", SERVER, str(theirs.fileno()), str(alive)],
                pass_fds=(theirs.fileno(), alive),
                env={**os.environ, **environment},
                cwd=paths.PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # interrupts of a terminal are for the run, which stops its kernels itself
            )
        os.close(alive)

    def fork(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> "ForkedKernel":
        """A kernel with ipykernel's ``arguments``, in ``folder``, that sees ``environment`` and nothing else.

        Raises OSError when the process that is forked is gone.
        """
        ended, held_by_kernel = os.pipe()
        request = json.dumps({"arguments": list(arguments), "environment": dict(environment), "folder": folder})
        try:
            with self._asking:
                body = request.encode()
                socket.send_fds(self._socket, [len(body).to_bytes(4, "big")], [held_by_kernel])
                self._socket.sendall(body)
                answer = self._socket.recv(ANSWER)
        finally:
            os.close(held_by_kernel)
        if not answer:
            os.close(ended)
            raise ConnectionResetError("the process that kernels are forked from is gone")
        return ForkedKernel(int(answer), ended)

    def gone(self) -> bool:
        return self._process.poll() is not None


class ForkedKernel:
    """A forked process with the methods of ``subprocess.Popen`` that a provisioner calls.

    It is no child of this process: the pipe that it holds open says whether it still runs.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self._ended = ended
        self._code: int | None = None

    def poll(self) -> int | None:
        """None while it runs; what it ended with is not known, and nobody asks."""
        if self._code is None and select.select([self._ended], [], [], 0)[0]:
            os.close(self._ended)
            self._code = 0
        return self._code

    def wait(self) -> int:
        if self._code is None:
            select.select([self._ended], [], [])
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
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
