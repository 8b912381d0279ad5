"""How small an effect could this design have seen?"""

from types import ModuleType

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.checks._context import CheckContext
from analysis.checks._wording import count, say, share, whole
from analysis.core.check import CheckResult, Status
from analysis.core.effect import Effect
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.windows import Windows
from analysis.inference.power import FOUR_IN_FIVE

NAME = "minimum_detectable_effect"
LABEL = "Smallest effect it could see"
REFERENCE = "Bloom 1995, Evaluation Review 19(5):547-556 (multiples of the standard error)"
HORIZONS = (4, 13, 26, 52)  # a month, a quarter, half a year, a year of weeks
# A fifth is what a manager would call a large change; a design that sees nothing smaller cannot rule one out.
LARGE_ENOUGH = 0.20
SENTENCES = {
    "en": {
        "found": "Averaged over {periods} the design finds a change of {own} four times in five.",
        "shorter": "Averaged over {periods} the design finds a change of {own} four times in five; over the first "
        "{first} it needs {needed}.",
        "no_interval": "The method gives no interval over {periods}, so what it could have seen is not known.",
        "advice_interval": "Add donors or periods until the method gives an interval.",
        "advice": "Do not read an unclear result as no effect: a change below {own} may well have been missed.",
    },
    "it": {
        "found": "In media su {periods} il disegno trova quattro volte su cinque una variazione {own:del}.",
        "shorter": "In media su {periods} il disegno trova quattro volte su cinque una variazione {own:del}; sui "
        "primi {first} ne occorre una {needed:del}.",
        "no_interval": "Su {periods} il metodo non dà un intervallo: che cosa avrebbe potuto vedere non si sa.",
        "advice_interval": "Aggiungere imprese di confronto o periodi finché il metodo non dà un intervallo.",
        "advice": "Un esito incerto non va letto come assenza di effetto: una variazione sotto {own:il} può essere "
        "sfuggita.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "a return is not a share of anything expected"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: the smallest effect of the study's own horizon, as a share of what was expected."""
    table = horizon_table(context)
    own = float(table["share"].iloc[-1])
    if not np.isfinite(own):
        return _without_interval(context, table)
    status: Status = "PASS" if own < LARGE_ENOUGH else "REVIEW"
    values = {"periods": count(int(table["periods"].iloc[-1]), "period"), "own": share(own, 1)}
    sentence = say(SENTENCES, "found", **values)
    if len(table) > 1:
        shorter = {"first": whole(int(table["periods"].iloc[0])), "needed": share(float(table["share"].iloc[0]), 1)}
        sentence = say(SENTENCES, "shorter", **values, **shorter)
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(own),
        statistic=own,
        threshold=LARGE_ENOUGH,
        table=table,
    )


def _without_interval(context: CheckContext, table: pd.DataFrame) -> CheckResult:
    periods = count(context.effect.n_post, "period")
    return CheckResult(
        check=NAME, outcome=context.outcome, status="REVIEW", table=table, threshold=LARGE_ENOUGH,
        sentence=say(SENTENCES, "no_interval", periods=periods), recommendation=say(SENTENCES, "advice_interval"),
    )  # fmt: skip


def horizon_table(context: CheckContext) -> pd.DataFrame:
    """One row a horizon, the study's own last: periods, detectable (model scale), share of the expected, basis.

    ``periods`` are those that count: without the ones left out because something else happened in them.
    """
    panel, now = context.panel, context.panel.windows
    post, rows = panel.times[panel.post], []
    for horizon in (item for item in HORIZONS if item < panel.n_post):
        shorter = panel.with_windows(Windows(now.first, now.pre_last, now.event, post[horizon - 1]))
        try:
            effect = context.re_estimate(shorter)
            rows.append((effect.n_post, *detectable(effect)))
        except DesignError:
            continue  # every period of the shorter horizon is excluded
    rows.append((context.effect.n_post, *detectable(context.effect)))
    return pd.DataFrame(rows, columns=["periods", "detectable", "share", "basis"])


def detectable(effect: Effect) -> tuple[float, float, str]:
    """Smallest effect on the model's scale, as a share of the expected average, and what it rests on.

    2.8 standard errors where the method has one. Else the half width of the interval, which for an interval from
    placebos is the effect that just beats their quantile and so is found every other time; it is raised by the normal
    factor (1.43 at 95 %) to be found four times in five. NaN without either.
    """
    error, interval = effect.standard_error, effect.interval
    if error is not None and np.isfinite(error):
        basis = "standard error"
    elif interval is not None:
        error, basis = None, "placebo quantile"
    else:
        return np.nan, np.nan, "none"
    bounds = (np.nan, np.nan, 0.95) if interval is None else (interval.lower, interval.upper, interval.level)
    smallest = smallest_of(*bounds, error)
    return smallest, share_of(smallest, effect.scale, float(effect.diagnostics.get("expected_mean", np.nan))), basis


def smallest_of(lower: float, upper: float, level: float, standard_error: float | None) -> float:
    """The one definition, for the check and the report's tables: on the model's scale, from a standard error or from
    the ends of an interval of placebos."""
    if standard_error is not None:
        return FOUR_IN_FIVE * standard_error
    return (upper - lower) / 2 * FOUR_IN_FIVE / float(norm.ppf((1 + level) / 2))


def share_of(smallest: float, scale: str, expected: float) -> float:
    """As a share of what was expected; on the log scale as a fall, the direction that an exit is feared for."""
    if scale == "log":
        return -float(np.expm1(-smallest))
    return smallest / expected if expected > 0 else np.nan


def _advice(own: float) -> str:
    return say(SENTENCES, "advice", own=share(own))
