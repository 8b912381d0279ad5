"""Effects by cohort and period when units are treated at different dates, and their aggregates.

Callaway and Sant'Anna (2021, Journal of Econometrics 225:200-230), without covariates: each cohort's change since
its own base period against the change of units not treated by then, never against units treated before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.core.errors import CaseError, DesignError, nearest
from analysis.core.seeds import generator_for

Control = Literal["never", "not_yet"]
CONTROLS, BASES = ("never", "not_yet"), ("varying", "universal", "average")
KINDS = ("simple", "group", "dynamic", "calendar")
NEVER = np.iinfo(np.int64).max // 4  # the cohort of units never treated: after every period, whatever is added
DRAWS = 999


@dataclass(frozen=True, slots=True)
class AttTable:
    """ATT(g,t): ``cohorts`` and ``periods`` (cells,) as positions in ``times``, ``estimates`` (cells,).

    ``influence`` (units, cells): the estimates' influence functions, so that their variance is the mean square over
    the number of units. ``cohort_of`` (units,) is each unit's cohort position (a very large number: never treated);
    ``dropped`` names the units treated from the first period on, of which nothing can be learned.
    """

    times: tuple[Any, ...]
    cohorts: np.ndarray
    periods: np.ndarray
    estimates: np.ndarray
    influence: np.ndarray
    cohort_of: np.ndarray
    dropped: tuple[Any, ...]
    anticipation: int

    @property
    def standard_errors(self) -> np.ndarray:
        return standard_errors(self.influence)

    def frame(self, *, level: float = 0.95, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
        """Columns cohort, time, estimate, standard_error, lower, upper: a simultaneous band over all cells."""
        return _banded(
            {"cohort": [self.times[g] for g in self.cohorts], "time": [self.times[t] for t in self.periods]},
            self.estimates, self.influence, level, draws, ("att", seed),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``overall`` with its ``standard_error``; ``table`` by cohort, event time or calendar time (empty for simple).

    The table's columns are ``at``, estimate, standard_error, lower, upper: a simultaneous band over its rows.
    """

    kind: str
    overall: float
    standard_error: float
    table: pd.DataFrame


def att_gt(
    frame: pd.DataFrame, *, unit: str, time: str, value: str, cohort: str, control: Control = "never",
    anticipation: int = 0, base: str = "varying",
) -> AttTable:
    """ATT(g,t) from a balanced panel in long form, one row a unit and period.

    ``cohort`` is each unit's first treated period on the same axis as ``time``; 0 or missing means never treated.
    ``control`` "never": units never treated; "not_yet": units not treated by the later of the two periods compared,
    nor about to be within ``anticipation`` periods (only when an exit does not move those who leave later).
    ``base`` "varying": the last period before the cohort's anticipation, and for earlier periods the one before
    each; "universal": always that last period; "average": the mean of all periods up to it, which is less noisy
    when trends are parallel throughout. Raises CaseError for an unknown control or base; DesignError for a panel
    that is not balanced, cohorts that change within a unit, or nobody to compare with.
    """
    for name, chosen, known in (("control", control, CONTROLS), ("base", base, BASES)):
        if chosen not in known:
            raise CaseError(f'there is no {name} "{chosen}"', where=f"options, {name}", cure=nearest(chosen, known))
    wide, cohort_of, dropped = _balanced(frame, unit, time, value, cohort)
    outcome, cells = wide.to_numpy(), []
    for group in sorted(set(cohort_of[cohort_of < NEVER].tolist())):
        last_base = group - 1 - anticipation
        if last_base < 0:
            continue  # nothing before the anticipation: this cohort is used as a comparison only
        for period in range(outcome.shape[1]):
            before = _base_of(period, last_base, base)
            if before is None:
                continue
            cell = _cell(outcome, cohort_of, group, period, before, control, anticipation)
            if cell is not None:
                cells.append((group, period, *cell))
    if not cells:
        raise DesignError(
            "no cohort has both a period before its exit and units to be compared with", where="group-time effects",
            cure='add units that were never treated, or use control: "not_yet"',
        )  # fmt: skip
    groups, periods, estimates, influence = zip(*cells, strict=True)
    return AttTable(
        tuple(wide.columns), np.array(groups), np.array(periods), np.array(estimates), np.column_stack(influence),
        cohort_of, dropped, anticipation,
    )  # fmt: skip


