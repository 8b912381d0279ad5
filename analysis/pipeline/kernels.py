"""Kernels that talk through files only this user can open, and the surroundings that every kernel is given."""

import math
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from analysis.pipeline.warm_kernels import WarmProvisioner
from analysis.pipeline.warm_process import SETTINGS

RECONNECT_MILLISECONDS = 10  # a client is there before its kernel; the library looks again after 100


class PromptClient(AsyncKernelClient):
    """Ready when the kernel has answered on both channels.

    The library then listens for a fifth of a second more to whatever else was said before the first cell; who executes
    a notebook hears only what answers its cells.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Raises RuntimeError when the kernel dies or has not answered after ``timeout`` seconds (None: no limit)."""
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            self.kernel_info()
            with suppress(Empty):
                if (await self.get_shell_msg(timeout=1))["msg_type"] == "kernel_info_reply":
                    await self.get_iopub_msg(timeout=0.2)
                    return
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it answered")
            if time.monotonic() > end:
                raise RuntimeError(f"the kernel did not answer in {timeout:.0f} seconds")


class PrivateKernelManager(AsyncKernelManager):
    """Inter-process sockets instead of TCP: nothing listens on the network while a study runs."""

    surroundings: Mapping[str, str] = {}

    @default("client_factory")
    def _prompt(self) -> type[PromptClient]:
        return PromptClient

    @default("context")
    def _eager(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
        return context

    @default("transport")
    def _private(self) -> str:
        return "ipc"

    @default("ip")
    def _socket_name(self) -> str:
        # Kernels started side by side would otherwise all take the same name.
        return os.path.join(tempfile.mkdtemp(dir=os.environ.get("JUPYTER_RUNTIME_DIR")), "k")

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        self.provisioner = self.provisioner or WarmProvisioner(
            kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
        )
        return await super()._async_pre_start_kernel(**options)

    pre_start_kernel = _async_pre_start_kernel

    async def _async_start_kernel(self, **options: Any) -> None:
        # A kernel that is told to stop reports that as an error of its own; a cell's errors come another way.
        given = {"stderr": subprocess.DEVNULL, "env": {**os.environ, **SETTINGS, **self.surroundings}} | options
        await super()._async_start_kernel(**given)

    start_kernel = _async_start_kernel


def manager_with(surroundings: Mapping[str, str]) -> type[PrivateKernelManager]:
    """A manager whose kernels see these variables too: each of several side by side has its own."""
    return type("SurroundedKernelManager", (PrivateKernelManager,), {"surroundings": dict(surroundings)})


@contextmanager
def runtime_in(sockets: Path) -> Iterator[None]:
    """Where this process puts what it shares with its kernels. Put back afterwards."""
    wanted = {"JUPYTER_RUNTIME_DIR": str(sockets), "JUPYTER_PREFER_ENV_PATH": "1"}
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
