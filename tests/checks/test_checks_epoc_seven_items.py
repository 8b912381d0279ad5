"""The seven answers follow from what a case declares."""

import pandas as pd
import pytest

from analysis.checks import CheckContext, epoc_seven_items, not_applicable
from analysis.core import paths
from analysis.core.case_loading import load_case_folder
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows

CASE = load_case_folder(str(paths.RAW / "unicredit")).case


@pytest.fixture
def context():
    index = pd.date_range("2018-01-01", periods=90, freq="W-MON")
    frame = pd.DataFrame({"y": 100 + generator_for("epoc").normal(0, 1, 90)}, index=index)
    panel = Panel.from_wide(
        frame, treated="y", windows=Windows(index[0], index[69], index[70], index[-1]), outcome="contacts"
    )

    def make(outcome: str, **options):
        return CheckContext("unicredit", outcome, outcome, panel, "structural_time_series", options, case=CASE)

    return make


def risks(result):
    return result.table.set_index("item")["risk"].to_dict()


def test_seven_items_in_order(context):
    result = epoc_seven_items.run(context("contacts_phone"))
    assert len(result.table) == 7
    assert set(result.table["risk"]) <= {"low", "unclear", "high"}
    assert result.statistic == (result.table["risk"] != "low").sum()


def test_a_total_over_closed_channels_is_a_risk_of_collection(context):
    item = "The event did not change how data were collected"
    assert risks(epoc_seven_items.run(context("contacts_total")))[item] == "high"
    assert risks(epoc_seven_items.run(context("contacts_phone")))[item] == "low"


def test_a_single_item_is_not_said_in_the_plural(context):
    for name in ("contacts_phone", "contacts_total"):
        result = epoc_seven_items.run(context(name))
        told = result.table["risk"].value_counts()
        assert f"low risk {told['low']}, unclear {told.get('unclear', 0)}" in result.sentence
        assert " are " not in result.sentence.split("(")[0]


def test_a_season_in_the_model_is_seen(context):
    item = "No other risk, such as a season left out"
    assert risks(epoc_seven_items.run(context("contacts_phone")))[item] == "unclear"
    assert risks(epoc_seven_items.run(context("contacts_phone", harmonics=1)))[item] == "low"


def test_without_a_case_it_does_not_apply(context):
    bare = context("contacts_phone")
    bare = CheckContext("x", "y", "Y", bare.panel, bare.estimator)
    assert "case file" in not_applicable(bare)["epoc_seven_items"]
