from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import norm

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference import sensitivity
from analysis.inference.hybrid_moment_test import HybridTest, dual_vertices
from analysis.inference.sensitivity import (
    EventStudy,
    breakdown,
    original_interval,
    relative_magnitude_interval,
    smoothness_interval,
)


def covariance_of(size, name="covariance"):
    root = generator_for(name).normal(size=(size, size + 4))
    return root @ root.T / (size + 4)


@pytest.fixture
def study():
    return EventStudy([0.3, -0.2, 0.4, 0.1], [3.0, 4.0, 4.5], covariance_of(7) * 0.1)


@pytest.fixture
def fewer_draws(monkeypatch):
    monkeypatch.setattr(sensitivity, "DRAWS", 5000)


def test_original_interval_is_the_normal_one(study):
    found = original_interval(study, weights=[0.5, 0.5, 0])
    sd = np.sqrt(np.array([0.5, 0.5]) @ study.covariance[4:6, 4:6] @ [0.5, 0.5])
    assert (found.lower, found.upper) == pytest.approx((3.5 - 1.959964 * sd, 3.5 + 1.959964 * sd))


def test_no_bend_is_the_best_straight_line(study):
    """M = 0: generalised least squares with a line through the reference period, known covariance."""
    times = np.array([-4, -3, -2, -1, 1, 2, 3.0])
    design = np.column_stack([times, np.eye(7)[:, 4], np.eye(7)[:, 5], np.eye(7)[:, 6]])
    inverse = np.linalg.inv(study.covariance)
    spread = np.linalg.inv(design.T @ inverse @ design)
    effect, sd = (spread @ design.T @ inverse @ study.coefficients)[1], np.sqrt(spread[1, 1])
    found = smoothness_interval(study, 0.0)
    assert (found.lower, found.upper) == pytest.approx((effect - 1.959964 * sd, effect + 1.959964 * sd), abs=1e-6)


def test_a_straight_line_changes_nothing_but_costs_parallel_trends(study):
    line = np.array([-4, -3, -2, -1, 1, 2, 3.0]) * 5
    tilted = EventStudy(study.before + line[:4], study.after + line[4:], study.covariance)
    one, two = (smoothness_interval(item, 0.1) for item in (study, tilted))
    assert (two.lower, two.upper) == pytest.approx((one.lower, one.upper), abs=1e-6)


def worst_bias(weights, bend):
    """max weights'delta over all smooth delta, by linear programming; two periods before, one after."""
    bends = np.array([[1.0, -2.0, 0.0], [0.0, 1.0, 1.0]])  # about t = -1 and about the reference period
    rows = np.vstack([bends, -bends])
    found = linprog(-np.array(weights), A_ub=rows, b_ub=np.full(4, bend), bounds=[(None, None)] * 3)
    return -found.fun if found.status == 0 else np.inf


def test_smoothness_interval_is_the_shortest():
    """One free direction, searched on a grid with the bias found by linear programming."""
    study = EventStudy([0.2, -0.1], [1.0], covariance_of(3, "three"))
    lengths = []
    for first in np.linspace(-2, 2, 401):
        weights = np.array([first, 1 - 2 * first, 1.0])  # a straight line costs no bias
        sd, bias = np.sqrt(weights @ study.covariance @ weights), worst_bias(weights, 0.3)
        grid = np.linspace(bias / sd, bias / sd + 4, 4001)
        covered = norm.cdf(grid - bias / sd) - norm.cdf(-grid - bias / sd)
        lengths.append(2 * sd * grid[np.searchsorted(covered, 0.95)])
    found = smoothness_interval(study, 0.3)
    assert found.upper - found.lower == pytest.approx(min(lengths), rel=2e-3)
    assert found.upper - found.lower <= min(lengths) * 1.0001


def test_intervals_grow_with_the_bound(study, fewer_draws):
    for interval_of in (smoothness_interval, relative_magnitude_interval):
        found = [interval_of(study, bound) for bound in (0.0, 0.5, 1.0, 2.0)]
        assert all(a.lower >= b.lower and a.upper <= b.upper for a, b in pairwise(found))


