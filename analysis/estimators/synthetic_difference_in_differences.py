"""Synthetic difference in differences: weighted donors, weighted pre-periods, a constant difference allowed."""

import numpy as np

from analysis.core.effect import Effect
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.estimators._donors import gap_band, joint_gap_band, placebo_diagnostics
from analysis.estimators._requirements import require_donors, require_level, require_pre_periods
from analysis.inference.effects import build_effect
from analysis.inference.placebo import enumerate_placebos, placebo_normal
from analysis.inference.synthetic_did_weights import SyntheticDifference, fit_synthetic_difference, noise_level

NAME = "synthetic_difference_in_differences"
LABEL = "Synthetic difference in differences"
REFERENCE = "Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, American Economic Review 111(12):4088-4118"
NEEDS_DONORS = 3
ESTIMAND = "average effect on the treated unit over the post-period"
ASSUMPTIONS = (
    "Without the exit the treated unit would have moved in parallel with the weighted donors.",
    "The exit did not move the donors.",
    "The treated unit's noise is as large as the donors' (the standard error comes from them).",
)


def estimate(panel: Panel, *, seed: int = 0, level: float = 0.95) -> Effect:
    """Point: the weighted double difference, both sets of weights at their exact optimum.

    Standard error: spread of the placebo effects of every donor (algorithm 4 of the paper, enumerated, divisor J),
    with Student's t on J - 1 degrees of freedom, because it is estimated from J values. Raises DesignError for
    fewer than 3 donors or 8 pre-periods, or donors that never move. Nothing is drawn; ``seed`` is not used.
    """
    require_level(level)
    require_pre_periods(panel)
    require_donors(panel, NEEDS_DONORS)
    y, donors, pre, post = panel.y, panel.donor_values, panel.pre, panel.post
    if noise_level(donors[pre]) == 0:
        raise DesignError("the donors never move before the event", where=panel.outcome, cure="check the donors' data")

    def fit(series: np.ndarray, others: np.ndarray) -> SyntheticDifference:
        return fit_synthetic_difference(series, others, pre, post)

    found = fit(y, donors)
    placebos = enumerate_placebos(fit, donors)
    gaps = [placebo.gap for placebo in placebos]
    spread = placebo_normal(found.point, [placebo.point for placebo in placebos], level)
    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=found.point,
        expected=y - found.gap,
        interval=spread.interval,
        p_value=spread.p_value,
        inference=f"placebo standard error over {len(placebos)} donors, Student's t",
        standard_error=spread.standard_error,
        band=gap_band(y - found.gap, gaps, post, spread.quantile),
        joint=joint_gap_band(y - found.gap, gaps, post, spread.quantile, level),
        assumptions=ASSUMPTIONS,
        diagnostics={
            "weights": dict(zip(panel.donors, found.unit_weights.tolist(), strict=True)),
            "time_weights": _by_period(panel, found.time_weights),
            "zeta": found.zeta,
            "noise_level": found.noise_level,
            "degrees_of_freedom": spread.degrees_of_freedom,
        }
        | placebo_diagnostics(panel, found.gap, gaps, centred=True),
    )


def _by_period(panel: Panel, weights: np.ndarray) -> dict[str, float]:
    times = panel.times[panel.pre]
    labels = times.strftime("%Y-%m-%d") if hasattr(times, "strftime") else times.astype(str)
    return dict(zip(labels.tolist(), weights.tolist(), strict=True))
