"""Worlds: the truth is in them, the oracle knows all that can be known, the same seed is the same world."""

import numpy as np
import pytest

from analysis.core.seeds import generator_for
from analysis.estimators.structural_time_series import SMALLEST_PRE_PERIODS
from analysis.simulate.worlds import simulate_world
from analysis.simulate.worlds_oracle import has_oracle, memory_covariance, oracle_of
from analysis.simulate.worlds_recipes import LEVEL, RECIPES

WORLDS = 300


@pytest.mark.parametrize("name", RECIPES)
def test_every_world_is_a_panel_of_its_declared_length(name: str) -> None:
    recipe, world = RECIPES[name], simulate_world(name, 0)
    assert (world.panel.n_pre, world.panel.n_post) == (recipe.before, recipe.after)
    assert (len(world.panel.covariates), len(world.panel.donors)) == (recipe.controls, recipe.donors)
    assert world.behaviour in ("find", "flag", "refuse")
    assert (world.oracle is not None) == has_oracle(recipe)
    assert world.truth == 0.0


def test_the_same_seed_is_the_same_world_and_another_is_not() -> None:
    one, two, other = (simulate_world("daily_controls", seed).panel.frame for seed in (1, 1, 2))
    assert one.equals(two)
    assert not one.equals(other)


@pytest.mark.parametrize("name", ["daily_controls", "weekly_alone"])
def test_the_effect_is_put_in_exactly(name: str) -> None:
    null, moved = simulate_world(name, 3), simulate_world(name, 3, effect=-0.1)
    gap = moved.panel.y - null.panel.y
    np.testing.assert_allclose(gap[null.panel.pre], 0.0)
    np.testing.assert_allclose(gap[null.panel.post], moved.truth)
    assert moved.truth == pytest.approx(np.log(0.9) if RECIPES[name].scale == "log" else -0.1 * LEVEL)
    assert moved.oracle.estimate == pytest.approx(null.oracle.estimate + moved.truth)


@pytest.mark.parametrize("name", ["weekly_controls", "weekly_alone", "memory_of_two", "variance_doubles"])
def test_the_oracle_s_error_has_the_deviation_it_states(name: str) -> None:
    errors = np.array([simulate_world(name, f"oracle {k}").oracle.estimate for k in range(WORLDS)])
    stated = simulate_world(name, 0).oracle.deviation
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(stated, rel=4 / np.sqrt(2 * WORLDS))
    assert abs(errors.mean()) < 4 * stated / np.sqrt(WORLDS)


def test_the_oracle_is_better_than_the_last_weeks_and_controls_help_it() -> None:
    worlds = [simulate_world("weekly_alone", f"oracle {k}") for k in range(WORLDS)]
    oracle = np.array([world.oracle.estimate for world in worlds])
    naive = np.array([world.panel.y[world.panel.post].mean() - world.panel.y[world.panel.pre][-4:].mean()
                      for world in worlds])  # fmt: skip
    assert np.mean(oracle**2) < np.mean(naive**2)
    assert oracle_of(RECIPES["weekly_controls"])[2] < oracle_of(RECIPES["weekly_alone"])[2]


def test_counts_and_random_breaks_have_no_oracle() -> None:
    for name in ("daily_counts", "control_with_break"):
        with pytest.raises(ValueError, match="no linear oracle"):
            oracle_of(RECIPES[name])


def test_the_memory_of_two_has_its_yule_walker_correlations() -> None:
    covariance = memory_covariance((0.5, 0.3), 5)
    first = 0.5 / (1 - 0.3)
    np.testing.assert_allclose(covariance[0, :3], [1.0, first, 0.5 * first + 0.3], rtol=1e-9)


def test_counts_are_whole_and_vary_more_than_poisson() -> None:
    panel = simulate_world("daily_counts", 0).panel
    values = panel.frame["brand"].to_numpy()
    assert (values == np.round(values)).all()
    assert values.var() > 2 * values.mean()


def test_heavy_tails_are_heavy_and_the_variance_doubles() -> None:
    tails = [np.diff(simulate_world("heavy_tails", k).panel.y) for k in range(10)]
    plain = [np.diff(simulate_world("daily_lognormal", k).panel.y) for k in range(10)]

    def kurtosis(parts: list[np.ndarray]) -> float:
        week = [part - np.resize([part[day::7].mean() for day in range(7)], len(part)) for part in parts]
        values = np.concatenate([part / part.std() for part in week])
        return float((values**4).mean())

    assert kurtosis(tails) > kurtosis(plain) + 1
    halves = [simulate_world("variance_doubles", k).panel.y for k in range(20)]
    seasonal = [y[7:] - y[:-7] for y in halves]
    ratio = np.mean([part[200:].var() / part[:170].var() for part in seasonal])
    assert 1.5 < ratio < 2.6


def test_a_control_hit_by_the_exit_falls_at_it() -> None:
    panels = [simulate_world("control_hit", k).panel for k in range(40)]
    falls = [np.log(p.covariate_values[p.post][:4]).mean() - np.log(p.covariate_values[p.pre][-4:]).mean()
             for p in panels]  # fmt: skip
    assert np.mean(falls) == pytest.approx(-0.15, abs=0.04)


def test_ten_weeks_are_fewer_than_the_estimator_takes() -> None:
    assert RECIPES["ten_weeks"].before < SMALLEST_PRE_PERIODS
    assert RECIPES["ten_weeks"].behaviour == "refuse"


def test_an_unknown_world_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        simulate_world("atlantis", generator_for("x"))
