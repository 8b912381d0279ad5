"""Draws of a whole future path from the mixture of structural.py."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky

from analysis.inference.structural import ALONE, Fit, fit
from analysis.inference.structural_filter import JITTER, Grid


@dataclass(frozen=True, slots=True)
class Prediction:
    """Draws of the future path on the model scale, shape (draws, future periods), and the most likely parameters."""

    draws: np.ndarray
    degrees_of_freedom: int
    rho: float
    drift: float


def predict(
    y: np.ndarray, design: np.ndarray, times: np.ndarray, future_design: np.ndarray, future_times: np.ndarray,
    *, draws: int, generator: np.random.Generator, grid: Grid = ALONE,
) -> Prediction:
    """Draw the future of a series, shape (draws, len(future_times)).

    ``times`` are whole period numbers, ``future_times`` all later; gaps are allowed. Raises ValueError when there
    are too few observations for the regressors, or a future time is not after the last observation.
    """
    leads = np.asarray(future_times) - np.max(times)
    if leads.min() < 1:
        raise ValueError("a future time is not after the last observation")
    fitted = fit(y, design, times, grid)
    paths = draw_paths(fitted, future_design, leads, draws=draws, generator=generator)
    best = fitted.best()
    return Prediction(paths, int(fitted.degrees_of_freedom), rho=grid.rho[best], drift=grid.drift[best])


def draw_paths(
    fitted: Fit, future_design: np.ndarray, leads: np.ndarray, *, draws: int, generator: np.random.Generator,
    least: float = 0.0,
) -> np.ndarray:
    """Draws (draws, future periods) of the first series' future at ``leads`` periods after its last observation.

    Points of the grid whose weight is below ``least`` times the largest are left out: each costs a factorisation.
    """
    weights = fitted.weights[:, 0]
    weights = np.where(weights >= least * weights.max(), weights, 0.0)
    chosen = generator.choice(len(weights), size=draws, p=weights / weights.sum())
    normal = generator.standard_normal((draws, len(leads)))
    degrees = fitted.degrees_of_freedom
    inflate = np.sqrt(degrees / generator.chisquare(degrees, size=draws))
    paths = np.empty((draws, len(leads)))
    for point in np.unique(chosen):
        rows = chosen == point
        mean, root = _path_distribution(fitted, point, future_design, leads)
        paths[rows] = mean + inflate[rows, None] * (normal[rows] @ root.T)
    return paths


def _path_distribution(
    fitted: Fit, point: int, future_design: np.ndarray, leads: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (f,) and lower root (f, f) of the covariance of the path of the first series at one grid point."""
    k = fitted.root.shape[1]
    grid = fitted.factors.grid
    decayed = grid.rho[point] ** leads
    states = np.column_stack([decayed, np.ones(len(leads))])
    given = grid.rho[point] ** np.abs(leads[:, None] - leads) - np.outer(decayed, decayed)
    given += grid.drift[point] * np.minimum(leads[:, None], leads)
    given += (grid.nugget[point] + JITTER) * np.eye(len(leads))
    left = np.stack([fitted.whitened.smooth[point], fitted.whitened.drift[point]])
    beta = fitted.coefficients[point, :, 0]
    mean = future_design @ beta + states @ (left[:, k] - left[:, :k] @ beta)
    unknown = np.linalg.solve(fitted.root[point].T, (future_design - states @ left[:, :k]).T)
    covariance = given + states @ fitted.factors.state_covariance[point] @ states.T + unknown.T @ unknown
    return mean, np.sqrt(fitted.scale[point, 0]) * cholesky(covariance, lower=True)

