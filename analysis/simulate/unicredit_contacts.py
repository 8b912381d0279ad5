"""Service contacts by channel, website sessions and app log-ins, with and without the exit (all daily)."""

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate import processes as p
from analysis.simulate.unicredit_engagement import WORLD, Intensities, after_closing
from analysis.simulate.unicredit_parameters import (
    CALENDAR,
    CONTACT_CHANNELS,
    CONTACTS,
    EXITED_CONTACTS,
    WEB,
)

SOCIAL_HOURS = (*EXITED_CONTACTS, "twitter", "app")


def common_demand(seed: int, days: pd.DatetimeIndex) -> np.ndarray:
    """What all contact channels and the log-ins share, on the log scale, shape (days,)."""
    years = (days - days[0]).days.to_numpy() / 365.25
    return (
        CONTACTS.demand_trend.value * years
        + p.yearly_season(days, CONTACTS.demand_yearly.value)
        + p.autoregression(generator_for(WORLD, seed, "slow demand"), len(days), *CONTACTS.demand_slow.value)
        + p.autoregression(generator_for(WORLD, seed, "fast demand"), len(days), *CONTACTS.demand_fast.value)
    )


def brand_shocks(days: pd.DatetimeIndex) -> np.ndarray:
    """The two breaches and strong authentication, on the log scale at loading one, shape (days,)."""
    scale, length = CONTACTS.shock_days.value
    peaks = (*CONTACTS.breach_peaks.value, CONTACTS.authentication_peak.value)
    dates = (CALENDAR.first_breach.value, CALENDAR.second_breach.value, CALENDAR.strong_authentication.value)
    return sum(p.decaying_shock(days, day, peak, scale, length) for day, peak in zip(dates, peaks, strict=True))


def contact_intensities(seed: int, demand: np.ndarray, days: pd.DatetimeIndex) -> Intensities:
    """Expected contacts, shape (days, 9) each. Without the exit nothing moves; with it a declared share does."""
    holiday, shocks = p.italian_holidays(days), brand_shocks(days)
    without = {}
    own_drift, own_noise = CONTACTS.own_drift.value, CONTACTS.noise.value
    for channel in CONTACT_CHANNELS:
        hours = "social" if channel in SOCIAL_HOURS else "branch" if channel == "branch" else "desk"
        noise = p.autoregression(generator_for(WORLD, seed, "contact noise", channel), len(days), *own_noise)
        drift = p.autoregression(generator_for(WORLD, seed, "contact drift", channel), len(days), *own_drift)
        log_mean = (
            np.log(CONTACTS.level.value[channel])
            + CONTACTS.loading.value[channel] * demand
            + p.weekly_season(days, CONTACTS.weekday.value[hours])
            + CONTACTS.holiday.value[hours] * holiday
            + CONTACTS.shock_loading.value[channel] * shocks
            + p.on_day(days, CALENDAR.outage.value, CONTACTS.outage.value.get(channel, 0.0))
            + drift + noise
        )
        without[channel] = p.intensity(log_mean)
    expected = pd.DataFrame(without, index=days)
    return Intensities(_diverted(expected, after_closing(days)), expected)


def _diverted(expected: pd.DataFrame, after: np.ndarray) -> pd.DataFrame:
    """The exited contacts of each week go to each receiving channel in its share, along that channel's own week.

    A week's moved contacts follow the receiver's opening hours, so a Sunday message to Messenger becomes a Monday
    visit to a branch. Conservation holds week by week: moved + lost = expected on the exited channels.
    """
    observed = expected.copy()
    week = ((expected.index - expected.index[0]).days // 7).to_numpy()
    exited = np.bincount(week, expected[list(EXITED_CONTACTS)].sum(axis=1).to_numpy() * after)
    for channel, share in CONTACTS.diversion.value.items():
        own = expected[channel].to_numpy() * after
        total = np.bincount(week, own)
        profile = np.divide(own, total[week], out=np.zeros_like(own), where=total[week] > 0)
        observed[channel] = expected[channel] + share * exited[week] * profile
    for channel in EXITED_CONTACTS:
        observed[channel] = np.where(after, 0.0, expected[channel])
    return observed.round(p.DECIMALS)


def contact_log(seed: int, intensities: Intensities) -> pd.DataFrame:
    """Observed contacts, one row a day and channel; exited channels have no row from the closing on."""
    parts = []
    for channel in CONTACT_CHANNELS:
        mean = intensities.with_exit[channel]
        if channel in EXITED_CONTACTS:
            mean = mean[~after_closing(mean.index)]
        generator = generator_for(WORLD, seed, "contact counts", channel)
        counts = p.negative_binomial(generator, mean.to_numpy(), CONTACTS.dispersion.value)
        parts.append(pd.DataFrame({"date": mean.index, "channel": channel, "contacts": counts}))
    return pd.concat(parts, ignore_index=True)


def web_intensities(seed: int, demand: np.ndarray, days: pd.DatetimeIndex) -> Intensities:
    """Expected sessions and log-ins, shape (days, 2) each. Log-ins follow demand and are not moved by the exit."""
    calendar = p.weekly_season(days, WEB.weekday.value) + WEB.holiday.value * p.italian_holidays(days)
    consent = np.asarray(days >= pd.Timestamp(CALENDAR.consent_banner.value)) * WEB.consent.value
    extra = {
        "sessions": CONTACTS.shock_loading.value["website"] * brand_shocks(days)
        + consent + p.on_day(days, CALENDAR.outage.value, WEB.outage.value),
        "logins": np.zeros(len(days)),
    }
    levels = {"sessions": WEB.sessions.value, "logins": WEB.logins.value}
    without = {
        name: p.intensity(
            np.log(levels[name]) + demand + calendar + extra[name]
            + p.autoregression(generator_for(WORLD, seed, "web noise", name), len(days), *WEB.noise.value)
        )
        for name in levels
    }
    expected = pd.DataFrame(without, index=days)
    observed = expected.copy()
    change = WEB.regained_share.value - WEB.referral_share.value
    observed["sessions"] = (expected["sessions"] * (1 + change * after_closing(days))).round(p.DECIMALS)
    return Intensities(observed, expected)


def web_counts(seed: int, intensities: Intensities) -> pd.DataFrame:
    """Observed sessions and log-ins: columns date, sessions, logins."""
    counts = {
        name: p.negative_binomial(
            generator_for(WORLD, seed, "web counts", name), intensities.with_exit[name].to_numpy(), WEB.dispersion.value
        )
        for name in ("sessions", "logins")
    }
    return pd.DataFrame({"date": intensities.with_exit.index, **counts})
