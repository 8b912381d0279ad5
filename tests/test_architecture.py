"""The architecture is tested, not advised: layers, module size, the inventory, the versions, the notebooks."""

import ast
import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from analysis.core import paths

ROOT = paths.PROJECT
MODULES = sorted((ROOT / "analysis").rglob("*.py"))
LINES = 300

# Each layer may import itself and what stands below it.
LAYERS = [
    {"core"},
    {"sources", "simulate"},
    {"inference"},
    {"estimators"},
    {"checks", "service"},
    {"figures"},
    {"report"},
    {"pipeline"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def layer_of(module: Path) -> str:
    parts = module.relative_to(ROOT / "analysis").parts
    return parts[0].removesuffix(".py")


def imported_layers(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "analysis":
                names = [f"analysis.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("analysis.")}
    return found


def upward(module_layer: str, source: str) -> set[str]:
    """Layers that a module of this layer imports and may not."""
    return {
        other
        for other in imported_layers(source)
        if other in RANK and other != module_layer and not RANK[other] < RANK[module_layer]
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_only(module: Path) -> None:
    if module == ROOT / "analysis" / "__init__.py":
        return  # the public interface: it may import everything below the pipeline
    assert upward(layer_of(module), module.read_text("utf-8")) == set()


def test_the_layer_rule_can_fail() -> None:
    assert upward("core", "from analysis.report.build import build_report") == {"report"}
    assert upward("sources", "from analysis.simulate import truth") == {"simulate"}
    assert upward("figures", "from analysis.core.store import Store") == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_small(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LINES


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_inventory_of_the_architecture_is_the_code() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert tool("architecture").rewritten(text) == text, "run `make inventory`"


def test_environment_and_lock_carry_the_same_versions() -> None:
    environment = tool("environment")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = environment.locked_versions((ROOT / "requirements.lock").read_text("utf-8"))
    assert (ROOT / "environment.yml").read_text("utf-8") == environment.environment_text(project, versions)


def test_the_lock_has_a_hash_for_everything_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = re.findall(r"^[\w.-]+==\S+ \\$", text, flags=re.MULTILINE)
    assert len(pinned) > 50
    assert len(re.findall(r"^[\w.-]+==\S+", text, flags=re.MULTILINE)) == len(pinned)
    assert "://" not in text
    assert "index-url" not in text
    assert "find-links" not in text


def test_every_dependency_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    runs_without_import = {"ipykernel", "jupyterlab", "tzdata", "pyarrow"}  # kernel, lab, zone data, parquet engine
    renamed = {"pyyaml": "yaml", "font-source-sans-pro": "font_source_sans_pro"}
    code = "\n".join(path.read_text("utf-8") for path in MODULES)
    for name in set(project["dependencies"]) - runs_without_import:
        assert re.search(rf"^\s*(import|from) {renamed.get(name, name)}\b", code, flags=re.MULTILINE), name


@pytest.mark.parametrize("path", sorted(paths.NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_are_thin(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert [cell.id for cell in book.cells if re.fullmatch(r"[0-9a-f]{8}", cell.id)] == [], "name every cell"
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        assert not cell.outputs
        assert cell.execution_count is None
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(
                node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.Lambda | ast.ListComp
            )
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in book.cells) == 1


def test_only_the_truth_annex_reads_the_truth() -> None:
    """The sealed truth is read by one module, which one pipeline step and one notebook use."""
    users = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if "simulate.truth" in path.read_text("utf-8") and "simulate" not in path.relative_to(ROOT / "analysis").parts
    }
    assert users == {"analysis/pipeline/truth.py"}
    naming = {path.name for path in paths.NOTEBOOKS.glob("*.ipynb") if "truth_annex" in path.read_text("utf-8")}
    assert naming == {"91_truth.ipynb"}
    literal = {str(path.relative_to(ROOT)) for path in MODULES if '"truth.json"' in path.read_text("utf-8")}
    assert literal == {"analysis/core/paths.py"}


def test_the_readme_shows_the_table_last_measured() -> None:
    measured = (ROOT / "benchmarks" / "real_nulls.md").read_text("utf-8")
    table = "\n".join(line for line in measured.splitlines() if line.startswith("|"))
    assert table in (ROOT / "README.md").read_text("utf-8")


def test_links_between_the_documents_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8")):
            assert (ROOT / link).exists(), f"{name}: {link}"


def test_make_alone_prints_help() -> None:
    printed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "make report" in printed
    assert "make test" in printed


def test_nothing_tracked_names_a_machine_or_a_registry() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    pattern = "py[p]i\\.o[r]g|python[h]osted|npm[j]s\\.|deb[.]d[e]bian|(^|[^A-Za-z0-9_.])/(w[o]rk|f[a]rm|r[o]ot)/"
    found = subprocess.run(["git", "grep", "-nIE", pattern, "--", "."], cwd=ROOT, capture_output=True, text=True)
    assert found.stdout == ""
