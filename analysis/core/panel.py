"""The data an estimator sees: one outcome over time, the treated unit, its donors, its controls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.core.errors import DesignError, StructurallyAbsentOutcome
from analysis.core.frozen import frozen
from analysis.core.redefinitions import Redefinition
from analysis.core.windows import Windows

NEXT_TO_NOTHING = 1e-3  # of the usual value before
SHORTEST_SILENCE = 3  # periods at the end; fewer may be a quiet spell
LONGEST_CLOSURE_DAYS = 7  # of a stock exchange or an office

WHAT_INSTEAD = (
    "estimate instead: the total over all channels, each retained channel (spillover), the owned channels, or the "
    "contacts recaptured and lost; describe the vanished series, do not test it"
)


@dataclass(frozen=True, slots=True)
class AbsentOutcome:
    """A series that ends at the exit by construction. It can be described; no estimator accepts it."""

    name: str
    last_observed: Any
    pre_mean: float

    def refuse(self) -> StructurallyAbsentOutcome:
        return StructurallyAbsentOutcome(
            f'"{self.name}" is structurally absent after the exit: it is zero or missing by construction '
            f"(last observed {_label(self.last_observed)}), so a fall in it is not a finding",
            where=self.name,
            cure=WHAT_INSTEAD,
        )


def _label(time: Any) -> str:
    return time.strftime("%Y-%m-%d") if isinstance(time, pd.Timestamp) else str(time)


def _crumb(before: np.ndarray) -> float:
    """Below this a value is nothing beside what was usual before."""
    return NEXT_TO_NOTHING * float(np.nanmedian(np.abs(before))) if np.isfinite(before).any() else 0.0


def _vanishes(before: np.ndarray, after: np.ndarray) -> bool:
    """The series was there before, and by its end it is zero for longer than it ever was before.

    Only series that never fall below zero can be absent by construction; a return of zero is a return.
    """
    if not len(after) or (before < 0).any() or (after < 0).any() or not (before > 0).any():
        return False
    crumb = _crumb(before)
    nothing = np.isnan(after) | (after <= crumb)
    trailing = len(after) if nothing.all() else int(np.argmax(~nothing[::-1]))
    longest = run = 0
    for empty in np.isnan(before) | (before <= crumb):
        run = run + 1 if empty else 0
        longest = max(longest, run)
    return trailing == len(after) > longest or trailing > max(longest, SHORTEST_SILENCE - 1)


def _hole(index: pd.Index) -> Any:
    """The period after which one is missing, or None. Weekends and holidays are no holes in daily data."""
    if len(index) < 3:
        return None
    if isinstance(index, pd.DatetimeIndex):
        steps = np.diff(index.to_numpy()) / np.timedelta64(1, "D")
        usual = np.median(steps)
        allowed = LONGEST_CLOSURE_DAYS if usual <= 1.5 else 1.2 * usual
    elif pd.api.types.is_integer_dtype(index):
        steps = np.diff(index.to_numpy())
        allowed = np.median(steps)
    else:
        return None
    wide = np.flatnonzero(steps > allowed)
    return index[wide[0]] if len(wide) else None


@dataclass(frozen=True, slots=True)
class Panel:
    """A balanced panel in natural units (the donut may hold gaps: it is never fitted).

    ``frame`` has one row a period inside the windows (donut included) and one column for the treated unit, each
    donor and each covariate. With ``scale="log"`` the estimators work on logarithms; ``redefinitions`` lie inside.

    Raises DesignError for gaps, duplicates, a donor that is also the treated unit, too few periods, non-positive
    values on the log scale; StructurallyAbsentOutcome when the treated unit has nothing after the event.
    """

    frame: pd.DataFrame
    treated: str
    donors: tuple[str, ...]
    covariates: tuple[str, ...]
    windows: Windows
    outcome: str = "value"
    unit: str = ""
    scale: Literal["level", "log"] = "level"
    redefinitions: tuple[Redefinition, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "donors", tuple(self.donors))
        object.__setattr__(self, "covariates", tuple(self.covariates))
        names = [self.treated, *self.donors, *self.covariates]
        self._check_names(names)
        try:
            frame = self.frame.loc[:, names].sort_index()
            frame = frame.loc[(frame.index >= self.windows.first) & (frame.index <= self.windows.last)].astype(float)
        except (TypeError, ValueError) as error:
            raise DesignError(
                f"values or times are not comparable: {error}",
                where=self.outcome,
                cure="give numbers, and windows of the same kind as the index (both dates without a zone, or integers)",
            ) from error
        if frame.index.has_duplicates:
            again = frame.index[frame.index.duplicated()][0]
            raise DesignError("a period appears twice", where=f"{self.outcome}, {_label(again)}", cure="keep one row")
        if np.isinf(frame.to_numpy()).any():
            raise DesignError("a value is infinite", where=self.outcome, cure="correct or drop that row")
        self._check_presence(frame)
        self._check_gaps(frame)
        if self.scale == "log" and (frame[[self.treated, *self.donors]] <= 0).to_numpy().any():
            raise DesignError(
                "zeros or negative values have no logarithm", where=self.outcome, cure='use scale: "level" in case.yaml'
            )
        object.__setattr__(self, "frame", frozen(frame))

    def _check_names(self, names: list[str]) -> None:
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        if twice:
            raise DesignError(
                f"{', '.join(twice)} is named twice among treated unit, donors and covariates",
                where=self.outcome,
                cure="the treated unit, or another channel of the same brand, is never a donor",
            )
        for name in names:
            if name not in self.frame.columns:
                raise DesignError(f"no column {name!r} in the data", where=self.outcome, cure="check the unit's name")
        if self.frame.columns.has_duplicates:
            raise DesignError("two columns have one name", where=self.outcome, cure="keep one of them")

    def _check_presence(self, frame: pd.DataFrame) -> None:
        pre, post = np.asarray(self.windows.pre(frame.index)), np.asarray(self.windows.post(frame.index))
        if pre.sum() < 2 or post.sum() < 1:
            raise DesignError(
                f"{int(pre.sum())} periods before and {int(post.sum())} after the event are too few",
                where=self.outcome,
                cure="widen the windows or check that the data cover them",
            )
        series = frame[self.treated]
        observed = series[series.notna()]
        if observed.empty:
            raise DesignError("nothing was observed", where=self._place(), cure="check the unit's name and the windows")
        last = observed.index[-1]
        to_last = np.asarray(frame.index <= last)
        vanishes = _vanishes(series[pre].to_numpy(), series[post & to_last].to_numpy())
        if not vanishes and not to_last.all():
            self._check_end(frame, last, bool(series[post].notna().any()), frame.index[pre][-1])
            vanishes = True
        if vanishes:
            seen = series[series.notna() & (series.abs() > _crumb(series[pre].to_numpy()))]
            last = seen.index[-1] if len(seen) else frame.index[0]
            raise AbsentOutcome(f"{self.outcome}: {self.treated}", last, float(series[pre].mean())).refuse()

    def _check_end(self, frame: pd.DataFrame, last: Any, seen_after: bool, last_before: Any) -> None:
        """Missing at the end is absent by construction only from the event on and only while the others go on."""
        others = frame.drop(columns=self.treated).notna().any(axis=1)
        together = len(frame.columns) > 1 and not others[np.asarray(frame.index > last)].any()
        if seen_after or together or last < last_before:
            raise self._ends(self.treated, last, frame.index[-1])

    def _ends(self, column: str, last: Any, asked: Any) -> DesignError:
        return DesignError(
            f"the data end on {_label(last)}, the window asks for {_label(asked)}",
            where=self._place(column),
            cure="export the rest too, or end the window (last) earlier; a missing row is not a zero",
        )

    def _place(self, column: str = "") -> str:
        return f"outcome {self.outcome}: {column or self.treated}"

    def _check_gaps(self, frame: pd.DataFrame) -> None:
        # The donut is never fitted, and a channel that closes in mid-week leaves a broken week there.
        gaps = frame.isna() & ~np.asarray(self.windows.donut(frame.index))[:, None]
        if gaps.to_numpy().any():
            column = gaps.any().idxmax()
            observed = frame.index[frame[column].notna()]
            if len(observed) and not gaps.loc[frame.index <= observed[-1], column].any():
                raise self._ends(column, observed[-1], frame.index[-1])
            raise DesignError(
                f"{column} has {int(gaps[column].sum())} missing periods, the first {_label(gaps[column].idxmax())}",
                where=f"outcome {self.outcome}",
                cure="a missing row is not a zero; drop the unit, shorten the windows, or declare missing: zero",
            )
        for mask in (self.windows.pre(frame.index), self.windows.post(frame.index)):
            hole = _hole(frame.index[np.asarray(mask)])
            if hole is not None:
                raise DesignError(
                    f"periods are missing after {_label(hole)}",
                    where=f"outcome {self.outcome}",
                    cure="give every period a row; a missing row is not a zero",
                )

    @classmethod
    def from_long(
        cls,
        frame: pd.DataFrame,
        *,
        unit: str,
        time: str,
        value: str,
        treated: str,
        windows: Windows,
        donors: Sequence[str] | None = None,
        **options: Any,
    ) -> "Panel":
        """From one row a unit and period. ``donors`` default to every other unit."""
        doubled = frame.duplicated([unit, time])
        if doubled.any():
            row = frame.loc[doubled].iloc[0]
            where = f"{row[unit]}, {_label(row[time])}"
            raise DesignError("a unit has two values for one period", where=where, cure="keep one")
        wide = frame.pivot(index=time, columns=unit, values=value)
        wide.columns.name = None
        if donors is None:
            donors = [name for name in wide.columns if name != treated]
        options.setdefault("outcome", value)
        return cls(wide, treated, tuple(donors), (), windows, **options)

    @classmethod
    def from_wide(
        cls,
        frame: pd.DataFrame,
        *,
        treated: str,
        windows: Windows,
        donors: Sequence[str] = (),
        covariates: Sequence[str] = (),
        **options: Any,
    ) -> "Panel":
        """From one column a unit; the index is time."""
        options.setdefault("outcome", treated)
        return cls(frame, treated, tuple(donors), tuple(covariates), windows, **options)

    def with_windows(self, windows: Windows) -> "Panel":
        """The same data under other windows (placebo dates)."""
        return replace(self, windows=windows)

    def with_treated(self, treated: str, donors: Sequence[str]) -> "Panel":
        """The same data with another unit in the treated place (placebo in space)."""
        return replace(self, treated=treated, donors=tuple(donors))

    def with_donors(self, donors: Sequence[str]) -> "Panel":
        return replace(self, donors=tuple(donors))

    @property
    def times(self) -> pd.Index:
        return self.frame.index

    @property
    def pre(self) -> np.ndarray:
        return np.asarray(self.windows.pre(self.times))

    @property
    def post(self) -> np.ndarray:
        return np.asarray(self.windows.post(self.times))

    @property
    def n_pre(self) -> int:
        return int(self.pre.sum())

    @property
    def n_post(self) -> int:
        return int(self.post.sum())

    def transform(self, values: np.ndarray) -> np.ndarray:
        return np.log(values) if self.scale == "log" else np.asarray(values, dtype=float)

    def back(self, values: np.ndarray) -> np.ndarray:
        return np.exp(values) if self.scale == "log" else np.asarray(values, dtype=float)

    @property
    def y(self) -> np.ndarray:
        """The treated unit on the model's scale, shape (periods,)."""
        return self.transform(self.frame[self.treated].to_numpy())

    @property
    def donor_values(self) -> np.ndarray:
        """The donors on the model's scale, shape (periods, donors)."""
        return self.transform(self.frame[list(self.donors)].to_numpy())

    @property
    def covariate_values(self) -> np.ndarray:
        """The covariates as given, shape (periods, covariates)."""
        return self.frame[list(self.covariates)].to_numpy()
