"""The simplex solver against enumeration of every support, and its own optimality conditions."""

from itertools import combinations

import numpy as np
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference import simplex
from analysis.inference.simplex import optimality_gap, simplex_least_squares


def brute_force(matrix, target, ridge=0.0):
    """The best of the equality-constrained solutions over every support whose weights are not negative."""
    best, best_weights = np.inf, None
    for size in range(1, matrix.shape[1] + 1):
        for support in combinations(range(matrix.shape[1]), size):
            part = matrix[:, support]
            system = np.block([[part.T @ part + ridge * np.eye(size), np.ones((size, 1))], [np.ones((1, size)), 0]])
            weights = np.linalg.lstsq(system, np.append(part.T @ target, 1.0), rcond=None)[0][:-1]
            if (weights < -1e-12).any():
                continue
            value = np.sum((part @ weights - target) ** 2) + ridge * np.sum(weights**2)
            if value < best:
                best, best_weights = value, np.zeros(matrix.shape[1])
                best_weights[list(support)] = weights
    return best, best_weights


@pytest.mark.parametrize("ridge", [0.0, 3.0])
@pytest.mark.parametrize("draw", range(10))
def test_equals_the_best_over_every_support(draw, ridge):
    generator = generator_for("simplex", draw)
    matrix, target = generator.normal(size=(12, 5)), generator.normal(size=12)
    value, weights = brute_force(matrix, target, ridge)
    fit = simplex_least_squares(matrix, target, ridge=ridge)
    assert fit.objective == pytest.approx(value, rel=1e-10)
    assert fit.weights == pytest.approx(weights, abs=1e-8)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("intercept", [False, True])
def test_weights_are_on_the_simplex_whatever_the_scale(scale, intercept):
    generator = generator_for("simplex scale")
    matrix, target = generator.normal(size=(95, 24)).cumsum(axis=0) + 50, generator.normal(size=95).cumsum() + 50
    plain = simplex_least_squares(matrix, target, intercept=intercept)
    scaled = simplex_least_squares(matrix * scale, target * scale, intercept=intercept)
    assert scaled.weights == pytest.approx(plain.weights, abs=1e-9)
    assert plain.weights.min() >= 0
    assert plain.weights.sum() == pytest.approx(1, abs=1e-12)


def test_intercept_makes_constant_differences_harmless():
    generator = generator_for("simplex intercept")
    matrix, target = generator.normal(size=(30, 6)), generator.normal(size=30)
    plain = simplex_least_squares(matrix, target, intercept=True)
    shifted = simplex_least_squares(matrix + np.arange(6) * 100, target - 7, intercept=True)
    assert shifted.weights == pytest.approx(plain.weights, abs=1e-9)
    fitted = matrix @ plain.weights + plain.intercept
    assert fitted.mean() == pytest.approx(target.mean())


def test_exact_mixture_is_recovered():
    matrix = generator_for("simplex mixture").normal(size=(40, 4))
    weights = np.array([0.5, 0.0, 0.2, 0.3])
    assert simplex_least_squares(matrix, matrix @ weights).weights == pytest.approx(weights, abs=1e-9)


def test_uniform_weights_do_not_pass_as_optimal(monkeypatch):
    generator = generator_for("simplex uniform")
    matrix, target = generator.normal(size=(30, 5)), generator.normal(size=30)
    assert optimality_gap(matrix - target[:, None], np.full(5, 0.2)) > 0.1
    monkeypatch.setattr(simplex, "_nearest_point", lambda difference: np.full(5, 0.2))
    with pytest.raises(DesignError, match="not optimal"):
        simplex_least_squares(matrix, target)


def test_one_donor_takes_all_the_weight():
    assert simplex_least_squares(np.ones((10, 1)), np.arange(10.0)).weights.tolist() == [1.0]
