"""From first to last tone of a case, before and after: each share written, and drawn as a bar with its interval."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.figures._style import Theme, axes_in, figure_of, steady, style

NAME = "tone_matrix"
LABEL = "From first to last tone"
REFERENCE = "Transition matrix: Anderson and Goodman 1957, Annals of Mathematical Statistics 28(1)"

INSET = 0.08  # of a cell's width, left and right of its bar and words
BAR, HALF = 0.82, 0.055  # middle and half height of the bar, of a cell's height
SIDE = 13  # letters of a first tone's line left of its row
STRIP = 0.42  # of a cell's height: room above a row for its label on narrow figures
BOTTOM, GAP, EDGE = 0.12, 0.55, 0.06  # inches below a matrix, between two side by side, and at the figure's edge
LETTER, SMALL_LETTER = 0.085, 0.058  # inches that a letter takes, at most
LINE, SMALL_LINE = 0.2, 0.17  # inches that a line of headings takes


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: period, first, last, share, lower, upper (shares), text, range; classes in order, worst first.

    ``text`` is the share and ``range`` its interval as the reader writes them, short ("38–46 %"). A missing share is
    written as texts["hidden"]. ``texts``: rows and columns (what stands down and across), hidden.
    """
    periods, classes = list(dict.fromkeys(table["period"])), list(dict.fromkeys(table["first"]))
    with style(theme):
        pitch, cell = (1 + STRIP, 0.72) if theme.narrow else (1.0, 0.84)
        label = EDGE if theme.narrow else 0.16 + LETTER * max(len(line) for line in _wrapped(classes, SIDE))
        width = theme.width if theme.narrow else (theme.width - EDGE + GAP) / len(periods)
        room = (width - label - (EDGE if theme.narrow else GAP)) / len(classes)
        headings, small = _headings(classes, room * (1 - INSET))
        rise = (SMALL_LINE if small else LINE) * max(heading.count("\n") + 1 for heading in headings) + 0.1
        top = rise + 2.2 * LINE + 0.1
        tall = top + pitch * cell * len(classes) + BOTTOM
        figure = figure_of(theme, tall * (len(periods) if theme.narrow else 1))
        for place, period in enumerate(periods):
            down, across = (place, 0) if theme.narrow else (0, place)
            axes = axes_in(
                figure,
                left=across * width + label,
                right=theme.width - across * width - label - room * len(classes),
                top=down * tall + top,
                bottom=(len(periods) - 1 - down) * tall * theme.narrow + BOTTOM,
            )
            axes.set_xlim(0, len(classes))
            axes.set_ylim(pitch * len(classes), 0)
            axes.axis("off")
            _title(axes, str(period), texts, theme, rise)
            _label(axes, classes, headings, texts, theme, pitch, 10 if small else None)
            for item in table[table["period"] == period].itertuples():
                _cell(axes, item, classes, texts, theme, pitch)
    return figure


def _wrapped(words: list[str], letters: int) -> list[str]:
    return [line for word in words for line in fill(str(word), letters).split("\n")]


def _headings(classes: list[str], room: float) -> tuple[list[str], bool]:
    """The classes in lines that fit ``room`` inches, and whether that takes small letters."""
    longest = max(len(part) for word in classes for part in str(word).split())
    small = longest * LETTER > room
    return [fill(str(word), max(4, int(room / (SMALL_LETTER if small else LETTER)))) for word in classes], small


def _title(axes: Axes, period: str, texts: Mapping[str, str], theme: Theme, rise: float) -> None:
    directions = texts["columns"] if theme.narrow else f"{texts['rows']} ↓   {texts['columns']} →"
    for text, height, weight, colour in (
        (period, rise + 1.15 * LINE, "semibold", theme.ink),
        (directions, rise, "normal", theme.muted),
    ):
        axes.annotate(
            text,
            (0, 0),
            xytext=(4 if theme.narrow else 0, 72 * height),
            textcoords="offset points",
            ha="left",
            va="bottom",
            fontweight=weight,
            color=colour,
            annotation_clip=False,
        )


def _label(
    axes: Axes,
    classes: list[str],
    headings: list[str],
    texts: Mapping[str, str],
    theme: Theme,
    pitch: float,
    size: float | None,
) -> None:
    """Last tones above the columns; first tones left of the rows, or above each on narrow figures."""
    for place, word in enumerate(classes):
        axes.annotate(
            headings[place],
            (place + INSET, 0),
            xytext=(0, 5),
            textcoords="offset points",
            ha="left",
            va="bottom",
            color=theme.ink,
            fontsize=size,
            annotation_clip=False,
        )
        axes.annotate(
            f"{texts['rows']}: {word}" if theme.narrow else fill(str(word), SIDE),
            (0, place * pitch + (pitch - 1) / 2 if theme.narrow else place + 0.5),
            xytext=(4 if theme.narrow else -9, 0),
            textcoords="offset points",
            ha="left" if theme.narrow else "right",
            va="center",
            color=theme.ink,
            annotation_clip=False,
        )


def _cell(axes: Axes, item: object, classes: list[str], texts: Mapping[str, str], theme: Theme, pitch: float) -> None:
    row, column = classes.index(item.first), classes.index(item.last)
    top, left, full = row * pitch + pitch - 1, column + INSET, 1 - 2 * INSET
    unchanged = row == column
    face = theme.donut if unchanged else "none"  # the diagonal, where nothing changed, is tinted
    axes.add_patch(Rectangle((column, top), 1, 1, facecolor=face, edgecolor=theme.grid, linewidth=1.0, zorder=1))
    share, lower, upper = steady([item.share, item.lower, item.upper])
    if not np.isfinite(share):
        axes.text(left, top + 0.4, texts["hidden"], ha="left", va="center", color=theme.muted, fontsize=10)
        return
    size = 14 if len(classes) <= 3 else 12
    axes.text(
        left, top + 0.25, item.text, ha="left", va="center", color=theme.ink, fontweight="semibold", fontsize=size
    )
    axes.text(left, top + 0.55, item.range, ha="left", va="center", color=theme.muted, fontsize=10)
    colour = theme.stage if unchanged else theme.owned if column > row else theme.exit
    axes.add_patch(Rectangle((left, top + BAR - HALF), full, 2 * HALF, facecolor=theme.grid, linewidth=0, zorder=2))
    axes.add_patch(Rectangle((left, top + BAR - HALF), full * share, 2 * HALF, facecolor=colour, linewidth=0, zorder=3))
    if np.isfinite(lower):
        low, high = (left + full * end for end in (lower, upper))
        axes.plot([low, high], [top + BAR] * 2, color=theme.ink, linewidth=1.3, zorder=4, solid_capstyle="butt")
        for end in (low, high):
            axes.plot([end, end], [top + BAR - HALF, top + BAR + HALF], color=theme.ink, linewidth=1.3, zorder=4)
