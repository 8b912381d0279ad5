import numpy as np
import pytest
from estimator_worlds import panel_of, weekly_frame

from analysis import estimate
from analysis.core.errors import DesignError


def test_path_gap_averages_to_the_point():
    panel = panel_of(weekly_frame(effect=-5))
    effect = estimate("synthetic_difference_in_differences", panel)
    gap = effect.path["observed"] - effect.path["expected"]
    assert gap[panel.post].mean() == pytest.approx(effect.point)
    weights = np.array(list(effect.diagnostics["time_weights"].values()))
    assert weights @ gap[panel.pre].to_numpy() == pytest.approx(0, abs=1e-9)


def test_standard_error_is_the_spread_over_every_donor():
    panel = panel_of(weekly_frame(donors=6))
    effect = estimate("synthetic_difference_in_differences", panel)
    names = list(panel.donors)
    placebos = [
        estimate(
            "synthetic_difference_in_differences", panel.with_treated(name, [other for other in names if other != name])
        ).point
        for name in names
    ]
    assert list(effect.diagnostics["placebo_effects"].values()) == pytest.approx(placebos)
    assert effect.standard_error == pytest.approx(np.std(placebos))
    assert effect.diagnostics["degrees_of_freedom"] == 5


def test_a_constant_difference_from_the_donors_is_harmless():
    frame = weekly_frame(effect=-5)
    shifted = frame.assign(brand=frame["brand"] + 500)
    one, two = (estimate("synthetic_difference_in_differences", panel_of(data)) for data in (frame, shifted))
    assert two.point == pytest.approx(one.point)


def test_log_scale_is_the_effect_on_logarithms():
    effect = estimate("synthetic_difference_in_differences", panel_of(weekly_frame(effect=-20), scale="log"))
    assert effect.relative == pytest.approx(np.expm1(effect.point))
    assert effect.relative == pytest.approx(-0.2, abs=0.05)


def test_two_donors_are_refused():
    with pytest.raises(DesignError, match="at least 3"):
        estimate("synthetic_difference_in_differences", panel_of(weekly_frame(donors=2)))
