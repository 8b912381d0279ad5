"""How much may trends differ before a conclusion falls? Intervals for an event study under bounded violations.

Rambachan and Roth (2023, Review of Economic Studies 90:2555-2591). The coefficients are beta = delta + tau: delta,
the difference in trends that would have been there anyway, is zero in the reference period (the last before the
event); tau, the effect, is zero before it. Two ways to bound delta:

- smoothness, |(d(t+1) - d(t)) - (d(t) - d(t-1))| <= M: the slope changes by at most M a period. M = 0 goes on with
  the trend before the event in a straight line; it is not parallel trends.
- relative magnitudes, |d(t+1) - d(t)| <= M max over s < 0 of |d(s+1) - d(s)|: after the event trends differ by at
  most M times the largest difference between two periods before it. M = 0 is parallel trends after the event.

Smoothness gives the shortest interval of fixed length about an affine estimator (their section 4.1), relative
magnitudes the hybrid of the conditional and the least favourable test (their section 3; Andrews, Roth and Pakes
2023), inverted for every place and sign of the largest difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.stats import norm

from analysis.core.effect import Interval
from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.hybrid_moment_test import HybridTest

GRID, WIDENINGS = 400, 8
PARTS, ROUNDS = 64, 7  # an edge is known to 2^-42 of a step of the grid
DRAWS = 100_000  # of the least favourable stage
LARGEST_POST = 8  # every vertex of the dual is visited; their number quadruples with each period


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Coefficients ``before`` (earliest first, the reference period left out) and ``after`` the event, and their
    joint ``covariance`` (before + after, before + after). Raises DesignError for shapes that do not match."""

    before: np.ndarray
    after: np.ndarray
    covariance: np.ndarray

    def __post_init__(self) -> None:
        for name in ("before", "after", "covariance"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))
        size = len(self.before) + len(self.after)
        if not len(self.before) or not len(self.after) or self.covariance.shape != (size, size):
            raise DesignError(
                f"{len(self.before)} coefficients before and {len(self.after)} after do not go with a covariance of "
                f"shape {self.covariance.shape}",
                where="sensitivity", cure="leave the reference period out of both, and give at least one on each side",
            )  # fmt: skip
        if np.linalg.eigvalsh((self.covariance + self.covariance.T) / 2).min() <= 0:
            raise DesignError("the covariance is not positive definite", where="sensitivity", cure="use more units")

    @property
    def coefficients(self) -> np.ndarray:
        return np.concatenate([self.before, self.after])

    def target(self, weights: Sequence[float] | None) -> np.ndarray:
        """Weights over the periods after the event (default: the first alone)."""
        if weights is None:
            return np.eye(len(self.after))[0]
        weights = np.asarray(weights, dtype=float)
        if weights.shape != self.after.shape or not weights.any():
            raise DesignError("the weights do not fit the periods after", where="sensitivity", cure="one a period")
        return weights


def original_interval(study: EventStudy, *, weights: Sequence[float] | None = None, level: float = 0.95) -> Interval:
    """The usual normal interval of the weighted coefficients after the event: trends exactly parallel."""
    full = np.concatenate([np.zeros(len(study.before)), study.target(weights)])
    half = norm.ppf((1 + level) / 2) * float(np.sqrt(full @ study.covariance @ full))
    return Interval(float(full @ study.coefficients - half), float(full @ study.coefficients + half), level)


