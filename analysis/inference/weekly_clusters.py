"""Intervals for statistics of many cases whose weeks share shocks that last: weekly sums of the cases' influences.

A statistic's error is, to first order, the sum of its cases' influences (Hampel 1974, Journal of the American
Statistical Association 69). Summed by week, the errors are a shock common to the week's cases, autoregressive from
week to week, and white noise whose variance per case is the same. The restricted likelihood (Patterson and Thompson
1971) of every (rho, share of noise) on a grid weighs that point's Student's t: the correlation is integrated, because
the one estimated from a short series is too small. In 1,000 simulated worlds of 56 + 38 weeks each with shocks of
rho 0, .3, .6 and .8 the regression that plugs it in (``autoregressive.fit_autoregressive``) covered .948, .955, .924
and .829, this mixture .963, .948, .941 and .926. Point, interval and p-value belong to the statistic as computed
from the cases: weeks count by their cases and are never reweighted.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import solve_triangular
from scipy.sparse import csr_array

from analysis.core.errors import DesignError
from analysis.inference.student_mixture import StudentMixture

RHO = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
NOISE = (0.2, 0.4, 0.6, 0.8)  # share of the noise in a week's variance
# Belief in no common shock that lasts, against 1 for the rest of the grid together. Of .1, .3, 1, 2 and 3, 2 kept the
# cover nearest to 95 % over worlds with rho from 0 to .6; the measured worlds are others.
INDEPENDENT = 2.0
FEWEST_FREE = 3  # weeks beyond one for each period
NOTHING = 1e-24  # variance of the influences below which a statistic does not vary within a period
EXACT = 1e-12  # of that variance: weeks that differ less repeat each other, and nothing tells how they vary

Part = Literal["change", "before", "after"]


@dataclass(frozen=True, slots=True, eq=False)
class WeeklyClusters:
    """The weeks of n cases: r rows, one a period and week with cases.

    ``row`` (n,) the row of each case; ``week`` (r,) whole numbers; ``after`` (r,); ``noise`` (r,) the row's share of
    the variance that single cases bring to their period; ``cases`` (2,) effective number of cases of each period.
    """

    row: np.ndarray
    week: np.ndarray
    after: np.ndarray
    noise: np.ndarray
    cases: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class WeeklyEstimate:
    """Statistics (q,), their intervals, two-sided p-values of no difference from zero, and standard errors.

    All from one mixture of Student's t; missing where a statistic is missing or does not vary.
    """

    point: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    p_value: np.ndarray
    standard_error: np.ndarray


def weekly_clusters(week: np.ndarray, after: np.ndarray, weight: np.ndarray | None = None) -> WeeklyClusters:
    """Group cases by the whole-number ``week`` (n,) of their start, and by period: ``after`` (n,) or before.

    ``weight`` (n,), above zero: the relative variance of the cases' influences, where a statistic compares groups of
    unequal size within a period. Raises DesignError for too few weeks.
    """
    week, after = np.asarray(week, dtype=int), np.asarray(after, dtype=bool)
    weight = np.ones(len(week)) if weight is None else np.asarray(weight, dtype=float)
    keys, row = np.unique(2 * week + after, return_inverse=True)
    later = keys % 2 == 1
    periods = len(np.unique(later))
    if len(keys) < periods + FEWEST_FREE:
        raise DesignError(
            f"{len(keys)} weeks with cases cannot tell how weeks differ from each other",
            where="weekly clusters",
            cure=f"widen the windows to at least {periods + FEWEST_FREE} weeks",
        )
    noise = np.bincount(row, weights=weight)
    total, squares = (np.bincount(after, weights=item, minlength=2) for item in (weight, weight**2))
    cases = total**2 / np.where(squares > 0, squares, 1.0)
    return WeeklyClusters(row, keys // 2, later, noise / total[later.astype(int)], cases)


def weekly_estimate(
    clusters: WeeklyClusters, point: np.ndarray, influence: np.ndarray, *, part: Part = "change", level: float = 0.95
) -> WeeklyEstimate:
    """Intervals of q statistics from each case's influence on its own period's statistic.

    ``point`` (q,) as computed from the cases; ``influence`` (n, q) or (n,), summing to zero within a period. ``part``
    says what ``point`` is: the statistic after minus before, or that of one period (the other still tells how weeks
    hang together). In units of their period's spread, shocks are taken to be as large before as after. A period whose
    cases do not vary (a share of 0 or 1) adds nothing; where none varies there is no interval.
    """
    point = np.atleast_1d(np.asarray(point, dtype=float))
    influence = np.asarray(influence, dtype=float).reshape(len(clusters.row), -1)
    cases = len(clusters.row)
    indicator = csr_array((np.ones(cases), (clusters.row, np.arange(cases))), shape=(len(clusters.week), cases))
    sums, squares = indicator @ influence, indicator @ influence**2
    spread = np.stack([squares[clusters.after == side].sum(axis=0) for side in (False, True)])
    signs = {"change": (-1.0, 1.0), "before": (1.0, 0.0), "after": (0.0, 1.0)}[part]
    answer = WeeklyEstimate(point, *(np.full(len(point), np.nan) for _ in range(4)))
    varies = spread > NOTHING
    for sides in ((True, True), (True, False), (False, True)):
        rows = np.array(sides)[clusters.after.astype(int)]
        if rows.sum() < sum(sides) + FEWEST_FREE:
            continue
        alike = np.isfinite(point) & np.isfinite(spread).all(axis=0) & (varies == np.array(sides)[:, None]).all(axis=0)
        with np.errstate(invalid="ignore"):
            differ = (sums[rows] ** 2).sum(axis=0) > EXACT * spread.sum(axis=0)
        asked = any(sign != 0 for sign, side in zip(signs, sides, strict=True) if side)
        columns = np.flatnonzero(alike & differ & asked)
        if len(columns):
            picked = sums[np.ix_(rows, columns)], spread[:, columns]
            _fill(answer, columns, *_components(clusters, rows, *picked, signs), level)
    return answer


def _fill(
    answer: WeeklyEstimate, columns: np.ndarray, weights: np.ndarray, scales: np.ndarray, free: int, level: float
) -> None:
    for item, column in enumerate(columns):
        centres = np.full((len(weights), 1), answer.point[column])
        mixture = StudentMixture(weights[:, item], centres, scales[:, [item]], float(free))
        half = mixture.quantile((1 + level) / 2)[0] - answer.point[column]  # its components share their centre
        answer.lower[column], answer.upper[column] = answer.point[column] - half, answer.point[column] + half
        answer.p_value[column] = mixture.two_sided(np.zeros(1))[0]
        answer.standard_error[column] = mixture.standard_deviation[0]


def _components(
    clusters: WeeklyClusters, rows: np.ndarray, sums: np.ndarray, spread: np.ndarray, signs: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, int]:
    """Weights (g, q) and scales (g, q) of the grid's Student's t with so many free weeks, from ``sums`` (r', q).

    In units of their period's spread (2, q) the sums of all statistics have the same covariance at a grid point.
    """
    after, week, noise = (item[rows] for item in (clusters.after, clusters.week, clusters.noise))
    side = after.astype(int)
    load = noise * np.sqrt(clusters.cases[side])  # a week's shock counts as often as the week has cases
    load *= np.sqrt(noise.mean() / (load**2).mean())
    shared, lags = np.outer(load, load), np.abs(week[:, None] - week[None, :]).astype(float)
    periods = np.column_stack([~after, after]).astype(float)
    means = load[:, None] * periods[:, periods.any(axis=0)]
    both, k = np.column_stack([means, sums / np.sqrt(spread)[side]]), means.shape[1]
    wide, free = np.array(signs)[:, None] * np.sqrt(spread), len(rows[rows]) - k
    beliefs, scales = [], []
    for rho, share, belief in _grid():
        covariance = (1 - share) * shared * rho**lags + np.diag(share * noise)
        factor = np.linalg.cholesky(covariance)
        white = solve_triangular(factor, both, lower=True)
        orthogonal, triangle = np.linalg.qr(white[:, :k])
        rest = white[:, k:] - orthogonal @ (orthogonal.T @ white[:, k:])
        variance = (rest**2).sum(axis=0) / free
        determinant = 2 * np.log(np.diag(factor)).sum() + 2 * np.log(np.abs(np.diag(triangle))).sum()
        beliefs.append(np.log(belief) - 0.5 * (free * np.log(variance) + determinant))
        between = periods.T @ covariance @ periods
        scales.append(np.sqrt(variance * np.einsum("pq,pr,rq->q", wide, between, wide)))
    weights = np.exp(np.array(beliefs) - np.max(beliefs, axis=0))
    return weights / weights.sum(axis=0), np.array(scales), free


def _grid() -> list[tuple[float, float, float]]:
    """Points (rho, share of noise, belief)."""
    lasting = [(rho, share, 1 / (len(RHO) * len(NOISE))) for rho in RHO for share in NOISE]
    return [(0.0, 1.0, INDEPENDENT), *lasting]
