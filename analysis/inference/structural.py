"""Prediction of a series from its own past: AR(1) + noise + drifting level, parameters integrated, not plugged in.

``y = Z b + u`` with ``u = AR(1)(rho) + white(nugget) + random walk(drift)``, variances relative to one scale. For
every (rho, nugget, drift) of a grid: generalised least squares for b, restricted likelihood times a declared prior
for the weight of the grid point, and the exact predictive distribution, Student's t; the answer is the mixture.
References: Patterson and Thompson 1971, Biometrika 58(3) (restricted likelihood); Handcock and Stein 1993,
Technometrics 35(4) (integrating covariance parameters in universal kriging).
"""

from dataclasses import dataclass

import numpy as np

from analysis.inference.structural_filter import JITTER, Factors, Grid, Whitened, factorise, whiten
from analysis.inference.student_mixture import StudentMixture

RHO = (0.0, 0.3, 0.5, 0.7, 0.85)  # beyond, an AR(1) cannot be told from the drift, which is the more cautious
NUGGET = (0.0, 0.5, 2.0)
DRIFT = (0.0001, 0.0005, 0.002, 0.008, 0.03, 0.12, 0.5)  # never zero: a level that cannot move is not believed
# The prior of the drift is proportional to drift ** tilt on its logarithmic grid. Chosen on training worlds: with
# the tilt at 0, intervals without controls cover too little and those with controls are wider than they need be:
# controls explain part of the drift.
TILT_ALONE, TILT_CONTROLLED = 0.2, -0.05
SMALLEST_SURPLUS = 3  # observations beyond regressors
NEGLIGIBLE = 1e-8  # of the largest weight of a grid point: below it nothing printed changes


def grid_with(tilt: float) -> Grid:
    """The declared grid: rho and nugget flat, drift tilted."""
    return Grid.crossed(dict.fromkeys(RHO, 1.0), dict.fromkeys(NUGGET, 1.0), {value: value**tilt for value in DRIFT})


ALONE, CONTROLLED = grid_with(TILT_ALONE), grid_with(TILT_CONTROLLED)


@dataclass(frozen=True, slots=True, eq=False)
class Functionals:
    """q linear functionals of the future: ``weights`` (q, f) over the periods that lie ``leads`` (f,) whole numbers,
    increasing, after the last observation, and ``design`` (q, k), what each asks of the regressors (weights @ theirs).
    """

    leads: np.ndarray
    weights: np.ndarray
    design: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Generalised least squares of B series on one design at G grid points.

    ``coefficients`` (G, k, B), ``scale`` (G, B) the variance of the AR(1) part, ``weights`` (G, B) that sum to one
    over the grid, ``root`` (G, k, k) upper triangular with root'root = Z'K^-1 Z, ``residuals`` (n, G, B) whitened,
    ``last_smooth`` and ``last_drift`` (G, k + B) the states that each column (design first) leaves behind.
    """

    factors: Factors
    coefficients: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    root: np.ndarray
    residuals: np.ndarray
    whitened: Whitened
    degrees_of_freedom: float

    def best(self, series: int = 0) -> int:
        return int(np.argmax(self.weights[:, series]))


def fit(y: np.ndarray, design: np.ndarray, positions: np.ndarray, grid: Grid = ALONE) -> Fit:
    """Fit ``y`` (n,) or (n, B) on ``design`` (n, k) at whole-number ``positions`` (n,); gaps are longer lags.

    Raises ValueError when there are too few observations for the regressors, or the regressors are collinear.
    """
    series = np.asarray(y, dtype=float).reshape(len(design), -1)
    n, k = design.shape
    if n - k < SMALLEST_SURPLUS:
        raise ValueError(f"{n} periods carry at most {n - SMALLEST_SURPLUS} regressors, not {k}")
    factors = factorise(positions, grid)
    whitened = whiten(factors, np.hstack([design, series]))
    z, v = (np.ascontiguousarray(part.transpose(1, 0, 2)) for part in np.split(whitened.values, [k], axis=2))
    orthogonal, root = np.linalg.qr(z)
    diagonal = np.abs(np.diagonal(root, axis1=1, axis2=2))
    if (diagonal.min(axis=1) < 1e-10 * diagonal.max(axis=1)).any():
        raise ValueError("the regressors are collinear")
    projected = orthogonal.transpose(0, 2, 1) @ v
    coefficients = np.linalg.solve(root, projected)
    residuals = v - orthogonal @ projected
    scale = (residuals**2).sum(axis=1) / (n - k)
    determinants = factors.log_determinant + 2 * np.log(diagonal).sum(axis=1)
    scale = np.maximum(scale, np.finfo(float).tiny)
    logs = -0.5 * ((n - k) * np.log(scale) + determinants[:, None]) + np.array(grid.log_prior)[:, None]
    weights = np.exp(logs - logs.max(axis=0))
    weights /= weights.sum(axis=0)
    return Fit(factors, coefficients, scale, weights, root, residuals.transpose(1, 0, 2), whitened, float(n - k))


def predictive(fitted: Fit, ask: Functionals, series: int = 0) -> StudentMixture:
    """The predictive distribution of the functionals for one of the series fitted."""
    keep = np.flatnonzero(fitted.weights[:, series] > NEGLIGIBLE * fitted.weights[:, series].max())
    k = fitted.root.shape[1]
    left = np.stack([fitted.whitened.smooth[keep], fitted.whitened.drift[keep]], axis=1)  # (G, 2, k + B)
    beta = fitted.coefficients[keep, :, series]
    carried = left[:, :, k + series] - np.einsum("gsk,gk->gs", left[:, :, :k], beta)
    states, variance = _future(fitted.factors, keep, ask)
    centres = beta @ ask.design.T + np.einsum("gqs,gs->gq", states, carried)
    unknown = ask.design[None] - states @ left[:, :, :k]  # (G, q, k): what the coefficients' error does
    spread = np.linalg.solve(fitted.root[keep].transpose(0, 2, 1), unknown.transpose(0, 2, 1))
    variance = variance + (spread**2).sum(axis=1)
    scales = np.sqrt(np.maximum(fitted.scale[keep, series, None] * variance, np.finfo(float).tiny))
    weights = fitted.weights[keep, series]
    return StudentMixture(weights / weights.sum(), centres, scales, fitted.degrees_of_freedom)


def _future(factors: Factors, points: np.ndarray, ask: Functionals) -> tuple[np.ndarray, np.ndarray]:
    """Loadings (G, q, 2) of the functionals on the last states, and their variance (G, q) at scale one.

    Backwards through the future, every step adds what its own innovations contribute; no covariance matrix of the
    future is formed, so a year of days ahead costs no more than its length.
    """
    grid, steps = factors.grid, np.diff(ask.leads, prepend=0)
    rho, nugget, drift = (np.array(values)[points, None] for values in (grid.rho, grid.nugget, grid.drift))
    variance = (nugget + JITTER) * (ask.weights**2).sum(axis=1)
    smooth, walk = np.zeros(variance.shape), np.zeros(len(ask.weights))
    for weight, step in zip(ask.weights.T[::-1], steps[::-1], strict=True):
        decay = rho**step
        smooth += weight
        walk = walk + weight
        variance += (1 - decay**2) * smooth**2 + (drift * step) * walk**2
        smooth *= decay
    states = np.stack([smooth, np.broadcast_to(walk, smooth.shape)], axis=2)
    return states, variance + ((states @ factors.state_covariance[points]) * states).sum(axis=2)
