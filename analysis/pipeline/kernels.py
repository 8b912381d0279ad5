"""Kernels that talk through files only this user can open, never through network ports."""

import os
import subprocess
import tempfile
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from traitlets import default


class PrivateKernelManager(AsyncKernelManager):
    """Inter-process sockets instead of TCP: nothing listens on the network while a study runs."""

    @default("transport")
    def _private(self) -> str:
        return "ipc"

    @default("ip")
    def _socket_name(self) -> str:
        # Kernels started side by side would otherwise all take the same name.
        return os.path.join(tempfile.mkdtemp(dir=os.environ.get("JUPYTER_RUNTIME_DIR")), "k")

    async def _async_start_kernel(self, **options: Any) -> None:
        # A kernel that is told to stop reports that as an error of its own; a cell's errors come another way.
        await super()._async_start_kernel(**({"stderr": subprocess.DEVNULL} | options))

    start_kernel = _async_start_kernel
