"""From draws of weekly contacts to agents: by interval of the busiest day, with the uncertainty of the volume.

Each interval is a queue in balance at its own load (stationary, independent, period by period: Green, Kolesar and
Soares 2001, Operations Research 49(4)); several chats at once shorten the handling time of each, which never staffs
fewer than as many slots would. Deferred work (email, social) is a backlog that flows, on the customer's calendar.
Agents are people rostered for the busiest interval: on seats, plus those away (shrinkage).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.core.case_service import Desk, Staffing
from analysis.core.errors import DesignError
from analysis.inference import queueing

OCCUPANCY_GOAL = 0.85  # of a seat's time spent on deferred work: the upper planning value of practice
SLACK = 1e-9  # so that 14 / (1 - 0.3) is 20 people and not 21
CURVE = (0.2, 0.98)  # service levels between which a curve is worth drawing
CURVE_POINTS = 60

Volume = np.ndarray | float


@dataclass(frozen=True, slots=True)
class DeskStaffing:
    """What one desk needs, draw by draw: every array has shape (draws,), and draws are joint across them.

    ``today``: agents that the median volume without the exit needs. A draw's desk has the seats that its own usual
    volume without the exit needs (how many those are is as uncertain as that volume); their service level over the
    busiest day's contacts in one week: ``service_level_today`` in a week without the exit, ``service_level_kept`` in
    the same week with it; zero where the queue grows without end (``overloaded``, with the exit: in some interval more
    work than agents). ``hours_*``: paid hours of the busiest day. ``occupancy_with``: busy share of the seats that the
    volume with the exit needs.
    """

    desk: Desk
    today: int
    agents_without: np.ndarray
    agents_with: np.ndarray
    hours_without: np.ndarray
    hours_with: np.ndarray
    occupancy_with: np.ndarray
    service_level_today: np.ndarray
    service_level_kept: np.ndarray
    overloaded: np.ndarray

    @property
    def agents_change(self) -> np.ndarray:
        return self.agents_with - self.agents_without

    def breach_probability(self, service_level: np.ndarray) -> float:
        """Share of draws whose seats miss the desk's target: of one of the two service levels above."""
        return float((service_level < self.desk.service_level - SLACK).mean())


def loads(desk: Desk, volumes: np.ndarray) -> np.ndarray:
    """Erlangs by interval of the busiest day for weekly ``volumes``; shape (draws, intervals)."""
    _check(desk, volumes)
    arriving = np.multiply.outer(volumes * desk.busiest_day, desk.profile)
    return arriving * _handling(desk) / (60 * desk.interval_minutes)


def seats_needed(desk: Desk, volumes: np.ndarray) -> np.ndarray:
    """Agents on seats by interval of the busiest day; shape (draws, intervals). Whole numbers.

    Deferred desks: as many all week as clear the busiest day in time and keep occupancy within its goal.
    """
    load = loads(desk, volumes)
    if desk.model != "deferred":
        return queueing.agents_needed_each(load, service_level=desk.service_level, **_queue(desk))
    room = max(_room_in_time(desk), 1 / OCCUPANCY_GOAL)
    seats = np.ceil(volumes * room / _week_of_one_seat(desk) - SLACK).astype(int)
    return np.repeat(seats[:, None], load.shape[1], axis=1)


def scheduled(desk: Desk, seats: np.ndarray | int) -> np.ndarray:
    """People to roster so that ``seats`` are filled in spite of shrinkage; whole numbers."""
    return np.ceil(np.asarray(seats) / (1 - desk.shrinkage) - SLACK).astype(int)


