"""The AR(1) regression against dense matrices, statsmodels, and its size under the null."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize_scalar
from scipy.stats import t as student

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.autoregressive import contrast, fit_autoregressive, whiten
from analysis.inference.segmented import segmented_design

GAPPED = np.r_[0:20, 24:40, 43, 44, 50:60]


def autoregressive_series(generator, length, rho, burn=100):
    shocks, series = generator.normal(size=length + burn), np.zeros(length + burn)
    for step in range(1, length + burn):
        series[step] = rho * series[step - 1] + shocks[step]
    return series[burn:]


def dense_restricted_likelihood(y, design, positions, rho):
    """The restricted log-likelihood written with the full covariance matrix rho^|lag| / (1 - rho²)."""
    covariance = rho ** np.abs(positions[:, None] - positions[None, :]).astype(float) / (1 - rho**2)
    inverse = np.linalg.inv(covariance)
    information = design.T @ inverse @ design
    coefficients = np.linalg.solve(information, design.T @ inverse @ y)
    residual = y - design @ coefficients
    degrees = len(y) - design.shape[1]
    variance = residual @ inverse @ residual / degrees
    value = degrees * np.log(variance) + np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    return -0.5 * value, coefficients, variance * np.linalg.inv(information)


def gapped_problem(rho=0.6):
    series = autoregressive_series(generator_for("gapped", rho), 60, rho)[GAPPED]
    return series, segmented_design(GAPPED, 30).matrix, GAPPED


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.3, 0.8])
def test_given_rho_equals_generalised_least_squares_with_the_full_covariance(rho):
    y, design, positions = gapped_problem()
    likelihood, coefficients, covariance = dense_restricted_likelihood(y, design, positions, rho)
    fit = fit_autoregressive(y, design, positions, rho=rho)
    assert fit.coefficients == pytest.approx(coefficients, rel=1e-8)
    assert fit.covariance == pytest.approx(covariance, rel=1e-7)
    assert fit.restricted_log_likelihood == pytest.approx(likelihood, rel=1e-10)


@pytest.mark.parametrize("rho", [-0.3, 0.2, 0.6])
def test_estimated_rho_maximises_the_full_restricted_likelihood(rho):
    y, design, positions = gapped_problem(rho)

    def loss(value):
        return -dense_restricted_likelihood(y, design, positions, value)[0]

    best = minimize_scalar(loss, bounds=(-0.98, 0.98), method="bounded")
    assert fit_autoregressive(y, design, positions).rho == pytest.approx(best.x, abs=1e-4)


def test_a_gap_is_a_longer_lag_and_not_a_neighbour():
    y, design, positions = gapped_problem()
    right = fit_autoregressive(y, design, positions).rho
    squeezed = fit_autoregressive(y, design, np.arange(len(y))).rho
    assert abs(right - squeezed) > 1e-3


def test_rho_zero_is_ordinary_least_squares():
    y, design, positions = gapped_problem()
    theirs = sm.OLS(y, design).fit()
    ours = fit_autoregressive(y, design, positions, rho=0.0)
    assert ours.coefficients == pytest.approx(theirs.params, rel=1e-9)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse, rel=1e-9)
    value = contrast(ours, [0, 0, 1, 0])
    assert value.p_value == pytest.approx(theirs.pvalues[2], rel=1e-7)
    assert value.interval(0.95) == pytest.approx(tuple(theirs.conf_int()[2]), rel=1e-7)


def test_known_rho_has_n_minus_k_degrees_and_an_estimated_one_fewer():
    y, design, positions = gapped_problem()
    assert contrast(fit_autoregressive(y, design, positions, rho=0.6), [0, 0, 1, 0]).degrees_of_freedom == len(y) - 4
    assert 1 <= contrast(fit_autoregressive(y, design, positions), [0, 0, 1, 0]).degrees_of_freedom < len(y) - 4


def test_scale_of_the_series_changes_nothing_but_the_scale():
    y, design, positions = gapped_problem()
    one, thousand = fit_autoregressive(y, design, positions), fit_autoregressive(1000 * y, design, positions)
    assert thousand.rho == pytest.approx(one.rho, abs=1e-6)
    assert thousand.coefficients == pytest.approx(1000 * one.coefficients, rel=1e-6)


def test_repeated_terms_and_exact_series_are_refused():
    y, design, positions = gapped_problem()
    with pytest.raises(DesignError, match="same thing"):
        fit_autoregressive(y, np.column_stack([design, design[:, 1] * 2]), positions)
    with pytest.raises(DesignError, match="exactly"):
        fit_autoregressive(design @ np.ones(4), design, positions)
    with pytest.raises(DesignError, match="cannot carry"):
        fit_autoregressive(y[:6], design[:6], positions[:6])


# Standard error of the level change with errors of variance one, by closed form (pre, post, rho).
CLOSED_FORM = {(24, 12, 0.0): 0.6873, (24, 12, 0.4): 0.8380, (48, 24, 0.0): 0.4926, (48, 24, 0.4): 0.6617,
               (104, 52, 0.0): 0.3373, (104, 52, 0.4): 0.4831}  # fmt: skip


@pytest.mark.parametrize(("setting", "expected"), CLOSED_FORM.items())
def test_standard_error_of_a_level_change_has_its_closed_form(setting, expected):
    before, after, rho = setting
    design = segmented_design(np.arange(before + after), before).matrix
    white = whiten(design, rho, np.ones(before + after - 1, dtype=int))
    unscaled = np.linalg.inv(white.T @ white)
    assert np.sqrt((1 - rho**2) * unscaled[2, 2]) == pytest.approx(expected, abs=5e-5)


def test_size_under_the_null_is_near_nominal_where_least_squares_is_not():
    """24 + 12 periods, rho .6, nominal 5 %. Published size of this design: REML .076, least squares .274."""
    series, before, after = 300, 24, 12
    generator = generator_for("size", before, after)
    positions = np.arange(before + after)
    design = segmented_design(positions, before).matrix
    rejected = {"satterthwaite": 0, "residual": 0, "least squares": 0}
    for _ in range(series):
        y = autoregressive_series(generator, before + after, 0.6)
        value = contrast(fit_autoregressive(y, design, positions), [0, 0, 1, 0])
        rejected["satterthwaite"] += value.p_value < 0.05
        rejected["residual"] += 2 * student.sf(abs(value.estimate) / value.standard_error, len(y) - 4) < 0.05
        least_squares = fit_autoregressive(y, design, positions, rho=0.0)
        rejected["least squares"] += contrast(least_squares, [0, 0, 1, 0]).p_value < 0.05

    def error(share):  # three standard errors of a simulated share
        return 3 * np.sqrt(share * (1 - share) / series)

    assert rejected["residual"] / series == pytest.approx(0.076, abs=error(0.076))
    assert rejected["least squares"] / series == pytest.approx(0.274, abs=error(0.274))
    assert 0.01 < rejected["satterthwaite"] / series <= rejected["residual"] / series
