import pytest
from check_worlds import context_of, frame_of

from analysis.checks import level_shift_before
from analysis.core.seeds import generator_for


def world(step=0.0, estimator="structural_time_series"):
    frame = frame_of()[["brand"]].copy()
    frame["brand"] = 100 + generator_for("level shift").normal(size=len(frame))
    frame.iloc[40:, 0] += step
    return context_of(frame, estimator)


@pytest.mark.parametrize("estimator", ["structural_time_series", "interrupted_time_series"])
def test_a_quiet_series_passes(estimator):
    assert level_shift_before.run(world(estimator=estimator)).status == "PASS"


def test_a_jump_is_dated_sized_and_explained():
    context = world(step=-15)
    result = level_shift_before.run(context)
    assert result.status == "REVIEW"
    when = f"({context.panel.times[40].day} {context.panel.times[40]:%B %Y}"
    assert when in result.sentence
    assert when in result.recommendation
    assert result.table["step"].iloc[0] == pytest.approx(-15, abs=1.5)


def test_a_jump_fails_where_the_level_cannot_follow_it():
    assert level_shift_before.run(world(step=-15, estimator="interrupted_time_series")).status == "FAIL"


def test_donor_methods_do_not_apply():
    context = context_of(frame_of(), "synthetic_control")
    assert level_shift_before.applies(context.panel, context.module)
