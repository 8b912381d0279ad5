"""Are cases alike in all but an attribute answered equally fast? An equivalence test, before and after the exit.

Log-normal regression of the time to the first response with censored times (accelerated failure time; Tobin 1958,
Econometrica 26; the concave parameters of Olsen 1978, Econometrica 46), adjusted for channel, weekday and hour of
arrival and declared attributes. A group's coefficient is the logarithm of the ratio of its median time to that of
the largest group. Two one-sided tests at 5 % (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15):
a group is treated alike when the whole 90 % interval lies within the margin, which no failure to find a difference
can bring about. Not alike is the opposite claim, that a ratio lies beyond the margin: the p-values of that one-sided
test are adjusted over all groups of all attributes of a period (Holm 1979, Scandinavian Journal of Statistics 6), or
one of many groups would look set back by chance. That all are alike needs no such correction: it is claimed only when
every single test succeeds, an intersection-union test, whose level is that of each (Berger 1982, Technometrics 24).

Cases abandoned, or still open, before a response are censored there: the comparison is between people who waited alike
long. A clock that stands still while many answers are given has many times of zero: then prefer the calendar's.
Influences are summed by week as in ``inference.weekly_clusters``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, hstack
from scipy.special import log_ndtr

from analysis.core.case_service import EqualTreatment
from analysis.core.errors import CaseError, DesignError, nearest
from analysis.core.generalising import OTHER
from analysis.inference import cumulative_incidence as curves
from analysis.inference.multiplicity import holm
from analysis.inference.weekly_clusters import WeeklyClusters, weekly_clusters
from analysis.service.clock import weekdays_of
from analysis.service.journeys import HAPPENED, PERIODS, SMALLEST, Journeys, Paired, paired, waits

LEVEL = 0.90  # of the interval that stands for two one-sided tests at 5 %
SHORTEST = 1 / 60  # hours: what was answered within a minute is only known to lie below it (0 on a desk's own clock)
MISSING = "missing"
RIDGE = 1e-5  # of one case's weight: keeps hours in which nobody was answered finite, and says nothing otherwise
TOLD_APART = 0.01  # cases' worth of a group that channel, arrival and adjustment leave to compare
STEPS = 60
CLOSE = 1e-10  # gain in log-likelihood at which Newton's steps have ended
COLUMNS = ("attribute", "group", "reference", "period", "n", "n_reference", "median_hours", "median_hours_reference",
           "ratio", "lower", "upper", "margin", "p_not_alike", "p_adjusted", "verdict")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Lognormal:
    """Coefficients (k,) on log hours, each case's influence on them (n, k); missing where not told apart."""

    coefficients: np.ndarray
    influence: np.ndarray


def equal_treatment(
    journeys: Journeys, declared: EqualTreatment, *, smallest: int = SMALLEST, level: float = LEVEL
) -> pd.DataFrame:
    """One row an attribute, group and period (before, after, change), each group against the largest.

    ``ratio`` of median hours to the first response with its ``lower`` and ``upper`` (``level`` .90), in the change the
    ratio after over the ratio before; ``p_not_alike`` of a ratio within the margin, ``p_adjusted`` over the groups of
    all attributes in the period (Holm); ``verdict`` alike (interval within the margin), not alike (``p_adjusted`` below
    half of what ``level`` leaves) or unsettled. ``median_hours`` are not adjusted. Groups with fewer than ``smallest``
    cases in a period are pooled as "other", or left out (``attrs["left_out"]``). Cases without the attribute are not
    compared. Raises CaseError for an attribute that the cases do not have.
    """
    _require(journeys, declared)
    rows, left_out = [], 0
    for attribute in declared.attributes:
        groups = _groups(journeys.frame[attribute], journeys.after, smallest)
        left_out += int((groups == "").sum() > 0)
        kept = np.flatnonzero(groups.notna() & (groups != ""))
        names = groups.iloc[kept].value_counts()
        # The largest; of equals the first by name, so that the order of the rows does not matter.
        names = names.sort_index(kind="stable").sort_values(ascending=False, kind="stable")
        if len(names) >= 2:
            order = list(names.index)
            rows += _compared(journeys, declared, attribute, groups.to_numpy(dtype=object), kept, order, level)
    table = _judged(pd.DataFrame(rows, columns=list(COLUMNS)), (1 - level) / 2)
    table.attrs["left_out"] = left_out
    return table


