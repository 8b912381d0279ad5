"""What the brand did and what else happened, on one time line with the two windows compared."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from analysis.figures._style import Theme, axes_in, date_axis, figure_of, style, wrapped

NAME = "stage_timeline"
LABEL = "Stages, windows and other events"
REFERENCE = "Schaffer, Dobbins and Pearson 2021, BMC Medical Research Methodology 21:58 (co-interventions)"


STRIP = 0.3  # inches: a row of its own for each pair of periods, where outcomes compare different ones
LINE = 0.2


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: first, last (ISO dates), label, kind (a stage's kind, "event", "pre" or "post"), where several pairs
    of periods are compared also group (whose periods they are).

    ``texts``: locale. Stages are dots (the closing is a diamond), events grey bars, windows bands behind.
    """
    windows = table[table["kind"].isin(["pre", "post"])]
    items = table[~table["kind"].isin(["pre", "post"])].sort_values(["first", "label"], kind="stable")
    groups = list(dict.fromkeys(windows["group"])) if "group" in table else []
    strips = groups if len(groups) > 1 else []
    low = min(date2num(pd.Timestamp(value)) for value in table["first"])
    high = max(date2num(pd.Timestamp(value)) for value in table["last"])
    room = 0.02 * max(high - low, 1)
    with style(theme):
        labels = [_wrapped(item, low, high, theme) for item in items.itertuples()]
        heights = [(0.28 if theme.narrow else 0.1) + LINE * (label.count("\n") + 1) for label in labels]
        above = (STRIP + (LINE if theme.narrow else 0)) * len(strips)
        figure = figure_of(theme, above + sum(heights) + 1.25)
        axes = axes_in(figure, left=0.2, right=0.3, top=0.42, bottom=0.62)
        axes.set_xlim(low - room, high + room)
        axes.set_ylim(above + sum(heights) + 0.1, -0.1)
        for item in windows.itertuples():
            _window(axes, item, strips, theme)
        place = above
        for item, label, height in zip(items.itertuples(), labels, heights, strict=True):
            _item(axes, place, height, item, label, theme, low, high)
            place += height
        axes.set_yticks([])
        axes.grid(visible=False)
        date_axis(axes, texts, theme)
    return figure


def _wrapped(item: object, low: float, high: float, theme: Theme) -> str:
    """The label in lines that fit: across the page on a narrow one, else on the side of its mark that has more room."""
    bold = item.kind == "channels_closed"
    if theme.narrow:
        return wrapped(item.label, theme.width - 0.6, theme, bold=bold)
    middle = (np.mean([date2num(pd.Timestamp(item.first)), date2num(pd.Timestamp(item.last))]) - low) / (
        high - low or 1
    )
    return wrapped(item.label, max(middle, 1 - middle) * (theme.width - 0.5) - 0.4, theme, bold=bold)


def _window(axes: object, item: object, strips: list[str], theme: Theme) -> None:
    """A period compared: a band behind everything, or a bar in the row of the outcomes that compare it."""
    first, last = date2num(pd.Timestamp(item.first)), date2num(pd.Timestamp(item.last))
    shade = {"color": theme.expected, "alpha": 0.07 if item.kind == "pre" else 0.15, "zorder": 0}
    if not strips:
        axes.axvspan(first, last, **shade)
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
        return
    step = STRIP + (LINE if theme.narrow else 0)
    top = step * strips.index(item.group)
    axes.barh(top + step - 0.15, last - first, left=first, height=0.24, align="center", linewidth=0, **shade)
    named = item.kind == "pre"
    if theme.narrow and named:
        axes.text(0, top + 0.02, item.group, transform=axes.get_yaxis_transform(), ha="left", va="top")
    words = f"{item.group}: {item.label}" if named and not theme.narrow else item.label
    axes.text((first + last) / 2, top + step - 0.15, words, ha="center", va="center", color=theme.expected)


def _item(
    axes: object, top: float, height: float, item: object, label: str, theme: Theme, low: float, high: float
) -> None:
    first, last = date2num(pd.Timestamp(item.first)), date2num(pd.Timestamp(item.last))
    closed = item.kind == "channels_closed"
    colour = theme.exit if closed else theme.stage if item.kind == "event" else theme.ink
    middle = top + height - 0.12 if theme.narrow else top + height / 2
    if item.kind == "event":
        ends = [first, max(last, first + 0.004 * (high - low))]
        axes.plot(ends, [middle, middle], color=colour, linewidth=6, solid_capstyle="butt")
    else:
        axes.plot([first], [middle], marker="D" if closed else "o", markersize=8, color=colour)
    weight = "semibold" if closed else "normal"
    ink = theme.exit if closed else theme.muted if item.kind == "event" and not theme.narrow else theme.ink
    if theme.narrow:
        axes.text(
            0, top, label, transform=axes.get_yaxis_transform(), ha="left", va="top", color=ink, fontweight=weight,
            linespacing=1.1,
        )  # fmt: skip
        return
    left_side = (np.mean([first, last]) - low) / (high - low or 1) > 0.5
    axes.annotate(
        label,
        (first if left_side else last, middle),
        xytext=(-9 if left_side else 9, 0),
        textcoords="offset points",
        ha="right" if left_side else "left",
        va="center",
        annotation_clip=False,
        color=ink,
        fontweight=weight,
        linespacing=1.1,
    )
