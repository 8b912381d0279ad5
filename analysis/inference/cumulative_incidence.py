"""Cumulative incidence with competing events: what had happened to which share of the cases after so many hours.

Aalen and Johansen 1978, Scandinavian Journal of Statistics 5: the share that ended by cause k until t is
sum of S(t_i-) d_ki / n_i. One minus Kaplan-Meier with the competing events taken as censoring overstates it. With
one cause the estimator is Kaplan and Meier 1958 (1 - S). Restricted means after Andersen 2013, Statistics in Medicine
32: the time lost to cause k before tau is the integral of its incidence.

Every function also gives the exact derivative of its result in each case's weight (the infinitesimal jackknife, Efron
1982), from cumulative sums and so in O(n log n); these influences sum to zero, their squares to the variance of
independent cases, and the squares of their sums over clusters to the variance of clustered ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from analysis.core.errors import DesignError

REACHED = 1e-12  # a share that floating-point sums leave this far below the one asked for has been reached
Values = np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """The Aalen-Johansen curves of n cases, c causes and m distinct times of events.

    ``times`` (m,) hours; ``at_risk`` (m,) cases just before; ``events`` (m, c); ``survival`` (m + 1,) and
    ``incidence`` (m + 1, c) before the first time and after each; ``longest`` hours of the longest follow-up.
    ``reached`` (n,) times of events at or before each case's own end; ``cause`` (n,) 0 where censored.
    """

    times: Values
    at_risk: Values
    events: Values
    survival: Values
    incidence: Values
    longest: float
    reached: Values
    cause: Values

    def known_at(self, hours: float) -> bool:
        """Whether anybody was followed that far, or nobody was left to follow."""
        return hours <= self.longest or bool(self.survival[-1] <= REACHED)


def cumulative_incidence(hours: Values, cause: Values) -> Incidence:
    """The curves of ``hours`` (n,) from the start to the end of each case, which ended by ``cause`` (n,).

    Causes are 1, 2, ...; 0 is a case not followed to its end. Cases censored at the time of an event were at risk of
    it. Raises DesignError for no case, or hours that are missing or negative.
    """
    hours, cause = np.asarray(hours, dtype=float), np.asarray(cause, dtype=int)
    if not len(hours) or not np.isfinite(hours).all() or hours.min() < 0:
        raise DesignError(
            "a curve needs cases, each followed for a known time of zero hours or more",
            where="cumulative incidence",
            cure="leave out cases without a start, and repair events before their case's start",
        )
    causes = int(cause.max())
    times = np.unique(hours[cause > 0])
    reached = np.searchsorted(times, hours, side="right")
    at_risk = len(hours) - np.searchsorted(np.sort(hours), times, side="left")
    ended = cause > 0
    flat = np.bincount((reached[ended] - 1) * causes + cause[ended] - 1, minlength=len(times) * causes)
    events = flat.reshape(len(times), causes)
    survival = np.concatenate([[1.0], np.cumprod(1 - events.sum(axis=1) / at_risk)])
    steps = survival[:-1, None] * events / at_risk[:, None]
    incidence = np.vstack([np.zeros((1, causes)), np.cumsum(steps, axis=0)])
    return Incidence(times, at_risk, events, survival, incidence, float(hours.max()), reached, cause)


def incidence_at(curve: Incidence, cause: int, hours: Values) -> Values:
    """Share of the cases that ended by ``cause`` within ``hours`` (g,); missing beyond the longest follow-up."""
    hours = np.asarray(hours, dtype=float)
    if cause > curve.events.shape[1]:
        values = np.zeros(len(hours))
    else:
        values = curve.incidence[np.searchsorted(curve.times, hours, side="right"), cause - 1]
    return np.where([curve.known_at(item) for item in hours], values, np.nan)


def incidence_influence(curve: Incidence, cause: int, hours: Values) -> Values:
    """Influences (n, g) of the cases on ``incidence_at`` of ``hours`` (g,)."""
    if cause > curve.events.shape[1]:
        return np.zeros((len(curve.cause), len(hours)))
    own, hazard, total, left = _parts(curve, cause)
    first = _martingale(curve, cause, curve.survival[:-1] / curve.at_risk, own * left, hazard, total)
    second = _martingale(curve, cause, None, -left, hazard, total)
    until = np.searchsorted(curve.times, np.asarray(hours, dtype=float), side="right")
    columns = [first(stop) + curve.incidence[stop, cause - 1] * second(stop) for stop in until]
    return np.column_stack(columns)


def time_lost(curve: Incidence, cause: int, tau: float) -> float:
    """Mean hours before ``tau`` that lie after the event: the integral of the incidence from 0 to tau.

    ``tau`` minus this is the restricted mean time to the event, cases that ended otherwise counted as never reaching
    it. Missing when nobody was followed for ``tau`` hours.
    """
    if not curve.known_at(tau):
        return np.nan
    if cause > curve.events.shape[1]:
        return 0.0
    inside = curve.times <= tau
    steps = np.diff(curve.incidence[:, cause - 1])[inside]
    return float(steps @ (tau - curve.times[inside]))


def time_lost_influence(curve: Incidence, cause: int, tau: float) -> Values:
    """Influences (n,) of the cases on ``time_lost``."""
    if cause > curve.events.shape[1]:
        return np.zeros(len(curve.cause))
    _, hazard, total, left = _parts(curve, cause)
    remaining = np.maximum(tau - curve.times, 0.0)
    steps = np.diff(curve.incidence[:, cause - 1])
    later = np.cumsum((steps * remaining)[::-1])[::-1] - steps * remaining  # integral of F - F(t) from t to tau
    on_cause = curve.survival[:-1] * remaining / curve.at_risk
    stop = int(np.searchsorted(curve.times, tau, side="right"))
    return _martingale(curve, cause, on_cause, -later * left, hazard, total)(stop)


def restricted_mean(curve: Incidence, tau: float) -> float:
    """Mean hours until the first event of any cause, at most ``tau``: the integral of the survival curve."""
    lost = sum(time_lost(curve, cause, tau) for cause in range(1, curve.events.shape[1] + 1))
    return tau - lost if curve.known_at(tau) else np.nan


def restricted_mean_influence(curve: Incidence, tau: float) -> Values:
    """Influences (n,) of the cases on ``restricted_mean``."""
    lost = [time_lost_influence(curve, cause, tau) for cause in range(1, curve.events.shape[1] + 1)]
    return -np.sum(lost, axis=0) if lost else np.zeros(len(curve.cause))


def time_quantile(curve: Incidence, cause: int, share: float) -> float:
    """Hours after which ``share`` of all cases had ended by ``cause``; missing when they never were so many."""
    if cause > curve.events.shape[1]:
        return np.nan
    index = int(np.searchsorted(curve.incidence[:, cause - 1], share - REACHED, side="left"))
    return float(curve.times[index - 1]) if 0 < index <= len(curve.times) else np.nan


def log_quantile_influence(curve: Incidence, cause: int, share: float) -> Values:
    """Influences (n,) of the cases on the logarithm of ``time_quantile``; missing when it has none.

    Needs the density there: the slope of the curve between two shares around, as far apart as Hall and Sheather
    1988 (Journal of the Royal Statistical Society B 50) found best for intervals of a quantile.
    """
    missing = np.full(len(curve.cause), np.nan)
    middle = time_quantile(curve, cause, share)
    if not middle > 0:
        return missing
    height = norm.pdf(norm.ppf(share)) ** 2 / (2 * norm.ppf(share) ** 2 + 1)
    half = len(missing) ** (-1 / 3) * norm.ppf(0.975) ** (2 / 3) * (1.5 * height) ** (1 / 3)
    most = float(curve.incidence[-1, cause - 1])
    around = max(share - half, share / 2), min(share + half, (share + most) / 2)
    ends = np.array([time_quantile(curve, cause, item) for item in around])
    if not (0 < ends[0] < ends[1]):
        return missing
    low, high = incidence_at(curve, cause, ends)
    slope = (high - low) / np.log(ends[1] / ends[0])
    return -incidence_influence(curve, cause, np.array([middle]))[:, 0] / slope


def _parts(curve: Incidence, cause: int) -> tuple[Values, Values, Values, Values]:
    """At each time: incidence after it, the hazards of the cause and of all causes, one over the cases left."""
    any_cause = curve.events.sum(axis=1)
    left = curve.at_risk - any_cause
    # Where nobody is left the curve ends: what is multiplied by this is zero there.
    inverse = np.where(left > 0, 1 / np.maximum(left, 1), 0.0)
    own = curve.incidence[1:, cause - 1]
    return own, curve.events[:, cause - 1] / curve.at_risk, any_cause / curve.at_risk, inverse


def _martingale(
    curve: Incidence, cause: int, on_cause: Values | None, on_any: Values, hazard: Values, total: Values
) -> Callable[[int], Values]:
    """Sums over the first ``stop`` times of a (dN_k - Y h_k) + b (dN - Y h) for every case, as a function of stop."""
    on_cause = np.zeros(len(curve.times)) if on_cause is None else on_cause
    expected = np.concatenate([[0.0], np.cumsum(on_cause * hazard + on_any * total)])
    last = np.maximum(curve.reached - 1, 0)
    jump = np.where(curve.cause > 0, on_any[last], 0.0) + np.where(curve.cause == cause, on_cause[last], 0.0)

    def until(stop: int) -> Values:
        return np.where(curve.reached <= stop, jump, 0.0) - expected[np.minimum(curve.reached, stop)]

    return until
