"""How far trends may differ after the event, against before it, until the interval holds no effect."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._style import Theme, axes_in, count_axis, figure_of, percent_axis, steady, style

NAME = "sensitivity_breakdown"
LABEL = "Sensitivity to trends that differ"
REFERENCE = "Rambachan and Roth 2023, Review of Economic Studies 90:2555"


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: bound, lower, upper, holds (bool: zero is inside), text (of the bound). ``texts``: axis, unit, locale,
    scale ("share", "number").
    """
    lower, upper = steady(table["lower"]), steady(table["upper"])
    with style(theme):
        figure = figure_of(theme, 3.2)
        axes = axes_in(figure, left=0.85, right=0.25, top=0.45, bottom=0.74)
        axes.axhline(0, color=theme.stage, linewidth=1.1, zorder=2)
        for place, (low, high, holds) in enumerate(zip(lower, upper, table["holds"], strict=True)):
            colour = theme.muted if holds else theme.expected
            dashes = (0, (3, 2)) if holds else "-"
            axes.plot([place, place], [low, high], color=colour, linewidth=3, linestyle=dashes, zorder=4)
            for end in (low, high):
                axes.plot([place - 0.06, place + 0.06], [end, end], color=colour, linewidth=2, zorder=4)
        axes.set_xlim(-0.6, len(table) - 0.4)
        axes.set_xticks(range(len(table)), list(table["text"]))
        ends = np.concatenate([lower, upper, [0.0]])
        room = 0.06 * (float(np.nanmax(ends) - np.nanmin(ends)) or 1.0)
        axes.set_ylim(np.nanmin(ends) - room, np.nanmax(ends) + room)
        (count_axis if texts.get("scale") == "number" else percent_axis)(axes.yaxis, texts, ticks=5)
        axes.set_xlabel(texts["axis"], loc="left")
        axes.annotate(
            texts["unit"], (0, 1), xycoords="axes fraction", xytext=(-50, 10), textcoords="offset points",
            color=theme.muted, annotation_clip=False,
        )  # fmt: skip
    return figure
