"""Pooling few studies: a published answer, a peer, invariances, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from analysis.inference import meta_analysis
from analysis.inference.meta_analysis import pool

# BCG vaccine against tuberculosis (Colditz et al. 1994, JAMA 271:698): cases and others, vaccinated and not.
BCG = np.array(
    [
        *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761)),
        *((180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232)),
        *((17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)),
    ],
    dtype=float,
)
# As metafor's documentation prints them: rma(yi, vi, data=dat, test="knha") of Viechtbauer 2010, JSS 36(3).
PUBLISHED = {"tau_squared": 0.3132, "mean": -0.7145, "se": 0.1808, "lower": -1.1084, "upper": -0.3206, "q": 152.2330}
PRINTED = 5e-5  # half of the last digit printed
OPTIMUM = 1e-5  # where the likelihood is flat two optimisers stop at places that differ by so much


def log_risk_ratios() -> tuple[np.ndarray, np.ndarray]:
    treated, control = BCG[:, 0] + BCG[:, 1], BCG[:, 2] + BCG[:, 3]
    effect = np.log(BCG[:, 0] / treated) - np.log(BCG[:, 2] / control)
    return effect, np.sqrt(1 / BCG[:, 0] - 1 / treated + 1 / BCG[:, 2] - 1 / control)


def test_the_published_answer():
    found = pool(*log_risk_ratios())
    shown = {
        "tau_squared": found.tau**2, "mean": found.mean, "se": found.standard_error, "q": found.q,
        "lower": found.interval.lower, "upper": found.interval.upper,
    }  # fmt: skip
    assert shown == pytest.approx(PUBLISHED, abs=PRINTED)
    assert round(found.p_value, 4) == 0.0019
    assert not found.truncated


@pytest.mark.parametrize("seed", range(4))
def test_given_the_same_tau_a_peer_gives_the_same_mean_and_interval(seed, monkeypatch):
    draw = np.random.default_rng(seed)
    error = draw.uniform(0.05, 0.4, 6)
    effect = draw.normal(0.1, 0.5, 6) + draw.normal(0, error)
    peer = combine_effects(effect, error**2, method_re="iterated", use_t=True)
    monkeypatch.setattr(meta_analysis, "between_variance", lambda *_: peer.tau2)
    found = pool(effect, error)
    factor = max(1.0, (peer.sd_eff_w_re_hksj / peer.sd_eff_w_re) ** 2)
    assert found.mean == pytest.approx(peer.mean_effect_re)
    assert found.standard_error == pytest.approx(peer.sd_eff_w_re * factor**0.5)
    assert found.q == pytest.approx(peer.q)


def test_tau_is_where_the_restricted_score_is_zero():
    effect, error = log_risk_ratios()
    tau_squared = meta_analysis.between_variance(effect, error**2)
    weights = 1 / (error**2 + tau_squared)
    residual = effect - np.average(effect, weights=weights)
    expected = (weights**2 @ (residual**2 - error**2)) / (weights**2).sum() + 1 / weights.sum()
    assert tau_squared == pytest.approx(expected, rel=OPTIMUM)  # Viechtbauer 2005, JEBS 30:261, equation 12


def test_studies_that_agree_never_make_the_interval_narrower_than_a_pooled_one():
    error = np.array([0.1, 0.1, 0.1])
    found = pool(np.array([0.2, 0.201, 0.199]), error)
    assert found.truncated
    assert found.tau == 0
    assert found.standard_error == pytest.approx(0.1 / 3**0.5)
    assert found.interval.lower < 0.2 - 1.96 * 0.1 / 3**0.5


def test_two_studies_have_a_very_wide_interval_and_no_prediction():
    found = pool([0.1, 0.3], [0.1, 0.1])
    assert found.prediction is None
    assert found.interval.upper - found.interval.lower > 10 * 0.1  # 12.7 standard errors either way


def test_three_studies_have_a_prediction_interval_wider_than_that_of_the_mean():
    found = pool([0.1, 0.3, 0.2], [0.1, 0.1, 0.2])
    assert found.prediction is not None
    assert found.prediction.lower < found.interval.lower < found.interval.upper < found.prediction.upper


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-5, 5))
def test_scale_shift_and_order_do_not_matter(k, seed, scale, shift):
    draw = np.random.default_rng(seed)
    effect, error = draw.normal(0, 1, k), draw.uniform(0.2, 1.5, k)
    found, order = pool(effect, error), draw.permutation(k)
    other = pool((scale * (effect + shift))[order], (scale * error)[order])
    assert other.mean == pytest.approx(scale * (found.mean + shift), rel=OPTIMUM, abs=OPTIMUM * scale)
    assert other.tau == pytest.approx(scale * found.tau, rel=1e-3, abs=1e-3 * scale)
    assert other.i_squared == pytest.approx(found.i_squared, abs=1e-6)
    assert sum(found.weights) == pytest.approx(1)
    assert (found.p_value < 0.05) == (0.0 not in found.interval)


@pytest.mark.parametrize(
    ("effect", "error", "said"),
    [
        ([0.1], [0.1], "1 study"),
        ([0.1, 0.2], [0.1, 0.0], "positive"),
        ([0.1, np.nan], [0.1, 0.1], "finite"),
        ([0.1, 0.2], [0.1], "one length"),
    ],
)
def test_what_cannot_be_pooled_is_refused(effect, error, said):
    with pytest.raises(ValueError, match=said):
        pool(effect, error)
