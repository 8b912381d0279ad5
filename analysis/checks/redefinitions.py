"""Did the platform change what it counts inside the periods compared? A step there is not behaviour."""

from types import ModuleType

import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._wording import day, line, say, text, whole
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.core.redefinitions import NEAR, Redefinition, place_of
from analysis.core.said import Said

NAME = "redefinitions"
LABEL = "Known redefinitions of the metric"
REFERENCE = "Cochrane EPOC risk of bias criteria for ITS studies (the intervention must not change data collection)"
AT, PLACES = "at the event", ("before", "at the event", "after")
SENTENCES = {
    "en": {
        "none": "{how_many} known redefinitions of the metric lie inside the periods compared.",
        "inside": "Known redefinitions inside the periods compared: {how_many}; {label} ({when}).",
        "at_event": "Known redefinitions inside the periods compared: {how_many}, at the event or within {near} days "
        "of it {label} ({when}).",
        "day": "{first}",
        "days": "{first} to {last}",
        "donors": "Donors measured on the same platform share the step; others do not.",
        "advice": "Take a metric that kept its definition, or begin the pre-period after {last}, and estimate again; a "
        "step on that day is the platform's, not people's.",
    },
    "it": {
        "none": "Ridefinizioni note della misura nei periodi a confronto: {how_many}.",
        "inside": "Ridefinizioni note nei periodi a confronto: {how_many}; {label} ({when}).",
        "at_event": "Ridefinizioni note nei periodi a confronto: {how_many}, all'evento o entro {near} giorni {label} "
        "({when}).",
        "day": "{first}",
        "days": "{first:dal} {last:al}",
        "donors": "Le imprese di confronto misurate sulla stessa piattaforma condividono il gradino; le altre no.",
        "advice": "Prendere una misura che ha mantenuto la definizione, o far partire il periodo precedente dopo "
        "({last}), e ristimare: un gradino in quel giorno è della piattaforma, non delle persone.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "a price is not a count that a platform defines"
    if not isinstance(panel.times, pd.DatetimeIndex):
        return "the periods are not dates"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: how many known redefinitions of the outcome or of its controls lie inside the windows.

    FAIL for one in the time left out or within ``NEAR`` of it: the two periods then count different things. REVIEW for
    one well inside a period: a method with a level of its own mistakes the step for memory or for drift.
    """
    found = [(place_of(item, context.panel.windows, context.panel.times), item) for item in context.panel.redefinitions]
    at_event = [item for place, item in found if place == AT]
    status: Status = "FAIL" if at_event else "REVIEW" if found else "PASS"
    rows = [(place, sum(one == place for one, _ in found), _named(found, place)) for place in PLACES]
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=_sentence(found, at_event),
        recommendation="" if status == "PASS" else _advice(context.panel, at_event or [item for _, item in found]),
        statistic=float(len(found)),
        threshold=0.0,
        table=pd.DataFrame(rows, columns=["place", "redefinitions", "which"]),
    )


def _named(found: list[tuple[str, Redefinition]], place: str) -> str:
    return "; ".join(f"{item.label} ({item.first})" for one, item in found if one == place)


def _sentence(found: list[tuple[str, Redefinition]], at_event: list[Redefinition]) -> Said:
    how_many = whole(len(found))
    if not found:
        return say(SENTENCES, "none", how_many=how_many)
    item = (at_event or [item for _, item in found])[0]
    when = line("day" if item.first == item.last else "days", first=day(f"{item.first}"), last=day(f"{item.last}"))
    values = {"how_many": how_many, "label": text(item.label), "when": when}
    if at_event:
        return say(SENTENCES, "at_event", near=whole(NEAR.days), **values)
    return say(SENTENCES, "inside", **values)


def _advice(panel: Panel, items: list[Redefinition]) -> Said:
    advice = say(SENTENCES, "advice", last=day(f"{max(item.last for item in items)}"))
    return say(SENTENCES, "donors").then(advice) if panel.donors else advice
