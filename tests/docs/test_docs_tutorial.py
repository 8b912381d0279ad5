"""The tutorial as its reader runs it: every command in order, to the report, with the output that the page shows."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from bs4 import BeautifulSoup
from documents import EXECUTED, ROOT, STUDY, Block, blocks, commands, running_text

from analysis.core import artefacts

EXAMPLE = ROOT / "docs" / "example"
MINUTES = 10


def run(words: list[str], folder) -> subprocess.CompletedProcess:
    own = [sys.executable, "-m", "analysis", *words[1:]] if words[0] in STUDY else words
    environment = os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1"}
    return subprocess.run(own, cwd=folder, env=environment, capture_output=True, text=True, timeout=60 * MINUTES)


def missing_lines(shown: Block, printed: str) -> list[str]:
    """Lines that the page shows and the command did not print, or not in this order."""
    rest, missing = [line.strip() for line in printed.splitlines()], []
    for line in filter(None, map(str.strip, shown.text.splitlines())):
        if line in rest:
            rest = rest[rest.index(line) + 1 :]
        else:
            missing.append(line)
    return missing


@pytest.mark.study
def test_the_tutorial_runs_from_exports_to_a_shared_report(tmp_path, copy_code):
    folder = copy_code(tmp_path / "project")
    shutil.copytree(EXAMPLE, folder / "docs" / "example")
    printed, shown = "", 0
    for block in blocks(EXECUTED):
        if block.kind == "sh":
            printed = ""
            for command in commands(block):
                done = run(command.words, folder)
                assert done.returncode == command.ends_with, f"{command.text}\n{done.stdout}{done.stderr}"
                printed += done.stdout + done.stderr
        elif block.kind == "text":
            assert missing_lines(block, printed) == [], f"line {block.line}"
            shown += 1
    assert shown > 6
    page = plain((folder / "reports" / "my-case" / "index.html").read_text("utf-8"))
    assert [said for said in quoted() if said not in page] == []
    assert "SIMULATED DATA" in page
    with zipfile.ZipFile(folder / "my-case.zip") as packed:
        assert "my-case/index.html" in packed.namelist()


def plain(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text().split())


def quoted() -> list[str]:
    """What the tutorial quotes of the page."""
    quotes = re.findall(r"(?:^> .+\n)+", running_text(EXECUTED), flags=re.MULTILINE)
    return [" ".join(text.replace("\n> ", " ").removeprefix("> ").split()) for text in quotes]


def test_shown_output_that_was_not_printed_is_found():
    block = Block(EXECUTED, 1, "text", "one\n  three\ntwo\n")
    assert missing_lines(block, "one\ntwo\nthree\n") == ["two"]
    assert len(quoted()) == 2


def test_what_the_tutorial_shows_of_the_case_is_in_the_case():
    case = (EXAMPLE / "case.yaml").read_text("utf-8")
    shown = [block.text for block in blocks(EXECUTED) if block.kind == "yaml"]
    assert shown
    assert [text for text in shown if text not in case] == []


def test_the_invented_exports_are_what_their_program_makes():
    spec = importlib.util.spec_from_file_location("tutorial_exports", EXAMPLE / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.exports()
    assert made == {name: (EXAMPLE / name).read_text("utf-8") for name in made}
    assert len(made) == len(list(EXAMPLE.rglob("*.csv")))
    assert artefacts.canonical_json(module.truth()) == (EXAMPLE / "truth.json").read_text("utf-8")
