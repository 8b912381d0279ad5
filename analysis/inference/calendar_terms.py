"""Regressors that the calendar gives: days of the week and public holidays."""

from datetime import timedelta

import holidays as public_holidays
import numpy as np
import pandas as pd

from analysis.core.errors import CaseError, DesignError
from analysis.inference.time_axis import SHARE_OF_SINGLE_DAYS, WEEK, season_of

FEWEST = 2  # times a weekday or a holiday must have been seen for its effect to be told from that day's noise


def is_daily(times: pd.Index) -> bool:
    """Whether the axis is a calendar of days."""
    if not isinstance(times, pd.DatetimeIndex) or len(times) < WEEK:
        return False
    steps = np.diff(np.asarray((times - times[0]).days))
    return bool((steps == 1).mean() >= SHARE_OF_SINGLE_DAYS)


def weekday_columns(times: pd.Index, fitted: np.ndarray) -> dict[str, np.ndarray]:
    """Six contrasts, Monday to Saturday each against Sunday, summing to zero over a week.

    ``fitted`` (periods,) marks the periods that the fit sees. Raises DesignError unless the axis is daily and every
    weekday was seen at least twice.
    """
    if not is_daily(times):
        raise DesignError("the dates are not days", where="options, day_of_week", cure="use day_of_week: false")
    day = np.asarray(times.day_of_week)
    if min(np.sum(day[fitted] == item) for item in range(WEEK)) < FEWEST:
        raise DesignError(
            "the pre-period does not hold every day of the week twice",
            where="options, day_of_week",
            cure="widen the pre-period, or use day_of_week: false",
        )
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    last = (day == WEEK - 1).astype(float)
    return {f"day: {name}": (day == item).astype(float) - last for item, name in enumerate(names)}


def holiday_column(times: pd.Index, country: str, fitted: np.ndarray) -> np.ndarray:
    """Public holidays of ``country`` (ISO code such as IT) in each day, or number of them in each week, (periods,).

    Raises CaseError for an unknown country; DesignError for an axis that is neither daily nor weekly, or fewer than
    two holidays in the periods ``fitted``.
    """
    where = f"options, holidays: {country}"
    weekly = season_of(times) is not None
    if not weekly and not is_daily(times):
        raise DesignError("holidays need days or weeks", where=where, cure="leave holidays out")
    length = WEEK if weekly else 1
    years = range(times[0].year, (times[-1] + timedelta(days=length)).year + 1)
    try:
        calendar = public_holidays.country_holidays(country, years=years)
    except (NotImplementedError, KeyError, TypeError) as error:
        raise CaseError("no calendar of public holidays", where=where, cure="give an ISO code such as IT") from error
    column = np.array([sum((time.date() + timedelta(days=k)) in calendar for k in range(length)) for time in times])
    if column[fitted].sum() < FEWEST:
        raise DesignError(
            f"{int(column[fitted].sum())} public holidays in the pre-period are too few to learn from",
            where=where,
            cure="widen the pre-period, or leave holidays out",
        )
    return column.astype(float)
