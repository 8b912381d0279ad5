import numpy as np
import pytest
from check_worlds import BEFORE, DONUT, context_of, frame_of

from analysis.checks import donut_and_backdating
from analysis.core.windows import Windows

ESTIMATOR = "difference_in_differences"


def test_a_clean_step_does_not_hang_on_the_cut():
    result = donut_and_backdating.run(context_of(frame_of(effect=-12), ESTIMATOR))
    assert result.status == "PASS"
    assert len(result.table) == 4
    assert result.table["effect"].to_numpy() == pytest.approx(np.full(4, -12), abs=1)


def test_a_fall_that_came_early_moves_the_back_dated_estimate():
    frame = frame_of(effect=-12)
    frame.loc[frame.index[BEFORE - 12 : BEFORE + DONUT], "brand"] -= 12
    result = donut_and_backdating.run(context_of(frame, ESTIMATOR))
    assert result.status != "PASS"
    assert "back-dated" in result.recommendation or "back-dated" in result.sentence


def test_cuts_are_what_their_names_say():
    panel = context_of(frame_of(), ESTIMATOR).panel
    found = donut_and_backdating.cuts(panel, 8)
    both = panel.with_windows(found["donut 2 periods longer on both sides"])
    assert (both.n_pre, both.n_post) == (panel.n_pre - 2, panel.n_post - 2)
    back = panel.with_windows(found["back-dated by 16 periods"])
    assert (back.n_pre, back.n_post) == (panel.n_pre - 16, panel.n_post)


def test_moves_are_measured_against_the_interval():
    context = context_of(frame_of(effect=-12), ESTIMATOR)
    table, now = donut_and_backdating.cut_table(context), context.effect
    for row in table.itertuples():
        reach = now.interval.upper - now.point if row.move > 0 else now.point - now.interval.lower
        assert row.share_of_interval == pytest.approx(abs(row.effect - now.point) / reach)


def test_without_an_interval_it_asks_for_a_look():
    assert donut_and_backdating.run(context_of(frame_of(donors=1), ESTIMATOR)).status == "REVIEW"


def test_nothing_to_give_away_does_not_apply():
    context = context_of(frame_of(), ESTIMATOR)
    times = context.panel.times
    short = context.panel.with_windows(
        Windows(times[BEFORE - 9], times[BEFORE - 1], times[BEFORE + DONUT], times[BEFORE + DONUT + 2])
    )
    assert "none to give away" in donut_and_backdating.applies(short, context.module)
