"""Whole-number positions of periods on their regular axis, so that a missing period is a longer lag."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

DAYS_IN_A_YEAR = 365.25
WEEK = 7
# Above this share of one-day steps the axis is a calendar of days; below it (trading days) steps are counted.
SHARE_OF_SINGLE_DAYS = 0.9


def positions(times: pd.Index) -> np.ndarray:
    """Whole numbers from 0, shape (periods,): integer times and weekly or daily dates keep their gaps.

    Other dates (months, trading days) are numbered one after another.
    """
    if pd.api.types.is_integer_dtype(times):
        return np.asarray(times - times[0], dtype=int)
    if not isinstance(times, pd.DatetimeIndex):
        return np.arange(len(times))
    days = np.asarray((times - times[0]).days, dtype=int)
    steps = np.diff(days)
    if len(steps) and (steps % WEEK == 0).all() and steps.min() == WEEK:
        return days // WEEK
    return days if len(steps) and (steps == 1).mean() >= SHARE_OF_SINGLE_DAYS else np.arange(len(times))


def season_of(times: pd.Index) -> float | None:
    """Periods in a year (52.18) when the dates are weekly, else None."""
    if not isinstance(times, pd.DatetimeIndex) or len(times) < 2:
        return None
    steps = np.diff(np.asarray((times - times[0]).days, dtype=int))
    weekly = (steps % WEEK == 0).all() and steps.min() == WEEK
    return DAYS_IN_A_YEAR / WEEK if weekly else None


def as_time(value: Any, times: pd.Index) -> Any:
    """``value`` (a date, an ISO text, an integer) as the axis's own kind of time."""
    return pd.Timestamp(value) if isinstance(times, pd.DatetimeIndex) and isinstance(value, str | date) else value
