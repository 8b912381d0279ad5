"""The best prediction there is when every parameter is known: the floor for any method.

In a Gaussian world the mean of the unobserved future given everything observed (the series before the exit, the
controls throughout) is linear in it, with weights that depend on the covariances alone. With heavy tails it is the
best linear prediction. Counts, and worlds whose controls break at random, have no such floor here.
"""

from functools import lru_cache

import numpy as np
from scipy.linalg import cho_factor, cho_solve, toeplitz
from scipy.signal import lfilter

from analysis.simulate.worlds_recipes import Recipe

CONTROL_LOADINGS = (0.8, 1.0, 1.2)
SERIES_LOADING = 0.8
CONTROL_MEMORY, CONTROL_MEMORY_DEVIATION, CONTROL_NOISE = 0.3, 0.04, 0.04  # deviations at daily noise .05
MEMORY_HORIZON = 4000  # lags after which an autoregression has forgotten everything


def impulse(memory: tuple[float, ...], length: int) -> np.ndarray:
    """Response (length,) of an autoregression to one shock, scaled so that the process has variance one."""
    shock = np.zeros(MEMORY_HORIZON)
    shock[0] = 1.0
    response = lfilter([1.0], [1.0, *(-value for value in memory)], shock)
    return response[:length] / np.sqrt((response**2).sum())


def memory_covariance(memory: tuple[float, ...], periods: int) -> np.ndarray:
    """Covariance (periods, periods) of the stationary autoregression with variance one."""
    response = impulse(memory, MEMORY_HORIZON)
    return toeplitz([response[: MEMORY_HORIZON - lag] @ response[lag:] for lag in range(periods)])


def volatility_path(recipe: Recipe) -> np.ndarray:
    """What deviations are multiplied by, shape (periods,)."""
    return np.where(np.arange(recipe.periods) < recipe.before // 2, 1.0, np.sqrt(recipe.volatility))


def has_oracle(recipe: Recipe) -> bool:
    return recipe.count_mean is None and not (recipe.control_break or recipe.control_hit or recipe.donors)


@lru_cache(maxsize=32)
def oracle_weights(recipe_key: tuple, controls: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights on the series before (before,), on the controls (periods, controls), and the deviation of the error of
    the predicted mean of the future; log scale, all centred at their known means."""
    before, after, drift, own, memory, spread, noise, volatility = recipe_key
    periods = before + after
    at = np.arange(1.0, periods + 1)
    walk = np.minimum(at[:, None], at)
    louder = np.where(np.arange(periods) < before // 2, 1.0, np.sqrt(volatility))
    restless = spread**2 * memory_covariance(memory, periods) + noise**2 * np.eye(periods)
    series = (SERIES_LOADING**2 * drift**2 + own**2) * walk + restless * louder[:, None] * louder
    loadings = np.resize(CONTROL_LOADINGS, controls)
    own_of_control = CONTROL_MEMORY_DEVIATION**2 * memory_covariance((CONTROL_MEMORY,), periods)
    own_of_control += CONTROL_NOISE**2 * np.eye(periods)
    shared = np.kron(np.outer(loadings, loadings), drift**2 * walk) + np.kron(np.eye(controls), own_of_control)
    cross = np.kron(loadings[None], SERIES_LOADING * drift**2 * walk)
    known = np.block([[series[:before, :before], cross[:before]], [cross[:before].T, shared]])
    target = np.concatenate([series[before:, :before], cross[before:]], axis=1).mean(axis=0)
    weights = cho_solve(cho_factor(known, lower=True), target)
    variance = series[before:, before:].mean() - target @ weights
    return weights[:before], weights[before:].reshape(controls, periods).T, float(np.sqrt(variance))


def oracle_of(recipe: Recipe) -> tuple[np.ndarray, np.ndarray, float]:
    """``oracle_weights`` of a recipe. Raises ValueError for one that has none."""
    if not has_oracle(recipe):
        raise ValueError(f"{recipe.name} has no linear oracle")
    key = (recipe.before, recipe.after, recipe.drift, recipe.own_drift, recipe.memory, recipe.memory_deviation,
           recipe.noise, recipe.volatility)  # fmt: skip
    return oracle_weights(key, recipe.controls)
