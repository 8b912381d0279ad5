"""Queues: limits, accounting identities, independent arithmetic and a small simulation."""

import heapq
from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from scipy.integrate import quad

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.queueing import (
    agents_needed,
    agents_needed_each,
    answered_in_time,
    backlog,
    erlang_a,
    erlang_b,
    erlang_c,
    few_nodes,
    halfin_whitt,
    largest_load,
    performance,
    queue_in_balance,
    smallest_room,
)

QUEUE = {"handling": 180.0, "target": 20.0}
PATIENT = QUEUE | {"patience": 300.0}
INTERPOLATED = 2e-6  # measured: under 1e-6 at this spread; a reader sees a tenth of a percentage point


def test_erlang_b_of_many_loads_is_each_in_exact_fractions() -> None:
    loads = np.array([0.0, 0.5, 7.0, 40.0])
    for agents in (0, 1, 6):
        exact = [
            Fraction(load) ** agents
            / factorial(agents)
            / sum(Fraction(load) ** item / factorial(item) for item in range(agents + 1))
            for load in loads
        ]
        np.testing.assert_allclose(erlang_b(loads, agents), [float(item) for item in exact], rtol=1e-14)


def test_large_groups_stay_finite_and_near_the_many_server_limit() -> None:
    load = 10_000.0
    agents = int(load + np.sqrt(load))
    found = erlang_c(load, agents, **QUEUE).probability_of_waiting
    # The limit's error falls with the root of the load.
    assert found == pytest.approx(halfin_whitt(1.0), abs=1 / np.sqrt(load))
    assert found != halfin_whitt(1.0)


def test_the_many_server_limit_is_certain_waiting_without_spare_agents() -> None:
    assert halfin_whitt(0.0) == halfin_whitt(-1.0) == 1.0
    assert halfin_whitt(1e-6) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("load", [14.0, 15.0])
def test_a_queue_without_end_is_refused_and_the_other_model_suggested(load: float) -> None:
    with pytest.raises(DesignError, match="grows without end") as raised:
        erlang_c(load, 14, **QUEUE)
    assert "model: erlang_a" in raised.value.cure
    assert erlang_a(load, 14, **PATIENT).average_wait < PATIENT["patience"]


@pytest.mark.parametrize(("load", "agents"), [(0.3, 1), (10, 13), (95, 100)])
def test_endless_patience_is_erlang_c(load: float, agents: int) -> None:
    patient, endless = erlang_a(load, agents, **QUEUE, patience=1e13), erlang_c(load, agents, **QUEUE)
    for name in ("probability_of_waiting", "service_level", "average_wait", "occupancy"):
        assert getattr(patient, name) == pytest.approx(getattr(endless, name), rel=1e-8), name
    assert patient.abandoned == pytest.approx(0.0, abs=1e-8)


def test_no_patience_at_all_is_erlang_b() -> None:
    hasty = erlang_a(10.0, 12, **QUEUE, patience=1e-7)
    assert hasty.probability_of_waiting == pytest.approx(erlang_b(10.0, 12), rel=1e-6)
    assert hasty.abandoned == pytest.approx(erlang_b(10.0, 12), rel=1e-6)


@pytest.mark.parametrize(("load", "agents", "patience"), [(10, 13, 300.0), (15, 14, 300.0), (200, 160, 2000.0)])
def test_birth_death_equations_and_littles_law(load: float, agents: int, patience: float) -> None:
    """The states solved directly, to a length that is never reached."""
    arrivals, states = load / 180, np.arange(4 * agents + 4000)
    deaths = np.minimum(states, agents) / 180 + np.maximum(states - agents, 0) / patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(arrivals) - np.log(deaths[1:]))])
    share = np.exp(logs - logs.max())
    share /= share.sum()
    queue = np.maximum(states - agents, 0) @ share
    found = erlang_a(load, agents, handling=180, target=20, patience=patience)
    assert found.probability_of_waiting == pytest.approx(share[agents:].sum(), rel=1e-10)
    assert found.average_wait == pytest.approx(queue / arrivals, rel=1e-10)
    assert found.abandoned == pytest.approx(queue / patience / arrivals, rel=1e-10)
    assert found.occupancy == pytest.approx(np.minimum(states, agents) @ share / agents, rel=1e-10)


@pytest.mark.parametrize("patience", [1e6, 1e8])
def test_a_patient_overload_sheds_what_the_agents_cannot_take(patience: float) -> None:
    """The queue settles where those who give up are those too many: the sums span a thousand powers of ten."""
    found = erlang_a(20.0, 14, **QUEUE, patience=patience)
    assert found.abandoned == pytest.approx(1 - 14 / 20, rel=1e-9)
    assert found.average_wait == pytest.approx(0.3 * patience, rel=1e-9)
    assert (found.probability_of_waiting, found.service_level) == pytest.approx((1.0, 0.0), abs=1e-9)