def test_scale_and_sign_carry_over(study, fewer_draws):
    scaled = EventStudy(-1e6 * study.before, -1e6 * study.after, 1e12 * study.covariance)
    for interval_of, bound in ((smoothness_interval, 0.2), (relative_magnitude_interval, 1.0)):
        one, two = interval_of(study, bound), interval_of(scaled, bound * (1e6 if bound == 0.2 else 1))
        assert (-two.upper / 1e6, -two.lower / 1e6) == pytest.approx((one.lower, one.upper), rel=1e-2)


def test_dual_vertices_solve_the_linear_programme():
    generator = generator_for("vertices")
    nuisance, deviations = generator.normal(size=(8, 3)), generator.uniform(0.5, 2, size=8)
    vertices = dual_vertices(deviations, nuisance)
    for _ in range(20):
        moments = generator.normal(size=8)
        rows = -np.column_stack([deviations, nuisance])
        primal = linprog([1, 0, 0, 0], A_ub=rows, b_ub=-moments, bounds=[(None, None)] * 4)
        if primal.status == 0:
            assert (vertices @ moments).max() == pytest.approx(primal.fun)


def test_a_single_inequality_is_the_one_sided_test():
    """Reject where the mean exceeds zero by more than the quantile of the size left for the second stage."""
    test = HybridTest.of(
        np.array([0.0]), np.array([1.0]), np.empty((1, 0)), np.array([[1.0]]), 0.05,
        generator_for("one sided").standard_normal((1, 100_000)),
    )  # fmt: skip
    size = (0.05 - 0.005) / (1 - 0.005)
    assert test.size == pytest.approx(size)
    edge = norm.ppf(1 - size * norm.cdf(test.critical) - norm.sf(test.critical))
    assert test.keeps(np.array([-edge + 1e-3, -edge - 1e-3])).tolist() == [True, False]


@pytest.mark.parametrize("bound", [0.5, 1.5])
def test_relative_magnitudes_cover_the_worst_case(bound, fewer_draws):
    """Trends differ after the event by all that is allowed (120 draws: standard error 2 %)."""
    covariance = 0.05 * (np.eye(4) + 1)
    steps = np.array([0.0, 0.0, 1.0])  # the largest difference is the last before the event
    before = -np.cumsum(steps[::-1])[::-1]
    root, generator, covered = np.linalg.cholesky(covariance), generator_for("worst case", bound), 0
    for _ in range(120):
        drawn = np.append(before, 2.0 + bound) + root @ generator.normal(size=4)
        covered += 2.0 in relative_magnitude_interval(EventStudy(drawn[:3], drawn[3:], covariance), bound)
    assert 108 <= covered <= 119


def test_smoothness_covers_the_worst_case():
    covariance = 0.05 * (np.eye(4) + 1)
    bend = 0.3
    delta = np.array([-0.3, 0.0, 0.0, bend])  # a bend before and one at the event
    root, generator, covered = np.linalg.cholesky(covariance), generator_for("worst bend"), 0
    for _ in range(120):
        drawn = delta + np.array([0, 0, 0, 2.0]) + root @ generator.normal(size=4)
        covered += 2.0 in smoothness_interval(EventStudy(drawn[:3], drawn[3:], covariance), bend)
    assert covered >= 109


def test_breakdown_is_where_zero_comes_in(study, fewer_draws):
    found = breakdown(lambda bound: smoothness_interval(study, bound), largest=5.0)
    assert 0 not in smoothness_interval(study, found)
    assert 0 in smoothness_interval(study, found + 0.011)
    far = EventStudy(study.before, study.after + 100, study.covariance)
    assert breakdown(lambda bound: smoothness_interval(far, bound), largest=1.0) is None
    none = EventStudy(study.before, study.after * 0, study.covariance)
    assert breakdown(lambda bound: relative_magnitude_interval(none, bound), largest=1.0) == 0.0


def test_what_does_not_fit_is_refused(study):
    with pytest.raises(DesignError, match="covariance"):
        EventStudy([1.0], [1.0], np.eye(3))
    with pytest.raises(DesignError, match="positive definite"):
        EventStudy([1.0], [1.0], np.ones((2, 2)))
    with pytest.raises(DesignError, match="negative"):
        smoothness_interval(study, -0.1)
    with pytest.raises(DesignError, match="weights"):
        smoothness_interval(study, 0.1, weights=[1.0])
    with pytest.raises(DesignError, match="too many"):
        relative_magnitude_interval(EventStudy([0.0], np.zeros(9), np.eye(10)), 1.0)
