"""The printed interval and p-value: those that estimates of nothing, made the same way, support.

Every estimate is made again where nothing happened. Where the method then finds something more often than its level
allows and Monte-Carlo error can explain, its interval and p-value are widened together by what the nulls ask; they are
never narrowed. What the method itself said stays beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.checks import CheckContext
from analysis.checks._nulls import SIMULATED_FOR, pretended_nulls, simulated_counts, simulated_nulls
from analysis.checks._placebo_nulls import COMPARES, donor_nulls, ordinary_days
from analysis.checks.null_calibration import MOST_ALONE, MOST_SHARED, fitted_length
from analysis.core.effect import Effect
from analysis.inference.null_calibration import effective_number, needed_factor, sliding_windows, widened

SHARED, COUNTS, MARKET = "structural_time_series", "count_time_series", "market_event_study"
SIMULATED = 199  # with the estimate itself 200: the 95 % critical value is the 190th
REFITTED = {"interrupted_time_series": 99, COUNTS: 59, "augmented_synthetic_control": 99}  # slower to make again
FEWEST_INDEPENDENT = 2  # pretended dates side by side: one alone can widen nothing, whatever it says
TOO_SLOW_AT_DATES = ("augmented_synthetic_control",)
WORDS = {
    "simulated": "simulated series",
    "pretended": "pretended dates",
    "ordinary days": "ordinary days before the event",
}
PLACEBOS = "donors in the brand's place"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Nulls of one kind: how many, worth how many independent ones, the share rejected, the factor they ask for."""

    kind: str
    nulls: int
    independent: int
    rejected: float | None
    factor: float


def calibrate(context: CheckContext) -> Effect:
    """The context's effect with the interval and p-value that its nulls support; deterministic.

    ``diagnostics`` gain null_factor (1: nothing widened), null_kind and null_count of the nulls that set it (or of the
    largest set, where nothing was widened), null_rejected their share rejected, and the method's own raw_lower,
    raw_upper and raw_p_value. An effect without an interval is returned as it is.
    """
    effect = context.effect
    if effect.interval is None or effect.p_value is None:
        return effect
    found = list(evidence(context))
    decisive = max(found, key=lambda item: (item.factor, item.nulls), default=Evidence("none", 0, 0, 0.0, 1.0))
    said = {
        "null_factor": decisive.factor,
        "null_kind": WORDS.get(decisive.kind, decisive.kind),
        "null_count": decisive.nulls,
        "null_rejected": decisive.rejected,
        "raw_lower": effect.interval.lower,
        "raw_upper": effect.interval.upper,
        "raw_p_value": effect.p_value,
    }
    returns = getattr(context.module, "OUTCOME_IS_RETURNS", False)
    wide = widened(effect, context.panel, decisive.factor, returns=returns)
    return replace(wide, diagnostics=dict(wide.diagnostics) | said)


def evidence(context: CheckContext) -> Iterator[Evidence]:
    """What each kind of null says. Donors that the brand resembles are themselves the nulls of their method."""
    level, name = context.effect.interval.level, context.estimator
    tables = [_simulated(context), _at_dates(context)]
    if name in COMPARES and not len(tables[0]):
        donors = len(context.panel.donors)
        yield Evidence(PLACEBOS, donors, donors, None, 1.0)
    for table in filter(len, tables):
        kind, statistics, length = table["kind"].iloc[0], table["statistic"].to_numpy(), int(table["length"].iloc[0])
        number = len(table) if kind == "simulated" else effective_number(table["place"].to_numpy(), length)
        rejected = float((statistics > 1).mean())
        yield Evidence(kind, len(table), number, rejected, needed_factor(statistics, level, number))


def _simulated(context: CheckContext) -> pd.DataFrame:
    name = context.estimator
    count = REFITTED.get(name, SIMULATED)
    if name == MARKET:
        return ordinary_days(context)
    if name == COUNTS:
        return simulated_counts(context, count)
    if name in COMPARES:
        return donor_nulls(context, count)
    return simulated_nulls(context, count, count) if name in SIMULATED_FOR else pd.DataFrame()


def _at_dates(context: CheckContext) -> pd.DataFrame:
    """Pretended dates before the event, where so many lie side by side that they could say something."""
    if context.estimator == MARKET or context.estimator in TOO_SLOW_AT_DATES:
        return pd.DataFrame()
    most = MOST_SHARED if context.estimator == SHARED else MOST_ALONE
    windows = sliding_windows(context.panel, fitted_length(context.panel, context.module), most)
    times = context.panel.times
    places = np.array([times.get_loc(item.event) for item in windows], dtype=int)
    length = int(((times >= windows[0].event) & (times <= windows[0].last)).sum()) if windows else 1
    if effective_number(places, length) < FEWEST_INDEPENDENT:
        return pd.DataFrame()
    return pretended_nulls(context, windows, MOST_ALONE)
