"""What a simulated brand that leaves some channels (and perhaps returns) is made from: calendar, engagement, contacts.

The groups are the same for every such brand; their values, with the public sources they have, are the case's. Levels
are those of an ordinary day, effects and deviations of the natural logarithm unless a share or ratio is named.
"""

# `declared` makes a dataclass field, which the linter does not see from another module.
# ruff: noqa: RUF009
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analysis.simulate.parameters import declared

ByChannel = Mapping[str, float]
# First day, log rise on it, days in which it falls to 37 %, days after which it is over.
Shock = tuple[date, float, float, int]


@dataclass(frozen=True)
class ExitCalendar:
    seed: int = declared("seed of the exports, the date of the event, fixed before any run")
    country: str = declared("country whose public holidays count")
    first: date = declared("first day of every export, a Monday")
    last: date = declared("last day of every export, a Sunday")
    announced: date = declared("the exit is announced")
    closed: date = declared("first day without the exited channels, a Monday")
    returned: date | None = declared("first day back on them, a Monday; none where the brand did not return")
    sources: Mapping[str, str] = declared("public sources by field")


@dataclass(frozen=True)
class ExitEngagement:
    """Channels are the keys of ``level``. Shocks and the common factors move the peers as they move the brand."""

    level: ByChannel = declared("engagements on an ordinary day")
    exited: tuple[str, ...] = declared("channels that close")
    spillover: ByChannel = declared("TRUE effect of the exit on the channels that stay, while the others are closed")
    regained: ByChannel = declared("TRUE ratio of engagement to that without any exit, on the channels returned to")
    spillover_kept: ByChannel = declared("TRUE effect that is left on the channels that stayed, after the return")
    trend: ByChannel = declared("growth a year")
    factor: tuple[tuple[float, float], ...] = declared("common factors: daily autocorrelation, deviation of each")
    loading: Mapping[str, tuple[float, ...]] = declared("the brand's loadings on the common factors")
    yearly: Mapping[str, tuple[float, ...]] = declared("yearly season: cosine, sine of one and of two cycles a year")
    weekday: Mapping[str, tuple[float, ...]] = declared("weekly season, Monday to Sunday")
    holiday: ByChannel = declared("public holiday")
    buzz: ByChannel = declared("rise on the day of the announcement")
    buzz_days: tuple[float, int] = declared("days in which the buzz falls to 37 %; days after which it is over")
    shocks: Mapping[str, Shock] = declared("what moves brand and peers: first day, rise, days to 37 %, days in all")
    noise: tuple[float, float] = declared("each channel's own noise: daily autocorrelation, deviation")
    dispersion: float = declared("negative binomial: variance = mean + this times mean squared, a day")
    peer_word: str = declared("what the invented peers are called, before their number")
    peers: int = declared("invented peers in the listening panel")
    peer_spread: tuple[float, float] = declared("deviation of the peers' size, and of their size by channel")
    loading_spread: float = declared("deviation of the peers' loadings around the brand's")
    season_spread: float = declared("deviation of the peers' season around the brand's (1)")
    peer_noise: tuple[float, float] = declared("the peers' own noise: weekly autocorrelation, deviation")
    peer_dispersion: float = declared("the same as dispersion for the peers' weekly counts")
    sources: Mapping[str, str] = declared("public sources by field")

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self.level)

    def peer_names(self) -> tuple[str, ...]:
        return tuple(f"{self.peer_word} {number:02d}" for number in range(1, self.peers + 1))


@dataclass(frozen=True)
class ExitContacts:
    """Channels are the keys of ``level``."""

    level: ByChannel = declared("contacts on an ordinary day")
    exited: tuple[str, ...] = declared("channels that close")
    diversion: ByChannel = declared(
        "TRUE share of the exited channels' expected contacts that moves to each channel while they are closed, from "
        "the first day, no ramp"
    )
    regained: float = declared("TRUE share of their expected contacts that the exited channels have after the return")
    diversion_kept: ByChannel = declared("TRUE share that stays on each channel after the return")
    demand_trend: float = declared("growth of common demand a year")
    demand_slow: tuple[float, float] = declared("slow part of common demand: daily autocorrelation, deviation")
    demand_fast: tuple[float, float] = declared("fast part of common demand: daily autocorrelation, deviation")
    demand_yearly: tuple[float, ...] = declared("yearly season of demand: cosine, sine of one and of two cycles a year")
    loading: ByChannel = declared("loadings on common demand")
    trend: ByChannel = declared("growth of a channel of its own a year")
    hours: Mapping[str, str] = declared("which week a channel follows")
    weekday: Mapping[str, tuple[float, ...]] = declared("weekly season, Monday to Sunday")
    holiday: ByChannel = declared("public holiday")
    shocks: Mapping[str, Shock] = declared("what moves contacts: first day, rise, days to 37 %, days in all")
    shock_loading: Mapping[str, ByChannel] = declared("how far each shock moves each channel")
    own_drift: tuple[float, float] = declared("each channel's own slow drift: daily autocorrelation, deviation")
    noise: tuple[float, float] = declared("each channel's own noise: daily autocorrelation, deviation")
    dispersion: float = declared("negative binomial: variance = mean + this times mean squared, a day")
    logins: float = declared("customers' log-ins on an ordinary day: the demand control, not moved by the exit")
    logins_weekday: tuple[float, ...] = declared("weekly season of log-ins, Monday to Sunday")
    logins_noise: tuple[float, float] = declared("own noise of log-ins: daily autocorrelation, deviation")
    logins_dispersion: float = declared("the same as dispersion for log-ins")
    sources: Mapping[str, str] = declared("public sources by field")

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self.level)


@dataclass(frozen=True)
class ExitWorld:
    """One brand's world: ``name`` seeds it and is the case's folder."""

    name: str
    calendar: ExitCalendar
    engagement: ExitEngagement
    contacts: ExitContacts

    @property
    def groups(self) -> tuple[object, ...]:
        return self.calendar, self.engagement, self.contacts
