import numpy as np
import pytest
from check_worlds import AFTER, context_of, frame_of

from analysis.checks import sensitivity_to_trends
from analysis.inference.sensitivity import original_interval, relative_magnitude_interval

ESTIMATOR = "difference_in_differences"


def test_a_large_clear_step_survives():
    result = sensitivity_to_trends.run(context_of(frame_of(effect=-12), ESTIMATOR))
    assert result.status == "PASS"
    assert result.statistic >= 1
    assert list(result.table["bound"]) == [0, 0.5, 1, 2]
    widths = (result.table["upper"] - result.table["lower"]).to_numpy()
    assert (np.diff(widths) > 0).all()


def test_a_step_no_larger_than_the_swings_before_it_does_not():
    frame = frame_of(effect=-4)
    frame["brand"] += 3 * np.sign(np.sin(np.arange(len(frame)) / 5.1))
    context = context_of(frame, ESTIMATOR)
    result = sensitivity_to_trends.run(context)
    assert result.statistic < 1
    assert result.status in ("REVIEW", "FAIL")


def test_breakdown_is_where_the_interval_meets_zero():
    frame = frame_of(effect=-3)
    frame["brand"] += 1.5 * np.sin(np.arange(len(frame)) / 9)
    context = context_of(frame, ESTIMATOR)
    result = sensitivity_to_trends.run(context)
    study, weights = sensitivity_to_trends.event_study(context)
    assert 0 < result.statistic < sensitivity_to_trends.LARGEST
    step = sensitivity_to_trends.LARGEST * sensitivity_to_trends.TOLERANCE
    assert 0.0 not in relative_magnitude_interval(study, result.statistic, weights=weights)
    assert 0.0 in relative_magnitude_interval(study, result.statistic + step, weights=weights)


def test_with_parallel_trends_the_interval_is_as_wide_as_the_estimates_own_normal_one():
    context = context_of(frame_of(effect=-12), ESTIMATOR)
    study, weights = sensitivity_to_trends.event_study(context)
    interval = original_interval(study, weights=weights)
    assert (interval.upper - interval.lower) / 2 == pytest.approx(1.959964 * context.effect.standard_error)
    assert weights.sum() == pytest.approx(1)
    assert weights * AFTER == pytest.approx([4, 4, 4, 4])


def test_no_finding_has_nothing_to_overturn():
    result = sensitivity_to_trends.run(context_of(frame_of(), ESTIMATOR))
    assert result.status == "PASS"
    assert "no finding" in result.sentence


def test_without_an_interval_it_says_so():
    result = sensitivity_to_trends.run(context_of(frame_of(donors=1), ESTIMATOR))
    assert result.status == "REVIEW"


def test_single_series_do_not_apply():
    context = context_of(frame_of(), "interrupted_time_series")
    assert sensitivity_to_trends.applies(context.panel, context.module)
