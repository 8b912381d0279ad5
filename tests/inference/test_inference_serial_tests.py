import numpy as np
import pytest
from scipy.stats import chi2

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.serial_tests import breusch_godfrey, durbin_watson, ljung_box


def noise(periods=60, rho=0.0, name="serial tests"):
    shocks = generator_for(name, periods).normal(size=periods)
    for step in range(1, periods):
        shocks[step] += rho * shocks[step - 1]
    return shocks


def test_durbin_watson_by_hand():
    assert durbin_watson(np.array([1.0, -1.0, 1.0])) == pytest.approx(8 / 3)
    assert durbin_watson(np.array([1.0, 2.0, 0.0, 1.0])) == pytest.approx((1 + 4 + 1) / 6)


def test_durbin_watson_compares_neighbours_only():
    """The jump over the gap is left out, and two of three changes stand for all three."""
    found = durbin_watson(np.array([1.0, 2.0, 0.0, 1.0]), np.array([0, 1, 5, 6]))
    assert found == pytest.approx((1 + 1) * 3 / 2 / 6)


def test_breusch_godfrey_is_rows_times_r_squared_of_the_lagged_residuals():
    y, design = noise(rho=0.5), np.column_stack([np.ones(60), np.arange(60)])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    lagged = np.column_stack([np.concatenate([np.zeros(lag), residual[:-lag]]) for lag in (1, 2, 3)])
    every = np.column_stack([design, lagged])
    left = residual - every @ np.linalg.lstsq(every, residual, rcond=None)[0]
    expected = 60 * (1 - left @ left / (residual @ residual))
    found = breusch_godfrey(y, design, 3)
    assert found.statistic == pytest.approx(expected)
    assert found.p_value == pytest.approx(chi2.sf(expected, 3))


def test_ljung_box_is_its_sum_of_squared_autocorrelations():
    values = noise(rho=0.4)
    centred = values - values.mean()
    squares = [(centred[lag:] @ centred[:-lag] / (centred @ centred)) ** 2 / (60 - lag) for lag in (1, 2, 3)]
    found = ljung_box(values, 3, fitted=1)
    assert found.statistic == pytest.approx(60 * 62 * sum(squares))
    assert (found.degrees_of_freedom, found.p_value) == (2, pytest.approx(chi2.sf(found.statistic, 2)))


def test_memory_is_seen_and_its_absence_too():
    design = np.ones((200, 1))
    for rho, remembered in ((0.0, False), (0.6, True)):
        values = noise(200, rho)
        assert (breusch_godfrey(values, design, 2).p_value < 0.01) == remembered
        assert (ljung_box(values, 5).p_value < 0.01) == remembered


@pytest.mark.parametrize(
    "call",
    [
        lambda: durbin_watson(np.ones(3), np.array([0, 2, 4])),
        lambda: durbin_watson(np.zeros(4)),
        lambda: breusch_godfrey(noise(10), np.ones((10, 1)), 9),
        lambda: ljung_box(noise(10), 0),
        lambda: ljung_box(noise(10), 1, fitted=1),
    ],
)
def test_what_cannot_be_tested_is_refused(call):
    with pytest.raises(DesignError):
        call()
