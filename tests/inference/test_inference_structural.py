"""The structural machinery against dense linear algebra, written out from the formulae."""

import numpy as np
import pytest
from scipy.linalg import cholesky, solve_triangular
from scipy.stats import t as student

from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.inference.structural import ALONE, CONTROLLED, Functionals, fit, predictive
from analysis.inference.structural_breaks import changes_of, strongest_step
from analysis.inference.structural_controls import smooth
from analysis.inference.structural_draws import predict
from analysis.inference.structural_filter import Grid, factorise, noise_of, whiten
from analysis.inference.student_mixture import StudentMixture
from analysis.simulate.worlds import simulate_world

TIMES = np.r_[3:40, 44:60, 67:90]  # two gaps, not starting at zero
FUTURE = np.array([92, 93, 97])
EXACT = 1e-8  # the two ways differ by rounding only


def series(name: str = "series", count: int = 1) -> np.ndarray:
    draw = generator_for("structural", name)
    return draw.normal(size=(len(TIMES), count)).cumsum(axis=0) * 0.3 + draw.normal(size=(len(TIMES), count))


def design(times: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(times)), np.sin(times), times / 50])


def dense(rho: float, nugget: float, drift: float, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """K of the module's formula, the walk starting at the first observation."""
    lags = np.abs(one[:, None] - two)
    memory = rho ** lags.astype(float) if rho else (lags == 0).astype(float)
    walk = drift * (np.minimum(one[:, None], two) - TIMES[0])
    return memory + walk + (nugget + 1e-9) * (lags == 0)


def parameters(point: int, grid: Grid = ALONE) -> tuple[float, float, float]:
    return grid.rho[point], grid.nugget[point], grid.drift[point]


@pytest.mark.parametrize("point", [0, 10, 30, 60, len(ALONE) - 1])
def test_whitening_is_the_inverse_of_the_dense_cholesky_factor(point: int) -> None:
    y = series(count=2)
    root = cholesky(dense(*parameters(point), TIMES, TIMES), lower=True)
    factors = factorise(TIMES, ALONE)
    np.testing.assert_allclose(
        whiten(factors, y).values[:, point], solve_triangular(root, y, lower=True), rtol=EXACT, atol=EXACT
    )
    assert factors.log_determinant[point] == pytest.approx(2 * np.log(np.diag(root)).sum(), abs=EXACT)


def test_the_mixture_is_that_of_generalised_least_squares_at_every_grid_point() -> None:
    y, z, future = series()[:, 0], design(TIMES), design(FUTURE)
    weights = np.array([[1 / 3, 1 / 3, 1 / 3], [0.0, 1.0, 0.0]])
    logs, centres, scales = [], [], []
    degrees = len(y) - z.shape[1]
    for point in range(len(ALONE)):
        values = parameters(point)
        inverse = np.linalg.inv(dense(*values, TIMES, TIMES))
        across = dense(*values, TIMES, FUTURE)
        information = z.T @ inverse @ z
        beta = np.linalg.solve(information, z.T @ inverse @ y)
        rest = y - z @ beta
        scale = rest @ inverse @ rest / degrees
        log_k = np.linalg.slogdet(dense(*values, TIMES, TIMES))[1]
        logs.append(-0.5 * (degrees * np.log(scale) + log_k + np.linalg.slogdet(information)[1]))
        centres.append(weights @ (future @ beta + across.T @ inverse @ rest))
        unknown = future - across.T @ inverse @ z
        spread = dense(*values, FUTURE, FUTURE) - across.T @ inverse @ across
        spread = spread + unknown @ np.linalg.inv(information) @ unknown.T
        scales.append(np.sqrt(scale * np.diag(weights @ spread @ weights.T)))
    logs = np.array(logs) + np.array(ALONE.log_prior)
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    expected = StudentMixture(chances, np.array(centres), np.array(scales), degrees)
    found = predictive(fit(y, z, TIMES), Functionals(FUTURE - TIMES[-1], weights, weights @ future))
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-6)
    np.testing.assert_allclose(found.standard_deviation, expected.standard_deviation, rtol=1e-6)
    for share in (0.025, 0.5, 0.975):
        np.testing.assert_allclose(found.quantile(share), expected.quantile(share), rtol=1e-5)


def test_many_series_share_one_factorisation_and_answer_as_if_alone() -> None:
    many, z = series("many", 5), design(TIMES)
    together = fit(many, z, TIMES)
    weights = np.full((1, 3), 1 / 3)
    ask = Functionals(FUTURE - TIMES[-1], weights, weights @ design(FUTURE))
    for item in range(5):
        alone = fit(many[:, item], z, TIMES)
        assert alone.factors is together.factors
        np.testing.assert_allclose(predictive(together, ask, item).mean, predictive(alone, ask).mean, rtol=1e-9)
    # The same positions a week later are the same factors.
    assert factorise(TIMES + 7, ALONE) is together.factors


def test_what_the_regressors_add_moves_the_prediction_by_as_much() -> None:
    y, z = series(), design(TIMES)
    added = np.array([5.0, -2.0, 3.0])
    ask = Functionals(FUTURE - TIMES[-1], np.eye(3), design(FUTURE))
    plain, moved = (predictive(fit(values, z, TIMES), ask) for values in (y, y + (z @ added)[:, None]))
    np.testing.assert_allclose(moved.mean - plain.mean, design(FUTURE) @ added, rtol=1e-7)
    np.testing.assert_allclose(moved.quantile(0.975) - plain.quantile(0.975), design(FUTURE) @ added, rtol=1e-5)


