"""Queues in balance: Erlang B, C and A, the many-server limit, and work that may wait its turn.

Times are in seconds, ``load`` in erlangs (arrivals per second times handling time), waiting is first come, first
served. Erlang 1917, Elektroteknikeren 13 (B, C); Palm 1957, Tele 2 and Garnett, Mandelbaum and Reiman 2002,
Manufacturing and Service Operations Management 4(3) (A); Halfin and Whitt 1981, Operations Research 29(3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq
from scipy.special import betainc, gammaln
from scipy.stats import norm

from analysis.core.errors import DesignError

NEGLIGIBLE = 45.0  # a term exp(-45) times the largest no longer changes a sum in double precision
LOAD_TOLERANCE = 1e-12  # of the largest load, relative to the number of agents
DAY_SECONDS = 24 * 3600
NODES = 65  # loads at which a smooth curve is worked out exactly
TWINS = 1e-4  # of the range: nodes closer than this count as one
STEPS = 12  # of an interval, when work that waits is followed through a day


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue in balance. Shares are of all contacts that arrive; ``average_wait`` in seconds, over all of them.

    ``service_level``: answered within the target, as a share of all; ``service_level_answered``: as a share of those
    who did not give up. Nobody gives up under Erlang C, so there the two agree.
    """

    load: float
    agents: int
    probability_of_waiting: float
    service_level: float
    service_level_answered: float
    abandoned: float
    average_wait: float
    occupancy: float


def erlang_b(load: float | np.ndarray, agents: int) -> float | np.ndarray:
    """Probability that all agents are busy when nobody can wait; of the shape of ``load``."""
    blocked = 1.0 + 0.0 * load
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(load: float, agents: int, *, handling: float, target: float) -> Waiting:
    """Everybody waits for as long as it takes. Raises DesignError when the queue would grow without end."""
    _check(load, handling, target)
    if load >= agents:
        raise DesignError(
            f"{agents} agents cannot carry a load of {load:.6g} erlangs: without callers who give up, "
            "the queue grows without end",
            where="erlang_c",
            cure="more agents, or `model: erlang_a` with patience_seconds, which stays finite under overload",
        )
    blocked = erlang_b(load, agents)
    waiting = agents * blocked / (agents - load * (1 - blocked))
    level = 1 - float(_late(load, agents, handling, target))
    average_wait = waiting * handling / (agents - load)
    return Waiting(load, agents, waiting, level, level, 0.0, average_wait, load / agents)


def _late(load: float | np.ndarray, agents: int, handling: float, target: float) -> float | np.ndarray:
    """Share of contacts that wait longer than the target under Erlang C, for loads below the number of agents."""
    blocked = erlang_b(load, agents)
    waiting = agents * blocked / (agents - load * (1 - blocked))
    return np.minimum(waiting * np.exp(-(agents - load) * target / handling), 1.0)


