"""The command line: what a newcomer types, what it answers, the exit codes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.core import paths
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import CaseError
from analysis.pipeline.new_case import PLACEHOLDERS, make_case
from analysis.pipeline.preflight import check_declarations, check_inputs


def command(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments], cwd=paths.PROJECT, capture_output=True, text=True, timeout=300
    )


@pytest.fixture
def made(small_case: Path) -> Path:
    return small_case


def test_an_untouched_template_is_told_in_plain_words(tmp_path: Path) -> None:
    done = command("check", str(make_case("fresh", tmp_path)))
    assert done.returncode == 1
    assert "4 problems found" in done.stderr
    assert "engagement.csv is still the empty template; columns: date, channel, engagements" in done.stderr
    for key in ("title", "brand", "summary"):
        assert f"{key} is still the template's text" in done.stderr


def test_a_case_made_from_the_template_passes_the_check(made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "renamed"))
    text = (folder / "case.yaml").read_text("utf-8")
    for number, placeholder in enumerate(PLACEHOLDERS.values()):
        text = text.replace(placeholder, f"Our own words {number}")
    (folder / "case.yaml").write_text(text, "utf-8")
    done = command("check", str(folder))
    assert done.returncode == 0, done.stderr
    assert 'note: the slug is "my-brand" and the folder "renamed"' in done.stdout
    (folder / "case.yaml").write_text(text.replace("estimator: default", "estimator: defalt", 1), "utf-8")
    done = command("check", str(folder))
    assert done.stderr.startswith('error: there is no estimator called "defalt"')  # one problem needs no frame


def test_a_new_case_is_commented_and_sound_once_it_has_data(made: Path) -> None:
    assert (made / "case.yaml").read_text("utf-8").count("#") > 15
    folder = load_case_folder(str(made))
    assert check_declarations(folder) == []
    assert dict(check_inputs(folder)) == {"engagement": []}


@pytest.mark.study
def test_a_new_case_runs_to_a_report(made: Path, tmp_path: Path) -> None:
    done = command("run", str(made), "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "reports" / "my-brand" / "index.html").read_text("utf-8")
    assert "REAL DATA" in page
    front = (tmp_path / "reports" / "index.html").read_text("utf-8")
    assert "my-brand/index.html" in front


@pytest.mark.parametrize("name", ["My Brand", "../x", "", "a" * 70])
def test_a_name_that_cannot_be_a_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="cannot name"):
        make_case(name, tmp_path)


def test_a_case_is_never_overwritten(tmp_path: Path) -> None:
    make_case("one", tmp_path)
    with pytest.raises(CaseError, match="there already"):
        make_case("one", tmp_path)


def test_check_tells_every_problem_at_once(made: Path, tmp_path: Path) -> None:
    folder = make_case("broken", tmp_path)
    text = (folder / "case.yaml").read_text("utf-8")
    text = text.replace("estimator: default", "estimator: interrupted_time_serie")
    text = text.replace("format: measurements_csv", "format: measurement_csv")
    (folder / "case.yaml").write_text(text, "utf-8")
    done = command("check", str(folder))
    assert done.returncode == 1
    assert 'Did you mean "interrupted_time_series"' in done.stderr
    assert 'Did you mean "measurements_csv"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "unicredti"), 'Did you mean "unicredit"'),
        (("run",), "Missing argument"),
        (("rnu", "unicredit"), "No such command"),
        (("run", "unicredit", "--jobs", "0"), "--jobs"),
        (("clean",), "name one case"),
    ],
)
def test_wrong_usage_is_code_2(arguments: tuple[str, ...], said: str) -> None:
    done = command(*arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_help_and_list() -> None:
    helped = command("--help")
    assert helped.returncode == 0
    for word in ("run", "check", "verify", "new", "list", "clean"):
        assert f"  {word}" in helped.stdout
    assert "unicredit" in command("list").stdout
