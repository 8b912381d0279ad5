"""A report handed on: the crate names every file, the zip is the same twice, nothing changed or missing is packed."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from papermill.iorw import papermill_io

from analysis.core import artefacts
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline.crate import FILE, run_crate
from analysis.pipeline.provenance import output_hashes
from analysis.pipeline.sending import MANIFEST, send
from analysis.pipeline.sharing import pack, print_page, published

RECORD = {
    "command": "exit-study run demo",
    "inputs": {"contacts.csv": "ab" * 32, "case.yaml": "cd" * 32},
    "code_sha256": "ef" * 32,
    "fingerprint": "01" * 32,
    "versions": {"numpy": "2", "pandas": "3"},
}
CASE = {"title": "Demo <b>", "summary": "One page.", "data_status": "simulated"}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    reports = tmp_path / "reports" / "demo"
    artefacts.write_text(reports / "index.html", "<h1>Demo</h1><p>SIMULATED DATA</p>")
    artefacts.write_text(reports / "tables" / "effects.csv", "a\n1\n")
    artefacts.write_json(reports / FILE, run_crate(RECORD, output_hashes(reports), CASE))
    artefacts.write_json(reports / "manifest.json", {"outputs": output_hashes(reports)})
    return reports


def test_the_crate_describes_every_file_input_and_the_run(report: Path) -> None:
    graph = json.loads((report / FILE).read_text("utf-8"))["@graph"]
    entities = {item["@id"]: item for item in graph}
    assert len(entities) == len(graph)
    assert entities[FILE]["about"] == {"@id": "./"}
    assert {part["@id"] for part in entities["./"]["hasPart"]} == {"index.html", "tables/effects.csv"}
    assert entities["index.html"]["sha256"] == artefacts.sha256_file(report / "index.html")
    run = entities["#run"]
    assert [entities[item["@id"]]["name"] for item in run["object"]] == ["case.yaml", "contacts.csv"]
    assert entities[run["instrument"]["@id"]]["identifier"] == f"sha256:{RECORD['code_sha256']}"
    assert entities["./"]["description"].startswith("SIMULATED DATA")
    for item in graph:  # every reference leads somewhere inside, or is a profile on the web
        for value in item.values():
            for link in value if isinstance(value, list) else [value]:
                if isinstance(link, dict):
                    assert link["@id"] in entities or link["@id"].startswith("https://w3id.org/")


def test_packed_twice_it_is_the_same_and_whole(report: Path, tmp_path: Path) -> None:
    first, second = (pack(published("demo", tmp_path), tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as packed:
        assert sorted(packed.namelist()) == [
            f"demo/{name}" for name in ("index.html", "manifest.json", FILE, "tables/effects.csv")
        ]
        assert packed.read("demo/index.html") == (report / "index.html").read_bytes()


def test_what_was_changed_or_is_missing_is_not_packed(report: Path, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no report"):
        published("other", tmp_path)
    (report / "tables" / "effects.csv").write_text("a\n2\n")
    with pytest.raises(StudyError, match="not as the study left it"):
        published("demo", tmp_path)


def test_a_page_is_printed_or_the_last_print_stays(report: Path, tmp_path: Path, monkeypatch) -> None:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))):
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    target = print_page(report / "index.html", tmp_path / "demo.pdf")
    assert target.read_bytes().startswith(b"%PDF")
    before = target.read_bytes()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(StudyError, match="Chromium"):
        print_page(report / "index.html", target)
    assert target.read_bytes() == before


class Store:
    """An object store that takes only so many files."""

    def __init__(self, room: int) -> None:
        self.room, self.held = room, {}

    def write(self, text: str, path: str) -> None:
        if len(self.held) == self.room:
            raise PermissionError("no more")
        self.held[path] = text


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch):
    def of(room: int = 100) -> Store:
        made = Store(room)
        monkeypatch.setattr(papermill_io, "_handlers", [("memory://", made), *papermill_io._handlers])
        return made

    return of


def test_every_file_is_sent_and_the_manifest_last(report: Path, store) -> None:
    held, told = store().held, []
    assert send(report, "memory://bucket/demo/", lambda *item: told.append(item)) == 4
    names = [path.removeprefix("memory://bucket/demo/") for path in held]
    assert names[-1] == MANIFEST
    files = {file.relative_to(report).as_posix(): file.read_text("utf-8") for file in report.rglob("*.*")}
    assert dict(zip(names, held.values(), strict=True)) == files
    assert [state for _, state in told] == ["running", "done"] * 4


def test_a_store_that_refuses_is_named_with_the_file_and_the_manifest_stays_behind(report: Path, store) -> None:
    held = store(room=2).held
    with pytest.raises(StudyError, match=r"memory:// did not take the file: PermissionError: no more"):
        send(report, "memory://bucket", lambda *item: None)
    assert len(held) == 2
    assert not any(path.endswith(MANIFEST) for path in held)


@pytest.mark.parametrize("address", ["elsewhere", "/tmp/elsewhere", "https://example.org/x", "-", "ftp://x"])
def test_only_object_stores_are_sent_to(report: Path, address: str) -> None:
    with pytest.raises(CaseError, match=r"s3://"):
        send(report, address, lambda *item: None)
