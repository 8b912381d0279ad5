"""The difference from what was expected, period by period, and what it adds up to."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._style import BAND, Theme, axes_in, count_axis, date_axis, dates, figure_of, steady, style

NAME = "pointwise_cumulative"
LABEL = "Pointwise and cumulative effect"
REFERENCE = "Brodersen et al. 2015, Annals of Applied Statistics 9:247, figure 1"

PANEL, TOP, BETWEEN, BOTTOM = 1.75, 0.4, 0.55, 0.6  # inches


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: time, gap, lower, upper, running (missing before the event and where a period is left out).

    ``texts``: pointwise, cumulative, exit (date), total_lower and total_upper (text of numbers; empty for none),
    locale.
    """
    times = dates(table["time"])
    event = dates([texts["exit"]])[0]
    with style(theme):
        height = 2 * PANEL + TOP + BETWEEN + BOTTOM
        figure = figure_of(theme, height)
        sides = {"left": 0.85, "right": 0.3}
        upper = axes_in(figure, **sides, top=TOP, bottom=height - TOP - PANEL)
        lower = axes_in(figure, **sides, top=TOP + PANEL + BETWEEN, bottom=BOTTOM)
        low, high = steady(table["lower"]), steady(table["upper"])
        upper.fill_between(times, low, high, color=theme.expected, alpha=BAND, linewidth=0)
        upper.plot(times, steady(table["gap"]), color=theme.ink, linewidth=1.5)
        lower.plot(times, steady(table["running"]), color=theme.ink, linewidth=1.9)
        if texts.get("total_lower"):
            ends = steady([float(texts["total_lower"]), float(texts["total_upper"])])
            lower.plot([times[-1]] * 2, ends, color=theme.expected, linewidth=3, solid_capstyle="butt", clip_on=False)
        for axes, name in ((upper, "pointwise"), (lower, "cumulative")):
            axes.axhline(0, color=theme.stage, linewidth=1.1, zorder=1)
            axes.axvline(event, color=theme.exit, linewidth=1.6, zorder=2)
            axes.set_xlim(times[0], times[-1] + np.timedelta64(3, "D"))
            count_axis(axes.yaxis, texts, ticks=4)
            axes.annotate(
                texts[name], (0, 1), xycoords="axes fraction", xytext=(-50, 7), textcoords="offset points",
                color=theme.muted, annotation_clip=False,
            )  # fmt: skip
        upper.set_xticklabels([])
        date_axis(lower, texts, theme)
    return figure
