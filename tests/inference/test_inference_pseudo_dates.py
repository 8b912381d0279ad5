import numpy as np
import pandas as pd
import pytest

from analysis.core.panel import Panel
from analysis.core.windows import Windows
from analysis.inference.pseudo_dates import pseudo_windows


def panel_of(before, donut, after):
    length = before + donut + after
    frame = pd.DataFrame({"brand": np.arange(1.0, length + 1)})
    return Panel.from_wide(frame, treated="brand", windows=Windows(0, before - 1, before + donut, length - 1))


@pytest.mark.parametrize(("before", "donut", "after"), [(60, 4, 12), (60, 0, 12), (30, 4, 20)])
def test_no_pretended_window_touches_the_event_or_its_donut(before, donut, after):
    panel = panel_of(before, donut, after)
    windows = pseudo_windows(panel, 8, 8)
    assert 3 <= len(windows) <= 8
    for pretended in windows:
        assert pretended.last <= panel.windows.pre_last
        moved = panel.with_windows(pretended)
        assert moved.n_pre >= 8
        assert len(moved.times) - moved.n_pre - moved.n_post == donut
        assert after / 2 <= moved.n_post <= after


def test_full_post_windows_where_there_is_room():
    panel = panel_of(60, 4, 12)
    assert {panel.with_windows(pretended).n_post for pretended in pseudo_windows(panel, 8, 30)} == {12}


def test_nothing_fits_a_short_pre_period():
    assert pseudo_windows(panel_of(12, 4, 12), 8, 8) == ()
