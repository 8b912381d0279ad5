"""What is kept of a chapter is taken when it is whole and made from the same, and never otherwise."""

import errno
import shutil
from pathlib import Path

import pytest

from analysis.pipeline import chapter_cache as cache

MADE_FROM = {"notebook 01.ipynb": "a", "parameter level": "0.95"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "one.csv").write_text("1\n")
    (folder / "two.html").write_text("<p>2</p>")
    return folder


def kept(place: Path, built: Path, made_from: dict[str, str] = MADE_FROM, carried: tuple = ()) -> None:
    cache.keep(place, made_from, built, cache.hashes_of(built), carried)


def test_what_is_kept_is_found_by_what_it_was_made_from(tmp_path: Path, built: Path) -> None:
    kept(tmp_path / "shelf", built)
    entry = cache.find(tmp_path / "shelf", MADE_FROM, "")
    assert cache.hashes_of(entry.files) == cache.hashes_of(built) == entry.made
    assert cache.find(tmp_path / "shelf", MADE_FROM | {"parameter level": "0.9"}, "") is None


def _cut_short(entry: Path) -> None:
    (entry / "files" / "data" / "one.csv").write_text("")


def _lost(entry: Path) -> None:
    (entry / "files" / "two.html").unlink()


def _more(entry: Path) -> None:
    (entry / "files" / "three.html").write_text("planted")


def _no_record(entry: Path) -> None:
    (entry / "entry.json").write_text('{"made": ')


@pytest.mark.parametrize("damage", [_cut_short, _lost, _more, _no_record])
def test_a_damaged_entry_is_not_taken_and_is_replaced(tmp_path: Path, built: Path, damage) -> None:
    place = tmp_path / "shelf"
    kept(place, built)
    damage(next(place.iterdir()))
    assert cache.find(place, MADE_FROM, "") is None
    kept(place, built)
    assert cache.find(place, MADE_FROM, "") is not None


def test_only_the_last_ones_are_kept(tmp_path: Path, built: Path) -> None:
    place = tmp_path / "shelf"
    several = [MADE_FROM | {"parameter level": str(level)} for level in (1, 2, 3)]
    kept(place, built, several[0])
    kept(place, built, several[1])
    assert cache.find(place, several[0], "")  # used again, so it is no longer the oldest
    (place / ".cut.part").mkdir()  # a killed run's
    kept(place, built, several[2])
    assert [bool(cache.find(place, item, "")) for item in several] == [True, False, True]
    assert len(list(place.iterdir())) == cache.KEPT


def test_what_is_carried_on_fits_as_it_was_before_and_after(tmp_path: Path, built: Path) -> None:
    kept(tmp_path / "shelf", built, carried=("", "first"))
    fits = {state: bool(cache.find(tmp_path / "shelf", MADE_FROM, state)) for state in ("", "first", "other")}
    assert fits == {"": True, "first": True, "other": False}


def test_a_full_disk_leaves_no_half_entry(tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    kept(tmp_path / "shelf", built)
    assert list((tmp_path / "shelf").iterdir()) == []
