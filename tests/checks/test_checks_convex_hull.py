import pytest
from check_worlds import BEFORE, context_of, frame_of

from analysis.checks import convex_hull


def test_a_unit_among_its_donors_passes():
    result = convex_hull.run(context_of(frame_of()))
    assert result.status == "PASS"
    assert len(result.table) == BEFORE
    assert result.statistic == (result.table["outside"] > 0).mean()


def test_a_unit_above_all_donors_fails_where_levels_are_mixed_only():
    frame = frame_of()
    frame["brand"] += 60
    mixed = convex_hull.run(context_of(frame))
    assert mixed.status == "FAIL"
    assert mixed.statistic == 1
    assert "synthetic_difference_in_differences" in mixed.recommendation
    assert convex_hull.run(context_of(frame, "synthetic_difference_in_differences")).status == "PASS"


def test_distance_is_to_the_nearest_donor():
    frame = frame_of()
    highest = frame.filter(like="peer").iloc[:BEFORE].max(axis=1)
    frame.loc[highest.index, "brand"] = highest + 2.5
    table = convex_hull.range_table(context_of(frame_of()).panel, centred=False)
    assert (table["outside"] >= 0).all()
    above = convex_hull.range_table(context_of(frame).panel, centred=False)
    assert above["outside"].to_numpy() == pytest.approx(2.5)


def test_a_unit_that_swings_wider_than_any_donor_is_noticed_with_levels_taken_out():
    frame = frame_of()
    frame["brand"] = 100 + 6 * (frame["brand"] - 100)
    result = convex_hull.run(context_of(frame, "synthetic_difference_in_differences"))
    assert result.status != "PASS"


def test_single_series_do_not_apply():
    context = context_of(frame_of(), "interrupted_time_series")
    assert convex_hull.applies(context.panel, context.module)
