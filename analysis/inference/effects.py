"""From a point, an interval and an expected path on the model's scale to one coherent Effect."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.effect import Effect, Interval
from analysis.core.panel import Panel


def build_effect(
    panel: Panel, *, estimator: str, estimand: str, point: float, expected: np.ndarray, interval: Interval | None,
    p_value: float | None, inference: str, standard_error: float | None = None,
    band: tuple[np.ndarray, np.ndarray] | None = None, joint: tuple[np.ndarray, np.ndarray] | None = None,
    counted: np.ndarray | None = None, returns: bool = False,
    assumptions: Sequence[str] = (), diagnostics: Mapping[str, Any] | None = None,
) -> Effect:
    """One Effect from ``point`` (average over the post-period), ``interval`` and ``standard_error`` on the model's
    scale, and ``expected`` with its ``band`` (lower, upper) and the ``joint`` band that holds for all periods after the
    event at once, each (periods,) on the model's scale.

    ``counted`` (periods,) marks the post periods that the average runs over (default: all). The cumulative effect
    spreads the average evenly: point x periods, or, on the log scale, sum of observed x (1 - exp(-point)). The
    relative effect is the cumulative one over what was expected, observed minus cumulative, so the three never
    disagree; their intervals are the same monotone functions of the interval's ends. With ``returns`` the point is
    itself a sum over the post-period and has no relative effect.
    """
    counted = panel.post if counted is None else counted
    observed = panel.frame[panel.treated].to_numpy()
    total, periods = float(observed[counted].sum()), int(counted.sum())
    cumulative = cumulative_of(total, 1 if returns else periods, panel.scale)
    share = None if returns else relative_of(total, cumulative)
    shown = {
        "observed_mean": total / periods,
        "expected_mean": (total - cumulative(point)) / periods,
    }
    return Effect(
        outcome=panel.outcome, estimator=estimator, estimand=estimand, unit=panel.unit, scale=panel.scale,
        point=float(point), interval=interval, p_value=p_value, inference=inference, standard_error=standard_error,
        relative=None if share is None else _finite(share(point)), relative_interval=_mapped(interval, share),
        cumulative=cumulative(point), cumulative_interval=_mapped(interval, cumulative),
        path=effect_path(panel, expected, band, joint),
        n_pre=panel.n_pre, n_post=periods, assumptions=tuple(assumptions),
        diagnostics=shown | dict(diagnostics or {}),
    )  # fmt: skip


def cumulative_of(total: float, periods: int, scale: str) -> Callable[[float], float]:
    """The effect summed over the post-period in natural units, as an increasing function of the average effect."""
    if scale == "log":
        return lambda point: -total * math.expm1(-point)
    return lambda point: periods * point


def relative_of(total: float, cumulative: Callable[[float], float]) -> Callable[[float], float]:
    """The effect as a share of what was expected; NaN where nothing positive was expected."""

    def share(point: float) -> float:
        expected = total - cumulative(point)
        return cumulative(point) / expected if expected > 0 and total > 0 else math.nan

    return share


def effect_path(
    panel: Panel, expected: np.ndarray, band: tuple[np.ndarray, np.ndarray] | None,
    joint: tuple[np.ndarray, np.ndarray] | None = None,
) -> pd.DataFrame:
    """One row a period of the panel (donut included) in natural units; NaN where there is no band."""
    nothing = np.full(len(panel.times), np.nan)
    lower, upper = (nothing, nothing) if band is None else band
    joint_lower, joint_upper = (nothing, nothing) if joint is None else joint
    columns = {
        "observed": panel.frame[panel.treated].to_numpy(),
        "expected": panel.back(expected),
        "lower": panel.back(lower),
        "upper": panel.back(upper),
        "joint_lower": panel.back(joint_lower),
        "joint_upper": panel.back(joint_upper),
    }
    return pd.DataFrame({name: np.array(values, dtype=float) for name, values in columns.items()}, index=panel.times)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _mapped(interval: Interval | None, function: Callable[[float], float] | None) -> Interval | None:
    """The interval under an increasing function; None where the function has no value at an end."""
    if interval is None or function is None:
        return None
    ends = function(interval.lower), function(interval.upper)
    return Interval(*ends, interval.level) if all(map(math.isfinite, ends)) else None
