"""Inference from the donors: give each the treated unit's place and see what comes out.

Every donor is enumerated, none is drawn, so the answer is the same on every run. The treated unit is never among a
placebo's donors. Abadie, Diamond and Hainmueller (2010, JASA 105:493); the interval inverts the same rank test
(Firpo and Possebom 2018, Journal of Causal Inference 6(2)).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.stats import t as student

from analysis.core.effect import Interval

Fit = TypeVar("Fit")
ROUNDING = 1e-9  # alpha (J + 1) is a whole number up to floating-point error
SMALLEST_SPREAD = 1e-12  # of placebo effects, relative to their size: below it there is no noise to measure


def enumerate_placebos(fit: Callable[[np.ndarray, np.ndarray], Fit], donors: np.ndarray) -> tuple[Fit, ...]:
    """``fit(series, other_donors)`` with each column of ``donors`` (periods, J) in the treated place, in order."""
    return tuple(fit(donors[:, place], np.delete(donors, place, axis=1)) for place in range(donors.shape[1]))


def rank_p_value(statistic: float, placebos: Sequence[float] | np.ndarray) -> float:
    """Share of units, the treated one included, whose statistic is at least as large as the treated unit's."""
    placebos = np.asarray(placebos, dtype=float)
    return float((1 + (placebos >= statistic).sum()) / (1 + len(placebos)))


def attainable_level(donors: int) -> float:
    """The highest confidence level at which a rank interval from this many placebos is finite: J / (J + 1)."""
    return donors / (donors + 1)


def rank_half_width(placebos: Sequence[float] | np.ndarray, level: float) -> float | None:
    """The largest statistic that the rank test does not reject at 1 - level; None when it never rejects.

    A constant effect c is kept when #{placebos >= |point - c| / scale} + 1 > alpha (J + 1), that is when
    |point - c| / scale is at most the k-th largest placebo, k the whole part of alpha (J + 1).
    """
    placebos = np.sort(np.asarray(placebos, dtype=float))[::-1]
    k = math.floor((1 - level) * (len(placebos) + 1) + ROUNDING)
    if k < 1 or not math.isfinite(placebos[k - 1]):
        return None
    return float(placebos[k - 1])


def rank_interval(point: float, scale: float, placebos: Sequence[float] | np.ndarray, level: float) -> Interval | None:
    """Interval by inversion of the rank test of |point - c| / scale: it leaves out 0 exactly when p <= 1 - level."""
    half = rank_half_width(placebos, level)
    return None if half is None else Interval(point - scale * half, point + scale * half, level)


@dataclass(frozen=True, slots=True)
class PlaceboSpread:
    """Standard error, interval and p-value from the spread of placebo effects; all None without any spread."""

    standard_error: float | None
    interval: Interval | None
    p_value: float | None
    degrees_of_freedom: int
    quantile: float | None


def placebo_normal(point: float, placebos: Sequence[float] | np.ndarray, level: float) -> PlaceboSpread:
    """Reference for ``point`` under normal placebo effects of one common variance.

    The standard error is the root mean square deviation of the J placebo effects about their mean (divisor J;
    Arkhangelsky et al. 2021, algorithm 4, every donor once). It is itself estimated from J values, so the reference
    is Student's t with J - 1 degrees of freedom, not the normal: for difference-in-differences with independent
    normal changes that is the classical two-sample test with one treated unit, up to a factor J²/(J² - 1) in the
    variance.
    """
    placebos = np.asarray(placebos, dtype=float)
    degrees = len(placebos) - 1
    spread = float(placebos.std()) if len(placebos) else 0.0
    if degrees < 1 or spread <= SMALLEST_SPREAD * max(abs(point), float(np.abs(placebos).max(initial=0.0))):
        return PlaceboSpread(None, None, None, max(degrees, 0), None)
    quantile = float(student.ppf((1 + level) / 2, degrees))
    interval = Interval(point - quantile * spread, point + quantile * spread, level)
    return PlaceboSpread(spread, interval, float(2 * student.sf(abs(point) / spread, degrees)), degrees, quantile)
