"""The truth of a simulated exit, from its intensities: with the exit against without it, given everything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analysis.simulate.exit_parameters import ExitContacts
from analysis.simulate.unicredit_engagement import Intensities


@dataclass(frozen=True, slots=True)
class Estimand:
    """What an outcome of the case sums by week, and over which weeks (``first`` a Monday, ``last`` a Sunday)."""

    metric: str
    channels: tuple[str, ...]
    first: date
    last: date


def by_week(daily: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Sums by week (Monday), shape (weeks, channels)."""
    inside = daily.loc[pd.Timestamp(first) : pd.Timestamp(last)]
    return inside.groupby((inside.index - pd.Timestamp(first)).days // 7).sum()


def exit_truth(
    seed: int, estimands: Mapping[str, Estimand], intensities: Mapping[str, Intensities], contacts: ExitContacts,
    closed: tuple[date, date],
) -> dict[str, Any]:  # fmt: skip
    """``seed``, ``outcomes`` (definition, log_effect, relative, level, mean_per_week) and ``diversion`` over the weeks
    ``closed`` (ratios of the contacts expected on the exited channels). Expectations, free of count noise."""
    outcomes = {name: _outcome(item, intensities[item.metric]) for name, item in estimands.items()}
    return {"seed": seed, "outcomes": outcomes, "diversion": _diversion(intensities["contacts"], contacts, closed)}


def _outcome(estimand: Estimand, pair: Intensities) -> dict[str, Any]:
    channels, window = list(estimand.channels), (estimand.first, estimand.last)
    observed = by_week(pair.with_exit[channels], *window).sum(axis=1)
    expected = by_week(pair.without_exit[channels], *window).sum(axis=1)
    effect = float(np.log(observed / expected).mean())
    level = float((observed - expected).mean())
    return {
        "definition": (
            f"Mean over the {len(observed)} weeks from {estimand.first} to {estimand.last} of the log ratio of "
            f"expected weekly {estimand.metric} ({', '.join(channels)}) with the exit to without it, given the "
            "factors, shocks and noise; relative is that mean back on the ordinary scale less one; mean_per_week is "
            "the mean weekly difference."
        ),
        "log_effect": effect,
        "relative": float(np.expm1(effect)),
        "level": level,
        "mean_per_week": level,
    }


def _diversion(pair: Intensities, contacts: ExitContacts, closed: tuple[date, date]) -> dict[str, float]:
    moved = (by_week(pair.with_exit, *closed) - by_week(pair.without_exit, *closed)).sum()
    exited = by_week(pair.without_exit, *closed)[list(contacts.exited)].sum().sum()
    ratios = {channel: float(moved[channel] / exited) for channel in contacts.diversion}
    recapture = sum(ratios.values())
    return {**ratios, "recapture": recapture, "lost": 1 - recapture}
