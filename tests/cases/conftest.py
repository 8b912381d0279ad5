"""Real data lie beside the project; where they do not, the cases on them are skipped with the reason."""

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
    """What an attack on the published files of a real case finds."""
    from privacy_attack import leaks

    return lambda root, name: leaks(root / "reports" / name, str(HERE / name))