def aggregate(
    table: AttTable, kind: str, *, level: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> Aggregate:
    """Average the cells at or after each cohort's date, cohorts weighted by their size.

    "simple": over all those cells; "group": by cohort, then over cohorts; "dynamic": by periods since the exit
    (earlier ones shown too), then over those from 0 on; "calendar": by period, then over periods. The uncertainty
    of the weights is counted (their section 4). Raises CaseError for an unknown kind, DesignError without cells
    after treatment.
    """
    if kind not in KINDS:
        raise CaseError(f'there is no aggregate "{kind}"', where="group-time effects", cure=nearest(kind, KINDS))
    since = table.periods - table.cohorts
    after = since >= 0
    if not after.any():
        raise DesignError("no cohort has a period after its exit", where="group-time effects", cure="widen the panel")
    if kind == "simple":
        overall, influence = _weighted(table, after)
        return Aggregate(kind, overall, float(standard_errors(influence[:, None])[0]), pd.DataFrame())
    if kind == "group":
        labels, key = [table.times[g] for g in np.unique(table.cohorts[after])], table.cohorts
    elif kind == "dynamic":
        labels, key = np.unique(since).tolist(), since
    else:
        labels, key = [table.times[t] for t in np.unique(table.periods[after])], table.periods
    keep = np.ones_like(after) if kind == "dynamic" else after
    parts = [_weighted(table, keep & (key == value)) for value in np.unique(key[keep])]
    estimates, influence = np.array([part[0] for part in parts]), np.column_stack([part[1] for part in parts])
    if kind == "group":
        overall, total = _over_cohorts(table, np.unique(table.cohorts[after]), estimates, influence)
    else:
        chosen = np.array(labels) >= 0 if kind == "dynamic" else np.ones(len(labels), dtype=bool)
        overall, total = float(estimates[chosen].mean()), influence[:, chosen].mean(axis=1)
    shown = _banded({"at": labels}, estimates, influence, level, draws, (kind, seed))
    return Aggregate(kind, overall, float(standard_errors(total[:, None])[0]), shown)


def standard_errors(influence: np.ndarray) -> np.ndarray:
    """Of estimates with influence functions (units, estimates)."""
    return np.sqrt(np.mean(influence**2, axis=0) / len(influence))


def simultaneous_quantile(influence: np.ndarray, level: float, draws: int, names: Sequence[Any]) -> float:
    """The multiplier bootstrap's quantile of the largest studentised error, never below the pointwise one.

    Rademacher multipliers a unit, drawn by ``names``; spread by the interquartile range, as the authors do.
    """
    generator = generator_for("multiplier bootstrap", *names)
    signs = generator.choice([-1.0, 1.0], size=(draws, len(influence)))
    errors = signs @ influence / len(influence)
    spread = np.subtract(*np.quantile(errors, [0.75, 0.25], axis=0)) / (norm.ppf(0.75) - norm.ppf(0.25))
    moving = spread > 1e-12 * max(float(spread.max()), 1e-300)
    pointwise = float(norm.ppf((1 + level) / 2))
    if not moving.any():
        return pointwise
    return max(float(np.quantile(np.abs(errors[:, moving] / spread[moving]).max(axis=1), level)), pointwise)


def _balanced(
    frame: pd.DataFrame, unit: str, time: str, value: str, cohort: str
) -> tuple[pd.DataFrame, np.ndarray, tuple[Any, ...]]:
    """Values (units, periods), each unit's cohort as a position on the time axis, and the units left out."""
    where = "group-time effects"
    if frame.duplicated([unit, time]).any():
        raise DesignError("a unit has two values for one period", where=where, cure="keep one row a unit and period")
    wide = frame.pivot(index=unit, columns=time, values=value)
    if wide.isna().any(axis=None):
        name = wide.index[wide.isna().any(axis=1)][0]
        raise DesignError(f"{name} lacks periods", where=where, cure="keep the units observed in every period")
    if (frame.groupby(unit)[cohort].nunique(dropna=False) > 1).any():
        raise DesignError("the first treated period changes within a unit", where=where, cure="give one date a unit")
    first = frame.groupby(unit)[cohort].first().reindex(wide.index)
    never = first.isna() if pd.api.types.is_datetime64_any_dtype(first) else first.isna() | (first == 0)
    positions = np.full(len(first), NEVER, dtype=np.int64)
    positions[~never] = np.searchsorted(wide.columns, first[~never])
    positions[positions == wide.shape[1]] = NEVER  # treated after the last period: untreated all along
    always = positions == 0
    return wide[~always], positions[~always], tuple(wide.index[always])


def _base_of(period: int, last_base: int, base: str) -> slice | None:
    """The columns whose mean the period is compared with; None where there is nothing to compare."""
    if base == "average":
        return slice(0, last_base + 1)
    if base == "varying" and period <= last_base:
        return slice(period - 1, period) if period else None
    return None if period == last_base else slice(last_base, last_base + 1)


def _cell(
    outcome: np.ndarray, cohort_of: np.ndarray, group: int, period: int, before: slice, control: str, anticipation: int
) -> tuple[float, np.ndarray] | None:
    change = outcome[:, period] - outcome[:, before].mean(axis=1)
    treated = cohort_of == group
    latest = max(period, before.stop - 1) + anticipation
    compared = cohort_of == NEVER if control == "never" else (cohort_of > latest) & ~treated
    if not compared.any():
        return None
    influence = np.zeros(len(outcome))
    for members, sign in ((treated, 1.0), (compared, -1.0)):
        influence[members] += sign * len(outcome) / members.sum() * (change[members] - change[members].mean())
    return float(change[treated].mean() - change[compared].mean()), influence


def _weighted(table: AttTable, cells: np.ndarray) -> tuple[float, np.ndarray]:
    """Average of the chosen cells, weighted by cohort size, and its influence function (units,)."""
    return _over_cohorts(table, table.cohorts[cells], table.estimates[cells], table.influence[:, cells])


def _over_cohorts(
    table: AttTable, cohorts: np.ndarray, estimates: np.ndarray, influence: np.ndarray
) -> tuple[float, np.ndarray]:
    member = (table.cohort_of[:, None] == cohorts).astype(float)
    share = member.mean(axis=0)
    total = share.sum()
    of_weights = (member - share) / total - (member - share).sum(axis=1, keepdims=True) * share / total**2
    return float(share @ estimates / total), influence @ (share / total) + of_weights @ estimates


def _banded(
    labels: dict[str, Sequence[Any]], estimates: np.ndarray, influence: np.ndarray, level: float, draws: int,
    names: Sequence[Any],
) -> pd.DataFrame:  # fmt: skip
    errors = standard_errors(influence)
    half = simultaneous_quantile(influence, level, draws, names) * errors
    columns = {"estimate": estimates, "standard_error": errors, "lower": estimates - half, "upper": estimates + half}
    return pd.DataFrame(dict(labels) | columns)
