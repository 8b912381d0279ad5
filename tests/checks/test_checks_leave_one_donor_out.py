import numpy as np
import pytest
from check_worlds import BEFORE, context_of, frame_of

from analysis.checks import leave_one_donor_out
from analysis.checks._placebo_nulls import bare_point
from analysis.core.effect import Interval
from analysis.core.errors import DesignError


def test_only_donors_with_weight_are_left_out():
    context = context_of(frame_of(effect=-12))
    result = leave_one_donor_out.run(context)
    weights = context.effect.diagnostics["weights"]
    assert set(result.table["left_out"]) == {name for name, weight in weights.items() if weight > 1e-6}
    assert result.status == "PASS"
    assert result.statistic == pytest.approx((result.table["effect"] - context.effect.point).abs().max())


def test_rows_are_the_estimate_without_that_donor():
    context = context_of(frame_of(donors=5), "difference_in_differences")
    table = leave_one_donor_out.leave_one_out_table(context)
    panel = context.panel
    gap = panel.frame["brand"] - panel.frame[[name for name in panel.donors if name != "peer 03"]].mean(axis=1)
    expected = gap[panel.post].mean() - gap[panel.pre].mean()
    assert table.set_index("left_out")["effect"]["peer 03"] == pytest.approx(expected)


def test_a_donor_with_an_event_of_its_own_is_caught():
    frame = frame_of("own event")
    frame["brand"] = 0.9 * frame["peer 01"] + 0.1 * frame["peer 02"] + 0.2 * np.cos(np.arange(len(frame)) * 2.1)
    frame.iloc[BEFORE:, 1] += 30  # peer 01 rises, so the brand seems to fall
    result = leave_one_donor_out.run(context_of(frame))
    assert result.status == "FAIL"
    assert "peer 01" in result.recommendation


class Pretended:
    def __init__(self, point, interval, p_value):
        self.point, self.interval, self.p_value = point, interval, p_value


@pytest.mark.parametrize(
    ("effect", "points", "status"),
    [
        (Pretended(-5, Interval(-8, -2), 0.01), [-5.5, -4.5], "PASS"),
        (Pretended(-5, Interval(-8, -2), 0.01), [-7, -5], "REVIEW"),
        (Pretended(-5, Interval(-8, -2), 0.01), [-9, -5], "FAIL"),
        (Pretended(-1, Interval(-6, 4), 0.5), [0.5, -1], "PASS"),
        (Pretended(-1, None, 0.2), [0.5, -1], "REVIEW"),
    ],
)
def test_verdict(effect, points, status):
    assert leave_one_donor_out.verdict(effect, np.array(points)) == status


def test_needs_a_donor_to_spare():
    context = context_of(frame_of(donors=2))
    assert "none can be left out" in leave_one_donor_out.applies(context.panel, context.module)


@pytest.mark.parametrize(
    "estimator",
    [
        "difference_in_differences",
        "synthetic_control",
        "augmented_synthetic_control",
        "synthetic_difference_in_differences",
    ],
)
def test_the_point_without_its_inference_is_the_estimate_s(estimator):
    context = context_of(frame_of(effect=-12), estimator)
    fewer = context.panel.with_donors(context.panel.donors[1:])
    assert bare_point(context, fewer) == context.re_estimate(fewer).point


def test_what_the_method_refuses_is_refused_without_a_donor_too():
    frame = frame_of(donors=4)
    frame[["peer 01", "peer 02", "peer 03"]] = 100.0
    context = context_of(frame, "synthetic_difference_in_differences")
    with pytest.raises(DesignError, match="never move"):
        leave_one_donor_out.leave_one_out_table(context)
