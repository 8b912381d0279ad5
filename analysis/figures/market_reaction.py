"""The event day's abnormal return among those of ordinary days before it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._style import BAND, Theme, axes_in, figure_of, percent_axis, steady, style

NAME = "market_reaction"
LABEL = "The announcement day among ordinary days"
REFERENCE = "MacKinlay 1997, Journal of Economic Literature 35:13"

BINS = 31


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: kind ("ordinary", "event" or "range"), value; "range" rows are the two ends of the ordinary range.

    ``texts``: axis, event, ordinary, range, locale. Values are daily returns beyond the market's (0.01 = 1 %).
    """
    ordinary = steady(table.loc[table["kind"] == "ordinary", "value"])
    event = steady(table.loc[table["kind"] == "event", "value"])
    ends = steady(table.loc[table["kind"] == "range", "value"])
    reach = max(float(np.abs(np.concatenate([ordinary, event, ends, [0.01]])).max()), 0.005) * 1.05
    with style(theme):
        figure = figure_of(theme, 3.3 if theme.narrow else 3.6)
        axes = axes_in(figure, left=0.2, right=0.2, top=0.62, bottom=0.72)
        counts = np.zeros(1)
        if len(ordinary):
            counts, edges = np.histogram(ordinary, bins=BINS, range=(-reach, reach))
            axes.bar(edges[:-1], counts, width=np.diff(edges) * 0.9, align="edge", color=theme.lost, zorder=2)
        top = max(float(counts.max()), 1.0)
        if len(ends) == 2:
            axes.axvspan(ends.min(), ends.max(), color=theme.expected, alpha=BAND, zorder=1)
            axes.annotate(
                texts["range"],
                (ends.min(), 1),
                xycoords=axes.get_xaxis_transform(),
                xytext=(0, 5),
                textcoords="offset points",
                ha="left",
                va="bottom",
                color=theme.expected,
            )
        for value in event:
            axes.plot([value, value], [0, top * 1.08], color=theme.exit, linewidth=2.4, zorder=4)
            right = value > 0
            axes.annotate(
                texts["event"],
                (value, top * 1.08),
                xytext=(6 if right else -6, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="top",
                color=theme.exit,
                fontweight="semibold",
            )
        if len(ordinary):
            axes.annotate(texts["ordinary"], (0.97, 0.8), xycoords="axes fraction", ha="right", color=theme.muted)
        axes.set_xlim(-reach, reach)
        axes.set_ylim(0, top * 1.25)
        axes.set_yticks([])
        axes.axvline(0, color=theme.stage, linewidth=1.1, zorder=3)
        percent_axis(axes.xaxis, texts, ticks=5 if theme.narrow else 9)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure
