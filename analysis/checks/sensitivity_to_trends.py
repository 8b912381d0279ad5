"""How much worse than before the event would the difference in trends have to be to overturn the finding?"""

from collections.abc import Callable
from functools import cache
from types import ModuleType

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.checks._context import CheckContext
from analysis.checks._gaps import claims_an_effect, gaps_of
from analysis.checks._wording import Part, count, fixed, line, number, say
from analysis.core.check import CheckResult, Status
from analysis.core.effect import Interval
from analysis.core.panel import Panel
from analysis.inference.autoregressive import fit_autoregressive
from analysis.inference.sensitivity import (
    EventStudy,
    breakdown,
    relative_magnitude_interval,
    smoothness_interval,
)
from analysis.inference.time_axis import positions

NAME = "sensitivity_to_trends"
LABEL = "If trends had differed anyway"
REFERENCE = "Rambachan and Roth 2023, Review of Economic Studies 90:2555-2591"
BLOCKS_BEFORE, BLOCKS_AFTER = 5, 4  # the last before is the reference; the exact test visits every vertex
SHORTEST_BLOCK = 3  # periods; shorter blocks are mostly noise
LARGEST, TOLERANCE = 2.0, 0.025  # bounds tried up to twice the largest difference before, to a twentieth
# Authors' benchmark: a finding that survives differences after the event as large as the largest before it.
PASS_FROM, FAIL_BELOW = 1.0, 0.25
BOUNDS = (0.0, 0.5, 1.0, 2.0)
SENTENCES = {
    "en": {
        "found": "The finding holds unless trends differ after the event by {found} the largest difference between "
        "blocks before it; as bends of the trend, by {bends}.",
        "times": "{bound} times",
        "more": "more than {largest} times",
        "no_interval": "With {donors} the method gives no interval, so how robust it is cannot be asked.",
        "advice_interval": "Add donors until the method gives an interval.",
        "claimed": "Measured from the last block before the event alone, the interval holds 0 already with parallel "
        "trends.",
        "nothing": "The interval holds 0 already with parallel trends, so there is no finding to overturn.",
        "advice_claimed": "Look at the gaps before the event: the finding rests on the earlier ones.",
        "advice_fail": "Do not rely on the sign: a small difference in trends would do. Look for donors that move "
        "more alike.",
        "advice": "Say with the estimate how large a difference in trends would overturn it.",
    },
    "it": {
        "found": "Il risultato regge finché dopo l'evento le tendenze non differiscono di {found} la massima "
        "differenza tra blocchi precedenti; come piega della tendenza, di {bends}.",
        "times": "{bound} volte",
        "more": "oltre {largest} volte",
        "no_interval": "Con {donors} il metodo non dà un intervallo: quanto sia robusto non si può chiedere.",
        "advice_interval": "Aggiungere imprese di confronto finché il metodo non dà un intervallo.",
        "claimed": "Misurato dal solo ultimo blocco prima dell'evento, l'intervallo contiene 0 già con tendenze "
        "parallele.",
        "nothing": "L'intervallo contiene 0 già con tendenze parallele: non c'è un risultato da rovesciare.",
        "advice_claimed": "Guardare le distanze prima dell'evento: il risultato poggia sulle più lontane.",
        "advice_fail": "Non affidarsi al segno: basterebbe una piccola differenza di tendenza. Cercare imprese di "
        "confronto che si muovano in modo più simile.",
        "advice": "Dire accanto alla stima quale differenza di tendenza la rovescerebbe.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """For comparisons with donors, long enough for blocks on both sides."""
    if not getattr(estimator_module, "NEEDS_DONORS", 0):
        return "without donors there is no difference in trends"
    if panel.n_pre < 3 * SHORTEST_BLOCK or panel.n_post < SHORTEST_BLOCK:
        return f"{panel.n_pre} periods before and {panel.n_post} after the event are too few to cut into blocks"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: breakdown of the relative magnitudes, the largest bound at which the interval leaves out zero."""
    if context.effect.interval is None:
        return _without_interval(context)
    study, weights = event_study(context)

    @cache  # the search for the breakdown comes by the table's bounds again
    def interval_of(bound: float) -> Interval:
        return relative_magnitude_interval(study, bound, weights=weights)

    table = bounds_table(interval_of)
    if not claims_an_effect(context) or table["lower"].iloc[0] <= 0 <= table["upper"].iloc[0]:
        return _nothing_claimed(context, table)
    found = breakdown(interval_of, largest=LARGEST, tolerance=TOLERANCE)
    bends = breakdown(
        lambda bound: smoothness_interval(study, bound * steepest(study), weights=weights), largest=LARGEST,
        tolerance=TOLERANCE,
    )  # fmt: skip
    survived = LARGEST if found is None else found
    status: Status = "PASS" if survived >= PASS_FROM else "FAIL" if survived < FAIL_BELOW else "REVIEW"
    sentence = say(SENTENCES, "found", found=_times(found), bends=_times(bends))
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status),
        statistic=survived,
        threshold=PASS_FROM,
        table=table,
    )


