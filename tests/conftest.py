"""A small case and a copy of the project to run it in: for tests that run studies whole, break them, or change code."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core import paths
from analysis.pipeline.new_case import make_case
from analysis.pipeline.provenance import output_hashes

SLUG = "my-brand"
MINUTES = 10


@pytest.fixture(scope="session")
def small_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template's case with two channels, one of them left, and two years of days."""
    folder = make_case(SLUG, tmp_path_factory.mktemp("raw"))
    days = pd.date_range("2023-01-02", "2025-01-05", freq="D")
    rows = [
        {"date": day.strftime("%Y-%m-%d"), "channel": channel, "engagements": int(level + 20 * np.sin(number))}
        for channel, level in (("facebook", 300), ("linkedin", 100))
        for number, day in enumerate(days)
        if channel == "linkedin" or day < pd.Timestamp("2024-06-03")
    ]
    pd.DataFrame(rows).to_csv(folder / "engagement.csv", index=False)
    return folder


@dataclass(frozen=True)
class Project:
    """A copy of the project's code with the small case; ``root`` is where its products go.

    ``seconds`` is how long the first run took, imports and all.
    """

    code: Path
    root: Path
    seconds: float = 0.0

    @property
    def reports(self) -> Path:
        return self.root / "reports" / SLUG

    def arguments(self, *more: str) -> list[str]:
        return [sys.executable, "-m", "analysis", "run", SLUG, "--output", str(self.root), *more]

    def environment(self, **more: str) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(self.code)} | more

    def run(self, *more: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            self.arguments(*more),
            cwd=self.code,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=60 * MINUTES,
        )

    def hashes(self) -> dict[str, str]:
        return output_hashes(self.reports)


def copy_of_the_code(target: Path) -> Path:
    """What a run needs of the project, in another folder."""
    target.mkdir(exist_ok=True)
    for name in ("analysis", "notebooks"):
        shutil.copytree(paths.PROJECT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (paths.LOCK, paths.MATPLOTLIBRC, paths.CLAIMS, paths.CITATION):
        copy = target / file.relative_to(paths.PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    return target


@pytest.fixture(scope="session")
def copy_code():
    return copy_of_the_code


@pytest.fixture(scope="session")
def published_project(small_case: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small case's report, made once; tests that change anything take ``project`` instead."""
    code = copy_of_the_code(tmp_path_factory.mktemp("project"))
    shutil.copytree(small_case, code / "data" / "raw" / SLUG)
    project = Project(code, tmp_path_factory.mktemp("published"))
    begun = time.monotonic()
    done = project.run()
    assert done.returncode == 0, done.stderr
    return replace(project, seconds=time.monotonic() - begun)


@pytest.fixture
def project(published_project: Project, tmp_path: Path) -> Project:
    """A copy of code, case, report and what is kept of its chapters, for one test alone."""
    code = Path(shutil.copytree(published_project.code, tmp_path / "project"))
    root = Path(shutil.copytree(published_project.root, tmp_path / "published"))
    return replace(published_project, code=code, root=root)


@pytest.fixture
def dask_cluster(tmp_path: Path):
    """Starts a scheduler and three workers, which can import from the folders given; they end with the test."""
    from clusters import started  # Dask is slow to import

    with ExitStack() as stack:
        yield lambda *importable: stack.enter_context(started(tmp_path, *importable))
