import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.newey_west import fit_least_squares, newey_west_lag
from analysis.inference.segmented import segmented_design


def drifting(periods=80, name="newey west"):
    design = segmented_design(np.arange(periods), 50).matrix
    return design @ [10.0, 0.1, -2.0, 0.05] + generator_for(name).normal(size=periods).cumsum() / 3, design


@pytest.mark.parametrize(("periods", "lag"), [(31, 3), (60, 3), (104, 4), (156, 4)])
def test_lag_rule(periods, lag):
    assert newey_west_lag(periods) == lag
    y, design = drifting(periods) if periods > 52 else (drifting()[0][:periods], np.ones((periods, 1)))
    assert fit_least_squares(y, design, np.arange(periods)).lag == lag


@pytest.mark.parametrize("lag", [0, 1, 4])
def test_without_gaps_it_is_the_reference_with_its_small_sample_correction(lag):
    y, design = drifting()
    found = fit_least_squares(y, design, np.arange(80), lag=lag)
    theirs = OLS(y, design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True}, use_t=True
    )
    assert found.newey_west == pytest.approx(theirs.cov_params())
    assert found.p_values() == pytest.approx(theirs.pvalues)
    assert found.covariance == pytest.approx(OLS(y, design).fit().cov_params())


def test_a_gap_is_a_longer_lag_not_a_neighbour():
    """By the definition, pair by pair: only residuals exactly l periods apart enter the term of lag l."""
    y, design = drifting()
    at = np.delete(np.arange(80), np.arange(45, 50))
    found = fit_least_squares(y[at], design[at], at, lag=2)
    scores = design[at] * found.residuals[:, None]
    distance = np.abs(np.subtract.outer(at, at))
    weight = np.where(distance <= 2, 1 - distance / 3, 0.0)
    bread = np.linalg.inv(design[at].T @ design[at])
    expected = 75 / 71 * bread @ (scores.T @ weight @ scores) @ bread
    assert found.newey_west == pytest.approx(expected)
    adjacent = fit_least_squares(y[at], design[at], np.arange(75), lag=2)
    assert adjacent.newey_west != pytest.approx(expected)


def test_contrast_has_both_errors():
    y, design = drifting()
    found = fit_least_squares(y, design, np.arange(80), lag=3)
    weights = np.array([0, 1, 0, 1.0])
    for newey_west, covariance in ((True, found.newey_west), (False, found.covariance)):
        value = found.contrast(weights, newey_west=newey_west)
        assert value.standard_error == pytest.approx(np.sqrt(weights @ covariance @ weights))
        assert value.degrees_of_freedom == 76


def test_what_cannot_be_fitted_is_refused():
    y, design = drifting()
    with pytest.raises(DesignError, match="same thing"):
        fit_least_squares(y, np.column_stack([design, 2 * design[:, 1]]), np.arange(80))
    with pytest.raises(DesignError, match="lag of 80"):
        fit_least_squares(y, design, np.arange(80), lag=80)
    with pytest.raises(DesignError, match="4 terms"):
        fit_least_squares(y[:4], design[:4], np.arange(4))
