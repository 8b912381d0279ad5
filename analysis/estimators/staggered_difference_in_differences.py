"""Staggered difference in differences: several units leave, each on its own date; none serves as a control after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from analysis.core.effect import Effect, Interval
from analysis.core.errors import CaseError, DesignError, nearest
from analysis.core.panel import Panel
from analysis.estimators._donors import placebo_diagnostics, root_mean_square
from analysis.estimators._requirements import SMALLEST_PRE, require_donors, require_level, require_pre_periods
from analysis.inference.effects import build_effect
from analysis.inference.group_time import KINDS, NEVER, AttTable, aggregate, att_gt
from analysis.inference.simultaneous import bonferroni_factor, widened_band
from analysis.inference.time_axis import as_time

NAME = "staggered_difference_in_differences"
LABEL = "Staggered difference in differences"
REFERENCE = "Callaway and Sant'Anna 2021, Journal of Econometrics 225:200-230; Conley and Taber 2011"
NEEDS_DONORS = 2
ESTIMAND = "average effect by time since the exit, averaged over the treated unit's post-period"
ASSUMPTIONS = (
    "Without their exits the units that left would have changed as those that did not leave (parallel trends).",
    "No exit moved the units that left later or never.",
    "Changes of the units that left vary as much as changes of the others do, and independently of one another.",
)


@dataclass(frozen=True, slots=True)
class _Study:
    """Values (periods, units), columns in ``names``; ``starts`` are the exits' positions, the panel's unit first."""

    values: np.ndarray
    names: tuple[str, ...]
    starts: dict[str, int]
    never: tuple[str, ...]
    horizon: int
    anticipation: int
    base: str

    def rows_at(self, since: int) -> dict[str, int]:
        """The units that have a period ``since`` the exit, with its position."""
        rows = {name: start + since for name, start in self.starts.items()}
        return {name: row for name, row in rows.items() if 0 <= row < len(self.values)}

    def before(self, name: str) -> np.ndarray:
        """Weights (periods,) of the mean that the unit's changes are measured from."""
        weights, last = np.zeros(len(self.values)), self.starts[name] - 1 - self.anticipation
        weights[slice(0, last + 1) if self.base == "average" else last] = 1.0
        return weights / weights.sum()

    def weights(self, periods: range) -> dict[str, np.ndarray]:
        """Each exiting unit's weights over periods (periods,): the average over ``periods`` since the exit."""
        found = {name: np.zeros(len(self.values)) for name in self.starts}
        for since in periods:
            rows = self.rows_at(since)
            for name, row in rows.items():
                share = 1 / (len(periods) * len(rows))
                found[name][row] += share
                found[name] -= share * self.before(name)
        return found

    def of(self, names: tuple[str, ...]) -> np.ndarray:
        return self.values[:, [self.names.index(name) for name in names]]


