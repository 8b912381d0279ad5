"""Curves with competing events: the known answer, ties, plain means without censoring, derivatives by differences."""

import numpy as np
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.cumulative_incidence import (
    cumulative_incidence,
    incidence_at,
    incidence_influence,
    log_quantile_influence,
    restricted_mean,
    restricted_mean_influence,
    time_lost,
    time_lost_influence,
    time_quantile,
)

STEP = 1e-6  # of a weight
NEAR = 1e-7  # what a one-sided difference of that step leaves
GRID = np.array([0.0, 2.0, 5.0, 9.0])
TAU = 8.0
TOY = np.arange(1, 9), np.array([1, 2, 1, 0, 1, 2, 0, 1])


def random_cases(size: int, name: str = "cases") -> tuple[np.ndarray, np.ndarray]:
    draw = generator_for("cumulative incidence", name, size)
    return np.round(draw.exponential(5, size)), draw.integers(0, 3, size)


def weighted(hours: np.ndarray, cause: np.ndarray, weight: np.ndarray, wanted: int) -> np.ndarray:
    """Aalen-Johansen on the grid, and the time lost before TAU, for weighted cases: loops, no shared code."""
    survival, share, lost = 1.0, 0.0, 0.0
    on_grid = np.zeros(len(GRID))
    for time in np.unique(hours[cause > 0]):
        at_risk = weight[hours >= time].sum()
        step = survival * weight[(hours == time) & (cause == wanted)].sum() / at_risk
        share += step
        lost += step * max(TAU - time, 0.0)
        survival *= 1 - weight[(hours == time) & (cause > 0)].sum() / at_risk
        on_grid[time <= GRID] = share
    return np.append(on_grid, lost)


def test_the_known_answer() -> None:
    curve = cumulative_incidence(*TOY)
    assert incidence_at(curve, 1, [5, 8]).tolist() == [0.40625, 0.71875]
    assert incidence_at(curve, 2, [6]).tolist() == [0.28125]
    assert incidence_at(curve, 1, [8])[0] + incidence_at(curve, 2, [8])[0] + curve.survival[-1] == 1.0
    naive = cumulative_incidence(TOY[0], np.where(TOY[1] == 1, 1, 0))
    assert incidence_at(naive, 1, [8])[0] == 1.0


@pytest.mark.parametrize("wanted", [1, 2])
def test_ties_against_loops(wanted: int) -> None:
    hours, cause = random_cases(80)
    curve = cumulative_incidence(hours, cause)
    found = np.append(incidence_at(curve, wanted, GRID), time_lost(curve, wanted, TAU))
    np.testing.assert_allclose(found, weighted(hours, cause, np.ones(80), wanted), rtol=1e-12)


@pytest.mark.parametrize("wanted", [1, 2])
def test_influences_are_the_derivatives_in_the_weights(wanted: int) -> None:
    hours, cause = random_cases(40)
    curve = cumulative_incidence(hours, cause)
    exact = np.column_stack([incidence_influence(curve, wanted, GRID), time_lost_influence(curve, wanted, TAU)])
    base = weighted(hours, cause, np.ones(40), wanted)
    for case in range(40):
        weight = np.ones(40)
        weight[case] += STEP
        np.testing.assert_allclose((weighted(hours, cause, weight, wanted) - base) / STEP, exact[case], atol=NEAR)
    np.testing.assert_allclose(exact.sum(axis=0), 0, atol=1e-12)


def test_without_censoring_everything_is_a_plain_share_or_mean() -> None:
    hours, cause = random_cases(200)
    cause = np.maximum(cause, 1)
    curve = cumulative_incidence(hours, cause)
    np.testing.assert_allclose(incidence_at(curve, 1, GRID), [np.mean((hours <= t) & (cause == 1)) for t in GRID])
    assert restricted_mean(curve, TAU) == pytest.approx(np.minimum(hours, TAU).mean())
    deviations = np.minimum(hours, TAU) - np.minimum(hours, TAU).mean()
    np.testing.assert_allclose(restricted_mean_influence(curve, TAU), deviations / 200, atol=1e-12)
    only = cumulative_incidence(hours, np.ones(200, dtype=int))
    assert time_quantile(only, 1, 0.5) == np.sort(hours)[99]


