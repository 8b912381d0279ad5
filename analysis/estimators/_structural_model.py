"""The regressors of a structural time series, fitted on the pre-period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.estimators._segmented_options import covariate_columns, excluded_periods, stage_terms
from analysis.inference.calendar_terms import FEWEST, holiday_column, is_daily, weekday_columns
from analysis.inference.segmented import EVENT, StageTerm, segmented_design
from analysis.inference.structural import ALONE, CONTROLLED, SMALLEST_SURPLUS, Fit, fit
from analysis.inference.structural_controls import smooth
from analysis.inference.time_axis import WEEK, positions, season_of

SMALLEST_USED = 12
EXACT_FIT = 1e-20  # variance left over that of the series, below which it counts as reproduced exactly


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """``matrix`` (periods, terms) and ``names`` without the event; ``regular`` its level, trend, season
    and calendar; ``at`` positions, ``used`` and ``counted`` masks (periods,) of the fit and of the average."""

    matrix: np.ndarray
    names: tuple[str, ...]
    regular: np.ndarray
    at: np.ndarray
    used: np.ndarray
    counted: np.ndarray
    stages: tuple[StageTerm, ...]
    fit: Fit

    def leads(self, periods: np.ndarray) -> np.ndarray:
        """How many periods after the last one fitted, for a mask of periods."""
        return self.at[periods] - self.at[self.used][-1]


def build_model(
    panel: Panel, trend: bool, day_of_week: bool | None, harmonics: int, season_length: float | None,
    holidays: str | None, stages: Sequence[Mapping[str, Any]], exclude: Sequence[Sequence[Any]],
) -> Model:
    """Design and fit; raises DesignError for what the pre-period cannot carry."""
    at = positions(panel.times)
    left_out = excluded_periods(panel, exclude)
    used, counted = panel.pre & ~left_out, panel.post & ~left_out
    _require_periods(used, counted)
    season = season_of(panel.times) if season_length is None else float(season_length)
    _require_season(at[used], harmonics, season)
    terms = stage_terms(panel, stages, at)
    base = segmented_design(
        at, int(at[panel.post][0]), trend=trend, slope=False, stages=terms, harmonics=harmonics, season_length=season
    )
    columns = {name: base.matrix[:, base.column(name)] for name in base.names if name != EVENT}
    if _weekdays_wanted(panel.times, used, day_of_week):
        columns |= weekday_columns(panel.times, used)
    if holidays is not None:
        columns[f"holidays: {holidays}"] = holiday_column(panel.times, str(holidays), used)
    # Stages are steps of the treated series; a control is asked for level, trend, season and calendar only.
    stage_names = {name for term in terms for name in term.names}
    regular = np.column_stack([values for name, values in columns.items() if name not in stage_names])
    columns |= _controls(panel, regular, at, used | counted, used)
    matrix = np.column_stack(list(columns.values()))
    return Model(matrix, tuple(columns), regular, at, used, counted, terms, _fit(panel, matrix, columns, at, used))


def _fit(panel: Panel, matrix: np.ndarray, names: Mapping[str, Any], at: np.ndarray, used: np.ndarray) -> Fit:
    y = panel.y[used]
    try:
        fitted = fit(y, matrix[used], at[used], CONTROLLED if panel.covariates else ALONE)
    except ValueError as error:
        raise DesignError(
            f"the model cannot be fitted: {error}", where=f"{panel.outcome}, terms {', '.join(names)}",
            cure="widen the pre-period, or use fewer stages, harmonics or covariates",
        ) from error  # fmt: skip
    if float(fitted.scale.max()) <= EXACT_FIT * max(float(y @ y) / len(y), 1e-300):
        raise DesignError(
            "the series never departs from the model before the event, so nothing says how far it could",
            where=panel.outcome,
            cure="describe it only",
        )
    return fitted


def _controls(
    panel: Panel, regular: np.ndarray, at: np.ndarray, seen: np.ndarray, used: np.ndarray
) -> dict[str, np.ndarray]:
    """Covariates without their noise, standardised over the periods fitted; none is left out.

    The donut is not looked at: a control there may be broken. Its periods get the value between their neighbours.
    """
    if not panel.covariates:
        return {}
    raw = covariate_columns(panel)
    steady = np.ptp(raw[used], axis=0) <= 1e-12 * np.maximum(1.0, np.abs(raw[used]).max(axis=0))
    if steady.any():
        name = panel.covariates[int(np.argmax(steady))]
        raise DesignError("a covariate never changes before the event", where=f"covariate {name}", cure="drop it")
    cleaned = smooth(raw[seen], regular[seen], at[seen])
    columns = {}
    for name, values in zip(panel.covariates, cleaned.T, strict=True):
        level = np.interp(at, at[seen], values)
        centre, spread = level[used].mean(), level[used].std()
        columns[f"covariate: {name}"] = (level - centre) / max(spread, 1e-12 * max(1.0, abs(float(centre))))
    return columns


def _weekdays_wanted(times: pd.Index, used: np.ndarray, asked: bool | None) -> bool:
    """By default wherever the dates are days and the pre-period holds every weekday often enough to tell."""
    if asked is not None:
        return asked
    return is_daily(times) and int(used.sum()) >= FEWEST * WEEK + SMALLEST_SURPLUS


def _require_periods(used: np.ndarray, counted: np.ndarray) -> None:
    if counted.any() and used.sum() >= SMALLEST_USED:
        return
    raise DesignError(
        f"the excluded ranges leave {int(used.sum())} periods before and {int(counted.sum())} after",
        where="options, exclude",
        cure="exclude less, or widen the windows",
    )


def _require_season(at: np.ndarray, harmonics: int, season: float | None) -> None:
    span = int(np.ptp(at)) + 1
    if harmonics and season is not None and span < np.floor(season):
        raise DesignError(
            f"a season of {season:.1f} periods cannot be estimated from {span} periods before the event",
            where="options, harmonics",
            cure="widen the pre-period to a whole season, or use harmonics: 0",
        )
