"""The plan: everything decided before an effect is seen, what it could detect, and a hash to register it by.

Nothing dated on or after the event is used: measurements are cut before each outcome's event, donors are judged on
what is left, and the declared estimator is run at pretended dates inside the pre-period.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from analysis.core import artefacts
from analysis.core.assembly import build_panel, candidates_of, donor_table, panel_windows
from analysis.core.case import WEEKDAYS, Case, Outcome, StudyWindows
from analysis.core.discovery import pick
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.seeds import seed_for
from analysis.core.tasks import map_tasks
from analysis.core.windows import Windows
from analysis.estimators import DEFAULT, available, average_of, choose
from analysis.inference.power import FOUR_IN_FIVE
from analysis.pipeline.registration import AFTER_READING, changed_since_reading, registered
from analysis.pipeline.registration import register as register
from analysis.pipeline.study import Study, estimator_options

PLAN_FILE = "plan.json"
HORIZON_WEEKS = (4, 13, 26, 52)
PRETENDED_DATES, FEWEST_DATES = 4, 3
SMALLEST_PRE = 8
Found = tuple[float, float | None]  # point and standard error


def plan_of(study: Study) -> dict[str, Any]:
    """The plan as a JSON-ready mapping; deterministic, and the same whatever happened after the event."""
    case, measurements = study.case, study.store.measurements()
    declared = case.model_dump(mode="json")
    kept = ("slug", "brand", "frequency", "week_starts", "stages", "windows", "channels", "competitors", "events")
    plan = {name: declared[name] for name in (*kept, "diversion", "notebooks")}
    # Files are left out: the exports of the weeks to come are not there yet when a plan is registered.
    plan["sources"] = [
        {key: item[key] for key in item if key not in ("files", "label")} for item in declared["sources"]
    ]
    plan["family"] = [outcome.id for outcome in case.outcomes if outcome.role == "primary"]
    plan["outcomes"] = map_tasks(
        partial(_outcome_plan, study, measurements), case.outcomes, jobs=study.jobs, forked=True
    )
    if case.plan is not None:
        plan["decision"] = case.plan.model_dump(mode="json")
    return artefacts.plain(plan)


def plan_hash(plan: Mapping[str, Any]) -> str:
    """sha256 of the canonical JSON of what the plan promises."""
    return artefacts.sha256_bytes(artefacts.canonical_json(promised(plan)).encode())


def promised(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The plan without what could be detected, which follows from it."""
    outcomes = [{key: value for key, value in item.items() if key != "detectable"} for item in plan["outcomes"]]
    return {**plan, "outcomes": outcomes}


def plan_record(study: Study, *, reading: bool = False) -> dict[str, Any]:
    """Plan, hash and what was registered, written as plan.json among the study's processed files.

    With ``reading`` the effects are about to be estimated: what was planned when the data after the event were first
    read is remembered, and a plan that differs from it says so in its status and lists the fields under ``differs``.
    """
    plan = plan_of(study)
    digest = plan_hash(plan)
    first = min(windows.event for windows in map(study.case.windows_of, study.case.outcomes))
    record = {"plan": plan, "sha256": digest, **registered(study.folder.folder, digest, first)}
    if reading and (differs := changed_since_reading(study, promised(plan), digest)):
        record |= {"status": f"{AFTER_READING} ({', '.join(differs)})", "differs": differs}
    artefacts.write_json(study.layout.processed / PLAN_FILE, record)
    return record


def detectable_table(plan: Mapping[str, Any]) -> pd.DataFrame:
    """One row an outcome: what is ``detectable`` by horizon, as a share of the usual level (shares: a log return)."""
    rows = []
    for item in plan["outcomes"]:
        by_horizon = {found["horizon"]: found["detectable"] for found in item["detectable"]}
        own = next((found for found in item["detectable"] if found["own"]), {})
        row = {"outcome": item["label"], "estimator": item["estimator"], "n_pre": item["n_pre"]}
        row |= {name: by_horizon.get(name) for name in _asked(plan["frequency"]).values()}
        row |= {"the_study": own.get("detectable"), "smallest_effect": item["smallest_effect"]}
        rows.append(row | {"enough": own.get("enough"), "why_not": item["refused"] or own.get("why_not", "")})
    return pd.DataFrame(rows).astype({"enough": object})


