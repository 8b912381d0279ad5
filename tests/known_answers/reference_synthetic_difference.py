"""The authors' own search for the weights of synthetic difference in differences, to show where published values stop.

After the R package synthdid (Arkhangelsky, Hirshberg; GPL >= 2 or BSD 3-clause): a Frank-Wolfe search stopped after 100
steps, weights of at most a quarter of the largest set to zero, and up to 10,000 steps from there. Our estimator solves
the same problems exactly; this is used by tests only.
"""

from dataclasses import dataclass

import numpy as np

FIRST_STEPS, STEPS = 100, 10_000
SMALLEST_DECREASE = 1e-5  # of the noise level: the search ends when a step lowers the misfit by less
NO_PENALTY = 1e-6  # of the noise level, for time weights; plain synthetic control in this frame takes 1e-16


@dataclass(frozen=True, slots=True)
class Reference:
    """``point`` in the outcome's unit; ``units`` (donors,) and ``times`` (pre-periods,) add up to one."""

    point: float
    units: np.ndarray
    times: np.ndarray


def frank_wolfe(
    matrix: np.ndarray, target: np.ndarray, zeta: float, decrease: float, steps: int, start: np.ndarray, centred: bool
) -> np.ndarray:
    """Weights (columns,) that lower zeta² |w|² + |A w - b|² / rows, one corner of the simplex a step."""
    if centred:
        matrix, target = matrix - matrix.mean(axis=0), target - target.mean()
    rows, weights, previous = len(target), start, np.inf
    penalty = rows * zeta**2
    for step in range(steps):
        fitted = matrix @ weights
        half_gradient = (fitted - target) @ matrix + penalty * weights
        corner = int(np.argmin(half_gradient))
        direction = -weights
        direction[corner] = 1 - weights[corner]
        if direction.any():
            moved = matrix[:, corner] - fitted
            length = -(half_gradient @ direction) / (moved @ moved + penalty * direction @ direction)
            weights = weights + min(1.0, max(0.0, length)) * direction
        value = zeta**2 * weights @ weights + ((matrix @ weights - target) ** 2).sum() / rows
        if step >= 1 and previous - value <= decrease**2:
            break
        previous = value
    return weights


def sparsified(weights: np.ndarray) -> np.ndarray:
    kept = np.where(weights <= weights.max() / 4, 0.0, weights)
    return kept / kept.sum()


def search(matrix: np.ndarray, target: np.ndarray, zeta: float, decrease: float, centred: bool = True) -> np.ndarray:
    """The whole search: short, sparsified, long."""
    even = np.full(matrix.shape[1], 1 / matrix.shape[1])
    short = frank_wolfe(matrix, target, zeta, decrease, FIRST_STEPS, even, centred)
    return frank_wolfe(matrix, target, zeta, decrease, STEPS, sparsified(short), centred)


def noise_of(donors: np.ndarray) -> float:
    return float(np.diff(donors, axis=0).std(ddof=1))


def synthetic_difference(y: np.ndarray, donors: np.ndarray, before: int) -> Reference:
    """``y`` (periods,), ``donors`` (periods, J), the first ``before`` periods before the event."""
    early, late = donors[:before], donors[before:]
    noise = noise_of(early)
    decrease = SMALLEST_DECREASE * noise
    times = search(early.T, late.mean(axis=0), NO_PENALTY * noise, decrease)
    units = search(early, y[:before], len(late) ** 0.25 * noise, decrease)
    gap = y - donors @ units
    return Reference(float(gap[before:].mean() - times @ gap[:before]), units, times)


def synthetic_control(y: np.ndarray, donors: np.ndarray, before: int) -> Reference:
    """Plain synthetic control in the same frame: no time weights, no constant, next to no penalty."""
    early = donors[:before]
    noise = noise_of(early)
    units = search(early, y[:before], 1e-10 * NO_PENALTY * noise, SMALLEST_DECREASE * noise, centred=False)
    return Reference(float((y - donors @ units)[before:].mean()), units, np.zeros(before))