def smoothness_interval(
    study: EventStudy, bound: float, *, weights: Sequence[float] | None = None, level: float = 0.95
) -> Interval:
    """Fixed-length interval when the slope of the difference in trends changes by at most ``bound`` a period.

    The estimator is the weighted coefficients after the event plus v'before, v chosen so that half the length,
    sd x the level's quantile of |N(worst bias / sd, 1)|, is smallest. A straight line must cost no bias.
    """
    _require_bound(bound)
    target, before = study.target(weights), len(study.before)
    basis = _second_differences(before, len(study.after))
    scale = float(np.sqrt(np.diag(study.covariance).mean()))
    covariance, unit = study.covariance / scale**2, bound / scale

    def full(v: np.ndarray) -> np.ndarray:
        return np.concatenate([v, target])

    start = np.linalg.lstsq(basis[:before, :1].T, -(basis[before:, 0] @ target).reshape(1), rcond=None)[0]
    free = np.linalg.svd(basis[:before, :1].T)[2][1:].T  # directions that leave a straight line's bias at zero
    bends = basis[:, 1:].T

    def half_length(packed: np.ndarray) -> tuple[float, np.ndarray]:
        directions, limits = packed[: free.shape[1]], packed[free.shape[1] :]
        v = full(start + free @ directions)
        sd, bias = float(np.sqrt(v @ covariance @ v)), unit * float(limits.sum())
        quantile, slope = _folded_quantile(bias / sd, level)
        by_sd = quantile - slope * bias / sd
        gradient = by_sd * free.T @ (covariance @ v)[:before] / sd
        return sd * quantile, np.concatenate([gradient, np.full(len(limits), slope * unit)])

    best = np.zeros(free.shape[1])
    if free.shape[1]:
        best = _minimise(half_length, bends, full(start), free, bound > 0)
    v = full(start + free @ best)
    limits = np.abs(bends @ v)
    half = scale * half_length(np.concatenate([best, limits]))[0]
    centre = float(v @ study.coefficients)
    return Interval(centre - half, centre + half, level)


def relative_magnitude_interval(
    study: EventStudy, bound: float, *, weights: Sequence[float] | None = None, level: float = 0.95,
) -> Interval:
    """Interval when differences in trends after the event are at most ``bound`` times the largest before it.

    The union, over every place and sign of the largest difference before the event, of the effects that the hybrid
    test does not reject. The moments used are those that involve a period after the event. Deterministic: the draws
    of the least favourable stage are named. Raises DesignError for more than 8 periods after the event.
    """
    _require_bound(bound)
    if len(study.after) > LARGEST_POST:
        raise DesignError(
            f"{len(study.after)} periods after the event are too many: {LARGEST_POST} at most", where="sensitivity",
            cure="merge periods, for instance weeks into months",
        )  # fmt: skip
    target = study.target(weights)
    root = np.linalg.cholesky(study.covariance)
    tests = [
        _relative_test(study, target, bound * sign, place, root, 1 - level)
        for place in range(len(study.before))
        for sign in (1.0, -1.0)
    ]

    def kept(effects: np.ndarray) -> np.ndarray:
        return np.any([test.keeps(effects) for test in tests], axis=0)

    centre = float(target @ study.after)
    sd = float(np.sqrt(target @ study.covariance[len(study.before) :, len(study.before) :] @ target))
    reach = 5 * sd + bound * float(np.abs(np.diff(np.append(study.before, 0.0))).max()) * len(study.after)
    for _ in range(WIDENINGS):
        effects = centre + reach * np.linspace(-1, 1, 2 * GRID + 1)
        inside = np.flatnonzero(kept(effects))
        if len(inside) and inside[0] > 0 and inside[-1] < len(effects) - 1:
            return Interval(
                _edge(kept, effects[inside[0]], effects[inside[0] - 1]),
                _edge(kept, effects[inside[-1]], effects[inside[-1] + 1]),
                level,
            )
        reach *= 2
    raise DesignError("no bounded interval was found", where="sensitivity", cure="use a smaller bound")


def breakdown(interval_of: Callable[[float], Interval], *, largest: float, tolerance: float = 1e-3) -> float | None:
    """The largest bound at which ``interval_of(bound)`` still leaves out 0, to ``tolerance`` x ``largest``.

    0 when it holds 0 already without violations, None when it does not up to ``largest``.
    """
    if 0.0 in interval_of(0.0):
        return 0.0
    if 0.0 not in interval_of(largest):
        return None
    low, high = 0.0, largest
    while high - low > tolerance * largest:
        middle = (low + high) / 2
        low, high = (low, middle) if 0.0 in interval_of(middle) else (middle, high)
    return low


