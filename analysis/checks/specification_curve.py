"""Would other reasonable choices have given another answer?"""

from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._gaps import agreement, agrees_with, leaves_the_estimate
from analysis.checks._wording import again, amount, count, line, lines, say, text, whole
from analysis.checks.pre_period_fit import FAIL_ABOVE as BAD_FIT
from analysis.core.check import CheckResult, Status
from analysis.core.effect import Effect
from analysis.core.errors import StudyError
from analysis.core.panel import Panel
from analysis.core.said import Said
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
SENTENCES = {
    "en": {
        "found": "Of {others} {agreeing} agree ({agreement}); they run from {lowest} to {highest}, the declared one is "
        "{declared}.",
        "same_side": "the same sign, and zero outside their interval",
        "same_sign": "the same sign",
        "inside": "inside the interval of the declared one",
        "outside": "Outside its interval: {named}.",
        "outside_more": "Outside its interval: {named} and {more} more.",
        "one": "{what} ({effect})",
        "too_few": "The panel carries {others}, too few to judge by.",
        "without": "without {choice}",
        "with": "with {choice}",
        "harmonics": "harmonics {how_many}",
        "advice_few": "Add donors, so that other estimators can answer too.",
        "advice_fail": "Do not report one number: most other reasonable choices disagree. Show the range and say why "
        "yours.",
        "advice": "Report the range beside the estimate, and say why the declared specification is the right one.",
    },
    "it": {
        "found": "Su {others} concordano ({agreement}): {agreeing}; vanno da {lowest} a {highest}, quella dichiarata "
        "è {declared}.",
        "same_side": "stesso segno, e zero fuori dal loro intervallo",
        "same_sign": "stesso segno",
        "inside": "dentro l'intervallo di quella dichiarata",
        "outside": "Fuori dal suo intervallo: {named}.",
        "outside_more": "Fuori dal suo intervallo: {named} e altre {more}.",
        "one": "{what} ({effect})",
        "too_few": "Il pannello regge {others}: troppo poco per giudicare.",
        "without": "senza {choice}",
        "with": "con {choice}",
        "harmonics": "armoniche: {how_many}",
        "advice_few": "Aggiungere imprese di confronto, perché possano rispondere anche altri stimatori.",
        "advice_fail": "Non riportare un solo numero: la maggior parte delle altre scelte ragionevoli non concorda. "
        "Mostrare il campo e dire perché questa scelta.",
        "advice": "Riportare il campo accanto alla stima, e dire perché la specificazione dichiarata è quella giusta.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "the market model has no comparable alternative here"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: share of the other specifications that agree with the declared one, as ``_gaps.agreement`` has it.

    However many agree, one that lies outside the declared interval is named and asks for a look: the interval was to
    cover what reasonable people would have found.
    """
    table = specification_table(context)
    others = table[~table["declared"]]
    if len(others) < FEWEST:
        return _too_few(context, table, others)
    share = float(others["agrees"].mean())
    contrary = [row for row in others.itertuples() if leaves_the_estimate(row.effect, context.effect)]
    status: Status = "FAIL" if share < FAIL_BELOW else "REVIEW" if share < PASS_FROM or contrary else "PASS"
    agreeing = int(others["agrees"].sum())
    sentence = say(
        SENTENCES, "found", others=count(len(others), "other specification"), agreeing=whole(agreeing),
        agreement=line(agreement(context.effect)),
        lowest=amount(float(others["effect"].min()), context.effect),
        highest=amount(float(others["effect"].max()), context.effect),
        declared=amount(context.effect.point, context.effect),
    )  # fmt: skip
    if contrary:
        sentence = sentence.then(_named(context, contrary))
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
        sentence=say(SENTENCES, "too_few", others=count(len(others), "other specification")),
        recommendation=say(SENTENCES, "advice_few"),
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
            add(say(SENTENCES, "without" if now else "with", choice=text(name)), **{name: not now})
    if "harmonics" in known:
        now = int(options.get("harmonics", known["harmonics"].default))
        if now:
            add(say(SENTENCES, "harmonics", how_many=whole(now - 1)), harmonics=now - 1)
        add(say(SENTENCES, "harmonics", how_many=whole(now + 1)), harmonics=now + 1)
    if panel.covariates and "harmonics" in known:
        none = say(SENTENCES, "without", choice=text("covariates"))
        grid.append((none, context.estimator, replace(panel, covariates=()), options))
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
    p_value = np.nan if effect.p_value is None else effect.p_value
    return what, name, declared, effect.point, *bounds, p_value, agrees_with(effect, context.effect)


def _misses(effect: Effect, panel: Panel) -> bool:
    """Whether the fit before the event is one that should stop an analysis."""
    miss, spread = effect.diagnostics.get("pre_rmspe"), float(panel.y[panel.pre].std(ddof=1))
    return miss is not None and miss > BAD_FIT * spread


def _carried(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Season, stages and exclusions that the other estimator knows too; trend and slope are its own choice."""
    known = signature(available()[name].estimate).parameters
    own = ("trend", "slope", "level")
    return {key: value for key, value in options.items() if key in known and key not in own}


def _named(context: CheckContext, contrary: list[Any]) -> Said:
    """The two farthest from the declared estimate, each with its own, in words."""
    effect = context.effect
    made = {what: what for what, *_ in alternatives(context)}  # a table keeps the words alone
    far = sorted(contrary, key=lambda row: -abs(row.effect - effect.point))[:2]
    parts = [
        line("one", what=again(made.get(row.specification, row.specification)), effect=amount(row.effect, effect))
        for row in far
    ]
    more = len(contrary) - len(far)
    return say(SENTENCES, "outside_more" if more else "outside", named=lines(parts, ", "), more=whole(more))


def _advice(status: Status) -> str:
    return say(SENTENCES, "advice_fail" if status == "FAIL" else "advice")
