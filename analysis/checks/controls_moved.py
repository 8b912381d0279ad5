"""Did a control itself move at the exit, which would carry the effect out of the estimate? Does one carry it all?"""

from dataclasses import replace
from types import ModuleType

import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._gaps import leaves_the_estimate
from analysis.checks._nulls import structural_model
from analysis.checks._wording import Part, amount, count, fixed, line, names, probability, say, text
from analysis.core.check import CheckResult
from analysis.core.panel import Panel
from analysis.inference.structural_breaks import changes_of

NAME = "controls_moved"
LABEL = "Controls that moved at the exit"
REFERENCE = "Brodersen et al. 2015, Annals of Applied Statistics 9(1):247-274 (controls must not be affected)"
SHORTEST = 24  # what the structural model that predicts each control asks for
# Divided by the number of controls. A control may move for an honest reason, a shock that it shares with the series:
# that is what it is there for. So a flag is a question to the researcher (REVIEW), never a verdict.
ALPHA = 0.05
SENTENCES = {
    "en": {
        "found": "At the exit {found} ({p}, bound {bound}); the estimate is {estimate} with {controls}, {other} "
        "without.",
        "rests": "The result rests on {controls}.",
        "moved": "{names} moved",
        "not_clearly": "{name} did not clearly move",
        "none_clearly": "no control clearly moved",
        "one": "the one control, {name}",
        "several": "the {how_many}",
        "advice_moved": "Ask whether the exit itself could have moved {names}. If so, drop it and report the estimate "
        "without; if it shares another shock with the series, keep it and say which.",
        "advice_rests": "Say why the exit cannot have moved {names}, print both estimates, and look for a second "
        "control that would show the same.",
    },
    "it": {
        "found": "All'uscita {found} ({p}, soglia {bound}); la stima è {estimate} con {controls}, {other} senza.",
        "rests": "Il risultato poggia su: {controls}.",
        "moved": "risulta un movimento di {names}",
        "not_clearly": "non risulta un movimento chiaro di {name}",
        "none_clearly": "non risulta un movimento chiaro di alcun controllo",
        "one": "il solo controllo, {name}",
        "several": "{how_many}",
        "advice_moved": "Chiedersi se l'uscita stessa possa aver mosso {names}. Se sì, toglierlo e riportare la stima "
        "senza; se condivide con la serie un'altra scossa, tenerlo e dire quale.",
        "advice_rests": "Dire perché l'uscita non può aver mosso {names}, riportare entrambe le stime e cercare un "
        "secondo controllo che mostri lo stesso.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs controls, and an estimator that uses them."""
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "one bank does not move its market"
    if not panel.covariates or getattr(estimator_module, "NEEDS_DONORS", 0):
        return "the model has no controls"
    if panel.n_pre < SHORTEST:
        return f"{panel.n_pre} periods before the event are too few to predict a control"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: the smallest p-value of no step at the exit in a control, each by itself.

    An estimate whose sign turns, or that leaves its own interval, once the controls are taken out rests on them: then
    whether the exit moved them is the question on which everything hangs, and no test of a single series settles it.
    """
    changes = control_changes(context)
    bound = ALPHA / len(changes)
    without = context.re_estimate(replace(context.panel, covariates=()))
    first = min(changes, key=changes.get)
    moved = [name for name, p_value in changes.items() if p_value < bound]
    rests = leaves_the_estimate(without.point, context.effect)
    if moved:
        found = line("moved", names=names(moved, "and"))
    else:
        found = line("not_clearly", name=text(first)) if len(changes) == 1 else line("none_clearly")
    sentence = say(
        SENTENCES, "found", found=found, p=probability(changes[first]), bound=fixed(bound, 3),
        estimate=amount(context.effect.point, context.effect), controls=_controls(changes),
        other=amount(without.point, without),
    )  # fmt: skip
    if rests:
        sentence = sentence.then(say(SENTENCES, "rests", controls=_controls(changes)))
    rows = [(name, p_value, p_value < bound, rests) for name, p_value in changes.items()]
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status="REVIEW" if moved or rests else "PASS",
        sentence=sentence,
        recommendation=_advice(moved) if moved else _advice_on_one(changes) if rests else "",
        statistic=changes[first],
        threshold=bound,
        table=pd.DataFrame(rows, columns=["control", "p_value", "moved", "carries"]),
    )


def control_changes(context: CheckContext) -> dict[str, float]:
    """p-value of no change a control, as the estimate states it, else by the same test."""
    stated = context.effect.diagnostics.get("control_changes")
    if stated:
        return dict(stated)
    model = structural_model(context)
    return changes_of(context.panel, model.regular, model.at, model.used, model.counted)


def _controls(changes: dict[str, float]) -> Part:
    if len(changes) == 1:
        return line("one", name=text(next(iter(changes))))
    return line("several", how_many=count(len(changes), "control"))


def _advice_on_one(changes: dict[str, float]) -> str:
    return say(SENTENCES, "advice_rests", names=names(list(changes), "or"))


def _advice(moved: list[str]) -> str:
    return say(SENTENCES, "advice_moved", names=names(moved, "or"))
