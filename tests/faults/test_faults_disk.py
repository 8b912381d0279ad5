"""A disk that is full, a place that cannot be written, a second run at once: said, and the last report stays whole."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from fault_tools import LEVEL, assert_whole, small_disk

pytestmark = pytest.mark.study
OTHER_LEVEL = ("--parameter", f"{LEVEL}=0.9")


def size_of(folder: Path) -> int:
    return sum(item.stat().st_size + 4096 for item in folder.rglob("*"))


@pytest.fixture
def on_a_small_disk(project, tmp_path: Path):
    """The project's products on a disk with room for what is there and little more."""
    with small_disk(tmp_path / "disk", size_of(project.root) + 16_000_000) as disk:
        shutil.copytree(project.root, disk / "published")
        yield replace(project, root=disk / "published")


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all of the disk but so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        room = shutil.disk_usage(disk).free - leave
        os.posix_fallocate(stream.fileno(), 0, room)
    return ballast


@pytest.mark.parametrize("leave", [0, 400_000, pytest.param(2_500_000, marks=pytest.mark.slow)])
def test_a_full_disk_is_said_and_a_rerun_finishes(on_a_small_disk, leave: int) -> None:
    project = on_a_small_disk
    before = project.hashes()
    ballast = fill(project.root.parent, leave)
    done = project.run(*OTHER_LEVEL)
    assert done.returncode == 1, done.stdout
    assert "no space left to write" in done.stderr, done.stderr
    assert "free the disk, then run it again" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.hashes() == before
    assert_whole(project.reports)
    assert not list((project.root / "data" / "processed").glob(".building-*/*"))
    ballast.unlink()
    if leave:
        again = project.run(*OTHER_LEVEL)
        assert again.returncode == 0, again.stderr
        assert "01_prepare kept" in again.stdout
        assert_whole(project.reports)


def test_a_folder_that_cannot_be_written_is_said(on_a_small_disk) -> None:
    project = on_a_small_disk
    before = project.hashes()
    disk = str(project.root.parent)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    done = project.run(*OTHER_LEVEL)
    assert done.returncode == 1
    assert "cannot write here: Read-only file system" in done.stderr, done.stderr
    assert "make it a folder that can be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.hashes() == before
    assert "Nothing changed" in project.run().stdout  # what is there can still be asked for


def test_a_second_run_at_once_is_turned_away(project) -> None:
    first = subprocess.Popen(
        project.arguments(*OTHER_LEVEL), cwd=project.code, env=project.environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        assert "01_prepare kept" in first.stdout.readline()
        second = project.run("--parameter", f"{LEVEL}=0.8")
        said, _ = first.communicate()
    finally:
        first.kill()
    assert second.returncode == 1
    assert 'another run of "my-brand" is under way' in second.stderr
    assert f"process {first.pid}" in second.stderr
    assert "the last report is untouched" in second.stderr
    assert first.returncode == 0
    assert "03_engagement done" in said
    assert_whole(project.reports)
