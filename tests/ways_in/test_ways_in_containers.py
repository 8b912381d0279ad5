"""The ways into the repository: hooks before a commit, the dev container, Binder, JupyterLab from environment.yml."""

import json
import os
import re
import shlex
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from analysis.core import paths

ROOT = paths.PROJECT
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_hooks_call_what_is_there(hook: dict) -> None:
    program, *arguments = shlex.split(hook["entry"])
    assert (ROOT / program).is_file(), "make setup"
    assert all((ROOT / word).exists() for word in arguments if word.startswith("tests"))
    re.compile(hook.get("files", ""))


def test_the_style_hook_refuses_a_bad_file(tmp_path: Path) -> None:
    entry = next(hook["entry"] for hook in HOOKS if hook["id"] == "style")
    bad = tmp_path / "bad.py"
    bad.write_text("import os\n", "utf-8")
    configured = [*shlex.split(entry), "--config", str(ROOT / "pyproject.toml"), str(bad)]
    assert subprocess.run(configured, cwd=ROOT, capture_output=True).returncode == 1


def test_the_dev_container_starts_from_its_file_and_sets_up() -> None:
    folder = ROOT / ".devcontainer"
    container = json.loads((folder / "devcontainer.json").read_text("utf-8"))
    recipe = (folder / container["build"]["dockerfile"]).read_text("utf-8")
    assert recipe.startswith("FROM python:3.11-")
    assert container["postCreateCommand"] == "make setup"


def test_binder_takes_the_packages_of_environment_yml() -> None:
    assert (ROOT / "binder" / "environment.yml").read_bytes() == (ROOT / "environment.yml").read_bytes()
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    assert "--no-deps" in (ROOT / "binder" / "postBuild").read_text("utf-8")


def test_what_is_installed_is_what_environment_yml_asks_for() -> None:
    """So the tests of the notebooks and of JupyterLab here are tests of environment.yml's packages."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    flat = [entry for entry in listed if isinstance(entry, str)] + listed[-1]["pip"]
    pinned = dict(entry.split("==") for entry in flat if "==" in entry)
    names = {"python-tzdata": "tzdata"}
    assert {name: version(names.get(name, name)) for name in pinned} == pinned
