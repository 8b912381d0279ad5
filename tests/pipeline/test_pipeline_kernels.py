"""A client is ready when its kernel has answered, and says so when it died or keeps silent."""

import asyncio
from queue import Empty

import pytest

from analysis.pipeline.kernels import PromptClient


class Said(PromptClient):
    """A client whose kernel says what it is given, then nothing."""

    def __init__(self, shell: list[dict], iopub: list[dict], alive: bool = True) -> None:
        super().__init__()
        self.said, self.alive = {"shell": shell, "iopub": iopub}, alive

    def kernel_info(self) -> None:
        pass

    def _next(self, channel: str) -> dict:
        if not self.said[channel]:
            raise Empty
        return self.said[channel].pop(0)

    async def get_shell_msg(self, timeout: float) -> dict:
        return self._next("shell")

    async def get_iopub_msg(self, timeout: float) -> dict:
        return self._next("iopub")

    async def is_alive(self) -> bool:
        return self.alive


REPLY = {"msg_type": "kernel_info_reply"}


def test_it_asks_again_until_both_channels_have_answered() -> None:
    client = Said([{"msg_type": "other"}, REPLY, REPLY], [])
    client.said["iopub"] = Late([{"msg_type": "status"}])
    asyncio.run(client.wait_for_ready(timeout=5))
    assert client.said == {"shell": [], "iopub": []}


class Late(list):
    """Empty the first time that somebody looks."""

    looked = False

    def __bool__(self) -> bool:
        was, self.looked = self.looked, True
        return was


def test_a_dead_and_a_silent_kernel_are_told_apart() -> None:
    with pytest.raises(RuntimeError, match="died before it answered"):
        asyncio.run(Said([], [], alive=False).wait_for_ready(timeout=5))
    with pytest.raises(RuntimeError, match="did not answer in 0 seconds"):
        asyncio.run(Said([], []).wait_for_ready(timeout=0))
