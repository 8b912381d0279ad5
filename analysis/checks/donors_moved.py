"""Did a donor itself move at the event, as if it had left too? Then it carries the effect out of the comparison."""

from types import ModuleType

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from analysis.checks._context import CheckContext
from analysis.checks._wording import line, number, probability, say, share, text, whole
from analysis.core.check import CheckResult, Status
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.inference.structural import ALONE
from analysis.inference.structural_breaks import steps_at
from analysis.inference.time_axis import positions

NAME = "donors_moved"
LABEL = "Peers that moved at the event"
REFERENCE = "Abadie 2021, Journal of Economic Literature 59(2):391-425 (no interference); Holm 1979"
SHORTEST = 24  # periods before, so that a donor's own past can say what was to be expected
LONG = 52  # from here on drift is told from a step often enough for a moved donor to be more than a question
REVIEW_BELOW = 0.05  # adjusted for the number of donors; with a shorter past, and to fail the study:
FAIL_BELOW = 0.01
TOGETHER_BELOW = 0.01  # all donors as one: drift that they share is rare, not impossible
HEAVY = 0.05  # weight from which a moved donor moves the estimate
SENTENCES = {
    "en": {
        "fell": "{unit} fell by {size} against the other donors after the event ({p}, adjusted; weight "
        "{weight}){others}.",
        "rose": "{unit} rose by {size} against the other donors after the event ({p}, adjusted; weight "
        "{weight}){others}.",
        "others": ", and {how_many} more moved",
        "nothing": "",
        "together": "The donors together moved at the event more than their course allows for ({p}).",
        "none": "No donor stands out: of {how_many}, none has a step at the event beyond its own course.",
        "advice_one": "Ask whether {unit} left the platform too, or had news of its own; estimate again without it.",
        "advice_all": "Ask whether the donors were hit by the same event; donors that were cannot stand for what "
        "would have been.",
    },
    "it": {
        "fell": "{unit}: calo {size:del} rispetto alle altre imprese di confronto dopo l'evento ({p}, corretto; peso "
        "{weight}){others}.",
        "rose": "{unit}: aumento {size:del} rispetto alle altre imprese di confronto dopo l'evento ({p}, corretto; "
        "peso {weight}){others}.",
        "others": "; altre che si sono mosse: {how_many}",
        "nothing": "",
        "together": "Le imprese di confronto si sono mosse insieme, all'evento, più di quanto il loro corso consenta "
        "({p}).",
        "none": "Nessuna impresa di confronto si distingue: su {how_many}, nessuna ha un gradino all'evento oltre il "
        "proprio corso.",
        "advice_one": "Chiedersi se anche {unit} abbia lasciato la piattaforma o avuto notizie proprie; ristimare "
        "senza.",
        "advice_all": "Chiedersi se lo stesso evento abbia colpito le imprese di confronto: se sì, non possono dire "
        "che cosa sarebbe accaduto.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    if len(panel.donors) < 2:
        return "fewer than two donors are used"
    if panel.n_pre < SHORTEST:
        return f"{panel.n_pre} periods before the event are too few to foresee each donor"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: the smallest p-value of a donor's own change against the other donors, adjusted after Holm.

    A step at the event is sought in each donor's difference from the mean of the others, and in the mean of all: one
    donor hit shows in the first, all hit alike in the second. A past shorter than a year of weeks hardly tells a step
    from drift: then the bound is lower and the check asks (REVIEW) but never fails the study.
    """
    table, together = changes(context.panel)
    weights = pd.Series(dict(context.effect.diagnostics.get("weights") or {}), dtype=float)
    table["weight"] = table["unit"].map(weights).fillna(0.0) if len(weights) else 1 / len(table)
    enough = context.panel.n_pre >= LONG
    bound = REVIEW_BELOW if enough else FAIL_BELOW
    moved = table[table["adjusted"] < bound]
    heavy = moved[(moved["weight"] >= HEAVY) & (moved["adjusted"] < FAIL_BELOW)]
    asked = len(moved) or together < TOGETHER_BELOW
    status: Status = "FAIL" if len(heavy) and enough else "REVIEW" if asked else "PASS"
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=_sentence(context, moved, together),
        recommendation="" if status == "PASS" else _advice(moved),
        statistic=float(table["adjusted"].min()),
        threshold=bound,
        table=table,
    )


def changes(panel: Panel) -> tuple[pd.DataFrame, float]:
    """One row a donor: unit, change (model scale, against the other donors), p_value, adjusted; and the p-value of a
    change common to all donors."""
    values = panel.donor_values
    mean = values.mean(axis=1, keepdims=True)
    count = values.shape[1]
    apart = np.column_stack([(values - mean) * count / (count - 1), mean])
    at, level = positions(panel.times), np.ones((len(values), 1))
    try:
        sizes, p_values = steps_at(apart, level, at, panel.pre | panel.post, panel.post, ALONE)
    except ValueError as error:
        raise DesignError(f"the donors cannot be foreseen: {error}", where=NAME, cure="widen the windows") from error
    table = pd.DataFrame({"unit": panel.donors, "change": sizes[:count], "p_value": p_values[:count]})
    table["adjusted"] = multipletests(p_values[:count], method="holm")[1]
    return table.sort_values("p_value", kind="stable", ignore_index=True), float(p_values[count])


def _sentence(context: CheckContext, moved: pd.DataFrame, together: float) -> str:
    if len(moved):
        first = moved.iloc[0]
        logs = context.panel.scale == "log"
        return say(
            SENTENCES, "fell" if first["change"] < 0 else "rose", unit=text(first["unit"]),
            size=share(abs(np.expm1(first["change"]))) if logs else number(abs(first["change"])),
            p=probability(first["adjusted"]), weight=share(first["weight"]),
            others=line("others", how_many=whole(len(moved) - 1)) if len(moved) > 1 else line("nothing"),
        )  # fmt: skip
    if together < TOGETHER_BELOW:
        return say(SENTENCES, "together", p=probability(together))
    return say(SENTENCES, "none", how_many=whole(len(context.panel.donors)))


def _advice(moved: pd.DataFrame) -> str:
    if len(moved):
        return say(SENTENCES, "advice_one", unit=text(moved["unit"].iloc[0]))
    return say(SENTENCES, "advice_all")
