"""Notebook 04 and the plan: from contacts that moved to agents, service level and the chance of missing the target."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.core.case import StudyWindows, channel_label
from analysis.core.case_service import Staffing
from analysis.core.seeds import generator_for
from analysis.pipeline.service_volume import contacts_of
from analysis.pipeline.study import Study
from analysis.service.counterfactual import Counterfactual
from analysis.service.staffing import SLACK, DeskStaffing, service_level_curve, staff_desks, staffing_table
from analysis.service.staffing_scenarios import scenario_table

LEVEL = 0.95
WITHOUT, WITH = "without", "with"
USUAL_WEEKS = 52
WEEK = 7  # days
PLAN_DRAWS = 1000


def weekly_volumes(study: Study, gone: Counterfactual) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Weekly contacts by receiving channel without the exit (draws,) and with it (one number each)."""
    per_week = 1 if study.case.frequency == "week" else 7
    expected = gone.draws.mean(axis=1) * per_week
    observed = gone.observed.mean(axis=0) * per_week
    without = {name: expected[:, item] for item, name in enumerate(gone.receiving, start=1)}
    return without, {name: np.array(observed[item]) for item, name in enumerate(gone.receiving)}


def single_weeks(study: Study, gone: Counterfactual) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Contacts of one week a draw by receiving channel, without the exit and with it, each (draws,).

    The draws take the weeks after the exit in turn, the same week in every channel and on both sides: so what varies is
    the volume without the exit and from week to week. Daily cases: whole weeks from the event on; the average week
    where there is none.
    """
    expected, observed = gone.draws[:, :, 1:], gone.observed
    if study.case.frequency != "week":
        place = np.asarray((gone.index - gone.index[0]).days) // WEEK
        whole = [week for week in np.unique(place) if (place == week).sum() == WEEK]
        rows = [place == week for week in whole] or [np.ones(len(place), dtype=bool)]
        expected = np.stack([expected[:, kept].mean(axis=1) * WEEK for kept in rows], axis=1)
        observed = np.stack([observed[kept].mean(axis=0) * WEEK for kept in rows])
    turn = np.arange(len(expected)) % len(observed)
    calm, pressed = expected[np.arange(len(expected)), turn], observed[turn]
    return tuple({name: week[:, item] for item, name in enumerate(gone.receiving)} for week in (calm, pressed))


def _desks(staffing: Staffing, channels: Mapping[str, object]) -> Staffing | None:
    """The desks whose channel has volumes; none of them, nothing to staff."""
    kept = tuple(desk for desk in staffing.desks if desk.channel in channels)
    return staffing.model_copy(update={"desks": kept}) if kept else None


def staffing(study: Study, gone: Counterfactual | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Agents by desk without and with the exit, written as tables/staffing.csv, all desks together in
    tables/staffing_total.csv.

    Agents with the exit are those that the contacts seen need: one number, without bounds. None where the case declares
    no desk or no exit to follow.
    """
    plan = study.case.staffing
    if gone is None or plan is None or study.case.diversion.opened:
        return None
    without, with_exit = weekly_volumes(study, gone)
    desks = _desks(plan, without)
    if desks is None:
        return None
    staffed = staff_desks(desks, without, with_exit, single_weeks(study, gone))
    table = staffing_table(staffed, hire_weeks=plan.hire_weeks, level=level)
    seen = [f"{name}_{end}" for name in ("agents_with", "occupancy_with") for end in ("lower", "upper")]
    table = table.drop(columns=seen)
    table.insert(1, "label", [channel_label(study.case, name) for name in table["channel"]])
    study.store.write_table("staffing_total", _total(staffed, level))
    return study.store.write_table("staffing", table)


