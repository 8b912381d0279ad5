"""Prediction interval of a counterfactual made of donors, from its own residuals rather than from placebo units.

The gap after the event errs twice: the weights were estimated on a finite past, and the periods after the event bring
shocks of their own (Cattaneo, Feng and Titiunik 2021, Journal of the American Statistical Association 116:1865). Both
are drawn together by a block bootstrap (block_bootstrap.py): the fit is made again on resampled pasts and asked about
resampled futures. A weight at its bound errs to one side only, and blocks of a short past are too short for long
memory: the width is a lower bound, exact only for nearly independent residuals.
"""

from collections.abc import Callable

import numpy as np

from analysis.core.effect import Interval
from analysis.core.errors import DesignError
from analysis.inference.block_bootstrap import block_length, bootstrap_residuals

Gap = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # (series, donors, fitted) -> gap in every period
FEWEST = 20  # periods before the event: fewer do not hold enough different blocks


def bootstrap_prediction_interval(
    series: np.ndarray, donors: np.ndarray, pre: np.ndarray, post: np.ndarray, gap_of: Gap, *,
    generator: np.random.Generator, draws: int = 399, level: float = 0.95, lost: int = 1,
) -> Interval:
    """Interval of the average gap of ``series`` (T,) to ``donors`` (T, J) over ``post`` (T,), fitted over ``pre`` (T,).

    ``lost`` degrees of freedom went into the fit: residuals are that much larger than they look. Raises DesignError
    for fewer than 20 periods before the event.
    """
    before = int(pre.sum())
    if before < FEWEST:
        raise DesignError(
            f"{before} periods before the event hold too few blocks", where="block bootstrap",
            cure=f"use at least {FEWEST} periods",
        )  # fmt: skip
    gap = gap_of(series, donors, pre)
    residuals = gap[pre] * np.sqrt(before / max(before - lost, 1))
    block = block_length(before, _memory(residuals))
    drawn = bootstrap_residuals(residuals, before + int(post.sum()), draws=draws, block=block, generator=generator)
    expected, found = series - gap, np.empty(draws)
    for item, shocks in enumerate(drawn):
        again = expected.copy()
        again[pre] += shocks[:before]
        again[post] += shocks[before:]
        found[item] = gap_of(again, donors, pre)[post].mean()
    point = float(gap[post].mean())
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(point - max(float(high), 0.0), point - min(float(low), 0.0), level)


def _memory(residuals: np.ndarray) -> float:
    """First autocorrelation, within what a block can serve."""
    centred = residuals - residuals.mean()
    return float(np.clip((centred[1:] @ centred[:-1]) / max(float(centred @ centred), 1e-300), 0.0, 0.95))
