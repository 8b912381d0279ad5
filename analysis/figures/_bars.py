"""Rows with a point and its interval: shared by the figures that compare channels or outcomes."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes

from analysis.figures._style import Theme, steady

BELOW = 0.35  # of a row, under the last one
LABEL_WIDTH = 32  # characters that fit left of the rows


def row_axis(axes: Axes, labels: Sequence[str], theme: Theme, *, bold: Sequence[bool] = ()) -> None:
    """One row a label, the first on top; on narrow figures label and number stand above their row."""
    count = len(labels)
    axes.set_ylim(count - BELOW, -0.95 if theme.narrow else -0.6)
    axes.set_yticks([])
    axes.grid(visible=False)
    if not theme.narrow:
        axes.grid(visible=True, axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    for row, label in enumerate(labels):
        weight = "semibold" if bold and bold[row] else "normal"
        narrow = theme.narrow
        axes.annotate(
            label if narrow else fill(label, LABEL_WIDTH),
            (0, row - 0.52 if narrow else row),
            xycoords=("axes fraction", "data"),
            xytext=(-4 if narrow else -10, 0),
            color=theme.ink,
            textcoords="offset points",
            ha="left" if narrow else "right",
            va="bottom" if narrow else "center",
            fontweight=weight,
            annotation_clip=False,
        )


def whisker(axes: Axes, row: float, lower: float, upper: float, colour: str) -> None:
    """The interval of one row, with short ends."""
    low, high = steady([lower, upper])
    if not np.isfinite(low):
        return
    axes.plot([low, high], [row, row], color=colour, linewidth=1.5, zorder=4, solid_capstyle="butt")
    for end in (low, high):
        axes.plot([end, end], [row - 0.09, row + 0.09], color=colour, linewidth=1.5, zorder=4)


def row_text(axes: Axes, row: float, text: str, theme: Theme, *, bold: bool = False) -> None:
    """The row's number, in a column at the right (above the row on narrow figures)."""
    weight = "semibold" if bold else "normal"
    if theme.narrow:
        axes.annotate(
            text,
            (0, row - 0.24),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 0),
            ha="left",
            va="bottom",
            textcoords="offset points",
            color=theme.ink,
            fontweight=weight,
            annotation_clip=False,
        )
    else:
        axes.annotate(
            text,
            (1, row),
            xycoords=("axes fraction", "data"),
            xytext=(12, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=theme.ink,
            fontweight=weight,
            annotation_clip=False,
        )


def zero_line(axes: Axes, theme: Theme) -> None:
    """Through the whole picture; beside each row alone where the rows' words stand inside it."""
    if not theme.narrow:
        axes.axvline(0, color=theme.stage, linewidth=1.1, zorder=2)
        return
    for row in range(round(axes.get_ylim()[0] + BELOW)):
        axes.plot([0, 0], [row - 0.2, row + 0.2], color=theme.stage, linewidth=1.1, zorder=2)
