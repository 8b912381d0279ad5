"""What the brand did and what else happened, on one time line with the two windows compared."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from analysis.figures._style import Theme, axes_in, date_axis, figure_of, style

NAME = "stage_timeline"
LABEL = "Stages, windows and other events"
REFERENCE = "Schaffer, Dobbins and Pearson 2021, BMC Medical Research Methodology 21:58 (co-interventions)"


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: first, last (ISO dates), label, kind (a stage's kind, "event", "pre" or "post"), in date order.

    ``texts``: locale. Stages are dots (the closing is a diamond), events grey bars, windows bands behind.
    """
    windows = table[table["kind"].isin(["pre", "post"])]
    items = table[~table["kind"].isin(["pre", "post"])].sort_values(["first", "label"], kind="stable")
    with style(theme):
        figure = figure_of(theme, (0.44 if theme.narrow else 0.3) * len(items) + 1.25)
        axes = axes_in(figure, left=0.2, right=0.3, top=0.42, bottom=0.62)
        low = min(date2num(pd.Timestamp(value)) for value in table["first"])
        high = max(date2num(pd.Timestamp(value)) for value in table["last"])
        axes.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
        for item in windows.itertuples():
            first, last = date2num(pd.Timestamp(item.first)), date2num(pd.Timestamp(item.last))
            axes.axvspan(first, last, color=theme.expected, alpha=0.07 if item.kind == "pre" else 0.15, zorder=0)
            axes.annotate(
                item.label,
                ((first + last) / 2, 1),
                xycoords=axes.get_xaxis_transform(),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=theme.expected,
            )
        for row, item in enumerate(items.itertuples()):
            _item(axes, row, item, theme, low, high)
        axes.set_ylim(len(items) - 0.4, -1.0 if theme.narrow else -0.7)
        axes.set_yticks([])
        axes.grid(visible=False)
        date_axis(axes, texts, theme)
    return figure


def _item(axes: object, row: int, item: object, theme: Theme, low: float, high: float) -> None:
    first, last = date2num(pd.Timestamp(item.first)), date2num(pd.Timestamp(item.last))
    closed = item.kind == "channels_closed"
    colour = theme.exit if closed else theme.stage if item.kind == "event" else theme.ink
    if item.kind == "event":
        axes.plot(
            [first, max(last, first + 0.004 * (high - low))],
            [row, row],
            color=colour,
            linewidth=6,
            solid_capstyle="butt",
        )
    else:
        axes.plot([first], [row], marker="D" if closed else "o", markersize=8, color=colour)
    if theme.narrow:
        axes.annotate(
            item.label,
            (0, row - 0.3),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="bottom",
            color=theme.exit if closed else theme.ink,
            fontweight="semibold" if closed else "normal",
        )
        return
    left_side = (np.mean([first, last]) - low) / (high - low) > 0.5
    axes.annotate(
        item.label,
        (first if left_side else last, row),
        xytext=(-9 if left_side else 9, 0),
        textcoords="offset points",
        ha="right" if left_side else "left",
        va="center",
        annotation_clip=False,
        color=theme.exit if closed else theme.ink if item.kind != "event" else theme.muted,
        fontweight="semibold" if closed else "normal",
    )
