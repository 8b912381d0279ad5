"""Days of the week and holidays as regressors."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import CaseError, DesignError
from analysis.inference.calendar_terms import holiday_column, is_daily, weekday_columns

DAYS = pd.date_range("2019-01-01", "2019-12-31", freq="D")
WEEKS = pd.date_range("2018-12-31", periods=52, freq="W-MON")
ALL = np.ones(len(DAYS), dtype=bool)


def test_weekdays_sum_to_nothing_over_a_week() -> None:
    columns = np.column_stack(list(weekday_columns(DAYS, ALL).values()))
    assert columns.shape == (365, 6)
    assert (columns[:7].sum(axis=0) == 0).all()
    sunday = np.asarray(DAYS.day_of_week) == 6
    assert (columns[sunday] == -1).all()


def test_weekdays_want_days_and_two_of_each() -> None:
    with pytest.raises(DesignError, match="not days"):
        weekday_columns(WEEKS, np.ones(52, dtype=bool))
    with pytest.raises(DesignError, match="twice"):
        weekday_columns(DAYS, np.arange(len(DAYS)) < 13)
    assert is_daily(DAYS)
    assert not is_daily(WEEKS)
    assert not is_daily(pd.RangeIndex(50))


def test_holidays_are_marked_by_day_and_counted_by_week() -> None:
    daily = pd.Series(holiday_column(DAYS, "IT", ALL), index=DAYS)
    assert daily["2019-06-02"] == 1
    assert daily["2019-06-03"] == 0
    weekly = pd.Series(holiday_column(WEEKS, "IT", np.ones(52, dtype=bool)), index=WEEKS)
    assert weekly["2019-12-23"] == 2  # Christmas and Saint Stephen's
    assert weekly["2019-05-27"] == 1  # 2 June, the Sunday


def test_holidays_that_cannot_be_learnt_are_refused() -> None:
    with pytest.raises(CaseError, match="calendar"):
        holiday_column(DAYS, "Atlantis", ALL)
    with pytest.raises(DesignError, match="too few"):
        holiday_column(DAYS, "IT", np.asarray(DAYS < "2019-01-05"))
    with pytest.raises(DesignError, match="days or weeks"):
        holiday_column(pd.date_range("2019-01-01", periods=24, freq="MS"), "IT", np.ones(24, dtype=bool))
