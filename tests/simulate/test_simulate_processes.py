"""The building blocks of simulated worlds: moments, calendars, shapes."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis.core.seeds import generator_for
from analysis.simulate import processes as p

DAYS = pd.date_range("2017-01-02", "2020-02-23")


@pytest.mark.parametrize(("mean", "dispersion"), [(20.0, 0.02), (600.0, 0.02), (4000.0, 0.004)])
def test_counts_have_the_declared_mean_and_variance(mean, dispersion):
    draws = p.negative_binomial(generator_for("test", "counts", mean), np.full(200_000, mean), dispersion)
    assert draws.mean() == pytest.approx(mean, rel=0.01)
    assert draws.var() == pytest.approx(mean + dispersion * mean**2, rel=0.03)


def test_autoregression_is_stationary_with_the_declared_deviation():
    starts = np.array([p.autoregression(generator_for("test", "ar", n), 30, 0.9, 0.5)[[0, -1]] for n in range(2000)])
    assert starts.std(axis=0) == pytest.approx([0.5, 0.5], rel=0.06)
    long = p.autoregression(generator_for("test", "ar long"), 100_000, 0.6, 0.2)
    assert np.corrcoef(long[1:], long[:-1])[0, 1] == pytest.approx(0.6, abs=0.02)


def test_holidays_are_the_twelve_national_ones():
    closed = DAYS[p.italian_holidays(DAYS) == 1]
    of_2019 = [f"{day:%m-%d}" for day in closed[closed.year == 2019]]
    assert of_2019 == [
        "01-01", "01-06", "04-21", "04-22", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26",
    ]


def test_milan_trades_neither_on_good_friday_nor_on_the_last_day_of_the_year():
    days = p.milan_trading_days(date(2019, 1, 1), date(2019, 12, 31))
    for closed in ("2019-01-01", "2019-04-19", "2019-04-22", "2019-05-01", "2019-08-15", "2019-12-24", "2019-12-31"):
        assert pd.Timestamp(closed) not in days
    assert pd.Timestamp("2019-05-06") in days
    assert (days.day_of_week < 5).all()


def test_a_shock_peaks_on_its_first_day_and_ends():
    shock = p.decaying_shock(DAYS, date(2019, 5, 4), 1.0, 4.0, 21)
    series = pd.Series(shock, index=DAYS)
    assert series.idxmax() == pd.Timestamp("2019-05-04")
    assert series[:"2019-05-03"].eq(0).all()
    assert series["2019-05-08"] == pytest.approx(np.exp(-1))
    assert series["2019-05-25":].eq(0).all()


def test_weekly_profile_starts_on_monday():
    assert p.weekly_season(DAYS[:8], (1, 2, 3, 4, 5, 6, 7)).tolist() == [1, 2, 3, 4, 5, 6, 7, 1]
