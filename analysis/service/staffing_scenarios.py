"""Before an exit: agents for low, central and high recapture of the contacts on the channels to be closed."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analysis.core.case_service import Staffing
from analysis.core.errors import DesignError
from analysis.service.staffing import SLACK, require_contacts, scheduled, seats_needed, summarised


def scenario_table(
    staffing: Staffing,
    volumes: Mapping[str, np.ndarray],
    exited: np.ndarray,
    shares: Mapping[str, float],
    *,
    exit_date: date | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Before an exit: agents for low, central and high recapture, one row a scenario and desk, then one for all.

    ``volumes``: weekly contacts a desk has without the exit, ``exited``: weekly contacts on the channels to be
    closed (joint draws); ``shares``: how what is recaptured spreads over the desks (the rest goes to channels
    without one). Columns: scenario, recapture, channel, model, and with ``_lower`` and ``_upper`` agents_without,
    agents (needed), extra; hire_weeks; start_by, the Monday of the last week in which hiring can begin (missing
    where nobody is to be hired, or no ``exit_date`` is given).
    """
    require_contacts(staffing, volumes, shares)
    spread = [shares[desk.channel] for desk in staffing.desks]
    if min(spread) < 0 or sum(spread) > 1 + SLACK:
        what = f"the shares of recaptured contacts are not shares: they sum to {sum(spread):.4g}"
        raise DesignError(what, where="scenario_table", cure="shares at least zero that sum to at most one")
    start_by = pd.NaT
    if exit_date is not None:
        latest = (pd.Timestamp(exit_date) - pd.Timedelta(days=7 * staffing.hire_weeks)).normalize()
        start_by = latest - pd.Timedelta(days=latest.weekday())
    rows = []
    for scenario in ("low", "central", "high"):
        recapture = getattr(staffing, scenario)
        parts = []
        for desk, share in zip(staffing.desks, spread, strict=True):
            now, more = np.broadcast_arrays(volumes[desk.channel], recapture * share * np.asarray(exited, float))
            pair = (scheduled(desk, seats_needed(desk, each).max(axis=1)) for each in (now, now + more))
            parts.append((desk.channel, desk.model, *pair))
        parts.append(("all", "all", sum(part[2] for part in parts), sum(part[3] for part in parts)))
        for channel, model, before, needed in parts:
            row = {"scenario": scenario, "recapture": recapture, "channel": channel, "model": model}
            row |= summarised("agents_without", before, level) | summarised("agents", needed, level)
            row |= summarised("extra", needed - before, level) | {"hire_weeks": staffing.hire_weeks}
            rows.append(row | {"start_by": start_by if row["extra_upper"] > 0 else pd.NaT})
    return pd.DataFrame(rows).assign(level=level)
