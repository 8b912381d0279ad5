"""Block bootstrap: draw runs of neighbouring residuals, so that what is drawn is correlated as the series is.

Künsch (1989, Annals of Statistics 17:1217): moving blocks. Politis and Romano (1992): circular blocks, in which
every residual is drawn equally often. Rows of several series are drawn together and keep their dependence.
"""

from typing import Literal

import numpy as np

from analysis.core.errors import DesignError

Kind = Literal["moving", "circular"]
KINDS = ("moving", "circular")


def block_length(periods: int, rho: float) -> int:
    """The length that serves a mean best under autocorrelation ``rho``, from 1 up to half the series.

    (3/2 (2 rho / (1 - rho²))² n)^(1/3): Politis and White (2004, Econometric Reviews 23:53) for an autoregression.
    """
    ideal = (1.5 * (2 * rho / (1 - rho**2)) ** 2 * periods) ** (1 / 3)
    return int(np.clip(np.ceil(ideal), 1, max(1, periods // 2)))


def block_indices(
    periods: int, length: int, block: int, draws: int, generator: np.random.Generator, kind: Kind = "circular"
) -> np.ndarray:
    """Which residual stands where, shape (draws, length): runs of ``block`` out of ``periods``, the last one cut.

    Raises DesignError for an unknown kind or a block that is not between 1 and the number of periods.
    """
    if kind not in KINDS:
        raise DesignError(f'there is no block scheme "{kind}"', where="block bootstrap", cure="use moving or circular")
    if not 1 <= block <= periods:
        raise DesignError(
            f"a block of {block} does not fit {periods} periods", where="block bootstrap", cure="use a shorter block"
        )
    starts = periods if kind == "circular" else periods - block + 1
    first = generator.integers(0, starts, size=(draws, -(-length // block)))
    runs = (first[:, :, None] + np.arange(block)) % periods
    return runs.reshape(draws, -1)[:, :length]


def bootstrap_residuals(
    residuals: np.ndarray, length: int, *, draws: int, block: int, generator: np.random.Generator,
    kind: Kind = "circular",
) -> np.ndarray:
    """Series drawn from ``residuals`` (periods,) or (periods, series), centred first; shape (draws, length[, series]).

    Residuals of one period stay together. Raises DesignError as ``block_indices`` does.
    """
    residuals = np.asarray(residuals, dtype=float)
    centred = residuals - residuals.mean(axis=0)
    return centred[block_indices(len(residuals), length, block, draws, generator, kind)]
