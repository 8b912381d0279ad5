from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis.core.effect import Effect, Interval
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows
from analysis.inference.null_calibration import (
    FLAT,
    calibrated,
    chance_of,
    critical_value,
    effective_number,
    needed_factor,
    null_statistic,
    simulated_errors,
    sliding_windows,
    statistic_of,
    structural_nulls,
    widened,
)
from analysis.inference.structural import ALONE, fit
from analysis.inference.structural_filter import Grid

SIMULATIONS = 1500


def panel_of(before=60, donut=3, after=12):
    length = before + donut + after
    frame = pd.DataFrame({"y": generator_for("null calibration panel").normal(100, 1, length)}, index=range(length))
    return Panel.from_wide(frame, treated="y", windows=Windows(0, before - 1, before + donut, length - 1))


def effect_of(point, half, degrees=None, level=0.95):
    path = pd.DataFrame({name: [1.0] for name in ("observed", "expected", "lower", "upper")})
    interval = Interval(point - half, point + half, level)
    p_value = 2 * float(norm.sf(abs(point) * norm.ppf((1 + level) / 2) / half))
    return Effect(
        "y", "method", "effect", "", point, interval, p_value, "normal", path, 60, 12,
        diagnostics={} if degrees is None else {"degrees_of_freedom": degrees},
    )  # fmt: skip


def test_statistic_is_one_where_the_interval_touches_zero():
    assert null_statistic(-3, Interval(-7, 0)) == 1
    assert null_statistic(3, Interval(0, 4)) == 1
    assert null_statistic(3, Interval(2, 40)) == 3
    assert null_statistic(0, Interval(-1, 1)) == 0


def test_every_window_is_fitted_on_one_length_and_ends_before_the_event():
    panel = panel_of()
    windows = sliding_windows(panel, 30, 100)
    assert len(windows) == 60 - 30 - 3 - 12 + 1
    for item in windows:
        assert item.pre_last - item.first == 29
        assert item.event - item.pre_last == 4
        assert item.last - item.event == 11
        assert item.last < 60
    assert len({item.event for item in windows}) == len(windows)
    thinned = sliding_windows(panel, 30, 5)
    assert [thinned[0], thinned[-1]] == [windows[0], windows[-1]]
    assert len(thinned) == 5


def test_a_short_pre_period_shortens_the_pretended_post_period_to_half_at_most():
    assert len(sliding_windows(panel_of(), 49, 100)) == 1
    assert sliding_windows(panel_of(), 49, 100)[0].last == 59
    assert sliding_windows(panel_of(), 53, 100) == ()


@pytest.mark.parametrize(
    ("places", "length", "number"), [([], 4, 0), ([7], 4, 1), (range(9), 4, 3), (range(0, 90, 10), 4, 9)]
)
def test_overlapping_windows_count_as_those_that_fit_side_by_side(places, length, number):
    assert effective_number(list(places), length) == number


def test_chance_is_the_binomial_tail():
    assert chance_of(1, 1, 0.05) == pytest.approx(0.05)
    assert chance_of(0, 20, 0.05) == pytest.approx(1)
    assert chance_of(0.1, 20, 0.05) == pytest.approx(1 - 0.95**20 - 20 * 0.05 * 0.95**19)


def test_simulated_errors_have_the_dynamics_of_the_model():
    grid = Grid((0.6,), (0.5,), (0.04,), (0.0,))
    at = np.delete(np.arange(60), [20, 21])
    fitted = fit(generator_for("dynamics").normal(size=58), np.ones((58, 1)), at, grid)
    errors = simulated_errors(fitted, at, 40_000, generator_for("dynamics", "errors"))
    scale = fitted.scale[0, 0]
    assert errors[0].var() == pytest.approx(scale * 1.5, rel=0.03)
    assert errors[-1].var() == pytest.approx(scale * (1.5 + 0.04 * at[-1]), rel=0.03)
    covariance = np.mean(errors[19] * errors[20])  # three periods apart, two of them missing
    assert covariance == pytest.approx(scale * (0.6**3 + 0.04 * 19), rel=0.05)


@pytest.mark.parametrize(("walk", "drifts"), [(0.0, False), (1.0, True)])
def test_drift_is_believed_where_the_data_show_it(walk, drifts):
    generator = generator_for("evident drift")
    y = generator.normal(size=120) + walk * generator.normal(size=120).cumsum()
    fitted = fit(y, np.ones((120, 1)), np.arange(120), FLAT)
    assert (float(fitted.weights[:, 0] @ np.array(FLAT.drift)) > 0.05) == drifts


def test_structural_nulls_on_their_own_dynamics_reject_about_one_in_twenty():
    at, fitted = np.arange(110), np.arange(110) < 80
    generator = generator_for("structural size")
    series = 0.15 * generator.normal(size=(110, 800)).cumsum(axis=0) + generator.normal(size=(110, 800))
    nulls = structural_nulls(series, np.ones((110, 1)), at, fitted, at >= 84, ALONE)
    assert (nulls.statistics > 1).mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 800))
    shifted = series + 8.0 * (at >= 84)[:, None]
    again = structural_nulls(shifted, np.ones((110, 1)), at, fitted, at >= 84, ALONE)
    assert again.effects - nulls.effects == pytest.approx(np.full(800, 8.0))
    assert (again.statistics > 1).mean() > 0.9