def test_the_noise_is_the_part_of_the_nugget_in_the_dense_answer() -> None:
    y, point = series()[:, 0], 40
    rho, nugget, drift = parameters(point)
    assert nugget > 0
    factors = factorise(TIMES, ALONE)
    found = noise_of(factors, point, whiten(factors, y[:, None]).values[:, point, 0])
    expected = nugget * np.linalg.solve(dense(rho, nugget, drift, TIMES, TIMES), y)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_draws_have_the_mixture_s_mean_and_deviation() -> None:
    y, z = series()[:, 0], design(TIMES)
    drawn = predict(y, z, TIMES, design(FUTURE), FUTURE, draws=20_000, generator=generator_for("draws")).draws
    exact = predictive(fit(y, z, TIMES), Functionals(FUTURE - TIMES[-1], np.eye(3), design(FUTURE)))
    error = exact.standard_deviation / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - exact.mean) < 4 * error).all()
    np.testing.assert_allclose(drawn.std(axis=0), exact.standard_deviation, rtol=0.04)
    average = predictive(
        fit(y, z, TIMES), Functionals(FUTURE - TIMES[-1], np.full((1, 3), 1 / 3), design(FUTURE).mean(axis=0)[None])
    )
    assert drawn.mean(axis=1).std() == pytest.approx(average.standard_deviation[0], rel=0.04)


def test_one_component_is_student_s_t() -> None:
    one = StudentMixture(np.ones(1), np.array([[2.0]]), np.array([[3.0]]), 7.0)
    assert one.quantile(0.975)[0] == pytest.approx(student.ppf(0.975, 7, 2, 3))
    assert one.density(np.array([1.0]))[0] == pytest.approx(student.pdf(1.0, 7, 2, 3))
    assert one.standard_deviation[0] == pytest.approx(student.std(7, 2, 3))


def test_quantiles_invert_the_distribution_and_agree_with_the_p_value() -> None:
    draw = generator_for("mixture")
    mixture = StudentMixture(
        draw.dirichlet(np.ones(30)), draw.normal(size=(30, 40)) * 5, np.exp(draw.normal(size=(30, 40))), 4.0
    )
    for share in (0.001, 0.025, 0.5, 0.975):
        ends = mixture.quantile(share)
        np.testing.assert_allclose(mixture.distribution(ends), share, atol=1e-6)
        np.testing.assert_allclose(mixture.two_sided(ends), 2 * min(share, 1 - share), atol=2e-6)


def test_smoothing_a_control_takes_away_some_of_the_attenuation_of_its_coefficient() -> None:
    """Not all: what is left of the noise in the smoothed control still attenuates."""
    n, draws = 400, 10
    ones, at = np.ones((n, 1)), np.arange(n)

    def coefficient(y: np.ndarray, column: np.ndarray) -> float:
        fitted = fit(y, np.column_stack([np.ones(n), column]), at, CONTROLLED)
        return float(fitted.weights[:, 0] @ fitted.coefficients[:, 1, 0])

    found = []
    for number in range(draws):
        draw = generator_for("attenuation", number)
        common = 0.2 * draw.normal(size=n).cumsum()
        control = common + draw.normal(size=n)
        y = common + 0.2 * draw.normal(size=n)
        cleaned = smooth(control, ones, at)
        assert np.std(cleaned - common) < 0.6 * np.std(control - common)
        found.append((coefficient(y, control), coefficient(y, cleaned)))
    raw, clean = np.mean(found, axis=0)  # the truth is 1
    assert raw < 0.1
    assert 0.3 < clean < 1.0


def test_a_step_is_found_where_it_is_and_not_where_there_is_none() -> None:
    world = simulate_world("level_shift", "step")
    panel, ones = world.panel, np.ones((104, 1))
    fitted = fit(panel.y[panel.pre], ones, np.arange(104))
    size, p_value, place = strongest_step(panel.y[panel.pre], ones, fitted)
    assert abs(place - 52) <= 1
    assert p_value < 0.001
    assert size == pytest.approx(0.5, abs=0.2)
    quiet = series("quiet")[:, 0]
    found = strongest_step(quiet, design(TIMES), fit(quiet, design(TIMES), TIMES))
    assert found[1] > 0.05


def test_a_control_that_the_exit_moved_is_told_from_one_that_it_did_not() -> None:
    def p_values(panel: Panel) -> list[float]:
        at = np.arange(len(panel.times))
        return list(changes_of(panel, np.ones((len(at), 1)), at, panel.pre, panel.post).values())

    still = [value for seed in range(40) for value in p_values(simulate_world("weekly_controls", seed).panel)]
    hit = [value for seed in range(40) for value in p_values(simulate_world("control_hit", seed).panel)]
    assert np.mean(np.array(still) < 0.05) < 0.15
    assert np.mean(np.array(hit) < 0.05) > np.mean(np.array(still) < 0.05) + 0.1


def test_what_cannot_be_fitted_is_refused() -> None:
    y = series()[:, 0]
    with pytest.raises(ValueError, match="regressors"):
        fit(y[:5], design(TIMES[:5]), TIMES[:5])
    with pytest.raises(ValueError, match="collinear"):
        fit(y, np.column_stack([design(TIMES), np.ones(len(TIMES))]), TIMES)
    with pytest.raises(ValueError, match="increase"):
        fit(y, design(TIMES), TIMES[::-1])
    with pytest.raises(ValueError, match="after"):
        predict(y, design(TIMES), TIMES, design(FUTURE), TIMES[-3:], draws=2, generator=generator_for("x"))