def erlang_a(load: float, agents: int, *, handling: float, target: float, patience: float) -> Waiting:
    """Who waits gives up after an exponential time of mean ``patience``. Finite under any load.

    With q contacts ahead in the queue the time until service V is a sum of q + 1 exponential stages, and exp(-V /
    patience) follows a beta distribution: the time of the (q + 1)th of the order statistics. No integral is needed.
    """
    _check(load, handling, target, patience)
    if agents < 1:
        raise DesignError("a queue needs at least one agent", where="erlang_a", cure="agents: 1 or more")
    if load == 0:
        return Waiting(load, agents, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
    blocked = erlang_b(load, agents)
    stages, pressure = agents * patience / handling, load * patience / handling
    ahead, log_terms = _queue_terms(stages, pressure)
    shift = max(float(log_terms.max()), 0.0)
    terms = blocked * np.exp(log_terms - shift)
    states = terms / ((1 - blocked) * np.exp(-shift) + terms.sum())
    waiting = min(float(states.sum()), 1.0)
    average_wait = float(ahead @ states) * handling / load
    abandoned = average_wait / patience
    reached = betainc(ahead + 1, stages + 1, -np.expm1(-target / patience))
    answered = max(1 - waiting, 0.0) + float(states @ (stages / (stages + ahead + 1) * reached))
    return Waiting(
        load,
        agents,
        waiting,
        answered,
        answered / (1 - abandoned),
        abandoned,
        average_wait,
        min(load * (1 - abandoned) / agents, 1.0),
    )


def _queue_terms(stages: float, pressure: float) -> tuple[np.ndarray, np.ndarray]:
    """Queue lengths that matter, and the logarithm of their probability over that of an empty queue, all busy.

    Term q is the product over i = 1..q of pressure / (stages + i): it rises until the queue sheds as many as join.
    """
    reach = np.sqrt(2 * NEGLIGIBLE * pressure) + 2 * NEGLIGIBLE
    peak = max(pressure - stages, 0.0)
    if pressure < stages:
        reach = min(reach, NEGLIGIBLE / np.log(stages / pressure) + 1)
    first = int(max(peak - reach, 0))
    ahead = np.arange(first, int(peak + reach) + 2, dtype=float)
    start = first * np.log(pressure) - (gammaln(stages + first + 1) - gammaln(stages + 1)) if first else 0.0
    steps = np.log(pressure) - np.log(stages + ahead[1:])
    return ahead, start + np.concatenate([[0.0], np.cumsum(steps)])


def queue_in_balance(load: float, agents: int, **queue: float | None) -> Waiting:
    """Erlang A where ``queue`` (handling, target, patience) has a patience, Erlang C where that is None or missing."""
    if queue.get("patience") is None:
        return erlang_c(load, agents, handling=queue["handling"], target=queue["target"])
    return erlang_a(load, agents, **queue)


def halfin_whitt(beta: float) -> float:
    """Limit of Erlang C's probability of waiting for load + beta sqrt(load) agents; one unless beta is positive."""
    if beta <= 0:
        return 1.0
    return float(1 / (1 + beta * norm.cdf(beta) / norm.pdf(beta)))


def agents_needed(
    load: float, *, handling: float, target: float, service_level: float, patience: float | None = None
) -> int:
    """Smallest number of agents that answers the share ``service_level`` of all contacts within ``target``."""
    _check(load, handling, target, patience, service_level)
    if load == 0:
        return 0
    queue = partial(queue_in_balance, load, handling=handling, target=target, patience=patience)

    def enough(agents: int) -> bool:
        return queue(agents).service_level >= service_level

    too_few = int(load) if patience is None else 0
    step = 1
    while not enough(too_few + step):
        too_few, step = too_few + step, 2 * step
    plenty = too_few + step
    while plenty - too_few > 1:
        middle = (too_few + plenty) // 2
        too_few, plenty = (too_few, middle) if enough(middle) else (middle, plenty)
    return plenty


@cache
def largest_load(
    agents: int, *, handling: float, target: float, service_level: float, patience: float | None = None
) -> float:
    """Largest load, in erlangs, that ``agents`` carry at the target: the inverse of agents_needed."""
    _check(0.0, handling, target, patience, service_level)
    if agents < 1:
        return 0.0

    def short(load: float) -> float:
        if patience is None and load >= agents:
            return -service_level
        queue = queue_in_balance(load, agents, handling=handling, target=target, patience=patience)
        return queue.service_level - service_level

    upper = float(agents)
    while short(upper) > 0:
        upper *= 2
    return float(brentq(short, 0.0, upper, xtol=LOAD_TOLERANCE * agents))


def agents_needed_each(loads: np.ndarray, **goal: float | None) -> np.ndarray:
    """agents_needed of every load. A step function, so only its steps are searched for, however many the loads."""
    agents = np.zeros(loads.shape, dtype=int)
    busy = loads > 0
    if busy.any():
        least, most = (agents_needed(float(end), **goal) for end in (loads[busy].min(), loads[busy].max()))
        steps = [largest_load(number, **goal) for number in range(least, most)]
        agents[busy] = least + np.searchsorted(steps, loads[busy])
    return agents


def performance(loads: np.ndarray, agents: np.ndarray, **queue: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Service level and busy agents of many queues, of the shape of ``loads``; ``agents`` of the same shape.

    Counted where a single queue is refused: one that grows without end answers nobody in time and idles never.
    Erlang C is exact; Erlang A is exact at some loads of every number of agents and interpolated between them.
    """
    level, busy = np.ones(loads.shape), np.minimum(loads, agents).astype(float)
    level[(loads > 0) & (loads >= agents)] = 0.0
    for number in np.unique(agents[agents > 0]):
        here = (agents == number) & (loads > 0)
        if queue.get("patience") is None:
            here &= loads < number
            late = _late(loads[here], int(number), queue["handling"], queue["target"])
            level[here] = 1 - late
        elif here.any():
            nodes = few_nodes(loads[here])
            found = [erlang_a(float(node), int(number), **queue) for node in nodes]
            known = np.array([(item.service_level, item.occupancy * number) for item in found])
            level[here], busy[here] = np.clip(_between(nodes, known, loads[here]).T, 0.0, [[1.0], [number]])
    return level, busy


def few_nodes(values: np.ndarray) -> np.ndarray:
    """All distinct values where they are few, else some of them to interpolate between: even steps and quantiles."""
    distinct = np.unique(values)
    if len(distinct) <= NODES:
        return distinct
    even = np.linspace(distinct[0], distinct[-1], NODES // 2)
    nodes = np.union1d(even, np.quantile(distinct, np.linspace(0, 1, NODES // 2)))
    # Two nodes that only rounding keeps apart would bend the spline between them.
    return nodes[np.diff(nodes, prepend=-np.inf) > TWINS * (nodes[-1] - nodes[0])]


def _between(nodes: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    place = np.minimum(np.searchsorted(nodes, values), len(nodes) - 1)
    return known[place] if (nodes[place] == values).all() else CubicSpline(nodes, known)(values)


def backlog(arriving: np.ndarray, capacity: float | np.ndarray, start: float | np.ndarray = 0.0) -> np.ndarray:
    """Contacts that still wait at the end of each step of open time; steps on the last axis of ``arriving``.

    ``capacity``: contacts that can be answered in a step (a number, or one a row), ``start``: waiting before the
    first step. What arrives is spread evenly within a step.
    """
    net = np.cumsum(arriving - np.asarray(capacity)[..., None], axis=-1)
    idle = np.maximum.accumulate(-net, axis=-1)
    return net + np.maximum(np.asarray(start)[..., None], idle)


def answered_in_time(days: np.ndarray, room: float, *, interval: float, target: float) -> float:
    """Share of the first day's contacts answered within ``target`` seconds of the calendar, when work may wait.

    ``days``: shape (open days, intervals), shares of a week's contacts; closed between the last interval of a day
    and the first of the next, and on the days that are missing to seven. ``room``: a week's capacity over its
    contacts; below one the backlog grows without end and the share is zero. Deterministic flow, the week repeating.
    """
    if room < 1:
        return 0.0
    arriving = np.repeat(days.ravel() / STEPS, STEPS)
    capacity = room / arriving.size
    # After one week from empty, the backlog at the week's end is the one every following week starts with.
    carried = backlog(arriving, capacity)[-1]
    ends = backlog(arriving, capacity, carried)
    first = days.shape[1] * STEPS
    ahead = (np.concatenate([[carried], ends[: first - 1]]) + ends[:first]) / 2
    clock = partial(_calendar, per_day=first, open_days=len(days), step=interval / STEPS)
    arrival = np.arange(first) + 0.5
    in_time = clock(arrival + ahead / capacity) - clock(arrival) <= target
    return float(arriving[:first] @ in_time / arriving[:first].sum())


def _calendar(position: np.ndarray, *, per_day: int, open_days: int, step: float) -> np.ndarray:
    """Seconds since the first opening of the week, for a position counted in steps of open time."""
    day, within = np.divmod(position, per_day)
    week, weekday = np.divmod(day, open_days)
    return (7 * week + weekday) * DAY_SECONDS + within * step


def smallest_room(share: Callable[[float], float], level: float) -> float:
    """Smallest room (see answered_in_time), at least one, whose ``share`` in time reaches ``level``."""
    upper = 1.0
    while share(upper) < level:
        upper *= 2
    lower = max(upper / 2, 1.0)
    while upper - lower > LOAD_TOLERANCE * upper:
        middle = (lower + upper) / 2
        lower, upper = (lower, middle) if share(middle) >= level else (middle, upper)
    return upper


def _check(load: float, handling: float, target: float, patience: float | None = None, level: float = 0.5) -> None:
    rules = {"load": load >= 0, "handling": handling > 0, "target": target >= 0, "service_level": 0 < level < 1}
    rules |= {"patience": patience is None or patience > 0}
    given = {"load": load, "handling": handling, "target": target, "patience": patience or 1.0}
    wrong = [name for name, holds in rules.items() if not (holds and np.isfinite(given.get(name, level)))]
    if wrong:
        raise DesignError(
            f"a queue cannot have this: {', '.join(wrong)}",
            where="queueing",
            cure="finite numbers; load and target at least zero, handling and patience above, service_level between "
            "zero and one",
        )
