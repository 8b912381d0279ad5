"""A report is replaced whole or not at all."""

import multiprocessing
import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.pipeline.publication import building_site, private_prefix, private_sockets, publish


def build(site: Path, text: str) -> None:
    layout = Layout.under(site, "demo")
    for folder in (layout.processed, layout.reports):
        folder.mkdir(parents=True)
        (folder / "page").write_text(text)


def published(root: Path) -> list[str]:
    layout = Layout.under(root, "demo")
    return [(folder / "page").read_text() for folder in (layout.processed, layout.reports)]


def test_a_run_replaces_the_last_whole(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with building_site(tmp_path, "demo") as site:
            build(site, text)
            publish(site, tmp_path, "demo")
        assert published(tmp_path) == [text, text]
    assert [item.name for item in (tmp_path / "reports").iterdir()] == ["demo"]


def test_a_failed_run_leaves_the_last_and_no_litter(tmp_path: Path) -> None:
    with building_site(tmp_path, "demo") as site:
        build(site, "one")
        publish(site, tmp_path, "demo")

    def fail() -> None:
        with building_site(tmp_path, "demo") as site:
            build(site, "two")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert published(tmp_path) == ["one", "one"]
    assert not (tmp_path / "data" / "processed" / ".building-demo").exists()


def _hold(root: str, ready: object) -> None:
    with building_site(Path(root), "demo") as site:
        build(site, "half")
        ready.set()
        time.sleep(60)


def test_a_killed_run_leaves_the_last_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    with building_site(tmp_path, "demo") as site:
        build(site, "one")
        publish(site, tmp_path, "demo")
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(str(tmp_path), ready))
    process.start()
    try:
        assert ready.wait(60)
        with pytest.raises(StudyError, match="another run"), building_site(tmp_path, "demo"):
            pass
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert published(tmp_path) == ["one", "one"]
    with building_site(tmp_path, "demo") as site:
        assert list(site.iterdir()) == []
        build(site, "two")
        publish(site, tmp_path, "demo")
    assert published(tmp_path) == ["two", "two"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(StudyError, match="cannot write"), building_site(tmp_path, "demo"):
        pass


def test_sockets_are_removed_and_those_of_a_killed_run_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stale = tmp_path / f"{private_prefix(tmp_path, 'demo')}killed"
    other = tmp_path / f"{private_prefix(tmp_path, 'other')}running"
    for folder in (stale, other):
        folder.mkdir()

    def interrupted() -> None:
        with private_sockets(tmp_path, "demo") as folder:
            assert folder.is_dir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [item.name for item in tmp_path.iterdir()] == [other.name]
