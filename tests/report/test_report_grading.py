"""Likelihood and detectable change follow the method's own inference."""

import math

import pytest

from analysis.report import results
from analysis.report.grading import detectable, direction_probability, likelihood_word
from analysis.report.numbers import Numbers


def test_the_interval_sets_the_likelihood_and_no_more_than_a_rank_supports() -> None:
    assert direction_probability(-65.0, -890.0, 760.0, 0.95) == pytest.approx(0.5614, abs=1e-4)
    assert direction_probability(-65.0, -890.0, 760.0, 0.95, [0.672]) == pytest.approx(0.5614, abs=1e-4)
    assert direction_probability(-1.39, -1.45, -1.33, 0.95, [1e-24]) == pytest.approx(1.0)
    assert direction_probability(-1.39, -1.45, -1.33, 0.95, [1e-24, 1 / 25]) == pytest.approx(0.98)
    assert direction_probability(-1.39, -1.45, -1.33, 0.95, [None, 1 / 25]) == pytest.approx(0.98)


def test_the_likelihood_of_a_share_follows_its_printed_interval_on_the_side_of_zero() -> None:
    assert direction_probability(-0.08, -0.30, 0.0, 0.95) == pytest.approx(0.975)
    assert direction_probability(0.08, 0.0, 0.12, 0.95) == pytest.approx(0.975)
    assert direction_probability(0.08, 0.08, 0.12, 0.95) == 1.0


def test_without_a_p_value_the_interval_is_read_as_normal() -> None:
    assert direction_probability(1.0, -0.96, 2.96, 0.95) == pytest.approx(0.8413, abs=1e-4)


@pytest.mark.parametrize(("p_value", "rank", "printed"), [(1e-24, 1 / 25, 0.98), (1e-24, None, 1.0), (0.2, 0.1, 0.9)])
def test_a_page_prints_no_more_than_the_rank_among_donors_supports(p_value, rank, printed) -> None:
    effect = {
        "point": -9.0, "interval": {"lower": -10.0, "upper": -8.0, "level": 0.95}, "p_value": p_value,
        "scale": "level", "standard_error": 0.5, "expected_mean": 100.0, "diagnostics": {"rank_p_value": rank},
    }  # fmt: skip
    judged = results._judged(effect, {"donors": "competitors"}, [], {})
    assert judged["likelihood"]["probability"] == pytest.approx(printed)


def record(standard_error, scale="level"):
    return {
        "interval": {"lower": -4.0, "upper": 2.0, "level": 0.95},
        "standard_error": standard_error,
        "scale": scale,
        "expected_mean": 10.0,
    }


def test_detectable_is_a_multiple_of_the_standard_error_or_of_the_half_interval() -> None:
    assert detectable(record(1.0), relative=False) == pytest.approx(2.8015852, rel=1e-7)
    assert detectable(record(None), relative=False) == pytest.approx(3.0 * 2.8015852 / 1.9599640, rel=1e-7)
    assert detectable(record(1.0), relative=True) == pytest.approx(0.28015852, rel=1e-7)
    assert detectable(record(0.1, "log"), relative=True) == pytest.approx(1 - math.exp(-0.28015852), rel=1e-6)


@pytest.mark.parametrize(
    ("probability", "word", "printed"),
    [
        (0.664, "even", "66 %"),
        (0.666, "likely", "67 %"),
        (0.904, "likely", "90 %"),
        (0.906, "very_likely", "91 %"),
        (0.9899, "very_likely", "99 %"),
        (0.9901, "virtually_certain", "> 99 %"),
    ],
)
def test_a_word_goes_by_the_probability_as_printed(probability, word, printed) -> None:
    assert likelihood_word(probability) == word
    assert str(Numbers({"p": probability})("p", "probability")).replace("\u00a0", " ") == printed
