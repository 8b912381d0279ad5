"""A kernel that dies, a cell that never ends, no memory: named with cell and cure, and the report is untouched."""

import json

import pytest
from fault_tools import LEVEL, assert_whole

pytestmark = pytest.mark.study
NOTEBOOK, CELL = "03_engagement", "imports"
FAULTS = {
    "a dead kernel": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
        (),
        ["the kernel died", "close other programs or use --jobs 1", "run it again"],
    ),
    "a cell that never ends": (
        "import time\ntime.sleep(600)\n",
        ("--cell-seconds", "3"),
        ["the cell did not end in 3 s", "see what that cell waits for", "--cell-seconds 12"],
    ),
    "no memory left": (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))\nmuch = bytearray(1 << 32)\n",
        (),
        ["there is not enough memory", "close other programs or use --jobs 1", "run it again"],
    ),
}


def put_before(project, code: str) -> None:
    """Put code at the beginning of the cell."""
    path = project.code / "notebooks" / f"{NOTEBOOK}.ipynb"
    book = json.loads(path.read_text("utf-8"))
    cell = next(item for item in book["cells"] if item["id"] == CELL)
    cell["source"] = [code, *cell["source"]]
    path.write_text(json.dumps(book), "utf-8")


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_said_where_and_what_to_do(project, fault: str) -> None:
    code, options, said = FAULTS[fault]
    before = project.hashes()
    put_before(project, code)
    done = project.run("--parameter", f"{LEVEL}=0.9", *options)
    assert done.returncode == 1
    assert f"notebook {NOTEBOOK}.ipynb, cell {CELL}" in done.stderr, done.stderr
    for words in [*said, "the last report is untouched"]:
        assert words in done.stderr, done.stderr
    assert done.stderr.count("\n") == 3, done.stderr  # the error, where, what to do
    assert project.hashes() == before
    assert_whole(project.reports)


@pytest.mark.slow
def test_after_a_dead_kernel_a_rerun_goes_on_from_there(project) -> None:
    put_before(project, FAULTS["a dead kernel"][0])
    assert project.run().returncode == 1
    put_before(project, "import os\nos.kill = print\n")
    again = project.run("--explain")
    assert again.returncode == 0, again.stderr
    assert "02_design kept" in again.stdout
    assert f"{NOTEBOOK}: run, notebook {NOTEBOOK}.ipynb changed" in again.stdout
    assert_whole(project.reports)
