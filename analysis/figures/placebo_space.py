"""The brand's effect among the effects the same method finds for units that did not leave."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure

from analysis.figures._style import Theme, axes_in, count_axis, figure_of, percent_axis, steady, style

NAME = "placebo_space"
LABEL = "The brand among its peers"
REFERENCE = "Abadie, Diamond and Hainmueller 2010, JASA 105:493, section 3.4"

BINS = 48
MOST_DOTS = 60  # more peers than this are drawn as a histogram


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: unit, effect, treated (bool). ``texts``: axis, treated, peers, locale, scale ("share", "number")."""
    effects = steady(table["effect"])
    treated = table["treated"].to_numpy(bool)
    low, high = _ends(effects)
    bins = BINS // 2 if theme.narrow else BINS
    slots = np.clip(np.round((effects - low) / (high - low) * bins), 0, bins)
    many = int((~treated).sum()) > MOST_DOTS
    heights = np.array([int(np.sum(slots[:index][~treated[:index]] == slots[index])) for index in range(len(slots))])
    with style(theme):
        most = int(heights.max()) + 1
        figure = figure_of(theme, 4.4 if many else 1.95 + 0.17 * most)
        axes = axes_in(figure, left=0.25, right=0.25, top=0.65, bottom=0.72)
        centres = slots / bins * (high - low) + low
        if many:
            seaborn.histplot(
                x=effects[~treated], bins=bins, binrange=(low, high), ax=axes, color=theme.stage, linewidth=0
            )
            axes.set_ylabel("")
            most = axes.get_ylim()[1]
        else:
            axes.scatter(centres[~treated], heights[~treated] + 0.5, s=62, color=theme.stage, linewidth=0, zorder=3)
        axes.scatter(effects[treated], np.full(treated.sum(), 0.5), s=120, marker="D", color=theme.exit, zorder=4)
        for value in effects[treated]:
            place = (value - low) / (high - low)
            axes.plot([value, value], [0.5, most + 0.4], color=theme.exit, linewidth=1, zorder=2)
            axes.annotate(
                texts["treated"],
                (value, 1),
                xycoords=axes.get_xaxis_transform(),
                xytext=(0, 3),
                textcoords="offset points",
                ha="right" if place > 0.7 else "left" if place < 0.3 else "center",
                va="bottom",
                color=theme.exit,
                fontweight="semibold",
                annotation_clip=False,
            )
        axes.annotate(
            texts["peers"],
            (min(max(float(np.median(effects[~treated])), low), high), 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 20),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=theme.muted,
            annotation_clip=False,
        )
        axes.axvline(0, color=theme.stage, linewidth=1.1, zorder=1)
        axes.set_xlim(low, high)
        axes.set_ylim(0, most + 0.4)
        axes.set_yticks([])
        write = count_axis if texts.get("scale") == "number" else percent_axis
        write(axes.xaxis, texts, ticks=4 if theme.narrow else 7)
        axes.set_xlabel(texts["axis"], loc="left")
    return figure


def _ends(effects: np.ndarray) -> tuple[float, float]:
    """The axis covers what is there, and zero: an empty half would say nothing."""
    low, high = min(float(effects.min()), 0.0), max(float(effects.max()), 0.0)
    room = 0.07 * max(high - low, 0.01)
    return low - room, high + room
