import numpy as np
import pytest
from scipy.stats import t as student

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.prediction_intervals import FEWEST, bootstrap_prediction_interval

BEFORE, AFTER, PEERS = 120, 30, 6


def equal_gap(series, donors, fitted):
    difference = series - donors.mean(axis=1)
    return difference - difference[fitted].mean()


def world(*names, before=BEFORE):
    generator = generator_for("prediction interval", *names)
    donors = 50 + generator.normal(size=(before + AFTER, PEERS)).cumsum(axis=0)
    series = donors.mean(axis=1) + 3 + generator.normal(size=before + AFTER)
    pre = np.arange(before + AFTER) < before
    return series, donors, pre, ~pre


def interval(*names, effect=0.0, before=BEFORE, **options):
    series, donors, pre, post = world(*names, before=before)
    generator = generator_for("draws", *names)
    return bootstrap_prediction_interval(
        series + effect * post, donors, pre, post, equal_gap, generator=generator, **options
    )


def test_width_is_that_of_the_difference_of_two_means_of_independent_noise():
    found = interval("width", draws=3999)
    series, donors, pre, _ = world("width")
    error = equal_gap(series, donors, pre)[pre].std(ddof=1) * np.sqrt(1 / BEFORE + 1 / AFTER)
    expected = 2 * student.ppf(0.975, BEFORE - 1) * error
    assert found.upper - found.lower == pytest.approx(expected, rel=0.12)  # blocks longer than 1 where rho is not 0


def test_an_effect_moves_the_interval_and_nothing_else():
    plain, moved = interval("moves"), interval("moves", effect=-7.0)
    assert moved.lower == pytest.approx(plain.lower - 7.0)
    assert moved.upper == pytest.approx(plain.upper - 7.0)


def test_nulls_are_covered():
    inside = [0.0 in interval("null", str(number), draws=199) for number in range(100)]
    assert np.mean(inside) >= 0.885  # .95 less three Monte-Carlo errors of .022


def test_a_short_past_is_refused():
    with pytest.raises(DesignError, match="too few blocks"):
        interval("short", before=FEWEST - 1)
