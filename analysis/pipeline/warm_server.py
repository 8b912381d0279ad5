"""The process that kernels are forked from: `python -m analysis.pipeline.warm_server SOCKET ALIVE`, two open files.

It imports, then forks a kernel for each request on SOCKET (a length, a pipe's writing end for the kernel to hold, and
JSON with arguments, environment, folder) and answers with its process id, until SOCKET is closed. ALIVE is a pipe's
reading end that ends with the run: a kernel whose run was killed ends then, and takes its own workers along.
"""

import gc
import json
import os
import signal
import socket
import sys
import threading


def main() -> None:
    from analysis.pipeline import warm_imports  # noqa: F401  for what it imports

    asked, alive = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    gc.collect()
    gc.freeze()  # what is imported stays: no kernel looks through it again
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels here: their pipes tell
    while True:
        head, held, *_ = socket.recv_fds(asked, 4, 1)
        if not head:
            return
        body = b""
        while len(body) < int.from_bytes(head, "big"):
            body += asked.recv(1 << 16)
        pid = os.fork()
        if pid == 0:
            asked.close()
            _become_kernel(**json.loads(body), alive=alive)
        asked.sendall(str(pid).encode())
        os.close(held[0])


def _become_kernel(arguments: list[str], environment: dict[str, str], folder: str, alive: int) -> None:
    """Never returns. The pipe that came with the request stays open until this process ends.

    A kernel told to stop has written all it will write. It ends at once: taking its modules apart costs half a second,
    and its closing of threads waits seconds for one that has ended now and then.
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