def _relative_test(
    study: EventStudy, target: np.ndarray, bound: float, place: int, root: np.ndarray, alpha: float
) -> HybridTest:
    """Moments +-(d(t+1) - d(t)) - bound x (d(place+1) - d(place)) <= 0 for t from the event on."""
    before, after = len(study.before), len(study.after)
    steps = np.diff(np.insert(np.eye(before + after), before, 0.0, axis=0), axis=0)
    largest = bound * steps[place]
    moments = np.vstack([steps[before:] - largest, -steps[before:] - largest])
    across = moments[:, before:] @ np.linalg.inv(_with_first_row(target))
    normal = _least_favourable(before, after, place, DRAWS)
    return HybridTest.of(moments @ study.coefficients, across[:, 0], across[:, 1:], moments @ root, alpha, normal)


@lru_cache(maxsize=8)  # the same for each bound, sign and study of that shape; 6 MB each
def _least_favourable(before: int, after: int, place: int, draws: int) -> np.ndarray:
    """Standard normals of the least favourable stage, (before + after, draws)."""
    drawn = generator_for("least favourable stage", before, after, place).standard_normal((before + after, draws))
    drawn.flags.writeable = False
    return drawn


def _with_first_row(target: np.ndarray) -> np.ndarray:
    """An invertible matrix whose first row is ``target``, the others unit rows."""
    pivot = int(np.abs(target).argmax())
    return np.vstack([target, np.delete(np.eye(len(target)), pivot, axis=0)])


def _second_differences(before: int, after: int) -> np.ndarray:
    """delta = basis (slope, second differences), shape (before + after, before + after), zero at the reference."""
    times = np.concatenate([np.arange(-before, 0), np.arange(1, after + 1)]).astype(float)
    bends = np.arange(-before + 1, after)
    # A bend at t >= 0 tilts what follows it, one at t < 0 tilts what precedes it: the line through 0 keeps its slope.
    columns = [np.where(b >= 0, np.maximum(times - b, 0.0), np.maximum(b - times, 0.0)) for b in bends]
    return np.column_stack([times, *columns])


def _folded_quantile(bias: float, level: float) -> tuple[float, float]:
    """The level's quantile of |N(bias, 1)| and its derivative in the bias."""

    def excess(value: float) -> float:
        return float(norm.cdf(value - bias) - norm.cdf(-value - bias)) - level

    value = float(brentq(excess, 0.0, bias + 10.0, xtol=1e-13))
    inner, outer = norm.pdf(value - bias), norm.pdf(value + bias)
    return value, float((inner - outer) / (inner + outer))


def _minimise(
    objective: Callable[[np.ndarray], tuple[float, np.ndarray]], bends: np.ndarray, origin: np.ndarray,
    free: np.ndarray, biased: bool,
) -> np.ndarray:
    """Directions (free,) of the smallest half length; limits above the bends' absolute values make it smooth."""
    count, size = free.shape[1], len(bends)
    slopes = bends[:, : len(free)] @ free
    fixed = bends @ origin
    jacobian = np.vstack([np.hstack([-slopes, np.eye(size)]), np.hstack([slopes, np.eye(size)])])
    constant = np.concatenate([-fixed, fixed])
    bounded = {"type": "ineq", "fun": lambda x: jacobian @ x + constant, "jac": lambda x: jacobian}
    best, least = np.zeros(count), np.inf
    for shrink in (1.0, 0.3, 0.0):
        least_squares = -np.linalg.lstsq(slopes, fixed, rcond=None)[0] * shrink
        start = np.concatenate([least_squares, np.abs(fixed + slopes @ least_squares)])
        found = minimize(
            objective, start, jac=True, method="SLSQP", constraints=[bounded] if biased else [],
            options={"maxiter": 1000, "ftol": 1e-14},
        )  # fmt: skip
        directions = found.x[:count]
        value = objective(np.concatenate([directions, np.abs(fixed + slopes @ directions)]))[0]
        if value < least:
            best, least = directions, value
    return best


def _edge(kept: Callable[[np.ndarray], np.ndarray], inside: float, outside: float) -> float:
    for _ in range(ROUNDS):
        places = np.linspace(inside, outside, PARTS + 1)
        first_out = 1 + int(np.argmin(np.append(kept(places[1:-1]), False)))
        inside, outside = places[first_out - 1], places[first_out]
    return float(inside)


def _require_bound(bound: float) -> None:
    if not bound >= 0:
        raise DesignError(f"a bound of {bound} is negative", where="sensitivity", cure="use 0 or more")
