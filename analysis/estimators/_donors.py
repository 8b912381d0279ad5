"""What the estimators with donors share: placebo diagnostics and the band of the expected path."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.core.panel import Panel
from analysis.inference.placebo import rank_p_value
from analysis.inference.simultaneous import Band, placebo_joint_band

EXACT_FIT = 1e-9  # of the series' own spread


def root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def fits_exactly(misfit: float, before: np.ndarray) -> bool:
    """Whether so small a misfit to the series ``before`` the event (periods,) leaves nothing to measure against."""
    return misfit <= EXACT_FIT * max(float(before.std()), 1e-300)


def gap_band(
    expected: np.ndarray, gaps: Sequence[np.ndarray], post: np.ndarray, quantile: float | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Band of the expected value in each post period, model scale, from the spread of the placebo gaps there.

    ``expected`` (periods,), ``gaps`` one (periods,) a placebo; NaN outside the post-period; None without a quantile.
    """
    if quantile is None:
        return None
    half = np.where(post, quantile * np.std(np.array(gaps), axis=0), np.nan)
    return expected - half, expected + half


def joint_gap_band(
    expected: np.ndarray, gaps: Sequence[np.ndarray], post: np.ndarray, quantile: float | None, level: float
) -> Band | None:
    """As ``gap_band``, holding for all post periods at once: by the rank of the placebos' largest departure.

    Nowhere narrower than ``gap_band``, the same for a single period; None with too few placebos for the level.
    """
    if quantile is None:
        return None
    if post.sum() == 1:
        return gap_band(expected, gaps, post, quantile)
    every = np.array(gaps)
    spread = np.where(post, every.std(axis=0), 1.0)
    # Each placebo is measured by the spread of the others, as the treated unit is: its own size must not shrink it.
    others = [np.where(post, np.delete(every, item, axis=0).std(axis=0), 1.0) for item in range(len(every))]
    if not (np.array([spread, *others]) > 0).all():
        return None
    departures = list(every / others)
    band = placebo_joint_band(np.zeros(len(post)), departures, np.ones(len(every)), 1.0, post, level)
    if band is None:
        return None
    half = np.maximum(band[1], quantile) * spread
    return expected - half, expected + half


def placebo_diagnostics(
    panel: Panel, gap: np.ndarray, gaps: Sequence[np.ndarray], statistic: str = "effect", centred: bool = False
) -> dict[str, Any]:
    """Fit and placebo results by donor, model scale.

    ``statistic`` is "effect" (|mean post gap|) or "ratio" (the same over the pre-period root mean square gap).
    ``centred`` measures the pre-period fit about its mean, for estimators that allow a constant difference.
    """

    pre, post = panel.pre, panel.post

    def fit(series: np.ndarray) -> float:
        before = series[pre]
        return root_mean_square(before - before.mean() if centred else before)

    def size(series: np.ndarray) -> float:
        average = abs(float(series[post].mean()))
        if statistic == "effect":
            return average
        return average / fit(series) if fit(series) > 0 else np.inf

    statistics = {donor: size(series) for donor, series in zip(panel.donors, gaps, strict=False)}
    found: dict[str, Any] = {
        "pre_rmspe": fit(gap),
        "placebo_pre_rmspe": {donor: fit(series) for donor, series in zip(panel.donors, gaps, strict=False)},
        "statistic": size(gap),
        "statistic_kind": statistic,
        "placebo_effects": {
            donor: float(series[post].mean()) for donor, series in zip(panel.donors, gaps, strict=False)
        },
        "placebo_statistics": statistics,
    }
    if statistics:
        found["rank_p_value"] = rank_p_value(found["statistic"], list(statistics.values()))
    return found
