"""Would another way of reckoning the uncertainty have said the same?"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType, ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._gaps import claims_an_effect
from analysis.checks._wording import amount, counted, line, lines, say, text
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.estimators.difference_in_differences import gap_of
from analysis.estimators.synthetic_control import fit_gap
from analysis.inference.conformal import conformal_interval
from analysis.inference.prediction_intervals import FEWEST, Gap, bootstrap_prediction_interval

NAME = "other_intervals"
LABEL = "Other ways to an interval"
REFERENCE = (
    "Chernozhukov, Wüthrich and Zhu 2021, Journal of the American Statistical Association 116:1849; Cattaneo, Feng and "
    "Titiunik 2021, the same volume, 1865"
)
CONFORMAL = "residuals after the event among those before (conformal)"
BOOTSTRAP = "prediction interval by block bootstrap (a lower bound)"
SMALLEST_WEIGHT = 1e-6  # a weight below it is at zero
LARGEST_RATIO = 2.0  # an interval less than half as wide as another one of the same thing needs a reason
SENTENCES = {
    "en": {
        "found": "The printed interval runs from {lower} to {upper}. Around {relative}, {others}.",
        "other": "{method}: {lower} to {upper}",
        "nothing": "There is no interval to compare with another one.",
        "advice_interval": "Add donors or periods until the methods give an interval.",
        "advice": "Read the widest of these intervals; say which one was declared.",
    },
    "it": {
        "found": "L'intervallo stampato va da {lower} a {upper}. Con un altro riferimento ({relative}), {others}.",
        "other": "{method}: da {lower} a {upper}",
        "nothing": "Non c'è un intervallo da confrontare con un altro.",
        "advice_interval": "Aggiungere imprese di confronto o periodi finché i metodi non danno un intervallo.",
        "advice": "Leggere il più largo di questi intervalli; dire quale era dichiarato.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs donors: without them the interval is a prediction from the series' own past already."""
    if estimator_module.NAME not in RELATIVES:
        return "the interval already is a prediction from the series' own past"
    if panel.n_pre < FEWEST:
        return f"{counted(panel.n_pre, 'period')} before the event, fewer than {FEWEST}"
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
            sentence=say(SENTENCES, "nothing"), recommendation=say(SENTENCES, "advice_interval"),
        )  # fmt: skip
    others = table.dropna(subset=["lower"])
    contrary = others[~others["agrees"]]
    ratio = float(others["width_ratio"].max())
    status: Status = "REVIEW" if len(contrary) or ratio > LARGEST_RATIO else "PASS"
    if claims_an_effect(context) and len(contrary) == len(others):
        status = "FAIL"
    said = [
        line("other", method=text(row.method), lower=amount(row.lower, effect), upper=amount(row.upper, effect))
        for row in others.itertuples()
    ]
    sentence = say(
        SENTENCES, "found", lower=amount(effect.interval.lower, effect), upper=amount(effect.interval.upper, effect),
        relative=text(RELATIVES[context.estimator].words), others=lines(said),
    )  # fmt: skip
    return CheckResult(
        check=NAME, outcome=context.outcome, status=status, sentence=sentence, statistic=ratio,
        threshold=LARGEST_RATIO, table=table,
        recommendation="" if status == "PASS" else say(SENTENCES, "advice"),
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
    relative = RELATIVES[context.estimator]
    found = {
        CONFORMAL: conformal_interval(
            series, donors, post, level=level, proxy=lambda y, others: relative.gap(y, others, np.ones(len(y), bool))
        ),
        BOOTSTRAP: bootstrap_prediction_interval(
            series, donors, pre, post, relative.gap, level=level, lost=relative.lost(series, donors, pre),
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
    return fit_gap(series, donors, fitted)[1]


def shifted_gap(series: np.ndarray, donors: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """The same about everyone's own mean: a constant difference is allowed (Ferman and Pinto 2021)."""
    return weighted_gap(series - series[fitted].mean(), donors - donors[fitted].mean(axis=0), fitted)


def _weights_of(series: np.ndarray, donors: np.ndarray, fitted: np.ndarray) -> int:
    return max(int((fit_gap(series, donors, fitted)[0].weights > SMALLEST_WEIGHT).sum()), 1)


def _shifted_weights_of(series: np.ndarray, donors: np.ndarray, fitted: np.ndarray) -> int:
    return _weights_of(series - series[fitted].mean(), donors - donors[fitted].mean(axis=0), fitted)


def _one(series: np.ndarray, donors: np.ndarray, fitted: np.ndarray) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class Relative:
    """The simplest relative of a method: its ``gap``, the degrees of freedom ``lost`` to its fit, its name in words."""

    gap: Gap
    lost: Callable[[np.ndarray, np.ndarray, np.ndarray], int]
    words: str


MIXTURE = Relative(weighted_gap, _weights_of, "the best mixture of donors")
RELATIVES = MappingProxyType(
    {
        "synthetic_control": MIXTURE,
        "augmented_synthetic_control": MIXTURE,
        "synthetic_difference_in_differences": Relative(
            shifted_gap, _shifted_weights_of, "the best mixture of donors about everyone's mean"
        ),
        "difference_in_differences": Relative(gap_of, _one, "the mean donor"),
    }
)
