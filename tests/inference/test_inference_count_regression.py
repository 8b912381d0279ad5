import numpy as np
import pytest
from scipy.stats import t as student

from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for
from analysis.inference.autoregressive import fit_autoregressive
from analysis.inference.count_regression import contrast, fit_counts
from analysis.inference.noisy_autoregression import MixtureContrast, grid, innovations, integrate, profile

PLACES = np.array([0, 1, 2, 5, 6, 7, 8, 9, 14, 15, 16, 17, 18, 19, 20, 21])  # with gaps


def dense(rho, share, places=PLACES):
    lags = np.abs(places[:, None] - places)
    return (1 - share) * np.where(lags == 0, 1.0, np.sign(rho) ** lags * abs(rho) ** lags) + share * np.eye(len(places))


@pytest.fixture(scope="module")
def regression():
    generator = generator_for("noisy autoregression")
    rows = np.column_stack([np.ones(16), PLACES, PLACES > 12]).astype(float)
    return generator.normal(size=16), rows


@pytest.mark.parametrize("point", grid(), ids=str)
def test_profile_is_generalised_least_squares(regression, point):
    """Coefficients, covariance and restricted likelihood from the full correlation matrix, gaps included."""
    target, rows = regression
    likelihood, coefficients, covariance = profile(target, rows, np.diff(PLACES), point)
    correlation = dense(*point)
    inverse = np.linalg.inv(correlation)
    information = rows.T @ inverse @ rows
    expected = np.linalg.solve(information, rows.T @ inverse @ target)
    residual = target - rows @ expected
    scale = residual @ inverse @ residual / 13
    assert coefficients == pytest.approx(expected)
    assert covariance == pytest.approx(scale * np.linalg.inv(information))
    restricted = -0.5 * (
        13 * np.log(scale) + np.linalg.slogdet(correlation)[1] + np.linalg.slogdet(information)[1]
    )
    assert likelihood == pytest.approx(restricted)


def test_without_noise_it_is_the_autoregressive_regression(regression):
    target, rows = regression
    _, coefficients, covariance = profile(target, rows, np.diff(PLACES), (0.4, 0.0))
    expected = fit_autoregressive(target, rows, PLACES, rho=0.4)
    assert coefficients == pytest.approx(expected.coefficients)
    assert covariance == pytest.approx(expected.covariance)


@pytest.mark.parametrize("point", [(0.0, 0.0), (0.7, 0.0), (0.88, 0.6), (-0.3, 0.0)])
def test_innovations_are_the_cholesky_whitening(regression, point):
    residual = regression[0]
    expected = np.linalg.solve(np.linalg.cholesky(dense(*point)), residual)
    assert innovations(residual, np.diff(PLACES), point) == pytest.approx(expected)


def test_mixture_weights_add_up_and_follow_the_data():
    generator = generator_for("weights follow")
    series, lags, rows = generator.normal(size=300), np.ones(299, dtype=int), np.ones((300, 1))
    parts = integrate(series, rows, lags)
    assert sum(part.weight for part in parts) == pytest.approx(1)
    assert grid()[int(np.argmax([part.weight for part in parts]))] == (0.0, 0.0)
    for step in range(1, 300):
        series[step] += 0.8 * series[step - 1]
    weights = np.array([part.weight for part in integrate(series, rows, lags)])
    assert sum(weight for weight, (rho, _) in zip(weights, grid(), strict=True) if 0.7 <= rho <= 0.9) > 0.8


def test_mixture_of_one_is_student_and_its_tails_are_equal():
    one = MixtureContrast(np.array([1.0]), np.array([1.5]), np.array([0.5]), 20)
    half = 0.5 * student.ppf(0.975, 20)
    assert one.interval(0.95) == pytest.approx((1.5 - half, 1.5 + half))
    assert one.p_value == pytest.approx(2 * student.sf(3, 20))
    two = MixtureContrast(np.array([0.7, 0.3]), np.array([1.0, 2.0]), np.array([0.5, 2.0]), 20)
    low, high = two.interval(0.9)
    assert two.below(low) == pytest.approx(0.05)
    assert 1 - two.below(high) == pytest.approx(0.05)
    low, _ = two.interval(1 - two.p_value)
    assert low == pytest.approx(0, abs=1e-9)


def test_sandwich_is_the_reference_one():
    import statsmodels.api as sm

    generator = generator_for("sandwich")
    rows = np.column_stack([np.ones(80), np.arange(80) / 80, np.arange(80) >= 50]).astype(float)
    y = generator.poisson(np.exp(3 + rows @ [0.0, 0.4, -0.2])).astype(float)
    found = fit_counts(y, rows, np.zeros(80), np.arange(80), serial="newey_west")
    reference = sm.GLM(y, rows, family=sm.families.Poisson()).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, tol=1e-13
    )
    errors = [contrast(found, unit).standard_error for unit in np.eye(3)]
    assert errors == pytest.approx(reference.bse, rel=1e-6)


def test_bad_requests_are_refused():
    rows, y = np.ones((20, 1)), np.arange(20.0)
    with pytest.raises(CaseError, match="autoregressive"):
        fit_counts(y, rows, np.zeros(20), np.arange(20), serial="ar1")
    with pytest.raises(DesignError, match="exactly"):
        fit_counts(np.full(20, 7.0), rows, np.zeros(20), np.arange(20))
    with pytest.raises(DesignError, match="cannot carry"):
        fit_counts(y[:3], rows[:3], np.zeros(3), np.arange(3))
    with pytest.raises(DesignError, match="same thing"):
        fit_counts(y, np.ones((20, 2)), np.zeros(20), np.arange(20))