def _total(found: list[DeskStaffing], level: float) -> pd.DataFrame:
    """All desks together, summed draw by draw: the sum of the desks' bounds would be too wide."""
    sums = {
        "agents_without": sum(item.agents_without for item in found),
        "agents_change": sum(item.agents_change for item in found),
    }
    missed = {
        "breach_probability": np.any([item.service_level_kept < _goal(item) for item in found], axis=0),
        "breach_probability_without": np.any([item.service_level_today < _goal(item) for item in found], axis=0),
    }
    row: dict[str, float] = {"desks": len(found), "agents_today": sum(item.today for item in found)}
    row["agents_with"] = float(np.mean(sum(item.agents_with for item in found)))
    for name, draws in sums.items():
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
        row |= {name: float(draws.mean()), f"{name}_lower": low, f"{name}_upper": high}
    return pd.DataFrame([row | {name: float(draws.mean()) for name, draws in missed.items()}]).assign(level=level)


def _goal(found: DeskStaffing) -> float:
    return found.desk.service_level - SLACK


def service_level(study: Study, gone: Counterfactual | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Service level against agents of the desk pressed most, written as tables/service_level_curve.csv."""
    table = study.store.table("staffing")
    if gone is None or table is None or study.case.staffing is None:
        return None
    without, with_exit = weekly_volumes(study, gone)
    pressed = table.loc[table["agents_change"].idxmax(), "channel"]
    desk = next(item for item in study.case.staffing.desks if item.channel == pressed)
    volumes = {WITHOUT: without[pressed], WITH: np.atleast_1d(with_exit[pressed])}
    curve = service_level_curve(desk, volumes, level=level)
    curve.insert(0, "channel", pressed)
    curve.insert(1, "label", channel_label(study.case, pressed))
    return study.store.write_table("service_level_curve", curve)


def planned_staffing(study: Study, measurements: pd.DataFrame) -> pd.DataFrame | None:
    """Before an exit: agents for low, central and high diversion, from contacts before the event alone.

    Weekly contacts are drawn from the last year of weeks before the event, all channels of a week together; what is
    recaptured spreads over the desks in proportion to their size. None where the case declares no desks or no exit.
    """
    case, plan = study.case, study.case.staffing
    if plan is None or case.diversion is None or not case.diversion.exited:
        return None
    windows: StudyWindows = case.diversion.windows or case.windows
    names = (*case.diversion.exited, *case.diversion.receiving)
    series = {name: contacts_of(study, measurements, case.diversion.metric, name) for name in names}
    frame = pd.DataFrame(series)
    frame = frame[frame.index <= pd.Timestamp(windows.pre_last)].dropna()
    per_week = 1 if case.frequency == "week" else 7
    frame = frame.rolling(per_week).sum().dropna().iloc[::-per_week].head(USUAL_WEEKS) if per_week > 1 else (
        frame.tail(USUAL_WEEKS)
    )  # fmt: skip
    desks = _desks(plan, {name: None for name in case.diversion.receiving})
    if desks is None or frame.empty:
        return None
    picked = generator_for(case.slug, "planned staffing").integers(0, len(frame), PLAN_DRAWS)
    drawn = frame.to_numpy(dtype=float)[picked]
    volumes = dict(zip(names, drawn.T, strict=True))
    size = {name: frame[name].mean() for name in case.diversion.receiving}
    shares = {desk.channel: size[desk.channel] / sum(size.values()) for desk in desks.desks}
    exited = drawn[:, : len(case.diversion.exited)].sum(axis=1)
    table = scenario_table(desks, volumes, exited, shares, exit_date=windows.event)
    labels = {"all": "All desks"}
    table.insert(2, "label", [labels.get(name) or channel_label(case, name) for name in table["channel"]])
    return table


def planned_text(table: pd.DataFrame | None) -> str:
    """The scenarios as a reader sees them in a terminal, one line each for all desks together."""
    if table is None:
        return ""
    lines = ["", "Agents to hire for all desks, were the exit to happen as planned"]
    for row in table[table["channel"] == "all"].itertuples():
        start = f", start by {row.start_by:%Y-%m-%d}" if pd.notna(row.start_by) else ""
        lines.append(
            f"  {row.scenario:<8} {row.recapture:.0%} recaptured: {row.extra:+.0f} "
            f"({row.extra_lower:+.0f} to {row.extra_upper:+.0f}) on {row.agents_without:.0f}{start}"
        )
    return "\n".join(lines)
