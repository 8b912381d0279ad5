"""Did the platform change what it counts inside the periods compared? A step there is not behaviour."""

from types import ModuleType

import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._wording import count
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.core.redefinitions import NEAR, Redefinition, place_of

NAME = "redefinitions"
LABEL = "Known redefinitions of the metric"
REFERENCE = "Cochrane EPOC risk of bias criteria for ITS studies (the intervention must not change data collection)"
AT, PLACES = "at the event", ("before", "at the event", "after")


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


def _sentence(found: list[tuple[str, Redefinition]], at_event: list[Redefinition]) -> str:
    if not found:
        return "0 known redefinitions of the metric lie inside the periods compared."
    item = (at_event or [item for _, item in found])[0]
    when = f"{item.first}" if item.first == item.last else f"{item.first} to {item.last}"
    near = f", {AT} or within {NEAR.days} days of it" if at_event else ""
    return (
        f"{count(len(found), 'known redefinition')} inside the periods compared{near}: {item.label.lower()} ({when})."
    )


def _advice(panel: Panel, items: list[Redefinition]) -> str:
    shared = "Donors measured on the same platform share the step; others do not. " if panel.donors else ""
    day = max(item.last for item in items)
    return (
        f"{shared}Take a metric that kept its definition, or begin the pre-period after {day}, and estimate again; a "
        "step on that day is the platform's, not people's."
    )
