"""Random-effects pooling of a few studies: between-study variance, an honest interval, and where a new study may fall.

The between-study variance is restricted maximum likelihood (Raudenbush 2009, The Handbook of Research Synthesis and
Meta-Analysis, chapter 16). The interval of the mean is Hartung and Knapp's (2001, Statistics in Medicine 20:3875;
Sidik and Jonkman 2002, 21:3153) on k - 1 degrees of freedom, its variance factor never below one: with a few studies
that happen to agree the factor alone makes intervals narrower than those of a single study (Roever, Knapp and Friede
2015, BMC Medical Research Methodology 15:99). The prediction interval is Higgins, Thompson and Spiegelhalter's (2009,
JRSS A 172:137, equation 12) on k - 2 degrees of freedom with that standard error; two studies have none.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from analysis.core.effect import Interval

FEWEST, FEWEST_FOR_PREDICTION = 2, 3
WIDEST = 100.0  # the search for tau ends at so many times the spread of the estimates and their errors


@dataclass(frozen=True, slots=True)
class Pooled:
    """Mean of the studies' effects, ``tau`` their spread beyond chance, on the scale of the effects given.

    ``i_squared`` is the share of the variation beyond chance (Higgins and Thompson 2002, from Q); ``heterogeneity_p``
    that of Cochran's Q; ``truncated`` says that the Hartung-Knapp factor was below one and was set to one.
    """

    studies: int
    mean: float
    standard_error: float
    interval: Interval
    prediction: Interval | None
    tau: float
    i_squared: float
    q: float
    heterogeneity_p: float
    p_value: float
    truncated: bool
    weights: tuple[float, ...]


def pool(effects: object, standard_errors: object, *, level: float = 0.95) -> Pooled:
    """Pool k effects with their standard errors, both of shape (k,), k at least two.

    Raises ValueError for fewer than two studies, shapes that differ, or errors that are not positive and finite.
    """
    effect, error = np.asarray(effects, dtype=float), np.asarray(standard_errors, dtype=float)
    if effect.ndim != 1 or effect.shape != error.shape:
        raise ValueError(f"effects and standard errors are two rows of one length, not {effect.shape}, {error.shape}")
    if len(effect) < FEWEST:
        raise ValueError(f"{len(effect)} study cannot be pooled: give at least {FEWEST}")
    if not (np.isfinite(effect).all() and np.isfinite(error).all() and (error > 0).all()):
        raise ValueError("every study needs a finite effect and a positive standard error")
    k, variance = len(effect), error**2
    tau_squared = between_variance(effect, variance)
    weights = 1 / (variance + tau_squared)
    mean = float(np.average(effect, weights=weights))
    factor = float(weights @ (effect - mean) ** 2) / (k - 1)
    standard_error = math.sqrt(max(factor, 1.0) / weights.sum())
    fixed = 1 / variance
    q = float(fixed @ (effect - np.average(effect, weights=fixed)) ** 2)
    return Pooled(
        studies=k,
        mean=mean,
        standard_error=standard_error,
        interval=_around(mean, standard_error, k - 1, level),
        prediction=_around(mean, math.hypot(standard_error, math.sqrt(tau_squared)), k - 2, level)
        if k >= FEWEST_FOR_PREDICTION
        else None,
        tau=math.sqrt(tau_squared),
        i_squared=max(0.0, 1 - (k - 1) / q) if q > 0 else 0.0,
        q=q,
        heterogeneity_p=float(stats.chi2.sf(q, k - 1)),
        p_value=float(2 * stats.t.sf(abs(mean) / standard_error, k - 1)),
        truncated=factor < 1,
        weights=tuple(weights / weights.sum()),
    )


def _around(centre: float, standard_error: float, degrees: int, level: float) -> Interval:
    half = float(stats.t.ppf((1 + level) / 2, degrees)) * standard_error
    return Interval(centre - half, centre + half, level)


def between_variance(effect: np.ndarray, variance: np.ndarray) -> float:
    """The restricted-likelihood estimate of tau squared, zero where the likelihood falls from there on."""

    def deviance(tau: float) -> float:
        weights = 1 / (variance + tau**2)
        mean = np.average(effect, weights=weights)
        return float(-np.log(weights).sum() + math.log(weights.sum()) + weights @ (effect - mean) ** 2)

    scale = float(np.hypot(np.std(effect), np.sqrt(variance.max())))
    # The likelihood may have two tops: the best of a coarse grid is refined between its neighbours.
    grid = np.concatenate([[0.0], np.geomspace(1e-4, WIDEST, 121) * scale])
    best = int(np.argmin([deviance(tau) for tau in grid]))
    if best == 0:
        return 0.0
    ends = grid[best - 1], grid[min(best + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(deviance, bounds=ends, method="bounded", options={"xatol": 1e-10 * scale})
    return float(found.x) ** 2 if found.fun < deviance(0.0) else 0.0
