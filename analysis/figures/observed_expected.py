"""Observed against what was expected without the exit, with its band, the stages and the donut."""

from collections.abc import Mapping
from textwrap import fill

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
    text_width,
    wrapped,
)

NAME = "observed_expected"
LABEL = "Observed and expected, by period"
REFERENCE = "Brodersen et al. 2015, Annals of Applied Statistics 9:247, first panel of figure 1"

STAGE = "stage"
REDEFINED = "redefined"  # a stage of the platform: what is counted changed
POST = "post"
BOUNDS, JOINT = ("lower", "upper"), ("joint_lower", "joint_upper")
COLUMNS = ("time", "period", "observed", "expected", *BOUNDS, *JOINT, "label", "kind", "left_out")
DASHED = (0, (4, 2.2))
DOTTED = (0, (1, 2.2))  # the band that holds for all periods at once
LINES = {"channels_closed": (1.3, "-"), REDEFINED: (0.8, (0, (7, 2, 1, 2)))}  # width and dashes of upright lines
ROW = 0.24  # inches: one line of text above the picture
KEY_WIDTH = 3.9  # inches that a line of the key may take on a narrow page
# Where peaks reach beyond three times what the lines stay under 98 % of the time, they would press the rest flat.
USUAL, FLATTENED, CAPPED = 0.98, 3.0, 1.5


def with_stages(path: pd.DataFrame, stages: list[Mapping[str, str]]) -> pd.DataFrame:
    """The path of an effect and the brand's stages (keys date, label, kind; ``REDEFINED``: a change of what is
    counted) as one table."""
    times = pd.to_datetime(path["time"])
    seen = [stage for stage in stages if times.min() <= pd.Timestamp(stage["date"]) <= times.max()]
    rows = [{"time": item["date"], "period": STAGE, "label": item["label"], "kind": item["kind"]} for item in seen]
    parts = [path.astype({"time": "object"}), *([pd.DataFrame(rows)] if rows else [])]
    return pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))


def reach_of(path: pd.DataFrame) -> float:
    """The highest thing there is to draw: the two lines, and the bands from the event on."""
    after = path.loc[path["period"] == POST, ["upper", "joint_upper"]].to_numpy(float).ravel()
    return float(np.nanmax(np.concatenate([path[["observed", "expected"]].to_numpy(float).ravel(), after])))


def top_of(path: pd.DataFrame) -> float:
    """Where the axis ends: above everything, unless a few peaks would press all the rest flat."""
    lines = path[["observed", "expected"]].to_numpy(float)
    usual = float(np.nanquantile(lines, USUAL))
    reach = reach_of(path)
    return reach if reach <= FLATTENED * usual else max(CAPPED * usual, float(np.nanmedian(lines)))


def draw(table: pd.DataFrame, texts: Mapping[str, str], theme: Theme) -> Figure:
    """``table``: one row a period and one a stage (see with_stages), natural units; left_out marks periods inside the
    windows that the estimate does not count.

    ``texts``: unit, observed, expected, donut, locale, where needed left_out; ``zero`` = "yes" draws the y axis from
    zero (volumes).
    """
    path = table[table["period"] != STAGE]
    stages = table[table["period"] == STAGE].sort_values("time", kind="stable")
    with style(theme):
        labels = _stage_labels(stages, theme)
        lines = sum(label.count("\n") + 1 for label in labels)
        top = (1.0 if theme.narrow else 0.5) + ROW * lines
        figure = figure_of(theme, 3.0 + top if theme.narrow else 4.9)
        axes = axes_in(figure, left=0.62, right=0.2 if theme.narrow else 1.55, top=top, bottom=0.62)
        times = dates(path["time"])
        _shade(axes, path, times, texts, theme)
        _lines(axes, path, times, theme)
        axes.set_xlim(times[0], times[-1])
        if texts.get("zero") == "yes":
            axes.set_ylim(bottom=0, top=1.04 * top_of(path))
        (_key_stages if theme.narrow else _mark_stages)(axes, stages, labels, theme)
        date_axis(axes, texts, theme)
        count_axis(axes.yaxis, texts)
        (_key_lines if theme.narrow else _name_lines)(axes, path, times, texts, theme)
        above = 0.26 if theme.narrow and len(stages) else 0.1  # clear of the stages' numbers
        axes.text(0, 1 + above / _height(axes), texts["unit"], transform=axes.transAxes, ha="left", va="bottom")
    return figure


def _height(axes: Axes) -> float:
    """Height of the axes in inches."""
    return axes.get_position().height * axes.figure.get_size_inches()[1]


def _stage_labels(stages: pd.DataFrame, theme: Theme) -> list[str]:
    """The stages' labels in order of time; on a narrow page numbered and wrapped, to stand in a key above."""
    if not theme.narrow:
        return [str(label) for label in stages["label"]]
    return [wrapped(f"{number} {label}", KEY_WIDTH, theme) for number, label in enumerate(stages["label"], 1)]


def _shade(axes: Axes, path: pd.DataFrame, times: np.ndarray, texts: Mapping[str, str], theme: Theme) -> None:
    """The time between announcement and exit, and the periods left out because something else happened in them."""
    step = np.diff(times).min() if len(times) > 1 else np.timedelta64(1, "D")
    inside = (path["period"] == "donut").to_numpy()
    if inside.any():
        axes.axvspan(times[inside][0], times[inside][-1] + step, color=theme.donut, zorder=0)
        if not theme.narrow:
            _upright(axes, times[inside][0], times[inside][-1] + step, texts["donut"])
    left_out = (path["left_out"].astype("object").eq(True)).to_numpy() & ~inside
    named = False
    for first, last in _runs(left_out):
        start, end = times[first] - step / 2, times[last] + step / 2
        axes.axvspan(start, end, facecolor="none", edgecolor=theme.lost, hatch="////", linewidth=0, zorder=0)
        wide = (last - first + 1) * step >= 0.012 * (times[-1] - times[0])
        if not theme.narrow and not named and wide:
            _upright(axes, start - 2 * step, start, texts.get("left_out", texts["donut"]))
            named = True


