import numpy as np
import pytest
from estimator_worlds import panel_of, weekly_frame

from analysis import estimate
from analysis.core.errors import CaseError, DesignError
from analysis.estimators.augmented_synthetic_control import fit_augmented
from analysis.inference.placebo import rank_p_value
from analysis.inference.simplex import simplex_least_squares


@pytest.fixture(scope="module")
def panel():
    return panel_of(weekly_frame(effect=-5))


def test_a_huge_penalty_is_the_synthetic_control(panel):
    plain = estimate("synthetic_control", panel)
    effect = estimate("augmented_synthetic_control", panel, ridge=1e15)
    assert effect.point == pytest.approx(plain.point, abs=1e-8)
    assert effect.diagnostics["negative_weight"] == pytest.approx(0, abs=1e-9)


def test_weights_add_up_to_one_and_may_be_negative(panel):
    found = estimate("augmented_synthetic_control", panel, ridge=1.0).diagnostics
    assert sum(found["weights"].values()) == pytest.approx(1)
    assert found["negative_weight"] > 0
    assert found["pre_rmspe"] < found["pre_rmspe_without_correction"]


def test_correction_is_the_difference_of_ridge_predictions():
    """Weighted form and outcome-model form are the same number, period by period (their section 3.2)."""
    panel, penalty = panel_of(weekly_frame("two forms", donors=15)), 7.0
    y, donors, pre = panel.y, panel.donor_values, panel.pre
    fit = fit_augmented(y, donors, pre, penalty)
    centre = donors.mean(axis=1, keepdims=True)
    x_donors, x_treated = (donors - centre)[pre], (y - centre[:, 0])[pre]
    simplex = simplex_least_squares(donors[pre], y[pre]).weights
    slopes = np.linalg.solve(x_donors @ x_donors.T + penalty * np.eye(len(x_treated)), x_donors @ (donors - centre).T)
    bias = x_treated @ slopes - simplex @ (x_donors.T @ slopes)
    assert fit.gap == pytest.approx(y - donors @ simplex - bias, abs=1e-9)


def test_penalty_is_the_largest_within_one_standard_error(panel):
    pre, y, donors = panel.pre, panel.y, panel.donor_values
    found = fit_augmented(y, donors, pre)
    times = np.flatnonzero(pre)
    errors = np.empty((len(times), len(found.penalties)))
    for row, period in enumerate(times):  # by brute force, one fit a period and penalty
        kept = pre.copy()
        kept[period] = False
        for column, penalty in enumerate(found.penalties):
            centred = donors[kept] - donors[kept].mean(axis=1, keepdims=True)
            simplex = simplex_least_squares(donors[kept], y[kept]).weights
            inner = centred @ centred.T + penalty * np.eye(kept.sum())
            weights = simplex + centred.T @ np.linalg.solve(inner, y[kept] - donors[kept] @ simplex)
            errors[row, column] = (y[period] - donors[period] @ weights) ** 2
    mean = errors.mean(axis=0)
    well_posed = found.penalties > 1e-6 * found.penalties[0]
    assert found.held_out[well_posed] == pytest.approx(mean[well_posed], rel=1e-6)
    best = int(np.argmin(mean))
    limit = mean[best] + errors[:, best].std(ddof=1) / np.sqrt(len(errors))
    assert found.ridge == max(found.penalties[mean <= limit])


def test_interval_ends_are_where_the_rank_test_turns(panel):
    effect = estimate("augmented_synthetic_control", panel)
    sizes, scale = list(effect.diagnostics["placebo_statistics"].values()), effect.diagnostics["held_out_rmse"]
    half = effect.interval.upper - effect.point
    for factor, inside in ((0.999, True), (1.001, False)):
        assert (rank_p_value(factor * half / scale, sizes) > 0.05) == inside
    assert effect.diagnostics["statistic"] == pytest.approx(abs(effect.point) / scale)


def test_corrects_a_treated_unit_outside_the_donors_hull():
    """It moves more than any donor: the mixture cannot follow, the correction takes most of the misfit away."""
    frame = weekly_frame("outside the hull", noise=0.2, rho=0.0)
    spread = frame.filter(like="peer").std()
    frame["brand"] = 1.8 * frame[spread.idxmax()] - 0.8 * frame[spread.idxmin()]
    frame["brand"] += 0.2 * np.cos(1.7 * np.arange(len(frame)) ** 2)  # a misfit of its own
    panel = panel_of(frame)
    plain, augmented = estimate("synthetic_control", panel), estimate("augmented_synthetic_control", panel)
    assert augmented.diagnostics["pre_rmspe"] < 0.6 * plain.diagnostics["pre_rmspe"]
    assert abs(augmented.point) < abs(plain.point)


def test_too_few_donors_for_a_95_percent_interval_are_told_so():
    effect = estimate("augmented_synthetic_control", panel_of(weekly_frame(donors=9)))
    assert effect.interval is None
    assert "19 donors" in effect.diagnostics["interval_absent"]
    lower, upper = effect.diagnostics["attainable_interval"]
    assert lower < effect.point < upper


def test_size_among_exchangeable_units():
    """A rank test among exchangeable units rejects 1 in 20 at 5 % with 19 donors (60 worlds: standard error 2.8 %)."""
    frames = (weekly_frame(("size", world), donors=19, before=24, after=8) for world in range(60))
    found = [estimate("augmented_synthetic_control", panel_of(frame, before=24)) for frame in frames]
    assert sum(effect.p_value <= 0.05 for effect in found) <= 8


def test_bad_requests_are_refused(panel):
    for penalty in (-1.0, 0.0):
        with pytest.raises(CaseError, match="not positive"):
            estimate("augmented_synthetic_control", panel, ridge=penalty)
    frame = weekly_frame()
    frame["brand"] = (frame["peer 01"] + frame["peer 02"]) / 2
    with pytest.raises(DesignError, match="exactly"):
        estimate("augmented_synthetic_control", panel_of(frame))
