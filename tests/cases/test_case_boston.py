"""Boston's channels around 10 August 2015."""

import json

import pandas as pd
import pytest

from analysis.core import paths

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def root(run_real):
    return run_real("boston-311")


def test_weekly_counts_are_those_of_the_file(root) -> None:
    raw = pd.read_csv(paths.SHARED / "real/boston-311/cases.csv.gz", dtype=str)
    opened = pd.to_datetime(raw["OPEN_DT"], format="%m/%d/%Y %I:%M:%S %p")
    week = raw[(opened >= "2015-08-10") & (opened < "2015-08-17")]["Source"].value_counts()
    volumes = pd.read_csv(root / "data/processed/boston-311/tables/volumes.csv")
    got = volumes[volumes["week"] == "2015-08-10"].set_index("channel")["contacts"]
    assert got["app"] == week["Citizens Connect App"] == 693
    assert got["phone"] == week["Constituent Call"]
    assert got["web"] == week["Self Service"]


def test_the_app_rises_and_the_interval_says_so(root) -> None:
    record = json.loads((root / "data/processed/boston-311/estimates/contacts_app.json").read_text())
    assert record["relative_interval"]["lower"] > 0.10


def test_what_was_left_out_is_listed(root) -> None:
    quality = pd.read_csv(root / "data/processed/boston-311/tables/data_quality.csv")
    assert quality.loc[quality["finding"] == "closed before opened", "count"].tolist() == [197]
    assert (root / "reports/boston-311/index.html").is_file()


def test_kept_due_dates_are_those_of_the_file_whatever_became_of_the_case(root) -> None:
    raw = pd.read_csv(paths.SHARED / "real/boston-311/cases.csv.gz", dtype=str)
    raw = raw[raw["Source"].isin(["Constituent Call", "Citizens Connect App", "Self Service"])]
    opened, due, closed = (
        pd.to_datetime(raw[name], format="%m/%d/%Y %I:%M:%S %p") for name in ("OPEN_DT", "TARGET_DT", "CLOSED_DT")
    )
    snow = (opened >= "2015-01-26") & (opened < "2015-03-09")
    periods = {
        "before": ((opened >= "2015-01-05") & (opened < "2015-08-10") & ~snow, pd.Timestamp("2015-08-10")),
        "after": ((opened >= "2015-08-10") & (opened < "2015-12-28"), closed.max()),
    }
    table = pd.read_csv(root / "data/processed/boston-311/tables/contact_units.csv").set_index("quantity")
    for period, (begun, end) in periods.items():
        counted = begun & (due < end) & raw["OnTime_Status"].notna()
        on_time = (raw["OnTime_Status"][counted] == "ONTIME").mean()
        assert table.loc["on_time: ONTIME", period] == pytest.approx(on_time, abs=1e-5)
        left_out = 1 - counted.sum() / begun.sum()
        assert table.loc["not judged: on_time", period] == pytest.approx(left_out, abs=1e-5)


def test_an_attack_on_what_is_published_finds_nobody(root, attack) -> None:
    assert attack(root, "boston-311") == []


@pytest.mark.slow  # a minute and more; the pages of the cases that ship are looked at every time
def test_its_pages_hold_in_a_browser(root, in_a_browser) -> None:
    assert in_a_browser(root) == ""
