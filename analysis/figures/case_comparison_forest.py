"""Cases side by side on one question, what they have in common, and where one more case would fall."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures._bars import row_axis, row_text, whisker, zero_line
from analysis.figures._style import Theme, axes_in, figure_of, percent_axis, steady, style, text_width

NAME = "case_comparison_forest"
LABEL = "Cases side by side"
REFERENCE = "Lewis and Clarke 2001, BMJ 322:1479; prediction interval: IntHout et al. 2016, BMJ Open 6:e010247"

BESIDE = 0.3  # inches between the picture, its numbers and the edge
SMALLEST, LARGEST = 4.0, 13.0  # points, the side of a square
DIAMOND = 0.22  # of a row, half its height


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: label, kind ("case", "pooled" or "prediction"), point, lower, upper (shares), weight, text.

    A prediction has no point; weights are shares of the pooled effect, missing for a case outside it. ``texts``: axis,
    locale.
    """
    with style(theme):
        step = 0.82 if theme.narrow else 0.5
        figure = figure_of(theme, step * len(table) + 1.0)
        bold = [kind == "pooled" for kind in table["kind"]]
        widest = max(text_width(item.text, theme, bold=item.kind == "pooled") for item in table.itertuples())
        sides = {"left": 0.1, "right": 0.18} if theme.narrow else {"left": 3.1, "right": widest + BESIDE}
        axes = axes_in(figure, **sides, top=0.12, bottom=0.74)
        row_axis(axes, list(table["label"]), theme, bold=bold)
        axes.set_xlim(*_limits(table))
        for row, item in enumerate(table.itertuples()):
            _row(axes, row, item, theme)
            row_text(axes, row, item.text, theme, bold=item.kind == "pooled")
        zero_line(axes, theme)
        percent_axis(axes.xaxis, texts, ticks=4 if theme.narrow else 7)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """What cases and average need; the range for one more case may add half as much on either side, no more."""
    near = table.loc[table["kind"] != "prediction", ["lower", "upper", "point"]].to_numpy(float)
    low, high = min(0.0, float(np.nanmin(near))), max(0.0, float(np.nanmax(near)))
    width = high - low or 1.0
    far = table.loc[table["kind"] == "prediction", ["lower", "upper"]].to_numpy(float)
    if far.size:
        low, high = (
            max(low - width / 2, min(low, float(np.nanmin(far)))),
            min(high + width / 2, max(high, float(np.nanmax(far)))),
        )
    return low - 0.04 * width, high + 0.04 * width


def _row(axes: Axes, row: int, item: object, theme: Theme) -> None:
    point, low, high = steady([item.point, item.lower, item.upper])
    if item.kind == "prediction":
        axes.plot([low, high], [row, row], color=theme.expected, linewidth=2.2, linestyle=(0, (4, 2)), zorder=3)
        for end, place, sign in zip((low, high), axes.get_xlim(), ("<", ">"), strict=True):
            if (end - place) * (1 if sign == ">" else -1) > 0:  # goes on beyond the picture
                axes.plot([place], [row], marker=sign, markersize=8, color=theme.expected, clip_on=False, zorder=4)
        return
    if item.kind == "pooled":
        corners = [(low, row), (point, row - DIAMOND), (high, row), (point, row + DIAMOND)]
        axes.fill(*zip(*corners, strict=True), color=theme.expected, linewidth=0, zorder=4)
        return
    whisker(axes, row, low, high, theme.ink)
    weight = 0.0 if np.isnan(item.weight) else float(item.weight)
    size = SMALLEST + (LARGEST - SMALLEST) * weight**0.5
    axes.plot([point], [row], marker="s", markersize=size, color=theme.ink, zorder=5)