def estimate(
    panel: Panel, *, seed: int = 0, level: float = 0.95, cohorts: Mapping[str, Any] | None = None,
    control: str = "never", anticipation: int = 0, base: str = "average",
) -> Effect:
    """Effects by cohort and period against units not treated, averaged by time since the exit.

    ``cohorts`` names the donors that left too, each with its first treated period; the others are never treated.
    ``control`` "never" or "not_yet" (also those that leave later, until then); ``anticipation`` periods before each
    exit, beyond the panel's donut, are left out; ``base`` "average" (changes from the mean of all periods before)
    or "universal" (from the last one, as Callaway and Sant'Anna write it). ``point`` is the average over the
    panel's post-period of the effects by time since the exit; observed and expected are averages of the treated
    units at the same time since the exit, drawn on the panel's own dates. With one cohort of one unit and the
    average base the point is that of difference_in_differences.

    A bootstrap over units needs many that left; the standard error here is the spread of the same contrast among
    the never treated, one term a treated unit and one for the comparison's mean, Student's t on never treated - 1.
    Nothing is drawn. Raises CaseError for a cohort that is not a donor; DesignError for fewer than 2 never treated
    or 8 periods before an exit and its anticipation.
    """
    require_level(level)
    require_pre_periods(panel)
    require_donors(panel, NEEDS_DONORS)
    if base not in ("average", "universal"):
        raise CaseError(f'there is no base "{base}"', where="options, base", cure="use average or universal")
    study = _study(panel, cohorts or {}, int(anticipation), base)
    table = _table(study, control)
    shown = _composite(panel, study) if len(study.starts) > 1 else panel
    gap = _gap(panel, study, table)
    point = float(gap[panel.post].mean())
    spread, degrees = _standard_error(study, range(study.horizon)), len(study.never) - 1
    if spread <= 1e-12 * max(abs(point), float(np.abs(study.values).max())):
        raise DesignError("the donors never differ, so there is no noise", where=panel.outcome, cure="check the data")
    quantile = float(student.ppf((1 + level) / 2, degrees))
    expected = shown.y - gap
    half = np.full(len(gap), np.nan)
    half[panel.post] = [quantile * _standard_error(study, range(k, k + 1)) for k in range(study.horizon)]
    return build_effect(
        shown,
        estimator=NAME,
        estimand=ESTIMAND,
        point=point,
        expected=expected,
        interval=Interval(point - quantile * spread, point + quantile * spread, level),
        p_value=float(2 * student.sf(abs(point) / spread, degrees)),
        inference=f"spread of the same contrast among {degrees + 1} units never treated, Student's t",
        standard_error=spread,
        band=(expected - half, expected + half),
        joint=widened_band(
            expected, (expected - half, expected + half), bonferroni_factor(study.horizon, degrees, level), panel.post
        ),
        assumptions=ASSUMPTIONS,
        diagnostics={"degrees_of_freedom": degrees, "control": control, "base": base}
        | _described(panel, study, table, gap),
    )


def _study(panel: Panel, cohorts: Mapping[str, Any], anticipation: int, base: str) -> _Study:
    """The panel as arrays. Alone, the treated unit's donut is dropped; among others it is a time of anticipation."""
    unknown = sorted(set(cohorts) - set(panel.donors))
    if unknown:
        raise CaseError(
            f'"{unknown[0]}" left but is not among the donors', where="options, cohorts",
            cure=nearest(str(unknown[0]), panel.donors),
        )  # fmt: skip
    names = (panel.treated, *panel.donors)
    values = np.column_stack([panel.y, panel.donor_values])
    own, donut = int(np.flatnonzero(panel.post)[0]), len(panel.times) - panel.n_pre - panel.n_post
    later = {name: int(panel.times.searchsorted(as_time(date, panel.times))) for name, date in cohorts.items()}
    later = {name: start for name, start in later.items() if start < len(values)}  # others leave after these data
    if later:
        study_donut, kept = donut, np.ones(len(values), dtype=bool)
        if np.isnan(values).any():
            raise DesignError(
                "a period of the donut is missing, and another unit's study needs it", where=panel.outcome,
                cure="leave that unit out of the panel",
            )  # fmt: skip
    else:
        study_donut, kept, own = 0, panel.pre | panel.post, panel.n_pre
    starts = {panel.treated: own} | dict(sorted(later.items()))
    never = tuple(name for name in panel.donors if name not in later)
    study = _Study(values[kept], names, starts, never, panel.n_post, study_donut + anticipation, base)
    _require_comparable(panel, study)
    return study


def _require_comparable(panel: Panel, study: _Study) -> None:
    if len(study.never) < NEEDS_DONORS:
        raise DesignError(
            f"{len(study.never)} units never treated where {NEEDS_DONORS} are needed", where=panel.outcome,
            cure="add peers that did not leave",
        )  # fmt: skip
    name, start = min(study.starts.items(), key=lambda item: item[1])
    if start - study.anticipation < SMALLEST_PRE:
        raise DesignError(
            f"{name} has {max(start - study.anticipation, 0)} periods before its exit and its anticipation; "
            f"{SMALLEST_PRE} are needed",
            where="options, cohorts", cure="start the panel earlier, or leave that unit out of it",
        )  # fmt: skip


def _table(study: _Study, control: str) -> AttTable:
    periods, units = study.values.shape
    starts = np.array([study.starts.get(name, NEVER) for name in study.names])
    long = pd.DataFrame(
        {
            "unit": np.repeat(np.array(study.names, dtype=object), periods),
            "time": np.tile(np.arange(periods), units),
            "value": study.values.T.ravel(),
            "cohort": np.repeat(np.where(starts == NEVER, 0, starts), periods),
        }
    )
    return att_gt(
        long, unit="unit", time="time", value="value", cohort="cohort", control=control,
        anticipation=study.anticipation, base=study.base,
    )  # fmt: skip


