"""How many cases had come to their end by when: outcome and abandonment, before and after, with their bands."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures._style import (
    BAND,
    Theme,
    axes_in,
    count_axis,
    figure_of,
    percent_axis,
    spread,
    steady,
    style,
    text_width,
)

NAME = "cumulative_incidence"
LABEL = "Share of cases ended by when"
REFERENCE = "Aalen and Johansen 1978, Scandinavian Journal of Statistics 5:141"

DASHED = (0, (4, 2.2))
LINE = 0.2  # inches of one line of text
KEY_WIDTH = 18  # characters of a curve's name beside it
ROOM = 1.08  # of the highest thing drawn


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: period (before, after), cause (outcome, abandoned), hours, incidence, lower, upper (shares), label.

    Before is grey and dashed, after drawn through; abandonment is red. Each curve is named where it ends, on narrow
    figures in a key above. ``texts``: axis, unit, before, after, locale.
    """
    curves = [part for _, part in table.groupby(["cause", "period"], sort=False)]
    with style(theme):
        labels = [str(part["label"].iloc[0]) for part in curves]
        key = LINE * len(curves) + 0.12 if theme.narrow else 0.0
        right = 0.2 if theme.narrow else 0.25 + max(text_width(_broken(label), theme, bold=True) for label in labels)
        top = 0.5 + key
        figure = figure_of(theme, 3.0 + top if theme.narrow else 4.4)
        axes = axes_in(figure, left=0.62, right=right, top=top, bottom=0.7)
        for part in curves:
            _curve(axes, part, theme)
        axes.set_xlim(0, float(steady([table["hours"].max()])[0]))
        axes.set_ylim(0, min(1.0, ROOM * float(np.nanmax(steady(table[["incidence", "upper"]])))))
        count_axis(axes.xaxis, texts, ticks=6)
        percent_axis(axes.yaxis, texts, ticks=5)
        axes.set_xlabel(texts["axis"], loc="left")
        height = axes.get_position().height * figure.get_size_inches()[1]
        axes.text(0, 1 + 0.1 / height, texts["unit"], transform=axes.transAxes, ha="left", va="bottom")
        (_key if theme.narrow else _name)(axes, curves, labels, height, theme)
    return figure


def _look(part: pd.DataFrame, theme: Theme) -> tuple[str, object]:
    """Colour and dashes of a curve: the cause has a colour, before and after have both colour and dashes."""
    before = part["period"].iloc[0] == "before"
    after_colour = theme.ink if part["cause"].iloc[0] == "outcome" else theme.exit
    return (theme.muted if before else after_colour), (DASHED if before else "-")


def _curve(axes: Axes, part: pd.DataFrame, theme: Theme) -> None:
    colour, dashes = _look(part, theme)
    hours = steady(part["hours"])
    axes.fill_between(hours, steady(part["lower"]), steady(part["upper"]), color=colour, alpha=BAND, linewidth=0)
    axes.plot(hours, steady(part["incidence"]), color=colour, linestyle=dashes, linewidth=1.8, zorder=3)


def _broken(label: str) -> str:
    return fill(label, KEY_WIDTH)


def _name(axes: Axes, curves: list[pd.DataFrame], labels: list[str], height: float, theme: Theme) -> None:
    """Names at the ends of the curves, moved apart where two end close together."""
    ends = [float(steady([0.0, *part["incidence"].dropna()])[-1]) for part in curves]
    lines = 1 + max(_broken(label).count("\n") for label in labels)
    gap = (LINE * lines + 0.04) / height * (axes.get_ylim()[1] - axes.get_ylim()[0])
    for part, label, place in zip(curves, labels, spread(ends, gap), strict=True):
        axes.annotate(
            _broken(label),
            (1, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(7, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=_look(part, theme)[0],
            fontweight="semibold",
            annotation_clip=False,
            linespacing=1.0,
        )


def _key(axes: Axes, curves: list[pd.DataFrame], labels: list[str], height: float, theme: Theme) -> None:
    """On a narrow page a line and a name for each curve, above the picture."""
    width = axes.get_position().width * theme.width
    start = -0.5 / width
    for row, (part, label) in enumerate(zip(curves, labels, strict=True)):
        colour, dashes = _look(part, theme)
        level = 1 + (0.36 + 0.12 + LINE * (len(curves) - row - 0.5)) / height
        axes.plot(
            [start, start + 0.34 / width], [level, level], transform=axes.transAxes, clip_on=False, color=colour,
            linestyle=dashes, linewidth=1.9,
        )  # fmt: skip
        axes.text(
            start + 0.42 / width, level, label, transform=axes.transAxes, ha="left", va="center", color=colour,
            fontweight="semibold",
        )  # fmt: skip
