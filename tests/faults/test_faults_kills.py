"""Killed at any moment: never a broken or mixed report, and the next run goes on from where the killed one was."""

import os
import random
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from fault_tools import LEVEL, assert_whole, processes_writing_to

from analysis.pipeline.publication import private_prefix

pytestmark = pytest.mark.study
SECONDS_TO_END = 300  # by then a run hangs: kernels notice long before that their run is gone, on a busy machine too


def chapters(said: str, state: str) -> set[str]:
    return set(re.findall(rf"(\w+) {state}\b", said))


def killed_after(project, seconds: float, *arguments: str) -> tuple[int, str]:
    """Start a run, kill its process group after so long; returns how it ended and what it had said."""
    process = subprocess.Popen(
        project.arguments(*arguments),
        cwd=project.code,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate(timeout=SECONDS_TO_END)
    return process.returncode, said


def wait_for_kernels_to_end(root: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_END
    while processes_writing_to(root):
        assert time.monotonic() < deadline, "a kernel outlives its run"
        time.sleep(0.1)


def kill_at_random(project, kills: int, seed: int) -> None:
    moments = random.Random(seed)
    whole = {assert_whole(project.reports)}
    killed, level, ended = 0, 0.95, set()
    while killed < kills:
        if not ended:  # the report is up to date: give the next run something to do
            level = round(level - 0.001, 3)
        code, said = killed_after(project, moments.uniform(0.3, project.seconds), "--parameter", f"{LEVEL}={level}")
        assert not ended & chapters(said, "done"), "done before the kill, and done again"
        whole.add(assert_whole(project.reports))
        assert len(whole) <= 2, "neither the old report nor the new one"
        killed += code == -signal.SIGKILL
        ended |= chapters(said, "done") | chapters(said, "kept")
        if code == 0:
            ended, whole = set(), {assert_whole(project.reports)}
    wait_for_kernels_to_end(project.root)
    done = project.run("--parameter", f"{LEVEL}={level}")
    assert done.returncode == 0, done.stderr
    assert not ended & chapters(done.stdout, "done")
    assert assert_whole(project.reports) not in whole or "Nothing changed" in done.stdout
    assert not list((project.root / "data" / "processed").glob(".building-*"))


def test_a_few_kills_at_random_moments(project) -> None:
    kill_at_random(project, kills=3, seed=20190603)


@pytest.mark.slow
def test_twenty_kills_at_random_moments(project) -> None:
    kill_at_random(project, kills=20, seed=20190604)


def _heed_interrupts() -> None:
    """A shell that runs the tests in the background has told its children to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("wait_for", ["01_prepare done", "02_design done"])
def test_an_interrupted_run_says_so_and_leaves_the_last_report(project, wait_for: str) -> None:
    before = project.hashes()
    process = subprocess.Popen(
        project.arguments("--force"),
        cwd=project.code,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
    )
    try:
        line = ""
        while wait_for not in line:
            line = process.stdout.readline()
            assert line or process.poll() is None, process.stderr.read()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS_TO_END)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert said.strip() == "Interrupted. The last report is untouched."
    assert project.hashes() == before
    sockets = private_prefix(project.root.resolve(), project.reports.name)
    assert not list(Path(tempfile.gettempdir()).glob(f"{sockets}*"))