def plan_text(record: Mapping[str, Any]) -> str:
    """The plan as a reader sees it in a terminal."""
    plan = record["plan"]
    lines = [f"Plan of {plan['slug']}: {', '.join(plan['family'])} primary", ""]
    lines += [f"{stage['date']}  {stage['label']}" for stage in plan["stages"]]
    for item in plan["outcomes"]:
        windows, dropped = item["windows"], [donor for donor in item["donors"] if not donor["kept"]]
        lines += ["", f"{item['label']} ({item['role']})", f"  estimand   {item['estimand']}"]
        lines += [f"  before     {windows['first']} to {windows['pre_last']} ({item['n_pre']} periods)"]
        lines += [f"  after      {windows['event']} to {windows['last']}"]
        lines += [f"  estimator  {item['estimator']}: {' '.join(item['because'])}"]
        lines += [f"  warning    {warning}" for warning in item["warnings"]]
        lines += [f"  donors     {len(item['donors']) - len(dropped)} kept, {len(dropped)} dropped"] * bool(
            item["donors"]
        )
        lines += [f"    dropped  {donor['unit']}: {donor['reason']}" for donor in dropped]
        lines += [f"  refused    {item['refused']}"] * bool(item["refused"])
        lines += [f"  detects    {_detected(found)}" for found in item["detectable"]]
        if item["smallest_effect"] is not None:
            lines += [f"  matters    from {item['smallest_effect']:.1%}"]
    day = f" ({record['registered']})" if record["registered"] else ""
    return "\n".join([*lines, "", f"sha256 {record['sha256']}", f"{record['status']}{day}"])


def _detected(found: Mapping[str, Any]) -> str:
    name = found["horizon"] + (" (the study's)" if found["own"] else "")
    if found["detectable"] is None:
        return f"{name}: not known, {found['why_not']}"
    return f"{name}: from {found['detectable']:.1%}"


def plan_head(record: Mapping[str, Any]) -> pd.DataFrame:
    """Hash and status of the plan, one row each."""
    rows = [("sha256", record["sha256"]), ("status", record["status"]), ("registered on", record["registered"] or "")]
    return pd.DataFrame(rows, columns=["plan", "value"])


def before_event(measurements: pd.DataFrame, case: Case, outcome: Outcome) -> pd.DataFrame:
    """The rows of the outcome's pre-period and earlier, the only ones that a plan may see."""
    windows = panel_windows(case, case.windows_of(outcome))
    end = windows.pre_last + pd.Timedelta(days=7 if case.frequency == "week" else 1)
    return measurements[measurements["date"] < end]


def _outcome_plan(study: Study, measurements: pd.DataFrame, outcome: Outcome) -> dict[str, Any]:
    case, seen = study.case, before_event(measurements, study.case, outcome)
    plan = outcome.model_dump(mode="json") | {
        "windows": case.windows_of(outcome).model_dump(mode="json"),
        "because": ["declared in the case file"],
        "warnings": [],
        "donors": [],
        "n_pre": None,
        "refused": "",
        "detectable": [],
    }
    try:
        inside = _pretended(case, outcome, seen)
        found = candidates_of(case, inside, seen)
        if outcome.donors != "none":
            plan["donors"] = donor_table(case, inside, seen, found).drop(columns="outcome").to_dict("records")
        panel = build_panel(case, inside, seen, found)
        plan["n_pre"] = len(panel.times)
        if outcome.estimator == DEFAULT:
            choice = choose(_with_event(panel, pd.Timestamp(case.windows_of(outcome).event)))
            plan |= {"estimator": choice.estimator, "because": choice.reasons, "warnings": choice.warnings}
        plan["detectable"] = [
            _at_horizon(study, outcome, plan["estimator"], panel, *item) for item in _horizons(case, outcome)
        ]
    except DesignError as error:
        plan["refused"] = error.what
    return plan


def _pretended(case: Case, outcome: Outcome, seen: pd.DataFrame) -> Outcome:
    """The outcome with windows that end where its pre-period does: its last bin plays the event."""
    windows = panel_windows(case, case.windows_of(outcome))
    event = windows.pre_last.date()
    if outcome.scale == "log_return" and len(seen):  # the last day before the event need not be a trading day
        traded = seen.loc[(seen["metric"] == outcome.metric) & (seen["date"] <= windows.pre_last), "date"]
        event = event if traded.empty else traded.max().date()
    last = event + timedelta(days=6 if case.frequency == "week" and outcome.scale != "log_return" else 0)
    inside = StudyWindows(first=windows.first.date(), pre_last=event - timedelta(days=1), event=event, last=last)
    return outcome.model_copy(update={"windows": inside})


def _with_event(panel: Panel, event: pd.Timestamp) -> Panel:
    """The pre-period whole, with one period more that stands for the event and copies the last one."""
    frame = pd.concat([panel.frame, panel.frame.iloc[[-1]].set_axis([event])])
    return replace(panel, frame=frame, windows=Windows(panel.times[0], panel.times[-1], event, event))