def test_critical_value_is_the_order_statistic_that_a_further_null_rarely_exceeds():
    assert critical_value(np.arange(1.0, 20.0), 0.95) == 19
    assert critical_value(np.arange(1.0, 200.0), 0.95) == 190
    with pytest.raises(DesignError, match="18 nulls cannot calibrate"):
        critical_value(np.arange(18.0), 0.95)


def test_calibration_widens_and_never_narrows():
    effect = effect_of(-3.0, 2.0)
    assert calibrated(effect, 0.5) == calibrated(effect, 1.0) == (effect.interval, effect.p_value)
    interval, p_value = calibrated(effect, 1.4)
    assert (interval.lower, interval.upper) == pytest.approx((-3 - 2.8, -3 + 2.8))
    assert effect.p_value < p_value < 0.05


@pytest.mark.parametrize("degrees", [None, 4.0])
@pytest.mark.parametrize("widen", [1.2, 1.4999, 1.5001, 3.0])
def test_interval_and_p_agree_on_both_sides_of_the_edge(widen, degrees):
    interval, p_value = calibrated(effect_of(-3.0, 2.0, degrees), widen)
    assert (p_value < 0.05) == (0.0 not in interval) == (widen < 1.5)


def test_only_what_monte_carlo_error_cannot_explain_widens():
    honest = np.linspace(0.005, 1.05, 199)
    assert (honest > 1).sum() == 10  # of 199
    assert needed_factor(honest, 0.95) == 1
    many = np.concatenate([np.linspace(0.01, 0.9, 170), np.full(29, 1.6)])
    assert needed_factor(many, 0.95) == 1.6
    assert needed_factor(many, 0.95, number=1) == 1  # dates that overlap are worth one
    assert needed_factor(np.full(18, 9.0), 0.95) == 1  # too few for the level


def test_cumulative_relative_and_band_are_widened_with_the_interval():
    panel = panel_of()
    effect = replace(effect_of(-3.0, 2.0), path=path_of(panel), diagnostics={"observed_mean": 97.0}, n_post=12)
    effect = replace(
        effect, cumulative=-36.0, cumulative_interval=effect.interval.map(lambda value: 12 * value),
        relative=-0.03, relative_interval=Interval(-5 / 102, -1 / 98), standard_error=1.0,
    )  # fmt: skip
    wide = widened(effect, panel, 1.4)
    assert wide.interval.lower == pytest.approx(-5.8)
    assert wide.cumulative_interval.lower == pytest.approx(12 * -5.8)
    assert wide.relative_interval.upper == pytest.approx(-0.2 / (97 + 0.2))
    assert wide.standard_error == pytest.approx(1.4)
    assert wide.path["upper"].to_numpy()[panel.post] == pytest.approx(np.full(12, 100 + 1.4 * 2))
    assert wide.path["upper"].to_numpy()[panel.pre] == pytest.approx(np.full(60, 102.0))
    assert "widened 1.40 times" in wide.inference
    assert widened(effect, panel, 1.0) is effect


def test_a_rate_ratio_is_widened_on_its_logarithm():
    def in_counts(value):
        return -100.0 * np.expm1(-value)

    effect = effect_of(-3.0, 2.0)
    bounds = Interval(in_counts(-0.3), in_counts(0.1))
    found = {"log_rate_ratio": -0.1, "observed_mean": 100.0, "degrees_of_freedom": 50.0}
    counts = replace(effect, point=in_counts(-0.1), interval=bounds, p_value=0.32, diagnostics=found)
    assert statistic_of(counts) == pytest.approx(0.5)
    interval, p_value = calibrated(counts, 2.0)
    assert (interval.lower, interval.upper) == pytest.approx((in_counts(-0.5), in_counts(0.3)))
    assert p_value > 0.32


def path_of(panel):
    columns = {"observed": 100.0, "expected": 100.0, "lower": 98.0, "upper": 102.0}
    return pd.DataFrame(columns, index=panel.times)


def test_without_an_interval_there_is_nothing_to_calibrate():
    with pytest.raises(DesignError, match="no interval"):
        calibrated(replace(effect_of(1.0, 2.0), interval=None, p_value=None), 1.2)


def test_a_method_that_cries_wolf_is_brought_back_to_one_in_twenty():
    generator = generator_for("cry wolf")
    truth, half = 2.0, 1.96  # the spread is twice what the method believes
    nominal, kept = 0, 0
    for _ in range(SIMULATIONS):
        point = float(generator.normal(scale=truth))
        effect = effect_of(point, half)
        nominal += effect.p_value < 0.05
        nulls = np.abs(generator.normal(scale=truth, size=199)) / half
        kept += calibrated(effect, needed_factor(nulls, 0.95))[1] < 0.05
    assert nominal / SIMULATIONS > 0.25
    assert kept / SIMULATIONS == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / SIMULATIONS))


def test_widening_never_makes_the_p_value_smaller_than_the_methods_own():
    effect = replace(effect_of(-8.0, 3.0), p_value=0.04)  # as small as a rank among 24 can be
    interval, p_value = calibrated(effect, 1.5)
    assert interval.upper < 0
    assert p_value == 0.04
