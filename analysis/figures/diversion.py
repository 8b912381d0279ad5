"""Where the contacts expected on the exited channels went: to each channel that stayed, or nowhere we can see."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._bars import row_axis, row_text, whisker, zero_line
from analysis.figures._style import Theme, axes_in, figure_of, percent_axis, steady, style, text_width

NAME = "diversion"
LABEL = "Where the contacts went"
REFERENCE = "Diversion ratio: Farrell and Shapiro 2010, B.E. Journal of Theoretical Economics 10(1)"

HATCHES = {"retained": "////"}  # in grey its colour is that of owned channels


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: label, role (owned, retained, lost), ratio, lower, upper (shares), text; rows in reading order.

    What a role is stands in words in the label; bars of retained channels are hatched too. ``texts``: axis, locale.
    """
    with style(theme):
        step = 0.82 if theme.narrow else 0.5
        figure = figure_of(theme, step * len(table) + 0.95)
        written = max(3.0, 0.35 + max(text_width(text, theme) for text in table["text"]))
        sides = {"left": 0.1, "right": 0.18} if theme.narrow else {"left": 2.1, "right": written}
        axes = axes_in(figure, **sides, top=0.12, bottom=0.72)
        row_axis(axes, list(table["label"]), theme)
        for row, item in enumerate(table.itertuples()):
            colour = theme.role(item.role)
            height = 0.24 if theme.narrow else 0.52
            axes.barh(
                row, steady([item.ratio])[0], height=height, facecolor=colour, edgecolor=theme.paper, linewidth=0,
                hatch=HATCHES.get(item.role), zorder=3,
            )  # fmt: skip
            whisker(axes, row, item.lower, item.upper, theme.ink)
            row_text(axes, row, item.text, theme)
        zero_line(axes, theme)
        ends = table[["lower", "upper", "ratio"]].to_numpy(float)
        axes.set_xlim(min(0.0, float(np.nanmin(ends))) - 0.01, max(0.05, float(np.nanmax(ends))) * 1.04)
        percent_axis(axes.xaxis, texts, ticks=4 if theme.narrow else 6)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure
