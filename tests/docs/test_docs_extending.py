"""What docs/extending.md shows is written into a copy of the project, held to the contracts there, and run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT, Block, blocks

PAGE = ROOT / "docs" / "extending.md"
PLACE = re.compile(r"# ((?:analysis|tests)/[\w/]+\.py)(?:, below: (.+))?")
PACKAGES = [f"analysis/{name}" for name in ("sources", "estimators", "checks", "figures", "report/sections")]
MINUTES = 10


def placed(block: Block) -> tuple[str, str | None, str]:
    """The file, the line it goes below (None: a file of its own), and the code."""
    head, _, code = block.text.partition("\n")
    place = PLACE.fullmatch(head)
    assert place, f"line {block.line}: the first line names no file"
    return place[1], place[2], code


def write(root: Path) -> list[str]:
    """Every snippet of the page in its place; returns the new files."""
    new = []
    for block in blocks(PAGE):
        if block.kind != "python":
            continue
        name, below, code = placed(block)
        file = root / name
        if below is None:
            assert not file.exists(), name
            file.write_text(code, "utf-8")
            new.append(name)
            continue
        text = file.read_text("utf-8")
        assert text.count(f"\n{below}\n") == 1, f'{name} has no single line "{below}"'
        file.write_text(text.replace(f"\n{below}\n", f"\n{below}\n{code}"), "utf-8")
    return new


@pytest.fixture(scope="module")
def extended(tmp_path_factory, copy_code) -> tuple[Path, list[str]]:
    root = copy_code(tmp_path_factory.mktemp("extended"))
    shutil.copytree(ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root, write(root)


def python(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True,
        text=True, timeout=60 * MINUTES,
    )  # fmt: skip


def test_the_page_has_one_example_of_each_kind(extended):
    _, new = extended
    assert sorted(str(Path(name).parent) for name in new if name.startswith("analysis")) == sorted(PACKAGES)
    tested = {re.sub(r"^test_[a-z]+_", "", Path(name).stem) for name in new if name.startswith("tests")}
    assert tested == {Path(name).stem for name in new if name.startswith("analysis")} - {"two_bars"}


def test_the_examples_keep_the_house_style(extended):
    root, new = extended
    done = python(root, "ruff", "check", *new)
    assert done.returncode == 0, done.stdout


def test_the_examples_keep_the_contracts_and_pass_their_tests(extended):
    root, new = extended
    own = [name for name in new if name.startswith("tests")]
    stems = " or ".join(Path(name).stem for name in new if name.startswith("analysis"))
    folders = ("tests/contract", "tests/figures/test_figures_drawing.py", "tests/report/test_report_languages.py",
               "tests/sources/test_source_vocabulary.py")  # fmt: skip
    chosen = f"{stems} or (every_check_runs and interrupted) or every_label or assumptions_of or every_figure_is_tried"
    for asked in (own, [*folders, "-k", chosen]):
        done = python(root, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *asked)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_study_shows_what_was_added(extended, small_case, tmp_path):
    root, _ = extended
    done = python(root, "analysis", "run", str(small_case), "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "reports" / small_case.name / "index.html").read_text("utf-8")
    assert "Expected and observed, in plain means" in page
    assert "Periods after the event" in page
