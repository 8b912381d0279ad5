"""The truth of a simulated world, from its intensities: with the exit against without it, given everything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.simulate.unicredit_engagement import Intensities
from analysis.simulate.unicredit_parameters import (
    CALENDAR,
    CONTACT_CHANNELS,
    CONTACTS,
    EXITED_CONTACTS,
    PRICES,
    RETAINED_SOCIAL,
    SOCIAL,
)

REACTION = "announcement_reaction"


@dataclass(frozen=True, slots=True)
class Estimand:
    """Which intensities an outcome of the case sums, by week."""

    metric: str
    channels: tuple[str, ...]


ESTIMANDS: Mapping[str, Estimand] = {
    "engagement_total": Estimand("engagements", SOCIAL),
    "engagement_retained": Estimand("engagements", RETAINED_SOCIAL),
    "engagement_twitter": Estimand("engagements", ("twitter",)),
    "engagement_linkedin": Estimand("engagements", ("linkedin",)),
    "website_sessions": Estimand("sessions", ("website",)),
    "contacts_total": Estimand("contacts", CONTACT_CHANNELS),
    "contacts_phone": Estimand("contacts", ("phone",)),
    "contacts_chat": Estimand("contacts", ("chat",)),
    "contacts_email": Estimand("contacts", ("email",)),
}


def weekly_post(daily: pd.DataFrame) -> pd.DataFrame:
    """Sums by week (Monday) over the post window, shape (weeks, channels)."""
    first, last = pd.Timestamp(CALENDAR.post_first.value), pd.Timestamp(CALENDAR.last.value)
    inside = daily.loc[first:last]
    return inside.groupby((inside.index - first).days // 7).sum()


def truth_of(seed: int, intensities: Mapping[str, Intensities]) -> dict[str, Any]:
    """``outcomes`` and ``diversion`` (ratios of the contacts expected on the exited channels).

    Each outcome has definition, log_effect, relative, level (natural units a period) and mean_per_week.
    ``intensities`` by metric: engagements, sessions, contacts. Numbers are expectations, free of count noise.
    """
    outcomes = {name: _outcome(item, intensities[item.metric]) for name, item in ESTIMANDS.items()}
    reaction = PRICES.announcement.value
    outcomes[REACTION] = {
        "definition": "Abnormal log return of SIM-BRAND on Monday 6 May 2019, as built into the prices.",
        "log_effect": reaction, "relative": float(np.expm1(reaction)), "level": reaction, "mean_per_week": None,
    }
    return {"seed": seed, "outcomes": outcomes, "diversion": _diversion(intensities["contacts"])}


def _outcome(estimand: Estimand, pair: Intensities) -> dict[str, Any]:
    channels = list(estimand.channels)
    observed = weekly_post(pair.with_exit[channels]).sum(axis=1)
    expected = weekly_post(pair.without_exit[channels]).sum(axis=1)
    effect = float(np.log(observed / expected).mean())
    level = float((observed - expected).mean())
    return {
        "definition": (
            f"Mean over the {len(observed)} weeks from {CALENDAR.post_first.value} to {CALENDAR.last.value} of the "
            f"log ratio of expected weekly {estimand.metric} ({', '.join(channels)}) with the exit to without it, "
            "given the factors and the noise; relative is that mean back on the ordinary scale less one; "
            "mean_per_week is the mean weekly difference."
        ),
        "log_effect": effect,
        "relative": float(np.expm1(effect)),
        "level": level,
        "mean_per_week": level,
    }


def _diversion(pair: Intensities) -> dict[str, float]:
    moved = (weekly_post(pair.with_exit) - weekly_post(pair.without_exit)).sum()
    exited = weekly_post(pair.without_exit)[list(EXITED_CONTACTS)].sum().sum()
    ratios = {channel: float(moved[channel] / exited) for channel in CONTACTS.diversion.value}
    recapture = sum(ratios.values())
    return {**ratios, "recapture": recapture, "lost": 1 - recapture}
