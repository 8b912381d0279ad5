"""Service level against agents: what the volume without and with the exit asks of a desk, and how sure that is."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.figures._style import BAND, Theme, axes_in, count_axis, figure_of, percent_axis, steady, style

NAME = "service_level"
LABEL = "Service level against agents"
REFERENCE = "Gans, Koole and Mandelbaum 2003, Manufacturing and Service Operations Management 5(2)"

EXPECTED = "without"  # the scenario drawn as what was expected: dashed, in its colour
UPPER, LOWER = 0.93, 0.32  # heights of the two names: left of the left curve, right of the right one, where it is empty
HALF_LINE = 0.05  # half the height of a name, on the scale of the shares
LETTER = 0.092  # width of a semibold letter in inches, on the safe side


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: scenario ("without" and another), label, agents, service_level, lower, upper, target (shares).

    A dot marks the fewest agents whose median service level reaches the target. ``texts``: axis (of the agents), unit
    (of the service level), target (its name), locale.
    """
    with style(theme):
        figure = figure_of(theme, 3.7 if theme.narrow else 4.4)
        axes = axes_in(figure, left=0.62, right=0.2 if theme.narrow else 0.4, top=0.5, bottom=0.72)
        ends = steady(table["agents"])
        room = 0.05 * (ends.max() - ends.min() or 1)
        axes.set_xlim(ends.min() - room, ends.max() + room)
        axes.set_ylim(0, 1.02)
        goal = float(steady([table["target"].iloc[0]])[0])
        axes.axhline(goal, color=theme.exit, linewidth=1.1, zorder=2)
        axes.annotate(
            texts["target"],
            (0, goal),
            xycoords=("axes fraction", "data"),
            xytext=(3, -3),
            textcoords="offset points",
            ha="left",
            va="top",
            color=theme.exit,
        )
        curves = [part.sort_values("agents") for _, part in table.groupby("scenario", sort=False)]
        for part in curves:
            _curve(axes, part, goal, theme)
        _names(axes, curves, goal, theme)
        count_axis(axes.xaxis, texts)
        axes.xaxis.set_major_locator(MaxNLocator(4 if theme.narrow else 9, integer=True))
        percent_axis(axes.yaxis, texts)
        axes.set_xlabel(texts["axis"], loc="left")
        axes.annotate(
            texts["unit"],
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 8),
            textcoords="offset points",
            ha="left",
            va="bottom",
        )
    return figure


def _colour(part: pd.DataFrame, theme: Theme) -> str:
    return theme.expected if part["scenario"].iloc[0] == EXPECTED else theme.ink


def _curve(axes: Axes, part: pd.DataFrame, goal: float, theme: Theme) -> None:
    expected, colour = part["scenario"].iloc[0] == EXPECTED, _colour(part, theme)
    agents, middle = steady(part["agents"]), steady(part["service_level"])
    axes.fill_between(agents, steady(part["lower"]), steady(part["upper"]), color=colour, alpha=BAND, zorder=1)
    axes.plot(
        agents,
        middle,
        color=colour,
        linestyle=(0, (4, 2.2)) if expected else "-",
        linewidth=1.5 if expected else 1.7,
        zorder=3,
    )
    # Agents are whole people: the line only leads the eye from one number to the next.
    axes.plot(agents, middle, color=colour, linestyle="none", marker="o", markersize=3, zorder=3)
    enough = _enough(part, goal)
    if enough is not None:
        height = middle[agents == enough][0]
        axes.plot([enough, enough], [0, height], color=colour, linewidth=1.0, linestyle=(0, (1, 1.6)), zorder=2)
        axes.plot([enough], [height], marker="o", markersize=8, color=colour, zorder=4)


def _enough(part: pd.DataFrame, goal: float) -> float | None:
    """Fewest agents whose median service level reaches the goal; None when none shown does."""
    agents, middle = steady(part["agents"]), steady(part["service_level"])
    return float(agents[middle >= goal].min()) if (middle >= goal).any() else None


def _names(axes: Axes, curves: list[pd.DataFrame], goal: float, theme: Theme) -> None:
    """Each curve named outside its band: the one further left on its left, high up; the other on its right, low.

    The axis is widened until the names fit.
    """
    ordered = sorted(curves, key=lambda part: _reaches(part, "service_level", goal))
    stems = [stem for stem in (_enough(part, goal) for part in ordered) if stem is not None]
    width = axes.get_position().width * axes.figure.get_size_inches()[0]
    for index, part in enumerate(ordered):
        left = index == 0 and len(ordered) > 1
        text = fill(str(part["label"].iloc[0]), 16 if theme.narrow else 32)
        share = (LETTER * max(map(len, text.splitlines())) + 0.12) / width
        low, high = axes.get_xlim()
        if left:
            place = _reaches(part, "upper", UPPER - HALF_LINE)
            axes.set_xlim(left=min(low, (place - share * high) / (1 - share)))
        else:
            place = max([_reaches(part, "lower", LOWER + HALF_LINE), *stems])
            axes.set_xlim(right=max(high, (place - share * low) / (1 - share)))
        axes.annotate(
            text,
            (place, UPPER if left else LOWER),
            xytext=(-8 if left else 8, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            color=_colour(part, theme),
            fontweight="semibold",
            linespacing=1.0,
        )


def _reaches(part: pd.DataFrame, column: str, height: float) -> float:
    """Number of agents at which the curve of ``column`` passes ``height``; its nearer end where it does not."""
    return float(np.interp(height, np.maximum.accumulate(steady(part[column])), steady(part["agents"])))
