"""What every estimator must do, as plain functions of its module: an estimator added tomorrow is held to the same.

A module may state NEEDS_DONORS, NEEDS_COVARIATES (how many at least), SMALLEST_PRE_PERIODS and OUTCOME_IS_RETURNS;
the panels are made to fit.
"""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.core.artefacts import canonical_json
from analysis.core.effect import Effect
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows
from analysis.estimators import average_of

BEFORE, DONUT, AFTER = 60, 3, 12
RELATIVE_TOLERANCE = 1e-5  # of scaled results: a search stops within this, arithmetic does far better


def frame_for(module, effect=-6.0):
    """A drifting treated series "brand", its peers and a control, weekly; returns when the module wants them."""
    generator = generator_for("estimator contract")
    length = BEFORE + DONUT + AFTER
    common = generator.normal(size=length).cumsum()
    peers = max(getattr(module, "NEEDS_DONORS", 0), 0) and 22
    values = {"brand": 100 + common + generator.normal(size=length)}
    values |= {f"peer {k}": 90 + common * (0.5 + k / 20) + generator.normal(size=length) for k in range(peers)}
    values |= {f"control {k}": 50 + common + generator.normal(size=length) for k in range(covariates_of(module))}
    frame = pd.DataFrame(values, index=pd.date_range("2018-01-01", periods=length, freq="W-MON"))
    if getattr(module, "OUTCOME_IS_RETURNS", False):
        frame = np.log(frame).diff().fillna(0.0)
        effect /= 100
    frame.iloc[BEFORE + DONUT :, 0] += effect
    return frame


def covariates_of(module):
    return getattr(module, "NEEDS_COVARIATES", 0)


def panel_for(module, frame=None, first=0):
    frame = frame_for(module) if frame is None else frame
    times = frame.index
    return Panel.from_wide(
        frame,
        treated="brand",
        donors=[name for name in frame if name.startswith("peer")],
        covariates=[name for name in frame if name.startswith("control")],
        windows=Windows(times[first], times[BEFORE - 1], times[BEFORE + DONUT], times[-1]),
        unit="posts",
    )


def declares_itself(module):
    assert module.NAME.lower() == module.NAME
    assert module.LABEL
    assert module.REFERENCE
    assert module.ASSUMPTIONS, "an estimator says what must be true for it to be right"


def returns_a_coherent_effect(module):
    panel = panel_for(module)
    effect = module.estimate(panel, seed=1)
    assert isinstance(effect, Effect)
    assert effect.estimator == module.NAME
    assert effect.assumptions
    assert effect.inference
    assert (effect.n_pre, effect.n_post, effect.unit) == (BEFORE, AFTER, "posts")
    assert effect.path.index.equals(panel.times)
    gap = (effect.path["observed"] - effect.path["expected"])[panel.post]
    assert effect.cumulative == pytest.approx(gap.sum(), rel=1e-6), "the path and the cumulative effect disagree"
    if effect.interval is not None:
        assert effect.interval.lower < effect.point < effect.interval.upper
        assert effect.p_value is not None
        assert (effect.p_value < 0.05) == (0.0 not in effect.interval)


def makes_the_average_alone_as_with_the_rest(module):
    panel = panel_for(module)
    alone, whole = average_of(module.NAME, panel, seed=1), module.estimate(panel, seed=1)
    for part in ("point", "standard_error", "interval", "p_value"):
        assert getattr(alone, part) == getattr(whole, part), part


def bounds_the_whole_path_after_the_event(module):
    panel = panel_for(module)
    path = module.estimate(panel, seed=1).path
    after, before = path[panel.post], path[panel.pre]
    assert before[["joint_lower", "joint_upper"]].isna().all(axis=None), "the joint band is about the post-period"
    if getattr(module, "OUTCOME_IS_RETURNS", False) or after["lower"].isna().all():
        return  # days of a market model are no path; without a band of each period there is none of all
    assert after["joint_lower"].notna().all()
    slack = 1e-9 * after["expected"].abs()
    assert (after["joint_lower"] <= after["lower"] + slack).all()
    assert (after["joint_upper"] >= after["upper"] - slack).all()


def diagnostics_can_be_written(module):
    effect = module.estimate(panel_for(module), seed=1)
    assert json.loads(canonical_json(effect.diagnostics))


def is_deterministic(module):
    one, two = (module.estimate(panel_for(module), seed=1) for _ in range(2))
    assert canonical_json(one.diagnostics) == canonical_json(two.diagnostics)
    pd.testing.assert_frame_equal(one.tidy(), two.tidy(), check_exact=True)
    pd.testing.assert_frame_equal(one.path, two.path, check_exact=True)


def does_not_mutate(module):
    frame = frame_for(module)
    before, panel = frame.copy(), panel_for(module, frame)
    inside = panel.frame.copy()
    module.estimate(panel, seed=1)
    pd.testing.assert_frame_equal(frame, before, check_exact=True)
    pd.testing.assert_frame_equal(panel.frame, inside, check_exact=True)


def scales_with_the_outcome(module, factor=250.0):
    """Counting in other units multiplies the effect and changes nothing else."""
    frame = frame_for(module)
    plain, scaled = (module.estimate(panel_for(module, data), seed=1) for data in (frame, frame * factor))
    near = {"rel": RELATIVE_TOLERANCE}
    assert scaled.point == pytest.approx(factor * plain.point, **near)
    if plain.relative is not None:
        assert scaled.relative == pytest.approx(plain.relative, **near)
    if plain.p_value is not None:
        assert scaled.p_value == pytest.approx(plain.p_value, **near)
    if plain.interval is not None:
        assert scaled.interval.lower == pytest.approx(factor * plain.interval.lower, **near)
        assert scaled.interval.upper == pytest.approx(factor * plain.interval.upper, **near)


def moves_with_the_effect(module):
    """A larger drop in the data is a lower estimate: the answer depends on the post-period."""
    small, large = (module.estimate(panel_for(module, frame_for(module, size)), seed=1) for size in (-1.0, -9.0))
    assert large.point < small.point


def does_not_look_at_the_donut(module):
    frame = frame_for(module)
    disturbed = frame.copy()
    disturbed.iloc[BEFORE : BEFORE + DONUT] *= 3
    one, two = (module.estimate(panel_for(module, data), seed=1) for data in (frame, disturbed))
    assert two.point == pytest.approx(one.point, rel=RELATIVE_TOLERANCE)


def refuses_a_short_pre_period(module):
    with pytest.raises(DesignError):
        module.estimate(panel_for(module, first=BEFORE - 7), seed=1)


def refuses_missing_donors(module):
    if not getattr(module, "NEEDS_DONORS", 0):
        return
    with pytest.raises(DesignError):
        module.estimate(panel_for(module).with_donors([]), seed=1)


CONTRACT = (
    declares_itself, returns_a_coherent_effect, makes_the_average_alone_as_with_the_rest,
    bounds_the_whole_path_after_the_event, diagnostics_can_be_written,
    is_deterministic, does_not_mutate,
    scales_with_the_outcome, moves_with_the_effect, does_not_look_at_the_donut, refuses_a_short_pre_period,
    refuses_missing_donors,
)  # fmt: skip
