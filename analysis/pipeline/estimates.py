"""Notebooks 02, 03, 04 and 06: panels built, donors chosen, effects estimated and written, refusals recorded."""

from collections.abc import Iterable
from functools import partial
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from analysis.checks import CheckContext
from analysis.core.assembly import build_panel, candidates_of, donor_table
from analysis.core.case import Outcome
from analysis.core.discovery import pick
from analysis.core.effect import Effect
from analysis.core.errors import DesignError
from analysis.core.hidden_periods import hidden_periods
from analysis.core.panel import Panel
from analysis.core.privacy import COUNTS_OF_PEOPLE
from analysis.core.seeds import seed_for
from analysis.core.tasks import map_tasks
from analysis.estimators import DEFAULT, available, choose, estimate
from analysis.pipeline.calibration import calibrate
from analysis.pipeline.study import Study, estimator_options


def module_for(outcome: Outcome, panel: Panel) -> ModuleType:
    """The outcome's estimator; for "default", the one that the panel calls for."""
    name = choose(panel).estimator if outcome.estimator == DEFAULT else outcome.estimator
    return pick(available(), name, "estimator")


def _declared(outcome: Outcome) -> str:
    return DEFAULT if outcome.estimator == DEFAULT else pick(available(), outcome.estimator, "estimator").LABEL


def _chosen(outcome: Outcome, panel: Panel) -> dict[str, str]:
    """The estimator's label, why it was taken and what to keep in mind, as the design table shows them."""
    if outcome.estimator != DEFAULT:
        return {"estimator": _declared(outcome), "because": "Declared in the case file.", "warnings": ""}
    choice = choose(panel)
    label = pick(available(), choice.estimator, "estimator").LABEL
    return {"estimator": label, "because": " ".join(choice.reasons), "warnings": " ".join(choice.warnings)}


def design_of(study: Study) -> pd.DataFrame:
    """The design before any effect is seen: estimand, estimator and why, periods, donors; tables/design.csv.

    Every candidate donor of every outcome, kept or dropped with the reason, is written as tables/donors.csv.
    """
    measurements = study.store.measurements()
    parts = map_tasks(partial(_design, study, measurements), study.case.outcomes, jobs=study.jobs, forked=True)
    study.store.write_table("donors", pd.concat([donors for _, donors in parts], ignore_index=True))
    return study.store.write_table("design", pd.DataFrame([row for row, _ in parts]))


def _design(study: Study, measurements: pd.DataFrame, outcome: Outcome) -> tuple[dict[str, Any], pd.DataFrame]:
    """An outcome's row of the design, and its candidate donors."""
    found = candidates_of(study.case, outcome, measurements)
    donors = donor_table(study.case, outcome, measurements, found)
    windows = study.case.windows_of(outcome)
    row = {
        "outcome": outcome.id,
        "label": outcome.label,
        "role": outcome.role,
        "estimand": outcome.estimand,
        "estimator": _declared(outcome),
        "because": "",
        "warnings": "",
        "scale": outcome.scale,
        "first": windows.first,
        "pre_last": windows.pre_last,
        "event": windows.event,
        "last": windows.last,
        "n_pre": None,
        "n_post": None,
        "donors_kept": int(donors["kept"].sum()),
        "donors_dropped": int((~donors["kept"].astype(bool)).sum()),
        "smallest_effect": outcome.smallest_effect,
        "refused": "",
    }
    try:
        panel = build_panel(study.case, outcome, measurements, found)
        row |= {"n_pre": panel.n_pre, "n_post": panel.n_post} | _chosen(outcome, panel)
    except DesignError as error:
        row["refused"] = error.what
    return row, donors


def estimate_one(study: Study, outcome: Outcome, measurements: pd.DataFrame, level: float) -> tuple[Panel, Effect]:
    """Panel and calibrated effect of one outcome. Raises DesignError when the data cannot answer."""
    panel = build_panel(study.case, outcome, measurements)
    module = module_for(outcome, panel)
    options = estimator_options(study.case, outcome, set(signature(module.estimate).parameters))
    seed = seed_for(study.case.slug, outcome.id, outcome.estimator)
    effect = estimate(outcome.estimator, panel, seed=seed, level=level, **options)
    given = {**options, "level": level}
    return panel, calibrate(
        CheckContext(study.case.slug, outcome.id, outcome.label, panel, module.NAME, given, effect)
    )


def estimate_outcomes(study: Study, outcomes: Iterable[Outcome], level: float = 0.95) -> pd.DataFrame:
    """Estimate and write each outcome; returns what was written as one row an outcome.

    A secondary outcome that cannot be estimated is written as refused with the reason and the others go on; without
    a primary one there is no study: its DesignError is raised.
    """
    measurements = study.store.measurements()
    written = partial(_estimated, study, measurements, level)
    return pd.DataFrame(map_tasks(written, outcomes, jobs=study.jobs, forked=True))


def _estimated(study: Study, measurements: pd.DataFrame, level: float, outcome: Outcome) -> dict:
    try:
        panel, effect = estimate_one(study, outcome, measurements, level)
    except DesignError as error:
        if outcome.role == "primary":
            raise _named(outcome, error) from error
        study.store.write_refusal(outcome, error)
        return {"outcome": outcome.label, "refused": error.what, "instead": error.cure}
    hidden = hidden_in(study, outcome, measurements, effect.path.index)
    study.store.write_effect(outcome, panel, effect, module_for(outcome, panel).LABEL, hidden)
    return _row(study.store.effect(outcome.id))


def hidden_in(study: Study, outcome: Outcome, measurements: pd.DataFrame, times: pd.Index) -> list[bool]:
    """In which periods a count of people is left empty on one of the outcome's channels: the others' published counts
    would give it back from a sum. Empty for outcomes that count no people."""
    case, unit = study.case, outcome.treated or study.case.brand
    if outcome.metric not in COUNTS_OF_PEOPLE:
        return []
    mine = measurements[(measurements["unit"] == unit) & (measurements["metric"] == outcome.metric)]
    labels = [
        hidden_periods(
            case, measurements, unit=unit, metric=outcome.metric, channel=channel, aggregate=outcome.aggregate,
            missing=outcome.missing,
        )
        for channel in outcome.channels or sorted(mine["channel"].unique())
    ]  # fmt: skip
    return np.any([times.isin(item) for item in labels], axis=0).tolist()


def _named(outcome: Outcome, error: DesignError) -> DesignError:
    where = f"primary outcome {outcome.id}" + (f"; {error.where}" if error.where else "")
    return type(error)(error.what, where=where, cure=error.cure)


def _row(record: dict) -> dict:
    interval = record["interval"] or {"lower": None, "upper": None}
    relative = record["relative_interval"] or {"lower": None, "upper": None}
    return {
        "outcome": record["label"],
        "estimator": record["estimator_label"],
        "point": record["point"],
        "lower": interval["lower"],
        "upper": interval["upper"],
        "p_value": record["p_value"],
        "widened": record["diagnostics"].get("null_factor"),
        "relative": record["relative"],
        "relative_lower": relative["lower"],
        "relative_upper": relative["upper"],
    }
