"""Invariances of the weighted double difference, and its weights as solutions of their problems."""

import numpy as np
import pytest

from analysis.core.seeds import generator_for
from analysis.inference.synthetic_did_weights import fit_synthetic_difference, noise_level

PRE, POST = np.arange(40) < 30, np.arange(40) >= 32


def world():
    generator = generator_for("sdid world")
    donors = generator.normal(size=(40, 12)).cumsum(axis=0)
    return donors[:, :4].mean(axis=1) + generator.normal(size=40) + 3 * POST, donors


def test_time_effects_and_unit_effects_change_nothing():
    y, donors = world()
    plain = fit_synthetic_difference(y, donors, PRE, POST).point
    season = 10 * np.sin(np.arange(40))
    # differences of donors enter the noise level, so common moves change zeta: hold the season to the post period
    later = np.where(POST, season, 0.0)
    moved = fit_synthetic_difference(y + later, donors + later[:, None], PRE, POST)
    assert moved.point == pytest.approx(plain, abs=1e-6)
    levels = np.arange(12) * 5.0
    assert fit_synthetic_difference(y + 100, donors + levels, PRE, POST).point == pytest.approx(plain, abs=1e-6)


def test_point_scales_with_the_outcome():
    y, donors = world()
    plain, scaled = (fit_synthetic_difference(k * y, k * donors, PRE, POST) for k in (1, 1000))
    assert scaled.point == pytest.approx(1000 * plain.point, rel=1e-8)
    assert scaled.unit_weights == pytest.approx(plain.unit_weights, abs=1e-8)


def test_point_is_the_double_difference_of_its_weights():
    y, donors = world()
    fit = fit_synthetic_difference(y, donors, PRE, POST)
    difference = y - donors @ fit.unit_weights
    assert fit.point == pytest.approx(difference[POST].mean() - fit.time_weights @ difference[PRE])
    for weights in (fit.unit_weights, fit.time_weights):
        assert weights.min() >= 0
        assert weights.sum() == pytest.approx(1)


def test_noise_level_and_zeta():
    _, donors = world()
    assert noise_level(donors[PRE]) == pytest.approx(np.std(np.diff(donors[PRE], axis=0), ddof=1))
    fit = fit_synthetic_difference(*world(), PRE, POST)
    assert fit.zeta == pytest.approx(8**0.25 * fit.noise_level)
