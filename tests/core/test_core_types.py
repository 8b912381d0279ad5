"""Coherence of intervals, effects, panels, windows, checks."""

import numpy as np
import pandas as pd
import pytest

from analysis import Effect, Interval, Panel, Windows, estimate
from analysis.core.check import CheckResult
from analysis.core.errors import DesignError, StructurallyAbsentOutcome
from analysis.core.panel import AbsentOutcome
from analysis.core.seeds import generator_for, seed_for

PATH = pd.DataFrame({"observed": [1.0], "expected": [1.0], "lower": [0.0], "upper": [2.0]})
BASE = {
    "outcome": "y",
    "estimator": "e",
    "estimand": "a",
    "unit": "u",
    "inference": "i",
    "path": PATH,
    "n_pre": 1,
    "n_post": 1,
}


def effect(**values: object) -> Effect:
    return Effect(**(BASE | {"point": 1.0, "interval": Interval(0.5, 1.5), "p_value": 0.01} | values))


def test_a_coherent_effect_is_accepted_and_frozen() -> None:
    result = effect()
    with pytest.raises(AttributeError):
        result.point = 2.0
    with pytest.raises((ValueError, TypeError)):
        result.path["observed"].to_numpy()[0] = 9.0
    with pytest.raises(TypeError):
        result.diagnostics["new"] = 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"point": 3.0}, "outside its interval"),
        ({"p_value": 0.2}, "contradicts"),
        ({"interval": Interval(-0.5, 1.5)}, "contradicts"),
        ({"relative": 0.5, "relative_interval": Interval(0.6, 0.7)}, "relative"),
        ({"point": float("nan")}, "finite"),
        ({"path": PATH.drop(columns="lower")}, "lacks"),
    ],
)
def test_an_incoherent_effect_is_refused(values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        effect(**values)


def test_an_interval_is_finite_and_ordered() -> None:
    for bounds in ((2.0, 1.0), (float("-inf"), 1.0)):
        with pytest.raises(ValueError, match="bounds"):
            Interval(*bounds)


def test_tidy_is_one_row_with_both_bounds() -> None:
    row = effect(interval=None, p_value=None).tidy()
    assert len(row) == 1
    assert np.isnan(row["lower"][0])
    assert {"point", "upper", "relative_lower", "cumulative_upper"} <= set(row.columns)


def frame(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=range(6))


WINDOWS = Windows.split(first=0, event=4, last=5)


def test_a_series_that_vanishes_at_the_exit_is_refused_with_what_to_estimate_instead() -> None:
    for after in ([0.0, 0.0], [np.nan, np.nan]):
        with pytest.raises(StructurallyAbsentOutcome, match="structurally absent") as caught:
            Panel.from_wide(frame(y=[1, 2, 3, 4, *after]), treated="y", windows=WINDOWS)
        assert "retained channel" in caught.value.cure


def test_no_estimator_accepts_an_absent_outcome() -> None:
    with pytest.raises(StructurallyAbsentOutcome):
        estimate("synthetic_control", AbsentOutcome("facebook", 3, 10.0))
    with pytest.raises(TypeError, match="Panel"):
        estimate("synthetic_control", pd.DataFrame())


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ({"y": [1, 2, np.nan, 4, 5, 6]}, {}, "missing"),
        ({"y": [1, 2, 3, 4, 5, 6], "d": [1, 2, 3, 4, 5, np.nan]}, {"donors": ["d"]}, "missing"),
        ({"y": [1, 2, 3, 4, 5, 6]}, {"donors": ["y"]}, "named twice"),
        ({"y": [1, 2, 3, 4, 5, 6]}, {"donors": ["z"]}, "no column"),
        ({"y": [1, 2, 0, 4, 5, 6]}, {"scale": "log"}, "logarithm"),
    ],
)
def test_a_panel_refuses(data: dict, options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        Panel.from_wide(frame(**data), treated="y", windows=WINDOWS, **options)


def test_a_donut_may_have_gaps() -> None:
    windows = Windows(0, 2, 4, 5)
    panel = Panel.from_wide(frame(y=[1, 2, 3, np.nan, 5, 6]), treated="y", windows=windows)
    assert (panel.n_pre, panel.n_post) == (3, 2)


def test_duplicates_are_refused_in_a_long_table() -> None:
    long = pd.DataFrame({"u": ["a", "a", "b"], "t": [1, 1, 1], "v": [1.0, 2.0, 3.0]})
    with pytest.raises(DesignError, match="two values"):
        Panel.from_long(long, unit="u", time="t", value="v", treated="a", windows=WINDOWS)


def test_windows_refuse_overlap() -> None:
    with pytest.raises(DesignError, match="overlap"):
        Windows(0, 5, 4, 6)


def test_seeds_are_named_and_independent_of_order() -> None:
    assert seed_for("unicredit", "placebo", "a") == seed_for("unicredit", "placebo", "a")
    assert seed_for("ab", "c") != seed_for("a", "bc")
    assert generator_for("x").normal() == generator_for("x").normal()
    assert seed_for("unicredit") == 4756599414939846005  # a changed seed changes every published number


def test_a_check_speaks() -> None:
    with pytest.raises(ValueError, match="sentence"):
        CheckResult("c", "o", "PASS", "")
    with pytest.raises(ValueError, match="what to do"):
        CheckResult("c", "o", "FAIL", "It failed.")
    with pytest.raises(ValueError, match="status"):
        CheckResult("c", "o", "GREEN", "Fine.")


@pytest.mark.parametrize(
    "after",
    [
        [50, 60, 0, 0, 0, 0, 0, 0],  # gone two periods after the event
        [0, 0, 0, 1e-6, 0, 0, 0, 0],  # a crumb is not a series
        [np.nan] * 8,
    ],
)
def test_a_series_that_ends_some_periods_later_is_refused_too(after: list[float]) -> None:
    wide = pd.DataFrame({"y": [50.0, 55, 60, 58, 61, 57, 52, 59, *after]}, index=range(16))
    with pytest.raises(StructurallyAbsentOutcome):
        Panel.from_wide(wide, treated="y", windows=Windows.split(first=0, event=8, last=15))


@pytest.mark.parametrize(
    ("y", "donor"),
    [
        ([50.0, 55, 60, 58, 61, 57, 52, 59, 54, 60] + [np.nan] * 6, [1.0] * 16),  # seen after the event
        ([50.0, 55, 60, 58, 61, 57, 52, 59] + [np.nan] * 8, [1.0] * 8 + [np.nan] * 8),  # everything ends there
        ([50.0, 55, 60, 58, 61] + [np.nan] * 11, [1.0] * 16),  # ended well before the event
    ],
)
def test_data_that_end_are_not_a_series_that_vanished(y: list[float], donor: list[float]) -> None:
    wide = pd.DataFrame({"y": y, "d": donor}, index=range(16))
    with pytest.raises(DesignError, match=r"the data end on \d+, the window asks for 15") as caught:
        Panel.from_wide(wide, treated="y", donors=["d"], windows=Windows.split(first=0, event=8, last=15))
    assert not isinstance(caught.value, StructurallyAbsentOutcome)


def test_a_series_that_is_often_zero_may_end_in_zeros() -> None:
    values = [3.0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0]
    wide = pd.DataFrame({"y": values}, index=range(16))
    assert Panel.from_wide(wide, treated="y", windows=Windows.split(first=0, event=8, last=15)).n_post == 8


def test_rows_that_are_not_there_are_refused() -> None:
    years = [year for year in range(1970, 2001) if year != 1980]
    wide = pd.DataFrame({"y": np.arange(30.0) + 1}, index=years)
    with pytest.raises(DesignError, match="missing after 1979"):
        Panel.from_wide(wide, treated="y", windows=Windows.split(first=1970, event=1989, last=2000))


def test_values_that_are_not_numbers_are_refused() -> None:
    for bad in (["a"] * 6, [1, 2, np.inf, 4, 5, 6]):
        with pytest.raises(DesignError):
            Panel.from_wide(frame(y=bad), treated="y", windows=WINDOWS)
    with pytest.raises(DesignError, match="not comparable"):
        Panel.from_wide(frame(y=[1, 2, 3, 4, 5, 6]), treated="y", windows=Windows("a", "b", "c", "d"))


def test_a_panel_cannot_be_changed_in_place() -> None:
    panel = Panel.from_wide(frame(y=[1, 2, 3, 4, 5, 6]), treated="y", windows=WINDOWS)
    with pytest.raises(ValueError, match="read-only"):
        panel.frame.iloc[0, 0] = 99.0
    result = effect()
    with pytest.raises(ValueError, match="read-only"):
        result.path.iloc[0, 0] = 99.0
