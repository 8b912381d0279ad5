"""Weekly contacts, one small picture a channel, each from zero."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures._style import BAND, Theme, count_axis, date_axis, dates, figure_of, steady, style

NAME = "volumes_by_channel"
LABEL = "Weekly contacts by channel"
REFERENCE = "Small multiples: Tufte 1983, The Visual Display of Quantitative Information"

NAMED = 0.19  # inches that the line on a channel's role takes


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: week, channel, label, role, contacts, and where known expected, lower, upper (without the exit), and
    role_label: what the colour of a line means.

    ``texts``: exit (ISO date), exit_label, expected_label, locale.
    """
    foreseen = "expected" in table
    channels = list(dict.fromkeys(table["channel"]))
    columns = min(2 if theme.narrow else 4, len(channels))
    rows = -(-len(channels) // columns)
    with style(theme):
        panel = (1.55 if theme.narrow else 1.7) + (NAMED if "role_label" in table else 0)
        figure = figure_of(theme, panel * rows + 0.3)
        width = theme.width / columns
        low, high = dates(table["week"]).min(), dates(table["week"]).max()
        for index, channel in enumerate(channels):
            part = table[table["channel"] == channel].sort_values("week")
            column, row = index % columns, index // columns
            total = figure.get_size_inches()[1]
            box = (
                (column * width + 0.56) / theme.width,
                1 - (row * panel + panel - 0.28) / total,
                (width - 0.78) / theme.width,
                (panel - 0.72 - (NAMED if "role_label" in table else 0)) / total,
            )
            axes = figure.add_axes(box)
            axes.set_facecolor("none")
            colour = theme.role(str(part["role"].iloc[0]))
            values = steady(part["contacts"])
            axes.plot(dates(part["week"]), values, color=colour, linewidth=1.6)
            if foreseen:
                band = part.dropna(subset=["expected"])
                days = dates(band["week"])
                axes.fill_between(
                    days, steady(band["lower"]), steady(band["upper"]), color=theme.expected, alpha=BAND, linewidth=0
                )
                axes.plot(days, steady(band["expected"]), color=theme.expected, linewidth=1.3, linestyle=(0, (4, 2)))
            axes.axvline(np.datetime64(texts["exit"]), color=theme.exit, linewidth=1.1)
            axes.set_xlim(low, high)
            highest = np.append(values, steady(part["upper"])) if foreseen else values
            axes.set_ylim(0, max(1.0, float(np.nanmax(highest))) * 1.08)
            heads = [(str(part["label"].iloc[0]), theme.ink, "semibold")]
            if "role_label" in table:
                heads.insert(0, (str(part["role_label"].iloc[0]), theme.muted, "normal"))
            for place, (words, ink, weight) in enumerate(heads):
                axes.annotate(
                    words, (0, 1), xytext=(0, 5 + 72 * NAMED * place), xycoords="axes fraction", va="bottom",
                    textcoords="offset points", color=ink, fontweight=weight, annotation_clip=False,
                )  # fmt: skip
            count_axis(axes.yaxis, texts, ticks=3)
            date_axis(axes, texts, theme, ticks=3)
            if index == 0:
                axes.annotate(
                    texts["exit_label"],
                    (np.datetime64(texts["exit"]), 1),
                    xytext=(4, -2),
                    ha="left",
                    va="top",
                    xycoords=axes.get_xaxis_transform(),
                    textcoords="offset points",
                    color=theme.exit,
                )
    return figure
