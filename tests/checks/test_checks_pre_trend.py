import numpy as np
import pytest
from check_worlds import AFTER, BEFORE, context_of, frame_of

from analysis.checks import pre_trend
from analysis.core.seeds import generator_for

ESTIMATOR = "difference_in_differences"


def drifting(slope, effect=0.0):
    generator, frame = generator_for("pre trend"), frame_of()
    frame[:] = 100 + generator.normal(size=(len(frame), 1)).cumsum(axis=0) + generator.normal(size=frame.shape)
    frame.iloc[-AFTER:, 0] += effect
    frame["brand"] += slope * np.arange(len(frame))
    return context_of(frame, ESTIMATOR)


def test_parallel_series_pass_and_say_what_would_go_unseen():
    result = pre_trend.run(drifting(0.0, effect=-12))
    assert result.status == "PASS"
    assert "would go unseen" in result.sentence
    assert result.table["detectable"].iloc[0] > 0


def test_a_drift_as_large_as_the_estimate_fails():
    result = pre_trend.run(drifting(-0.3))
    assert result.status == "FAIL"
    assert result.table["slope"].iloc[0] == pytest.approx(-0.3, abs=0.1)
    assert "trend" in result.recommendation


def test_slope_moves_by_what_is_added_and_carries_to_the_middle_of_the_post_period():
    flat, steep = (pre_trend.run(drifting(slope)).table.iloc[0] for slope in (0.0, 0.1))
    assert steep["slope"] - flat["slope"] == pytest.approx(0.1, abs=1e-3)
    middle = pre_trend.distance_to_post(drifting(0.0).panel)
    assert middle == (BEFORE + 4 + 7.5) - (BEFORE - 1) / 2
    assert steep["carried_to_post"] == pytest.approx(steep["slope"] * middle)


@pytest.mark.parametrize(
    ("p_value", "carried", "status"), [(0.2, 9, "PASS"), (0.03, 9, "REVIEW"), (0.005, 4, "REVIEW"), (0.005, 5, "FAIL")]
)
def test_verdict(p_value, carried, status):
    assert pre_trend.verdict(p_value, carried, -10.0) == status


def test_single_series_do_not_apply():
    context = context_of(frame_of(), "interrupted_time_series")
    assert "own course" in pre_trend.applies(context.panel, context.module)
