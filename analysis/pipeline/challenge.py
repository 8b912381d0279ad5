"""Notebook 07: every check on every primary outcome, run on the panels anew and written beside the effects."""

from functools import partial
from typing import Any

import pandas as pd

from analysis.checks import CheckContext, applicable, available, not_applicable, run_check
from analysis.core.assembly import build_panel
from analysis.core.case import Outcome
from analysis.core.panel import Panel
from analysis.core.store import check_record
from analysis.core.tasks import map_tasks
from analysis.pipeline.estimates import estimate_one, module_for
from analysis.pipeline.study import Study, estimator_options

COLUMNS = ["outcome", "check", "status", "finding", "what_to_do"]


def challenge(study: Study, level: float = 0.95) -> pd.DataFrame:
    """Run the checks; returns one row a check and outcome, written as tables/checks.csv."""
    estimated = [
        outcome for outcome in study.case.outcomes
        if outcome.role == "primary" and "refused" not in study.store.effect(outcome.id)
    ]  # fmt: skip
    context_of = partial(_context, study, study.store.measurements(), level)
    contexts = map_tasks(context_of, estimated, jobs=study.jobs, forked=True)
    # Those of single series first: among them are the longest, which should not begin last.
    alone_first = sorted(contexts, key=lambda context: bool(getattr(context.module, "NEEDS_DONORS", 0)))
    todo = [(name, context) for context in alone_first for name in applicable(context)]
    found = map_tasks(_checked, todo, jobs=study.jobs, forked=True)
    rows = []
    for context in contexts:
        records = [item for (_, challenged), item in zip(todo, found, strict=True) if challenged is context]
        study.store.write_checks(context.outcome, records)
        rows += [
            (context.label, item["label"], item["status"], item["sentence"], item["recommendation"])
            for item in records
        ]
        rows += [
            (context.label, available()[name].LABEL, "not applicable", why, "")
            for name, why in not_applicable(context).items()
        ]
    _write_placebos(study)
    return study.store.write_table("checks", pd.DataFrame(rows, columns=COLUMNS))


def _context(study: Study, measurements: pd.DataFrame, level: float, outcome: Outcome) -> CheckContext:
    """The outcome's estimate, made again, and what its checks may ask for."""
    panel, effect = estimate_one(study, outcome, measurements, level)
    module = module_for(outcome, panel)
    options = estimator_options(study.case, outcome, set(module.estimate.__kwdefaults__ or {}))
    return CheckContext(
        study.case.slug, outcome.id, outcome.label, panel, module.NAME, options, effect, study.case,
        _negative_controls(study, outcome, measurements),
    )  # fmt: skip


def _checked(task: tuple[str, CheckContext]) -> dict[str, Any]:
    """What a check found, as it is written."""
    name, context = task
    return check_record(run_check(name, context), available()[name].LABEL)


def _negative_controls(study: Study, outcome: Outcome, measurements: pd.DataFrame) -> dict[str, Panel]:
    """Panels of the outcomes that the case says the event cannot have moved."""
    named = [study.case.outcome(name) for name in outcome.negative_controls]
    return {item.label: build_panel(study.case, item, measurements) for item in named}


def _write_placebos(study: Study) -> None:
    """The placebo cloud of each outcome in one table, for the figure."""
    parts = [
        pd.DataFrame(record["table"]).assign(outcome=outcome.id)
        for outcome in study.case.outcomes
        for record in study.store.checks(outcome.id)
        if record["check"] == "placebo_in_space" and record["table"]
    ]
    if parts:
        study.store.write_table("placebo_space", pd.concat(parts, ignore_index=True))


def weights_of(study: Study) -> pd.DataFrame:
    """Donor weights of every outcome that has them, written as tables/weights.csv."""
    rows = [
        {"outcome": name, "unit": unit, "weight": weight}
        for name in study.store.outcomes
        for unit, weight in (study.store.effect(name).get("diagnostics", {}).get("weights") or {}).items()
    ]
    return study.store.write_table("weights", pd.DataFrame(rows, columns=["outcome", "unit", "weight"]))
