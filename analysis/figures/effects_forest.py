"""All outcomes on one scale: the effect as a share of what was expected, with its interval and its margin."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._bars import row_axis, row_text, whisker, zero_line
from analysis.figures._style import Theme, axes_in, figure_of, percent_axis, steady, style, text_width

NAME = "effects_forest"
LABEL = "Every outcome's relative effect"
REFERENCE = "Lewis and Clarke 2001, BMJ 322:1479"


BESIDE = 0.3  # inches between the picture, its numbers and the edge


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: label, primary (bool), relative, lower, upper, margin (shares; margin may be missing), text.

    ``texts``: axis, margin, locale.
    """
    with style(theme):
        step = 0.82 if theme.narrow else 0.46
        figure = figure_of(theme, step * len(table) + 1.0)
        widest = max(text_width(item.text, theme, bold=bool(item.primary)) for item in table.itertuples())
        sides = {"left": 0.1, "right": 0.18} if theme.narrow else {"left": 3.1, "right": widest + BESIDE}
        axes = axes_in(figure, **sides, top=0.12, bottom=0.74)
        row_axis(axes, list(table["label"]), theme, bold=list(table["primary"]))
        for row, item in enumerate(table.itertuples()):
            if np.isfinite(item.margin):
                axes.barh(
                    row,
                    2 * item.margin,
                    left=-item.margin,
                    height=0.26 if theme.narrow else 0.5,
                    color=theme.donut,
                    zorder=1.5,
                )
            colour = theme.ink if item.primary else theme.muted
            whisker(axes, row, item.lower, item.upper, colour)
            axes.plot(
                steady([item.relative]),
                [row],
                marker="o",
                markersize=8 if item.primary else 6.5,
                color=colour,
                zorder=5,
            )
            row_text(axes, row, item.text, theme, bold=bool(item.primary))
        zero_line(axes, theme)
        margins = table["margin"].to_numpy(float)
        ends = np.concatenate([table[["lower", "upper", "relative"]].to_numpy(float).ravel(), [0.0], margins, -margins])
        room = 0.04 * (np.nanmax(ends) - np.nanmin(ends) or 1)
        axes.set_xlim(np.nanmin(ends) - room, np.nanmax(ends) + room)
        percent_axis(axes.xaxis, texts, ticks=4 if theme.narrow else 7)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure
