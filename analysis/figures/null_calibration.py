"""How often the method found a change where nothing happened, against how often it may."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._bars import row_axis, row_text, whisker
from analysis.figures._style import Theme, axes_in, figure_of, percent_axis, steady, style, text_width

NAME = "null_calibration"
LABEL = "False alarms where nothing happened"
REFERENCE = "Schuemie et al. 2014, Statistics in Medicine 33:209"

BESIDE = 0.3  # inches between the picture, its numbers and the edge


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: label, share, lower, upper, nominal (shares), text; a row a kind of null. ``texts``: axis, nominal,
    locale.
    """
    with style(theme):
        figure = figure_of(theme, (0.82 if theme.narrow else 0.55) * len(table) + 1.25)
        widest = max(text_width(text, theme) for text in table["text"])
        sides = {"left": 0.1, "right": 0.18} if theme.narrow else {"left": 3.1, "right": widest + BESIDE}
        axes = axes_in(figure, **sides, top=0.4, bottom=0.74)
        row_axis(axes, list(table["label"]), theme)
        nominal = float(table["nominal"].iloc[0])
        axes.axvline(nominal, color=theme.exit, linewidth=1.6, linestyle=(0, (4, 2)), zorder=2)
        axes.annotate(
            texts["nominal"], (nominal, 1), xycoords=("data", "axes fraction"), xytext=(4, 4), color=theme.exit,
            textcoords="offset points", ha="left", va="bottom", fontweight="semibold", annotation_clip=False,
        )  # fmt: skip
        for row, item in enumerate(table.itertuples()):
            whisker(axes, row, item.lower, item.upper, theme.ink)
            axes.plot(steady([item.share]), [row], marker="o", markersize=8, color=theme.ink, zorder=5)
            row_text(axes, row, item.text, theme)
        ends = table[["share", "upper", "nominal"]].to_numpy(float)
        axes.set_xlim(0, min(1.0, max(0.15, 1.1 * float(np.nanmax(ends)))))
        percent_axis(axes.xaxis, texts, ticks=4 if theme.narrow else 6)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure
