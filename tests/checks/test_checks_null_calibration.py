import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from check_worlds import BEFORE, context_of, frame_of

from analysis.checks import CheckContext, null_calibration
from analysis.checks._nulls import pretended_nulls
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows
from analysis.inference.null_calibration import null_statistic, sliding_windows

PROCESSOR_SECONDS = 30.0  # 200 nulls of one outcome take about two; a busy machine must not fail the test


def alone(length=140, before=100, donut=3, walk=0.0, freq="W-MON", name="alone", **options):
    generator = generator_for("null calibration", name)
    y = 50 + generator.normal(size=length) + walk * generator.normal(size=length).cumsum()
    y += 2 * np.sin(2 * np.pi * np.arange(length) / 7) if freq == "D" else 0.0
    times = pd.date_range("2018-01-01", periods=length, freq=freq)
    windows = Windows(times[0], times[before - 1], times[before + donut], times[-1])
    panel = Panel.from_wide(pd.DataFrame({"y": y}, index=times), treated="y", windows=windows)
    return CheckContext("demo", "y", "Y", panel, options.pop("estimator", "structural_time_series"), options)


@pytest.mark.parametrize(("freq", "harmonics"), [("W-MON", 0), ("W-MON", 1), ("D", 0)])
def test_dates_that_share_a_fit_give_what_the_estimator_gives_at_each(freq, harmonics):
    context = alone(length=190, before=150, freq=freq, walk=0.2, harmonics=harmonics)
    windows = sliding_windows(context.panel, 70, 9)
    table = pretended_nulls(context, windows, 9)
    for row, item in zip(table.itertuples(), windows, strict=True):
        effect = context.re_estimate(context.panel.with_windows(item))
        assert row.effect == pytest.approx(effect.point, abs=1e-8)
        assert row.statistic == pytest.approx(null_statistic(effect.point, effect.interval), rel=1e-5)


def test_an_honest_method_passes_and_counts_both_kinds():
    result = null_calibration.run(alone(length=220, before=200, donut=3))
    assert result.status == "PASS"
    assert result.table["effective_nulls"].iloc[0] >= null_calibration.FEWEST_INDEPENDENT
    assert list(result.table["kind"]) == ["pretended", "simulated"]
    assert result.table["nulls"].sum() > 200
    assert result.statistic == result.table["share"].max()
    assert "199 simulated series" in result.sentence


def test_a_straight_line_through_a_wandering_series_fails_and_says_how_much_to_widen():
    result = null_calibration.run(alone(walk=1.0, estimator="interrupted_time_series"))
    assert result.status == "FAIL"
    assert result.statistic > 0.15
    assert "times as wide" in result.recommendation
    assert (result.table["critical_value"] > 1.2).all()


def test_donor_methods_are_judged_by_dates_alone():
    result = null_calibration.run(context_of(frame_of(), "difference_in_differences"))
    assert list(result.table["kind"]) == ["pretended"]
    assert result.table["effective_nulls"].iloc[0] < result.table["nulls"].iloc[0]


def test_nothing_from_the_event_on_is_used():
    frame = frame_of()
    spoilt = frame.copy()
    spoilt.iloc[BEFORE:] += 40
    one, two = (null_calibration.run(context_of(data, "structural_time_series")) for data in (frame, spoilt))
    pd.testing.assert_frame_equal(one.table, two.table)


def test_a_single_rejected_window_is_worth_a_look_and_a_tenth_of_many_is_not_chance():
    def summary(worth=5, **chances):
        kinds = ["pretended", "simulated"]
        return pd.DataFrame({"kind": kinds, "chance": list(chances.values()), "effective_nulls": [worth, 199]})

    assert null_calibration.verdict(summary(dates=0.05, simulated=0.5)) == "REVIEW"
    assert null_calibration.verdict(summary(dates=0.5, simulated=0.009)) == "FAIL"
    assert null_calibration.verdict(summary(dates=0.3, simulated=0.06)) == "PASS"
    assert null_calibration.verdict(summary(worth=2, dates=0.3, simulated=0.06)) == "REVIEW"
    assert null_calibration.verdict(summary(worth=2, dates=0.3, simulated=0.009)) == "FAIL"


def test_silence_at_dates_that_overlap_is_no_pass():
    result = null_calibration.run(alone())
    assert result.table["effective_nulls"].iloc[0] < null_calibration.FEWEST_INDEPENDENT
    assert result.status == "REVIEW"
    assert "Too few separate dates" in result.sentence
    assert "Lengthen the period" in result.recommendation


def test_too_few_dates_do_not_apply():
    context = alone(length=60, before=34)
    assert "fewer than" in null_calibration.applies(context.panel, context.module)


def test_two_hundred_nulls_are_cheap():
    context = alone(length=428, before=365, freq="D", walk=0.1)
    started = time.process_time()
    table = null_calibration.null_table(context)
    assert time.process_time() - started < PROCESSOR_SECONDS
    assert len(table) > 200


def test_what_the_printed_interval_was_widened_by_is_not_asked_for_again():
    context = alone(walk=1.0, estimator="interrupted_time_series")
    raw = null_calibration.run(context)
    wanted = float(raw.table["critical_value"].iloc[0])
    diagnostics = dict(context.effect.diagnostics) | {"null_factor": wanted}
    widened = replace(context, effect=replace(context.effect, diagnostics=diagnostics))
    result = null_calibration.run(widened)
    assert f"{wanted:.2f} times the method's own" in result.sentence
    assert "Read the interval as too narrow" in result.recommendation
    assert f"{wanted:.2f} times as wide" in raw.recommendation
    assert "method's own" not in raw.sentence
