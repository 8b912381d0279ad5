"""Tables of journeys: how fast, how far, where the time goes, at weekends, in private; before and after the exit.

Every interval comes from the weekly sums of the cases' influences (``inference.weekly_clusters``). A row that would
rest on fewer than ``smallest`` cases in either period is left out; ``attrs["left_out"]`` of each table counts them.
A stage that the log does not have has no row: it is not zero. Hours are those of the case's clock.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from analysis.core.case_service import Care
from analysis.inference import cumulative_incidence as curves
from analysis.inference.weekly_clusters import WeeklyClusters, WeeklyEstimate
from analysis.service.journeys import (
    COMPETED,
    HAPPENED,
    MEASURES,
    PERIODS,
    SMALLEST,
    STAGES,
    Journeys,
    Paired,
    logit_bounds,
    means,
    medians,
    on_calendar,
    paired,
    prepare,
    ratios,
    restricted_means,
    shares_within,
    time_to,
    within_shares,
)

LEVEL = 0.95
POINTS = 49  # of an incidence curve, from 0 to the horizon
NINE_IN_TEN = 0.9

INCIDENCE = ("period", "cause", "hours", "incidence", "lower", "upper", "n")
SHARES = ("step", "n_before", "n_after")
CHANGE = ("change", "change_lower", "change_upper", "p_value")


def journey_tables(
    journeys: pd.DataFrame,
    before: np.ndarray,
    after: np.ndarray,
    care: Care,
    cut: pd.Timestamp,
    *,
    smallest: int = SMALLEST,
    level: float = LEVEL,
) -> Mapping[str, pd.DataFrame]:
    """All tables of this module by name; see ``journeys.prepare`` for the input and its errors."""
    ready = prepare(journeys, before, after, care, cut)
    tables: dict[str, Callable[..., pd.DataFrame]] = {
        "response_times": response_times,
        "incidence": incidence,
        "stage_times": stage_times,
        "funnel": funnel,
        "private_share": private_share,
    }
    made = {name: make(ready, smallest=smallest, level=level) for name, make in tables.items()}
    return made | {"weekends": weekends(on_calendar(ready, care), smallest=smallest, level=level)}


def response_times(journeys: Journeys, *, smallest: int = SMALLEST, level: float = LEVEL) -> pd.DataFrame:
    """Times to the first response, the take-charge message and the outcome; one row each.

    Of all cases, an abandoned one counting as never reached: median, 90th percentile (both missing where so many were
    not reached), mean up to the horizon, share within the target. ``median_change`` is relative (after / before - 1),
    ``mean_change`` in hours, ``target_change`` a difference of shares; each with its bounds and p-value.
    """
    after, counts = journeys.after, _counts(journeys.after)
    measures = [name for name in MEASURES if name in journeys.hours]
    if not measures or not _enough(after, smallest):
        return _left_out(len(measures), ("measure", "n_before", "n_after"))
    clusters, rows = journeys.clusters(), []
    for measure in measures:
        before_after = [time_to(journeys, measure, after == side) for _, side in PERIODS]
        found = {
            "median": medians(after, before_after),
            "mean": restricted_means(after, before_after, journeys.horizon),
            "target": shares_within(after, before_after, journeys.target),
        }
        row = {"measure": measure} | counts
        for curve, (period, _) in zip(before_after, PERIODS, strict=True):
            row[f"p90_{period}"] = curves.time_quantile(curve, HAPPENED, NINE_IN_TEN)
        for name, statistic in found.items():
            shown = np.exp(statistic.value) if name == "median" else statistic.value
            row |= {f"{name}_{period}": shown[side, 0] for side, (period, _) in enumerate(PERIODS)}
            row |= _change(statistic.change(clusters, level), f"{name}_", relative=name == "median")
        rows.append(row)
    return _counted(rows)


def incidence(journeys: Journeys, *, smallest: int = SMALLEST, level: float = LEVEL) -> pd.DataFrame:
    """Share of the cases with an outcome, and abandoned, within so many hours: a row a period, cause and hour.

    Bounds are pointwise, on the logit scale; missing where no case or every case has come to it.
    """
    after, counts, hours = journeys.after, _counts(journeys.after), np.linspace(0.0, journeys.horizon, POINTS)
    causes = {name: cause for name, cause in (("outcome", HAPPENED), ("abandoned", COMPETED)) if name in journeys.hours}
    if "outcome" not in causes or not _enough(after, smallest):
        return _left_out(len(PERIODS) * len(causes) if "outcome" in causes else 0, INCIDENCE)
    both = [time_to(journeys, "outcome", after == side) for _, side in PERIODS]
    clusters, parts = journeys.clusters(), []
    for name, cause in causes.items():
        found = [(curves.incidence_at(c, cause, hours), curves.incidence_influence(c, cause, hours)) for c in both]
        shares = paired(after, *found)
        for side, (period, _) in enumerate(PERIODS):
            lower, upper = logit_bounds(shares, side, period, clusters, level)
            columns = {"period": period, "cause": name, "hours": hours, "incidence": shares.value[side]}
            parts.append(pd.DataFrame(columns | {"lower": lower, "upper": upper, "n": counts[f"n_{period}"]}))
    table = pd.concat(parts, ignore_index=True)
    table.attrs["left_out"] = 0
    return table


def stage_times(journeys: Journeys, *, smallest: int = SMALLEST, level: float = LEVEL) -> pd.DataFrame:
    """Where a case's time goes within the horizon: mean hours a stage, and the stage's share of the total.

    Of cases followed for the whole horizon. The time up to a step belongs to the stage that ends in it, so a step that
    a case skips takes no time; a case still waiting (or abandoned) waits in the stage that most cases of its channel
    enter from there. ``change`` is the difference of the shares.
    """
    steps = [name for name in STAGES if name in journeys.hours]
    whole, after = journeys.whole, journeys.after[journeys.whole]
    if not steps or not _enough(after, smallest):
        return _left_out(len(steps), ("stage", "start", "end", "n_before", "n_after"))
    spent = _hours_by_stage(journeys, steps)[whole]
    hours = means(after, spent).value
    shares = ratios(after, spent, spent.sum(axis=1))
    change, rows = shares.change(journeys.clusters(whole), level), []
    for item, (start, end) in enumerate(zip(["signal", *steps], steps, strict=False)):
        row = {"stage": f"{start}_to_{end}", "start": start, "end": end} | _counts(after)
        for side, (period, _) in enumerate(PERIODS):
            row |= {f"hours_{period}": hours[side, item], f"share_{period}": shares.value[side, item]}
        rows.append(row | _change(change, "", item=item))
    return _counted(rows)


def _hours_by_stage(journeys: Journeys, steps: list[str]) -> np.ndarray:
    """Hours (n, steps) of each case in the stage that ends in each step, up to the horizon."""
    n, horizon = len(journeys.after), journeys.horizon
    moments = np.column_stack([np.zeros(n)] + [journeys.hours[name] for name in steps])
    reached = moments <= horizon
    # Steps out of order take no time: the case was already further.
    progress = np.maximum.accumulate(np.where(reached, moments, 0.0), axis=1)
    spent = np.diff(progress, axis=1)
    abandoned = journeys.hours.get("abandoned")
    end = np.full(n, horizon) if abandoned is None else np.fmin(abandoned, horizon)
    position = np.arange(len(steps) + 1)
    last = np.where(reached, position, 0).max(axis=1)
    waiting = last < len(steps)
    target = np.minimum(last + 1, len(steps))
    for rows in journeys.frame.groupby("channel", sort=False).indices.values():
        for step in position[:-1]:
            onward = np.where(reached[rows, step + 1 :], position[step + 1 :], len(position)).min(axis=1)
            onward = onward[reached[rows, step] & (onward < len(position))]
            if len(onward):
                target[rows[last[rows] == step]] = np.bincount(onward).argmax()
    left = np.maximum(end - progress[:, -1], 0.0)
    spent[np.flatnonzero(waiting), target[waiting] - 1] += left[waiting]
    return spent


def funnel(journeys: Journeys, *, smallest: int = SMALLEST, level: float = LEVEL) -> pd.DataFrame:
    """Shares of the cases with a first response, a take-charge and an outcome message within the horizon; a row each.

    Of all cases, those not followed that far censored: the last row is where the curves of ``incidence`` end. Bounds of
    the shares on the logit scale.
    """
    steps, after = [name for name in MEASURES if name in journeys.hours], journeys.after
    if not steps or not _enough(after, smallest):
        return _left_out(len(steps), SHARES)
    clusters, rows = journeys.clusters(), []
    for step in steps:
        both = [time_to(journeys, step, after == side) for _, side in PERIODS]
        rows.append(_share_row(step, shares_within(after, both, journeys.horizon), after, clusters, level))
    return _counted(rows)


def private_share(journeys: Journeys, *, smallest: int = SMALLEST, level: float = LEVEL) -> pd.DataFrame:
    """Share of the cases that start in private or are asked to continue there within the horizon: one row.

    Of cases followed for the whole horizon whose start is known to be public or not. No row where no start is known.
    """
    public = journeys.frame["is_public"] if "is_public" in journeys.frame else pd.Series(dtype="boolean")
    if not public.notna().any():
        return _left_out(0, SHARES)
    asked = journeys.reached("private_request") if "private_request" in journeys.hours else False
    known = public.notna().to_numpy() | asked
    private = ~public.astype("boolean").fillna(True).to_numpy(dtype=bool) | asked
    kept = journeys.whole & known
    if not _enough(journeys.after[kept], smallest):
        return _left_out(1, SHARES)
    shares = means(journeys.after[kept], private[kept])
    return _counted([_share_row("private", shares, journeys.after[kept], journeys.clusters(kept), level)])


def weekends(journeys: Journeys, *, smallest: int = SMALLEST, level: float = LEVEL) -> pd.DataFrame:
    """First response to signals on weekdays and at weekends, and how much more the weekend changed.

    Rows weekday, weekend and interaction (weekend's ratio of medians over weekdays', minus one). ``contacts`` are the
    shares of all cases. Give cases on the calendar clock: a desk's own clock stands still at weekends.
    """
    after, weekend = journeys.after, journeys.weekend
    columns = ("day", "n_before", "n_after")
    if "first_response" not in journeys.hours:
        return _left_out(0, columns)
    days = {
        name: kept for name, kept in (("weekday", ~weekend), ("weekend", weekend)) if _enough(after[kept], smallest)
    }
    if not days:
        return _left_out(3, columns)
    contacts = means(after, np.column_stack([days[name] for name in days]))
    contacts_change = contacts.change(journeys.clusters(), level)
    rows, middles = [], []
    for item, (name, kept) in enumerate(days.items()):
        both = [time_to(journeys, "first_response", kept & (after == side)) for _, side in PERIODS]
        middle = medians(after[kept], both)
        row = {"day": name} | _counts(after[kept])
        for side, (period, _) in enumerate(PERIODS):
            row |= {f"contacts_{period}": contacts.value[side, item], f"median_{period}": np.exp(middle.value[side, 0])}
        row |= _change(contacts_change, "contacts_", item=item)
        rows.append(row | _change(middle.change(journeys.clusters(kept), level), "median_", relative=True))
        middles.append(middle)
    if len(days) == 2:
        change = _difference(journeys, list(days.values()), middles, level)
        rows.append({"day": "interaction"} | _counts(after) | _change(change, "median_", relative=True))
    return _counted(rows, left_out=3 - len(rows))


def _difference(journeys: Journeys, members: list[np.ndarray], both: list[Paired], level: float) -> WeeklyEstimate:
    """How much more the second statistic changed than the first, each of its own cases."""
    n = len(journeys.after)
    influence, weight = np.zeros((n, 1)), np.zeros(n)
    for sign, kept, statistic in zip((-1, 1), members, both, strict=True):
        influence[kept] = sign * statistic.influence
        sizes = np.bincount(journeys.after[kept], minlength=2)
        weight[kept] = 1 / sizes[journeys.after[kept].astype(int)] ** 2.0
    with np.errstate(invalid="ignore"):  # the logarithm of zero
        value = both[1].value - both[0].value
    return Paired(value, influence).change(journeys.clusters(weight=weight), level)


def _share_row(step: str, shares: Paired, after: np.ndarray, clusters: WeeklyClusters, level: float) -> dict:
    """The shares before and after with their bounds, and their difference."""
    row = {"step": step} | _counts(after)
    for side, (period, _) in enumerate(PERIODS):
        lower, upper = logit_bounds(shares, side, period, clusters, level)
        row |= {f"share_{period}": shares.value[side, 0], f"share_{period}_lower": lower[0]}
        row[f"share_{period}_upper"] = upper[0]
    change = _change(shares.change(clusters, level), "")
    bounds = within_shares([change["change_lower"], change["change_upper"]], row, "share_")
    return row | change | dict(zip(("change_lower", "change_upper"), bounds, strict=True))


def _change(estimate: WeeklyEstimate, prefix: str, *, item: int = 0, relative: bool = False) -> dict[str, float]:
    values = [bound[item] for bound in (estimate.point, estimate.lower, estimate.upper)]
    if relative:
        values = [float(np.expm1(value)) for value in values]
    return {f"{prefix}{name}": value for name, value in zip(CHANGE, [*values, estimate.p_value[item]], strict=True)}


def _counts(after: np.ndarray) -> dict[str, int]:
    return {"n_before": int((~after).sum()), "n_after": int(after.sum())}


def _enough(after: np.ndarray, smallest: int) -> bool:
    return min(_counts(after).values()) >= max(smallest, 1)


def _counted(rows: list[dict], left_out: int = 0) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    table.attrs["left_out"] = left_out
    return table


def _left_out(rows: int, columns: tuple[str, ...]) -> pd.DataFrame:
    """No row at all, and how many too few cases would have stood behind."""
    table = pd.DataFrame(columns=columns)
    table.attrs["left_out"] = rows
    return table
