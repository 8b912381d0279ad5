"""Bands that hold for every period of a path at once, beside bands that hold for each period alone.

A pointwise 95 % band is left by one period in twenty although nothing happened. A simultaneous one is left by any
period at all in one series of twenty. Linear combinations of a few coefficients: Working and Hotelling (1929, Journal
of the American Statistical Association 24:73), Scheffé (1953, Biometrika 40:87). Draws and placebos: the largest
standardised departure of a path, as in Montiel Olea and Plagborg-Møller (2019, Journal of Applied Econometrics 34:1).
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from analysis.inference.placebo import rank_half_width

Band = tuple[np.ndarray, np.ndarray]


def bonferroni_factor(periods: int, degrees: float, level: float) -> float:
    """By how much a band of Student's t must grow to hold for ``periods`` periods whatever their dependence."""
    alpha = 1 - level
    return float(student.ppf(1 - alpha / (2 * periods), degrees) / student.ppf(1 - alpha / 2, degrees))


def draws_factor(departures: np.ndarray, lower: np.ndarray, upper: np.ndarray, level: float) -> float:
    """By how much the pointwise reach below and above must grow so that ``level`` of whole paths stay inside.

    ``departures`` (draws, periods) from the expected path, ``lower`` and ``upper`` (periods,) the positive distances
    from it to the pointwise band. Never below 1.
    """
    sizes = np.where(departures < 0, -departures / lower, departures / upper)
    return max(1.0, float(np.quantile(sizes.max(axis=1), level, method="higher")))


def widened_band(expected: np.ndarray, band: Band | None, factor: float, where: np.ndarray) -> Band | None:
    """Both sides of ``band`` multiplied by ``factor`` over the mask ``where``, NaN elsewhere; None without a band."""
    if band is None:
        return None
    lower, upper = (np.where(where, expected + factor * (side - expected), np.nan) for side in band)
    return lower, upper


def placebo_joint_band(
    expected: np.ndarray, gaps: Sequence[np.ndarray], scales: Sequence[float] | np.ndarray, own: float,
    where: np.ndarray, level: float,
) -> Band | None:
    """Band (periods,) by the rank of the largest departure among placebos over the mask ``where``, NaN elsewhere.

    ``gaps`` one (periods,) a placebo; ``scales`` each placebo's own misfit, positive, and ``own`` the treated unit's.
    None with too few placebos for that level, or a placebo without misfit among the largest.
    """
    sizes = [
        float(np.abs(gap[where]).max()) / scale if scale > 0 else np.inf
        for gap, scale in zip(gaps, scales, strict=True)
    ]
    reach = rank_half_width(sizes, level)
    if reach is None:
        return None
    half = np.where(where, reach * own, np.nan)
    return expected - half, expected + half
