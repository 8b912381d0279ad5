"""Did the series jump once before, with no stage in the plan to say why?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._nulls import SHARED_MODEL, structural_model
from analysis.checks._wording import amount, day, probability, say
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.inference.structural_breaks import strongest_step

NAME = "level_shift_before"
LABEL = "Jumps before the event"
REFERENCE = "Andrews 1993, Econometrica 61(4):821-856 (a break at an unknown date)"
SHORTEST = 24  # what the structural model, whose memory and drift the test allows for, asks for
REVIEW_BELOW = 0.05  # already corrected for every date tried
FAIL_BELOW = 0.001
# Fewer than half of the estimate and the jump cannot be what the estimate picked up.
RIVAL_SHARE = 0.5
SENTENCES = {
    "en": {
        "none": "Before the event the series shows no clear jump: the largest, {step} ({date}; {p}, corrected for "
        "every date tried).",
        "jump": "Before the event the series shows a jump of its level: {step} ({date}; {p}, corrected for every "
        "date tried).",
        "advice": "Find out what changed ({date}): a new count, a campaign, a merger; declare it as a stage or "
        "begin the pre-period after it, and estimate again.",
    },
    "it": {
        "none": "Prima dell'evento la serie non mostra salti chiari: il maggiore, {step} ({date}; {p}, corretto per "
        "tutte le date provate).",
        "jump": "Prima dell'evento la serie mostra un salto di livello: {step} ({date}; {p}, corretto per tutte le "
        "date provate).",
        "advice": "Scoprire che cosa è cambiato ({date}): un nuovo conteggio, una campagna, una fusione; dichiararlo "
        "come tappa o far partire il periodo precedente dopo, e ristimare.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """For a series judged by its own past; with donors a jump that they share is no jump."""
    if getattr(estimator_module, "NEEDS_DONORS", 0):
        return "the series is judged beside its donors, and pretended dates show a jump that they do not share"
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "a jump of the price is a return, not a change of level"
    if panel.n_pre < SHORTEST:
        return f"{panel.n_pre} periods before the event are too few to tell a jump from memory"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: p-value of the largest jump before the event, over every date, memory and drift allowed for."""
    step, p_value, date = largest_jump(context)
    status = verdict(p_value, step, context)
    sentence = say(
        SENTENCES, "none" if status == "PASS" else "jump", step=amount(step, context.effect), date=day(said(date)),
        p=probability(p_value),
    )  # fmt: skip
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(date),
        statistic=p_value,
        threshold=REVIEW_BELOW,
        table=pd.DataFrame([(said(date), step, p_value)], columns=["date", "step", "p_value"]),
    )


def largest_jump(context: CheckContext) -> tuple[float, float, object]:
    """Size (model scale), p-value and time of the largest jump, as the estimate states it, else by the same test."""
    stated = context.effect.diagnostics.get("strongest_step")
    if stated is not None:
        return float(stated["size"]), float(stated["p_value"]), stated["date"]
    model, panel = structural_model(context), context.panel
    step, p_value, place = strongest_step(panel.y[model.used], model.matrix[model.used], model.fit)
    return step, p_value, panel.times[model.used][place]


def verdict(p_value: float, step: float, context: CheckContext) -> Status:
    """FAIL where the jump is sure, as large as half of the estimate, and the method's level cannot move after it."""
    rigid = context.estimator != SHARED_MODEL
    if rigid and p_value < FAIL_BELOW and abs(step) >= RIVAL_SHARE * abs(context.effect.point):
        return "FAIL"
    return "REVIEW" if p_value < REVIEW_BELOW else "PASS"


def said(time: object) -> str:
    return time.strftime("%Y-%m-%d") if isinstance(time, pd.Timestamp) else str(int(np.asarray(time)))


def _advice(date: object) -> str:
    return say(SENTENCES, "advice", date=day(said(date)))
