import dataclasses

import pytest
from check_worlds import context_of, frame_of

from analysis.checks import other_intervals
from analysis.core.effect import Interval

METHODS = ("synthetic_control", "difference_in_differences", "synthetic_difference_in_differences")


@pytest.mark.parametrize("method", METHODS)
def test_a_large_effect_is_seen_by_every_way(method):
    result = other_intervals.run(context_of(frame_of(effect=-12), method))
    assert result.status in ("PASS", "REVIEW")
    assert result.table["agrees"].all()
    assert (result.table["upper"] < 0).all()
    assert result.statistic == pytest.approx(result.table["width_ratio"].max())


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_seen_where_nothing_happened(method):
    table = other_intervals.run(context_of(frame_of("quiet"), method)).table
    assert table["agrees"].all()


def test_a_claim_that_no_other_way_supports_fails():
    context = context_of(frame_of("quiet"))
    claimed = context.effect


    bold = dataclasses.replace(claimed, interval=Interval(claimed.point - 1e-3, claimed.point + 1e-3), p_value=1e-9)
    result = other_intervals.run(dataclasses.replace(context, effect=bold))
    assert result.status == "FAIL"
    assert result.recommendation


def test_is_about_donors_and_enough_past():
    frame = frame_of()
    alone = context_of(frame, "interrupted_time_series")
    assert "own past" in other_intervals.applies(alone.panel, alone.module)
    assert other_intervals.applies(context_of(frame).panel, context_of(frame).module) is None
