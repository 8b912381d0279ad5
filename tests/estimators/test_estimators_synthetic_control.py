import numpy as np
import pytest
from estimator_worlds import panel_of, weekly_frame

from analysis import estimate
from analysis.core.errors import DesignError
from analysis.inference.placebo import rank_p_value


def test_gap_is_observed_less_the_weighted_donors():
    frame = weekly_frame(effect=-5)
    panel = panel_of(frame)
    effect = estimate("synthetic_control", panel)
    weights = effect.diagnostics["weights"]
    expected = sum(weight * frame[name] for name, weight in weights.items())
    assert effect.path["expected"].to_numpy() == pytest.approx(expected.to_numpy())
    assert effect.point == pytest.approx((frame["brand"] - expected)[panel.post].mean())


def test_interval_ends_are_where_the_rank_test_turns():
    effect = estimate("synthetic_control", panel_of(weekly_frame(effect=-5)))
    ratios, scale = list(effect.diagnostics["placebo_statistics"].values()), effect.diagnostics["pre_rmspe"]
    half = effect.interval.upper - effect.point
    for factor, inside in ((0.999, True), (1.001, False)):
        assert (rank_p_value(factor * half / scale, ratios) > 0.05) == inside


def test_a_large_effect_has_the_smallest_p_value_the_donors_allow():
    effect = estimate("synthetic_control", panel_of(weekly_frame(effect=-40)))
    assert effect.p_value == 1 / 25
    assert effect.interval.upper < 0


def test_too_few_donors_for_a_95_percent_interval_are_told_so():
    effect = estimate("synthetic_control", panel_of(weekly_frame(donors=9)))
    assert effect.interval is None
    assert effect.p_value >= 0.1
    assert effect.diagnostics["attainable_level"] == 0.9
    assert "19 donors" in effect.diagnostics["interval_absent"]
    lower, upper = effect.diagnostics["attainable_interval"]
    assert lower < effect.point < upper
    assert estimate("synthetic_control", panel_of(weekly_frame(donors=9)), level=0.9).interval is not None


def test_band_of_each_period_is_finite_after_the_event():
    panel = panel_of(weekly_frame())
    path = estimate("synthetic_control", panel).path
    assert np.isfinite(path["upper"]).tolist() == panel.post.tolist()
    assert (path["lower"] < path["expected"])[panel.post].all()


def test_donors_that_reproduce_the_series_exactly_are_refused():
    frame = weekly_frame()
    frame["brand"] = (frame["peer 01"] + frame["peer 02"]) / 2
    with pytest.raises(DesignError, match="exactly"):
        estimate("synthetic_control", panel_of(frame))
