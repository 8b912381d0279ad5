"""A negative control that moves fails the outcome it stands for; one that does not passes."""

import numpy as np
import pandas as pd

from analysis.checks import CheckContext, available, negative_control_outcome, not_applicable
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows


def panel(name: str, shift: float) -> Panel:
    draw = generator_for("negative control", name)
    index = pd.date_range("2018-01-01", periods=90, freq="W-MON")
    frame = pd.DataFrame({"y": 100 + draw.normal(0, 1, 90)}, index=index)
    frame.iloc[70:] += shift
    windows = Windows(index[0], index[69], index[70], index[-1])
    return Panel.from_wide(frame, treated="y", windows=windows, outcome=name)


def context(shift: float | None) -> CheckContext:
    controls = {} if shift is None else {"Branch visits": panel("control", shift)}
    return CheckContext(
        "demo", "posts", "Posts", panel("posts", 5.0), "structural_time_series", negative_controls=controls
    )


def test_a_control_that_moved_fails():
    result = negative_control_outcome.run(context(4.0))
    assert result.status == "FAIL"
    assert "finds an effect on Branch visits" in result.sentence


def test_a_control_that_did_not_move_passes():
    result = negative_control_outcome.run(context(0.0))
    assert result.status == "PASS"
    assert result.statistic > 0.05


def test_without_a_declared_control_it_does_not_apply():
    assert "names no outcome" in not_applicable(context(None))["negative_control_outcome"]
    assert "negative_control_outcome" in available()


def test_a_control_that_cannot_be_estimated_is_said():
    short = panel("short", 0.0)
    short = short.with_windows(Windows(short.times[66], short.times[69], short.times[70], short.times[-1]))
    base = context(0.0)
    result = negative_control_outcome.run(
        CheckContext("demo", "posts", "Posts", base.panel, base.estimator, negative_controls={"Branch visits": short})
    )
    assert result.status == "NOT_RUN"
    assert np.isnan(float(result.statistic or "nan"))
