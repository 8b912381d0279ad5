"""Medicaid expansion of 2014 and insurance: the published sensitivity intervals of the first year's effect."""

import json

import pytest

from analysis.core import paths
from analysis.inference.sensitivity import EventStudy, relative_magnitude_interval, smoothness_interval

FILE = paths.SHARED / "benchmarks" / "medicaid_event_study.json"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the shared benchmarks are not beside the project")
SMOOTHNESS = {0.0: (0.0259, 0.0607), 0.01: (0.0132, 0.0787), 0.02: (0.00286, 0.0907), 0.03: (-0.00714, 0.101)}
RELATIVE = {0.5: (0.0241, 0.0673), 1.0: (0.0171, 0.0720), 1.5: (0.00859, 0.0796), 2.0: (-0.00107, 0.0883)}
# Smoothness is a convex problem with one answer: the published bounds carry three digits. Relative magnitudes were
# published from a grid of effects .00037 apart and 1,000 random draws for the first stage.
PRINTED, PUBLISHED_GRID = 3e-4, 1e-3


@pytest.fixture(scope="module")
def study():
    data = json.loads(FILE.read_text("utf-8"))
    before = data["num_pre_periods"]
    return EventStudy(data["betahat"][:before], data["betahat"][before:], data["sigma"])


@pytest.mark.parametrize(("bound", "published"), SMOOTHNESS.items())
def test_smoothness(study, bound, published):
    found = smoothness_interval(study, bound)
    assert (found.lower, found.upper) == pytest.approx(published, abs=PRINTED)


@pytest.mark.parametrize(("bound", "published"), RELATIVE.items())
def test_relative_magnitudes(study, bound, published):
    found = relative_magnitude_interval(study, bound)
    assert (found.lower, found.upper) == pytest.approx(published, abs=PUBLISHED_GRID)