def performance(desk: Desk, seats: np.ndarray, volumes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Service level and occupancy of ``seats`` (draws or 1, intervals) at weekly ``volumes``; each of shape (draws,).

    The service level is that of the busiest day's contacts, each interval counting by its contacts; a deferred
    desk has the same seats in all intervals, and its occupancy is that of the week.
    """
    load = loads(desk, volumes)
    seats = np.broadcast_to(seats, load.shape)
    if desk.model != "deferred":
        level, busy = queueing.performance(load, seats, **_queue(desk))
        return level @ np.asarray(desk.profile), busy.sum(axis=1) / np.maximum(seats.sum(axis=1), 1)
    week = seats[:, 0] * _week_of_one_seat(desk)
    room = np.divide(week, volumes, out=np.full(volumes.shape, np.inf), where=volumes > 0)
    level, finite = np.where(room < 1 - SLACK, 0.0, 1.0), np.isfinite(room) & (room >= 1 - SLACK)
    if finite.any():
        # The share in time jumps where a day is just cleared: both sides of the jump at the goal are worked out.
        nodes = np.union1d(queueing.few_nodes(room[finite]), _room_in_time(desk) * np.array([1 - SLACK, 1]))
        level[finite] = np.interp(room[finite], nodes, [_in_time(desk, max(float(node), 1.0)) for node in nodes])
    return level, 1 / np.maximum(room, 1.0)


def staff_desk(
    desk: Desk, without: Volume, with_exit: Volume, week: tuple[Volume, Volume] | None = None
) -> DeskStaffing:
    """Agents for the usual weekly contacts without and with the exit; joint draws, or a single number for what is
    known.

    ``week``: contacts of one week without and with the exit, joint with the draws, on which the seats of the usual
    volume are tried; the usual volumes themselves where it is not given. Raises DesignError for volumes that are no
    volumes and for a busiest day that cannot be the busiest.
    """
    given = (without, with_exit, *((without, with_exit) if week is None else week))
    without, with_exit, calm, pressed = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(item, float)) for item in given)
    )
    seats_without, seats_with = seats_needed(desk, without), seats_needed(desk, with_exit)
    today = seats_needed(desk, np.array([np.median(without)]))
    overloaded = ((loads(desk, pressed) >= seats_without) & (np.asarray(desk.profile) > 0)).any(axis=1)
    if desk.model == "deferred":
        overloaded = pressed * (1 - SLACK) > seats_without[:, 0] * _week_of_one_seat(desk)
    paid = desk.interval_minutes / 60 / (1 - desk.shrinkage)
    # All at once, so that queues of as many seats are solved at shared nodes.
    level, busy = performance(
        desk, np.concatenate([seats_without, seats_without, seats_with]), np.concatenate([calm, pressed, with_exit])
    )
    return DeskStaffing(
        desk=desk,
        today=int(scheduled(desk, today.max())),
        agents_without=scheduled(desk, seats_without.max(axis=1)),
        agents_with=scheduled(desk, seats_with.max(axis=1)),
        hours_without=seats_without.sum(axis=1) * paid,
        hours_with=seats_with.sum(axis=1) * paid,
        occupancy_with=busy[2 * len(without) :],
        service_level_today=level[: len(without)],
        service_level_kept=level[len(without) : 2 * len(without)],
        overloaded=overloaded,
    )


def staff_desks(
    staffing: Staffing,
    without: Mapping[str, Volume],
    with_exit: Mapping[str, Volume],
    weeks: tuple[Mapping[str, Volume], Mapping[str, Volume]] | None = None,
) -> list[DeskStaffing]:
    """``staff_desk`` for each desk, volumes by channel. Raises DesignError naming desks without contacts."""
    calm, pressed = (without, with_exit) if weeks is None else weeks
    require_contacts(staffing, without, with_exit, calm, pressed)
    return [
        staff_desk(desk, without[desk.channel], with_exit[desk.channel], (calm[desk.channel], pressed[desk.channel]))
        for desk in staffing.desks
    ]


def staffing_table(staffed: Sequence[DeskStaffing], *, hire_weeks: float, level: float = 0.95) -> pd.DataFrame:
    """One row a desk, from what ``staff_desk`` found for each.

    A quantity has three columns: its mean over the draws (so that without + change = with), ``_lower``, ``_upper``;
    bounds of agents are whole people. Probabilities are shares of draws.
    """
    rows = []
    for found in staffed:
        desk = found.desk
        rows.append(
            {"channel": desk.channel, "model": desk.model, "agents_today": found.today}
            | summarised("agents_without", found.agents_without, level)
            | summarised("agents_with", found.agents_with, level)
            | summarised("agents_change", found.agents_change, level)
            | summarised("hours_change", found.hours_with - found.hours_without, level)
            | summarised("occupancy_with", found.occupancy_with, level)
            | {"service_level_target": desk.service_level, "target_seconds": desk.target_seconds}
            | summarised("service_level_kept", found.service_level_kept, level)
            | {"breach_probability_without": found.breach_probability(found.service_level_today)}
            | {"breach_probability": found.breach_probability(found.service_level_kept)}
            | {"overload_probability": float(found.overloaded.mean())}
        )
    return pd.DataFrame(rows).assign(hire_weeks=hire_weeks, level=level)


def service_level_curve(
    desk: Desk, volumes: Mapping[str, np.ndarray], seats: Sequence[int] | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """Service level in the busiest interval against agents, one row a scenario (a key of ``volumes``) and agent.

    Columns: scenario, seats, agents (rostered), service_level (median), lower, upper, target (the desk's), level. The
    service level falls with the volume, so its quantiles are those of the volume. Deferred desks: the busiest day (the
    occupancy goal may ask for more agents than the target does).
    """
    tail = (1 - level) / 2
    ends = {name: np.quantile(draws, [0.5, 1 - tail, tail]) for name, draws in volumes.items()}

    def shares(three: np.ndarray, number: int) -> np.ndarray:
        if desk.model == "deferred":
            return performance(desk, np.array([[number]]), three)[0]
        return queueing.performance(loads(desk, three).max(axis=1), np.full(len(three), number), **_queue(desk))[0]

    if seats is None:
        everything = np.concatenate(list(ends.values()))
        most = max(int(seats_needed(desk, everything).max()), 1)
        while shares(everything, most).min() < CURVE[1]:
            most += 1 + most // 20
        least = most
        while least > 1 and shares(everything, least - 1).max() > CURVE[0]:
            least -= 1
        seats = range(least, most + 1, 1 + (most - least) // CURVE_POINTS)
    rows = [
        (name, number, int(scheduled(desk, number)), *shares(three, number))
        for name, three in ends.items()
        for number in seats
    ]
    columns = ["scenario", "seats", "agents", "service_level", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns).assign(target=desk.service_level, level=level)


def backlog_path(desk: Desk, volumes: np.ndarray, seats: int, *, weeks: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Contacts waiting through ``weeks`` from an empty desk: week, day, interval, median, lower, upper (at its end).

    Day 1 is the busiest. For deferred desks; raises DesignError for others, which answer at once or not at all.
    """
    if desk.model != "deferred":
        raise DesignError(f'desk "{desk.channel}" keeps no backlog', where="backlog_path", cure="`model: deferred`")
    _check(desk, volumes)
    days, tail = _days(desk), (1 - level) / 2
    arriving = np.multiply.outer(volumes, np.tile(days.ravel(), weeks))
    waits = queueing.backlog(arriving, np.full(len(volumes), seats * _week_of_one_seat(desk) / days.size))
    middle, low, high = np.quantile(waits, [0.5, tail, 1 - tail], axis=0)
    place = np.unravel_index(np.arange(waits.shape[1]), (weeks, *days.shape))
    columns = {name: index + 1 for name, index in zip(("week", "day", "interval"), place, strict=True)}
    return pd.DataFrame(columns | {"median": middle, "lower": low, "upper": high}).assign(level=level)


def summarised(name: str, draws: np.ndarray, level: float) -> dict[str, float]:
    """Mean and bounds; bounds of whole numbers are whole."""
    method = "inverted_cdf" if np.issubdtype(draws.dtype, np.integer) else "linear"
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], method=method)
    return {name: float(draws.mean()), f"{name}_lower": low, f"{name}_upper": high}


