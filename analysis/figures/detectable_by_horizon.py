"""How small an effect the design could have seen, by how long one waits."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._style import Theme, axes_in, figure_of, percent_axis, steady, style

NAME = "detectable_by_horizon"
LABEL = "Smallest detectable effect by horizon"
REFERENCE = "Bloom 1995, Evaluation Review 19:547"


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: periods, share, text; shortest first. ``texts``: axis, unit, locale, margin (its words), margin_share
    (the smallest effect that matters, as text of a number; empty for none).
    """
    periods, shares = steady(table["periods"]), steady(table["share"])
    margin = float(texts["margin_share"]) if texts.get("margin_share") else None
    with style(theme):
        figure = figure_of(theme, 3.2)
        axes = axes_in(figure, left=0.75, right=0.4, top=0.5, bottom=0.74)
        axes.plot(periods, shares, color=theme.expected, linewidth=1.9, marker="o", markersize=7, zorder=4)
        for x, y, text in zip(periods, shares, table["text"], strict=True):
            axes.annotate(
                text, (x, y), xytext=(0, 9), textcoords="offset points", ha="center", va="bottom", color=theme.expected,
                fontweight="semibold", annotation_clip=False,
            )  # fmt: skip
        if margin is not None:
            axes.axhline(margin, color=theme.stage, linewidth=1.3, linestyle=(0, (2, 2)), zorder=2)
            axes.annotate(
                texts["margin"], (0.01, margin), xycoords=("axes fraction", "data"), xytext=(0, -4),
                textcoords="offset points", ha="left", va="top", color=theme.muted,
            )  # fmt: skip
        axes.set_ylim(0, 1.18 * max(float(np.nanmax(shares)), margin or 0.0))
        axes.set_xlim(0, 1.06 * float(periods.max()))
        axes.set_xticks(periods, [f"{value:.0f}" for value in periods])
        percent_axis(axes.yaxis, texts, ticks=5)
        axes.set_xlabel(texts["axis"], loc="left")
        axes.annotate(
            texts["unit"], (0, 1), xycoords="axes fraction", xytext=(-40, 10), textcoords="offset points",
            color=theme.muted, annotation_clip=False,
        )  # fmt: skip
    return figure
