"""Least squares with weights that are not negative and add up to one, solved exactly.

Since the weights w add up to one, A w - b = (A - b 1')w = D w. Let u = s w with s = sum(u): minimising
|D u|² + (sum(u) - 1)² over u >= 0 gives s = 1/(1 + |D w|²) and the value |D w|²/(1 + |D w|²), which rises with
|D w|²: its minimiser, divided by its sum, is the minimiser on the simplex. Non-negative least squares (Lawson and
Hanson 1974, chapter 23) solves it by an active set, without a stopping rule that could be mistaken for an answer.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from analysis.core.errors import DesignError

# The optimality gap bounds how far the objective is above its minimum. It is compared with the rounding error of
# the gradient, |column| |residual|, a hundred thousand times the machine's: generous for arithmetic, far too
# strict for a solver that stopped early.
GAP_PER_GRADIENT = 1e-11
GAP_PER_COLUMN = 1e-15
STEPS_PER_WEIGHT = 30


@dataclass(frozen=True, slots=True)
class SimplexFit:
    """``weights`` (donors,), ``intercept`` (0 without one), ``objective`` |A w + intercept - b|² + ridge |w|²,
    ``optimality_gap`` (how far w'g exceeds the smallest gradient g; 0 at the exact optimum)."""

    weights: np.ndarray
    intercept: float
    objective: float
    optimality_gap: float


def simplex_least_squares(
    matrix: np.ndarray, target: np.ndarray, *, ridge: float = 0.0, intercept: bool = False
) -> SimplexFit:
    """Minimise |A w + c - b|² + ridge |w|² over w >= 0, sum(w) = 1 (and c, when ``intercept``).

    ``matrix`` A has shape (rows, donors), ``target`` b (rows,); the result is in the units of b. Raises DesignError
    when the solution does not satisfy the Karush-Kuhn-Tucker conditions.
    """
    matrix, target = np.asarray(matrix, dtype=float), np.asarray(target, dtype=float)
    rows, centre = (matrix - matrix.mean(axis=0), target - target.mean()) if intercept else (matrix, target)
    difference = rows - centre[:, None]
    if ridge > 0:
        difference = np.vstack([difference, np.sqrt(ridge) * np.eye(matrix.shape[1])])
    weights = _nearest_point(difference)
    residual = difference @ weights
    gap = optimality_gap(difference, weights)
    column = float(np.linalg.norm(difference, axis=0).max())
    if gap > GAP_PER_GRADIENT * column * float(np.linalg.norm(residual)) + GAP_PER_COLUMN * column**2:
        raise DesignError(
            f"the donor weights are not optimal (gap {gap:.3g})",
            where="simplex least squares",
            cure="rescale the series, or drop donors that are copies of each other",
        )
    constant = float(target.mean() - matrix.mean(axis=0) @ weights) if intercept else 0.0
    return SimplexFit(weights, constant, float(residual @ residual), gap)


def optimality_gap(difference: np.ndarray, weights: np.ndarray) -> float:
    """w'g - min(g) for the gradient g = D'D w: zero exactly when no weight can be moved to lower the objective."""
    gradient = difference.T @ (difference @ weights)
    return max(float(weights @ gradient - gradient.min()), 0.0)


def _nearest_point(difference: np.ndarray) -> np.ndarray:
    """The w on the simplex with the shortest D w; D is scaled so that both terms weigh about the same."""
    donors = difference.shape[1]
    if donors == 1:
        return np.ones(1)
    scale = float(np.linalg.norm(difference, axis=0).min())
    if scale == 0:
        return np.eye(donors)[int(np.argmin(np.linalg.norm(difference, axis=0)))]
    weights = np.full(donors, 1 / donors)
    for _ in range(2):  # the second pass is scaled by the residual that the first one found
        weights = _solve(difference / scale)
        shortest = float(np.linalg.norm(difference @ weights))
        if shortest <= 1e-9 * scale:
            break
        scale = shortest
    return weights


def _solve(scaled: np.ndarray) -> np.ndarray:
    donors = scaled.shape[1]
    rows, target = np.vstack([scaled, np.ones(donors)]), np.append(np.zeros(len(scaled)), 1.0)
    try:
        u, _ = nnls(rows, target, maxiter=STEPS_PER_WEIGHT * donors)
    except RuntimeError as error:
        raise DesignError(
            "the donor weights did not converge", where="simplex least squares", cure="drop donors that are copies"
        ) from error
    return u / u.sum()
