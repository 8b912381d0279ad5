"""A donor hit by the same exit is named; donors all hit together are noticed; quiet donors pass."""

import numpy as np
import pandas as pd
import pytest

from analysis.checks import CheckContext, donors_moved
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows

PERIODS, BEFORE, DONORS = 100, 70, 12


def context(name: str, hit: dict[int, float]) -> CheckContext:
    draw = generator_for("donors moved", name)
    common = np.cumsum(draw.normal(0, 0.3, PERIODS))
    frame = pd.DataFrame(
        {f"peer {k:02d}": 100 + common + draw.normal(0, 1, PERIODS) for k in range(DONORS)},
        index=pd.date_range("2018-01-01", periods=PERIODS, freq="W-MON"),
    )
    frame.insert(0, "brand", 100 + common + draw.normal(0, 1, PERIODS))
    for donor, size in hit.items():
        frame.iloc[BEFORE:, 1 + donor] += size
    windows = Windows(frame.index[0], frame.index[BEFORE - 1], frame.index[BEFORE], frame.index[-1])
    panel = Panel.from_wide(frame, treated="brand", donors=list(frame)[1:], windows=windows, outcome="posts")
    return CheckContext("demo", "posts", "Posts", panel, "difference_in_differences")


@pytest.mark.parametrize("donor", [0, 5])
def test_a_donor_hit_by_the_same_exit_is_named(donor):
    result = donors_moved.run(context("one hit", {donor: -6.0}))
    assert result.status == "FAIL"  # each donor weighs a twelfth
    assert f"peer {donor:02d} fell by" in result.sentence
    assert f"peer {donor:02d}" in result.recommendation
    assert result.table["change"].iloc[0] == pytest.approx(-6, abs=1.5)


def test_donors_hit_together_are_noticed():
    result = donors_moved.run(context("all hit", dict.fromkeys(range(DONORS), -25.0)))
    assert result.status == "REVIEW"
    assert "together" in result.sentence


@pytest.mark.slow
def test_quiet_donors_pass_about_as_often_as_they_should():
    statuses = [donors_moved.run(context(f"quiet {number}", {})).status for number in range(40)]
    assert statuses.count("PASS") >= 34  # nominal 6 % alarms: P(more than 6 of 40) is under two per cent


def test_it_needs_two_donors_and_a_past():
    panel = context("short", {}).panel
    assert "fewer than two" in donors_moved.applies(panel.with_donors(panel.donors[:1]), None)
