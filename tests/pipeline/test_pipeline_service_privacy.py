"""Shares beside their number of cases must not give a few people away."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.privacy import small_shares
from analysis.pipeline.service_privacy import protected


def test_a_share_of_a_few_people_or_of_all_but_a_few_is_small() -> None:
    shares, cases = pd.Series([0.0, 3 / 500, 10 / 500, 496 / 500, 1.0, np.nan]), pd.Series([500] * 6)
    assert small_shares(shares, cases, 10).tolist() == [False, True, False, True, False, False]


def funnel(taken: int) -> pd.DataFrame:
    people = np.array([450, taken, 300])
    ends = {f"share_{period}_{end}": people / 500 for period in ("before", "after") for end in ("lower", "upper")}
    return pd.DataFrame(
        {"step": ["first_response", "taken_in_charge", "outcome"], "n_before": 500, "n_after": 500,
         "share_before": people / 500, "share_after": people / 500, **ends,
         "change": 0.0, "change_lower": -0.1, "change_upper": 0.1, "p_value": 1.0}
    )  # fmt: skip


def test_steps_that_differ_by_a_few_people_are_not_both_shown() -> None:
    shown, hidden = protected("funnel", funnel(447), 10)
    assert hidden == 2  # once in each period
    row = shown.set_index("step").loc["taken_in_charge"]
    assert row.drop(["n_before", "n_after"]).isna().all()
    assert shown["share_before"].notna().tolist() == [True, False, True]
    untouched, none = protected("funnel", funnel(420), 10)
    assert none == 0
    pd.testing.assert_frame_equal(untouched, funnel(420), check_dtype=False)


def test_a_hidden_share_takes_its_bounds_and_the_change_with_it() -> None:
    table = pd.DataFrame(
        {"measure": ["outcome"], "n_before": [1876], "n_after": [900], "median_change": [0.1],
         "target_before": [4 / 1876], "target_after": [0.5], "target_change": [0.498], "target_change_lower": [0.4],
         "target_change_upper": [0.6], "target_p_value": [0.01]}
    )  # fmt: skip
    shown, hidden = protected("response_times", table, 10)
    assert hidden == 1
    assert shown[["target_before", "target_change", "target_change_lower", "target_change_upper"]].isna().all(axis=None)
    assert shown["target_after"].iloc[0] == 0.5
    assert shown["median_change"].iloc[0] == 0.1


def test_the_first_points_of_a_curve_are_not_persons() -> None:
    table = pd.DataFrame(
        {"period": "before", "cause": "outcome", "hours": [0.0, 1.0, 2.0], "incidence": [0.0, 2 / 900, 0.1],
         "lower": [np.nan, 0.001, 0.08], "upper": [np.nan, 0.01, 0.12], "n": 900}
    )  # fmt: skip
    shown, hidden = protected("incidence", table, 10)
    assert hidden == 1
    assert shown["incidence"].tolist() == pytest.approx([0.0, np.nan, 0.1], nan_ok=True)
    assert shown["upper"].isna().tolist() == [True, True, False]


def test_means_of_counts_are_no_shares() -> None:
    row = {"quantity": "contacts_a_case", "before": 1.5, "after": 1.4, "change": -0.1, "cases_before": 40,
           "cases_after": 40}  # fmt: skip
    shown, hidden = protected("contact_units", pd.DataFrame([row, row | {"quantity": "several_channels", "before": 0.1,
                                                                         "after": 0.5}]), 10)  # fmt: skip
    assert hidden == 1
    assert shown["before"].tolist() == pytest.approx([1.5, np.nan], nan_ok=True)


def units(quantity: str, before: float, after: float, known: int = 500) -> dict[str, object]:
    bounds = {f"{period}_{end}": 0.5 for period in ("before", "after") for end in ("lower", "upper")}
    return bounds | {"quantity": quantity, "before": before, "after": after, "change": 0.1, "lower": 0.0, "upper": 0.2,
                     "p_value": 0.5, "cases_before": known, "cases_after": 500}  # fmt: skip


@pytest.mark.parametrize("quantity", ["still_open", "on_time: YES", "missing: language", "not judged: on_time"])
def test_a_few_counted_cases_of_many_known_are_hidden(quantity) -> None:
    for share in (3 / 500, 497 / 500):
        shown, hidden = protected("contact_units", pd.DataFrame([units(quantity, share, 0.4)]), 10)
        assert hidden == 1
        assert shown[["before", "before_lower", "before_upper", "change", "lower", "upper"]].isna().all(axis=None)
        assert shown["after"].tolist() == [0.4]


def test_the_cases_a_share_is_known_for_do_not_give_a_hidden_gap_back() -> None:
    table = pd.DataFrame(
        [units("language: Italian", 0.4, 0.4, known=497), units("on_time: YES", 0.4, 0.4, known=400),
         units("missing: language", 3 / 500, 0.0), units("missing: on_time", 0.2, 0.0)]
    )  # fmt: skip
    shown, _ = protected("contact_units", table, 10)
    assert shown["cases_before"].tolist() == pytest.approx([np.nan, 400, 500, 500], nan_ok=True)
    assert shown["cases_after"].tolist() == [500] * 4
