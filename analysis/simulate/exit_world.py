"""A simulated brand that leaves some channels and perhaps returns: engagement, peers, contacts, demand (all daily).

Each metric is made twice, with the exit and without it, from the same factors, seasons, shocks and noise.
"""

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate import processes as p
from analysis.simulate.exit_parameters import ExitCalendar, ExitWorld, Shock
from analysis.simulate.unicredit_engagement import Intensities


def study_days(calendar: ExitCalendar) -> pd.DatetimeIndex:
    return pd.date_range(calendar.first, calendar.last, name="date")


def away(calendar: ExitCalendar, days: pd.DatetimeIndex) -> np.ndarray:
    """The days on which the exited channels are closed."""
    return np.asarray(days >= pd.Timestamp(calendar.closed)) & ~back(calendar, days)


def back(calendar: ExitCalendar, days: pd.DatetimeIndex) -> np.ndarray:
    """The days after the return; none where the brand did not return."""
    never = calendar.returned is None
    return np.zeros(len(days), dtype=bool) if never else np.asarray(days >= pd.Timestamp(calendar.returned))


def _draw(world: ExitWorld, *names: object) -> np.random.Generator:
    return generator_for("simulated exit", world.name, world.calendar.seed, *names)


def _years(days: pd.DatetimeIndex) -> np.ndarray:
    return (days - days[0]).days.to_numpy() / 365.25


def _shocks(days: pd.DatetimeIndex, shocks: dict[str, Shock], loading: dict[str, float] | None = None) -> np.ndarray:
    total = np.zeros(len(days))
    for name, (first, peak, scale, length) in shocks.items():
        total += (1.0 if loading is None else loading[name]) * p.decaying_shock(days, first, peak, scale, length)
    return total


def common_factors(world: ExitWorld, days: pd.DatetimeIndex) -> np.ndarray:
    """The slow factors that brand and peers share, shape (days, factors)."""
    return np.column_stack(
        [p.autoregression(_draw(world, "factor", number), len(days), *size)
         for number, size in enumerate(world.engagement.factor)]
    )  # fmt: skip


def engagement_calendar(world: ExitWorld, days: pd.DatetimeIndex, channel: str) -> np.ndarray:
    """Trend, week, holidays and shocks that brand and peers share on a channel, shape (days,)."""
    made = world.engagement
    return (
        made.trend[channel] * _years(days)
        + p.weekly_season(days, made.weekday[channel])
        + made.holiday[channel] * p.public_holidays(days, world.calendar.country)
        + _shocks(days, made.shocks)
    )


def engagement_intensities(world: ExitWorld, factors: np.ndarray, days: pd.DatetimeIndex) -> Intensities:
    """The brand's expected engagements, a column a channel."""
    made, calendar = world.engagement, world.calendar
    closed, returned = away(calendar, days), back(calendar, days)
    without, observed = {}, {}
    for channel in made.channels:
        log_mean = (
            np.log(made.level[channel])
            + factors @ np.array(made.loading[channel])
            + p.yearly_season(days, made.yearly[channel])
            + engagement_calendar(world, days, channel)
            + p.decaying_shock(days, calendar.announced, made.buzz[channel], *made.buzz_days)
            + p.autoregression(_draw(world, "brand noise", channel), len(days), *made.noise)
        )
        without[channel] = p.intensity(log_mean)
        if channel in made.exited:
            ratio = np.where(closed, 0.0, np.where(returned, made.regained.get(channel, 0.0), 1.0))
        else:
            ratio = 1 + made.spillover[channel] * closed + made.spillover_kept.get(channel, 0.0) * returned
        observed[channel] = np.round(without[channel] * ratio, p.DECIMALS)
    return Intensities(pd.DataFrame(observed, index=days), pd.DataFrame(without, index=days))


def counts_of(
    world: ExitWorld, metric: str, pair: Intensities, exited: tuple[str, ...], dispersion: float
) -> pd.DataFrame:
    """Observed counts, one row a day and channel: date, channel, ``metric``; none on a channel while it is closed."""
    parts = []
    for channel in pair.with_exit.columns:
        mean = pair.with_exit[channel]
        if channel in exited:
            mean = mean[~away(world.calendar, mean.index)]
        counts = p.negative_binomial(_draw(world, metric, "counts", channel), mean.to_numpy(), dispersion)
        parts.append(pd.DataFrame({"date": mean.index, "channel": channel, metric: counts}))
    return pd.concat(parts, ignore_index=True)