def _judged(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """With adjusted p-values and verdicts; a group without an interval is no test, so not in the family."""
    table = table.astype({"p_adjusted": float})
    for _, part in table[table["p_not_alike"].notna()].groupby("period"):
        table.loc[part.index, "p_adjusted"] = holm(part["p_not_alike"].to_numpy(dtype=float))
    return table.assign(
        verdict=[verdict(row.lower, row.upper, row.margin, row.p_adjusted, alpha) for row in table.itertuples()]
    )


def attribute_verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """One verdict an attribute and period: alike when every group is, not alike when one is not, else unsettled.

    Alike needs no correction for several groups, not alike has it (see the module).
    """
    rows = []
    for (attribute, period), part in table.groupby(["attribute", "period"], sort=False):
        found = set(part["verdict"])
        verdict = "not alike" if "not alike" in found else "alike" if found == {"alike"} else "unsettled"
        rows.append({"attribute": attribute, "period": period, "groups": len(part) + 1, "verdict": verdict})
    return pd.DataFrame(rows, columns=["attribute", "period", "groups", "verdict"])


def _require(journeys: Journeys, declared: EqualTreatment) -> None:
    for name in (*declared.attributes, *declared.adjust):
        if name not in journeys.frame:
            known = [column for column in journeys.frame if journeys.frame[column].dtype.kind not in "Mmb"]
            raise CaseError(f'the cases have no attribute "{name}"', where="equal_treatment", cure=nearest(name, known))
    if "first_response" not in journeys.hours:
        raise DesignError(
            "the log has no act of the brand, so response times are not known",
            where="equal_treatment",
            cure="log private requests, take-charge or outcome messages, or leave equal_treatment out",
        )


def _groups(values: pd.Series, after: np.ndarray, smallest: int) -> pd.Series:
    """The attribute's groups; those too small in a period are "other", or empty when they are too small together.

    Where all that is not shown, the cases without the attribute among it, is a few cases of a period, the smallest
    group joins it: all cases less those of the groups shown would give it back.
    """
    groups = values.astype("str").where(values.notna())

    def counts(names: pd.Series) -> pd.DataFrame:
        return pd.crosstab(names, after).reindex(columns=[False, True], fill_value=0)

    def small(names: pd.Series) -> set[str]:
        found = counts(names)
        return set(found.index[(found < smallest).any(axis=1)])

    groups = groups.mask(groups.isin(small(groups)), OTHER)
    groups = groups.mask(groups.isin(small(groups)), "")
    while (shown := counts(groups.mask(groups == ""))).size and _few_not_shown(shown, after, smallest):
        groups = groups.mask(groups == min(shown.index, key=lambda name: (shown.loc[name].sum(), name)), "")
        if (groups == "").any() and "" not in small(groups) and not groups.isna().any():
            return groups.mask(groups == "", OTHER)
    return groups


def _few_not_shown(shown: pd.DataFrame, after: np.ndarray, smallest: int) -> bool:
    """Whether the cases of a period that stand in no group are some, and fewer than may be published."""
    left = np.bincount(after, minlength=2) - shown.sum().to_numpy()
    return bool(((left > 0) & (left < smallest)).any())


def _compared(
    journeys: Journeys, declared: EqualTreatment, attribute: str, groups: np.ndarray, kept: np.ndarray,
    names: list[str], level: float,
) -> list[dict]:  # fmt: skip
    reference, others = names[0], names[1:]
    after, groups = journeys.after[kept], groups[kept]
    inside = csr_array(np.column_stack([groups == name for name in others]).astype(float))
    control = _controls(journeys, [name for name in ("channel", *declared.adjust) if name != attribute], kept)
    hours, cause = waits(journeys, "first_response", kept)
    fits = []
    for _, side in PERIODS:
        own = np.flatnonzero(after == side)
        design = hstack([control[own], inside[own]], format="csr")
        fit = fit_lognormal(hours[own], cause[own] == HAPPENED, design, len(others))
        fits.append((fit.coefficients, fit.influence))
    logs = paired(after, *fits)
    rows = []
    for item, name in enumerate(others):
        both = Paired(logs.value[:, [item]], logs.influence[:, [item]])
        sizes = {group: np.bincount(after[groups == group], minlength=2) for group in (name, reference)}
        # The other groups' cases only help to tell what channel and arrival do: each one of all.
        weight = 1 / np.bincount(after, minlength=2)[after.astype(int)] ** 2.0
        for group, counts in sizes.items():
            weight[groups == group] = 1 / counts[after[groups == group].astype(int)] ** 2.0
        clusters = weekly_clusters(journeys.week[kept], after, weight)
        start = {"attribute": attribute, "group": name, "reference": reference}
        plain = _plain(hours, cause, after, [groups == name, groups == reference])
        for period in (*(period for period, _ in PERIODS), "change"):
            row = start | {"period": period, "margin": declared.margin} | plain[period]
            rows.append(row | _against(both, period, clusters, declared.margin, level))
    return rows


def _against(both: Paired, period: str, clusters: WeeklyClusters, margin: float, level: float) -> dict[str, float]:
    """The ratio with its interval, and the one-sided p-value of its lying within the margin, against beyond it."""
    point = both.value[1, 0] - both.value[0, 0] if period == "change" else both.value[int(period == "after"), 0]
    bound = np.copysign(np.log1p(margin), point)
    # The second column asks of the bound what the first asks of no difference.
    shift = np.zeros((2, 2))
    shift[int(period != "before"), 1] = bound
    pair = Paired(np.repeat(both.value, 2, axis=1) - shift, np.repeat(both.influence, 2, axis=1))
    found = pair.change(clusters, level) if period == "change" else pair.of(period, clusters, level)
    ratio, lower, upper = (float(np.exp(part[0])) for part in (found.point, found.lower, found.upper))
    half = float(found.p_value[1]) / 2
    p_value = half if abs(point) > abs(bound) else 1 - half
    return {"ratio": ratio, "lower": lower, "upper": upper, "p_not_alike": p_value}


def verdict(lower: float, upper: float, margin: float, p_not_alike: float, alpha: float = (1 - LEVEL) / 2) -> str:
    """What the interval of a ratio and the (adjusted) p-value of one within the margin say; without them nothing is
    settled."""
    if lower >= 1 / (1 + margin) and upper <= 1 + margin:
        return "alike"
    return "not alike" if p_not_alike < alpha else "unsettled"


def _plain(hours: np.ndarray, cause: np.ndarray, after: np.ndarray, members: list[np.ndarray]) -> dict[str, dict]:
    """Cases and median hours of the group and the reference as they are, by period; the change has only cases."""
    found: dict[str, dict] = {}
    for period, side in PERIODS:
        found[period] = {}
        for suffix, own in zip(("", "_reference"), members, strict=True):
            rows = own & (after == side)
            median = curves.time_quantile(curves.cumulative_incidence(hours[rows], cause[rows]), HAPPENED, 0.5)
            found[period] |= {f"n{suffix}": int(rows.sum()), f"median_hours{suffix}": median}
    found["change"] = {f"n{suffix}": int(own.sum()) for suffix, own in zip(("", "_reference"), members, strict=True)}
    return found


def _controls(journeys: Journeys, names: list[str], kept: np.ndarray) -> csr_array:
    """Columns of ones and zeros: all, weekday, hour on weekdays and at weekends, classes of ``names``."""
    keys = [np.zeros(len(kept), dtype=int), weekdays_of(journeys.day)[kept]]
    keys.append(journeys.hour[kept] + 24 * journeys.weekend[kept])
    keys += [
        pd.factorize(journeys.frame[name].iloc[kept].astype("str").fillna(MISSING), sort=True)[0] for name in names
    ]
    columns, first = [], 0
    for key in keys:
        columns.append(first + key)
        first += int(key.max()) + 1
    rows = np.tile(np.arange(len(kept)), len(keys))
    return csr_array((np.ones(len(rows)), (rows, np.concatenate(columns))), shape=(len(kept), first))


def fit_lognormal(hours: np.ndarray, ended: np.ndarray, design: csr_array, wanted: int) -> Lognormal:
    """Regress log ``hours`` (n,) on ``design`` (n, k), whose last ``wanted`` columns are reported.

    Where not ``ended`` (n,) the true time is longer, where it ended within SHORTEST it is shorter than that. Newton's
    steps on a likelihood that is concave in coefficients / sd and 1 / sd. A coefficient is missing when the other
    columns determine its own. Raises DesignError when no time is known to its end.
    """
    side = np.where(ended, np.where(hours > SHORTEST, 0, -1), 1)  # 0 known; the true time is shorter -1, longer 1
    if not (side == 0).any():
        raise DesignError(
            "the time of no first response of a period is known: none was seen, or all took less than a minute",
            where="equal_treatment",
            cure="widen the windows, or leave equal_treatment out",
        )
    logs = np.log(np.maximum(hours, SHORTEST))
    logs = logs - logs.mean()
    columns = csr_array(hstack([-design, csr_array(logs[:, None])], format="csr"))
    at = np.append(np.zeros(design.shape[1]), 1 / max(logs.std(), SHORTEST))
    here = _likelihood(at, columns, side)
    for _ in range(STEPS):
        step, size = np.linalg.solve(here.information, here.gradient), 1.0
        while size > CLOSE and not (at + size * step)[-1] > 0:
            size /= 2
        trial = _likelihood(at + size * step, columns, side)
        while size > CLOSE and trial.value < here.value:
            size /= 2
            trial = _likelihood(at + size * step, columns, side)
        gain, at, here = trial.value - here.value, at + size * step, trial
        if gain < CLOSE:
            break
    inverse = np.linalg.inv(here.information)
    ends = np.arange(-wanted - 1, 0)
    own = (columns @ inverse[:, ends]) * here.score[:, None] + np.outer((side == 0) / at[-1], inverse[-1, ends])
    coefficients = at[ends[:-1]] / at[-1]
    influence = (own[:, :-1] - own[:, [-1]] * coefficients) / at[-1]
    unknown = 1 / np.diag(inverse)[ends[:-1]] < TOLD_APART
    coefficients[unknown] = influence[:, unknown] = np.nan
    return Lognormal(coefficients, influence - influence.mean(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class _Likelihood:
    """At one point: the log-likelihood, its gradient and information, each case's derivative (n,) in its residual."""

    value: float
    gradient: np.ndarray
    information: np.ndarray
    score: np.ndarray


def _likelihood(at: np.ndarray, columns: csr_array, side: np.ndarray) -> _Likelihood:
    residual, precision, known = columns @ at, at[-1], side == 0
    beyond = log_ndtr(-side * residual)
    mills = np.exp(-0.5 * residual**2 - beyond) / np.sqrt(2 * np.pi)
    score = np.where(known, -residual, -side * mills)
    curvature = np.where(known, 1.0, mills * (mills - side * residual))
    penalty = np.append(np.full(len(at) - 1, RIDGE), 0.0)
    value = np.where(known, np.log(precision) - residual**2 / 2, beyond).sum() - penalty @ at**2 / 2
    gradient = columns.T @ score - penalty * at
    information = (columns.T @ columns.multiply(curvature[:, None]).tocsr()).toarray() + np.diag(penalty)
    gradient[-1] += known.sum() / precision
    information[-1, -1] += known.sum() / precision**2
    return _Likelihood(float(value), gradient, information, score)
