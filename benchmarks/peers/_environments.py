"""A virtual environment for each peer, made on demand from its pinned requirements; the peer's run inside it."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from analysis.core import paths
from benchmarks.peers._registry import Peer

HERE = Path(__file__).resolve().parent
ROOT = paths.PROJECT / ".venv-peers"
RESULTS = ROOT / "results"
INSTALL_SECONDS, RUN_SECONDS = 400, 240
READY = ".ready"
REASON = 240  # characters of a reason that are kept
ONE_THREAD = (
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotRun:
    reason: str


def folder() -> Path:
    """The folder of all environments and results, ignored by git through a file of its own."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    (ROOT / ".gitignore").write_text("*\n", "utf-8")
    return ROOT


def requirements(peer: Peer) -> Path | None:
    file = HERE / f"{peer.name}.txt"
    return file if file.is_file() else None


def interpreter(peer: Peer, *, install_seconds: float = INSTALL_SECONDS) -> Path | NotRun:
    """The Python that runs the peer, its environment made if need be; or why there is none."""
    file = requirements(peer)
    if file is None:
        return Path(sys.executable)
    home = folder() / peer.name
    python = home / "bin" / "python"
    key = hashlib.sha256(file.read_bytes()).hexdigest()
    if (home / READY).is_file() and (home / READY).read_text("utf-8") == key:
        return python
    shutil.rmtree(home, ignore_errors=True)
    try:
        venv.create(home, with_pip=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
        install = [*pip, "install", "-qq", "--no-deps", "-r", file]
        subprocess.run(install, check=True, capture_output=True, text=True, timeout=install_seconds)
    except subprocess.TimeoutExpired:
        return NotRun(f"its installation took longer than {install_seconds:.0f} s")
    except subprocess.CalledProcessError as error:
        return NotRun(f"it could not be installed: {_last(str(error.stderr or error))}")
    (home / READY).write_text(key, "utf-8")
    return python


def run(peer: Peer, python: Path, series: Path, results: Path, *, seconds: float = RUN_SECONDS) -> NotRun | None:
    """Adds to ``results`` what is missing of ``series``; what was finished in time stays when time runs out."""
    command = [python, "-P", HERE / "_driver.py", HERE / f"{peer.name}.py", series, results, *peer.distributions]
    inherited = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    environment = inherited | dict.fromkeys(ONE_THREAD, "1") | {
        "MPLBACKEND": "Agg", "CUDA_VISIBLE_DEVICES": "-1", "PYTENSOR_FLAGS": f"base_compiledir={ROOT / 'pytensor'}",
    }  # fmt: skip
    log = results.with_suffix(".log")
    with log.open("w", encoding="utf-8") as sink:
        started = subprocess.Popen(
            command, stdout=sink, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
        try:
            code = started.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return NotRun(f"no series was finished in {seconds:.0f} s")
        finally:
            if started.poll() is None:
                os.killpg(started.pid, signal.SIGKILL)  # with the workers that the peer may have started
                started.wait()
    if code:
        return NotRun(f"it stopped with: {_last(log.read_text('utf-8', errors='replace'))}")
    return None


def _last(text: str) -> str:
    """The last line that says something, without paths of this machine."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and "WARNING" not in line]
    return (lines[-1] if lines else "nothing printed").replace(str(paths.PROJECT), "")[:REASON]
