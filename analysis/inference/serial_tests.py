"""Is there memory left in the residuals of a regression? Three tests of serial correlation.

Durbin and Watson (1950, Biometrika 37:409); Breusch (1978, Australian Economic Papers 17:334) and Godfrey (1978,
Econometrica 46:1293); Ljung and Box (1978, Biometrika 65:297). The first is shown because readers look for it; it sees
one lag only and decides nothing here.
"""

from dataclasses import dataclass

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import acorr_breusch_godfrey, acorr_ljungbox

from analysis.core.errors import DesignError


@dataclass(frozen=True, slots=True)
class SerialTest:
    """A chi-square ``statistic`` on ``degrees_of_freedom`` with its upper-tail ``p_value``."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def durbin_watson(residuals: np.ndarray, positions: np.ndarray | None = None) -> float:
    """Squared changes between neighbours over squared ``residuals`` (n,): 2 without memory, towards 0 with it.

    With whole-number ``positions`` (n,) only periods next to each other are neighbours, and the ratio is scaled to the
    n - 1 changes of a series without gaps. Raises DesignError without two neighbours or with residuals that are all
    zero.
    """
    residuals = np.asarray(residuals, dtype=float)
    steps = np.ones(len(residuals) - 1, dtype=int) if positions is None else np.diff(np.asarray(positions, dtype=int))
    near = steps == 1
    total = float(residuals @ residuals)
    if not near.any() or total == 0:
        raise DesignError(
            "no two neighbouring residuals to compare", where="Durbin-Watson", cure="leave the statistic out"
        )
    changes = float((np.diff(residuals)[near] ** 2).sum())
    return changes * len(near) / int(near.sum()) / total


def breusch_godfrey(y: np.ndarray, design: np.ndarray, lags: int) -> SerialTest:
    """Lagrange multiplier test of ``lags`` autocorrelations of the errors of ``y`` (n,) on ``design`` (n, k).

    The rows are periods without gaps; errors before the first are taken as zero. Raises DesignError for lags that the
    regression cannot carry.
    """
    y, design = np.asarray(y, dtype=float), np.asarray(design, dtype=float)
    _require_lags(lags, len(y) - design.shape[1])
    found = acorr_breusch_godfrey(OLS(y, design).fit(), nlags=lags, result_object=True)
    return SerialTest(float(found[0]), lags, float(found[1]))


def ljung_box(residuals: np.ndarray, lags: int, fitted: int = 0) -> SerialTest:
    """Portmanteau test of the first ``lags`` autocorrelations of ``residuals`` (n,), ``fitted`` of them estimated.

    Raises DesignError for lags that the series cannot carry.
    """
    residuals = np.asarray(residuals, dtype=float)
    _require_lags(lags - fitted, len(residuals) - fitted)
    row = acorr_ljungbox(residuals, lags=[lags], model_df=fitted).iloc[0]
    return SerialTest(float(row["lb_stat"]), lags - fitted, float(row["lb_pvalue"]))


def _require_lags(lags: int, available: int) -> None:
    if not 1 <= lags < available:
        raise DesignError(
            f"{lags} lags cannot be tested with {available} free periods", where="serial correlation",
            cure="use fewer lags, at least one",
        )  # fmt: skip
