"""Journeys of cases, before and after the exit: who is followed for how long, and what is counted as reached.

Two rules keep the periods comparable. A case of the period before is followed only to the end of that period (the end
of the day of its last signal): what the exit, its announcement or the weeks left out did to a case still open is not
counted as how people were served before. A case of the period after is followed to the end of the log. What had not
happened by then is censored, not missing and not never; where a share or a mean is taken without a model of the
censoring, only cases count whose whole horizon was followed, in both periods alike.

A case that its customer abandoned was never answered: abandonment is a competing event, not the end of observation,
or driving customers away would look like serving the others fast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from analysis.core.case_service import Care, Clock
from analysis.core.errors import DesignError
from analysis.inference import cumulative_incidence as curves
from analysis.inference.cumulative_incidence import Incidence, cumulative_incidence
from analysis.inference.weekly_clusters import (
    Part,
    WeeklyClusters,
    WeeklyEstimate,
    weekly_clusters,
    weekly_estimate,
)
from analysis.service.clock import elapsed_hours, instants, local_days, weekdays_of, weeks_of

SMALLEST = 10  # fewest cases a published number may come from
STAGES = ("private_request", "pool", "taken_in_charge", "outcome")
BRAND_ACTS = ("private_request", "taken_in_charge", "outcome")
MEASURES = ("first_response", "taken_in_charge", "outcome")
PERIODS = (("before", False), ("after", True))
SATURDAY = 5
HAPPENED, COMPETED = 1, 2  # causes: the event asked about, abandonment before it


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """The n cases compared, by row: hours from the signal on the case's clock, missing where not seen in time.

    ``after`` (n,) which period; ``week`` (n,) and ``day`` (n,) of the signal (local, since 1970); ``hour`` (n,) of the
    local day; ``followed`` (n,) hours of follow-up; ``hours`` by event: first_response, the stages, abandoned; only
    events that the log has. ``frame`` the cases themselves, ``horizon`` hours, ``target`` hours.
    """

    frame: pd.DataFrame
    after: np.ndarray
    week: np.ndarray
    day: np.ndarray
    hour: np.ndarray
    followed: np.ndarray
    hours: Mapping[str, np.ndarray]
    clock: Clock
    horizon: float
    target: float
    limits: tuple[pd.Timestamp, pd.Timestamp]

    @property
    def weekend(self) -> np.ndarray:
        return weekdays_of(self.day) >= SATURDAY

    @property
    def whole(self) -> np.ndarray:
        """Cases whose whole horizon was followed (n,)."""
        return self.followed >= self.horizon

    def reached(self, event: str) -> np.ndarray:
        """Whether ``event`` happened within the horizon (n,); use it where ``whole``."""
        return self.hours[event] <= self.horizon

    def clusters(self, kept: np.ndarray | None = None, weight: np.ndarray | None = None) -> WeeklyClusters:
        kept = np.ones(len(self.after), dtype=bool) if kept is None else kept
        return weekly_clusters(self.week[kept], self.after[kept], None if weight is None else weight[kept])


def prepare(journeys: pd.DataFrame, before: np.ndarray, after: np.ndarray, care: Care, cut: pd.Timestamp) -> Journeys:
    """The cases of the two periods with their hours and follow-up.

    ``journeys``: one row a case with signal, the stages, abandoned (moments with the case's time zone). ``before`` and
    ``after`` mark rows by the moment of their signal; ``cut`` is the end of the log. Raises DesignError for periods
    that overlap or are empty, signals after the end of the log, or events before their case's signal.
    """
    before, after = np.asarray(before, dtype=bool), np.asarray(after, dtype=bool)
    _require_periods(journeys, before, after, cut)
    frame = journeys[before | after].reset_index(drop=True)
    later = after[before | after]
    last = frame.loc[~later, "signal"].max()
    limits = last.normalize() + pd.DateOffset(days=1), cut.tz_convert(last.tz)
    limit = pd.Series(pd.DatetimeIndex(limits)[later.astype(int)])
    seen = {name: _seen(frame, name, limit) for name in (*STAGES, "abandoned")}
    seen = {name: moments for name, moments in seen.items() if moments is not None}
    hours = {name: _since_signal(frame["signal"], moments, care.clock) for name, moments in seen.items()}
    acts = [hours[name] for name in BRAND_ACTS if name in hours]
    if acts:
        # The earliest of the brand's acts: a case that is solved in the first answer has no other message.
        hours["first_response"] = np.fmin.reduce(acts)
    days = local_days(frame["signal"])
    return Journeys(
        frame=frame,
        after=later,
        week=weeks_of(days),
        day=days,
        hour=frame["signal"].dt.hour.to_numpy(),
        followed=elapsed_hours(frame["signal"], limit, care.clock),
        hours=MappingProxyType(hours),
        clock=care.clock,
        horizon=care.horizon_hours,
        target=care.target_minutes / 60,
        limits=limits,
    )


def on_calendar(journeys: Journeys, care: Care) -> Journeys:
    """The same cases on the clock of the calendar, for what a clock that rests at weekends cannot show."""
    if journeys.clock.kind == "calendar":
        return journeys
    frame, later = journeys.frame, journeys.after
    start, end = journeys.limits
    return prepare(frame, ~later, later, care.model_copy(update={"clock": Clock()}), end.tz_convert(start.tz))


def _require_periods(journeys: pd.DataFrame, before: np.ndarray, after: np.ndarray, cut: pd.Timestamp) -> None:
    where = "journeys"
    if (before & after).any():
        raise DesignError(
            f"{int((before & after).sum())} cases lie both before and after the exit",
            where=where,
            cure="give windows that do not overlap",
        )
    for name, rows in (("before", before), ("after", after)):
        if not rows.any():
            raise DesignError(f"there is no case {name} the exit", where=where, cure="widen the windows")
    late = int((journeys.loc[before | after, "signal"] > cut).sum())
    if late:
        raise DesignError(
            f"{late} cases start after the end of the log ({cut})", where=where, cure="give the log's own end"
        )


def _seen(frame: pd.DataFrame, name: str, limit: pd.Series) -> pd.Series | None:
    """The moments of an event up to each case's limit; None for an event that the log does not have."""
    if name not in frame or frame[name].isna().all():
        return None
    return frame[name].where(frame[name] <= limit)


def _since_signal(signal: pd.Series, moments: pd.Series, clock: Clock) -> np.ndarray:
    early = int((instants(moments) < instants(signal)).sum())
    if early:
        raise DesignError(
            f'{early} cases have "{moments.name}" before their signal',
            where=f"journeys, {moments.name}",
            cure="repair the order of events when the log is read, or leave these cases out",
        )
    return elapsed_hours(signal, moments, clock)


def waits(journeys: Journeys, event: str, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hours until ``event``, abandonment or the end of follow-up, whichever is first, and which it was (0: the last).

    ``kept``: rows of the cases wanted, a mask or positions.
    """
    happened = np.nan_to_num(journeys.hours[event][kept], nan=np.inf)
    abandoned = journeys.hours.get("abandoned")
    left = np.full(len(happened), np.inf) if abandoned is None else np.nan_to_num(abandoned[kept], nan=np.inf)
    first, cause = np.minimum(happened, left), np.where(happened <= left, HAPPENED, COMPETED)
    ended = np.isfinite(first)
    return np.where(ended, first, journeys.followed[kept]), np.where(ended, cause, 0)


def time_to(journeys: Journeys, event: str, kept: np.ndarray) -> Incidence:
    """Curves of the time to ``event`` of the cases ``kept``, abandonment before it competing."""
    return cumulative_incidence(*waits(journeys, event, kept))


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """A statistic before and after, (2, q), and each case's influence on that of its own period (n, q)."""

    value: np.ndarray
    influence: np.ndarray

    def change(self, clusters: WeeklyClusters, level: float) -> WeeklyEstimate:
        with np.errstate(invalid="ignore"):  # the logarithm of zero before and after: no ratio
            difference = self.value[1] - self.value[0]
        return weekly_estimate(clusters, difference, self.influence, level=level)

    def of(self, part: Part, clusters: WeeklyClusters, level: float) -> WeeklyEstimate:
        return weekly_estimate(clusters, self.value[int(part == "after")], self.influence, part=part, level=level)


def paired(after: np.ndarray, *parts: tuple[np.ndarray, np.ndarray]) -> Paired:
    """``parts``: value (q,) and influences (cases of the period, q), of the period before, then after."""
    values = np.stack([np.atleast_1d(np.asarray(value, dtype=float)) for value, _ in parts])
    influence = np.empty((len(after), values.shape[1]))
    for (_, side), (_, own) in zip(PERIODS, parts, strict=True):
        influence[after == side] = np.asarray(own, dtype=float).reshape(-1, values.shape[1])
    return Paired(values, influence)


def means(after: np.ndarray, values: np.ndarray) -> Paired:
    """Means before and after of ``values`` (n,) or (n, q)."""
    columns = np.asarray(values, dtype=float).reshape(len(after), -1)
    parts = []
    for _, side in PERIODS:
        own = columns[after == side]
        parts.append((own.mean(axis=0), (own - own.mean(axis=0)) / len(own)))
    return paired(after, *parts)


def ratios(after: np.ndarray, parts: np.ndarray, whole: np.ndarray) -> Paired:
    """Sums of ``parts`` (n, q) over the sum of ``whole`` (n,), before and after."""
    found = []
    for _, side in PERIODS:
        own, total = parts[after == side], whole[after == side]
        share = own.sum(axis=0) / total.sum()
        found.append((share, (own - share * total[:, None]) / total.sum()))
    return paired(after, *found)


def medians(after: np.ndarray, both: list[Incidence]) -> Paired:
    """Logarithms of the medians: their change is that of the ratio, and an interval keeps it positive."""
    with np.errstate(divide="ignore"):
        values = [np.log(curves.time_quantile(curve, HAPPENED, 0.5)) for curve in both]
    return paired(
        after,
        *((value, curves.log_quantile_influence(c, HAPPENED, 0.5)) for value, c in zip(values, both, strict=True)),
    )


def restricted_means(after: np.ndarray, both: list[Incidence], horizon: float) -> Paired:
    """Mean hours up to the horizon, a case without the event counting as the horizon."""
    parts = [
        (horizon - curves.time_lost(curve, HAPPENED, horizon), -curves.time_lost_influence(curve, HAPPENED, horizon))
        for curve in both
    ]
    return paired(after, *parts)


def shares_within(after: np.ndarray, both: list[Incidence], hours: float) -> Paired:
    """Share of the cases with the event within ``hours``."""
    at = np.array([hours])
    return paired(
        after,
        *((curves.incidence_at(c, HAPPENED, at), curves.incidence_influence(c, HAPPENED, at)) for c in both),
    )


def logit_bounds(
    shares: Paired, side: int, period: Part, clusters: WeeklyClusters, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (q,) of the shares of one period, on the logit scale: within 0 and 1; missing for shares of 0 or 1.

    A share of 0 or 1 in the other period, whose cases do not vary, takes nothing away.
    """
    inner = (shares.value > 0) & (shares.value < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = np.log(shares.value / (1 - shares.value))
        slope = np.where(inner, 1 / (shares.value * (1 - shares.value)), 0.0)
        influence = shares.influence * slope[clusters.after[clusters.row].astype(int)]
    estimate = Paired(logits, influence).of(period, clusters, level)
    return tuple(1 / (1 + np.exp(-bound)) for bound in (estimate.lower, estimate.upper))


def within_shares(change: Sequence[float], row: Mapping[str, float], stem: str = "") -> tuple[float, float]:
    """Bounds of a ``change`` of shares (lower, upper), cut where the shares of the ``row`` themselves end.

    ``row``: under ``stem`` + before and after the shares, under ``_lower`` and ``_upper`` their bounds; a share stands
    for bounds that are missing. A change is at least minus what was before and at most what is after, and so for the
    rest of the cases. Zero lies within as it did: the p-value stands.
    """

    def end(period: str, bound: str) -> float:
        value = row[f"{stem}{period}_{bound}"]
        return row[f"{stem}{period}"] if np.isnan(value) else value

    least = max(-end("before", "upper"), end("after", "lower") - 1)
    most = min(end("after", "upper"), 1 - end("before", "lower"))
    return np.maximum(change[0], least + 0.0), np.minimum(change[1], most + 0.0)
