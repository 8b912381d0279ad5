"""The same bytes whatever the machine is set to: zone, locale, hash seed, workers, user, folder, processor."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from analysis.core import paths
from analysis.pipeline.provenance import output_hashes

pytestmark = pytest.mark.study
SLUG = "unicredit"
NOBODY = 65534
SECONDS = 3600  # for one build, on a busy machine
PLAIN_LOOPS = " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name))  # numpy's, beyond the least
ENVIRONMENTS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "zone": ({"TZ": "Asia/Tokyo"}, ()),
    "locale": ({"LC_ALL": "C", "LANG": "it_IT.UTF-8"}, ()),
    "hash seed": ({"PYTHONHASHSEED": "4711"}, ()),
    "one worker": ({"OPENBLAS_NUM_THREADS": "2"}, ("--jobs", "1")),
    "Haswell": ({"OPENBLAS_CORETYPE": "Haswell"}, ()),
    "SkylakeX": ({"OPENBLAS_CORETYPE": "SkylakeX"}, ()),
    "Prescott": ({"OPENBLAS_CORETYPE": "Prescott"}, ()),
    "plain loops": ({"NPY_DISABLE_CPU_FEATURES": PLAIN_LOOPS}, ()),
}


def build(code: Path, root: Path, case: str, *more: str, before: tuple[str, ...] = (), **environment: str) -> dict:
    """Hashes of the report of a case that the code in ``code`` makes under ``root``, the manifest's too."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "analysis", "run", case, "--output", str(root), *more],
        cwd=code,
        env=os.environ | {"PYTHONPATH": str(code)} | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    report = root / "reports" / case
    return output_hashes(report) | {"manifest.json": (report / "manifest.json").read_text("utf-8")}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter: those of the tests are the user's alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(place: Path) -> tuple[str, ...]:
    """What to put before a command so that another user runs it, who owns ``place``; skips where that cannot be."""
    change = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    if os.geteuid() or shutil.which("setpriv") is None:
        pytest.skip("only root can run a study as another user")
    again = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import numpy'], check=True)"
    if subprocess.run([*change, sys.executable, "-c", again], capture_output=True).returncode:
        pytest.skip("another user may not start this environment's interpreter, as a kernel must")
    place.mkdir()
    os.chown(place, NOBODY, NOBODY)
    subprocess.run(["chmod", "-R", "a+rX", str(place.parent)], check=True)  # pytest keeps its folders to one user
    return change


def test_a_small_study_on_another_processor_in_another_zone(published_project, tmp_path: Path) -> None:
    given = {name: value for variables, _ in ENVIRONMENTS.values() for name, value in variables.items()}
    given |= {"OPENBLAS_CORETYPE": "Prescott"}
    made = replace(published_project, root=tmp_path).run("--jobs", "1", **given)
    assert made.returncode == 0, made.stderr
    assert output_hashes(tmp_path / "reports" / "my-brand") == published_project.hashes()


def test_a_small_study_by_another_user_in_another_folder(published_project, open_folder: Path) -> None:
    shutil.copytree(published_project.code, open_folder / "code")
    user = as_nobody(open_folder / "out")
    home = {"HOME": str(open_folder / "out"), "TMPDIR": str(open_folder / "out")}
    build(open_folder / "code", open_folder / "out", "my-brand", before=user, **home)
    assert output_hashes(open_folder / "out" / "reports" / "my-brand") == published_project.hashes()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return build(paths.PROJECT, tmp_path_factory.mktemp("reference"), SLUG)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_whole_study_has_one_hash_a_file(reference: dict, tmp_path: Path, name: str) -> None:
    environment, arguments = ENVIRONMENTS[name]
    assert len(reference) > 50
    assert build(paths.PROJECT, tmp_path, SLUG, *arguments, **environment) == reference


@pytest.mark.slow
def test_the_whole_study_by_another_user(reference: dict, copy_code, open_folder: Path) -> None:
    code = copy_code(open_folder / "code")
    shutil.copytree(paths.RAW, code / "data" / "raw", dirs_exist_ok=True)
    user = as_nobody(open_folder / "out")
    home = {"HOME": str(open_folder / "out"), "TMPDIR": str(open_folder / "out")}
    assert build(code, open_folder / "out", SLUG, before=user, **home) == reference


@pytest.mark.slow
def test_two_fresh_clones_in_different_folders_make_the_same(tmp_path: Path) -> None:
    if not (paths.PROJECT / ".git").exists():
        pytest.skip("not a git checkout")
    made = []
    for name in ("one", "another/folder"):
        clone = tmp_path / name
        subprocess.run(["git", "clone", "-q", str(paths.PROJECT), str(clone)], check=True)
        made.append(build(clone, clone, SLUG, "--force"))
    assert made[0] == made[1]
