"""Would other reasonable choices have given another answer?"""

from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._gaps import claims_an_effect, leaves_the_estimate
from analysis.checks._wording import amount, count
from analysis.checks.pre_period_fit import FAIL_ABOVE as BAD_FIT
from analysis.core.check import CheckResult, Status
from analysis.core.effect import Effect
from analysis.core.errors import StudyError
from analysis.core.panel import Panel
from analysis.core.seeds import seed_for
from analysis.estimators import available, estimate

NAME = "specification_curve"
LABEL = "Other reasonable choices"
REFERENCE = "Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4:1208-1214"
# Estimators whose effect is the average over the post-period on the panel's own scale, so that they compare.
WITH_DONORS = (
    "difference_in_differences", "synthetic_control", "synthetic_difference_in_differences",
    "augmented_synthetic_control",
)  # fmt: skip
WITHOUT_DONORS = ("interrupted_time_series", "structural_time_series")
FEWEST = 2
# Four in five agreeing leaves room for one odd choice among a handful; with fewer than half the answer is a choice.
PASS_FROM = 0.8
FAIL_BELOW = 0.5


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "the market model has no comparable alternative here"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: share of the other specifications that agree with the declared one.

    However many agree, one that lies outside the declared interval is named and asks for a look: the interval was to
    cover what reasonable people would have found.
    """
    table = specification_table(context)
    others = table[~table["declared"]]
    if len(others) < FEWEST:
        return _too_few(context, table, others)
    claimed = claims_an_effect(context)
    share = float(others["agrees"].mean())
    contrary = [row for row in others.itertuples() if leaves_the_estimate(row.effect, context.effect)]
    status: Status = "FAIL" if share < FAIL_BELOW else "REVIEW" if share < PASS_FROM or contrary else "PASS"
    agreeing = int(others["agrees"].sum())
    agreement = "have the same sign" if claimed else "lie inside the interval of the declared one"
    sentence = (
        f"Of {count(len(others), 'other specification')} {agreeing} {agreement}; they run from "
        f"{amount(float(others['effect'].min()), context.effect)} to "
        f"{amount(float(others['effect'].max()), context.effect)}, the declared one is "
        f"{amount(context.effect.point, context.effect)}."
    )
    if contrary:
        sentence += f" Outside its interval: {_named(contrary, context.effect)}."
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status),
        statistic=share,
        threshold=PASS_FROM,
        table=table,
    )


def _too_few(context: CheckContext, table: pd.DataFrame, others: pd.DataFrame) -> CheckResult:
    return CheckResult(
        check=NAME, outcome=context.outcome, status="REVIEW", table=table, threshold=PASS_FROM,
        statistic=float(others["agrees"].mean()) if len(others) else None,
        sentence=f"The panel carries {count(len(others), 'other specification')}, too few to judge by.",
        recommendation="Add donors, so that other estimators can answer too.",
    )  # fmt: skip


def alternatives(context: CheckContext) -> list[tuple[str, str, Panel, Mapping[str, Any]]]:
    """The grid, declared here before any data: what differs, estimator, panel, options. One change at a time."""
    options, panel = dict(context.options), context.panel
    known = signature(context.module.estimate).parameters
    grid = []

    def add(what: str, **changed: Any) -> None:
        grid.append((what, context.estimator, panel, options | changed))

    for name in ("trend", "slope"):
        if name in known:
            now = bool(options.get(name, known[name].default))
            add(f"{'without' if now else 'with'} {name}", **{name: not now})
    if "harmonics" in known:
        now = int(options.get("harmonics", known["harmonics"].default))
        if now:
            add(f"harmonics {now - 1}", harmonics=now - 1)
        add(f"harmonics {now + 1}", harmonics=now + 1)
    if panel.covariates and "harmonics" in known:
        grid.append(("without covariates", context.estimator, replace(panel, covariates=()), options))
    if panel.donors and context.module.NAME in WITH_DONORS:
        return grid + [(available()[name].LABEL, name, panel, {}) for name in WITH_DONORS if name != context.estimator]
    names = [name for name in WITHOUT_DONORS if name != context.estimator]
    return grid + [(available()[name].LABEL, name, panel, _carried(name, options)) for name in names]


def specification_table(context: CheckContext) -> pd.DataFrame:
    """One row a specification that its estimator accepts, by size: specification, estimator, declared, effect, lower,
    upper, p_value, agrees."""
    rows = [_row(context, "as declared", context.estimator, context.effect, declared=True)]
    for what, name, panel, options in alternatives(context):
        try:
            effect = estimate(name, panel, seed=seed_for(context.case_slug, context.outcome), **options)
        except StudyError:
            continue  # a season too short, too few donors: not a reasonable choice here
        if effect.scale != context.effect.scale or _misses(effect, panel):
            continue  # percentages and differences do not compare, and a bad fit is not a reasonable choice
        rows.append(_row(context, what, name, effect))
    columns = ["specification", "estimator", "declared", "effect", "lower", "upper", "p_value", "agrees"]
    return pd.DataFrame(rows, columns=columns).sort_values("effect", kind="stable", ignore_index=True)


def _row(context: CheckContext, what: str, name: str, effect: Effect, *, declared: bool = False) -> tuple[Any, ...]:
    bounds = (np.nan, np.nan) if effect.interval is None else (effect.interval.lower, effect.interval.upper)
    if claims_an_effect(context) or context.effect.interval is None:
        agrees = np.sign(effect.point) == np.sign(context.effect.point)
    else:
        agrees = effect.point in context.effect.interval
    p_value = np.nan if effect.p_value is None else effect.p_value
    return what, name, declared, effect.point, *bounds, p_value, bool(agrees)


def _misses(effect: Effect, panel: Panel) -> bool:
    """Whether the fit before the event is one that should stop an analysis."""
    miss, spread = effect.diagnostics.get("pre_rmspe"), float(panel.y[panel.pre].std(ddof=1))
    return miss is not None and miss > BAD_FIT * spread


def _carried(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Season, stages and exclusions that the other estimator knows too; trend and slope are its own choice."""
    known = signature(available()[name].estimate).parameters
    own = ("trend", "slope", "level")
    return {key: value for key, value in options.items() if key in known and key not in own}


def _named(contrary: list[Any], effect: Effect) -> str:
    """The two farthest from the declared estimate, each with its own, in words."""
    far = sorted(contrary, key=lambda row: -abs(row.effect - effect.point))[:2]
    said = ", ".join(f"{row.specification} ({amount(row.effect, effect)})" for row in far)
    return said if len(contrary) <= len(far) else f"{said} and {len(contrary) - len(far)} more"


def _advice(status: Status) -> str:
    if status == "FAIL":
        return "Do not report one number: most other reasonable choices disagree. Show the range and say why yours."
    return "Report the range beside the estimate, and say why the declared specification is the right one."