def _composite(panel: Panel, study: _Study) -> Panel:
    """The panel with the mean of the exiting units at the same time since exit in the treated place."""
    own = study.starts[panel.treated]
    mean = [
        np.mean([study.values[row, study.names.index(name)] for name, row in study.rows_at(period - own).items()])
        for period in range(len(study.values))
    ]
    return replace(panel, frame=panel.frame.assign(**{panel.treated: panel.back(np.array(mean))}))


def _gap(panel: Panel, study: _Study, table: AttTable) -> np.ndarray:
    """Effect by time since the exit on the panel's periods (periods,), zero on average over the base."""
    own, since = study.starts[panel.treated], table.periods - table.cohorts
    effects = aggregate(table, "dynamic", draws=1).table.set_index("at")["estimate"]
    found = np.empty(len(study.values))
    for period in range(len(found)):
        if period >= own and (since == period - own).any():
            found[period] = effects[period - own]
            continue
        weights = study.weights(range(period - own, period - own + 1))
        never = study.of(study.never).mean(axis=1)
        found[period] = sum(
            float(part @ (study.values[:, study.names.index(name)] - never)) for name, part in weights.items()
        )
    if len(found) == len(panel.times):
        return found
    difference = panel.y - panel.donor_values.mean(axis=1)
    whole = difference - study.before(panel.treated) @ difference[panel.pre | panel.post]
    whole[panel.pre | panel.post] = found
    return whole


def _standard_error(study: _Study, periods: range) -> float:
    """One term for each exiting unit and one for the mean of the comparison, from the never treated."""
    never, weights = study.of(study.never), study.weights(periods)
    own = sum(float(np.var(part @ never, ddof=1)) for part in weights.values())
    mean = float(np.var(sum(weights.values()) @ never, ddof=1)) / len(study.never)
    return float(np.sqrt(own + mean))


def _described(panel: Panel, study: _Study, table: AttTable, gap: np.ndarray) -> dict[str, Any]:
    """Cells and aggregates (estimates only: their bootstrap has no meaning for cohorts of one), and placebos."""
    found: dict[str, Any] = {
        "cohorts": {name: panel.times[_row(panel, study, start)] for name, start in study.starts.items()},
        "never_treated": list(study.never),
        "overall": {kind: aggregate(table, kind, draws=1).overall for kind in KINDS},
        "group": _listed(panel, study, table, "group"),
        "dynamic": _listed(panel, study, table, "dynamic"),
        "calendar": _listed(panel, study, table, "calendar"),
        "pre_rmspe": root_mean_square(gap[panel.pre]),
    }
    if len(study.starts) > 1:
        return found
    weights = {since: study.weights(range(since, since + 1))[panel.treated] for since in _range(study, panel)}
    contrast = np.array(list(weights.values()))
    never = contrast @ study.of(study.never)
    size = len(study.never)
    gaps = np.full((len(panel.times), size), np.nan)
    gaps[panel.pre | panel.post] = (never - never.mean(axis=1, keepdims=True)) * size / (size - 1)
    return found | placebo_diagnostics(panel, gap, list(gaps.T))


def _range(study: _Study, panel: Panel) -> range:
    return range(-study.starts[panel.treated], len(study.values) - study.starts[panel.treated])


def _row(panel: Panel, study: _Study, position: int) -> int:
    """The panel's row of a position in the study, which may have dropped the donut."""
    kept = panel.pre | panel.post | (len(study.values) == len(panel.times))
    return int(np.flatnonzero(kept)[position])


def _listed(panel: Panel, study: _Study, table: AttTable, kind: str) -> list[dict[str, Any]]:
    rows = aggregate(table, kind, draws=1).table
    labels = rows["at"] if kind == "dynamic" else [panel.times[_row(panel, study, int(at))] for at in rows["at"]]
    return [{"at": at, "estimate": float(value)} for at, value in zip(labels, rows["estimate"], strict=True)]
