"""Waiting times of groups against the largest one, on a scale of ratios, with the zone that counts as alike."""

from collections.abc import Mapping
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from analysis.figures._bars import row_axis, row_text, whisker
from analysis.figures._style import Theme, axes_in, count_axis, figure_of, steady, style, text_width

NAME = "equal_treatment"
LABEL = "Waiting times of groups against the largest group"
REFERENCE = "Forest with an equivalence margin: Piaggio et al. 2012, JAMA 308:2594, figure 1"

TICKS = (0.1, 0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 10.0)
FARTHEST = 12.0  # a ratio beyond this, or under one over it, is cut at the edge of the picture
LETTERS = 40  # of a row's label
ROOM = 1.06
EDGE = {"alike": "owned", "not alike": "exited"}  # roles whose colour a verdict borrows; unsettled is hollow


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: attribute, group, reference, ratio, lower, upper (one where alike), margin, verdict, text.

    A row reads "attribute: group / reference". Alike is a filled circle, not alike a diamond, unsettled a hollow
    circle. ``texts``: axis, zone, locale.
    """
    with style(theme):
        narrow = theme.narrow
        labels = [
            shorten(f"{item.attribute}: {item.group} / {item.reference}", LETTERS, placeholder="…")
            for item in table.itertuples()
        ]
        figure = figure_of(theme, (0.82 if narrow else 0.46) * len(table) + 1.25)
        left, right = (0.1, 0.18) if narrow else (_widest(labels, theme), _widest(table["text"], theme))
        axes = axes_in(figure, left=left, right=right, top=0.4, bottom=0.74)
        row_axis(axes, labels, theme)
        axes.set_xscale("log")
        _scale(axes, table, texts, theme)
        for row, item in enumerate(table.itertuples()):
            _zone(axes, row, float(item.margin), theme)
            _row(axes, row, item, theme)
            row_text(axes, row, str(item.text), theme)
        axes.annotate(
            texts["zone"], (1, 1), xycoords=("data", "axes fraction"), xytext=(0, 4), textcoords="offset points",
            ha="center", va="bottom", color=theme.muted, annotation_clip=False,
        )  # fmt: skip
        axes.set_xlabel(texts["axis"], loc="left")
    return figure


def _widest(words: object, theme: Theme) -> float:
    return 0.3 + max(text_width(str(text), theme) for text in words)


def _row(axes: Axes, row: int, item: object, theme: Theme) -> None:
    if not np.isfinite(item.ratio):
        return
    low, high = axes.get_xlim()
    colour = theme.role(EDGE.get(item.verdict, ""))
    whisker(axes, row, max(item.lower, low), min(item.upper, high), colour)
    axes.plot(
        steady([np.clip(item.ratio, low, high)]),
        [row],
        marker="D" if item.verdict == "not alike" else "o",
        markersize=7.5,
        markerfacecolor=colour if item.verdict in EDGE else theme.paper,
        markeredgecolor=colour,
        markeredgewidth=1.5,
        zorder=5,
    )


def _zone(axes: Axes, row: int, margin: float, theme: Theme) -> None:
    """From one over one plus the margin to one plus the margin; on wide figures without gaps between the rows."""
    half = 0.2 if theme.narrow else 0.5
    axes.fill_betweenx(
        [row - half, row + half], *steady([1 / (1 + margin), 1 + margin]), color=theme.donut, linewidth=0, zorder=0.5
    )
    axes.plot([1, 1], [row - half, row + half], color=theme.stage, linewidth=1.1, zorder=2)


def _scale(axes: Axes, table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> None:
    """As far below one as above it, so that twice as fast and twice as slow are equally far away."""
    ends = table[["lower", "upper", "ratio"]].to_numpy(float)
    edges = np.concatenate([ends[np.isfinite(ends) & (ends > 0)], 1 + table["margin"].to_numpy(float)])
    reach = min(float(np.exp(np.abs(np.log(edges)).max())), FARTHEST) ** ROOM
    axes.set_xlim(*steady([1 / reach, reach]))
    shown = [tick for tick in TICKS if 1 / reach <= tick <= reach]
    if theme.narrow and len(shown) > 5:
        shown = [tick for tick in shown if tick not in (0.8, 1.25)]
    count_axis(axes.xaxis, texts)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(NullLocator())
