"""Building blocks of simulated worlds: autocorrelated noise, seasons, holidays, decaying shocks, counts."""

from datetime import date

import holidays
import numpy as np
import pandas as pd
from scipy.signal import lfilter

# Day-level closures that move the calendar of a bank; named, so that a new release of the package adds none silently.
ITALIAN_HOLIDAYS = (
    "New Year's Day", "Epiphany", "Easter Sunday", "Easter Monday", "Liberation Day", "Labor Day", "Republic Day",
    "Assumption Of Mary Day", "All Saints' Day", "Immaculate Conception", "Christmas Day", "Saint Stephen's Day",
)
ENGLISH_HOLIDAYS = (
    "New Year's Day", "Good Friday", "Easter Monday", "May Day", "Spring Bank Holiday", "Late Summer Bank Holiday",
    "Christmas Day", "Boxing Day",
)
MILAN_CLOSED = ((1, 1), (5, 1), (8, 15), (12, 24), (12, 25), (12, 26), (12, 31))
DECIMALS = 6


def autoregression(generator: np.random.Generator, periods: int, rho: float, deviation: float) -> np.ndarray:
    """A stationary Gaussian AR(1), shape (periods,), with the given marginal standard deviation."""
    shocks = generator.normal(0.0, deviation * np.sqrt(1 - rho**2), periods)
    shocks[0] = generator.normal(0.0, deviation)
    return lfilter([1.0], [1.0, -rho], shocks)


def yearly_season(days: pd.DatetimeIndex, coefficients: tuple[float, ...]) -> np.ndarray:
    """Sum of cosines and sines of one, two, ... cycles a year, shape (days,)."""
    angle = 2 * np.pi * (days.day_of_year.to_numpy() - 1) / 365.25
    pairs = zip(coefficients[0::2], coefficients[1::2], strict=True)
    return sum(a * np.cos((k + 1) * angle) + b * np.sin((k + 1) * angle) for k, (a, b) in enumerate(pairs))


def weekly_season(days: pd.DatetimeIndex, profile: tuple[float, ...]) -> np.ndarray:
    """The Monday-to-Sunday profile laid along the days, shape (days,)."""
    return np.asarray(profile)[days.day_of_week.to_numpy()]


def italian_holidays(days: pd.DatetimeIndex) -> np.ndarray:
    """One on national public holidays, else zero, shape (days,)."""
    calendar = holidays.country_holidays("IT", years=sorted(set(days.year)), language="en_US")
    closed = {day for day, names in calendar.items() if set(names.split("; ")) & set(ITALIAN_HOLIDAYS)}
    return np.array([float(day.date() in closed) for day in days])


def english_holidays(days: pd.DatetimeIndex) -> np.ndarray:
    """One on public holidays of England, days given in lieu included, else zero, shape (days,)."""
    calendar = holidays.country_holidays("GB", subdiv="ENG", years=sorted(set(days.year)))
    closed = {day for day, names in calendar.items() if any(name in names for name in ENGLISH_HOLIDAYS)}
    return np.array([float(day.date() in closed) for day in days])


def public_holidays(days: pd.DatetimeIndex, country: str) -> np.ndarray:
    """The holidays of IT or GB. Raises KeyError for another country."""
    return {"IT": italian_holidays, "GB": english_holidays}[country](days)


def milan_trading_days(first: date, last: date) -> pd.DatetimeIndex:
    """Mondays to Fridays on which the Milan exchange opens."""
    weekdays = pd.bdate_range(first, last)
    calendar = holidays.country_holidays("IT", years=range(first.year, last.year + 1), language="en_US")
    easters = [pd.Timestamp(day) for day, name in calendar.items() if "Easter Sunday" in name]
    closed = {easter + pd.Timedelta(days=shift) for easter in easters for shift in (-2, 1)}
    return pd.DatetimeIndex([d for d in weekdays if d not in closed and (d.month, d.day) not in MILAN_CLOSED])


def decaying_shock(
    days: pd.DatetimeIndex, first: date, peak: float, scale: float, length: int | None = None
) -> np.ndarray:
    """``peak`` on the first day, falling by exp(-1) every ``scale`` days, nothing from ``length`` days on."""
    since = (days - pd.Timestamp(first)).days.to_numpy()
    inside = (since >= 0) & (since < (length if length is not None else np.inf))
    return np.where(inside, peak * np.exp(-np.maximum(since, 0) / scale), 0.0)


def on_day(days: pd.DatetimeIndex, day: date, size: float) -> np.ndarray:
    """``size`` on one day, else zero."""
    return np.where(days == pd.Timestamp(day), size, 0.0)


def intensity(log_mean: np.ndarray) -> np.ndarray:
    """exp, rounded, so that the last bits of a processor's exponential never change a count."""
    return np.round(np.exp(log_mean), DECIMALS)


def negative_binomial(generator: np.random.Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    """Counts with the given mean and variance mean + dispersion * mean squared (NB2), shape of ``mean``."""
    size = 1.0 / dispersion
    return generator.negative_binomial(size, size / (size + mean))


def along(days: pd.DatetimeIndex, anchors: tuple[tuple[str, float], ...]) -> np.ndarray:
    """Straight lines between dated values, flat outside, shape (days,)."""
    places = [(pd.Timestamp(day) - days[0]).days for day, _ in anchors]
    return np.interp((days - days[0]).days.to_numpy(), places, [value for _, value in anchors])
