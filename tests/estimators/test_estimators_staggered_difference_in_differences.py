import numpy as np
import pytest
from estimator_worlds import panel_of, weekly_frame

from analysis import estimate
from analysis.core.errors import CaseError, DesignError

NAME = "staggered_difference_in_differences"


def world(name="staggered", effect=-6.0, late=(76, 80), donors=22, **options):
    """Three brands leave at rows 70, 76 and 80 with the same effect; the panel's own is the first."""
    frame = weekly_frame(name, donors=donors, effect=effect, **options)
    for peer, row in zip(("peer 01", "peer 02"), late, strict=True):
        frame.iloc[row:, frame.columns.get_loc(peer)] += effect
    return frame, {"peer 01": frame.index[late[0]], "peer 02": str(frame.index[late[1]].date())}


def test_alone_it_is_difference_in_differences():
    panel = panel_of(weekly_frame(effect=-5))
    plain, found = estimate("difference_in_differences", panel), estimate(NAME, panel)
    assert found.point == pytest.approx(plain.point)
    assert found.path["expected"].to_numpy() == pytest.approx(plain.path["expected"].to_numpy())
    assert found.diagnostics["placebo_effects"] == pytest.approx(plain.diagnostics["placebo_effects"])
    donors = len(panel.donors)  # two variances that differ by how the comparison's own mean is counted
    assert found.standard_error == pytest.approx(plain.standard_error * np.sqrt(1 - 1 / donors**2))


def test_universal_base_is_the_last_period_before():
    panel = panel_of(weekly_frame(effect=-5))
    gap = panel.y - panel.donor_values.mean(axis=1)
    found = estimate(NAME, panel, base="universal")
    assert found.point == pytest.approx(gap[panel.post].mean() - gap[panel.pre][-1])


def test_several_exits_recover_a_common_effect_more_precisely():
    frame, cohorts = world()
    panel = panel_of(frame)
    alone = estimate(NAME, panel.with_donors([name for name in panel.donors if name not in cohorts]))
    together = estimate(NAME, panel, cohorts=cohorts)
    assert -6.0 in together.interval
    assert together.standard_error < 0.85 * alone.standard_error  # the last weeks are those of one unit alone
    assert together.diagnostics["never_treated"] == [name for name in panel.donors if name not in cohorts]


def test_units_that_left_are_never_controls_after_they_left():
    """A peer's own collapse after its exit moves the average of the exits, not the comparison."""
    frame, cohorts = world(effect=0.0)
    panel = panel_of(frame)
    for control in ("never", "not_yet"):
        before = estimate(NAME, panel, cohorts=cohorts, control=control).diagnostics["group"]
        fallen = frame.copy()
        fallen.iloc[76:, fallen.columns.get_loc("peer 01")] -= 1000.0
        after = estimate(NAME, panel_of(fallen), cohorts=cohorts, control=control).diagnostics["group"]
        assert after[0]["estimate"] == pytest.approx(before[0]["estimate"])
        assert after[1]["estimate"] == pytest.approx(before[1]["estimate"] - 1000.0)


def test_point_is_the_average_by_time_since_exit():
    frame, cohorts = world()
    panel = panel_of(frame)
    found = estimate(NAME, panel, cohorts=cohorts)
    later = [row["estimate"] for row in found.diagnostics["dynamic"] if row["at"] >= 0]
    assert len(later) == panel.n_post
    assert found.point == pytest.approx(np.mean(later))
    observed = found.path["observed"].to_numpy()[70]
    first = frame["brand"].iloc[70], frame["peer 01"].iloc[76], frame["peer 02"].iloc[80]
    assert observed == pytest.approx(np.mean(first))
    assert found.cumulative == pytest.approx(found.point * panel.n_post)


def test_size_with_three_exits():
    """True nulls rejected at 5 % (120 worlds: standard error 2 %)."""
    rejected = 0
    for number in range(120):
        frame, cohorts = world(("size", number), effect=0.0, before=70, after=21)
        rejected += estimate(NAME, panel_of(frame), cohorts=cohorts).p_value < 0.05
    assert rejected <= 12


def test_anticipation_is_left_out_of_the_base():
    frame = weekly_frame(effect=-5)
    disturbed = frame.copy()
    disturbed.iloc[60:66, 0] -= 40.0  # the six weeks before the donut
    one, two = (estimate(NAME, panel_of(data), anticipation=6) for data in (frame, disturbed))
    assert two.point == pytest.approx(one.point)
    assert estimate(NAME, panel_of(disturbed)).point != pytest.approx(one.point, abs=1)


def test_a_unit_that_leaves_after_the_data_end_counts_as_never_treated():
    panel = panel_of(weekly_frame())
    assert estimate(NAME, panel, cohorts={"peer 03": "2030-01-07"}).point == pytest.approx(estimate(NAME, panel).point)


def test_what_cannot_be_compared_is_refused():
    frame, cohorts = world()
    panel = panel_of(frame)
    with pytest.raises(CaseError, match="not among the donors"):
        estimate(NAME, panel, cohorts={"peer 1": frame.index[75]})
    with pytest.raises(DesignError, match="periods before"):
        estimate(NAME, panel, cohorts={"peer 01": frame.index[9]})
    with pytest.raises(DesignError, match="never treated"):
        estimate(NAME, panel.with_donors(["peer 01", "peer 02", "peer 03"]), cohorts=cohorts)
    with pytest.raises(CaseError, match="base"):
        estimate(NAME, panel, base="varying")
