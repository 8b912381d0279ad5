"""The process that kernels are forked from; `-m analysis.pipeline.warm_server ASKED ANSWERED ALIVE`, three pipes.

It imports, then forks a kernel for each line read from ASKED (JSON with arguments, environment, folder) and writes its
process id to ANSWERED, until ASKED ends. ALIVE ends with the run, and nothing is ever written to it: a kernel whose run
was killed ends then, and takes its own workers along.
"""

import gc
import json
import os
import signal
import sys
import threading


def main() -> None:
    from analysis.pipeline import warm_imports  # noqa: F401  for what it imports

    asked, answered, alive = (int(number) for number in sys.argv[1:])
    gc.collect()
    gc.freeze()  # what is imported stays: no kernel looks through it again
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels here: when they end they are gone
    with open(asked) as requests:
        for line in iter(requests.readline, ""):
            pid = os.fork()
            if pid == 0:
                requests.close()
                os.close(answered)
                _become_kernel(**json.loads(line), alive=alive)
            os.write(answered, str(pid).encode())


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
