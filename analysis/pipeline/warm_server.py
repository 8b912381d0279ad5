"""The process that kernels are forked from; `-m analysis.pipeline.warm_server ASKED ANSWERED ALIVE`, three pipes.

It imports what the first chapter needs. Between the imports of the rest, and after them, it forks a kernel for each
line read from ASKED (JSON with arguments, environment, folder) and writes its process id to ANSWERED, until ASKED ends.
ALIVE ends with the run, and nothing is ever written to it: a kernel whose run was killed ends then, and takes its own
workers along.
"""

import gc
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from select import select
from typing import IO


def main() -> None:
    from analysis.pipeline.warm_imports import first, later

    asked, answered, alive = (int(number) for number in sys.argv[1:])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels here: when they end they are gone
    _import(first())
    with open(asked) as requests:
        for name in later():
            while select([requests], [], [], 0)[0]:  # one at a time is asked for, so no second line waits behind it
                if not _fork(requests, answered, alive):
                    return
            _import([name])
        gc.collect()
        gc.freeze()  # what is imported stays: no kernel looks through it again
        while _fork(requests, answered, alive):
            pass


def _import(names: Iterable[str]) -> None:
    for name in names:
        with suppress(Exception):  # the chapter that needs what breaks here says so with its cell
            importlib.import_module(name)


def _fork(requests: IO[str], answered: int, alive: int) -> bool:
    """The next kernel that is asked for; False when no more will be."""
    line = requests.readline()
    if not line:
        return False
    pid = os.fork()
    if pid == 0:
        requests.close()
        os.close(answered)
        _become_kernel(**json.loads(line), alive=alive)
    os.write(answered, str(pid).encode())
    return True


def _become_kernel(arguments: list[str], environment: dict[str, str], folder: str, alive: int) -> None:
    """Never returns. A kernel told to stop has written all it will write, and ends at once.

    Taking its modules apart costs half a second, and closing its threads now and then waits seconds for one that ended.
    """
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv[:] = ["ipykernel_launcher", *arguments]
        threading.Thread(target=_end_with_the_run, args=(alive,), daemon=True).start()
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance(argv=arguments)
    finally:
        os.killpg(0, signal.SIGKILL)  # and its workers, if it left any


def _end_with_the_run(alive: int) -> None:
    os.read(alive, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
