"""How often does a method find an effect where there is none, and how wide must its interval be to be honest?

A null is the whole estimate made again where nothing happened: at a pretended date before the event, or on a series
simulated with the dynamics that the pre-period shows. Its statistic is |estimate| over the distance from the estimate
to the end of its interval on the side of zero: above 1 the null was rejected. The statistic needs no standard error,
so every method with an interval has one, and its nominal critical value is 1 whatever the method's distribution.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import binom
from scipy.stats import t as student

from analysis.core.effect import BAND_COLUMNS, Average, Effect, Interval
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.windows import Windows
from analysis.inference.effects import cumulative_of, relative_of
from analysis.inference.structural import DRIFT, NUGGET, Fit, Functionals, fit, predictive
from analysis.inference.structural_filter import Grid

CHANCE = 0.025  # of so many rejections by an honest interval: above it they are Monte-Carlo error
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
    model: Fit, positions: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """``count`` series (n, count) of memory, noise and drift as ``model`` found them in its first series.

    Each has its own parameters, drawn from the model's weights, so that not knowing them is part of the null.
    Regressors add nothing here: an estimate by generalised least squares is the same whatever their coefficients.
    """
    grid, steps = model.factors.grid, np.diff(positions)
    chosen = generator.choice(len(grid), size=count, p=model.weights[:, 0])
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


def needed_factor(null_statistics: Sequence[float] | np.ndarray, level: float, number: float | None = None) -> float:
    """By how much both sides of a ``level`` interval must grow: the nulls' critical value, 1 where that is not needed.

    It is needed where the nulls (worth ``number`` independent ones; default: all) reject so often that an honest
    interval would do so one time in forty at most. That is the same as the lower end of a 95 % interval of the factor
    lying above 1: what the Monte-Carlo error of the nulls can explain widens nothing. Too few nulls: 1.
    """
    statistics = np.asarray(null_statistics, dtype=float)
    if len(statistics) < np.ceil(level / (1 - level) - 1e-9):
        return 1.0
    chance = chance_of(float((statistics > 1).mean()), len(statistics) if number is None else number, 1 - level)
    return max(critical_value(statistics, level), 1.0) if chance <= CHANCE else 1.0


def model_scale(effect: Effect | Average) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """From the effect's scale to the one on which its interval was made, and back: a rate ratio's is its logarithm."""
    if isinstance(effect, Average) or "log_rate_ratio" not in effect.diagnostics:
        return _same, _same
    usual = float(effect.diagnostics["observed_mean"])
    return (lambda value: -math.log1p(-value / usual)), (lambda value: -usual * math.expm1(-value))


def statistic_of(effect: Effect | Average) -> float:
    """``null_statistic`` of an effect, on the scale on which its interval was made."""
    forward, _ = model_scale(effect)
    return null_statistic(forward(effect.point), effect.interval.map(forward))


def calibrated(effect: Effect, factor: float) -> tuple[Interval, float]:
    """Interval and p-value of an effect whose interval must be ``factor`` times as wide.

    Both sides are multiplied by the factor, on the scale on which the interval was made; a factor of 1 or less changes
    nothing: a calibration may widen, never narrow. p is the smallest level at which the widened interval, its sides
    scaled to other levels by the method's Student's t (normal where it names no degrees of freedom), leaves out zero;
    never below the method's own, which for a rank among few placebos is as small as their number allows. So p is below
    1 - level exactly when zero lies outside. Raises DesignError for an effect without interval and p.
    """
    if effect.interval is None or effect.p_value is None:
        raise DesignError(
            "the estimate has no interval to calibrate", where=effect.outcome, cure="add donors or periods"
        )
    if factor <= 1:
        return effect.interval, effect.p_value
    forward, back = model_scale(effect)
    point, interval = forward(effect.point), effect.interval.map(forward)
    below, above = factor * (point - interval.lower), factor * (interval.upper - point)
    wide = Interval(point - below, point + above, interval.level)
    quantile = float(student.ppf((1 + interval.level) / 2, _degrees(effect)))
    p_value = 2 * float(student.sf(quantile * null_statistic(point, interval) / factor, _degrees(effect)))
    return wide.map(back), max(p_value, effect.p_value)


def widened(effect: Effect, panel: Panel, factor: float, *, returns: bool = False) -> Effect:
    """The effect with every interval, its p-value, its standard error and the band after the event as ``factor`` asks.

    Cumulative and relative intervals are the same functions of the new interval as they were of the old one (see
    ``inference.effects``); ``returns`` as there. Raises DesignError as ``calibrated`` does.
    """
    interval, p_value = calibrated(effect, factor)
    if factor <= 1:
        return effect
    total = float(effect.diagnostics["observed_mean"]) * effect.n_post
    cumulative = cumulative_of(total, 1 if returns else effect.n_post, panel.scale)
    share = None if effect.relative_interval is None else relative_of(total, cumulative)
    error = effect.standard_error
    return replace(
        effect,
        interval=interval,
        p_value=p_value,
        standard_error=None if error is None else factor * error,
        cumulative_interval=None if effect.cumulative_interval is None else interval.map(cumulative),
        relative_interval=None if share is None else _finite(interval, share),
        path=_wider_band(effect, panel, factor),
        inference=f"{effect.inference}; widened {factor:.2f} times by null calibration",
    )


def _wider_band(effect: Effect, panel: Panel, factor: float) -> pd.DataFrame:
    """The path with its band ``factor`` times as wide from the donut on; before it the band shows the fit."""
    path, later = effect.path.copy(), ~panel.pre
    ratio = panel.scale == "log" or "log_rate_ratio" in effect.diagnostics
    for side in ("lower", "upper", *BAND_COLUMNS):
        expected, bound = path.loc[later, "expected"], path.loc[later, side]
        path.loc[later, side] = (
            expected * (bound / expected) ** factor if ratio else expected + factor * (bound - expected)
        )
    return path


def _finite(interval: Interval, function: Callable[[float], float]) -> Interval | None:
    ends = function(interval.lower), function(interval.upper)
    return Interval(*ends, interval.level) if all(map(math.isfinite, ends)) else None


def _degrees(effect: Effect) -> float:
    found = effect.diagnostics
    return float(found.get("degrees_of_freedom", found.get("residual_degrees_of_freedom", MANY)))


def _same(value: float) -> float:
    return value
