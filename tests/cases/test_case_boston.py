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
