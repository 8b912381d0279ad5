"""Exports cut at a line's end look whole: what the data lack of what the study asks for is told, never estimated."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.core import paths
from analysis.core.case_loading import CaseFolder, load_case_folder
from analysis.core.coverage import shortfalls
from analysis.core.paths import Layout
from analysis.pipeline.preflight import check_coverage, every_problem
from analysis.pipeline.study import Study
from analysis.sources import read_source

FOLDER = load_case_folder("unicredit")
NOT_MEASURED = "care_log"  # its cases are no outcome's measurements


def read(folder: CaseFolder, source_id: str) -> pd.DataFrame:
    source = next(item for item in folder.case.sources if item.id == source_id)
    return read_source(folder, source_id).measurements.assign(source=source_id, period=source.period)


@pytest.fixture(scope="module")
def whole() -> dict[str, pd.DataFrame]:
    return {item.id: read(FOLDER, item.id) for item in FOLDER.case.sources if item.id != NOT_MEASURED}


def lacking(whole: dict, tmp_path: Path, source_id: str, spoil: Callable[[Path], None]) -> dict[str, set[str]]:
    """What is lacking once the files of a source are spoilt: what, and who needs it."""
    for path in FOLDER.files_of(source_id):
        shutil.copy(path, tmp_path)
    spoil(tmp_path)
    changed = read(CaseFolder(FOLDER.case, tmp_path, tmp_path), source_id)
    found: dict[str, set[str]] = {}
    for item in shortfalls(FOLDER.case, pd.concat([*(whole | {source_id: changed}).values()], ignore_index=True)):
        found.setdefault(f"{item.what} [{item.file}]", set()).add(item.needs)
    return found


def cut(name: str, share: float = 0.6, rows: int | None = None, order: str = "") -> Callable[[Path], None]:
    """Keep a share of a file's lines, or leave its last rows out, once the file is put in order of a column."""

    def spoil(folder: Path) -> None:
        (path,) = folder.glob(name)
        if order:
            pd.read_csv(path, dtype=str).sort_values(order, kind="stable").to_csv(path, index=False)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: int(len(lines) * share) if rows is None else -rows]))

    return spoil


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: next(folder.glob(name)).unlink()


def test_the_whole_case_lacks_nothing(whole: dict) -> None:
    assert shortfalls(FOLDER.case, pd.concat(whole.values(), ignore_index=True)) == []


E_MAIL = {"contacts_total", "contacts_email", "diversion"}
CONTACTS = {"contacts_total", "contacts_phone", "contacts_chat", "contacts_email", "diversion"}
ENGAGEMENT = {"engagement_total", "engagement_retained", "engagement_twitter", "engagement_linkedin"}
TWITTER = {"engagement_total", "engagement_retained", "engagement_twitter"}


@pytest.mark.parametrize(
    ("source", "spoil", "said", "needed_by"),
    [
        # The file holds one channel after another.
        ("contact_log", cut("contacts.csv"), 'of "email" end on 2019-02-20', E_MAIL),
        ("contact_log", cut("contacts.csv"), 'on the channel "twitter" in the data', {"contacts_total", "diversion"}),
        ("contact_log", cut("contacts.csv", rows=1), 'of "twitter" end on 2020-02-22', {"contacts_total", "diversion"}),
        ("contact_log", cut("contacts.csv", order="date"), "end on 2018-09-29, the window asks for 2020", CONTACTS),
        ("app_logins", cut("web.csv"), "the data end on 2018-1", CONTACTS | {"website_sessions"}),
        ("website_analytics", cut("web.csv"), "the data end on 2018-1", {"website_sessions"}),
        ("share_prices", cut("prices.csv"), 'of "SIM-INDEX" end on 2017-08-14', {"announcement_reaction"}),
        ("share_prices", cut("prices.csv", order="Date"), 'of "SIM-BRAND" end on 2018-1', {"announcement_reaction"}),
        # One peer after another; in order of time.
        ("peer_panel", cut("peers.csv"), "of Peer bank 16, Peer bank 17", ENGAGEMENT),
        ("peer_panel", cut("peers.csv"), "the file seems to be cut", ENGAGEMENT),
        ("peer_panel", cut("peers.csv", rows=3), "on linkedin, end on 2020-01-27, others go on", ENGAGEMENT),
        ("peer_panel", cut("peers.csv", order="week"), "the data of the donors end on 2018-1", ENGAGEMENT),
        ("peer_panel", cut("peers.csv", rows=10, order="week"), "has 86 rows, the one before 96", ENGAGEMENT),
        ("twitter_account", cut("*Sim_20200201_*"), "the data end on 2020-02-1", TWITTER),
        ("twitter_account", without("*Sim_20200201_*"), "the data end on 2020-01-31", TWITTER),
        ("twitter_account", cut("*Sim_20190101_*"), "no export covers 2019-01-", TWITTER),
        # Inside the time that is left out of the models.
        ("twitter_account", without("*Sim_20190501_*"), "no export covers 2019-05-01 to 2019-05-31", TWITTER),
        ("facebook_page", without("*2018-12-23*"), "the data end on 2018-12-22", {"engagement_total"}),
        ("facebook_page", without("*2018-06-26*"), "no export covers 2018-06-26 to 2018-12-22", {"engagement_total"}),
    ],
)
def test_an_export_that_is_short_is_told(whole, tmp_path, source, spoil, said, needed_by) -> None:
    found = lacking(whole, tmp_path, source, spoil)
    assert set().union(*(needs for what, needs in found.items() if said in what)) == needed_by, found


