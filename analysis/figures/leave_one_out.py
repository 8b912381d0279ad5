"""The estimate again with each donor left out: whether it hangs on one of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._style import BAND, Theme, axes_in, count_axis, figure_of, percent_axis, steady, style

NAME = "leave_one_out"
LABEL = "Each donor left out"
REFERENCE = "Abadie, Diamond and Hainmueller 2015, AJPS 59:495, section 4.3"


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: unit, effect, kind ("without", or "declared" with lower and upper); smallest effect first.

    ``texts``: axis, declared, furthest (the unit whose absence moves most, with its number), locale, scale ("share",
    "number").
    """
    declared = table[table["kind"] == "declared"].iloc[0]
    rows = table[table["kind"] == "without"].reset_index(drop=True)
    effects, (point, low, high) = steady(rows["effect"]), steady([declared.effect, declared.lower, declared.upper])
    with style(theme):
        figure = figure_of(theme, 3.3)
        axes = axes_in(figure, left=0.75, right=0.25, top=0.55, bottom=0.45)
        if np.isfinite(low):
            axes.axhspan(low, high, color=theme.expected, alpha=BAND, linewidth=0)
        axes.axhline(point, color=theme.expected, linewidth=1.6, linestyle=(0, (5, 2)), zorder=2)
        axes.axhline(0, color=theme.stage, linewidth=1.1, zorder=1)
        axes.plot(range(len(effects)), effects, "o", color=theme.ink, markersize=6, zorder=4)
        furthest = int(np.argmax(np.abs(effects - point)))
        axes.plot([furthest], [effects[furthest]], "D", color=theme.exit, markersize=8, zorder=5)
        left, below = furthest < len(effects) / 2, effects[furthest] < point
        axes.annotate(
            texts["furthest"], (furthest, effects[furthest]), xytext=(-5 if left else 5, -9 if below else 9),
            color=theme.exit, textcoords="offset points", ha="left" if left else "right",
            va="top" if below else "bottom", fontweight="semibold",
        )  # fmt: skip
        axes.annotate(
            texts["declared"], (1, 1), xycoords="axes fraction", xytext=(0, 5), textcoords="offset points", ha="right",
            color=theme.expected, fontweight="semibold",
        )  # fmt: skip
        ends = np.concatenate([effects, [0.0, point], [value for value in (low, high) if np.isfinite(value)]])
        room = 0.06 * (float(ends.max() - ends.min()) or 1.0)
        axes.set_ylim(ends.min() - room, ends.max() + room)
        axes.set_xlim(-0.8, len(effects) - 0.2)
        axes.set_xticks([])
        axes.set_xlabel(texts["axis"], loc="left")
        (count_axis if texts.get("scale") == "number" else percent_axis)(axes.yaxis, texts, ticks=5)
    return figure
