"""UniCredit's share on the first trading day after it announced its leave (Monday 6 May 2019)."""

import numpy as np
import pandas as pd
import pytest

from analysis import Panel, Windows, estimate
from analysis.core import paths

FILE = paths.SHARED / "real" / "milan-shares" / "prices.csv.gz"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the shared prices are not beside the project")
EVENT, ESTIMATION_DAYS, DAYS_BETWEEN = pd.Timestamp("2019-05-06"), 250, 12


@pytest.fixture(scope="module")
def effect():
    prices = pd.read_csv(FILE, parse_dates=["Date"]).pivot(index="Date", columns="Ticker", values="Adj Close")
    returns = np.log(prices[["UCG.MI", "IMIB.MI"]].dropna()).diff().dropna()
    last = returns.index.get_loc(EVENT) - DAYS_BETWEEN
    windows = Windows(returns.index[last - ESTIMATION_DAYS + 1], returns.index[last], EVENT, EVENT)
    panel = Panel.from_wide(returns, treated="UCG.MI", covariates=["IMIB.MI"], windows=windows)
    return estimate("market_event_study", panel)


def test_market_model(effect):
    assert effect.n_pre == ESTIMATION_DAYS
    assert effect.diagnostics["beta"] == pytest.approx(1.607, abs=5e-4)


def test_abnormal_return(effect):
    assert 100 * effect.point == pytest.approx(-0.89, abs=5e-3)
    assert effect.diagnostics["standardised_uncorrected"] == pytest.approx(-0.695, abs=5e-4)


def test_forecast_error_correction_shrinks_the_statistic(effect):
    assert abs(effect.diagnostics["standardised"]) < abs(effect.diagnostics["standardised_uncorrected"])
    assert effect.p_value > 0.05
    assert 0 in effect.interval
