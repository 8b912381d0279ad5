"""What contacts cost with the exit against without it, as effects of volume, mix and rate that add up in every draw.

Order: first the volume changes at the old mix and the old costs per contact, then the mix at the new volume and the
old costs, then the costs per contact at the new volume and mix:
``change = (V1 - V0) sum(s0 c0) + V1 sum((s1 - s0) c0) + V1 sum(s1 (c1 - c0))``.
Another order would share the joint changes out otherwise; this one asks each question with what is already settled,
as in accounting: Horngren, Datar and Rajan 2012, Cost Accounting, 14th edition, chapter 14 (sales quantity and mix
variances, prices last); mix and rate: Kitagawa 1955, Journal of the American Statistical Association 50(272).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.case_service import Staffing
from analysis.core.errors import DesignError

TOTAL, EACH = "week", "contact"


@dataclass(frozen=True, slots=True)
class CostDraws:
    """Joint draws, each of shape (draws,), in the currency of the costs: per week, and per contact where it says so."""

    before: np.ndarray
    volume: np.ndarray
    mix: np.ndarray
    rate: np.ndarray
    after: np.ndarray
    per_contact_before: np.ndarray
    per_contact_after: np.ndarray

    @property
    def change(self) -> np.ndarray:
        return self.after - self.before


def unit_costs(staffing: Staffing, channels: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Cost of a contact by channel, before and after: from its desk, else from ``other_costs``.

    Without a cost after, the cost before is kept. Raises DesignError naming every channel without a cost.
    """
    desks = {desk.channel: desk for desk in staffing.desks}
    before, after = {}, {}
    for channel in channels:
        desk = desks.get(channel)
        known = staffing.other_costs.get(channel)
        if desk is not None and desk.cost_per_contact is not None:
            known = desk.cost_per_contact
        if known is None:
            continue
        before[channel] = after[channel] = known
        if desk is not None and desk.cost_per_contact_after is not None:
            after[channel] = desk.cost_per_contact_after
    _named(channels, before)
    return before, after


def decompose_cost(
    without: Mapping[str, np.ndarray],
    with_exit: Mapping[str, np.ndarray],
    cost_before: Mapping[str, float],
    cost_after: Mapping[str, float],
) -> CostDraws:
    """Weekly contacts by channel without and with the exit (joint draws or a number) and costs per contact.

    The channels are those of ``without`` and ``with_exit`` together; one that is missing on a side has no contacts
    there, as the exited channels with the exit. Raises DesignError for a channel without a cost, and where a draw
    has no contacts at all, which leaves no mix to speak of.
    """
    channels = list(dict.fromkeys([*without, *with_exit]))
    _named(channels, cost_before)
    _named(channels, cost_after)
    sides = [[np.asarray(side.get(channel, 0.0), float) for channel in channels] for side in (without, with_exit)]
    shape = np.broadcast_shapes((1,), *(item.shape for side in sides for item in side))
    before, after = (np.stack([np.broadcast_to(item, shape) for item in side], axis=1) for side in sides)
    if not (np.isfinite(before).all() and np.isfinite(after).all() and min(before.min(), after.min()) >= 0):
        raise DesignError(
            "weekly contacts must be finite and at least zero", where="cost", cure="look at the draws of each channel"
        )
    total_before, total_after = before.sum(axis=1), after.sum(axis=1)
    if not (total_before.all() and total_after.all()):
        raise DesignError("some draws have no contacts at all", where="cost", cure="look at the draws of each channel")
    old, new = (np.array([cost[channel] for channel in channels]) for cost in (cost_before, cost_after))
    mix_before, mix_after = before / total_before[:, None], after / total_after[:, None]
    return CostDraws(
        before=before @ old,
        volume=(total_after - total_before) * (mix_before @ old),
        mix=total_after * ((mix_after - mix_before) @ old),
        rate=total_after * (mix_after @ (new - old)),
        after=after @ new,
        per_contact_before=mix_before @ old,
        per_contact_after=mix_after @ new,
    )


def cost_table(result: CostDraws, *, level: float = 0.95) -> pd.DataFrame:
    """One row a part: before, volume, mix, rate, change, after (per week), then before, change, after per contact.

    Columns: part, per (week or contact), mean, lower, upper, level. Means over the draws add up as printed; bounds
    are quantiles and do not.
    """
    each = {"before": result.per_contact_before, "after": result.per_contact_after}
    rows = [(part, TOTAL, getattr(result, part)) for part in ("before", "volume", "mix", "rate", "change", "after")]
    rows += [
        ("before", EACH, each["before"]),
        ("change", EACH, each["after"] - each["before"]),
        ("after", EACH, each["after"]),
    ]
    ends = [(1 - level) / 2, (1 + level) / 2]
    table = [(part, per, draws.mean(), *np.quantile(draws, ends)) for part, per, draws in rows]
    return pd.DataFrame(table, columns=["part", "per", "mean", "lower", "upper"]).assign(level=level)


def _named(channels: Sequence[str], costs: Mapping[str, float]) -> None:
    missing = [channel for channel in channels if channel not in costs]
    if missing:
        raise DesignError(
            f"no cost per contact for: {', '.join(missing)}",
            where="staffing",
            cure="give cost_per_contact at the channel's desk, or the channel under other_costs",
        )
