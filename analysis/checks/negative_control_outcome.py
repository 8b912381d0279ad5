"""Does the same method find an effect on an outcome that the event cannot have moved?"""

from types import ModuleType

import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._wording import probability, say, text
from analysis.core.check import CheckResult, Status
from analysis.core.errors import StudyError
from analysis.core.panel import Panel

NAME = "negative_control_outcome"
LABEL = "Outcomes the event cannot have moved"
REFERENCE = "Lipsitch, Tchetgen Tchetgen and Cohen 2010, Epidemiology 21(3):383-388"
SENTENCES = {
    "en": {
        "effect": "The method finds an effect on {outcome}, which the event cannot have moved ({p}).",
        "none": "The method finds none on {outcome}, which the event cannot have moved ({p}).",
        "not_estimated": "No negative control could be estimated: {reason}.",
        "advice": "Something else moved at that date: find it before reading the main effect as the event's.",
        "advice_other": "Name an outcome with the same periods and the same kind of data.",
    },
    "it": {
        "effect": "Il metodo trova un effetto dove l'evento non può averne avuto: {outcome} ({p}).",
        "none": "Il metodo non trova effetti dove l'evento non può averne avuto: {outcome} ({p}).",
        "not_estimated": "Nessun controllo negativo si è potuto stimare: {reason}.",
        "advice": "A quella data si è mosso altro: trovarlo prima di attribuire all'evento l'effetto principale.",
        "advice_other": "Indicare un esito con gli stessi periodi e lo stesso tipo di dati.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    return None


def needs(context: CheckContext) -> str | None:
    """The case has to name such an outcome: no method can find one by itself."""
    return None if context.negative_controls else "the case names no outcome that the event cannot have moved"


def run(context: CheckContext) -> CheckResult:
    """Statistic: the smallest p-value, times the number of negative controls (Bonferroni).

    The estimator, its options and its level are those of the outcome under challenge; donors and controls are those
    of the negative control's own panel.
    """
    rows = []
    for label, panel in context.negative_controls.items():
        try:
            effect = context.re_estimate(panel)
        except StudyError as error:
            rows.append({"outcome": label, "effect": None, "p_value": None, "reason": error.what})
            continue
        rows.append({"outcome": label, "effect": effect.point, "p_value": effect.p_value, "reason": ""})
    table = pd.DataFrame(rows)
    known = table.dropna(subset=["p_value"])
    if known.empty:
        return CheckResult(
            NAME, context.outcome, "NOT_RUN", say(SENTENCES, "not_estimated", reason=text(table["reason"].iloc[0])),
            say(SENTENCES, "advice_other"), table=table,
        )  # fmt: skip
    level = 1 - (context.effect.interval.level if context.effect.interval else 0.95)
    smallest = known.loc[known["p_value"].astype(float).idxmin()]
    statistic = min(1.0, float(smallest["p_value"]) * len(known))
    status: Status = "FAIL" if statistic < level else "PASS"
    key = "effect" if status == "FAIL" else "none"
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=say(SENTENCES, key, outcome=text(smallest["outcome"]), p=probability(statistic)),
        recommendation="" if status == "PASS" else say(SENTENCES, "advice"),
        statistic=statistic,
        threshold=level,
        table=table,
    )
