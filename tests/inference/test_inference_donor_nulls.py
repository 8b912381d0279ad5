import numpy as np
import pytest

from analysis.core.seeds import generator_for
from analysis.inference.donor_nulls import change_deviations, gap_dynamics, is_livelier

PRE, POST = np.arange(130) < 100, np.arange(130) >= 100
AT, LEVEL = np.arange(130), np.ones((130, 1))


def test_a_change_of_white_noise_has_the_deviation_of_two_means():
    gaps = generator_for("donor nulls white").normal(size=(130, 40))
    found = change_deviations(gap_dynamics(gaps, LEVEL, AT, PRE), AT, PRE, POST)
    assert found.shape == (40,)
    assert np.median(found) > np.sqrt(1 / 100 + 1 / 30)  # drift and memory cannot be ruled out
    assert np.median(found) < 4 * np.sqrt(1 / 100 + 1 / 30)


def test_a_gap_that_drifts_may_change_more():
    generator = generator_for("donor nulls drift")
    still = generator.normal(size=(130, 20))
    drifting = still + 0.5 * generator.normal(size=(130, 20)).cumsum(axis=0)
    one, two = (change_deviations(gap_dynamics(gaps, LEVEL, AT, PRE), AT, PRE, POST) for gaps in (still, drifting))
    assert (two > one).mean() > 0.9


def test_units_scale_the_deviation():
    gaps = generator_for("donor nulls scale").normal(size=(130, 2))
    one, ten = (change_deviations(gap_dynamics(k * gaps, LEVEL, AT, PRE), AT, PRE, POST) for k in (1, 10))
    assert ten == pytest.approx(10 * one)


@pytest.mark.parametrize(
    ("donors", "above", "unlike", "livelier"),
    [
        (19, 1, 0.1, True),
        (19, 2, 0.1, False),
        (40, 3, 0.1, True),
        (40, 4, 0.1, False),
        (3, 0, 0.1, True),
        (3, 1, 0.1, False),
    ],
)
def test_livelier_is_a_rank_among_the_donors(donors, above, unlike, livelier):
    others = np.where(np.arange(donors) < above, 2.0, 0.5)
    assert is_livelier(np.array([1.0, *others]), unlike) == livelier


def test_without_donors_nobody_is_livelier():
    assert not is_livelier(np.array([1.0]))