@pytest.mark.parametrize("target", [0.0, 20.0, 200.0])
def test_service_level_of_erlang_a_is_the_integral_of_the_virtual_wait(target: float) -> None:
    """Density of the offered wait: Baccelli and Hebuterne 1981, lambda p(n-1) exp(lambda H(t) - n mu t)."""
    load, agents, handling, patience = 15.0, 14, 180.0, 300.0
    arrivals = load / handling

    def density(time: float, tail: float) -> float:
        listened = patience * -np.expm1(-time / patience)
        return np.exp(arrivals * listened - agents * time / handling - tail * time / patience)

    whole = quad(density, 0, np.inf, args=(0.0,), epsabs=0, epsrel=1e-12)[0]
    below = (1 / erlang_b(load, agents - 1)) / arrivals  # shares of all states with a free agent, likewise scaled
    in_time = below + quad(density, 0, target, args=(1.0,), epsabs=0, epsrel=1e-12)[0]
    found = erlang_a(load, agents, handling=handling, target=target, patience=patience)
    assert found.probability_of_waiting == pytest.approx(whole / (below + whole), rel=1e-9)
    assert found.service_level == pytest.approx(in_time / (below + whole), rel=1e-9)


def test_erlang_a_against_a_simulation_of_callers() -> None:
    """Callers one by one; the batch means give the Monte-Carlo error. Deterministic: the seed has a name."""
    draw = generator_for("queueing", "simulation")
    load, agents, number, batches = 15.0, 14, 60_000, 30
    arrivals = np.cumsum(draw.exponential(180 / load, number))
    handling, patience = draw.exponential(180, number), draw.exponential(300, number)
    free = [0.0] * agents
    waits, gone = np.zeros(number), np.zeros(number, dtype=bool)
    for caller, now in enumerate(arrivals):
        wait = max(free[0] - now, 0.0)
        gone[caller] = wait > patience[caller]
        waits[caller] = min(wait, patience[caller])
        if not gone[caller]:
            heapq.heapreplace(free, now + wait + handling[caller])
    found = erlang_a(load, agents, handling=180, target=20, patience=300)
    for seen, expected in (
        (gone, found.abandoned),
        (~gone & (waits <= 20), found.service_level),
        (waits, found.average_wait),
        (waits > 0, found.probability_of_waiting),
    ):
        means = seen.reshape(batches, -1).mean(axis=1)
        # Four standard errors: the batches are nearly independent, not quite.
        assert abs(means.mean() - expected) < 4 * means.std(ddof=1) / np.sqrt(batches)


@pytest.mark.parametrize("queue", [QUEUE, PATIENT], ids=["C", "A"])
def test_needed_agents_are_the_fewest(queue: dict[str, float]) -> None:
    for load in (0.01, 0.9, 3.0, 12.2, 77.0):
        agents = agents_needed(load, service_level=0.8, **queue)
        assert queue_in_balance(load, agents, **queue).service_level >= 0.8
        fewer = agents - 1
        holds = fewer > load or ("patience" in queue and fewer > 0)
        assert not (holds and queue_in_balance(load, fewer, **queue).service_level >= 0.8)
    assert agents_needed(0.0, service_level=0.8, **queue) == 0


@pytest.mark.parametrize("queue", [QUEUE, PATIENT], ids=["C", "A"])
def test_the_largest_load_is_the_step_of_the_need(queue: dict[str, float]) -> None:
    goal = queue | {"service_level": 0.8}
    for agents in (1, 5, 23):
        step = largest_load(agents, **goal)
        assert queue_in_balance(step, agents, **queue).service_level == pytest.approx(0.8, abs=1e-9)
        assert agents_needed(step * (1 - 1e-9), **goal) == agents
        assert agents_needed(step * (1 + 1e-9), **goal) == agents + 1
    assert largest_load(0, **goal) == 0.0


@pytest.mark.parametrize("queue", [QUEUE, PATIENT], ids=["C", "A"])
def test_the_needs_of_many_loads_are_the_need_of_each(queue: dict[str, float]) -> None:
    goal = queue | {"service_level": 0.8}
    loads = np.concatenate([[0.0], generator_for("queueing", "many").uniform(0.05, 30, 60)]).reshape(-1, 1)
    found = agents_needed_each(loads, **goal)
    assert found.tolist() == [[agents_needed(float(load), **goal)] for load in loads[:, 0]]
    assert not agents_needed_each(np.zeros(3), **goal).any()


@pytest.mark.parametrize("queue", [QUEUE, PATIENT], ids=["C", "A"])
def test_the_performance_of_many_queues_is_that_of_each(queue: dict[str, float]) -> None:
    draw = generator_for("queueing", "performance")
    loads, agents = draw.uniform(2, 12, 400), draw.integers(9, 12, 400)
    level, busy = performance(loads, agents, **queue)
    for load, number, share, carried in zip(loads, agents, level, busy, strict=True):
        if "patience" not in queue and load >= number:
            assert (share, carried) == (0.0, number)
            continue
        exact = queue_in_balance(float(load), int(number), **queue)
        assert share == pytest.approx(exact.service_level, abs=INTERPOLATED)
        assert carried == pytest.approx(exact.occupancy * number, abs=10 * INTERPOLATED)


