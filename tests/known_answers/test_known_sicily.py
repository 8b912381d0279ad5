"""Coronary events in Sicily around the smoking ban of January 2005 (Lopez Bernal, Cummins and Gasparrini 2017)."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis import Panel, Windows, estimate
from analysis.core import paths

FILE = paths.SHARED / "benchmarks" / "sicily.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the shared benchmarks are not beside the project")
PUBLISHED = {"offset": "stdpop", "slope": False, "serial": "none"}  # a step, a trend, months taken as independent


@pytest.fixture(scope="module")
def panel():
    frame = pd.read_csv(FILE).set_index("time")
    ban = int(frame.index[frame["smokban"] == 1][0])
    return Panel.from_wide(
        frame[["aces", "stdpop"]], treated="aces", covariates=["stdpop"],
        windows=Windows.split(first=1, event=ban, last=int(frame.index[-1])),
    )  # fmt: skip


def normal_interval(found, divisor=1.0):
    """The published intervals are normal; the estimator's own use Student's t."""
    half = norm.ppf(0.975) * found["log_rate_ratio_standard_error"] / divisor
    return np.exp([found["log_rate_ratio"] - half, found["log_rate_ratio"] + half])


def test_step_and_trend(panel):
    effect = estimate("count_time_series", panel, **PUBLISHED)
    found = effect.diagnostics
    assert found["rate_ratio"] == pytest.approx(0.8943765, abs=5e-8)
    assert effect.relative == pytest.approx(0.8943765 - 1, abs=5e-8)
    assert found["dispersion"] == pytest.approx(3.5591868, abs=5e-8)
    assert normal_interval(found) == pytest.approx([0.839189, 0.953193], abs=5e-7)
    assert normal_interval(found, found["dispersion"] ** 0.5) == pytest.approx([0.864686, 0.925086], abs=5e-7)


def test_two_harmonics(panel):
    found = estimate("count_time_series", panel, harmonics=2, season_length=12, **PUBLISHED).diagnostics
    assert found["rate_ratio"] == pytest.approx(0.8850715, abs=5e-8)
    assert found["dispersion"] == pytest.approx(2.2621826, abs=5e-8)
    assert normal_interval(found) == pytest.approx([0.839401, 0.933227], abs=5e-7)
    assert np.exp(12 * found["coefficients"]["trend"]) == pytest.approx(1.0668076, abs=5e-8)


def test_the_default_finds_the_same_fall_less_sharply(panel):
    published = estimate("count_time_series", panel, **PUBLISHED)
    own = estimate("count_time_series", panel, **(PUBLISHED | {"serial": "autoregressive"}))
    assert own.relative == pytest.approx(published.relative, abs=0.02)
    assert own.standard_error > published.standard_error
    assert own.interval.upper < 0
