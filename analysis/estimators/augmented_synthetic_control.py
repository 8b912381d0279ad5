"""Augmented synthetic control: synthetic control corrected by ridge regression for what its donors leave unmatched."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.core.effect import Effect, Interval
from analysis.core.errors import CaseError, DesignError
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
from analysis.inference.simplex import optimality_gap, simplex_least_squares
from analysis.inference.simultaneous import placebo_joint_band

NAME = "augmented_synthetic_control"
LABEL = "Augmented synthetic control"
REFERENCE = "Ben-Michael, Feller and Rothstein 2021, Journal of the American Statistical Association 116:1789-1803"
NEEDS_DONORS = 3
ESTIMAND = "average effect on the treated unit over the post-period"
ASSUMPTIONS = (
    "A fixed combination of the donors, some with negative weight, would have kept tracking the treated unit.",
    "The exit did not move the donors.",
    "Without an exit the treated unit's place among the donors would have been a matter of chance.",
)
# The grid of penalties as in the authors' own software: from the largest squared singular value down by 1e-8.
SMALLEST_PENALTY, PENALTIES = 1e-8, 21
SAME_SUPPORT = 1e-12  # optimality gap, relative to a donor's squared distance, at which weights are taken as optimal


@dataclass(frozen=True, slots=True)
class AugmentedFit:
    """``weights`` (donors,) add up to one, some may be negative; ``simplex`` (donors,) are those before correction.

    ``gap`` (periods,) y - donors weights; ``penalties`` and mean squared ``held_out`` errors (penalties,) of the
    leave-one-period-out search; ``held_out_rmse`` at the chosen ``ridge``: the yardstick of the placebo test.
    """

    weights: np.ndarray
    simplex: np.ndarray
    gap: np.ndarray
    ridge: float
    penalties: np.ndarray
    held_out: np.ndarray
    held_out_rmse: float


def estimate(panel: Panel, *, seed: int = 0, level: float = 0.95, ridge: float | None = None) -> Effect:
    """Point: mean post-period gap to the ridge-augmented synthetic control.

    The penalty is the largest whose leave-one-period-out error is within one standard error of the smallest, for
    the treated unit and anew for every placebo; ``ridge`` fixes it (units of the outcome squared). Inference by
    placebo in space over every donor with the statistic |mean post gap| / held-out root mean square error; unlike
    the pre-period misfit that error cannot be driven to nothing by the correction. The interval inverts the same
    rank test under a constant effect; none exists at 95 % with fewer than 19 donors. Nothing is drawn.

    Raises DesignError for fewer than 3 donors or 8 pre-periods, or donors that reproduce the treated unit exactly;
    CaseError for a penalty that is not positive.
    """
    require_level(level)
    require_pre_periods(panel)
    require_donors(panel, NEEDS_DONORS)
    if ridge is not None and not ridge > 0:
        raise CaseError(f"a penalty of {ridge} is not positive", where="options, ridge", cure="leave it out to search")
    y, donors, pre, post = panel.y, panel.donor_values, panel.pre, panel.post
    fit = fit_augmented(y, donors, pre, ridge)
    if fits_exactly(fit.held_out_rmse, y[pre]):
        raise DesignError(
            "the donors predict the pre-period exactly, so there is no misfit to measure the effect against",
            where=panel.outcome,
            cure="use fewer donors or a longer pre-period",
        )
    placebos = enumerate_placebos(lambda series, others: fit_augmented(series, others, pre, ridge), donors)
    sizes = [_size(item.gap[post].mean(), item) for item in placebos]
    point, own = float(fit.gap[post].mean()), _size(fit.gap[post].mean(), fit)
    interval = rank_interval(point, fit.held_out_rmse, sizes, level)
    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=point,
        expected=y - fit.gap,
        interval=interval,
        p_value=rank_p_value(own, sizes),
        inference=f"placebo in space over {len(sizes)} donors, rank test of the mean gap over the held-out error",
        band=None if interval is None else _band(y, fit, placebos, post, level),
        joint=placebo_joint_band(
            y - fit.gap, [item.gap for item in placebos], [item.held_out_rmse for item in placebos], fit.held_out_rmse,
            post, level,
        ),
        assumptions=ASSUMPTIONS,
        diagnostics=placebo_diagnostics(panel, fit.gap, [item.gap for item in placebos])
        | {
            "statistic": own,
            "statistic_kind": "held-out ratio",
            "placebo_statistics": dict(zip(panel.donors, sizes, strict=True)),
            "rank_p_value": rank_p_value(own, sizes),
        }
        | _described(panel, fit)
        | _absence(point, fit.held_out_rmse, sizes, level, interval),
    )


def fit_augmented(y: np.ndarray, donors: np.ndarray, pre: np.ndarray, ridge: float | None = None) -> AugmentedFit:
    """Fit ``y`` (periods,) on ``donors`` (periods, J) over the mask ``pre``; the penalty is searched unless given."""
    target, matrix = y[pre], donors[pre]
    simplex = simplex_least_squares(matrix, target).weights
    left, singular, right = np.linalg.svd(matrix - matrix.mean(axis=1, keepdims=True), full_matrices=False)
    searched = float(singular[0]) ** 2 * np.geomspace(1.0, SMALLEST_PENALTY, PENALTIES)
    penalties = searched if ridge is None else np.array([float(ridge)])
    errors = held_out_errors(target, matrix, simplex, left, singular, penalties) ** 2
    mean, spread = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    best = int(np.argmin(mean))
    chosen = int(np.flatnonzero(mean <= mean[best] + spread[best])[0])  # penalties fall: the first is the largest
    kept = singular > 1e-12 * max(float(singular[0]), 1e-300)
    factor = singular[kept] / (singular[kept] ** 2 + penalties[chosen])
    weights = simplex + right[kept].T @ (factor * (left[:, kept].T @ (target - matrix @ simplex)))
    return AugmentedFit(
        weights, simplex, y - donors @ weights, float(penalties[chosen]), penalties, mean, float(np.sqrt(mean[chosen]))
    )


def held_out_errors(
    target: np.ndarray, matrix: np.ndarray, simplex: np.ndarray, left: np.ndarray, singular: np.ndarray,
    penalties: np.ndarray,
) -> np.ndarray:
    """Error in each pre-period of the fit to all the others, shape (pre-periods, penalties).

    The simplex weights are fitted anew without the period; their ridge correction without it is then the classical
    leave-one-out formula (r - H r)/(1 - h) for the misfit r of those weights, H the ridge smoother of the centred
    donors whose left singular vectors and singular values are given.
    """
    support = np.flatnonzero(simplex > 0)
    misfits = np.column_stack(
        [target - matrix @ _simplex_without(matrix, target, period, support) for period in range(len(target))]
    )
    shrink = singular[:, None] ** 2 / (singular[:, None] ** 2 + penalties)
    shrink[singular <= 1e-12 * max(float(singular[0]), 1e-300)] = 0.0
    smoothed = (left * (left.T @ misfits).T) @ shrink
    leverage = left**2 @ shrink
    return (np.diag(misfits)[:, None] - smoothed) / (1 - leverage)


def _simplex_without(matrix: np.ndarray, target: np.ndarray, period: int, support: np.ndarray) -> np.ndarray:
    """Simplex weights (J,) without one period; those on the same support when they are optimal, else solved anew."""
    difference = np.delete(matrix - target[:, None], period, axis=0)
    ones = np.ones(len(support))
    try:
        found = np.linalg.solve(difference[:, support].T @ difference[:, support], ones)
    except np.linalg.LinAlgError:
        found = -ones
    if found.min() > 0:
        weights = np.zeros(matrix.shape[1])
        weights[support] = found / found.sum()
        size = float((difference[:, support] ** 2).sum(axis=0).max())
        if optimality_gap(difference, weights) <= SAME_SUPPORT * size:
            return weights
    return simplex_least_squares(np.delete(matrix, period, axis=0), np.delete(target, period)).weights


def _size(effect: float, fit: AugmentedFit) -> float:
    return abs(float(effect)) / fit.held_out_rmse if fit.held_out_rmse > 0 else np.inf


def _band(
    y: np.ndarray, fit: AugmentedFit, placebos: tuple[AugmentedFit, ...], post: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Band of the expected value in each post period by the same rank test, one period at a time; else NaN."""
    half = np.full(len(y), np.nan)
    for period in np.flatnonzero(post):
        width = rank_half_width([_size(item.gap[period], item) for item in placebos], level)
        half[period] = np.nan if width is None else width * fit.held_out_rmse
    return y - fit.gap - half, y - fit.gap + half