def _handling(desk: Desk) -> float:
    return desk.handling_seconds / desk.concurrency


def _queue(desk: Desk) -> dict[str, float | None]:
    return {"handling": _handling(desk), "target": desk.target_seconds, "patience": desk.patience_seconds}


def _days(desk: Desk) -> np.ndarray:
    """Shares of a week's contacts by open day (the busiest first) and interval."""
    others = (1 - desk.busiest_day) / max(desk.open_days - 1, 1)
    return np.multiply.outer(np.array([desk.busiest_day] + [others] * (desk.open_days - 1)), desk.profile)


def _week_of_one_seat(desk: Desk) -> float:
    """Deferred contacts that one seat answers in a week without a pause."""
    return desk.open_days * len(desk.profile) * 60 * desk.interval_minutes / _handling(desk)


def _in_time(desk: Desk, room: float) -> float:
    return queueing.answered_in_time(_days(desk), room, interval=60 * desk.interval_minutes, target=desk.target_seconds)


@cache
def _room_in_time(desk: Desk) -> float:
    return queueing.smallest_room(lambda room: _in_time(desk, room), desk.service_level)


def _check(desk: Desk, volumes: np.ndarray) -> None:
    where, least = f'desk "{desk.channel}"', 1 / desk.open_days
    if volumes.ndim != 1 or not len(volumes) or not np.isfinite(volumes).all() or (volumes < 0).any():
        raise DesignError("weekly contacts are finite, at least zero, one a draw", where=where, cure="check the draws")
    if desk.busiest_day < least - SLACK:
        what = f"a day with {desk.busiest_day:.4g} of the week's contacts is not the busiest of {desk.open_days}"
        raise DesignError(what, where=where, cure=f"busiest_day: at least {least:.4g}, or more open_days")


def require_contacts(staffing: Staffing, *given: Mapping[str, object]) -> None:
    """Raises DesignError naming the desks whose channel has no contacts in one of ``given``."""
    missing = sorted({desk.channel for desk in staffing.desks for named in given if desk.channel not in named})
    if missing:
        raise DesignError(f"desks without contacts: {', '.join(missing)}", where="staffing", cure="name them, or 0")
