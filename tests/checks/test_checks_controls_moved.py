import numpy as np
import pandas as pd
import pytest
from check_worlds import AFTER, BEFORE, DONUT

from analysis.checks import CheckContext, controls_moved
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows


def world(moved=0.0, estimator="structural_time_series"):
    generator, length = generator_for("controls moved"), BEFORE + DONUT + AFTER
    common = generator.normal(size=length)
    frame = pd.DataFrame(
        {name: 100 + common + generator.normal(size=length) for name in ("brand", "logins", "visits")},
        index=pd.date_range("2018-01-01", periods=length, freq="W-MON"),
    )
    frame.iloc[BEFORE + DONUT :, 1] += moved
    times = frame.index
    windows = Windows(times[0], times[BEFORE - 1], times[BEFORE + DONUT], times[-1])
    panel = Panel.from_wide(frame, treated="brand", covariates=["logins", "visits"], windows=windows)
    return CheckContext("demo", "brand", "Brand", panel, estimator)


@pytest.mark.parametrize("estimator", ["structural_time_series", "interrupted_time_series"])
def test_quiet_controls_pass(estimator):
    result = controls_moved.run(world(estimator=estimator))
    assert result.status == "PASS"
    assert list(result.table["control"]) == ["logins", "visits"]
    assert result.threshold == 0.025


@pytest.mark.parametrize("estimator", ["structural_time_series", "interrupted_time_series"])
def test_a_control_that_moved_is_named_and_the_other_is_not(estimator):
    result = controls_moved.run(world(moved=-8, estimator=estimator))
    assert result.status == "REVIEW"
    assert "logins moved" in result.sentence
    assert "logins" in result.recommendation
    assert "visits" not in result.recommendation
    assert list(result.table["moved"]) == [True, False]


def test_both_estimates_are_told():
    context = world(moved=-8)
    without = context.re_estimate(
        Panel.from_wide(context.panel.frame, treated="brand", windows=context.panel.windows, outcome="brand")
    )
    assert f"{abs(without.point):.3g}" in controls_moved.run(context).sentence
    assert not np.isclose(without.point, context.effect.point)


def carried():
    """A shared step at the exit: with the controls nothing is left, without them a large change."""
    context = world()
    frame = context.panel.frame.copy()
    frame.iloc[BEFORE + DONUT :] += 6
    panel = Panel.from_wide(frame, treated="brand", covariates=["logins", "visits"], windows=context.panel.windows)
    return CheckContext("demo", "brand", "Brand", panel, "interrupted_time_series")


def test_a_result_that_rests_on_its_controls_is_reviewed_and_says_so():
    context = carried()
    result = controls_moved.run(context)
    without = context.re_estimate(
        Panel.from_wide(context.panel.frame, treated="brand", windows=context.panel.windows, outcome="brand")
    )
    assert without.point not in context.effect.interval
    assert result.status == "REVIEW"
    assert "The result rests on the 2 controls." in result.sentence
    assert result.table["carries"].all()


def test_quiet_controls_carry_nothing():
    assert not controls_moved.run(world()).table["carries"].any()


def test_no_controls_do_not_apply():
    context = world()
    bare = Panel.from_wide(context.panel.frame, treated="brand", windows=context.panel.windows)
    assert "no controls" in controls_moved.applies(bare, context.module)
