"""The UniCredit study end to end: the committed report, and the last report untouched whatever is asked for."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from privacy_attack import identities_of, kept_leaks, leaks

from analysis.core import paths
from analysis.core.case_loading import load_case_folder
from analysis.pipeline.provenance import output_hashes
from analysis.pipeline.report_differences import without_own_hashes
from analysis.pipeline.sharing import pack

pytestmark = pytest.mark.study
SLUG = "unicredit"
LARGEST_PAGE = 3_000_000  # bytes


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments],
        cwd=paths.PROJECT,
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=600,
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("first")
    done = run("run", SLUG, "--output", str(root), TZ="UTC", LC_ALL="C.UTF-8", PYTHONHASHSEED="1")
    assert done.returncode == 0, done.stderr
    assert f"reports/{SLUG}/index.html" in done.stdout
    return root


def hashes(root: Path) -> dict[str, str]:
    return output_hashes(root / "reports" / SLUG)


def differing_from_the_committed(made: Path, name: str) -> list[str]:
    """Hashes of the code and of files apart: they are different once a comment is."""
    committed = paths.PROJECT / "reports" / name
    tracked = subprocess.run(["git", "ls-files", str(committed)], cwd=paths.PROJECT, capture_output=True, text=True)
    if not tracked.stdout:
        pytest.skip("no report is committed: `make accept CASE=all`, `make compare`, then commit reports/")
    expected, found = without_own_hashes(committed), without_own_hashes(made / "reports" / name)
    return sorted(file for file in {*expected, *found} if expected.get(file) != found.get(file))


def test_the_committed_report_is_the_one_that_the_code_makes(published: Path) -> None:
    assert differing_from_the_committed(published, SLUG) == [], "see what moved and renew the report with `make accept`"


def test_the_committed_comparison_is_the_one_that_the_code_makes(tmp_path: Path) -> None:
    for results in (paths.PROJECT / "reports").glob("*/results.json"):
        if (paths.PROJECT / "data" / "raw" / results.parent.name / "case.yaml").is_file():
            (tmp_path / "reports" / results.parent.name).mkdir(parents=True)
            shutil.copy2(results, tmp_path / "reports" / results.parent.name)
    if not (tmp_path / "reports").is_dir():
        pytest.skip("no report is committed: `make accept CASE=all`, `make compare`, then commit reports/")
    done = run("compare", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert differing_from_the_committed(tmp_path, "comparison") == [], "renew the comparison with `make compare`"


def test_nothing_published_names_the_machine_or_the_hour(published: Path) -> None:
    for path in (published / "reports").rglob("*"):
        if path.is_file() and path.suffix in (".html", ".json", ".csv", ".svg"):
            text = path.read_text("utf-8")
            assert str(paths.PROJECT) not in text, path.name
            assert str(published) not in text, path.name
            assert str(Path.home()) + "/" not in text, path.name
            assert 'http-equiv="refresh' not in text


@pytest.mark.parametrize("name", ["index.html", "index.it.html"])
def test_the_page_can_be_read_in_four_minutes(published: Path, name: str) -> None:
    """At most 900 words in sight above the methods, tables and all; what is folded and the annexes do not count."""
    page = BeautifulSoup((published / "reports" / SLUG / name).read_text("utf-8"), "html.parser")
    for later in ("methods", "data", "provenance", "truth"):
        page.find(id=later).extract()
    for folded in page.select("details"):
        folded.extract()
    words = [word for word in re.split(r"[ \n\t]+", page.body.get_text(" ")) if re.search(r"\w", word)]
    assert 300 < len(words) <= 900


def test_the_page_is_light_enough_to_be_mailed(published: Path) -> None:
    assert (published / "reports" / SLUG / "index.html").stat().st_size < LARGEST_PAGE


def test_the_manifest_holds_every_file(published: Path) -> None:
    record = json.loads((published / "reports" / SLUG / "manifest.json").read_text())
    assert record["outputs"] == hashes(published)
    assert record["command"] == "exit-study run unicredit"
    assert set(record["inputs"]) >= {"case.yaml", "truth.json", "contacts.csv", "peers.csv"}


def test_a_second_run_takes_seconds_and_says_so(published: Path) -> None:
    done = run("run", SLUG, "--output", str(published))
    assert done.returncode == 0
    assert "Nothing changed" in done.stdout


def test_a_damaged_report_is_made_again(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, tmp_path / "copy")
    page = tmp_path / "copy" / "reports" / SLUG / "index.html"
    page.write_text("gone")
    done = run("run", SLUG, "--output", str(tmp_path / "copy"))
    assert done.returncode == 0
    assert hashes(tmp_path / "copy") == hashes(published)


def broken_case(folder: Path) -> Path:
    shutil.copytree(paths.RAW / SLUG, folder / SLUG)
    return folder / SLUG


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _unknown_key(case: Path) -> None:
    replace(case / "case.yaml", "week_starts: monday", "week_start: monday")


def _date_out_of_order(case: Path) -> None:
    replace(case / "case.yaml", "pre_last: 2019-04-28, event: 2019-06-03", "pre_last: 2019-07-28, event: 2019-06-03")


def _missing_export(case: Path) -> None:
    (case / "contacts.csv").unlink()


def _truncated_export(case: Path) -> None:
    content = (case / "peers.csv").read_bytes()
    (case / "peers.csv").write_bytes(content[: len(content) // 2 + 7].rpartition(b",")[0])


def _cut_at_a_line_end(case: Path) -> None:
    rows = (case / "contacts.csv").read_text("utf-8").splitlines(keepends=True)
    (case / "contacts.csv").write_text("".join(rows[: len(rows) * 6 // 10]), "utf-8")


def _wrong_encoding(case: Path) -> None:
    path = next(case.glob("Facebook Insights*2017-01-02*"))
    path.write_bytes(path.read_bytes().decode("cp1252").encode("utf-16"))


def _removed_column(case: Path) -> None:
    replace(case / "linkedin.csv", "engagements", "engagement")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_unknown_key, ['unknown key "week_start"', 'Did you mean "week_starts"', "line"]),
        (_date_out_of_order, ["out of order"]),
        (_missing_export, ["an export is missing", "contacts.csv"]),
        (_truncated_export, ["peers.csv", "row"]),
        (_cut_at_a_line_end, ['"email" end on 2019-02-20, the window asks for 2020-02-23', "contacts.csv"]),
        pytest.param(_wrong_encoding, ["Facebook Insights Data Export", "utf-16"], marks=pytest.mark.slow),
        pytest.param(_removed_column, ["linkedin.csv", "engagement"], marks=pytest.mark.slow),
    ],
    ids=lambda item: item.__name__ if callable(item) else "",
)
def test_bad_input_ends_in_one_clear_error(published: Path, tmp_path: Path, spoil, said: list[str]) -> None:
    before = hashes(published)
    case = broken_case(tmp_path)
    spoil(case)
    done = run("run", str(case), "--output", str(published))
    assert done.returncode == 1
    assert done.stderr.count("error:") == 1
    assert "Traceback" not in done.stderr
    assert "what to do:" in done.stderr
    for words in said:
        assert words.lower() in done.stderr.lower(), done.stderr
    assert hashes(published) == before


def test_a_misspelt_parameter_ends_in_one_clear_error(published: Path) -> None:
    before = hashes(published)
    done = run("run", SLUG, "--output", str(published), "--parameter", "03_engagement.lvel=0.9")
    assert done.returncode == 2
    assert 'Did you mean "level"?' in done.stderr
    assert "Traceback" not in done.stderr
    assert hashes(published) == before


def test_a_failing_cell_is_named_with_its_cure(published: Path) -> None:
    before = hashes(published)
    done = run("run", SLUG, "--output", str(published), "--parameter", "03_engagement.level=95.0")
    assert done.returncode == 1
    assert "notebook 03_engagement.ipynb, cell effects" in done.stderr
    assert "The last report is untouched" in done.stderr
    assert "Traceback" not in done.stderr
    assert hashes(published) == before


@pytest.fixture
def attacked(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published / "reports" / SLUG, tmp_path / "copy"))


def test_an_attack_on_what_is_published_finds_nobody(attacked: Path) -> None:
    assert len(identities_of(load_case_folder(SLUG))) > 1000
    assert leaks(attacked, SLUG) == []


def test_the_page_on_personal_data_is_published_and_handed_on(published: Path, tmp_path: Path) -> None:
    pages = {"privacy.html", "privacy.it.html"}
    assert pages <= set(json.loads((published / "reports" / SLUG / "manifest.json").read_text("utf-8"))["outputs"])
    with zipfile.ZipFile(pack(published / "reports" / SLUG, tmp_path / "shared.zip")) as packed:
        assert {f"{SLUG}/{page}" for page in pages} <= set(packed.namelist())


def test_no_raw_identity_is_kept_either(published: Path) -> None:
    assert kept_leaks(published / "data" / "processed" / SLUG, SLUG) == []


@pytest.mark.slow
def test_what_is_published_is_the_same_with_a_key_that_is_written_nowhere(tmp_path: Path) -> None:
    key = "a secret of the test, written nowhere"
    plain = run("run", "lush", "--output", str(tmp_path))
    assert plain.returncode == 0, plain.stderr
    before = output_hashes(tmp_path / "reports" / "lush")
    keyed = run("run", "lush", "--output", str(tmp_path), "--explain", EXIT_STUDY_KEY=key)
    assert keyed.returncode == 0, keyed.stderr
    assert "EXIT_STUDY_KEY is new" in keyed.stdout + keyed.stderr
    assert output_hashes(tmp_path / "reports" / "lush") == before
    journeys = pd.read_parquet(tmp_path / "data" / "processed" / "lush" / "journeys.parquet")
    assert journeys["customer"].str.fullmatch("[0-9a-f]{32}").all()
    assert kept_leaks(tmp_path / "data" / "processed" / "lush", "lush") == []
    holding = [path for path in tmp_path.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
    assert holding == []
    assert key not in keyed.stdout + keyed.stderr


@pytest.mark.slow
@pytest.mark.parametrize("case", ["lush", "tre-italia"])
def test_an_attack_on_the_other_shipped_cases_finds_nobody(case: str, tmp_path: Path) -> None:
    done = run("run", case, "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert leaks(tmp_path / "reports" / case, case) == []
    assert kept_leaks(tmp_path / "data" / "processed" / case, case) == []


def test_a_planted_identity_is_found(attacked: Path) -> None:
    page = attacked / "index.html"
    someone = min(identities_of(load_case_folder(SLUG)))
    page.write_text(page.read_text("utf-8").replace("</body>", f"<!-- {someone} --></body>"), "utf-8")
    assert [item.split(":")[0] for item in leaks(attacked, SLUG)] == ["index.html"]


def test_a_planted_small_count_and_a_planted_difference_are_found(attacked: Path) -> None:
    place = attacked / "tables" / "funnel.csv"
    table = pd.read_csv(place)
    table.loc[table["step"] == "outcome", "n_after"] = 3
    table.to_csv(place, index=False)
    assert any("funnel.csv" in item and "n_after: 3" in item for item in leaks(attacked, SLUG))
    groups = pd.read_csv(attacked / "tables" / "equal_treatment.csv")
    rows = groups[(groups["period"] == "before") & (groups["attribute"] == groups["attribute"].iloc[0])]
    table.loc[table["step"] == "first_response", "n_before"] = rows["n"].sum() + rows["n_reference"].max() + 4
    table.to_csv(place, index=False)
    place = attacked / "tables" / "volumes.csv"
    weeks = pd.read_csv(place)
    phone = (weeks["channel"] == "phone") & (weeks["week"] == "2019-07-01")
    assert phone.sum() == 1
    total = attacked / "tables" / "path_contacts_total.csv"
    sums = pd.read_csv(total)
    shown = weeks[~phone & (weeks["week"] == "2019-07-01")]["contacts"].sum()
    sums.loc[sums["time"] == "2019-07-01", "observed"] = shown + 3
    weeks.loc[phone, "contacts"] = None
    weeks.to_csv(place, index=False)
    sums.to_csv(total, index=False)
    found = leaks(attacked, SLUG)
    assert any("the hidden channels had 3" in item for item in found)
    assert any("path_contacts_phone.csv, 2019-07-01: hidden in volumes.csv" in item for item in found)
    assert any("4 people are left over" in item for item in leaks(attacked, SLUG))
