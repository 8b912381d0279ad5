"""The printed interval and p-value are those that nulls support: which nulls, when they widen, what is recorded."""

import time
from dataclasses import replace

import pandas as pd
import pytest

from analysis import Panel, Windows, estimate
from analysis.checks import CheckContext
from analysis.checks import _placebo_nulls as placebo_nulls
from analysis.core.seeds import generator_for
from analysis.inference.null_calibration import null_statistic
from analysis.pipeline.calibration import calibrate

SECONDS = 15.0  # about two on an idle machine; a busy one must not fail the test
PERIODS, BEFORE, DONORS = 90, 70, 20


def context_of(panel: Panel, name: str, **options) -> CheckContext:
    return CheckContext("demo", "y", "Y", panel, name, options, estimate(name, panel, **options))


def compared(noise: float = 1.0, walk: float = 0.0, name: str = "alike") -> Panel:
    draw = generator_for("calibration donors", name)
    common = draw.normal(size=PERIODS).cumsum()
    values = 100 + common[:, None] + draw.normal(size=(PERIODS, DONORS + 1))
    values[:, 0] += noise * draw.normal(size=PERIODS) + walk * draw.normal(size=PERIODS).cumsum() - draw.normal(0, 1e-3)
    frame = pd.DataFrame(values, columns=[f"u{k:02d}" for k in range(DONORS + 1)])
    windows = Windows(0, BEFORE - 1, BEFORE, PERIODS - 1)
    return Panel.from_wide(frame, treated="u00", donors=list(frame.columns[1:]), windows=windows)


def alone(walk: float, freq: str = "W-MON", counts: bool = False) -> Panel:
    draw = generator_for("calibration alone", walk, freq)
    values = 200 + draw.normal(size=PERIODS) + walk * draw.normal(size=PERIODS).cumsum()
    values = draw.poisson(values / 10).astype(float) if counts else values
    times = pd.date_range("2019-01-07", periods=PERIODS, freq=freq)
    windows = Windows(times[0], times[BEFORE - 1], times[BEFORE], times[-1])
    return Panel.from_wide(pd.DataFrame({"y": values}, index=times), treated="y", windows=windows)


def returns(days: int = 1) -> Panel:
    draw = generator_for("calibration returns")
    market = 0.01 * draw.normal(size=120 + days)
    frame = pd.DataFrame({"share": market + 0.01 * draw.normal(size=120 + days), "market": market})
    windows = Windows.split(first=0, event=120, last=119 + days)
    return Panel.from_wide(frame, treated="share", covariates=["market"], windows=windows)


def test_a_line_through_a_wandering_series_is_widened_and_keeps_what_it_said() -> None:
    context = context_of(alone(walk=1.0), "interrupted_time_series")
    printed, raw = calibrate(context), context.effect
    found = printed.diagnostics
    assert found["null_factor"] > 1.2
    assert (found["null_kind"], found["null_count"]) == ("simulated series", 99)
    assert (found["raw_lower"], found["raw_upper"]) == (raw.interval.lower, raw.interval.upper)
    assert found["raw_p_value"] == raw.p_value
    half = found["null_factor"] * (raw.interval.upper - raw.point)
    assert printed.interval.upper - printed.point == pytest.approx(half)
    assert printed.p_value > raw.p_value
    assert printed.point == raw.point


def test_an_honest_method_is_left_as_it_was() -> None:
    context = context_of(alone(walk=0.3), "structural_time_series")
    printed = calibrate(context)
    assert printed.diagnostics["null_factor"] == 1
    assert printed.diagnostics["null_count"] == 199
    assert (printed.interval, printed.p_value) == (context.effect.interval, context.effect.p_value)


@pytest.mark.parametrize("name", ["difference_in_differences", "synthetic_difference_in_differences"])
def test_a_brand_unlike_its_donors_is_widened_and_one_like_them_is_not(name: str) -> None:
    lively = calibrate(context_of(compared(noise=4.0, walk=0.5, name="lively"), name))
    assert lively.diagnostics["null_factor"] > 1.3
    assert lively.diagnostics["null_kind"] == "simulated series"
    alike = calibrate(context_of(compared(noise=0.0), name))
    assert alike.diagnostics["null_factor"] == 1
    assert alike.diagnostics["null_kind"] == "donors in the brand's place"
    assert alike.diagnostics["null_count"] == DONORS


@pytest.mark.parametrize("name", sorted(placebo_nulls.COMPARES))
def test_a_null_is_what_the_estimator_gives_on_that_series(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = compared(noise=4.0, walk=0.5, name="lively")
    context = context_of(panel, name)
    series = generator_for("one null").normal(size=(PERIODS, 3))
    monkeypatch.setattr(placebo_nulls, "simulated_errors", lambda *_: series)
    monkeypatch.setattr(placebo_nulls, "is_livelier", lambda *_: True)
    table = placebo_nulls.donor_nulls(context, 3)
    expected = panel.transform(context.effect.path["expected"].to_numpy())
    for row, error in zip(table.itertuples(), series.T, strict=True):
        again = estimate(name, replace(panel, frame=panel.frame.assign(u00=expected + error)))
        assert row.effect == pytest.approx(again.point)
        assert row.statistic == pytest.approx(null_statistic(again.point, again.interval))


def test_the_days_before_are_the_nulls_of_a_market_reaction() -> None:
    context = context_of(returns(), "market_event_study")
    printed = calibrate(context)
    assert printed.diagnostics["null_kind"] == "ordinary days before the event"
    assert printed.diagnostics["null_count"] == 120
    table = placebo_nulls.ordinary_days(context)
    panel = context.panel
    moved = panel.frame.iloc[[*range(40), *range(41, 120), 40]].reset_index(drop=True)
    windows = Windows.split(first=0, event=119, last=119)
    again = estimate(
        "market_event_study", Panel.from_wide(moved, treated="share", covariates=["market"], windows=windows)
    )
    assert table["effect"].iloc[40] == pytest.approx(again.point)
    assert table["statistic"].iloc[40] == pytest.approx(null_statistic(again.point, again.interval), rel=0.01)


def test_counts_are_held_against_simulated_counts() -> None:
    printed = calibrate(context_of(alone(walk=0.0, counts=True), "count_time_series"))
    assert printed.diagnostics["null_kind"] == "simulated series"
    assert printed.diagnostics["null_count"] == 59


def test_no_interval_nothing_to_calibrate() -> None:
    panel = compared(noise=0.0)
    context = context_of(panel.with_donors(panel.donors[:5]), "synthetic_control")
    assert context.effect.interval is None
    assert calibrate(context) is context.effect


def test_calibration_is_deterministic_and_cheap() -> None:
    context = context_of(compared(noise=4.0, walk=0.5, name="lively"), "synthetic_difference_in_differences")
    started = time.process_time()
    one, two = calibrate(context), calibrate(context)
    assert (time.process_time() - started) / 2 < SECONDS
    assert one.interval == two.interval
    assert dict(one.diagnostics) == dict(two.diagnostics)


def test_only_the_past_and_the_widths_decide() -> None:
    """What happened after the event moves the point, never the factor of a single series."""
    panel = alone(walk=1.0)
    frame = panel.frame.copy()
    frame.loc[panel.post] -= 25
    one, two = (
        calibrate(context_of(item, "interrupted_time_series", slope=False))
        for item in (panel, replace(panel, frame=frame))
    )
    assert one.diagnostics["null_factor"] == pytest.approx(two.diagnostics["null_factor"], rel=1e-6)