def _upright(axes: Axes, first: object, last: object, text: str) -> None:
    middle = first + (last - first) / 2
    axes.text(middle, 0.03, text, transform=axes.get_xaxis_transform(), rotation=90, ha="center", va="bottom")


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last place of each stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _lines(axes: Axes, path: pd.DataFrame, times: np.ndarray, theme: Theme) -> None:
    """The band from the event on alone: before it the line is a fit, and its band would say something else."""
    after = (path["period"] == POST).to_numpy()
    lower, upper = (np.where(after, steady(path[end]), np.nan) for end in BOUNDS)
    axes.fill_between(times, lower, upper, color=theme.expected, alpha=BAND, zorder=1)
    for end in JOINT:
        line = np.where(after, steady(path[end]), np.nan)
        axes.plot(times, line, color=theme.expected, linestyle=DOTTED, linewidth=0.9, zorder=1.2)
    axes.plot(times, steady(path["expected"]), color=theme.expected, linestyle=DASHED, linewidth=1.7, zorder=2)
    axes.plot(times, steady(path["observed"]), color=theme.ink, linewidth=1.9, zorder=3)


def _line_of(axes: Axes, item: object, level: float, theme: Theme) -> tuple[float, str]:
    """A stage's upright line up to ``level`` (a share of the axes); its place and colour."""
    closed = item.kind == "channels_closed"
    colour = theme.exit if closed else theme.stage
    width, dashes = LINES.get(item.kind, (1.0, (0, (1, 1.6))))
    place = date2num(pd.Timestamp(item.time))
    axes.plot(
        [place, place],
        [0, level],
        transform=axes.get_xaxis_transform(),
        color=colour,
        clip_on=False,
        linewidth=width,
        linestyle=dashes,
        zorder=1.5,
    )
    return place, theme.exit if closed else theme.muted


def _mark_stages(axes: Axes, stages: pd.DataFrame, labels: list[str], theme: Theme) -> None:
    """Each stage has its own row above the picture, so that labels of close dates never collide."""
    low, high = axes.get_xlim()
    height = _height(axes)
    for row, (item, label) in enumerate(reversed(list(zip(stages.itertuples(), labels, strict=True)))):
        level = 1 + (0.46 + ROW * row) / height
        place, colour = _line_of(axes, item, level, theme)
        right_half = (place - low) / (high - low) > 0.7
        axes.annotate(
            label,
            (place, level),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-4 if right_half else 4, -1),
            textcoords="offset points",
            ha="right" if right_half else "left",
            va="center",
            annotation_clip=False,
            color=colour,
            fontweight="semibold" if item.kind == "channels_closed" else "normal",
        )


def _key_stages(axes: Axes, stages: pd.DataFrame, labels: list[str], theme: Theme) -> None:
    """On a narrow page: a number on each line, and what the numbers mean above the picture."""
    low, high = axes.get_xlim()
    height, width = _height(axes), axes.get_position().width * theme.width
    places = [date2num(pd.Timestamp(item.time)) for item in stages.itertuples()]
    spaced = spread(places, 0.11 / width * (high - low))
    above = 0.92 + ROW * sum(label.count("\n") + 1 for label in labels)
    for number, (item, label, place) in enumerate(zip(stages.itertuples(), labels, spaced, strict=True), 1):
        _, colour = _line_of(axes, item, 1, theme)
        weight = "semibold" if item.kind == "channels_closed" else "normal"
        axes.annotate(
            str(number), (place, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 2), textcoords="offset points",
            ha="center", va="bottom", annotation_clip=False, color=colour, fontweight=weight,
        )  # fmt: skip
        axes.text(
            -0.5 / width, 1 + above / height, label, transform=axes.transAxes, ha="left", va="top", color=colour,
            fontweight=weight, linespacing=1.1,
        )  # fmt: skip
        above -= ROW * (label.count("\n") + 1)


def _key_lines(axes: Axes, path: pd.DataFrame, times: np.ndarray, texts: Mapping[str, str], theme: Theme) -> None:
    """On a narrow page the two lines are named above the picture, where no line runs through their names."""
    height, width = _height(axes), axes.get_position().width * theme.width
    level, start = 1 + 0.56 / height, -0.5 / width
    for text, colour, dashes in ((texts["observed"], theme.ink, "-"), (texts["expected"], theme.expected, DASHED)):
        axes.plot(
            [start, start + 0.24 / width], [level, level], transform=axes.transAxes, clip_on=False, color=colour,
            linestyle=dashes, linewidth=1.9,
        )  # fmt: skip
        axes.text(
            start + 0.3 / width, level, text, transform=axes.transAxes, ha="left", va="center", color=colour,
            fontweight="semibold",
        )  # fmt: skip
        start += (0.5 + text_width(text, theme, bold=True)) / width


def _name_lines(axes: Axes, path: pd.DataFrame, times: np.ndarray, texts: Mapping[str, str], theme: Theme) -> None:
    """The two lines named where they end; the ends are means of the last stretch, which noise does not move."""
    after = path[path["period"] == "post"].tail(6)
    low, high = axes.get_ylim()
    expected, observed = (min(float(after[name].mean()), high) for name in ("expected", "observed"))
    names = [texts["expected"], texts["observed"]]
    names = [fill(name, 17) for name in names]
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
