"""The pictures of what the checks found show what they say: each figure in one picture that would expose a slip."""

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest

from analysis.figures import _style as drawing
from analysis.figures import (
    detectable_by_horizon,
    leave_one_out,
    null_calibration,
    pointwise_cumulative,
    sensitivity_breakdown,
    specification_curve,
)

LIGHT = drawing.LIGHT


def colours(lines) -> list[str]:
    return [matplotlib.colors.to_hex(line.get_color()).upper() for line in lines]


def test_the_donor_whose_absence_moves_most_is_marked():
    table = pd.DataFrame(
        {"unit": [*"abc", ""], "kind": ["without"] * 3 + ["declared"], "effect": [-0.3, 0.1, 0.14, 0.1],
         "lower": [np.nan] * 3 + [0.0], "upper": [np.nan] * 3 + [0.2]}
    )  # fmt: skip
    texts = {"axis": "", "declared": "all", "furthest": "without a"}
    axes = leave_one_out.draw(table, texts, LIGHT).axes[0]
    marked = next(line for line in axes.lines if line.get_marker() == "D")
    assert (list(marked.get_xdata()), list(marked.get_ydata())) == ([0], [-0.3])
    assert "without a" in {text.get_text() for text in axes.texts}


def test_the_declared_choice_has_its_own_mark_and_a_choice_without_a_range_none():
    table = pd.DataFrame(
        {"label": ["x", "declared"], "declared": [False, True], "effect": [-0.1, 0.1], "lower": [np.nan, 0.0],
         "upper": [np.nan, 0.2], "text": ["", ""]}
    )  # fmt: skip
    axes = specification_curve.draw(table, {"axis": ""}, LIGHT).axes[0]
    points = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    assert [line.get_marker() for line in points] == ["o", "D"]
    ranges = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_xdata()[0] != line.get_xdata()[1]]
    assert [list(line.get_ydata()) for line in ranges if line.get_linestyle() == "-"] == [[1, 1]]


@pytest.mark.parametrize(("margin", "lines"), [("0.05", 2), ("", 1)])
def test_the_margin_is_drawn_where_one_was_declared(margin, lines):
    table = pd.DataFrame({"periods": [4, 38], "share": [0.2, 0.1], "text": ["20 %", "10 %"]})
    texts = {"axis": "", "unit": "", "margin": "matters", "margin_share": margin}
    axes = detectable_by_horizon.draw(table, texts, LIGHT).axes[0]
    assert len(axes.lines) == lines
    assert axes.get_ylim()[0] == 0


def test_ranges_that_hold_no_effect_are_dashed_and_grey():
    table = pd.DataFrame({"bound": [0, 1], "lower": [0.1, -0.1], "upper": [0.3, 0.5], "holds": [False, True],
                          "text": ["0", "1"]})  # fmt: skip
    axes = sensitivity_breakdown.draw(table, {"axis": "", "unit": ""}, LIGHT).axes[0]
    thick = [line for line in axes.lines if line.get_linewidth() == 3]
    assert colours(thick) == [LIGHT.expected.upper(), LIGHT.muted.upper()]
    assert [line.get_linestyle() for line in thick] == ["-", "--"]


def test_what_the_level_allows_is_a_line_among_the_false_alarms():
    table = pd.DataFrame({"label": ["dates"], "share": [0.2], "lower": [0.1], "upper": [0.3], "nominal": [0.05],
                          "text": ["4 of 20"]})  # fmt: skip
    axes = null_calibration.draw(table, {"axis": "", "nominal": "allowed"}, LIGHT).axes[0]
    assert [0.05, 0.05] in [list(line.get_xdata()) for line in axes.lines]
    assert axes.get_xlim()[0] == 0
    assert axes.get_xlim()[1] >= 0.3


def test_the_sum_ends_inside_its_range():
    time = pd.date_range("2019-01-07", periods=6, freq="7D").strftime("%Y-%m-%d")
    table = pd.DataFrame({"time": time, "gap": [1, -1, 0, -5, -5, -5], "lower": [np.nan] * 3 + [-9] * 3,
                          "upper": [np.nan] * 3 + [-1] * 3, "running": [np.nan] * 3 + [-5, -10, -15]})  # fmt: skip
    texts = {"pointwise": "", "cumulative": "", "exit": time[3], "total_lower": "-25", "total_upper": "-5"}
    _, lower = pointwise_cumulative.draw(table, texts, LIGHT).axes
    total = next(line for line in lower.lines if line.get_linewidth() == 3)
    assert list(total.get_ydata()) == [-25, -5]
    running = next(line for line in lower.lines if line.get_linewidth() == 1.9)
    assert running.get_ydata()[-1] == -15
