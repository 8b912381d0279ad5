"""Likelihood and detectable change follow the method's own inference."""

import pytest

from analysis.report.grading import detectable, direction_probability


def test_a_rank_p_value_sets_the_likelihood_not_the_width_of_its_interval() -> None:
    assert direction_probability(-65.0, -890.0, 760.0, 0.95, 0.672) == pytest.approx(0.664)
    assert direction_probability(-1.39, -1.45, -1.33, 0.95, 1 / 25) == pytest.approx(0.98)


def test_without_a_p_value_the_interval_is_read_as_normal() -> None:
    assert direction_probability(1.0, -0.96, 2.96, 0.95) == pytest.approx(0.8413, abs=1e-4)


def test_detectable_is_a_multiple_of_the_standard_error_or_half_the_interval() -> None:
    assert detectable(-3.44, 1.65, 1.0) == pytest.approx(2.8016, abs=1e-2)
    assert detectable(-4.0, 2.0, None) == 3.0
