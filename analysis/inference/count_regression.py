"""Log-linear regression of counts whose errors are over-dispersed and correlated in time.

Quasi-likelihood (Wedderburn 1974; McCullagh and Nelder 1989, chapter 9): E y = mu = exp(offset + X b), working
variance V(mu) = mu (quasi-Poisson) or mu + alpha mu² (negative binomial), free scale. Pearson residuals are an
autoregressive intensity seen through counting noise (Zeger 1988, Biometrika 75:621). The model is made linear at
the estimate for independent counts, which is consistent whatever the correlation (Breslow and Clayton 1993 give the
working response), and one generalised least-squares step is taken there, the correlation integrated out.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from analysis.core.errors import CaseError, DesignError
from analysis.inference.newey_west import newey_west_lag
from analysis.inference.noisy_autoregression import Component, MixtureContrast, grid, innovations, integrate, profile

FAMILIES = ("quasi_poisson", "negative_binomial")
SERIAL = ("autoregressive", "newey_west", "none")
ITERATIONS, CONVERGED = 200, 1e-11
LARGEST_STEP = 30.0  # on the log scale: beyond it the iteration is running away, not converging


@dataclass(frozen=True, slots=True)
class CountFit:
    """``coefficients`` (k,), the average over the ``components``, which carry the inference; ``fitted`` (n,) counts.

    ``dispersion`` is Pearson's statistic over n - k with the family's variance and no correlation; ``alpha`` is 0
    for quasi-Poisson; ``whitened`` (n,) are Pearson residuals without their correlation, in units of their spread.
    """

    coefficients: np.ndarray
    components: tuple[Component, ...]
    fitted: np.ndarray
    residual_df: int
    dispersion: float
    alpha: float
    rho: float
    noise_share: float
    whitened: np.ndarray


def fit_counts(
    y: np.ndarray, design: np.ndarray, offset: np.ndarray, positions: np.ndarray, *,
    family: str = "quasi_poisson", serial: str = "autoregressive",
) -> CountFit:
    """Fit ``y`` (n,) >= 0 on ``design`` (n, k) with ``offset`` (n,) on the log scale, at whole ``positions`` (n,).

    ``serial``: "autoregressive" (above), "newey_west" (sandwich with small-sample factor n/(n-k), the rule's lag),
    "none" (the classical quasi-likelihood variance). Raises CaseError for an unknown family or serial; DesignError
    for negative counts, broken numbers with the negative binomial, too few rows, terms that repeat each other, or
    an iteration without a maximum (for instance a step during which every count is zero).
    """
    _require_known(family, serial)
    _require_counts(y, design, family)
    n, k = design.shape
    alpha = 0.0
    coefficients = _iterate(y, design, offset, alpha)
    if family == "negative_binomial":
        alpha, coefficients = _dispersed(y, design, offset, coefficients)
    mu = _mean(design, offset, coefficients)
    dispersion = float(((y - mu) ** 2 / _variance(mu, alpha)).sum() / (n - k))
    if dispersion <= 1e-20 * max(1.0, float(y.max())):
        raise DesignError(
            "the model reproduces the counts exactly, so there is no noise to measure an effect against",
            where="count regression", cure="check that the counts were measured and not calculated",
        )  # fmt: skip
    lags = np.diff(np.asarray(positions, dtype=int))
    target, rows = _working(y, design, offset, coefficients, alpha)
    best = (0.0, 0.0)
    if serial == "autoregressive":
        best = max(grid(), key=lambda point: profile(target, rows, lags, point)[0])
        components = integrate(target, rows, lags)
    elif serial == "none":
        components = (Component(1.0, coefficients, dispersion * np.linalg.inv(rows.T @ rows)),)
    else:
        components = (Component(1.0, coefficients, _sandwich(target - rows @ coefficients, rows)),)
    coefficients = sum(part.weight * part.coefficients for part in components)
    whitened = innovations(target - rows @ coefficients, lags, best)
    fitted = _mean(design, offset, coefficients)
    return CountFit(coefficients, components, fitted, n - k, dispersion, alpha, best[0], best[1], whitened)


def contrast(fit: CountFit, weights: np.ndarray) -> MixtureContrast:
    """The linear combination weights'b, on the log scale."""
    weights = np.asarray(weights, dtype=float)
    parts = fit.components
    return MixtureContrast(
        np.array([part.weight for part in parts]),
        np.array([weights @ part.coefficients for part in parts]),
        np.array([np.sqrt(weights @ part.covariance @ weights) for part in parts]),
        fit.residual_df,
    )


def _require_known(family: str, serial: str) -> None:
    for name, value, known in (("family", family, FAMILIES), ("serial", serial, SERIAL)):
        if value not in known:
            raise CaseError(f'there is no {name} "{value}"', where=f"options, {name}", cure=f"use {' or '.join(known)}")


def _require_counts(y: np.ndarray, design: np.ndarray, family: str) -> None:
    n, k = design.shape
    where = "count regression"
    if (y < 0).any():
        raise DesignError("a count is negative", where=where, cure="use interrupted_time_series for such a series")
    if family == "negative_binomial" and (y != np.round(y)).any():
        raise DesignError(
            "the negative binomial counts whole things, and the series has broken numbers", where=where,
            cure="use family: quasi_poisson",
        )  # fmt: skip
    if n - k < 3:
        raise DesignError(
            f"{n} periods cannot carry {k} terms and their uncertainty", where=where,
            cure="drop harmonics, stages or covariates, or widen the windows",
        )  # fmt: skip
    if np.linalg.matrix_rank(design / np.maximum(np.linalg.norm(design, axis=0), 1e-300), tol=1e-8) < k:
        raise DesignError(
            "two terms of the model say the same thing, so their effects cannot be told apart", where=where,
            cure="drop the stage, covariate or harmonic that repeats another",
        )  # fmt: skip


def _mean(design: np.ndarray, offset: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    return np.exp(offset + design @ coefficients)


def _variance(mu: np.ndarray, alpha: float) -> np.ndarray:
    return mu + alpha * mu**2


def _working(
    y: np.ndarray, design: np.ndarray, offset: np.ndarray, coefficients: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Response (n,) and design (n, k) of the linear model in units of the family's standard deviation."""
    mu = _mean(design, offset, coefficients)
    root = mu / np.sqrt(_variance(mu, alpha))
    return root * (design @ coefficients + (y - mu) / mu), root[:, None] * design


def _iterate(
    y: np.ndarray, design: np.ndarray, offset: np.ndarray, alpha: float, start: np.ndarray | None = None
) -> np.ndarray:
    """Fisher scoring to the root of the quasi-score of independent counts; refuses when there is none."""
    if start is None:
        start = np.linalg.lstsq(design, np.log((y + max(y.mean(), 1e-300)) / 2) - offset, rcond=None)[0]
    coefficients = start
    for _ in range(ITERATIONS):
        target, rows = _working(y, design, offset, coefficients, alpha)
        updated = np.linalg.lstsq(rows, target, rcond=None)[0]
        step = float(np.abs(design @ (updated - coefficients)).max())
        if not step < LARGEST_STEP:
            break
        coefficients = updated
        if step < CONVERGED:
            return coefficients
    raise DesignError(
        "the count regression has no maximum", where="count regression",
        cure="look for a stage, season or window during which every count is zero, and leave it out",
    )  # fmt: skip


def _dispersed(
    y: np.ndarray, design: np.ndarray, offset: np.ndarray, coefficients: np.ndarray
) -> tuple[float, np.ndarray]:
    """alpha by moments: Pearson's statistic equals n - k (0 without over-dispersion), with its coefficients."""
    alpha, degrees = 0.0, len(y) - design.shape[1]
    for _ in range(ITERATIONS):
        mu = _mean(design, offset, coefficients)

        def excess(value: float, mu: np.ndarray = mu) -> float:
            return float(((y - mu) ** 2 / _variance(mu, value)).sum()) - degrees

        previous, upper = alpha, 1.0
        while excess(upper) > 0 and upper < 1e9:
            upper *= 4
        alpha = 0.0 if excess(0.0) <= 0 else float(brentq(excess, 0.0, upper, xtol=1e-15))
        coefficients = _iterate(y, design, offset, alpha, coefficients)
        if abs(alpha - previous) <= 1e-10 * max(alpha, 1e-6):
            break
    return alpha, coefficients


def _sandwich(residual: np.ndarray, rows: np.ndarray) -> np.ndarray:
    n, k = rows.shape
    scores, lag = rows * residual[:, None], newey_west_lag(len(rows))
    meat = scores.T @ scores
    for order in range(1, lag + 1):
        product = scores[order:].T @ scores[:-order]
        meat += (1 - order / (lag + 1)) * (product + product.T)
    bread = np.linalg.inv(rows.T @ rows)
    return n / (n - k) * bread @ meat @ bread
