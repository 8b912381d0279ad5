import numpy as np
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.block_bootstrap import block_indices, block_length, bootstrap_residuals


@pytest.mark.parametrize("kind", ["moving", "circular"])
def test_draws_are_runs_of_neighbours(kind):
    drawn = block_indices(30, 23, 5, 200, generator_for("runs", kind), kind)
    assert drawn.shape == (200, 23)
    steps = np.diff(drawn, axis=1) % 30
    inside = np.arange(22) % 5 != 4
    assert (steps[:, inside] == 1).all()
    if kind == "moving":
        assert (np.diff(drawn, axis=1)[:, inside] == 1).all()


def test_circular_blocks_use_every_residual_equally():
    drawn = block_indices(12, 12, 4, 60_000, generator_for("equally"), "circular")
    share = np.bincount(drawn.ravel()) / drawn.size
    assert share == pytest.approx(np.full(12, 1 / 12), rel=0.03)
    drawn = block_indices(12, 12, 4, 60_000, generator_for("equally"), "moving")
    assert np.bincount(drawn.ravel())[0] < 0.5 * np.bincount(drawn.ravel())[6]


def test_spread_of_a_mean_follows_the_correlation():
    """An autoregression of .6: single draws give a third of the variance of its mean, blocks most of it."""
    generator = generator_for("correlated residuals")
    shocks, series = generator.normal(size=4000), np.zeros(4000)
    for step in range(1, 4000):
        series[step] = 0.6 * series[step - 1] + shocks[step]
    truth = 1 / 0.4**2 / 100
    blocks = bootstrap_residuals(series, 100, draws=3000, block=15, generator=generator).mean(axis=1).var()
    singles = bootstrap_residuals(series, 100, draws=3000, block=1, generator=generator).mean(axis=1).var()
    assert 0.7 * truth < blocks < 1.15 * truth
    assert singles < 0.4 * truth


def test_series_of_one_period_stay_together():
    pair = np.column_stack([np.arange(20.0), -2 * np.arange(20.0)])
    drawn = bootstrap_residuals(pair, 33, draws=5, block=3, generator=generator_for("together"))
    assert drawn.shape == (5, 33, 2)
    assert drawn[..., 1] == pytest.approx(-2 * drawn[..., 0])


def test_block_length_grows_with_correlation_and_periods():
    assert block_length(100, 0.0) == 1
    assert block_length(100, 0.5) == 7  # (1.5 * (4/3)**2 * 100)**(1/3) = 6.44
    assert block_length(800, 0.5) == 13
    assert block_length(20, 0.95) == 10


def test_impossible_blocks_are_refused():
    with pytest.raises(DesignError):
        block_indices(10, 10, 11, 1, generator_for("refused"))
    with pytest.raises(DesignError):
        block_indices(10, 10, 2, 1, generator_for("refused"), "stationary")
