"""Closed forms for planning: recomputed answers, and what they promise held against simulation."""

import numpy as np
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.power import (
    detectable_multiplier,
    detectable_poisson_step,
    detectable_step,
    level_change_error,
)
from analysis.inference.segmented import EVENT, segmented_design

PERCENT = 0.005  # the answers are percentages with two digits


def test_multiplier_of_a_test_at_five_percent_with_power_of_eighty():
    assert detectable_multiplier() == pytest.approx(2.8016, abs=5e-5)
    assert detectable_multiplier(0.95, 0.5) == pytest.approx(1.959963984540054)


@pytest.mark.parametrize(
    ("before", "after", "rho", "error"),
    [
        (24, 12, 0.0, 0.6873), (24, 12, 0.4, 0.8380),
        (48, 24, 0.0, 0.4926), (48, 24, 0.4, 0.6617),
        (104, 52, 0.0, 0.3373), (104, 52, 0.4, 0.4831),
    ],
)  # fmt: skip
def test_standard_error_of_a_level_change(before, after, rho, error):
    assert level_change_error(before, after, rho=rho) == pytest.approx(error, abs=5e-5)
    assert detectable_step(before, after, rho=rho) == pytest.approx(2.8016 * error, abs=2.8016 * 5e-5 + 5e-5)


def test_level_change_is_generalised_least_squares_with_the_dense_correlation():
    design = segmented_design(np.arange(36), 24)
    correlation = 0.4 ** np.abs(np.subtract.outer(np.arange(36), np.arange(36)))
    covariance = np.linalg.inv(design.matrix.T @ np.linalg.inv(correlation) @ design.matrix)
    place = design.column(EVENT)
    expected = 3 * np.sqrt(covariance[place, place])
    assert level_change_error(24, 12, rho=0.4, deviation=3) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mean", "dispersion", "rise", "fall"), [(50, 1, 9.98, 9.08), (50, 3, 17.92, 15.20), (500, 5, 6.96, 6.51)]
)
def test_detectable_step_of_a_weekly_count(mean, dispersion, rise, fall):
    found = detectable_poisson_step(52, 26, mean, dispersion=dispersion)
    assert 100 * found.rise == pytest.approx(rise, abs=PERCENT)
    assert 100 * found.fall == pytest.approx(fall, abs=PERCENT)


def power_at(change, mean, name):
    """Share of 20,000 experiments in which the log rate ratio is found; Monte Carlo error .003."""
    generator = generator_for("detectable change", name, mean)
    before = generator.poisson(52 * mean, size=20_000)
    after = generator.poisson(26 * mean * (1 + change), size=20_000)
    ratio = np.log((after / 26) / (before / 52))
    return float((np.abs(ratio) / np.sqrt(1 / before + 1 / after) > 1.959964).mean())


def test_a_detectable_change_is_found_four_times_in_five():
    """Small changes of large counts: the variance after the event is then the one before it."""
    found = detectable_poisson_step(52, 26, 5000.0)
    for name, change in (("rise", found.rise), ("fall", -found.fall)):
        assert power_at(change, 5000.0, name) == pytest.approx(0.8, abs=0.012)


def test_a_large_fall_is_found_a_little_less_often_than_a_large_rise():
    """With fewer counts left after a fall its logarithm is noisier than the formula takes it to be."""
    found = detectable_poisson_step(52, 26, 50.0)
    fall, rise = power_at(-found.fall, 50.0, "fall"), power_at(found.rise, 50.0, "rise")
    assert 0.77 < fall < 0.8 < rise < 0.83


@pytest.mark.parametrize(
    "call",
    [
        lambda: detectable_multiplier(95, 0.8),
        lambda: level_change_error(1, 12),
        lambda: level_change_error(24, 12, rho=1.0),
        lambda: level_change_error(24, 12, deviation=0.0),
        lambda: detectable_poisson_step(52, 26, 0.0),
        lambda: detectable_poisson_step(52, 0, 50.0),
    ],
)
def test_impossible_designs_are_refused(call):
    with pytest.raises(DesignError):
        call()
