"""Worlds with known truth, for measuring what an estimator's interval is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows
from analysis.simulate.processes import negative_binomial
from analysis.simulate.worlds_oracle import (
    CONTROL_LOADINGS,
    CONTROL_MEMORY,
    CONTROL_MEMORY_DEVIATION,
    CONTROL_NOISE,
    MEMORY_HORIZON,
    SERIES_LOADING,
    has_oracle,
    impulse,
    oracle_of,
    volatility_path,
)  # fmt: skip
from analysis.simulate.worlds_recipes import LEVEL, RECIPES, WEEK_PROFILE, Behaviour, Recipe

FIRST_DAY = "2017-01-02"
WEEKS_IN_A_YEAR = 365.25 / 7
BURN_IN = 400
SERIES = "brand"


@dataclass(frozen=True, slots=True)
class Oracle:
    """The best estimate of the average effect when every parameter is known, and the deviation of its error, both
    on the panel's model scale."""

    estimate: float
    deviation: float


@dataclass(frozen=True, slots=True)
class World:
    """A panel, the average effect that was put into it (model scale), and what the suite should do with it.

    ``options`` are those a careful analyst would give the estimator here.
    """

    name: str
    panel: Panel
    truth: float
    oracle: Oracle | None
    behaviour: Behaviour
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Log-scale parts of one draw: the centred series (periods,), its known mean, the centred controls, donors."""

    centred: np.ndarray
    mean: np.ndarray
    controls: np.ndarray
    donors: np.ndarray


def simulate_world(name: str, seed: object, *, effect: float = 0.0) -> World:
    """The world ``name`` of worlds_recipes.RECIPES; ``effect`` is a share (-0.1 = 10 % lower after the exit).

    The same name and seed give the same world whatever the effect, up to the effect itself (counts are redrawn
    around their new mean). Raises KeyError for an unknown name.
    """
    recipe = RECIPES[name]
    generator = generator_for("world", name, seed)
    shape = _draw(recipe, generator)
    after = np.arange(recipe.periods) >= recipe.before
    truth = np.log1p(effect) if recipe.scale == "log" else effect * LEVEL
    factor = 1.0 if recipe.scale == "log" else LEVEL
    path = (shape.mean + shape.centred) * factor + truth * after
    frame = {SERIES: _in_natural_units(recipe, path, generator)}
    frame |= {f"control {k + 1}": _natural(recipe, column) for k, column in enumerate(shape.controls.T)}
    frame |= {f"donor {k + 1:02d}": _natural(recipe, column) for k, column in enumerate(shape.donors.T)}
    times = pd.date_range(FIRST_DAY, periods=recipe.periods, freq=recipe.frequency)
    panel = Panel.from_wide(
        pd.DataFrame(frame, index=times),
        treated=SERIES,
        donors=[column for column in frame if column.startswith("donor")],
        covariates=[column for column in frame if column.startswith("control")],
        windows=Windows(times[0], times[recipe.before - 1], times[recipe.before], times[-1]),
        scale=recipe.scale,
        unit="contacts" if recipe.count_mean else "engagements",
    )
    oracle = _oracle(recipe, shape, float(truth), factor) if has_oracle(recipe) else None
    return World(name, panel, float(truth), oracle, recipe.behaviour, recipe.options)


def _draw(recipe: Recipe, generator: np.random.Generator) -> _Shape:
    periods, before = recipe.periods, recipe.before
    common = recipe.drift * generator.standard_normal(periods).cumsum()
    own = recipe.own_drift * generator.standard_normal(periods).cumsum()
    restless = recipe.memory_deviation * _memory(recipe.memory, periods, generator, recipe.heavy_tails)
    restless = restless + recipe.noise * _shocks(periods, generator, recipe.heavy_tails)
    centred = SERIES_LOADING * common + own + restless * volatility_path(recipe)
    controls = _followers(common, recipe.controls, generator)
    donors = _followers(common, recipe.donors, generator)
    exited = np.arange(periods) >= before
    controls = controls + recipe.control_hit * exited[:, None]
    donors = donors + recipe.donor_hit * exited[:, None]
    if recipe.control_break:
        controls[generator.integers(1, periods) :, 0] += recipe.control_break * generator.choice([-1.0, 1.0])
    return _Shape(centred, _known_mean(recipe), controls, donors)


def _known_mean(recipe: Recipe) -> np.ndarray:
    """Level, week, season, bend, shift and slide of the series, shape (periods,), log scale (or share of level)."""
    at, before = np.arange(recipe.periods), recipe.before
    base = np.log(recipe.count_mean or LEVEL) if recipe.scale == "log" else 1.0
    week = np.resize(WEEK_PROFILE, recipe.periods) if recipe.frequency == "D" else np.zeros(recipe.periods)
    year = recipe.season * np.cos(2 * np.pi * (at - 5) / WEEKS_IN_A_YEAR)
    bend = -recipe.bend * np.abs(at - before // 2)
    shift = recipe.pre_shift * (at >= before // 2)
    slide = recipe.anticipation * np.clip((at - 0.9 * before) / (0.1 * before), 0.0, 1.0)
    return base + week + year + bend + shift + slide


def _followers(common: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Series (periods, count) that carry the common walk and noise of their own."""
    columns = [
        loading * common
        + CONTROL_MEMORY_DEVIATION * _memory((CONTROL_MEMORY,), len(common), generator)
        + CONTROL_NOISE * generator.standard_normal(len(common))
        for loading in np.resize(CONTROL_LOADINGS, count)
    ]
    return np.column_stack(columns) if columns else np.empty((len(common), 0))


def _shocks(periods: int, generator: np.random.Generator, heavy: bool) -> np.ndarray:
    """Independent shocks of variance one; Student's t with three degrees of freedom has variance three."""
    return generator.standard_t(3, periods) / np.sqrt(3) if heavy else generator.standard_normal(periods)


def _memory(
    memory: tuple[float, ...], periods: int, generator: np.random.Generator, heavy: bool = False
) -> np.ndarray:
    """A stationary autoregression of variance one, shape (periods,)."""
    shocks = _shocks(periods + BURN_IN, generator, heavy)
    first = impulse(memory, MEMORY_HORIZON)[0]
    return lfilter([first], [1.0, *(-value for value in memory)], shocks)[BURN_IN:]


def _natural(recipe: Recipe, centred: np.ndarray) -> np.ndarray:
    return LEVEL * (np.exp(centred) if recipe.scale == "log" else 1.0 + centred)


def _in_natural_units(recipe: Recipe, path: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    if recipe.count_mean:
        return negative_binomial(generator, np.exp(path), recipe.dispersion).astype(float)
    return np.exp(path) if recipe.scale == "log" else path


def _oracle(recipe: Recipe, shape: _Shape, truth: float, factor: float) -> Oracle:
    on_series, on_controls, deviation = oracle_of(recipe)
    predicted = on_series @ shape.centred[: recipe.before] + (on_controls * shape.controls).sum()
    error = shape.centred[recipe.before :].mean() - predicted
    return Oracle(truth + factor * float(error), factor * deviation)
