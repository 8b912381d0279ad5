import numpy as np
import pandas as pd
import pytest

from analysis.core import paths
from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for
from analysis.inference.conformal import conformal_interval, conformal_test, pointwise_intervals

FILE = paths.SHARED / "benchmarks" / "california_prop99.csv"


def mean_of_donors(series, donors):
    return series - donors.mean(axis=1)


def world(name, effect=0.0, before=36, after=4, donors=8):
    generator = generator_for("conformal world", name)
    common = generator.normal(size=before + after).cumsum()
    panel = common[:, None] + generator.normal(size=(before + after, donors + 1))
    post = np.arange(before + after) >= before
    panel[post, 0] += effect
    return panel[:, 0], panel[:, 1:], post


def test_p_value_by_hand():
    """Residuals 1, -2, 3, 4 | 5, -1: the post sum is 6; the shifts give 3, 5, 7, 9, 6, 2."""
    residuals = np.array([1.0, -2, 3, 4, 5, -1])
    post = np.arange(6) >= 4
    found = conformal_test(residuals, np.zeros((6, 1)), post, proxy=mean_of_donors)
    assert found.p_value == 3 / 6
    assert found.statistic == pytest.approx(6 / np.sqrt(2))
    assert found.arrangements == 6
    squares = conformal_test(residuals, np.zeros((6, 1)), post, proxy=mean_of_donors, q=2)
    assert squares.p_value == 2 / 6  # 5, 13, 25, 41, 26, 2
    assert squares.statistic == pytest.approx((26 / np.sqrt(2)) ** 0.5)


def test_taking_off_the_true_effect_is_the_null():
    series, donors, post = world("taken off", effect=-30)
    null, _, _ = world("taken off")
    assert conformal_test(series, donors, post, effect=-30.0).p_value == conformal_test(null, donors, post).p_value
    assert conformal_test(series, donors, post).p_value == 1 / 40


@pytest.mark.parametrize("scheme", ["moving_block", "permutation"])
def test_size_at_ten_percent(scheme):
    """Both schemes reject a true null about as often as they say (150 worlds: standard error 2.4 %)."""
    rejected = np.mean(
        [
            conformal_test(*world(("size", k)), scheme=scheme, draws=199, proxy=mean_of_donors).p_value <= 0.1
            for k in range(150)
        ]
    )
    assert 0.03 < rejected < 0.18


def test_interval_ends_are_where_the_test_turns():
    series, donors, post = world("interval", effect=-5)
    found = conformal_interval(series, donors, post, level=0.9)
    assert found.lower < -5 < found.upper
    for end, outward in ((found.lower, -1), (found.upper, 1)):
        assert conformal_test(series, donors, post, effect=end - outward * 1e-3).p_value > 0.1
        assert conformal_test(series, donors, post, effect=end + outward * 1e-3).p_value <= 0.1


def test_no_interval_beyond_what_the_shifts_allow():
    series, donors, post = world("beyond")
    assert conformal_interval(series, donors, post, level=0.99) is None


def test_pointwise_intervals_follow_a_growing_effect():
    series, donors, post = world("pointwise", effect=np.array([-2.0, -20, -40, -60]))
    found = pointwise_intervals(series, donors, post, level=0.9)
    assert [interval.lower < truth < interval.upper for interval, truth in zip(found, (-2, -20, -40, -60), strict=True)]
    assert found[3].upper < found[0].lower


def test_bad_requests_are_refused():
    series, donors, post = world("refused")
    with pytest.raises(DesignError):
        conformal_test(series, donors, ~post)
    with pytest.raises(CaseError):
        conformal_test(series, donors, post, scheme="stationary")


@pytest.mark.skipif(not FILE.is_file(), reason="the shared benchmarks are not beside the project")
def test_proposition_99():
    """The synthetic control fitted on all 31 years under the null of no effect: p = 3/31."""
    wide = pd.read_csv(FILE, sep=";").pivot(index="Year", columns="State", values="PacksPerCapita")
    series = wide.pop("California").to_numpy()
    found = conformal_test(series, wide.to_numpy(), wide.index >= 1989)
    assert found.p_value == pytest.approx(0.0967742, abs=5e-8)
    assert found.arrangements == 31