def test_performance_without_work_or_without_agents() -> None:
    level, busy = performance(np.array([0.0, 0.0, 2.0]), np.array([0, 3, 0]), **QUEUE)
    assert level.tolist() == [1.0, 1.0, 0.0]
    assert busy.tolist() == [0.0, 0.0, 0.0]
    alike = performance(np.full(5, 4.0), np.full(5, 5), **PATIENT)[0]
    assert alike.tolist() == [erlang_a(4.0, 5, **PATIENT).service_level] * 5


def test_nodes_are_all_values_or_reach_the_ends() -> None:
    assert few_nodes(np.array([3.0, 1.0, 3.0])).tolist() == [1.0, 3.0]
    many = few_nodes(np.arange(5000.0) ** 2)
    assert len(many) < 100
    assert (many[0], many[-1]) == (0.0, 4999.0**2)


def test_backlog_keeps_what_does_not_fit_and_never_owes() -> None:
    waits = backlog(np.array([[5.0, 0, 9, 0, 0]]), np.array([3.0]), np.array([1.0]))
    assert waits.tolist() == [[3.0, 0.0, 6.0, 3.0, 0.0]]


def days_of(first: float, others: int = 4, profile: tuple[float, ...] = (1, 4, 3, 2, 2, 1, 1, 2)) -> np.ndarray:
    shares = [first, *[(1 - first) / others] * others] if others else [1.0]
    return np.multiply.outer(shares, np.array(profile, float) / sum(profile))


LATE = (1, 1, 1, 2, 2, 2, 4, 5)


@pytest.mark.parametrize(
    ("days", "room", "target"),
    [
        (days_of(0.3), 1.02, 4 * 3600),
        (days_of(0.3), 1.1, 3600),
        (days_of(0.3), 1.03, 17 * 3600),
        (days_of(0.3), 1.05, 900),
        (days_of(0.21, profile=LATE), 1.1, 1800),  # the last day's rush is left over for the next week
        (days_of(1.0, 0, LATE), 1.05, 6 * 86400),  # what Monday leaves waits for a week
    ],
)
def test_work_that_waits_against_contacts_one_by_one(days: np.ndarray, room: float, target: float) -> None:
    """Ten thousand contacts a week through one fast agent, the third week looked at; eight open hours a day."""
    number, hours = 10_000, days.size
    edges = np.concatenate([[0.0], np.cumsum(days.ravel())])
    arrival = np.interp((np.arange(number) + 0.5) / number, edges, np.arange(hours + 1.0))  # in open hours
    hour, ended, done = hours / number / room, 0.0, []
    for place in np.concatenate([arrival, hours + arrival, 2 * hours + arrival]):
        ended = max(ended, place) + hour
        done.append(ended)

    def calendar(place: np.ndarray) -> np.ndarray:
        day, within = np.divmod(place, 8)
        return ((day // len(days)) * 7 + day % len(days)) * 24 + within

    first = arrival < 8
    waited = calendar(np.array(done[2 * number :])) - calendar(2 * hours + arrival)
    expected = (waited[first] * 3600 <= target).mean()
    # A day of eight hours is followed in steps of a twelfth of an hour.
    assert answered_in_time(days, room, interval=3600, target=target) == pytest.approx(expected, abs=0.02)
    assert 0.05 < expected < 1.0


def test_too_little_room_answers_nobody_in_time() -> None:
    assert answered_in_time(days_of(0.2), 0.999, interval=3600, target=1e6) == 0.0
    assert answered_in_time(days_of(0.2), 50.0, interval=3600, target=1.0) == pytest.approx(1.0, abs=1e-12)


def test_the_smallest_room_is_where_the_share_is_reached() -> None:
    def share(room: float) -> float:
        return answered_in_time(days_of(0.3), room, interval=3600, target=3600)

    room = smallest_room(share, 0.8)
    assert share(room) >= 0.8 > share(room * (1 - 1e-6))
    assert smallest_room(lambda room: 1.0, 0.8) == 1.0


@pytest.mark.parametrize(
    ("change", "named"),
    [({"load": -1.0}, "load"), ({"load": np.nan}, "load"), ({"handling": 0.0}, "handling"), ({"patience": 0}, "pat")],
)
def test_impossible_queues_are_refused_by_name(change: dict[str, float], named: str) -> None:
    with pytest.raises(DesignError, match=named):
        erlang_a(**({"load": 1.0, "agents": 2} | PATIENT | change))


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5])
def test_a_service_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(DesignError, match="service_level"):
        agents_needed(3.0, service_level=level, **QUEUE)
    with pytest.raises(DesignError, match="service_level"):
        largest_load(3, service_level=level, **QUEUE)


def test_a_queue_without_agents_is_refused() -> None:
    with pytest.raises(DesignError, match="at least one agent"):
        erlang_a(1.0, 0, **PATIENT)
