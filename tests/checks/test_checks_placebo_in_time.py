from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from check_worlds import BEFORE, context_of, frame_of

from analysis.checks import placebo_in_time
from analysis.core.effect import Interval
from analysis.core.windows import Windows


def test_quiet_pre_period_passes_and_says_how_many_dates():
    result = placebo_in_time.run(context_of(frame_of(effect=-12)))
    assert result.status == "PASS"
    assert f"{len(result.table)} pretended dates" in result.sentence
    assert result.statistic == (result.table["p_value"] < 0.05).mean()


def test_pretended_dates_use_nothing_from_the_event_on():
    frame = frame_of()
    spoilt = frame.copy()
    spoilt.iloc[BEFORE:] *= 4
    one, two = (placebo_in_time.placebo_table(context_of(data)) for data in (frame, spoilt))
    assert one["effect"].to_numpy() == pytest.approx(two["effect"].to_numpy())


def test_a_break_before_the_event_is_caught():
    frame = frame_of()
    frame.loc[frame.index[52:BEFORE], "brand"] -= 25
    result = placebo_in_time.run(context_of(frame))
    assert result.status != "PASS"
    assert result.statistic > 0.3


@pytest.mark.parametrize(
    ("effects", "status", "said"),
    [
        ([1.0, -2.0, 3.0, -11.0], "PASS", None),
        ([1.0, -2.0, 3.0, 12.5], "REVIEW", "The largest there, 12.5 posts, is no smaller than the estimate."),
        ([13.0, -14.0, 1.0, 13.5], "REVIEW", "The estimate is no larger than what the method typically finds"),
    ],
)
def test_an_estimate_no_larger_than_what_chance_makes_is_reviewed_whatever_the_p_values(
    monkeypatch, effects, status, said
):
    context = context_of(frame_of())
    claimed = replace(context.effect, point=-12.0, p_value=0.01, interval=Interval(-20.0, -4.0, 0.95))
    context = replace(context, effect=claimed)
    table = pd.DataFrame({"date": context.panel.times[40:44], "effect": effects, "p_value": 0.6})
    monkeypatch.setattr(placebo_in_time, "placebo_table", lambda _: table)
    result = placebo_in_time.run(context)
    assert result.status == status
    assert bool(result.recommendation) == (status != "PASS")
    assert said is None or said in result.sentence
    assert f"the typical size there is {np.median(np.abs(effects)):.3g} posts" in result.sentence
    open_one = replace(context, effect=replace(context.effect, p_value=0.06, interval=Interval(-25.0, 1.0, 0.95)))
    assert placebo_in_time.run(open_one).status == "PASS"  # it claims no effect that a date could contradict


@pytest.mark.parametrize(
    ("share", "windows", "status"),
    [(0, 8, "PASS"), (1 / 8, 8, "PASS"), (2 / 8, 8, "REVIEW"), (3 / 8, 8, "FAIL"), (1, 1, "REVIEW"), (1, 2, "FAIL")],
)
def test_verdict_counts_windows_that_do_not_overlap(share, windows, status):
    assert placebo_in_time.verdict(share, windows) == status


def test_without_p_values_the_sizes_are_compared():
    frame = frame_of(donors=1)
    result = placebo_in_time.run(context_of(frame, "difference_in_differences"))
    assert result.status == "REVIEW"
    assert np.isfinite(result.statistic)


def test_a_short_pre_period_leaves_no_room():
    context = context_of(frame_of())
    times = context.panel.times
    short = context.panel.with_windows(Windows(times[BEFORE - 12], times[BEFORE - 1], times[BEFORE + 4], times[-1]))
    assert "no room" in placebo_in_time.applies(short, context.module)


def test_dates_that_the_estimator_refuses_are_left_out():
    stage = frame_of().index[60].strftime("%Y-%m-%d")
    context = context_of(frame_of(), "interrupted_time_series", slope=False, stages=[{"date": stage, "label": "ads"}])
    table = placebo_in_time.placebo_table(context)
    pretended = context.panel.times.get_indexer(table["date"])
    assert len(table) < placebo_in_time.DATES
    assert not ((pretended <= 60) & (pretended + 16 > 60)).any()
