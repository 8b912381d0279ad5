"""Real data lie beside the project; where they do not, the cases on them are skipped with the reason."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.core import paths
from analysis.pipeline.runner import run_case

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "reproducibility"))


def real_case(name: str) -> Path:
    data = paths.SHARED / "real"
    if not data.is_dir():
        pytest.skip("the real data (../shared/real) are not beside the project")
    return HERE / name


@pytest.fixture(scope="module")
def run_real(tmp_path_factory: pytest.TempPathFactory):
    """Runs a real case into a temporary folder; returns the root of its products."""

    def run(name: str) -> Path:
        root = tmp_path_factory.mktemp(name)
        run_case(str(real_case(name)), output=root)
        return root

    return run


@pytest.fixture
def attack() -> Callable[[Path, str], list[str]]:
    """What an attack on the published files of a real case finds, and a search of what is kept."""
    from privacy_attack import kept_leaks, leaks

    def found(root: Path, name: str) -> list[str]:
        kept = kept_leaks(root / "data" / "processed" / name, str(HERE / name))
        return [*leaks(root / "reports" / name, str(HERE / name)), *kept]

    return found


@pytest.fixture
def in_a_browser() -> Callable[[Path], str]:
    """What the tests of pages in a real browser say of a real case; empty when all hold or there is no browser."""

    def said(root: Path) -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests/browser"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        ran = subprocess.run(
            command, cwd=paths.PROJECT, env=environment | {"EXIT_STUDY_PAGES": str(root / "reports")},
            capture_output=True, text=True,
        )  # fmt: skip
        return "" if ran.returncode == 0 else ran.stdout[-4000:]

    return said
