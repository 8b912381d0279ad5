"""Linear regression with errors of the first autoregressive order, by restricted maximum likelihood.

Periods that are left out stay left out: the correlation of two errors is rho^lag with the lag on the full time
axis, so the neighbours of a gap are not treated as adjacent. Whitening after Prais and Winsten (1954); restricted
likelihood after Patterson and Thompson (1971); degrees of freedom after Satterthwaite (1946) as in Fai and
Cornelius (1996).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import t as student

from analysis.core.errors import DesignError

LARGEST_RHO = 0.99
GRID = np.linspace(-0.95, 0.95, 39)
STEP = 1e-4  # for the derivatives in rho that are differences: of first derivatives only, which lose few digits
EXACT_FIT = 1e-22  # residual over total sum of squares below which a series counts as reproduced exactly


@dataclass(frozen=True, slots=True)
class Regression:
    """A fitted regression with k coefficients on n periods.

    ``coefficients`` (k,), ``covariance`` (k, k), ``rho``, ``innovation_sd`` (units of y), ``residuals`` (n,) in
    the units of y, ``whitened`` (n,) the same without their autocorrelation, ``residual_df`` n - k.
    ``covariance_slope`` is d log-free covariance / d rho and ``nuisance`` (2, 2) the covariance of
    (log s², rho) (None when rho was given or sits at its bound): both serve Satterthwaite's formula.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    rho: float
    innovation_sd: float
    residuals: np.ndarray
    whitened: np.ndarray
    residual_df: int
    covariance_slope: np.ndarray
    nuisance: np.ndarray | None
    restricted_log_likelihood: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """A linear combination of coefficients with Student's t as its reference."""

    estimate: float
    standard_error: float
    degrees_of_freedom: float

    def interval(self, level: float) -> tuple[float, float]:
        half = self.standard_error * float(student.ppf((1 + level) / 2, self.degrees_of_freedom))
        return self.estimate - half, self.estimate + half

    @property
    def p_value(self) -> float:
        return float(2 * student.sf(abs(self.estimate) / self.standard_error, self.degrees_of_freedom))


@dataclass(frozen=True, slots=True)
class _Profile:
    """The fit at one rho. ``squares_slope`` and ``determinants_slope``: derivatives in rho of the two before them."""

    coefficients: np.ndarray
    unscaled: np.ndarray
    whitened: np.ndarray
    residual_squares: float
    log_determinants: float
    squares_slope: float
    determinants_slope: float


def whiten(values: np.ndarray, rho: float, lags: np.ndarray) -> np.ndarray:
    """Rows free of autocorrelation, innovation variance one; ``lags`` (n - 1,) are the distances between rows."""
    values = np.asarray(values, dtype=float)
    power = rho ** lags.astype(float)
    spread = np.sqrt((1 - power**2) / (1 - rho**2))
    shape = (-1,) + (1,) * (values.ndim - 1)
    later = (values[1:] - power.reshape(shape) * values[:-1]) / spread.reshape(shape)
    return np.concatenate([values[:1] * np.sqrt(1 - rho**2), later])


def _whitened_slope(values: np.ndarray, rho: float, lags: np.ndarray) -> np.ndarray:
    """The derivative of ``whiten`` in rho."""
    shape = (-1,) + (1,) * (values.ndim - 1)
    power, power_slope = (part.reshape(shape) for part in _power(rho, lags))
    spread, spread_slope = (part.reshape(shape) for part in _spread(rho, lags))
    innovation = values[1:] - power * values[:-1]
    later = (-power_slope * values[:-1] - innovation * spread_slope / (2 * spread)) / np.sqrt(spread)
    return np.concatenate([-values[:1] * rho / np.sqrt(1 - rho**2), later])