def _described(panel: Panel, fit: AugmentedFit) -> dict[str, Any]:
    plain = panel.y - panel.donor_values @ fit.simplex
    return {
        "weights": dict(zip(panel.donors, fit.weights.tolist(), strict=True)),
        "simplex_weights": dict(zip(panel.donors, fit.simplex.tolist(), strict=True)),
        "negative_weight": float(-np.minimum(fit.weights, 0.0).sum()),
        "ridge": fit.ridge,
        "penalties": fit.penalties.tolist(),
        "held_out_errors": fit.held_out.tolist(),
        "held_out_rmse": fit.held_out_rmse,
        "pre_rmspe_without_correction": root_mean_square(plain[panel.pre]),
        "effect_without_correction": float(plain[panel.post].mean()),
        "attainable_level": attainable_level(len(panel.donors)),
    }


def _absence(
    point: float, scale: float, sizes: list[float], level: float, interval: Interval | None
) -> dict[str, str | list[float]]:
    """Why there is no interval, and the interval at the highest level that these donors allow."""
    if interval is not None:
        return {}
    attainable = attainable_level(len(sizes))
    if level <= attainable:
        return {"interval_absent": "a placebo is predicted exactly"}
    reason = (
        f"{len(sizes)} donors allow a level of at most {attainable:.1%}; a {level:.0%} interval needs "
        f"{int(np.ceil(level / (1 - level) - 1e-9))} donors"
    )
    widest = rank_interval(point, scale, sizes, attainable)
    if widest is None:
        return {"interval_absent": reason}
    return {"interval_absent": reason, "attainable_interval": [widest.lower, widest.upper]}