def event_study(context: CheckContext) -> tuple[EventStudy, np.ndarray]:
    """Mean gaps of blocks of the pre- and post-period relative to the last block before, and weights over the blocks
    after by their length.

    The gaps' memory is AR(1), estimated from the gaps about their block means; the covariance is scaled so that with
    parallel trends the interval is as wide as the estimate's own, which must have one.
    """
    panel, gap = context.panel, gaps_of(context)
    at = positions(panel.times)
    before = np.array_split(np.flatnonzero(panel.pre), min(BLOCKS_BEFORE, panel.n_pre // SHORTEST_BLOCK))
    after = np.array_split(np.flatnonzero(panel.post), min(BLOCKS_AFTER, panel.n_post // SHORTEST_BLOCK))
    blocks = [*before[:-1], *after]
    kept = np.concatenate([*before, *after])
    members = np.column_stack([np.isin(kept, block).astype(float) for block in [*before, *after]])
    rho = fit_autoregressive(gap[kept], members, at[kept]).rho
    correlation = rho ** np.abs(at[kept][:, None] - at[kept])
    means = members.T / members.sum(axis=0)[:, None]
    reference = means[len(before) - 1]
    contrasts = np.delete(means, len(before) - 1, axis=0) - reference
    covariance = contrasts @ correlation @ contrasts.T
    weights = np.array([len(block) for block in after], dtype=float) / panel.n_post
    own = np.concatenate([np.zeros(len(before) - 1), weights])
    covariance *= _standard_error(context) ** 2 / float(own @ covariance @ own)
    values = contrasts @ gap[kept]
    split = len(blocks) - len(after)
    return EventStudy(values[:split], values[split:], covariance), weights


def steepest(study: EventStudy) -> float:
    """The largest difference between neighbouring blocks before the event, the reference (zero) included."""
    return float(np.abs(np.diff(np.append(study.before, 0.0))).max())


def bounds_table(interval_of: Callable[[float], Interval]) -> pd.DataFrame:
    """One row a bound on the relative magnitudes: bound, lower, upper (model scale)."""
    found = [interval_of(bound) for bound in BOUNDS]
    return pd.DataFrame(
        [(bound, item.lower, item.upper) for bound, item in zip(BOUNDS, found, strict=True)],
        columns=["bound", "lower", "upper"],
    )


def _standard_error(context: CheckContext) -> float:
    """The estimate's own, or that of a normal interval as wide as its own."""
    effect = context.effect
    if effect.standard_error is not None:
        return float(effect.standard_error)
    return (effect.interval.upper - effect.interval.lower) / (2 * float(norm.ppf((1 + effect.interval.level) / 2)))


def _times(bound: float | None) -> Part:
    return line("more", largest=number(LARGEST)) if bound is None else line("times", bound=fixed(bound, 2))


def _without_interval(context: CheckContext) -> CheckResult:
    donors = count(len(context.panel.donors), "donor")
    return CheckResult(
        check=NAME, outcome=context.outcome, status="REVIEW",
        sentence=say(SENTENCES, "no_interval", donors=donors), recommendation=say(SENTENCES, "advice_interval"),
    )  # fmt: skip


def _nothing_claimed(context: CheckContext, table: pd.DataFrame) -> CheckResult:
    """No finding that violated trends could overturn, or one that rests on the weights within the pre-period."""
    claimed = claims_an_effect(context)
    sentence = say(SENTENCES, "claimed" if claimed else "nothing")
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status="REVIEW" if claimed else "PASS",
        sentence=sentence,
        recommendation=say(SENTENCES, "advice_claimed") if claimed else "",
        statistic=0.0,
        threshold=PASS_FROM,
        table=table,
    )


def _advice(status: Status) -> str:
    return say(SENTENCES, "advice_fail" if status == "FAIL" else "advice")