def _bins(case: Case, first: date, last: date, traded: bool) -> int:
    """How many bins have their label from first to last; of trading days, every weekday."""
    if traded:
        return int(np.busday_count(first, last + timedelta(days=1)))
    days = pd.date_range(first, last, freq="D")
    return int((days.day_of_week == WEEKDAYS.index(case.week_starts)).sum()) if case.frequency == "week" else len(days)


def _asked(frequency: str) -> dict[int, str]:
    """Horizons that every plan asks about, bins to name."""
    return {weeks * (1 if frequency == "week" else 7): f"{weeks} weeks" for weeks in HORIZON_WEEKS}


def _horizons(case: Case, outcome: Outcome) -> list[tuple[str, int, int, bool]]:
    """Name, length and donut in bins, whether it is the study's own; for a share's reaction there is no other."""
    windows, traded = case.windows_of(outcome), outcome.scale == "log_return"
    own = _bins(case, windows.event, windows.last, traded)
    before = panel_windows(case, windows).pre_last.date() + timedelta(days=1)
    donut = _bins(case, before, windows.event - timedelta(days=1), traded)
    unit = ("week" if case.frequency == "week" and not traded else "day") + ("s" if own > 1 else "")
    asked = {own: f"{own} {unit}"} | ({} if traded else _asked(case.frequency))
    return [(name, length, donut, length == own) for length, name in sorted(asked.items())]


def _at_horizon(
    study: Study, outcome: Outcome, estimator: str, panel: Panel, horizon: str, length: int, donut: int, own: bool
) -> dict[str, Any]:
    """What the estimator finds over ``length`` bins where nothing happened, and so what it could find."""
    module = pick(available(), estimator, "estimator")
    options = estimator_options(study.case, outcome, set(signature(module.estimate).parameters))
    seed = seed_for(study.case.slug, outcome.id, "plan")

    def pretended(windows: Windows) -> Found:
        effect = average_of(estimator, panel.with_windows(windows), seed=seed, **options)
        return effect.point, effect.standard_error

    effects, reason = _where_nothing_happened(pretended, panel, module, length, donut)
    found = {"horizon": horizon, "own": own, "pretended_dates": len(effects)}
    if len(effects) < FEWEST_DATES:
        return found | {"detectable": None, "enough": None, "why_not": reason}
    detectable, margin = _detectable(effects, panel, outcome), outcome.smallest_effect
    return found | {"detectable": detectable, "enough": None if margin is None else detectable <= margin, "why_not": ""}


def _where_nothing_happened(
    pretended: Callable[[Windows], Found], panel: Panel, module: ModuleType, length: int, donut: int
) -> tuple[list[Found], str]:
    """Effects at dates spread evenly over the pre-period, in order, or too few of them and the reason.

    Half of the pre-period is kept to fit on where it can be. Where the estimator refuses the early dates (a stage
    or a season that is not over yet), the dates are spread over the later half of what is left, and so on.
    """
    times, smallest = panel.times, getattr(module, "SMALLEST_PRE_PERIODS", SMALLEST_PRE)
    latest = len(times) - length
    earliest = donut + max(smallest, min(len(times) // 2, latest - donut - PRETENDED_DATES + 1))
    effects, reason = [], "the pre-period is too short to try so long a horizon"
    while len(effects) < FEWEST_DATES <= latest - earliest + 1:
        effects = []
        for at in np.unique(np.linspace(earliest, latest, PRETENDED_DATES).round().astype(int)):
            try:
                effects.append(pretended(Windows(times[0], times[at - donut - 1], times[at], times[at + length - 1])))
            except DesignError as error:
                reason = error.what
        earliest = (earliest + latest) // 2 + 1
    return effects, reason


def _detectable(effects: list[Found], panel: Panel, outcome: Outcome) -> float:
    """The factor of size .05 and power .8 times the spread of effects whose truth is zero (root mean square).

    Early dates are estimated from less than the study has. Where the method gives standard errors, the one at the
    latest date is therefore used, widened by as much as the effects exceed their own standard errors; few dates that
    overlap cannot show that it is too wide. Log points become a share, levels a share of the pre-period's mean.
    """
    points = np.array([point for point, _ in effects])
    errors = np.array([error or np.nan for _, error in effects])
    excess = _root_mean_square(points / errors)
    spread = errors[-1] * max(1.0, excess) if np.isfinite(excess) else _root_mean_square(points)
    smallest = FOUR_IN_FIVE * spread
    if outcome.scale == "log_return":
        return smallest
    return float(np.expm1(smallest)) if outcome.scale == "log" else smallest / _mean_before(panel)


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _mean_before(panel: Panel) -> float:
    return abs(float(panel.frame[panel.treated].mean()))
