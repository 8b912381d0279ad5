"""Would another way of reckoning the uncertainty have said the same?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._gaps import claims_an_effect
from analysis.checks._wording import amount, count
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.inference.conformal import conformal_interval
from analysis.inference.prediction_intervals import FEWEST, bootstrap_prediction_interval
from analysis.inference.simplex import simplex_least_squares

NAME = "other_intervals"
LABEL = "Other ways to an interval"
REFERENCE = (
    "Chernozhukov, Wüthrich and Zhu 2021, Journal of the American Statistical Association 116:1849; Cattaneo, Feng and "
    "Titiunik 2021, the same volume, 1865"
)
CONFORMAL = "residuals after the event among those before (conformal)"
BOOTSTRAP = "prediction interval by block bootstrap (a lower bound)"
WEIGHTED = ("synthetic_control", "augmented_synthetic_control")
SHIFTED = ("synthetic_difference_in_differences",)
EQUAL = ("difference_in_differences",)
AROUND = {
    **dict.fromkeys(WEIGHTED, "the best mixture of donors"),
    **dict.fromkeys(SHIFTED, "the best mixture of donors about everyone's mean"),
    **dict.fromkeys(EQUAL, "the mean donor"),
}
LARGEST_RATIO = 2.0  # an interval less than half as wide as another one of the same thing needs a reason


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs donors: without them the interval is a prediction from the series' own past already."""
    if estimator_module.NAME not in (*WEIGHTED, *SHIFTED, *EQUAL):
        return "the interval already is a prediction from the series' own past"
    if panel.n_pre < FEWEST:
        return f"{count(panel.n_pre, 'period')} before the event, fewer than {FEWEST}"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: the widest other interval over the printed one.

    The others come from the brand's own residuals, not from its peers, around the estimate of the simplest relative of
    the declared method. REVIEW where one holds zero and the printed one does not, or is more than twice as wide; FAIL
    where none of them supports a change that the printed one claims. A narrower one that claims more is no reason: the
    bootstrap's blocks are too short for long memory, so its interval is a lower bound of the width.
    """
    table = interval_table(context)
    effect = context.effect
    if effect.interval is None or not table["lower"].notna().any():
        return CheckResult(
            check=NAME, outcome=context.outcome, status="REVIEW", table=table,
            sentence="There is no interval to compare with another one.",
            recommendation="Add donors or periods until the methods give an interval.",
        )  # fmt: skip
    others = table.dropna(subset=["lower"])
    contrary = others[~others["agrees"]]
    ratio = float(others["width_ratio"].max())
    status: Status = "REVIEW" if len(contrary) or ratio > LARGEST_RATIO else "PASS"
    if claims_an_effect(context) and len(contrary) == len(others):
        status = "FAIL"
    said = "; ".join(
        f"{row.method}: {amount(row.lower, effect)} to {amount(row.upper, effect)}" for row in others.itertuples()
    )
    sentence = (
        f"The printed interval runs from {amount(effect.interval.lower, effect)} to "
        f"{amount(effect.interval.upper, effect)}. Around {AROUND[context.estimator]}, {said}."
    )
    return CheckResult(
        check=NAME, outcome=context.outcome, status=status, sentence=sentence, statistic=ratio,
        threshold=LARGEST_RATIO, table=table,
        recommendation="" if status == "PASS" else "Read the widest of these intervals; say which one was declared.",
    )  # fmt: skip


def interval_table(context: CheckContext) -> pd.DataFrame:
    """One row a way: method, lower, upper (model scale; NaN where it gives none), width_ratio, agrees.

    ``agrees`` is False where it holds zero and the printed one does not.
    """
    panel, effect = context.panel, context.effect
    level = 0.95 if effect.interval is None else effect.interval.level
    rows = np.flatnonzero(panel.pre | panel.post)
    series, donors = panel.y[rows], panel.donor_values[rows]
    pre, post = panel.pre[rows], panel.post[rows]
    gap_of, lost = _gap_of(context.estimator), _lost(context)
    found = {
        CONFORMAL: conformal_interval(
            series, donors, post, level=level, proxy=lambda y, others: gap_of(y, others, np.ones(len(y), bool))
        ),
        BOOTSTRAP: bootstrap_prediction_interval(
            series, donors, pre, post, gap_of, level=level, lost=lost,
            generator=generator_for(context.case_slug, context.outcome, NAME),
        ),
    }  # fmt: skip
    table = []
    for method, interval in found.items():
        if interval is None:
            table.append((method, np.nan, np.nan, np.nan, True))
            continue
        width, agrees = np.nan, True
        if effect.interval is not None:
            width = (interval.upper - interval.lower) / (effect.interval.upper - effect.interval.lower)
            agrees = 0.0 not in interval or 0.0 in effect.interval
        table.append((method, interval.lower, interval.upper, width, agrees))
    return pd.DataFrame(table, columns=["method", "lower", "upper", "width_ratio", "agrees"])


def weighted_gap(series: np.ndarray, donors: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Gap to the mixture of donors that tracks the series best over ``fitted``."""
    return series - donors @ simplex_least_squares(donors[fitted], series[fitted]).weights


def shifted_gap(series: np.ndarray, donors: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """The same about everyone's own mean: a constant difference is allowed (Ferman and Pinto 2021)."""
    return weighted_gap(series - series[fitted].mean(), donors - donors[fitted].mean(axis=0), fitted)


def equal_gap(series: np.ndarray, donors: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Gap to the mean donor, a constant difference allowed."""
    difference = series - donors.mean(axis=1)
    return difference - difference[fitted].mean()


def _gap_of(estimator: str):
    return weighted_gap if estimator in WEIGHTED else shifted_gap if estimator in SHIFTED else equal_gap


def _lost(context: CheckContext) -> int:
    """Degrees of freedom in the simpler relative's own fit: its weights that are not at zero, one for a constant."""
    if context.estimator in EQUAL:
        return 1
    panel = context.panel
    y, donors = panel.y[panel.pre], panel.donor_values[panel.pre]
    if context.estimator in SHIFTED:
        y, donors = y - y.mean(), donors - donors.mean(axis=0)
    return max(int((simplex_least_squares(donors, y).weights > 1e-6).sum()), 1)
