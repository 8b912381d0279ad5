"""Difference in differences with one treated unit: its change against the donors' average change."""

import numpy as np

from analysis.core.effect import Effect
from analysis.core.panel import Panel
from analysis.estimators._donors import gap_band, joint_gap_band, placebo_diagnostics
from analysis.estimators._requirements import require_donors, require_level, require_pre_periods
from analysis.inference.effects import build_effect
from analysis.inference.placebo import enumerate_placebos, placebo_normal

NAME = "difference_in_differences"
LABEL = "Difference in differences"
REFERENCE = "Conley and Taber 2011, Review of Economics and Statistics 93(1):113-125 (inference with one treated unit)"
NEEDS_DONORS = 1
ESTIMAND = "average effect on the treated unit over the post-period"
ASSUMPTIONS = (
    "Without the exit the treated unit would have changed as the donors did on average (parallel trends).",
    "The exit did not move the donors.",
    "Changes of the treated unit vary as much as changes of the donors do.",
)


def gap_of(y: np.ndarray, donors: np.ndarray, pre: np.ndarray) -> np.ndarray:
    """Treated minus average donor, less that difference's pre-period mean; shape (periods,)."""
    difference = y - donors.mean(axis=1)
    return difference - difference[pre].mean()


def estimate(panel: Panel, *, seed: int = 0, level: float = 0.95) -> Effect:
    """Point: change of the treated unit less the donors' mean change. Standard error: spread of the donors' placebo
    effects, with Student's t on donors - 1 degrees of freedom. One donor gives a point without an interval.

    Raises DesignError without donors or with fewer than 8 pre-periods. Nothing is drawn; ``seed`` is not used.
    """
    require_level(level)
    require_pre_periods(panel)
    require_donors(panel, NEEDS_DONORS)
    y, donors, pre, post = panel.y, panel.donor_values, panel.pre, panel.post
    gap = gap_of(y, donors, pre)
    point = float(gap[post].mean())
    alone = len(panel.donors) == 1  # a single donor has nobody to be compared with
    placebos = () if alone else enumerate_placebos(lambda series, others: gap_of(series, others, pre), donors)
    effects = np.array([placebo[post].mean() for placebo in placebos])
    spread = placebo_normal(point, effects, level)
    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=point,
        expected=y - gap,
        interval=spread.interval,
        p_value=spread.p_value,
        inference=f"placebo standard error over {len(effects)} donors, Student's t",
        standard_error=spread.standard_error,
        band=gap_band(y - gap, placebos, post, spread.quantile),
        joint=joint_gap_band(y - gap, placebos, post, spread.quantile, level),
        assumptions=ASSUMPTIONS,
        diagnostics={
            "weights": dict.fromkeys(panel.donors, 1 / len(panel.donors)),
            "degrees_of_freedom": spread.degrees_of_freedom,
        }
        | placebo_diagnostics(panel, gap, placebos),
    )
