"""Hybrid test of moment inequalities with nuisance parameters: is there a nuisance with all moments at most zero?

Andrews, Roth and Pakes (2023, Review of Economic Studies 90:2763-2791). The statistic is the value of a linear
programme, the largest over the vertices of its dual. A first stage rejects beyond the least favourable quantile; the
second is conditional on which vertex is the largest, so moments that are far from binding do not cost power.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import log_ndtr

FIRST_STAGE = 0.1  # share of the error spent on the least favourable stage, as the authors do
NO_VARIANCE = 1e-16  # relative to the largest variance: such a combination of moments is identically zero


@dataclass(frozen=True, slots=True)
class HybridTest:
    """At each vertex of the dual the combined moment is ``values`` - ``slopes`` x effect, (vertices,) both.

    ``ratios`` (V, V) are covariances over the column's variance; ``critical`` ends the first stage, ``size`` is what
    is left for the second.
    """

    values: np.ndarray
    slopes: np.ndarray
    deviations: np.ndarray
    ratios: np.ndarray
    critical: float
    size: float

    @classmethod
    def of(
        cls, estimates: np.ndarray, slopes: np.ndarray, nuisance: np.ndarray, factor: np.ndarray, alpha: float,
        normal: np.ndarray,
    ) -> "HybridTest":
        """Moments ``estimates`` - ``slopes`` x effect - ``nuisance`` x free parameters <= 0 in expectation.

        ``estimates``, ``slopes`` (moments,), ``nuisance`` (moments, k), ``factor`` (moments, r) with
        factor factor' their covariance; ``alpha`` the size; ``normal`` (r, draws) independent standard normals.
        """
        vertices = dual_vertices(np.sqrt((factor**2).sum(axis=1)), nuisance)
        spread = vertices @ factor
        variances = (spread**2).sum(axis=1)
        moving = variances > NO_VARIANCE * variances.max()
        spread = np.where(moving[:, None], spread, 0.0)
        drawn = spread @ normal
        kappa = alpha * FIRST_STAGE
        return cls(
            values=np.where(moving, vertices @ estimates, 0.0),
            slopes=np.where(moving, vertices @ slopes, 0.0),
            deviations=np.where(moving, np.sqrt(variances), 1.0),
            ratios=spread @ spread.T / np.where(moving, variances, 1.0),
            critical=float(np.quantile(drawn.max(axis=0), 1 - kappa)),
            size=(alpha - kappa) / (1 - kappa),
        )

    def keeps(self, effects: np.ndarray) -> np.ndarray:
        """Whether each of ``effects`` (n,) is not rejected, shape (n,)."""
        values = self.values[:, None] - self.slopes[:, None] * effects
        chosen = values.argmax(axis=0)
        largest = values.max(axis=0)
        ratio = self.ratios[:, chosen]
        apart = np.abs(1 - ratio) > 1e-9
        with np.errstate(divide="ignore", invalid="ignore"):
            turning = (values - ratio * largest) / (1 - ratio)
        low = np.where(apart & (ratio < 1), turning, -np.inf).max(axis=0)
        high = np.where(apart & (ratio > 1), turning, np.inf).min(axis=0)
        deviation = self.deviations[chosen]
        tail = _truncated_tail(largest / deviation, low / deviation, np.minimum(high, self.critical) / deviation)
        return (largest <= self.critical) & ((largest <= 0) | (tail >= self.size))


def _truncated_tail(at: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """P(Z > at | low <= Z <= high) for a standard normal Z, by logarithms so that far tails keep their digits."""

    def log_mass(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        flip = left > 0
        upper, lower = np.where(flip, -left, right), np.where(flip, -right, left)
        with np.errstate(divide="ignore"):
            return log_ndtr(upper) + np.log(-np.expm1(np.minimum(log_ndtr(lower) - log_ndtr(upper), 0.0)))

    at = np.clip(at, low, high)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.exp(log_mass(at, high) - log_mass(low, high)), nan=0.0)


def dual_vertices(deviations: np.ndarray, nuisance: np.ndarray) -> np.ndarray:
    """Every vertex of {g >= 0, g'deviations = 1, g'nuisance = 0}, shape (vertices, moments)."""
    count, found = len(deviations), []
    system = np.column_stack([deviations / deviations.max(), nuisance]).T
    for rows in combinations(range(count), len(system)):
        chosen = system[:, rows]
        if abs(np.linalg.det(chosen)) < 1e-12:
            continue
        solved = np.linalg.solve(chosen, np.eye(len(system))[0] / deviations.max())
        if solved.min() >= -1e-12 * np.abs(solved).max():
            vertex = np.zeros(count)
            vertex[list(rows)] = np.maximum(solved, 0.0)
            found.append(vertex)
    _, first = np.unique(np.round(np.array(found) * deviations.max(), 9), axis=0, return_index=True)
    return np.array(found)[np.sort(first)]
