"""Engagement of the brand (daily) and of its peers (weekly) with and without the exit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate import processes as p
from analysis.simulate.unicredit_parameters import (
    ACCOUNTS,
    CALENDAR,
    ENGAGEMENT,
    EXITED_SOCIAL,
    RETAINED_SOCIAL,
    SOCIAL,
)

WORLD = "simulated unicredit"


@dataclass(frozen=True, slots=True)
class Intensities:
    """Expected daily values by channel: as it went, and as it would have gone without the exit (columns: channels)."""

    with_exit: pd.DataFrame
    without_exit: pd.DataFrame


def study_days() -> pd.DatetimeIndex:
    return pd.date_range(CALENDAR.first.value, CALENDAR.last.value, name="date")


def after_closing(days: pd.DatetimeIndex) -> np.ndarray:
    return np.asarray(days >= pd.Timestamp(CALENDAR.closed.value))


def level(channel: str) -> float:
    """Engagements on an ordinary day without advertising."""
    if channel == "linkedin":
        return ENGAGEMENT.linkedin_level.value
    followers = {
        "facebook": ACCOUNTS.facebook_likes.value[-1][1],
        "instagram": ACCOUNTS.instagram_followers.value[-1][1],
        "twitter": ACCOUNTS.twitter_followers.value,
    }[channel]
    return followers * ENGAGEMENT.rate.value[channel] * ENGAGEMENT.posts_per_day.value[channel]


def common_factors(seed: int, days: pd.DatetimeIndex) -> np.ndarray:
    """The slow factors that the brand and its peers share, shape (days, 3)."""
    sizes = zip(ENGAGEMENT.factor_rho.value, ENGAGEMENT.factor_deviation.value, strict=True)
    columns = [
        p.autoregression(generator_for(WORLD, seed, "factor", number), len(days), rho, deviation)
        for number, (rho, deviation) in enumerate(sizes)
    ]
    return np.column_stack(columns)


def calendar_effects(days: pd.DatetimeIndex, channel: str) -> np.ndarray:
    """What the calendar and the platforms do to everybody, on the log scale, shape (days,)."""
    effect = p.weekly_season(days, ENGAGEMENT.weekday.value[channel])
    effect = effect + ENGAGEMENT.holiday.value[channel] * p.italian_holidays(days)
    effect = effect + p.on_day(days, CALENDAR.outage.value, ENGAGEMENT.outage.value[channel])
    if channel == "facebook":
        peak, scale = ENGAGEMENT.scandal.value
        effect = effect + p.decaying_shock(days, CALENDAR.platform_scandal.value, peak, scale)
    return effect


def brand_intensities(seed: int, factors: np.ndarray, days: pd.DatetimeIndex) -> Intensities:
    """The brand's expected engagements, shape (days, 4) each."""
    without, observed = {}, {}
    scale, length = ENGAGEMENT.buzz_days.value
    for channel in SOCIAL:
        noise = p.autoregression(
            generator_for(WORLD, seed, "brand noise", channel), len(days),
            ENGAGEMENT.noise_rho.value[channel], ENGAGEMENT.noise_deviation.value[channel],
        )
        log_mean = (
            np.log(level(channel))
            + factors @ np.array(ENGAGEMENT.loadings.value[channel])
            + p.yearly_season(days, ENGAGEMENT.yearly.value[channel])
            + calendar_effects(days, channel)
            + p.decaying_shock(days, CALENDAR.announced.value, ENGAGEMENT.buzz.value[channel], scale, length)
            + noise
        )
        paid = ENGAGEMENT.paid_share.value.get(channel, 0.0)
        advertised = np.asarray(days < pd.Timestamp(CALENDAR.advertising_stopped.value))
        without[channel] = p.intensity(log_mean - np.log(1 - paid) * advertised)
        observed[channel] = _after_exit(channel, without[channel], after_closing(days))
    return Intensities(pd.DataFrame(observed, index=days), pd.DataFrame(without, index=days))


def _after_exit(channel: str, expected: np.ndarray, after: np.ndarray) -> np.ndarray:
    if channel in EXITED_SOCIAL:
        return np.where(after, 0.0, expected)
    return expected * (1 + ENGAGEMENT.spillover.value[channel] * after) if channel in RETAINED_SOCIAL else expected


def brand_counts(seed: int, intensities: Intensities, channel: str) -> pd.Series:
    """Observed daily engagements; the series of an exited channel ends the day before it closes."""
    mean = intensities.with_exit[channel]
    if channel in EXITED_SOCIAL:
        mean = mean[~after_closing(mean.index)]
    generator = generator_for(WORLD, seed, "brand counts", channel)
    counts = p.negative_binomial(generator, mean.to_numpy(), ENGAGEMENT.dispersion.value)
    return pd.Series(counts, index=mean.index, name="engagements")


def peer_names() -> tuple[str, ...]:
    return tuple(f"Peer bank {number:02d}" for number in range(1, ACCOUNTS.peers.value + 1))


def peer_panel(seed: int, factors: np.ndarray, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The listening panel: columns week (a Monday), brand, channel, engagements."""
    weeks = days[days.day_of_week == 0]
    shared = {channel: calendar_effects(days, channel) for channel in SOCIAL}
    seasons = {channel: p.yearly_season(days, ENGAGEMENT.yearly.value[channel]) for channel in SOCIAL}
    rows = []
    for brand in peer_names():
        generator = generator_for(WORLD, seed, "peer", brand)
        size_spread, channel_spread = ENGAGEMENT.peer_level_spread.value
        size = generator.normal(0.0, size_spread)
        for channel in SOCIAL:
            base = np.log(level(channel)) + size + generator.normal(0.0, channel_spread)
            daily = base + shared[channel] + _peer_movement(generator, factors, seasons[channel], channel)
            weekly = np.exp(daily).reshape(len(weeks), 7).sum(axis=1)
            noise = p.autoregression(generator, len(weeks), *ENGAGEMENT.peer_noise.value)
            mean = np.round(weekly * np.exp(noise), p.DECIMALS)
            counts = p.negative_binomial(generator, mean, ENGAGEMENT.peer_dispersion.value)
            rows.append(pd.DataFrame({"week": weeks, "brand": brand, "channel": channel, "engagements": counts}))
    return pd.concat(rows, ignore_index=True)


def _peer_movement(
    generator: np.random.Generator, factors: np.ndarray, season: np.ndarray, channel: str
) -> np.ndarray:
    brand = np.array(ENGAGEMENT.loadings.value[channel])
    spread = generator.normal(0.0, ENGAGEMENT.loading_spread.value, len(brand)) * (brand != 0)
    return factors @ (brand + spread) + season * (1 + generator.normal(0.0, ENGAGEMENT.season_spread.value))
