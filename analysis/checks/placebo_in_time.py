"""Would the same method have found an effect at dates when nothing happened?"""

import math
from types import ModuleType

import numpy as np
import pandas as pd
from scipy.stats import binom

from analysis.checks._context import CheckContext
from analysis.checks._wording import amount, count, size
from analysis.core.check import CheckResult, Status
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.inference.pseudo_dates import pseudo_windows

NAME = "placebo_in_time"
LABEL = "Pretended dates before the event"
REFERENCE = "Abadie, Diamond and Hainmueller 2015, American Journal of Political Science 59(2):495-510"
DATES = 8
FEWEST_DATES = 3
SMALLEST_PRE = 8
ALPHA = 0.05
# A method that cries wolf one time in twenty finds this many or more false effects among the dates with at least
# these probabilities: below .10 is worth a look, below .01 is not chance. Pretended windows overlap, and overlapping
# windows err together, so the share is read as if found among as many windows as do not overlap.
REVIEW_BELOW = 0.10
FAIL_BELOW = 0.01


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs a pre-period that can be cut into a shorter one and a pretended post-period."""
    if len(pseudo_windows(panel, DATES, smallest_pre(panel, estimator_module))) < FEWEST_DATES:
        return f"{panel.n_pre} periods before the event leave no room for pretended dates"
    return None


def smallest_pre(panel: Panel, estimator_module: ModuleType) -> int:
    """Half of the pre-period, or what the estimator asks for when that is more."""
    return max(panel.n_pre // 2, getattr(estimator_module, "SMALLEST_PRE_PERIODS", SMALLEST_PRE))


def run(context: CheckContext) -> CheckResult:
    """Statistic: share of pretended dates with p < .05 by the same estimator, options and inference."""
    table = placebo_table(context)
    effects, p_values = table["effect"], table["p_value"]
    if len(table) < FEWEST_DATES or p_values.isna().any():
        return _without_p_values(context, table)
    false_alarms = int((p_values < ALPHA).sum())
    status = verdict(false_alarms / len(table), separate_windows(context.panel, table))
    sentence = (
        f"At {count(len(table), 'pretended date')} before the event the same method found "
        f"{false_alarms or 'no'} false effect{'' if false_alarms == 1 else 's'}; "
        f"the typical size there is {size(_typical(effects), context.effect)}, "
        f"the estimate is {amount(context.effect.point, context.effect)}."
    )
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status),
        statistic=false_alarms / len(table),
        threshold=ALPHA,
        table=table,
    )


def placebo_table(context: CheckContext) -> pd.DataFrame:
    """One row a pretended date that the estimator accepts: date, effect, p_value, lower, upper."""
    rows = []
    for windows in pseudo_windows(context.panel, DATES, smallest_pre(context.panel, context.module)):
        try:
            effect = context.re_estimate(context.panel.with_windows(windows))
        except DesignError:
            continue  # a stage in the pretended post-period, less than a season: no fair test at this date
        bounds = (np.nan, np.nan) if effect.interval is None else (effect.interval.lower, effect.interval.upper)
        p_value = np.nan if effect.p_value is None else effect.p_value
        rows.append((windows.event, effect.point, p_value, *bounds))
    return pd.DataFrame(rows, columns=["date", "effect", "p_value", "lower", "upper"])


def separate_windows(panel: Panel, table: pd.DataFrame) -> int:
    """How many of the pretended post windows fit side by side between the first and the last date."""
    places = panel.times.get_indexer(table["date"])
    return min(len(table), 1 + int(np.ptp(places)) // panel.n_post)


def verdict(share: float, windows: int) -> Status:
    """By the probability of at least this share of false alarms at one in twenty."""
    false_alarms = math.floor(share * windows + 0.5)
    chance = float(binom.sf(false_alarms - 1, windows, ALPHA))
    if chance < FAIL_BELOW:
        return "FAIL"
    return "REVIEW" if chance < REVIEW_BELOW else "PASS"


def _typical(effects: pd.Series) -> float:
    return float(np.sqrt((effects**2).mean()))


def _without_p_values(context: CheckContext, table: pd.DataFrame) -> CheckResult:
    if len(table) < FEWEST_DATES:
        sentence = f"Only {count(len(table), 'pretended date')} could be tried, too few to judge by."
        return CheckResult(
            check=NAME, outcome=context.outcome, status="NOT_RUN", sentence=sentence, table=table,
            recommendation="Widen the pre-period, or use fewer stages and harmonics.",
        )  # fmt: skip
    effect, typical = context.effect, _typical(table["effect"])
    sentence = (
        f"At {count(len(table), 'pretended date')} the typical size is {size(typical, effect)}; the estimate is "
        f"{amount(effect.point, effect)}. The method gives no p-value here to count."
    )
    return CheckResult(
        check=NAME, outcome=context.outcome, status="REVIEW", sentence=sentence, table=table,
        statistic=typical, recommendation="Compare the two sizes by eye; add donors to get a p-value.",
    )  # fmt: skip


def _advice(status: Status) -> str:
    if status == "FAIL":
        return "Do not rely on the p-value: the method finds effects where there were none."
    return "Read the p-value as too small by some amount, and prefer an estimator with fewer false effects here."
