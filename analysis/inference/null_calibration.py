"""How often does a method find an effect where there is none, and how wide must its interval be to be honest?

A null is the whole estimate made again where nothing happened: at a pretended date before the event, or on a series
simulated with the dynamics that the pre-period shows. Its statistic is |estimate| over the distance from the estimate
to the end of its interval on the side of zero: above 1 the null was rejected. The statistic needs no standard error,
so every method with an interval has one, and its nominal critical value is 1 whatever the method's distribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom
from scipy.stats import t as student

from analysis.core.effect import Effect, Interval
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.windows import Windows
from analysis.inference.structural import DRIFT, NUGGET, Fit, Functionals, fit, predictive
from analysis.inference.structural_filter import Grid

EVIDENT = 2.71  # the 90 % quantile of chi-square(1): 5 % at a border
MANY = 1e9  # degrees of freedom at which Student's t is the normal
# For a method that rules drift out: with none among the points, and longer memory in its place.
FLAT = Grid.crossed(
    dict.fromkeys((0.0, 0.3, 0.5, 0.7, 0.85, 0.95), 1.0), dict.fromkeys(NUGGET, 1.0),
    dict.fromkeys((0.0, *DRIFT), 1.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Nulls:
    """``effects`` and ``statistics``, (B,) both, of B nulls."""

    effects: np.ndarray
    statistics: np.ndarray


def null_statistic(point: float, interval: Interval) -> float:
    """|point| over the distance from it to the end of its interval on the side of zero; above 1 is rejected."""
    reach = point - interval.lower if point > 0 else interval.upper - point
    return abs(point) / reach if reach > 0 else (np.inf if point else 0.0)


def sliding_windows(panel: Panel, smallest_pre: int, most: int) -> tuple[Windows, ...]:
    """Every pretended event that fits before the real one, each fitted on the same number of periods.

    Fitted length ``smallest_pre``, donut and post-period as long as the study's; where that leaves nothing, the
    post-period is shortened, to half at most. Beyond ``most`` they are thinned evenly. They overlap.
    """
    times = panel.times[panel.pre]
    donut = len(panel.times) - panel.n_pre - panel.n_post
    room = len(times) - smallest_pre - donut
    post = min(panel.n_post, room)
    if post < -(-panel.n_post // 2):
        return ()
    starts = np.arange(room - post + 1)
    if len(starts) > most:
        starts = np.unique(np.linspace(0, starts[-1], most).round().astype(int))
    return tuple(
        Windows(
            first=times[start],
            pre_last=times[start + smallest_pre - 1],
            event=times[start + smallest_pre + donut],
            last=times[start + smallest_pre + donut + post - 1],
        )
        for start in starts
    )


def effective_number(places: Sequence[int] | np.ndarray, length: int) -> int:
    """How many pretended post-periods of ``length`` that start at ``places`` fit side by side.

    Windows that overlap err together, so a share found among them counts as if found among so many.
    """
    return min(len(places), 1 + int(np.ptp(places)) // length) if len(places) else 0


def chance_of(share: float, number: float, alpha: float) -> float:
    """Probability of a share of rejections at least this large among ``number`` nulls of an honest test."""
    whole = int(number)
    return float(binom.sf(int(np.floor(share * whole + 0.5)) - 1, whole, alpha)) if whole else 1.0


def structural_nulls(
    series: np.ndarray, design: np.ndarray, positions: np.ndarray, fitted: np.ndarray, counted: np.ndarray,
    grid: Grid, level: float = 0.95,
) -> Nulls:
    """The structural time series on B ``series`` (n, B) that share ``design`` (n, k) and ``positions`` (n,).

    ``fitted`` and ``counted`` (n,) mark the periods of fit and average. One whitening serves all of them. Series cut
    at other dates may share a design whose columns are level, line, waves and weekdays: moved in time these are
    combinations of one another, and generalised least squares does not depend on which of them is used.
    """
    model = fit(series[fitted], design[fitted], positions[fitted], grid)
    weights = np.full((1, int(counted.sum())), 1 / counted.sum())
    ask = Functionals(positions[counted] - positions[fitted][-1], weights, weights @ design[counted])
    effects, statistics = np.empty(series.shape[1]), np.empty(series.shape[1])
    for item, observed in enumerate(series[counted].mean(axis=0)):
        mixture = predictive(model, ask, item)
        effects[item] = observed - float(mixture.mean[0])
        tail = (1 + level) / 2 if effects[item] > 0 else (1 - level) / 2
        reach = abs(float(mixture.quantile(tail)[0]) - float(mixture.mean[0]))
        statistics[item] = abs(effects[item]) / max(reach, np.finfo(float).tiny)
    return Nulls(effects, statistics)


def simulated_errors(
    model: Fit, positions: np.ndarray, count: int, generator: np.random.Generator, *, point: int | None = None
) -> np.ndarray:
    """``count`` series (n, count) of memory, noise and drift as ``model`` found them in its first series.

    Each has its own parameters, drawn from the model's weights, so that not knowing them is part of the null; with
    ``point`` all have those of that point of the grid. Regressors add nothing here: an estimate by generalised least
    squares is the same whatever their coefficients.
    """
    grid, steps = model.factors.grid, np.diff(positions)
    drawn = generator.choice(len(grid), size=count, p=model.weights[:, 0])
    chosen = drawn if point is None else np.full(count, point)
    rho, nugget, drift = (np.array(values)[chosen] for values in (grid.rho, grid.nugget, grid.drift))
    shocks = generator.standard_normal((len(positions), count))
    memory = np.empty_like(shocks)
    memory[0] = shocks[0]
    for t, step in enumerate(steps, start=1):
        decay = rho**step
        memory[t] = decay * memory[t - 1] + np.sqrt(1 - decay**2) * shocks[t]
    moves = np.sqrt(drift * np.insert(steps, 0, 0)[:, None]) * generator.standard_normal(shocks.shape)
    noise = np.sqrt(nugget) * generator.standard_normal(shocks.shape)
    return np.sqrt(model.scale[chosen, 0]) * (memory + moves.cumsum(axis=0) + noise)


def evident_point(model: Fit) -> int:
    """The most likely point of the grid, with drift only where the data show it; the grid's prior is taken out.

    Drift is shown when the restricted likelihood with it is so much higher that a test of no drift, on the border of
    what is possible, rejects at 5 % (twice the logarithm of the ratio above 2.71; Self and Liang 1987, JASA 82:605).
    """
    grid = model.factors.grid
    weights, drift = model.weights[:, 0] * np.exp(-np.array(grid.log_prior)), np.array(grid.drift)
    still, moving = np.where(drift == 0, weights, 0.0), np.where(drift > 0, weights, 0.0)
    shown = 2 * np.log(max(moving.max(), 1e-300) / max(still.max(), 1e-300)) > EVIDENT
    return int(np.argmax(moving if shown else still))


def critical_value(null_statistics: Sequence[float] | np.ndarray, level: float) -> float:
    """The statistic that a further null exceeds with probability 1 - level at most: the ceil(level (B + 1))-th.

    Raises DesignError when there are too few nulls for that level.
    """
    ordered = np.sort(np.asarray(null_statistics, dtype=float))
    place = int(np.ceil(level * (len(ordered) + 1) - 1e-9))
    if place > len(ordered):
        raise DesignError(
            f"{len(ordered)} nulls cannot calibrate a {level:.0%} interval", where="null calibration",
            cure=f"use at least {int(np.ceil(level / (1 - level) - 1e-9))} nulls",
        )  # fmt: skip
    return float(ordered[place - 1])


def calibrated(effect: Effect, null_statistics: Sequence[float] | np.ndarray) -> tuple[Interval, float]:
    """Interval and p-value that the nulls support.

    Rule: both sides of the interval are multiplied by the nulls' critical value where it is above the nominal 1,
    and left alone otherwise: a calibration may widen, never narrow. p is the smallest level at which the widened
    interval, its sides scaled to other levels by the method's Student's t (normal where it names no degrees of
    freedom), leaves out zero. So p is below 1 - level exactly when zero lies outside. Where nothing is widened the
    method's own interval and p are returned. Raises DesignError for an effect without interval and p, or too few
    nulls.
    """
    if effect.interval is None or effect.p_value is None:
        raise DesignError(
            "the estimate has no interval to calibrate", where=effect.outcome, cure="add donors or periods"
        )
    interval, point = effect.interval, effect.point
    widen = critical_value(null_statistics, interval.level)
    if widen <= 1:
        return interval, effect.p_value
    lower, upper = point - widen * (point - interval.lower), point + widen * (interval.upper - point)
    degrees = float(effect.diagnostics.get("degrees_of_freedom", MANY))
    quantile = float(student.ppf((1 + interval.level) / 2, degrees))
    p_value = 2 * float(student.sf(quantile * null_statistic(point, interval) / widen, degrees))
    return Interval(lower, upper, interval.level), p_value
