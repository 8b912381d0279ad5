"""What a simulated care desk is made of: its channels, its clock, its stages, its customers, their tone.

A desk is declared a case; the meaning of its numbers is the same in every case. Times are in minutes, medians are those
of an ordinary weekday by day before the exit, deviations are of the natural logarithm.
"""

# `declared` makes a dataclass field, which the linter does not see from another module.
# ruff: noqa: RUF009
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analysis.core.seeds import generator_for
from analysis.simulate.parameters import declared

WEEKEND = (5, 6)
NIGHT_HOURS = (22, 23, 0, 1, 2, 3, 4, 5, 6)
HOURS_IN_A_DAY = 24
# Contacts by hour of the day, relative: evenings are busy where a telephone is at hand, offices where a desk is.
HOUR_PROFILES = {
    "social": (2, 1, 1, 1, 1, 1, 2, 4, 6, 7, 7, 7, 8, 8, 7, 7, 7, 8, 9, 9, 10, 10, 8, 5),
    "desk": (1, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 4, 9, 12, 12, 11, 9, 9, 10, 10, 9, 8, 6, 5, 4, 3, 2, 1),
}


@dataclass(frozen=True)
class CareDesk:
    """``groups``: attribute -> group -> (share of customers, TRUE ratio of the median first response); the first group
    of an attribute is its reference. Tone matrices run from the worst class to the best."""

    seed: int = declared("seed of the care log, fixed before any run")
    zone: str = declared("time zone of the log")
    first: date = declared("first day of the log")
    last: date = declared("last day of the log; what is not over by then stays open")
    exit: date = declared("first day without the exited channels, from which on the exit changes times and tones")
    before: tuple[date, date] = declared("the weeks whose truth is called before")
    after: tuple[date, date] = declared("the weeks whose truth is called after")
    roles: Mapping[str, str] = declared("channels of the log: exited, retained or owned")
    sample: Mapping[str, float] = declared("share of a channel's contacts that the log holds, drawn at random")
    hours: Mapping[str, str] = declared("which profile of hours a channel's contacts follow")
    public_share: Mapping[str, float] = declared("share of a channel's cases that begin in public")
    response_median: Mapping[str, float] = declared("median minutes from the signal to the desk's first word")
    response_ratio: Mapping[str, float] = declared("TRUE effect of the exit: first response after to before, a channel")
    response_deviation: float = declared("deviation of first response from case to case, log")
    customer_deviation: float = declared("deviation of first response from customer to customer, log")
    weekend_ratio: tuple[float, float] = declared("first response of weekend signals to weekday ones: before, after")
    night_ratio: float = declared("first response of signals from 22:00 to 07:00 to those by day")
    week_shock: tuple[float, float] = declared(
        "shock of a week common to all channels and to every stage that the desk times: weekly autocorrelation, "
        "deviation, log"
    )
    request_share: tuple[float, float] = declared(
        "share of cases in which the desk asks for details in private: begun in public, in private"
    )
    data_time: tuple[float, float] = declared("minutes from the private request to the pool: median, deviation")
    pool_time: tuple[float, float] = declared("minutes from the pool to the taking in charge: median, deviation")
    outcome_median: Mapping[str, float] = declared("median minutes from the taking in charge to the outcome")
    outcome_deviation: float = declared("deviation of that time, log")
    outcome_ratio: float = declared("TRUE effect of the exit on that time: after to before, all channels")
    abandonment: tuple[float, float] = declared("minutes after which customers give up, competing: median, deviation")
    reopened: tuple[float, float, float] = declared("share of outcomes reopened; minutes until then: median, deviation")
    hop_share: float = declared("share of cases whose outcome comes on another channel")
    hop_to: tuple[str, ...] = declared("channels they hop to; open cases of a closing channel are handed to them too")
    repeat_share: float = declared("share of cases by a customer who had one before")
    groups: Mapping[str, Mapping[str, tuple[float, float]]] = declared(
        "attributes of customers, independent of each other and of the channel: share of customers, TRUE ratio of the "
        "median first response to the first group"
    )
    tones: tuple[str, ...] = declared("classes of tone, worst to best")
    first_tone: tuple[float, ...] = declared("TRUE tone of the signal: share of each class")
    tone_before: tuple[tuple[float, ...], ...] = declared("TRUE last tone (columns) by first tone (rows) before")
    tone_after: tuple[tuple[float, ...], ...] = declared("TRUE last tone (columns) by first tone (rows) after")
    writes: tuple[float, ...] = declared("share of customers who write again after the outcome, by TRUE last tone")
    message_time: tuple[float, float] = declared("minutes from the outcome to that message: median, deviation")
    confusion: tuple[tuple[float, ...], ...] = declared("what the classifier says (columns) of each TRUE tone (rows)")
    labelled_each: int = declared("messages of each TRUE tone that people labelled too")
    sources: Mapping[str, str] = declared("public sources by field")

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self.roles)

    def by_channel(self, values: Mapping[str, Any], channels: np.ndarray) -> np.ndarray:
        """A channel's value for each case."""
        return np.array([values[name] for name in self.channels])[channels]


def labelled_counts(desk: CareDesk) -> tuple[tuple[int, ...], ...]:
    """The labelled sample: rows what people said, columns what the classifier said, drawn from the true confusion."""
    draw = generator_for("care desk", desk.seed, "labelled")
    return tuple(tuple(int(n) for n in draw.multinomial(desk.labelled_each, row)) for row in desk.confusion)


def hour_weights(desk: CareDesk, channel: str) -> np.ndarray:
    """Share of a day's contacts by hour, shape (24,)."""
    weights = np.array(HOUR_PROFILES[desk.hours[channel]], dtype=float)
    return weights / weights.sum()