def peer_panel(world: ExitWorld, factors: np.ndarray, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The listening panel: columns week (a Monday), brand, channel, engagements. Peers do not notice the exit."""
    made, weeks, rows = world.engagement, days[days.day_of_week == 0], []
    shared = {channel: engagement_calendar(world, days, channel) for channel in made.channels}
    for brand in made.peer_names():
        draw = _draw(world, "peer", brand)
        size = draw.normal(0.0, made.peer_spread[0])
        for channel in made.channels:
            loading = np.array(made.loading[channel])
            loading = loading + draw.normal(0.0, made.loading_spread, len(loading)) * (loading != 0)
            season = p.yearly_season(days, made.yearly[channel]) * (1 + draw.normal(0.0, made.season_spread))
            base = np.log(made.level[channel]) + size + draw.normal(0.0, made.peer_spread[1])
            daily = np.exp(base + shared[channel] + season + factors @ loading)
            noise = p.autoregression(draw, len(weeks), *made.peer_noise)
            mean = np.round(daily.reshape(len(weeks), 7).sum(axis=1) * np.exp(noise), p.DECIMALS)
            counts = p.negative_binomial(draw, mean, made.peer_dispersion)
            rows.append(pd.DataFrame({"week": weeks, "brand": brand, "channel": channel, "engagements": counts}))
    return pd.concat(rows, ignore_index=True)


def common_demand(world: ExitWorld, days: pd.DatetimeIndex) -> np.ndarray:
    """What all contact channels and the log-ins share, shape (days,)."""
    made = world.contacts
    return (
        made.demand_trend * _years(days)
        + p.yearly_season(days, made.demand_yearly)
        + p.autoregression(_draw(world, "slow demand"), len(days), *made.demand_slow)
        + p.autoregression(_draw(world, "fast demand"), len(days), *made.demand_fast)
    )


def contact_intensities(world: ExitWorld, demand: np.ndarray, days: pd.DatetimeIndex) -> Intensities:
    """Expected contacts, a column a channel. With the exit a declared share of each week moves to each receiver."""
    made = world.contacts
    holiday, without = p.public_holidays(days, world.calendar.country), {}
    for channel in made.channels:
        hours = made.hours[channel]
        loading = {name: made.shock_loading[name][channel] for name in made.shocks}
        without[channel] = p.intensity(
            np.log(made.level[channel])
            + made.loading[channel] * demand
            + made.trend[channel] * _years(days)
            + p.weekly_season(days, made.weekday[hours])
            + made.holiday[hours] * holiday
            + _shocks(days, made.shocks, loading)
            + p.autoregression(_draw(world, "contact drift", channel), len(days), *made.own_drift)
            + p.autoregression(_draw(world, "contact noise", channel), len(days), *made.noise)
        )
    expected = pd.DataFrame(without, index=days)
    return Intensities(_diverted(world, expected), expected)


def _diverted(world: ExitWorld, expected: pd.DataFrame) -> pd.DataFrame:
    """Moved contacts follow the receiver's own week; moved + lost = expected on the exited channels, week by week."""
    made, days = world.contacts, expected.index
    closed, returned = away(world.calendar, days), back(world.calendar, days)
    observed = expected.copy()
    week = ((days - days[0]).days // 7).to_numpy()
    exited = np.bincount(week, expected[list(made.exited)].sum(axis=1).to_numpy())[week]
    for channel, share in made.diversion.items():
        own = expected[channel].to_numpy()
        profile = own / np.bincount(week, own)[week]
        taken = share * closed + made.diversion_kept.get(channel, 0.0) * returned
        observed[channel] = own + taken * exited * profile
    ratio = np.where(closed, 0.0, np.where(returned, made.regained, 1.0))
    for channel in made.exited:
        observed[channel] = expected[channel] * ratio
    return observed.round(p.DECIMALS)


def login_counts(world: ExitWorld, demand: np.ndarray, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Columns date, logins: what follows demand and is not moved by the exit."""
    made = world.contacts
    mean = p.intensity(
        np.log(made.logins) + demand + p.weekly_season(days, made.logins_weekday)
        + p.autoregression(_draw(world, "login noise"), len(days), *made.logins_noise)
    )
    counts = p.negative_binomial(_draw(world, "login counts"), mean, made.logins_dispersion)
    return pd.DataFrame({"date": days, "logins": counts})
