"""What differs between two reports is named with its file, its key and by how much."""

import json
import shutil
from pathlib import Path

import pytest

from analysis.core import artefacts
from analysis.pipeline.acceptance import numbers_of, page_of
from analysis.pipeline.provenance import output_hashes
from analysis.pipeline.report_differences import by_file, moved, without_own_hashes


def write_manifest(folder: Path, code: str) -> None:
    digest = artefacts.sha256_bytes(code.encode())
    (folder / "index.html").write_text(f"<p>0.12</p>\n<p>{digest}</p>\n")
    record = {"case": "demo", "fingerprint": "f" * 64, "code_sha256": digest, "outputs": output_hashes(folder)}
    artefacts.write_json(folder / "manifest.json", record)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    (folder / "tables").mkdir(parents=True)
    (folder / "figures").mkdir()
    artefacts.write_json(folder / "results.json", {"effects.total.point": -0.2, "effects.total.label": "Total"})
    (folder / "tables" / "effects.csv").write_text("outcome,point\ntotal,-0.2\n")
    (folder / "figures" / "effects.svg").write_text("<svg>\n<path d='M0'/>\n</svg>\n")
    write_manifest(folder, "one")
    return folder


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old, tmp_path / "new"))


def test_equal_reports_have_nothing_to_tell(old: Path, new: Path) -> None:
    assert moved(old, new) == []
    assert without_own_hashes(old) == without_own_hashes(new)


def test_each_kind_of_file_says_what_differs_and_by_how_much(old: Path, new: Path) -> None:
    artefacts.write_json(new / "results.json", {"effects.total.point": -0.25, "effects.total.label": "Total"})
    (new / "tables" / "effects.csv").write_text("outcome,point\ntotal,-0.25\n")
    (new / "figures" / "effects.svg").write_text("<svg>\n<path d='M1'/>\n</svg>\n")
    (new / "more.txt").write_text("x")
    (new / "index.html").unlink()
    assert by_file(moved(old, new)) == [
        "figures/effects.svg: line 2: <path d='M0'/> -> <path d='M1'/>",
        "index.html: not remade",
        "more.txt: new in the rebuild",
        "results.json: effects.total.point: -0.2 -> -0.25 (-0.25 of it)",
        "tables/effects.csv: row 2, point: -0.2 -> -0.25 (-0.25 of it)",
    ]


def test_bytes_that_read_the_same_still_differ(old: Path, new: Path) -> None:
    (new / "results.json").write_text(json.dumps(artefacts.read_json(old / "results.json")))
    assert by_file(moved(old, new))[0].startswith("results.json: bytes: ")


def test_other_code_alone_is_no_other_report_and_one_digit_is(old: Path, new: Path) -> None:
    write_manifest(new, "two")
    assert moved(old, new)
    assert without_own_hashes(old) == without_own_hashes(new)
    page = new / "index.html"
    page.write_text(page.read_text().replace("0.12", "0.13"))
    differing = {name for name, digest in without_own_hashes(new).items() if without_own_hashes(old)[name] != digest}
    assert differing == {"index.html"}


def test_what_moved_is_shown_numbers_first_then_figures_side_by_side(old: Path, new: Path) -> None:
    artefacts.write_json(new / "results.json", {"effects.total.point": -0.25, "effects.total.label": "<b>Total</b>"})
    (new / "figures" / "effects.svg").write_text("<svg/>")
    found = moved(old, new)
    page = page_of("What moved in demo", found, old, new)
    assert [item.key for item in numbers_of(found)] == ["effects.total.point", "effects.total.label"]
    assert page.index("effects.total.point") < page.index("figures/effects.svg")
    assert page.count("<img") == 2
    assert "<b>Total</b>" not in page
    assert "<svg" not in page
