"""Queues whose answers others have published or that have a closed form, to the digits they are known to."""

import pytest

from analysis.inference.queueing import agents_needed, erlang_a, erlang_b, erlang_c, halfin_whitt


@pytest.mark.parametrize(
    ("load", "agents", "blocked"),
    [(1, 1, 0.5), (10, 10, 0.21458234310734736), (5, 10, 0.01838457033664814)],
)
def test_erlang_b(load: float, agents: int, blocked: float) -> None:
    """Closed form a^n/n! over the sum of a^j/j!, worked out in whole numbers."""
    assert erlang_b(load, agents) == pytest.approx(blocked, rel=1e-12)


@pytest.mark.parametrize(
    ("load", "agents", "waits"), [(0.5, 1, 0.5), (1, 2, 1 / 3), (5, 7, 0.324149949173288)], ids=["1", "2", "7"]
)
def test_erlang_c_in_closed_form(load: float, agents: int, waits: float) -> None:
    """One agent: a; two: a^2 / (2 + a); seven: recomputed from the sums."""
    found = erlang_c(load, agents, handling=1, target=0)
    assert found.probability_of_waiting == pytest.approx(waits, rel=1e-12)
    # Whoever waits waits longer than nothing.
    assert found.service_level == pytest.approx(1 - waits, rel=1e-12)


def test_erlang_c_of_the_pyworkforce_readme() -> None:
    """100 calls in 30 minutes of 180 seconds, 14 agents, 20 seconds: pyworkforce, README (wait recomputed)."""
    found = erlang_c(100 / 1800 * 180, 14, handling=180, target=20)
    assert found.probability_of_waiting == pytest.approx(0.1741319335950498, rel=1e-12)
    assert found.service_level == pytest.approx(0.8883500191794669, rel=1e-12)
    assert found.occupancy == pytest.approx(0.7142857142857143, rel=1e-12)
    assert found.average_wait == pytest.approx(7.8359, abs=5e-5)
    assert agents_needed(10, handling=180, target=20, service_level=0.8) == 14


def test_erlang_c_of_a_larger_group() -> None:
    """360 calls in 30 minutes of 240 seconds, 55 agents, 15 seconds: inputs of the mitan Erlang C page, recomputed."""
    found = erlang_c(360 / 1800 * 240, 55, handling=240, target=15)
    assert erlang_b(48.0, 55) == pytest.approx(0.038374, abs=5e-7)
    assert found.probability_of_waiting == pytest.approx(0.238701, abs=5e-7)
    assert found.service_level == pytest.approx(0.845883, abs=5e-7)
    assert found.average_wait == pytest.approx(8.184, abs=5e-4)
    assert found.occupancy == pytest.approx(0.872727, abs=5e-7)


def test_agents_of_the_published_hour() -> None:
    """250 calls an hour of 330 seconds, 80 % in 30 seconds: jonesthenet.com needs 28 (levels recomputed)."""
    queue = {"handling": 330, "target": 30}
    assert agents_needed(250 / 3600 * 330, service_level=0.8, **queue) == 28
    assert erlang_c(250 / 3600 * 330, 27, **queue).service_level == pytest.approx(0.78218, abs=5e-6)
    assert erlang_c(250 / 3600 * 330, 28, **queue).service_level == pytest.approx(0.85685, abs=5e-6)


@pytest.mark.parametrize(
    ("load", "agents", "waits", "abandoned", "occupancy", "wait", "level", "level_answered"),
    [
        (10, 14, 0.14526, 0.013984, 0.704297, 0.069919, 0.916792, 0.929794),  # pyworkforce, tests
        (10, 13, 0.225797, 0.024963, 0.750028, 0.124817, 0.858178, None),  # pyworkforce, documentation
        (15, 14, 0.704601, 0.124729, 0.937790, 0.623644, 0.425514, None),  # recomputed; overloaded
    ],
    ids=["14 agents", "13 agents", "overloaded"],
)
def test_erlang_a(load, agents, waits, abandoned, occupancy, wait, level, level_answered) -> None:
    """180 seconds of handling, five minutes of patience, 20 seconds of target; waits in minutes, over all callers."""
    found = erlang_a(load, agents, handling=180, target=20, patience=300)
    digits = {"abs": 5.1e-7}
    assert found.probability_of_waiting == pytest.approx(waits, **digits)
    assert found.abandoned == pytest.approx(abandoned, **digits)
    assert found.occupancy == pytest.approx(occupancy, **digits)
    assert found.average_wait / 60 == pytest.approx(wait, **digits)
    assert found.service_level == pytest.approx(level, **digits)
    if level_answered is not None:
        assert found.service_level_answered == pytest.approx(level_answered, **digits)


@pytest.mark.parametrize(
    ("beta", "waits"), [(0.5, 0.504538640997945), (1.0, 0.22336127479826076), (1.5, 0.08469039449385775)]
)
def test_halfin_whitt(beta: float, waits: float) -> None:
    """1 / (1 + beta Phi(beta) / phi(beta)), recomputed."""
    assert halfin_whitt(beta) == pytest.approx(waits, rel=1e-12)