def test_a_file_shorter_than_its_name_says_is_noted(tmp_path: Path) -> None:
    for path in FOLDER.files_of("twitter_account"):
        shutil.copy(path, tmp_path)
    cut("*Sim_20170301_*")(tmp_path)  # before any window
    reading = read_source(CaseFolder(FOLDER.case, tmp_path, tmp_path), "twitter_account")
    notes = [note for note in reading.notes if "name" in note.finding]
    assert [note.file for note in notes] == ["daily_tweet_activity_metrics_UniCreditSim_20170301_20170401_en.csv"]
    assert "2017-03-31" in notes[0].detail


def test_problems_are_merged_over_outcomes(whole: dict, tmp_path: Path) -> None:
    study = Study(FOLDER, Layout.under(tmp_path, "unicredit"))
    contacts = whole["contact_log"]
    short = whole | {"contact_log": contacts[contacts["date"] < "2019-01-01"]}
    study.store.write_measurements(pd.concat(short.values(), ignore_index=True).assign(time_zone="UTC"))
    (problem,) = check_coverage(study)
    assert "the data end on 2018-12-31, the window asks for 2020-02-23" in problem.what
    for name in ("contacts.csv", *CONTACTS):
        assert name in problem.where


@pytest.mark.parametrize("name", ["unicredit", "lush", "tre-italia"])
def test_the_shipped_cases_have_no_problem(name: str, tmp_path: Path) -> None:
    heard: list[str] = []
    assert every_problem(Study(load_case_folder(name), Layout.under(tmp_path, name)), heard.append) == []
    assert not [line for line in heard if "PROBLEM" in line or "note" in line]


def test_weeks_begin_on_their_day_and_every_problem_is_told(tmp_path: Path) -> None:
    text = (paths.RAW / "unicredit" / "case.yaml").read_text("utf-8")
    text = text.replace("windows: {first: 2018-04-02, pre_last: 2019-04-28, event: 2019-06-03",
                        "windows: {first: 2018-04-03, pre_last: 2019-04-28, event: 2019-06-05", 1)  # fmt: skip
    text = text.replace("format: twitter_analytics_daily", "format: twitter_analytics_dail")
    text = text.replace("metrics: {sessions: sessions}", "metrix: {sessions: sessions}")
    folder = tmp_path / "other"
    shutil.copytree(paths.RAW / "unicredit", folder)
    (folder / "case.yaml").write_text(text, "utf-8")
    (folder / "linkedin.csv").write_text("date,engagements\n2017-01-02,x\n2017-01-03,y\n", "utf-8")
    heard: list[str] = []
    problems = every_problem(Study(load_case_folder(str(folder)), Layout.under(tmp_path / "out", "x")), heard.append)
    said = "\n".join(str(item) for item in problems)
    for words in (
        "first (2018-04-03) is not a Monday; did you mean 2018-04-02 or 2018-04-09?",
        "event (2019-06-05) is not a Monday; did you mean 2019-06-03 or 2019-06-10?",
        'Did you mean "twitter_analytics_daily"',
        'unknown key "metrix"',
        "linkedin.csv",
    ):
        assert words in said, said
    assert 'note: the slug is "unicredit" and the folder "other"' in "\n".join(heard)
