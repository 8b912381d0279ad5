"""Preparing a case writes what its metrics are and which redefinitions lie in its data; a meaningless sum is told."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.case_loading import load_case_folder
from analysis.core.paths import Layout
from analysis.pipeline.preflight import every_problem
from analysis.pipeline.prepare import prepare
from analysis.pipeline.study import Study

CASE = """\
slug: demo
title: A demo
brand: Demo
summary: Nothing happened.
data_status: simulated
time_zone: Europe/Rome
stages:
  - {id: exit, date: 2016-09-05, kind: other, label: Nothing}
windows: {first: 2015-10-05, pre_last: 2016-08-28, event: 2016-09-05, last: 2016-12-25}
sources:
  - id: page
    format: measurements_csv
    label: A page
    files: [page.csv]
    channel: facebook
    options: {date: date, metrics: {likes: likes, smiles: smiles, followers: followers}}
  - id: account
    format: measurements_csv
    label: An account
    files: [page.csv]
    channel: instagram
    options: {date: date, metrics: {followers: followers}}
outcomes:
  - id: likes
    label: Likes
    question: engagement
    role: primary
    metric: likes
    unit: likes
    estimand: average change
    estimator: interrupted_time_series
  - id: followers
    label: Followers
    question: engagement
    metric: followers
    aggregate: last
    unit: accounts
    estimand: average change
    estimator: interrupted_time_series
"""


@pytest.fixture
def study(tmp_path: Path):
    def make(*changes: tuple[str, str]) -> Study:
        text = CASE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        folder = tmp_path / "demo"
        folder.mkdir()
        days = pd.date_range("2015-10-05", "2016-12-25")
        likes = [50 + day.day_of_week for day in days]
        pd.DataFrame({"date": days, "likes": likes, "smiles": 3, "followers": 900}).to_csv(
            folder / "page.csv", index=False
        )
        (folder / "case.yaml").write_text(text, "utf-8")
        return Study(load_case_folder(str(folder)), Layout.under(tmp_path / "out", "demo"))

    return make


def test_what_is_written(study) -> None:
    made = study()
    prepare(made)
    vocabulary = made.store.table("vocabulary").set_index(["metric", "channels"])
    assert vocabulary.loc[("followers", "instagram"), "kind"] == "stock"
    assert vocabulary.loc[("likes", "facebook"), "unit"] == "likes"
    assert pd.isna(vocabulary.loc[("smiles", "facebook"), "kpi"])
    found = made.store.table("redefinitions")
    assert list(found["metric"]) == ["likes"]
    assert (found["first"].iloc[0], found["outcomes"].iloc[0]) == ("2016-02-24", "likes")
    assert set(made.store.measurements()["kpi"]) == {"likes", "followers", ""}


def test_an_unknown_metric_and_people_counted_twice_are_told(study) -> None:
    made = study()
    prepare(made)
    notes = made.store.table("data_quality").set_index("finding")["detail"]
    assert 'smiles: added up as a count of events; say what it is with "kpis:"' in notes["metric of no known KPI"]
    assert notes["level of several channels"].startswith("Followers: added up over channels: people who follow two")


def test_a_case_may_say_what_its_own_metric_is(study) -> None:
    made = study(("slug: demo", "slug: demo\nkpis: {smiles: reactions}"))
    prepare(made)
    assert "metric of no known KPI" not in set(made.store.table("data_quality")["finding"])
    assert set(made.store.table("redefinitions")["metric"]) == {"likes", "smiles"}


def test_checking_a_case_tells_the_sum_that_has_no_meaning(study) -> None:
    problems = every_problem(study(("aggregate: last", "aggregate: sum")), lambda _: None)
    (problem,) = [item for item in problems if "do not add up" in item.what]
    assert problem.where == "outcomes, followers, aggregate"
    assert "`aggregate: last`" in problem.cure
