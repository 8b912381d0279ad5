"""California's cigarette sales as an interrupted time series (Linden 2015's design)."""

import numpy as np
import pandas as pd
import pytest

from analysis import Panel, Windows, estimate
from analysis.core import paths
from analysis.inference.autoregressive import contrast, fit_autoregressive
from analysis.inference.newey_west import fit_least_squares
from analysis.inference.segmented import segmented_design
from analysis.inference.serial_tests import breusch_godfrey, durbin_watson, ljung_box

FILE = paths.SHARED / "benchmarks" / "california_prop99.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the shared benchmarks are not beside the project")


@pytest.fixture(scope="module")
def series():
    frame = pd.read_csv(FILE, sep=";")
    return frame[frame["State"] == "California"].set_index("Year")["PacksPerCapita"]


@pytest.fixture(scope="module")
def least_squares(series):
    years = np.arange(len(series))
    return fit_autoregressive(series.to_numpy(), segmented_design(years, 19).matrix, years, rho=0.0)


def test_coefficients(least_squares):
    assert least_squares.coefficients == pytest.approx([132.22578915, -1.77947365, -20.05809663, -1.49465238], abs=5e-8)


def test_standard_errors(least_squares):
    found = np.sqrt(np.diag(least_squares.covariance))
    assert found == pytest.approx([2.28661905, 0.21703628, 3.74711054, 0.48462864], abs=5e-8)


def test_trend_after_the_event(least_squares):
    assert contrast(least_squares, [0, 1, 0, 1]).estimate == pytest.approx(-3.2741, abs=5e-5)


@pytest.fixture(scope="module")
def newey_west(series):
    """Lag 1 and the small-sample factor n / (n - k), as Linden's program has it."""
    years = np.arange(len(series))
    return fit_least_squares(series.to_numpy(), segmented_design(years, 19).matrix, years, lag=1)


def test_newey_west_standard_errors(newey_west, least_squares):
    assert newey_west.coefficients == pytest.approx(least_squares.coefficients, abs=1e-9)
    assert newey_west.covariance == pytest.approx(least_squares.covariance, abs=1e-9)
    found = np.sqrt(np.diag(newey_west.newey_west))
    assert found == pytest.approx([4.25305394, 0.38341882, 4.72439512, 0.43682011], abs=5e-9)


def test_trend_after_the_event_with_its_newey_west_standard_error(newey_west):
    found = newey_west.contrast([0, 1, 0, 1])
    assert found.estimate == pytest.approx(-3.2741, abs=5e-5)
    assert found.standard_error == pytest.approx(0.269, abs=5e-4)
    assert newey_west.contrast([0, 1, 0, 1], newey_west=False).standard_error != pytest.approx(0.269, abs=5e-4)


def test_residuals_have_the_published_durbin_watson(newey_west):
    assert durbin_watson(newey_west.residuals) == pytest.approx(0.5352419555860936, abs=1e-12)


def test_breusch_godfrey_at_two_lags(series):
    found = breusch_godfrey(series.to_numpy(), segmented_design(np.arange(len(series)), 19).matrix, 2)
    assert found.statistic == pytest.approx(15.255270955, abs=5e-10)
    assert found.degrees_of_freedom == 2


@pytest.mark.parametrize(("lags", "statistic"), [(1, 15.458383), (2, 21.183462), (5, 24.619435)])
def test_ljung_box(newey_west, lags, statistic):
    assert ljung_box(newey_west.residuals, lags).statistic == pytest.approx(statistic, abs=5e-7)


def test_the_estimator_reports_the_average_of_step_and_slope(series):
    panel = Panel.from_wide(
        series.to_frame("sales"), treated="sales", windows=Windows.split(first=1970, event=1989, last=2000)
    )
    effect = estimate("interrupted_time_series", panel)
    found = effect.diagnostics["coefficients"]
    assert effect.point == pytest.approx(found["event"] + found["event slope"] * 11 / 2)
    assert effect.diagnostics["rho_at_bound"]  # with this Durbin-Watson the series is close to a random walk


def test_the_estimator_shows_least_squares_beside_its_own(series, least_squares):
    """Lag 3 by the rule for 31 years; the effect is the step and half of eleven years of slope."""
    panel = Panel.from_wide(
        series.to_frame("sales"), treated="sales", windows=Windows.split(first=1970, event=1989, last=2000)
    )
    found = estimate("interrupted_time_series", panel).diagnostics
    average = contrast(least_squares, [0, 0, 1, 11 / 2])
    assert found["least_squares_effect"] == pytest.approx(average.estimate)
    assert found["least_squares_effect"] == pytest.approx(-20.05809663 - 1.49465238 * 5.5, abs=5e-7)
    assert found["least_squares_standard_error"] == pytest.approx(average.standard_error)
    assert found["newey_west_lag"] == 3
    assert found["durbin_watson"] == pytest.approx(0.5352419555860936, abs=1e-9)
