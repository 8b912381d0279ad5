"""Where a case's time goes: each stage's share of the total, before and after, in pairs of bars from zero."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._style import Theme, axes_in, figure_of, percent_axis, steady, style, text_width, wrapped

NAME = "stage_times"
LABEL = "Share of the time in each stage"
REFERENCE = "Paired bars: Cleveland and McGill 1984, Journal of the American Statistical Association 79:531"

PERIODS = ("before", "after")
THICK = 0.3  # of a row
BESIDE = 2.4  # inches that the names of the stages may take beside the bars
ROOM = 1.02


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: label, share_before, share_after, text_before, text_after; one row a stage, in their order.

    Each bar has its number and its period written beside it. ``texts``: axis, before, after, locale.
    """
    narrow, count = theme.narrow, len(table)
    with style(theme):
        labels = [wrapped(str(label), BESIDE, theme) if not narrow else str(label) for label in table["label"]]
        named = {period: [f"{text}  {texts[period]}" for text in table[f"text_{period}"]] for period in PERIODS}
        written = max(text_width(text, theme) for period in PERIODS for text in named[period])
        left = 0.2 if narrow else 0.3 + max(text_width(label, theme) for label in labels)
        figure = figure_of(theme, (0.92 if narrow else 0.72) * count + 0.95)
        axes = axes_in(figure, left=left, right=0.2 + written, top=0.12, bottom=0.72)
        axes.set_ylim(count - 0.42, -0.78 if narrow else -0.5)
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.grid(visible=True, axis="x")
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0)
        for row, label in enumerate(labels):
            place, shift = ((0, row - 0.4), (-4, 0)) if narrow else ((0, row), (-10, 0))
            axes.annotate(
                label, place, xycoords=("axes fraction", "data"), xytext=shift, textcoords="offset points",
                ha="left" if narrow else "right", va="bottom" if narrow else "center", color=theme.ink,
                annotation_clip=False,
            )  # fmt: skip
            for period, (offset, colour) in zip(PERIODS, ((-0.17, theme.lost), (0.17, theme.owned)), strict=True):
                share = steady([table[f"share_{period}"].iloc[row]])[0]
                axes.barh(row + offset, share, height=THICK, color=colour, zorder=3)
                axes.annotate(
                    named[period][row], (share, row + offset), xytext=(6, 0), textcoords="offset points", ha="left",
                    va="center", color=theme.muted if period == "before" else theme.ink, annotation_clip=False,
                )  # fmt: skip
        shares = steady(table[[f"share_{period}" for period in PERIODS]])
        axes.set_xlim(0, max(0.05, ROOM * float(np.nanmax(shares))))
        percent_axis(axes.xaxis, texts, ticks=4 if narrow else 6)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure
