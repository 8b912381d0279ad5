"""The effect under other reasonable choices, the declared one marked."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._bars import row_axis, row_text, whisker, zero_line
from analysis.figures._style import Theme, axes_in, count_axis, figure_of, percent_axis, steady, style, text_width

NAME = "specification_curve"
LABEL = "Other reasonable choices"
REFERENCE = "Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4:1208"

BESIDE = 0.3  # inches between the picture, its numbers and the edge


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: label, declared (bool), effect, lower, upper (may be missing), text; in order of the effect.

    ``texts``: axis, locale, scale ("share", "number").
    """
    with style(theme):
        figure = figure_of(theme, (0.82 if theme.narrow else 0.42) * len(table) + 1.0)
        widest = max(text_width(item.text, theme, bold=bool(item.declared)) for item in table.itertuples())
        sides = {"left": 0.1, "right": 0.18} if theme.narrow else {"left": 3.1, "right": widest + BESIDE}
        axes = axes_in(figure, **sides, top=0.12, bottom=0.74)
        row_axis(axes, list(table["label"]), theme, bold=list(table["declared"]))
        for row, item in enumerate(table.itertuples()):
            colour = theme.expected if item.declared else theme.ink
            whisker(axes, row, item.lower, item.upper, colour)
            marker = "D" if item.declared else "o"
            axes.plot(steady([item.effect]), [row], marker=marker, markersize=8, color=colour, zorder=5)
            row_text(axes, row, item.text, theme, bold=bool(item.declared))
        zero_line(axes, theme)
        ends = np.concatenate([table[["lower", "upper", "effect"]].to_numpy(float).ravel(), [0.0]])
        room = 0.04 * (np.nanmax(ends) - np.nanmin(ends) or 1)
        axes.set_xlim(np.nanmin(ends) - room, np.nanmax(ends) + room)
        write = count_axis if texts.get("scale") == "number" else percent_axis
        write(axes.xaxis, texts, ticks=4 if theme.narrow else 7)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure
