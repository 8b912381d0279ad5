"""Rank tests and their intervals against a search over candidate effects; the spread against the t-test."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from analysis.core.seeds import generator_for
from analysis.inference.placebo import (
    attainable_level,
    enumerate_placebos,
    placebo_normal,
    rank_half_width,
    rank_interval,
    rank_p_value,
)


@pytest.mark.parametrize("donors", [19, 24, 38, 40, 59])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_interval_holds_exactly_the_effects_that_the_rank_test_keeps(donors, level):
    generator = generator_for("rank", donors)
    point, scale, ratios = 1.3, 0.7, np.abs(generator.normal(size=donors))
    interval = rank_interval(point, scale, ratios, level)
    for candidate in np.linspace(point - 4, point + 4, 2001):
        kept = rank_p_value(abs(point - candidate) / scale, ratios) > 1 - level + 1e-12
        assert (candidate in interval) == kept


@pytest.mark.parametrize(("donors", "exists"), [(18, False), (19, True)])
def test_nineteen_donors_are_the_fewest_with_a_95_percent_interval(donors, exists):
    interval = rank_interval(1.0, 1.0, np.arange(1.0, donors + 1), 0.95)
    assert (interval is not None) == exists
    assert attainable_level(donors) == donors / (donors + 1)
    assert rank_interval(1.0, 1.0, np.arange(1.0, donors + 1), attainable_level(donors)) is not None


def test_a_placebo_without_misfit_gives_no_interval():
    assert rank_half_width([np.inf, *range(18)], 0.95) is None


def test_rank_counts_the_treated_unit_and_ties():
    assert rank_p_value(3.0, [1, 2, 3, 4]) == 3 / 5
    assert rank_p_value(9.0, [1, 2, 3, 4]) == 1 / 5


def test_every_donor_takes_the_place_once_without_itself():
    donors = np.arange(12.0).reshape(3, 4)
    seen = enumerate_placebos(lambda series, others: (series.tolist(), others.shape[1]), donors)
    assert seen == tuple((donors[:, place].tolist(), 3) for place in range(4))


def test_spread_of_differences_in_differences_is_the_two_sample_test():
    """With J donors the placebo variance is J/(J - 1) s² where the t-test has (J + 1)/J s²."""
    changes, own = generator_for("spread").normal(size=30), 2.0
    placebos = [changes[place] - np.delete(changes, place).mean() for place in range(30)]
    spread = placebo_normal(own - changes.mean(), placebos, 0.95)
    theirs = ttest_ind([own], changes)
    factor = np.sqrt((31 / 30) / (30 / 29))
    assert spread.degrees_of_freedom == theirs.df
    assert (own - changes.mean()) / spread.standard_error == pytest.approx(theirs.statistic * factor)


def test_p_value_and_interval_agree_and_no_spread_gives_neither():
    for point in (0.5, 1.5, 2.2, 3.0):
        spread = placebo_normal(point, [-1.0, 1.0, -1.2, 0.8, 0.3], 0.95)
        assert (spread.p_value < 0.05) == (0.0 not in spread.interval)
    assert placebo_normal(1.0, [2.0, 2.0, 2.0], 0.95).interval is None
    assert placebo_normal(1.0, [], 0.95).p_value is None
