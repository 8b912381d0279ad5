import numpy as np
import pytest
from estimator_worlds import panel_of, weekly_frame

from analysis import estimate
from analysis.core.errors import DesignError


def test_point_is_the_double_difference_in_plain_pandas():
    frame = weekly_frame(effect=-5)
    panel = panel_of(frame)
    peers = frame[list(panel.donors)].mean(axis=1)
    gap = frame["brand"] - peers
    assert estimate("difference_in_differences", panel).point == pytest.approx(
        gap[panel.post].mean() - gap[panel.pre].mean()
    )


def test_one_donor_gives_a_point_without_an_interval():
    effect = estimate("difference_in_differences", panel_of(weekly_frame(), donors=["peer 01"]))
    assert (effect.interval, effect.p_value, effect.standard_error) == (None, None, None)


def test_band_is_given_after_the_event_only():
    panel = panel_of(weekly_frame())
    path = estimate("difference_in_differences", panel).path
    assert np.isfinite(path["lower"]).tolist() == panel.post.tolist()


def test_no_donors_and_short_pre_periods_are_refused():
    with pytest.raises(DesignError, match="no donors"):
        estimate("difference_in_differences", panel_of(weekly_frame(), donors=[]))
    with pytest.raises(DesignError, match="too few"):
        estimate("difference_in_differences", panel_of(weekly_frame(before=11), before=11))
