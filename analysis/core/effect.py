"""What an estimator returns: one coherent effect."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.frozen import frozen

PATH_COLUMNS = ("observed", "expected", "lower", "upper")
BAND_COLUMNS = ("joint_lower", "joint_upper")  # hold for all periods after the event at once


@dataclass(frozen=True, slots=True)
class Interval:
    """Closed interval at a level, e.g. .95. Raises ValueError when lower > upper or a bound is not finite."""

    lower: float
    upper: float
    level: float = 0.95

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lower) and math.isfinite(self.upper)):
            raise ValueError("an interval's bounds are finite; give None for an interval that does not exist")
        if self.lower > self.upper:
            raise ValueError(f"interval bounds are swapped: {self.lower} > {self.upper}")
        if not 0 < self.level < 1:
            raise ValueError(f"level {self.level} is not between 0 and 1")

    def __contains__(self, value: float) -> bool:
        return self.lower <= value <= self.upper

    def map(self, function: Any) -> "Interval":
        """The interval under a monotone function, increasing or decreasing."""
        ends = sorted((function(self.lower), function(self.upper)))
        return Interval(float(ends[0]), float(ends[1]), self.level)


@dataclass(frozen=True, slots=True)
class Average:
    """The average of an Effect alone, on the model's scale. Some estimators make it faster than the whole, which counts
    where an estimate is made again many times."""

    point: float
    standard_error: float | None
    interval: Interval | None
    p_value: float | None


def _frozen_mapping(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(value))


@dataclass(frozen=True, slots=True)
class Effect:
    """The average effect over the post-period, with one interval and one p-value from one inference method.

    ``point`` is in the units of the panel's values (log points when ``scale`` is "log"). ``relative`` is the
    effect as a share of what was expected without the exit (-0.3 = 30 % lower); ``cumulative`` is the sum over
    the post-period in natural units. ``path`` has one row a period, columns observed, expected, lower, upper in
    natural units; lower and upper bound the expected value and are NaN where the method gives no band. joint_lower and
    joint_upper (added, NaN, where they are not given) bound it in all periods after the event at once.

    Raises ValueError for an interval that misses its point or a p-value that contradicts its interval.
    """

    outcome: str
    estimator: str
    estimand: str
    unit: str
    point: float
    interval: Interval | None
    p_value: float | None
    inference: str
    path: pd.DataFrame
    n_pre: int
    n_post: int
    standard_error: float | None = None
    scale: str = "level"
    relative: float | None = None
    relative_interval: Interval | None = None
    cumulative: float | None = None
    cumulative_interval: Interval | None = None
    assumptions: tuple[str, ...] = ()
    diagnostics: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "diagnostics", _frozen_mapping(self.diagnostics))
        path = self.path.copy()
        missing = [column for column in PATH_COLUMNS if column not in path]
        if missing:
            raise ValueError(f"path lacks the columns {missing}")
        path = path.assign(**{name: np.nan for name in BAND_COLUMNS if name not in path})
        object.__setattr__(self, "path", frozen(path))
        if not math.isfinite(self.point):
            raise ValueError("the point is not finite")
        self._check_pair("relative", self.relative, self.relative_interval)
        self._check_pair("cumulative", self.cumulative, self.cumulative_interval)
        self._check_pair("point", self.point, self.interval)
        if self.p_value is not None:
            self._check_p_value(self.p_value)

    def _check_pair(self, name: str, point: float | None, interval: Interval | None) -> None:
        if interval is None:
            return
        slack = 1e-9 * max(1.0, abs(interval.lower), abs(interval.upper))
        if point is None or not interval.lower - slack <= point <= interval.upper + slack:
            raise ValueError(f"{name} {point} lies outside its interval [{interval.lower}, {interval.upper}]")

    def _check_p_value(self, p_value: float) -> None:
        if not 0 <= p_value <= 1:
            raise ValueError(f"p-value {p_value} is not a probability")
        if self.interval is None:
            return
        alpha = 1 - self.interval.level
        if (
            p_value < alpha - 1e-9 and 0.0 in self.interval and 0.0 not in (self.interval.lower, self.interval.upper)
        ) or (p_value > alpha + 1e-9 and 0.0 not in self.interval):
            raise ValueError(
                f"p-value {p_value} contradicts the {self.interval.level:.0%} interval "
                f"[{self.interval.lower}, {self.interval.upper}]: both must come from one method"
            )

    def tidy(self) -> pd.DataFrame:
        """One row: every scalar of the effect, intervals as two columns."""
        row: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name in ("path", "diagnostics", "assumptions"):
                continue
            if item.name.endswith("interval"):
                stem = item.name.removesuffix("interval").rstrip("_")
                prefix = f"{stem}_" if stem else ""
                row[f"{prefix}lower"] = np.nan if value is None else value.lower
                row[f"{prefix}upper"] = np.nan if value is None else value.upper
            else:
                row[item.name] = np.nan if value is None else value
        return pd.DataFrame([row])
