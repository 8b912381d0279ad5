"""Hours between two moments: those of the calendar, or those in which the desk is open.

The calendar clock counts hours that passed, so a night in which clocks are put forward has one hour less. The business
clock counts the hours between opening and closing on the desk's weekdays, without public holidays, in the desk's own
time zone. First response and handling times on either clock are the key figures of contact centres.
"""

import holidays as public_holidays
import numpy as np
import pandas as pd

from analysis.core.case_service import Clock
from analysis.core.errors import CaseError, DesignError

MICROSECONDS = 3.6e9  # in an hour
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONDAY = 3  # days from the first Monday of the count of weeks to 1 January 1970, a Thursday


def elapsed_hours(start: pd.Series, end: pd.Series, clock: Clock) -> np.ndarray:
    """Hours of ``clock`` from ``start`` to ``end`` (n,), negative where the end lies before the start.

    Both are moments with the same time zone; the result is missing where either is. Raises DesignError for moments
    without a time zone, CaseError for a country without a calendar of public holidays.
    """
    since, until = instants(start), instants(end)
    if clock.kind == "calendar" or np.isnan(since).all() or np.isnan(until).all():
        return until - since
    knots, open_hours = _open_hours(start, end, clock)
    return np.interp(until, knots, open_hours) - np.interp(since, knots, open_hours)


def instants(moments: pd.Series) -> np.ndarray:
    """Moments with a time zone as hours since 1970 in universal time (n,); missing where there is none."""
    if moments.isna().all():
        return np.full(len(moments), np.nan)
    _require_zone(moments)
    universal = moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    return np.where(np.isnat(universal), np.nan, universal.astype(np.int64) / MICROSECONDS)


def local_days(moments: pd.Series) -> np.ndarray:
    """Days since 1970 on the local calendar (n,), whole numbers. Every moment must be known."""
    _require_zone(moments)
    return moments.dt.tz_localize(None).to_numpy("datetime64[D]").astype(int)


def weeks_of(days: np.ndarray) -> np.ndarray:
    """Number of the week, Monday to Sunday, of days since 1970."""
    return (days + MONDAY) // 7


def weekdays_of(days: np.ndarray) -> np.ndarray:
    """0 for Monday to 6 for Sunday."""
    return (days + MONDAY) % 7


def _require_zone(moments: pd.Series) -> None:
    if not isinstance(moments.dtype, pd.DatetimeTZDtype):
        raise DesignError(
            f'the moments of "{moments.name}" have no time zone, so hours between them are not known',
            where="clock",
            cure="read them with the time zone of the case",
        )


def _open_hours(start: pd.Series, end: pd.Series, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Instants at which the desk opens or closes, and the hours it was open until each, over all moments' days."""
    zone = start.dt.tz
    first, last = (getattr(pd.concat([start, end.dt.tz_convert(zone)]), side)() for side in ("min", "max"))
    days = pd.date_range(first.tz_localize(None).normalize(), last.tz_localize(None).normalize(), freq="D")
    days = days[[WEEKDAYS[day] in clock.weekdays for day in days.day_of_week]]
    if clock.holidays:
        days = days[~days.isin(pd.DatetimeIndex(_holidays(clock.holidays, first.year, last.year)))]
    # An hour that a night repeats is open twice: opened at its first, closed at its second passing.
    opens, closes = (
        _instants_at(days, hour, zone, first_passing)
        for hour, first_passing in ((clock.opens, True), (clock.closes, False))
    )
    opens = np.maximum(opens, np.concatenate([[-np.inf], closes[:-1]]))
    lengths = np.maximum(closes - opens, 0.0)
    ends = np.cumsum(lengths)
    edges = np.column_stack([opens, closes]).ravel()
    hours = np.column_stack([ends - lengths, ends]).ravel()
    return (edges, hours) if len(days) else (np.zeros(1), np.zeros(1))


def _instants_at(days: pd.DatetimeIndex, hour: str, zone: object, first_passing: bool) -> np.ndarray:
    hours, minutes = (int(part) for part in hour.split(":"))
    local = days + pd.Timedelta(hours=hours, minutes=minutes)
    passing = np.full(len(local), first_passing)
    return instants(pd.Series(local.tz_localize(zone, ambiguous=passing, nonexistent="shift_forward")))


def _holidays(country: str, first: int, last: int) -> list[object]:
    try:
        return sorted(public_holidays.country_holidays(country, years=range(first, last + 1)))
    except (NotImplementedError, KeyError, TypeError) as error:
        raise CaseError(
            "no calendar of public holidays", where=f"clock, holidays: {country}", cure="give an ISO code such as IT"
        ) from error