def _power(rho: float, lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlation over each lag, and its derivative in rho."""
    return rho ** lags.astype(float), lags * rho ** (lags - 1.0)


def _spread(rho: float, lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the innovation over each lag, of one period's, and its derivative in rho."""
    (power, power_slope), rest = _power(rho, lags), 1 - rho**2
    return (1 - power**2) / rest, 2 * (rho * (1 - power**2) / rest - power * power_slope) / rest


def _profile(y: np.ndarray, design: np.ndarray, lags: np.ndarray, rho: float) -> _Profile:
    columns, target = whiten(design, rho, lags), whiten(y, rho, lags)
    orthogonal, triangle = np.linalg.qr(columns)
    coefficients = np.linalg.solve(triangle, orthogonal.T @ target)
    residual = target - columns @ coefficients
    inverse = np.linalg.solve(triangle, np.eye(len(triangle)))
    spread, spread_slope = _spread(rho, lags)
    log_determinant = float(np.log(spread).sum()) - np.log(1 - rho**2)
    log_determinant += 2 * float(np.log(np.abs(np.diag(triangle))).sum())
    # The coefficients minimise the squares, so their own change has no part in the derivative of the least.
    squares_slope = 2 * float(residual @ _whitened_slope(y - design @ coefficients, rho, lags))
    determinants_slope = float((spread_slope / spread).sum()) + 2 * rho / (1 - rho**2)
    determinants_slope += 2 * float(np.sum(inverse.T * (orthogonal.T @ _whitened_slope(design, rho, lags))))
    return _Profile(
        coefficients, inverse @ inverse.T, residual, float(residual @ residual), log_determinant, squares_slope,
        determinants_slope,
    )  # fmt: skip


def _criterion(profile: _Profile, residual_df: int) -> float:
    """Restricted log-likelihood with the innovation variance profiled out, up to a constant."""
    return -0.5 * (residual_df * np.log(profile.residual_squares / residual_df) + profile.log_determinants)


def _score(profile: _Profile, residual_df: int) -> float:
    """The derivative of the criterion in rho."""
    return -0.5 * (residual_df * profile.squares_slope / profile.residual_squares + profile.determinants_slope)


def fit_autoregressive(
    y: np.ndarray, design: np.ndarray, positions: np.ndarray, *, rho: float | None = None
) -> Regression:
    """Regress ``y`` (n,) on ``design`` (n, k) with AR(1) errors on the increasing whole-number ``positions`` (n,).

    ``rho`` fixes the autocorrelation (0 is ordinary least squares); by default it is estimated. Raises DesignError
    for too few rows, a design without full rank, or a series that the design reproduces exactly.
    """
    y, design = np.asarray(y, dtype=float), np.asarray(design, dtype=float)
    n, k = design.shape
    _require_estimable(y, design)
    lags = np.diff(np.asarray(positions, dtype=int))
    residual_df = n - k
    chosen = _best_rho(y, design, lags, residual_df) if rho is None else float(rho)
    profile = _profile(y, design, lags, chosen)
    variance = profile.residual_squares / residual_df
    slope, nuisance = _uncertainty_of_rho(y, design, lags, chosen, variance, residual_df)
    return Regression(
        coefficients=profile.coefficients,
        covariance=variance * profile.unscaled,
        rho=chosen,
        innovation_sd=float(np.sqrt(variance)),
        residuals=y - design @ profile.coefficients,
        whitened=profile.whitened,
        residual_df=residual_df,
        covariance_slope=variance * slope,
        nuisance=nuisance if rho is None else None,
        restricted_log_likelihood=_criterion(profile, residual_df),
    )


def _require_estimable(y: np.ndarray, design: np.ndarray) -> None:
    n, k = design.shape
    if n - k < 3:
        raise DesignError(
            f"{n} periods cannot carry {k} terms and their uncertainty",
            where="regression",
            cure="drop harmonics, stages or covariates, or widen the windows",
        )
    scaled = design / np.maximum(np.linalg.norm(design, axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled, tol=1e-8) < k:
        raise DesignError(
            "two terms of the model say the same thing, so their effects cannot be told apart",
            where="regression",
            cure="drop the stage, covariate or harmonic that repeats another",
        )
    rest = y - scaled @ np.linalg.lstsq(scaled, y, rcond=None)[0]
    if rest @ rest <= EXACT_FIT * max(float(y @ y), 1e-300):
        raise DesignError(
            "the model reproduces the series exactly, so there is no noise to measure an effect against",
            where="regression",
            cure="check that the series was measured and not calculated",
        )


def _best_rho(y: np.ndarray, design: np.ndarray, lags: np.ndarray, residual_df: int) -> float:
    def loss(rho: float) -> float:
        return -_criterion(_profile(y, design, lags, float(rho)), residual_df)

    start = float(GRID[int(np.argmin([loss(rho) for rho in GRID]))])
    width = float(GRID[1] - GRID[0])
    bounds = (max(start - width, -LARGEST_RHO), min(start + width, LARGEST_RHO))

    def score(rho: float) -> float:
        return _score(_profile(y, design, lags, float(rho)), residual_df)

    if score(bounds[0]) > 0 > score(bounds[1]):
        # Where the derivative is zero is known to many more digits than where the criterion is flat.
        return float(brentq(score, *bounds, xtol=1e-12))
    return float(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-8}).x)


def _uncertainty_of_rho(
    y: np.ndarray, design: np.ndarray, lags: np.ndarray, rho: float, variance: float, residual_df: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Derivative of the unscaled covariance in rho, and the inverse observed information of (log s², rho)."""
    below, here, above = (_profile(y, design, lags, rho + shift) for shift in (-STEP, 0.0, STEP))
    slope = (above.unscaled - below.unscaled) / (2 * STEP)

    def loss_slope(profile: _Profile) -> float:
        return 0.5 * (profile.squares_slope / variance + profile.determinants_slope)

    curvature = (loss_slope(above) - loss_slope(below)) / (2 * STEP)
    mixed = -0.5 * here.squares_slope / variance
    information = np.array([[residual_df / 2, mixed], [mixed, curvature]])
    if abs(rho) > LARGEST_RHO - 1e-3 or np.linalg.det(information) <= 0 or curvature <= 0:
        return slope, None
    return slope, np.linalg.inv(information)


def contrast(fit: Regression, weights: Sequence[float] | np.ndarray) -> Contrast:
    """Estimate of weights'b with its standard error and Satterthwaite degrees of freedom (at most n - k)."""
    weights = np.asarray(weights, dtype=float)
    variance = float(weights @ fit.covariance @ weights)
    degrees = float(fit.residual_df)
    if fit.nuisance is not None and variance > 0:
        gradient = np.array([1.0, float(weights @ fit.covariance_slope @ weights) / variance])
        relative_variance = float(gradient @ fit.nuisance @ gradient)  # of the estimated variance
        degrees = min(max(2 / relative_variance, 1.0), degrees)
    return Contrast(float(weights @ fit.coefficients), float(np.sqrt(variance)), degrees)
