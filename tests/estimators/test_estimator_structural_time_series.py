"""The structural time series estimator: options, coherence, honesty about what it was given."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.core.effect import Average
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows
from analysis.estimators import average_of
from analysis.estimators.structural_time_series import estimate
from analysis.simulate.worlds import simulate_world
from analysis.simulate.worlds_recipes import RECIPES

SERIES = 60


def daily(name: str = "daily", before: int = 120, after: int = 30, donut: int = 0, **columns) -> Panel:
    draw = generator_for("structural-estimator", name)
    times = pd.date_range("2019-01-07", periods=before + donut + after, freq="D")
    y = 100 + 8 * (np.asarray(times.day_of_week) == 5) + draw.normal(size=len(times))
    frame = pd.DataFrame({"brand": y} | columns, index=times)
    windows = Windows(times[0], times[before - 1], times[before + donut], times[-1])
    return Panel.from_wide(frame, treated="brand", covariates=list(columns), windows=windows)


@pytest.mark.parametrize("name", ["weekly_controls", "weekly_alone"])
def test_the_interval_covers_and_is_not_much_wider_than_the_oracle_s(name: str) -> None:
    """A quick guard; the measured figures are in benchmarks/structural_coverage.md."""
    worlds = [simulate_world(name, f"guard {number}") for number in range(SERIES)]
    effects = [estimate(world.panel) for world in worlds]
    inside = np.mean([0.0 in effect.interval for effect in effects])
    width = np.mean([effect.interval.upper - effect.interval.lower for effect in effects])
    assert inside >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / SERIES)
    assert width < 1.6 * 2 * 1.96 * worlds[0].oracle.deviation
    error = np.sqrt(np.mean([effect.point**2 for effect in effects]))
    assert error < 1.5 * np.sqrt(np.mean([world.oracle.estimate**2 for world in worlds]))


def test_a_fall_of_thirty_per_cent_is_found_with_its_size() -> None:
    effect = estimate(simulate_world("daily_controls", "fall", effect=-0.3).panel)
    assert effect.p_value < 0.001
    assert -30.0 in effect.interval
    assert effect.relative == pytest.approx(-0.3, abs=0.1)


def test_the_effect_moves_one_for_one_with_what_is_added_after_the_exit() -> None:
    null, moved = (simulate_world("weekly_controls", 5, effect=drop) for drop in (0.0, -0.2))
    one, two = estimate(null.panel), estimate(moved.panel)
    assert two.point - one.point == pytest.approx(np.log(0.8))
    assert two.interval.upper - two.interval.lower == pytest.approx(one.interval.upper - one.interval.lower)


def test_point_interval_and_p_value_are_of_one_distribution() -> None:
    panel = simulate_world("weekly_alone", 8).panel
    half = estimate(panel, level=0.5)
    edge = estimate(panel, level=1 - half.p_value) if half.p_value < 0.5 else None
    if edge is None:
        pytest.fail("choose a seed whose p-value is a level")
    assert min(abs(edge.interval.lower), abs(edge.interval.upper)) < 1e-4
    assert half.interval.lower < half.point < half.interval.upper


def test_days_of_the_week_are_in_the_model_by_default_and_can_be_left_out() -> None:
    panel = daily()
    on, off = estimate(panel), estimate(panel, day_of_week=False)
    assert on.diagnostics["coefficients"]["day: Saturday"] == pytest.approx(8 * 6 / 7, abs=0.7)
    assert not any(name.startswith("day:") for name in off.diagnostics["coefficients"])
    assert on.diagnostics["pre_rmspe"] < 0.6 * off.diagnostics["pre_rmspe"]
    saturdays = np.asarray(panel.times.day_of_week) == 5
    expected = on.path["expected"].to_numpy()
    assert expected[saturdays & panel.post].mean() - expected[~saturdays & panel.post].mean() == pytest.approx(8, abs=1)
    weekly = simulate_world("weekly_alone", 1).panel
    assert "level" in estimate(weekly).diagnostics["coefficients"]
    with pytest.raises(DesignError, match="not days"):
        estimate(weekly, day_of_week=True)


def test_public_holidays_are_one_regressor() -> None:
    draw = generator_for("holidays")
    times = pd.date_range("2018-06-01", periods=365 + 40, freq="D")
    off = np.isin(times, pd.to_datetime(["2018-06-02", "2018-08-15", "2018-11-01", "2018-12-08", "2018-12-25",
                                         "2018-12-26", "2019-01-01", "2019-04-22", "2019-04-25", "2019-05-01"]))
    frame = pd.DataFrame({"brand": 100 - 30 * off + draw.normal(size=len(times))}, index=times)
    panel = Panel.from_wide(frame, treated="brand", windows=Windows(times[0], times[364], times[365], times[-1]))
    effect = estimate(panel, holidays="IT")
    assert effect.diagnostics["coefficients"]["holidays: IT"] == pytest.approx(-24, abs=7)  # Easter and others are 0
    assert effect.diagnostics["pre_rmspe"] < estimate(panel).diagnostics["pre_rmspe"]


def test_every_control_is_used_none_is_dropped() -> None:
    world = simulate_world("daily_controls", 3)
    effect = estimate(world.panel)
    names = [f"covariate: control {k}" for k in (1, 2, 3)]
    assert all(effect.diagnostics["coefficients"][name] != 0 for name in names)
    assert effect.diagnostics["controls"] == ["control 1", "control 2", "control 3"]
    assert set(effect.diagnostics["control_changes"]) == set(effect.diagnostics["controls"])


def test_controls_narrow_the_interval() -> None:
    def width(panel: Panel) -> float:
        interval = estimate(panel).interval
        return interval.upper - interval.lower

    worlds = [simulate_world("daily_controls", number).panel for number in range(5)]
    assert np.mean([width(p) for p in worlds]) < 0.85 * np.mean([width(replace(p, covariates=())) for p in worlds])


def test_a_gap_in_time_is_a_gap_and_not_a_step() -> None:
    """Ten excluded weeks before the exit: farther to predict, so wider than with the last weeks known."""
    panel = simulate_world("weekly_alone", 4).panel
    times = panel.times
    near = estimate(panel, exclude=[[times[40], times[49]]])
    far = estimate(panel, exclude=[[times[94], times[103]]])
    assert far.interval.upper - far.interval.lower > near.interval.upper - near.interval.lower
    assert near.diagnostics["periods_excluded"] == far.diagnostics["periods_excluded"] == 10
    assert near.path[["expected", "lower", "upper"]].notna().all().all()


def test_an_excluded_period_changes_nothing_and_is_not_counted() -> None:
    panel = simulate_world("weekly_alone", 4).panel
    frame = panel.frame.copy()
    frame.iloc[[30, 31, 110]] *= 5
    broken = replace(panel, frame=frame)
    exclude = [[panel.times[30], panel.times[31]], [panel.times[110], panel.times[110]]]
    one, two = estimate(panel, exclude=exclude), estimate(broken, exclude=exclude)
    assert two.point == pytest.approx(one.point, rel=1e-9)
    assert one.n_post == panel.n_post - 1


def test_a_broken_donut_is_never_read() -> None:
    panel = daily(donut=7, control=generator_for("donut").normal(size=157).cumsum() + 50)
    frame = panel.frame.copy()
    frame.iloc[121:126] = np.nan
    whole, broken = estimate(panel), estimate(replace(panel, frame=frame))
    assert broken.point == pytest.approx(whole.point, rel=1e-9)
    assert broken.path["expected"].notna().all()


def test_a_stage_s_step_stays_and_the_effect_is_what_the_event_added() -> None:
    draw = generator_for("stage")
    times = pd.date_range("2017-01-02", periods=120, freq="W-MON")
    at = np.arange(120)
    y = 100 - 10 * (at >= 70) - 5 * (at >= 100) + draw.normal(size=120)
    panel = Panel.from_wide(
        pd.DataFrame({"brand": y}, index=times), treated="brand",
        windows=Windows(times[0], times[99], times[100], times[-1]),
    )  # fmt: skip
    effect = estimate(panel, stages=[{"date": times[70], "label": "advertising stops"}])
    assert effect.point == pytest.approx(-5, abs=1.5)
    assert effect.diagnostics["stages"][0]["effect"] == pytest.approx(-10, abs=1.5)
    assert effect.diagnostics["total"]["effect"] == pytest.approx(-15, abs=2)
    assert estimate(panel).diagnostics["total"]["effect"] == estimate(panel).point


def test_the_path_s_mean_gap_is_the_point_and_its_band_widens() -> None:
    world = simulate_world("daily_alone", 2)
    effect = estimate(world.panel)
    gap = (effect.path["observed"] - effect.path["expected"])[world.panel.post]
    assert gap.mean() == pytest.approx(effect.point)
    width = (effect.path["upper"] - effect.path["lower"])[world.panel.post].to_numpy()
    assert width[-1] > width[0]
    before = effect.path[world.panel.pre]
    inside = before["observed"].between(before["lower"], before["upper"]).mean()
    assert 0.9 < inside <= 1


def test_a_shift_before_the_exit_and_a_control_hit_by_it_leave_their_marks() -> None:
    shifted = estimate(simulate_world("level_shift", "mark").panel).diagnostics["strongest_step"]
    assert shifted["p_value"] < 0.01
    assert abs((shifted["date"] - simulate_world("level_shift", "mark").panel.times[52]).days) <= 7
    quiet = estimate(daily()).diagnostics["strongest_step"]
    assert quiet["p_value"] > 0.05


def test_what_the_pre_period_cannot_carry_is_refused() -> None:
    assert RECIPES["ten_weeks"].behaviour == "refuse"
    with pytest.raises(DesignError, match="too few"):
        estimate(simulate_world("ten_weeks", 0).panel)
    panel = simulate_world("weekly_alone", 0).panel
    with pytest.raises(DesignError, match="excluded"):
        estimate(panel, exclude=[[panel.times[10], panel.times[103]]])
    short = panel.with_windows(Windows(panel.times[64], panel.times[103], panel.times[104], panel.times[-1]))
    with pytest.raises(DesignError, match="season"):
        estimate(short, harmonics=1)
    frame = panel.frame.copy()
    frame.iloc[:104] = 7.0
    with pytest.raises(DesignError, match="never"):
        estimate(replace(panel, frame=frame))
    with pytest.raises(DesignError, match="covariate never changes"):
        estimate(daily(control=np.ones(150)))
    twice = generator_for("twice").normal(size=150).cumsum() + 50
    with pytest.raises(DesignError, match="collinear"):
        estimate(daily(one=twice, two=twice))


def test_the_average_alone_is_that_of_the_estimate() -> None:
    out = [pd.Timestamp("2019-02-01"), pd.Timestamp("2019-02-05")]
    panel, options = daily(), {"day_of_week": False, "exclude": [out]}
    effect = estimate(panel, **options)
    assert average_of("structural_time_series", panel, **options) == Average(
        effect.point, effect.standard_error, effect.interval, effect.p_value
    )
