import numpy as np
import pytest
from check_worlds import context_of, frame_of

from analysis.checks import pre_period_fit


def test_a_series_that_the_donors_follow_passes():
    context = context_of(frame_of())
    result = pre_period_fit.run(context)
    gap = (context.effect.path["observed"] - context.effect.path["expected"])[context.panel.pre]
    spread = context.panel.frame["brand"][context.panel.pre].std()
    assert result.status == "PASS"
    assert result.statistic == pytest.approx(np.sqrt((gap**2).mean()) / spread)
    assert len(result.table) == 23


def test_a_series_far_from_every_donor_fails():
    frame = frame_of()
    frame["brand"] += 500
    result = pre_period_fit.run(context_of(frame))
    assert result.status == "FAIL"
    assert "Do not read" in result.recommendation


def test_a_series_worse_followed_than_its_donors_is_reviewed():
    frame = frame_of()
    frame["brand"] += 3.5 * np.sin(np.arange(len(frame)))
    assert pre_period_fit.run(context_of(frame)).status == "REVIEW"


def test_not_for_returns():
    class Returns:
        OUTCOME_IS_RETURNS = True

    assert "returns" in pre_period_fit.applies(context_of(frame_of()).panel, Returns)
