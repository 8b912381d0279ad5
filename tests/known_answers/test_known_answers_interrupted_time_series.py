"""California's cigarette sales as an interrupted time series (Linden 2015's design)."""

import numpy as np
import pandas as pd
import pytest

from analysis import Panel, Windows, estimate
from analysis.core import paths
from analysis.inference.autoregressive import contrast, fit_autoregressive
from analysis.inference.segmented import segmented_design

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


def test_residuals_have_the_published_durbin_watson(least_squares):
    residuals = least_squares.residuals
    assert (np.diff(residuals) ** 2).sum() / (residuals**2).sum() == pytest.approx(0.5352419555860936, abs=1e-9)


def test_the_estimator_reports_the_average_of_step_and_slope(series):
    panel = Panel.from_wide(
        series.to_frame("sales"), treated="sales", windows=Windows.split(first=1970, event=1989, last=2000)
    )
    effect = estimate("interrupted_time_series", panel)
    found = effect.diagnostics["coefficients"]
    assert effect.point == pytest.approx(found["event"] + found["event slope"] * 11 / 2)
    assert effect.diagnostics["rho_at_bound"]  # with this Durbin-Watson the series is close to a random walk
