"""Kernels that are forked from the warm process where the notebook client would start an interpreter."""

import os
from collections.abc import Sequence
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from analysis.pipeline.warm_process import warm_up

LAUNCHER = "ipykernel_launcher"


class WarmProvisioner(LocalProvisioner):
    """Forks the kernel where the local provisioner would start an interpreter."""

    async def launch_kernel(self, cmd: Sequence[str], **options: Any) -> KernelConnectionInfo:
        arguments = list(cmd[cmd.index(LAUNCHER) + 1 :])
        self.process = warm_up().fork(arguments, options["env"], options.get("cwd") or os.getcwd())
        self.pid = self.pgid = self.process.pid
        return self.connection_info
