"""Observed against what was expected without the exit, with its band, the stages and the donut."""

from collections.abc import Mapping
from textwrap import fill, shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from analysis.figures._style import (
    BAND,
    Theme,
    axes_in,
    count_axis,
    date_axis,
    dates,
    figure_of,
    spread,
    steady,
    style,
)

NAME = "observed_expected"
LABEL = "Observed and expected, by period"
REFERENCE = "Brodersen et al. 2015, Annals of Applied Statistics 9:247, first panel of figure 1"

STAGE = "stage"
COLUMNS = ("time", "period", "observed", "expected", "lower", "upper", "label", "kind")
NARROW_LABEL = 26  # characters that fit beside a stage on a narrow page


def with_stages(path: pd.DataFrame, stages: list[Mapping[str, str]]) -> pd.DataFrame:
    """The path of an effect and the brand's stages (keys date, label, kind) as one table."""
    times = pd.to_datetime(path["time"])
    seen = [stage for stage in stages if times.min() <= pd.Timestamp(stage["date"]) <= times.max()]
    rows = [{"time": item["date"], "period": STAGE, "label": item["label"], "kind": item["kind"]} for item in seen]
    parts = [path.astype({"time": "object"}), *([pd.DataFrame(rows)] if rows else [])]
    return pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: one row a period and one a stage (see with_stages), natural units.

    ``texts``: unit, observed, expected, donut, locale; ``zero`` = "yes" draws the y axis from zero (volumes).
    """
    path = table[table["period"] != STAGE]
    stages = table[table["period"] == STAGE]
    with style(theme):
        figure = figure_of(theme, 3.9 if theme.narrow else 4.9)
        top = 0.5 + 0.24 * len(stages)
        axes = axes_in(figure, left=0.62, right=0.95 if theme.narrow else 1.55, top=top, bottom=0.62)
        times = dates(path["time"])
        _shade_donut(axes, path, times, texts, theme)
        _lines(axes, path, times, theme)
        axes.set_xlim(times[0], times[-1])
        _mark_stages(axes, stages, theme)
        if texts.get("zero") == "yes":
            axes.set_ylim(bottom=0, top=1.04 * np.nanmax(path[["observed", "expected", "upper"]].to_numpy(float)))
        date_axis(axes, texts, theme)
        count_axis(axes.yaxis, texts)
        axes.text(0, 1 + 0.1 / _height(axes), texts["unit"], transform=axes.transAxes, ha="left", va="bottom")
        _name_lines(axes, path, times, texts, theme)
    return figure


def _height(axes: Axes) -> float:
    """Height of the axes in inches."""
    return axes.get_position().height * axes.figure.get_size_inches()[1]


def _shade_donut(axes: Axes, path: pd.DataFrame, times: np.ndarray, texts: Mapping[str, str], theme: Theme) -> None:
    inside = (path["period"] == "donut").to_numpy()
    if not inside.any():
        return
    step = np.diff(times).min() if len(times) > 1 else np.timedelta64(1, "D")
    axes.axvspan(times[inside][0], times[inside][-1] + step, color=theme.donut, zorder=0)
    if theme.narrow:
        return
    middle = times[inside][0] + (times[inside][-1] + step - times[inside][0]) / 2
    axes.text(middle, 0.03, texts["donut"], transform=axes.get_xaxis_transform(), rotation=90, ha="center", va="bottom")


def _lines(axes: Axes, path: pd.DataFrame, times: np.ndarray, theme: Theme) -> None:
    lower, upper = steady(path["lower"]), steady(path["upper"])
    axes.fill_between(times, lower, upper, color=theme.expected, alpha=BAND, zorder=1)
    axes.plot(times, steady(path["expected"]), color=theme.expected, linestyle=(0, (4, 2.2)), linewidth=1.7, zorder=2)
    axes.plot(times, steady(path["observed"]), color=theme.ink, linewidth=1.9, zorder=3)


def _mark_stages(axes: Axes, stages: pd.DataFrame, theme: Theme) -> None:
    """Each stage has its own row above the picture, so that labels of close dates never collide."""
    low, high = axes.get_xlim()
    height = _height(axes)
    for row, item in enumerate(stages.sort_values("time", ascending=False).itertuples()):
        closed = item.kind == "channels_closed"
        colour = theme.exit if closed else theme.stage
        place = date2num(pd.Timestamp(item.time))
        level = 1 + (0.46 + 0.24 * row) / height
        axes.plot(
            [place, place],
            [0, level],
            transform=axes.get_xaxis_transform(),
            color=colour,
            clip_on=False,
            linewidth=1.3 if closed else 1.0,
            linestyle="-" if closed else (0, (1, 1.6)),
            zorder=1.5,
        )
        right_half = (place - low) / (high - low) > (0.45 if theme.narrow else 0.7)
        axes.annotate(
            shorten(item.label, NARROW_LABEL, placeholder=" …") if theme.narrow else item.label,
            (place, level),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-4 if right_half else 4, -1),
            textcoords="offset points",
            ha="right" if right_half else "left",
            va="center",
            annotation_clip=False,
            color=theme.exit if closed else theme.muted,
            fontweight="semibold" if closed else "normal",
        )


def _name_lines(axes: Axes, path: pd.DataFrame, times: np.ndarray, texts: Mapping[str, str], theme: Theme) -> None:
    """The two lines named where they end; the ends are means of the last stretch, which noise does not move."""
    after = path[path["period"] == "post"].tail(6)
    low, high = axes.get_ylim()
    expected, observed = float(after["expected"].mean()), float(after["observed"].mean())
    names = [texts["expected"], texts["observed"]]
    names = [fill(name, 9 if theme.narrow else 17) for name in names]
    lines = 1 + max(name.count("\n") for name in names)
    gap = (0.2 * lines + 0.06) / _height(axes) * (high - low)
    for text, place, colour in zip(names, spread([expected, observed], gap), (theme.expected, theme.ink), strict=True):
        axes.annotate(
            text,
            (times[-1], place),
            xytext=(7, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=colour,
            fontweight="semibold",
            annotation_clip=False,
            linespacing=1.0,
        )
