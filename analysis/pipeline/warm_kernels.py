"""Kernels forked from one process that has imported what every chapter imports: each fresh, none pays for imports.

A forked kernel shares no state with another: the process that is forked runs no cell. It is started at the first
kernel of a run with the surroundings that must stand before Python starts (hash seed, threads of BLAS, zone).
"""

import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, get_context, parent_process
from multiprocessing.context import ForkServerProcess
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

PRELOADED = "analysis.pipeline.warm_imports"
LAUNCHER = "ipykernel_launcher"
_context = get_context("forkserver")
_starting = threading.Lock()


class ForkedKernel:
    """A forked process with the methods of ``subprocess.Popen`` that a provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid: int = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

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
        self.process = forked(arguments, options["env"], options.get("cwd") or os.getcwd())
        self.pid = self.pgid = self.process.pid
        return self.connection_info


def forked(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> ForkedKernel:
    """A kernel with ipykernel's ``arguments``, in ``folder``, that sees ``environment`` and nothing else."""
    process = _context.Process(target=_become_kernel, args=(list(arguments), dict(environment), folder))
    warm_up(environment)
    process.start()
    return ForkedKernel(process)


def warm_up(environment: Mapping[str, str]) -> None:
    """Start the process that is forked, unless it runs, with ``environment``; does not wait for its imports."""
    with _starting, _environment(environment):
        _context.set_forkserver_preload([PRELOADED])
        forkserver.ensure_running()


def _become_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    os.setsid()  # interrupts of the terminal are for the run, which stops its kernels itself
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=arguments)


def _end_with_the_run() -> None:
    """A run that is killed cannot stop its kernels: each waits for that, and takes its own workers along."""
    parent_process().join()
    os.killpg(0, signal.SIGKILL)


@contextmanager
def _environment(wanted: Mapping[str, str]):
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
