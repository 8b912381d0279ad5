"""Synthetic control on outcomes: the mixture of donors that tracked the treated unit best before the event."""

import numpy as np

from analysis.core.effect import Effect, Interval
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.estimators._donors import fits_exactly, placebo_diagnostics, root_mean_square
from analysis.estimators._requirements import require_donors, require_level, require_pre_periods
from analysis.inference.effects import build_effect
from analysis.inference.placebo import (
    attainable_level,
    enumerate_placebos,
    rank_half_width,
    rank_interval,
    rank_p_value,
)
from analysis.inference.simplex import SimplexFit, simplex_least_squares
from analysis.inference.simultaneous import placebo_joint_band

NAME = "synthetic_control"
LABEL = "Synthetic control"
REFERENCE = "Abadie, Diamond and Hainmueller 2010, Journal of the American Statistical Association 105:493-505"
NEEDS_DONORS = 2
ESTIMAND = "average effect on the treated unit over the post-period"
ASSUMPTIONS = (
    "A fixed mixture of the donors would have kept tracking the treated unit without the exit.",
    "The exit did not move the donors.",
    "Without an exit the treated unit's place among the donors would have been a matter of chance.",
)


def estimate(panel: Panel, *, seed: int = 0, level: float = 0.95) -> Effect:
    """Point: mean post-period gap to the synthetic control, weights at the exact optimum over the pre-period.

    Inference by placebo in space over every donor with one statistic, |mean post gap| / pre-period root mean square
    gap: p is the treated unit's rank, the interval inverts the same test under a constant effect. With fewer than
    19 donors no 95 % interval exists; ``diagnostics`` then hold ``interval_absent`` and ``attainable_interval``.
    Raises DesignError for fewer than 2 donors or 8 pre-periods, or donors that reproduce the pre-period exactly.
    Nothing is drawn; ``seed`` is not used.
    """
    require_level(level)
    require_pre_periods(panel)
    require_donors(panel, NEEDS_DONORS)
    y, donors, pre, post = panel.y, panel.donor_values, panel.pre, panel.post
    fit, gap = fit_gap(y, donors, pre)
    point, scale = float(gap[post].mean()), root_mean_square(gap[pre])
    if fits_exactly(scale, y[pre]):
        raise DesignError(
            "the donors reproduce the pre-period exactly, so there is no misfit to measure the effect against",
            where=panel.outcome,
            cure="use fewer donors or a longer pre-period",
        )
    gaps = enumerate_placebos(lambda series, others: fit_gap(series, others, pre)[1], donors)
    found = placebo_diagnostics(panel, gap, gaps, statistic="ratio")
    ratios, fits = list(found["placebo_statistics"].values()), list(found["placebo_pre_rmspe"].values())
    interval = rank_interval(point, scale, ratios, level)
    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=point,
        expected=y - gap,
        interval=interval,
        p_value=found["rank_p_value"],
        inference=f"placebo in space over {len(ratios)} donors, rank test of the mean gap over the pre-period misfit",
        band=None if interval is None else rank_band(y, gap, gaps, pre, post, level),
        joint=placebo_joint_band(y - gap, gaps, fits, scale, post, level),
        assumptions=ASSUMPTIONS,
        diagnostics={
            "weights": dict(zip(panel.donors, fit.weights.tolist(), strict=True)),
            "optimality_gap": fit.optimality_gap,
            "attainable_level": attainable_level(len(ratios)),
        }
        | found
        | rmspe_ratio(gap, gaps, pre, post)
        | _absence(point, scale, ratios, level, interval),
    )


def fit_gap(y: np.ndarray, donors: np.ndarray, pre: np.ndarray) -> tuple[SimplexFit, np.ndarray]:
    """Weights fitted on the pre-period and the gap y - donors w over all periods, shape (periods,)."""
    fit = simplex_least_squares(donors[pre], y[pre])
    return fit, y - donors @ fit.weights


def rmspe_ratio(gap: np.ndarray, gaps: tuple[np.ndarray, ...], pre: np.ndarray, post: np.ndarray) -> dict[str, float]:
    """The classical statistic, post over pre root mean square gap, and the treated unit's rank p-value by it."""

    def ratio(series: np.ndarray) -> float:
        before = root_mean_square(series[pre])
        return root_mean_square(series[post]) / before if before > 0 else np.inf

    return {"rmspe_ratio": ratio(gap), "rmspe_ratio_p_value": rank_p_value(ratio(gap), [ratio(item) for item in gaps])}


def rank_band(
    y: np.ndarray, gap: np.ndarray, gaps: tuple[np.ndarray, ...], pre: np.ndarray, post: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Band of the expected value in each post period by the same rank test, one period at a time; else NaN."""
    fits = [root_mean_square(item[pre]) for item in gaps]
    half = np.full(len(y), np.nan)
    for period in np.flatnonzero(post):
        sizes = [abs(item[period]) / fit if fit > 0 else np.inf for item, fit in zip(gaps, fits, strict=True)]
        width = rank_half_width(sizes, level)
        half[period] = np.nan if width is None else width * root_mean_square(gap[pre])
    return y - gap - half, y - gap + half


def _absence(
    point: float, scale: float, ratios: list[float], level: float, interval: Interval | None
) -> dict[str, str | list[float]]:
    """Why there is no interval, and the interval at the highest level that these donors allow."""
    if interval is not None:
        return {}
    attainable = attainable_level(len(ratios))
    reason = (
        f"{len(ratios)} donors allow a level of at most {attainable:.1%}; a {level:.0%} interval needs "
        f"{int(np.ceil(level / (1 - level) - 1e-9))} donors"
    )
    widest = rank_interval(point, scale, ratios, attainable)
    if widest is None or level <= attainable:
        return {"interval_absent": reason if level > attainable else "a placebo reproduces its pre-period exactly"}
    return {"interval_absent": reason, "attainable_interval": [widest.lower, widest.upper]}
