"""Every check that is found: plain sentences, no silence, and one new file is enough."""

import sys

import numpy as np
import pandas as pd
import pytest

from analysis import checks
from analysis.checks import CheckContext, not_applicable, run_checks
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows

NEW_CHECK = '''
"""A check for the test of discovery."""

from analysis.core.check import CheckResult

NAME = "{name}"
LABEL = "New"
REFERENCE = "none"


def applies(panel, estimator_module):
    return {reason!r}


def run(context):
    {body}
'''
FINE = 'return CheckResult(NAME, context.outcome, "PASS", "It is well.")'


def context_of(estimator):
    generator = generator_for("check contract")
    common = generator.normal(size=90).cumsum()
    values = {"brand": 100 + common + generator.normal(size=90)}
    values |= {f"peer {k}": 90 + common + generator.normal(size=90) for k in range(20)}
    frame = pd.DataFrame(values, index=pd.date_range("2018-01-01", periods=90, freq="W-MON"))
    frame.iloc[74:, 0] -= 5
    times = frame.index
    windows = Windows(times[0], times[69], times[74], times[-1])
    panel = Panel.from_wide(frame, treated="brand", donors=list(frame)[1:], windows=windows, outcome="posts")
    return CheckContext("demo", "posts", "Posts", panel, estimator)


@pytest.fixture(scope="module", params=["synthetic_control", "interrupted_time_series", "difference_in_differences"])
def context(request):
    return context_of(request.param)


def test_checks_declare_themselves():
    assert set(checks.available()) >= {
        "pre_period_fit", "placebo_in_time", "placebo_in_space", "leave_one_donor_out", "residual_autocorrelation"
    }  # fmt: skip
    for module in checks.available().values():
        assert module.LABEL
        assert module.REFERENCE
        assert module.__doc__


def test_every_check_runs_or_says_why_it_does_not_apply(context):
    results, reasons = run_checks(context), not_applicable(context)
    assert sorted([result.check for result in results] + list(reasons)) == sorted(checks.available())
    assert all(reasons.values())
    for result in results:
        assert result.status in ("PASS", "REVIEW", "FAIL")
        assert result.outcome == context.outcome
        assert result.statistic is not None
        assert len(result.table)
        assert result.sentence.endswith(".")
        assert any(sign.isdigit() for sign in result.sentence)
        assert len(result.sentence) < 260
        assert result.status == "PASS" or result.recommendation.endswith(".")


def test_checks_are_deterministic_and_leave_the_panel_alone(context):
    before = context.panel.frame.copy()
    one, two = run_checks(context), run_checks(context)
    assert [result.sentence for result in one] == [result.sentence for result in two]
    for first, second in zip(one, two, strict=True):
        pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
    pd.testing.assert_frame_equal(context.panel.frame, before, check_exact=True)


@pytest.fixture
def added(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])

    def add(name, body=FINE, reason=None):
        (tmp_path / f"{name}.py").write_text(NEW_CHECK.format(name=name, body=body, reason=reason), "utf-8")

    yield add
    for file in tmp_path.glob("*.py"):
        sys.modules.pop(f"analysis.checks.{file.stem}", None)
        if hasattr(checks, file.stem):
            delattr(checks, file.stem)


def named(context, name):
    return next(result for result in run_checks(context) if result.check == name)


def test_one_new_file_is_found_and_run(added):
    added("new_check")
    assert named(context_of("difference_in_differences"), "new_check").status == "PASS"


def test_a_crash_is_not_run_with_its_reason(added):
    added("broken_check", "raise ZeroDivisionError('nothing to divide by')")
    result = named(context_of("difference_in_differences"), "broken_check")
    assert result.status == "NOT_RUN"
    assert "nothing to divide by" in result.sentence
    assert result.recommendation


def test_a_check_that_does_not_apply_is_told_with_its_reason(added):
    added("silent_check", reason="there is nothing to check")
    context = context_of("difference_in_differences")
    assert not_applicable(context)["silent_check"] == "there is nothing to check"
    assert "silent_check" not in [result.check for result in run_checks(context)]


def test_re_estimation_is_the_estimate_itself():
    context = context_of("synthetic_control")
    assert context.re_estimate(context.panel).point == context.effect.point
    assert np.isfinite(context.effect.point)
