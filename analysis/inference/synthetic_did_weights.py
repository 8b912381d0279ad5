"""Unit and time weights of synthetic difference-in-differences, at their exact optimum.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12), equations 4 to 6. Their
program stops an iterative search early and drops small weights; here the quadratic programmes are solved, so the
estimate is the one that the paper defines.
"""

from dataclasses import dataclass

import numpy as np

from analysis.inference.simplex import simplex_least_squares

TIME_RIDGE = 1e-6  # of the noise level: only makes the time weights unique


@dataclass(frozen=True, slots=True)
class SyntheticDifference:
    """``gap`` (periods,): treated minus weighted donors, less that difference in the weighted pre-period.

    Its post-period mean is ``point``. ``unit_weights`` (donors,), ``time_weights`` (pre-periods,), ``zeta`` and
    ``noise_level`` in the outcome's unit.
    """

    point: float
    gap: np.ndarray
    unit_weights: np.ndarray
    time_weights: np.ndarray
    zeta: float
    noise_level: float


def noise_level(donors_pre: np.ndarray) -> float:
    """Standard deviation (divisor n - 1) of the donors' first differences before the event."""
    return float(np.diff(donors_pre, axis=0).std(ddof=1))


def fit_synthetic_difference(
    y: np.ndarray, donors: np.ndarray, pre: np.ndarray, post: np.ndarray
) -> SyntheticDifference:
    """``y`` (periods,), ``donors`` (periods, J), masks ``pre`` and ``post`` (periods,); one treated unit."""
    before, after = donors[pre], donors[post]
    noise = noise_level(before)
    zeta = len(after) ** 0.25 * noise
    units = simplex_least_squares(before, y[pre], ridge=zeta**2 * len(before), intercept=True).weights
    time_ridge = (TIME_RIDGE * noise) ** 2 * donors.shape[1]
    times = simplex_least_squares(before.T, after.mean(axis=0), ridge=time_ridge, intercept=True).weights
    difference = y - donors @ units
    gap = difference - times @ difference[pre]
    return SyntheticDifference(float(gap[post].mean()), gap, units, times, zeta, noise)
