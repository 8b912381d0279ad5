from datetime import date

import pandas as pd
import pytest

from analysis.inference.time_axis import as_time, positions, season_of


def test_weekly_and_daily_dates_keep_their_gaps():
    weeks = pd.date_range("2019-01-07", periods=6, freq="W-MON").delete(3)
    assert positions(weeks).tolist() == [0, 1, 2, 4, 5]
    days = pd.date_range("2019-01-01", periods=40, freq="D").delete(20)
    assert positions(days).tolist() == [*range(20), *range(21, 40)]


def test_trading_days_and_months_are_counted():
    assert positions(pd.bdate_range("2019-01-01", periods=30)).tolist() == list(range(30))
    assert positions(pd.date_range("2019-01-01", periods=5, freq="MS")).tolist() == list(range(5))
    assert positions(pd.Index(["a", "b", "c"])).tolist() == [0, 1, 2]


def test_integers_keep_their_gaps():
    assert positions(pd.Index([1970, 1971, 1975])).tolist() == [0, 1, 5]


def test_only_weekly_dates_have_a_season_of_their_own():
    assert season_of(pd.date_range("2019-01-07", periods=6, freq="W-MON")) == pytest.approx(52.18, abs=0.005)
    assert season_of(pd.date_range("2019-01-01", periods=6, freq="D")) is None
    assert season_of(pd.RangeIndex(6)) is None


def test_dates_as_text_become_the_axis_time():
    times = pd.date_range("2019-01-07", periods=6, freq="W-MON")
    assert as_time("2019-06-01", times) == as_time(date(2019, 6, 1), times) == pd.Timestamp("2019-06-01")
    assert as_time(1989, pd.RangeIndex(6)) == 1989
