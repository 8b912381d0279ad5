"""Bands for all periods at once: known multiples, and the share of whole paths that stay inside."""

import numpy as np
import pytest
from scipy.stats import norm

from analysis.core.seeds import generator_for
from analysis.inference.simultaneous import (
    bonferroni_factor,
    draws_factor,
    placebo_joint_band,
    widened_band,
)

LEVEL, PERIODS, DRAWS = 0.95, 12, 20_000


def test_bonferroni_is_exact_for_one_period_and_close_for_independent_ones() -> None:
    assert bonferroni_factor(1, 30, LEVEL) == pytest.approx(1.0)
    exact = norm.ppf((1 + LEVEL ** (1 / PERIODS)) / 2) / norm.ppf((1 + LEVEL) / 2)
    assert exact < bonferroni_factor(PERIODS, 1e9, LEVEL) < 1.01 * exact


def test_draws_factor_of_independent_normals_is_the_exact_one() -> None:
    departures = generator_for("simultaneous", "independent").standard_normal((DRAWS, PERIODS))
    reach = np.full(PERIODS, norm.ppf((1 + LEVEL) / 2))
    exact = norm.ppf((1 + LEVEL ** (1 / PERIODS)) / 2) / reach[0]
    assert draws_factor(departures, reach, reach, LEVEL) == pytest.approx(exact, rel=0.02)


def test_draws_factor_of_one_common_error_is_one() -> None:
    departures = np.repeat(generator_for("simultaneous", "common").standard_normal((DRAWS, 1)), PERIODS, axis=1)
    reach = np.full(PERIODS, norm.ppf((1 + LEVEL) / 2))
    assert draws_factor(departures, reach, reach, LEVEL) == pytest.approx(1.0, rel=0.02)


def test_draws_factor_knows_its_sides() -> None:
    departures = np.array([[-1.0, 0.0], [0.0, 4.0], [0.0, 0.0], [0.0, 0.0]])
    assert draws_factor(departures, np.array([1.0, 1.0]), np.array([1.0, 2.0]), 0.99) == 2.0


def test_placebo_band_is_the_largest_departure_by_rank() -> None:
    where = np.array([False, True, True])
    gaps = [np.array([9.0, 0.1 * rank, -0.2 * rank]) for rank in range(1, 20)]  # 19 placebos: the largest of all
    lower, upper = placebo_joint_band(np.zeros(3), gaps, np.ones(19), 2.0, where, LEVEL)
    assert np.isnan(lower[0])
    assert np.isnan(upper[0])
    np.testing.assert_allclose(upper[1:], 2.0 * 0.2 * 19)
    np.testing.assert_allclose(lower, -upper)


def test_too_few_placebos_give_no_band() -> None:
    gaps = [np.ones(3)] * 18
    assert placebo_joint_band(np.zeros(3), gaps, np.ones(18), 1.0, np.ones(3, bool), LEVEL) is None


def test_widening_nothing_gives_nothing() -> None:
    assert widened_band(np.zeros(2), None, 2.0, np.ones(2, bool)) is None
    lower, upper = widened_band(np.ones(2), (np.zeros(2), np.full(2, 3.0)), 2.0, np.array([True, False]))
    assert (lower[0], upper[0]) == (-1.0, 5.0)
    assert np.isnan(upper[1])