def test_kaplan_meier_is_the_case_of_one_cause() -> None:
    # Remission of 21 patients on 6-mercaptopurine (Freireich and others 1963, Blood 21:699), the textbook example.
    hours = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], dtype=float)
    event = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
    survival = cumulative_incidence(hours, event).survival[1:]
    np.testing.assert_allclose(survival, [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], atol=5e-4)


def test_squares_of_influences_add_up_to_greenwoods_variance() -> None:
    hours = generator_for("greenwood").exponential(5, 400)
    event = (generator_for("greenwood events").random(400) < 0.7).astype(int)
    curve = cumulative_incidence(hours, event)
    stop = int(np.searchsorted(curve.times, 4.0, side="right"))
    ended, at_risk = curve.events[:stop, 0], curve.at_risk[:stop]
    greenwood = curve.survival[stop] ** 2 * (ended / (at_risk * (at_risk - ended))).sum()
    squares = (incidence_influence(curve, 1, np.array([4.0])) ** 2).sum()
    assert squares == pytest.approx(greenwood, rel=0.01)  # they differ in the second order of 1 / n


def test_the_quantiles_spread_is_that_of_many_samples() -> None:
    draw = generator_for("quantiles")
    medians, errors = [], []
    for _ in range(300):
        hours = draw.lognormal(0, 1, 400)
        curve = cumulative_incidence(np.minimum(hours, 6.0), (hours <= 6.0).astype(int))
        medians.append(np.log(time_quantile(curve, 1, 0.5)))
        errors.append(np.sqrt((log_quantile_influence(curve, 1, 0.5) ** 2).sum()))
    # A standard deviation of 300 samples is known to 4 %.
    assert np.mean(errors) == pytest.approx(np.std(medians), rel=0.12)


def test_what_was_not_observed_is_missing() -> None:
    curve = cumulative_incidence(np.array([1.0, 2.0, 3.0]), np.array([1, 0, 0]))
    assert np.isnan(time_quantile(curve, 1, 0.5))
    assert np.isnan(log_quantile_influence(curve, 1, 0.5)).all()
    assert np.isnan(incidence_at(curve, 1, [3.5])).all()
    assert np.isnan(time_lost(curve, 1, 4.0))
    assert np.isnan(restricted_mean(curve, 4.0))
    assert incidence_at(curve, 2, [3.0])[0] == 0.0
    ended = cumulative_incidence(np.array([1.0, 2.0]), np.array([1, 1]))
    assert incidence_at(ended, 1, [9.0])[0] == 1.0  # nobody is left to follow


def test_no_event_at_all_is_zero() -> None:
    curve = cumulative_incidence(np.array([1.0, 2.0, 5.0]), np.zeros(3))
    assert incidence_at(curve, 1, [2.0])[0] == 0.0
    assert not incidence_influence(curve, 1, np.array([2.0])).any()
    assert restricted_mean(curve, 4.0) == 4.0
    assert not restricted_mean_influence(curve, 4.0).any()


def test_twice_the_cases_say_the_same() -> None:
    hours, cause = random_cases(60)
    once, twice = cumulative_incidence(hours, cause), cumulative_incidence(np.tile(hours, 2), np.tile(cause, 2))
    np.testing.assert_allclose(incidence_at(once, 1, GRID), incidence_at(twice, 1, GRID))
    np.testing.assert_allclose(
        incidence_influence(twice, 1, GRID)[:60], incidence_influence(once, 1, GRID) / 2, atol=1e-14
    )


@pytest.mark.parametrize("hours", [[], [np.nan], [-1.0]])
def test_hours_that_are_no_follow_up_are_refused(hours: list[float]) -> None:
    with pytest.raises(DesignError, match="known time"):
        cumulative_incidence(np.array(hours), np.ones(len(hours)))
