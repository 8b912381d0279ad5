"""Kernels forked from one process: warm, alone, with the surroundings they are given, gone when their run is."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from analysis.core.errors import StudyError
from analysis.pipeline.execution import execute
from analysis.pipeline.kernels import runtime_in


@pytest.fixture
def run(tmp_path: Path):
    """Runs cells in a kernel of their own; they leave what they found in the file ``out``."""

    def run(*cells: str, **surroundings: str) -> object:
        out = tmp_path / "out.json"
        out.unlink(missing_ok=True)
        first = f"import json, os, sys\nfound = None\nout = {str(out)!r}"
        codes = [first, *cells, "open(out, 'w').write(json.dumps(found))"]
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
        source = tmp_path / "source.ipynb"
        nbformat.write(book, source)
        with runtime_in(tmp_path):
            execute(source, tmp_path / "target.ipynb", {}, {"IPYTHONDIR": str(tmp_path / "ipython")} | surroundings, 60)
        return json.loads(out.read_text("utf-8"))

    return run


def test_a_kernel_has_imported_what_chapters_import_before_its_first_cell(run) -> None:
    first = ["pandas", "analysis.pipeline.prepare", "analysis.sources.zendesk_tickets"]
    every = [*first, "scipy.stats", "analysis.pipeline.estimates", "analysis.report.sections.tiles"]
    found = f"found = [name for name in {every} if name in sys.modules]"
    assert set(run(found)) >= set(first)  # what the first chapter needs; it does not wait for the rest
    deadline = time.monotonic() + 60
    while run(found) != every:
        assert time.monotonic() < deadline


def test_nothing_passes_from_one_kernel_to_the_next(run) -> None:
    left = "import builtins, numpy, pandas\nbuiltins.left = 1\nos.environ['LEFT'] = '1'\nnumpy.random.seed(1)"
    assert run(f"{left}\npandas.left = 1\nfound = os.getpid()")
    seen = "[hasattr(builtins, 'left'), 'LEFT' in os.environ, hasattr(pandas, 'left')]"
    assert run(f"import builtins, pandas\nfound = {seen}") == [False, False, False]


def test_a_kernel_sees_what_it_is_given_and_starts_as_a_fresh_interpreter_would(run) -> None:
    bare = [sys.executable, "-c", "print(hash('a donor'))"]
    expected = int(subprocess.check_output(bare, env=os.environ | {"PYTHONHASHSEED": "0"}))
    found = run("found = [hash('a donor'), os.environ['ONE'], os.environ['TZ'], __name__]", ONE="1")
    assert found == [expected, "1", "UTC", "__main__"]
    assert run("found = os.environ.get('ONE')") is None


def test_a_kernel_that_dies_is_told(run) -> None:
    with pytest.raises(StudyError, match="the kernel died"):
        run("os.kill(os.getpid(), 9)")


def test_kernels_end_with_the_run_that_started_them(tmp_path: Path) -> None:
    kernel = tmp_path / "kernel"
    cell = f"import os, time\nopen({str(kernel)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbformat.write(book, tmp_path / "source.ipynb")
    code = (
        "import sys; from pathlib import Path; from analysis.pipeline.execution import execute\n"
        "place = Path(sys.argv[1])\n"
        "execute(place / 'source.ipynb', place / 'target.ipynb', {}, {'IPYTHONDIR': str(place / 'ipython')}, 300)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], start_new_session=True)
    try:
        wait_for(lambda: kernel.is_file() and kernel.read_text("utf-8"))
        pid = int(kernel.read_text("utf-8"))
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_for(lambda: not alive(pid))
    finally:
        process.kill()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)
