"""The seven questions of a risk-of-bias assessment for interrupted time series, answered from the case itself."""

from types import ModuleType
from typing import Any

import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._wording import say, text, whole
from analysis.core.case import Case, Outcome
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.inference.time_axis import season_of

NAME = "epoc_seven_items"
LABEL = "Seven questions on the risk of bias"
REFERENCE = "Cochrane EPOC (Effective Practice and Organisation of Care), risk of bias criteria for ITS studies"
LOW, UNCLEAR, HIGH = "low", "unclear", "high"
MOST_UNCLEAR = 2
SENTENCES = {
    "en": {
        "found": "Seven questions on the risk of bias: low risk {low}, unclear {unclear}.",
        "high": "Seven questions on the risk of bias: low risk {low}, unclear {unclear}, high {high} ({because}).",
        "advice": "Read the table of answers; what only you can know, write into the case's limits.",
    },
    "it": {
        "found": "Su sette domande sul rischio di distorsione, basso: {low}, non chiaro: {unclear}.",
        "high": "Su sette domande sul rischio di distorsione, basso: {low}, non chiaro: {unclear}, alto: {high} "
        "({because}).",
        "advice": "Leggere la tabella delle risposte; ciò che solo l'autore può sapere va nei limiti del caso.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "the questions are about interrupted time series, not about one day's return"
    return None


def needs(context: CheckContext) -> str | None:
    return None if context.case is not None else "the questions are answered from a case file, and none was given"


def run(context: CheckContext) -> CheckResult:
    """Statistic: how many of the seven are not at low risk. A self-assessment: it says what the files show, and where
    only the author can know it says unclear."""
    outcome = context.case.outcome(context.outcome)
    table = pd.DataFrame(answers(context, context.case, outcome), columns=["item", "risk", "because"])
    counts = table["risk"].value_counts()
    high, unclear = int(counts.get(HIGH, 0)), int(counts.get(UNCLEAR, 0))
    status: Status = "REVIEW" if high or unclear > MOST_UNCLEAR else "PASS"
    worst = table[table["risk"] == HIGH]
    counts = {"low": whole(7 - high - unclear), "unclear": whole(unclear)}
    sentence = say(SENTENCES, "found", **counts)
    if high:
        sentence = say(SENTENCES, "high", **counts, high=whole(high), because=text(worst["because"].iloc[0]))
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else say(SENTENCES, "advice"),
        statistic=float(high + unclear),
        threshold=float(MOST_UNCLEAR),
        table=table,
    )


def answers(context: CheckContext, case: Case, outcome: Outcome) -> list[tuple[str, str, str]]:
    """Item, risk and reason, in EPOC's order."""
    return [
        ("The event was independent of other changes", *_independent(context, case, outcome)),
        ("The shape of the effect was set beforehand", *_shape(outcome)),
        ("The event did not change how data were collected", *_collection(case, outcome)),
        ("Knowing of the event did not sway the measurement", LOW, "counts made by machines, not judgements"),
        ("Incomplete data were dealt with", *_incomplete(context)),
        ("No selective reporting", *_reporting(case, outcome)),
        ("No other risk, such as a season left out", *_season(context, outcome)),
    ]


def _independent(context: CheckContext, case: Case, outcome: Outcome) -> tuple[str, str]:
    windows = case.windows_of(outcome)
    near = [
        event.label
        for event in case.events
        if event.last >= windows.pre_last and event.first <= windows.last and not event.adjust
        and (not event.channels or not outcome.channels or set(event.channels) & set(outcome.channels))
    ]  # fmt: skip
    if near:
        return UNCLEAR, f"other events in the windows, not adjusted for: {len(near)}, first: {near[0]}"
    if context.panel.donors or context.panel.covariates:
        return LOW, "what else happened is left out or shared by donors or controls"
    return UNCLEAR, "nothing but the series' own past stands for what else happened"


def _shape(outcome: Outcome) -> tuple[str, str]:
    if outcome.smallest_effect is not None:
        return LOW, "estimand, windows and the smallest effect that matters are declared in the case file"
    return UNCLEAR, "no smallest effect that matters is declared"


def _collection(case: Case, outcome: Outcome) -> tuple[str, str]:
    exited = {item.id for item in case.channels if item.role == "exited"}
    if set(outcome.channels) & exited:
        return HIGH, "channels that closed are no longer counted, and their nothing is part of the total"
    return LOW, "the outcome is counted the same way before and after"


def _incomplete(context: CheckContext) -> tuple[str, str]:
    missing = int(context.panel.frame[context.panel.treated].isna().sum())
    return (LOW, "no period is missing") if missing == 0 else (UNCLEAR, f"periods missing: {missing}")


def _reporting(case: Case, outcome: Outcome) -> tuple[str, str]:
    if outcome.role == "primary":
        return LOW, f"every one of the {len(case.outcomes)} declared outcomes is reported, found or not"
    return UNCLEAR, "a secondary outcome"


def _season(context: CheckContext, outcome: Outcome) -> tuple[str, str]:
    season = season_of(context.panel.times)
    options: dict[str, Any] = dict(context.options)
    if context.panel.donors or season is None:
        return LOW, "donors share the season" if context.panel.donors else "the series has no yearly season to model"
    if options.get("harmonics"):
        return LOW, "a yearly season is in the model"
    return UNCLEAR, "no yearly season is in the model"
