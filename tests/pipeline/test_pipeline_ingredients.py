"""What a chapter is made from is found in the code, and what changed is said in words."""

import ast
import shutil
from pathlib import Path

import nbformat
import pytest

from analysis.core import paths
from analysis.pipeline import ingredients as found
from analysis.pipeline.chain import cells_of
from analysis.pipeline.ingredients import RECORD, changes, files_behind, ingredients


def behind(name: str) -> set[str]:
    return set(files_behind(paths.NOTEBOOKS / f"{name}.ipynb"))


def test_a_chapter_stands_on_what_it_imports_and_on_nothing_else() -> None:
    prepare = behind("01_prepare")
    assert {"analysis/pipeline/prepare.py", "analysis/core/case.py", "analysis/__init__.py"} <= prepare
    assert not any(name.startswith(("analysis/report/", "analysis/figures/", "analysis/checks/")) for name in prepare)
    assert "analysis/pipeline/runner.py" not in behind("08_report")


def test_modules_found_by_walking_and_templates_count_too() -> None:
    readers = {f"analysis/sources/{path.name}" for path in (paths.PROJECT / "analysis/sources").glob("*.py")}
    assert readers <= behind("01_prepare")
    report = behind("08_report")
    assert {"analysis/report/templates/style.css", "analysis/report/sections/tiles.py"} <= report
    for package in ("figures", "report/sections"):
        modules = {f"analysis/{package}/{path.name}" for path in (paths.PROJECT / "analysis" / package).glob("*.py")}
        assert modules <= report
    checks = {f"analysis/checks/{path.name}" for path in (paths.PROJECT / "analysis/checks").glob("*.py")}
    assert checks <= behind("07_challenge")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of three modules, one of them imported inside a function, and a notebook."""
    for name, text in {
        "__init__.py": "",
        "core/__init__.py": "",
        "core/one.py": "def late():\n    from analysis.core import two\n    return two\n",
        "core/two.py": "import json\n",
        "core/three.py": "",
    }.items():
        file = tmp_path / "analysis" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for name in ("requirements.lock", "matplotlibrc"):
        (tmp_path / name).write_text("as locked")
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    monkeypatch.setattr(paths, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(paths, "MATPLOTLIBRC", tmp_path / "matplotlibrc")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("from analysis.core.one import late")])
    nbformat.write(book, tmp_path / "01.ipynb")
    found._imported.cache_clear()
    yield tmp_path
    found._imported.cache_clear()


def test_each_kind_of_change_is_seen_and_named(project: Path) -> None:
    notebook = project / "01.ipynb"

    def now(level: float = 0.95, contacts: str = "a", effects: str = "b", record: str = "c") -> dict[str, str]:
        return ingredients(notebook, {"level": level}, {"contacts.csv": contacts}, {"effects.csv": effects}, record)

    first = now()
    assert changes(first, now()) == []
    assert changes(first, now(level=0.9)) == ["parameter level: 0.95 -> 0.9"]
    assert changes(first, now(contacts="x")) == ["input contacts.csv changed"]
    assert changes(first, now(effects="x")) == ["from earlier chapters, effects.csv changed"]
    assert changes(first, now(record="x")) == [f"{RECORD} changed"]
    assert changes(first, now(contacts="x", record="x")) == ["input contacts.csv changed"]
    assert changes(now(record=""), first) == [f"{RECORD} is new"]
    (project / "analysis/core/three.py").write_text("x = 1\n")
    assert changes(first, now()) == []  # nobody imports it
    (project / "analysis/core/two.py").write_text("import os\n")
    assert changes(first, now()) == ["core/two.py changed"]
    shutil.copy(project / "analysis/core/three.py", project / "analysis/core/style.css")
    (project / "requirements.lock").write_text("other")
    assert changes(first, now()) == ["core/style.css is new", "core/two.py changed", "requirements.lock changed"]


def parsed(code: str) -> tuple[set[Path], bool]:
    """What the parser says that a module imports, and whether it walks."""
    names: list[str] = []
    walks = False
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            walks |= isinstance(node.func, ast.Name) and node.func.id == "discover"
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    places = [paths.PROJECT.joinpath(*name.split(".")) for name in names if name.split(".")[0] == found.PACKAGE]
    files = {file for place in places for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()}
    return files, walks


def test_reading_imports_from_the_text_misses_nothing_that_the_parser_finds() -> None:
    odd = (
        "import json, analysis.core.case as case; from analysis.core import paths\n"
        "if True: from analysis.core import (  # a comment (with brackets)\n    errors as wrong,\n    seeds,\n)\n"
        "from analysis.core.discovery import \\\n    pick\nfound = {'#id': discover \\\n (checks)}\n"
        "mark = '#'; import analysis.core.panel\nif mark == '#': from analysis.core import frozen  # it's one\n"
        "from analysis.core \\\n import case_loading\nfrom \\\n analysis.core.windows import Windows\n\f\nimport json\n"
        "said = '''\nfrom analysis import ('''; import analysis.core.store\n"
    )
    codes = [path.read_text("utf-8") for path in (paths.PROJECT / "analysis").rglob("*.py")]
    assert len(parsed(odd)[0]) == 11
    cells = ["\n".join(cells_of(path, "code")) for path in paths.NOTEBOOKS.glob("*.ipynb")]
    for code in [odd, *codes, *cells]:
        files, walks = parsed(code)
        read, read_walks = found._imported(code)
        assert files <= set(read)
        assert walks <= read_walks
