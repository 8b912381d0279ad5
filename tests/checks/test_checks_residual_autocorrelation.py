import numpy as np
import pytest
from check_worlds import context_of, frame_of
from scipy.stats import chi2

from analysis.checks import residual_autocorrelation
from analysis.core.seeds import generator_for


def test_statistic_is_the_formula_of_the_paper():
    residuals = generator_for("ljung box").normal(size=100)
    residuals -= residuals.mean()
    n, lags = len(residuals), np.arange(1, 11)
    correlation = np.array([residuals[lag:] @ residuals[:-lag] for lag in lags]) / (residuals @ residuals)
    statistic = n * (n + 2) * np.cumsum(correlation**2 / (n - lags))
    ours = residual_autocorrelation.ljung_box(residuals, fitted=1)
    assert ours["autocorrelation"].to_numpy() == pytest.approx(correlation)
    assert ours["statistic"].to_numpy() == pytest.approx(statistic)
    assert ours["p_value"].to_numpy()[1:] == pytest.approx(chi2.sf(statistic, lags - 1)[1:])


def test_white_noise_passes_and_a_cycle_fails():
    frame = frame_of(donors=0)
    generator = generator_for("ljung box series")
    frame["brand"] = 100 + generator.normal(size=len(frame))
    assert residual_autocorrelation.run(context_of(frame, "interrupted_time_series")).status == "PASS"
    frame["brand"] += 3 * np.sin(2 * np.pi * np.arange(len(frame)) / 6)
    result = residual_autocorrelation.run(context_of(frame, "interrupted_time_series"))
    assert result.status == "FAIL"
    assert "harmonics" in result.recommendation


def test_a_random_walk_is_named():
    frame = frame_of(donors=0)
    frame["brand"] = 200 + generator_for("walk").normal(size=len(frame)).cumsum()
    context = context_of(frame, "interrupted_time_series", trend=False, slope=False)
    assert context.effect.diagnostics["rho_at_bound"]
    result = residual_autocorrelation.run(context)
    assert result.status != "PASS"
    assert "random walk" in result.recommendation


def test_not_for_inference_by_placebos():
    context = context_of(frame_of())
    assert "placebos" in residual_autocorrelation.applies(context.panel, context.module)
