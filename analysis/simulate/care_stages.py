"""How long the stages of care cases take, drawn from a desk's declared numbers: used for the log and for its truth.

First response is the private request where there is one and the taking in charge where there is none. Everything that
slows it multiplies (weekend, night, week, customer, group, exit), so that the declared ratios are ratios of medians.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.simulate.care_desk import CareDesk

POOL_PLACE = 0.5  # without a private request the case reaches the pool half-way to its first response


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """What is known of each case when it begins; all of one length. ``channel`` numbers desk.channels; ``slower`` is
    the logarithm of what customer and groups do to first response; ``shock`` that of the week, log."""

    channel: np.ndarray
    weekend: np.ndarray
    night: np.ndarray
    public: np.ndarray
    after: np.ndarray
    shock: np.ndarray
    slower: np.ndarray


def stages(desk: CareDesk, cases: Strata, draw: np.random.Generator) -> pd.DataFrame:
    """Minutes from the signal to first_response, private_request (NaN where none), pool, taken_in_charge, outcome and
    abandoned, each as it would be were the case neither abandoned nor cut off."""
    size = len(cases.channel)
    response = np.exp(_log_response(desk, cases) + desk.response_deviation * draw.standard_normal(size))
    asked = draw.random(size) < np.where(cases.public, *desk.request_share)
    waited = _time(desk.data_time, draw, size)
    pooled = _time(desk.pool_time, draw, size) * np.exp(cases.shock)
    taken = np.where(asked, response + waited + pooled, response)
    usual = np.log(desk.by_channel(desk.outcome_median, cases.channel)) + np.log(desk.outcome_ratio) * cases.after
    handled = np.exp(usual + cases.shock + desk.outcome_deviation * draw.standard_normal(size))
    return pd.DataFrame(
        {
            "first_response": response,
            "private_request": np.where(asked, response, np.nan),
            "pool": np.where(asked, response + waited, POOL_PLACE * response),
            "taken_in_charge": taken,
            "outcome": taken + handled,
            "abandoned": _time(desk.abandonment, draw, size),
        }
    )


def _log_response(desk: CareDesk, cases: Strata) -> np.ndarray:
    before, after = np.log(desk.weekend_ratio)
    return (
        np.log(desk.by_channel(desk.response_median, cases.channel))
        + np.log(desk.by_channel(desk.response_ratio, cases.channel)) * cases.after
        + np.where(cases.after, after, before) * cases.weekend
        + np.log(desk.night_ratio) * cases.night
        + cases.shock
        + cases.slower
    )


def _time(size: tuple[float, float], draw: np.random.Generator, count: int) -> np.ndarray:
    median, deviation = size
    return median * np.exp(deviation * draw.standard_normal(count))
