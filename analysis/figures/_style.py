"""What every figure shares: the two themes, the one sans face, axes without a box, and SVG text that never varies."""

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import font_source_sans_pro
import matplotlib
import numpy as np
import pandas as pd
from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, MonthLocator, num2date
from matplotlib.figure import Figure
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis.core import paths
from analysis.figures._svg import adaptive, as_image, compact

WIDE, NARROW = 11.25, 4.25  # inches: 1080 and 408 CSS pixels
WIDE_TEXT, NARROW_TEXT = 12, 11.5  # points
BAND = 0.15
MARK_STRIP = 0.18  # inches above the drawing for the status of its data
MILLION = 1_000_000  # from here on an axis writes 1.5M: the digits would not fit
COLOURS = ("ink", "muted", "grid", "expected", "exit", "stage", "donut", "owned", "retained", "lost")
FAMILIES = ("Source Sans Pro", "DejaVu Sans")
DRAWN_DIGITS = 6  # significant digits kept before drawing, so the last bits of a processor never show


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by meaning, and the width drawn for. Colour is never the only carrier of a meaning."""

    name: str
    ink: str
    muted: str
    grid: str
    expected: str
    exit: str
    stage: str
    donut: str
    owned: str
    retained: str
    lost: str
    paper: str
    width: float = WIDE

    @property
    def narrow(self) -> bool:
        return self.width < (WIDE + NARROW) / 2

    def role(self, role: str) -> str:
        """The colour of a channel's role; ink for anything else."""
        return {"exited": self.exit, "owned": self.owned, "retained": self.retained, "lost": self.lost}.get(
            role, self.ink
        )


COLOURS = ("ink", "muted", "grid", "expected", "exit", "stage", "donut", "owned", "retained", "lost", "paper")

LIGHT = Theme(
    name="light",
    ink="#16202A",
    muted="#565C64",
    grid="#E2E4E6",
    expected="#0B6E99",
    exit="#C8443C",
    stage="#7A7F87",
    donut="#EFEBE3",
    owned="#2A8C82",
    retained="#4A6FA5",
    lost="#A9AFB5",
    paper="#FFFFFF",
)
DARK = Theme(
    name="dark",
    ink="#E6EAEE",
    muted="#A7AEB6",
    grid="#2E363E",
    expected="#5CB6DD",
    exit="#F0827A",
    stage="#8F959D",
    donut="#2B2A27",
    owned="#55BFB3",
    retained="#8DAEE0",
    lost="#747B83",
    paper="#12181E",
)


def narrowed(theme: Theme) -> Theme:
    """The same theme for a telephone: drawn small, so that its letters stay the size of the text beside it."""
    return replace(theme, width=NARROW)


@cache
def _parameters() -> dict[str, object]:
    """Every setting a drawing depends on: the library's defaults under our matplotlibrc, nobody's personal file."""
    folder = Path(font_source_sans_pro.font_directory)
    shipped = (folder, Path(matplotlib.get_data_path()))
    # A machine's own copy of these families may be another version and draw other letters.
    font_manager.fontManager.ttflist = [
        entry
        for entry in font_manager.fontManager.ttflist
        if entry.name not in FAMILIES or any(Path(entry.fname).is_relative_to(place) for place in shipped)
    ]
    for name in ("Regular", "Semibold", "Bold"):
        font_manager.fontManager.addfont(folder / f"SourceSansPro-{name}.ttf")
    own = matplotlib.rc_params_from_file(paths.MATPLOTLIBRC, use_default_template=False)
    both = dict(matplotlib.rcParamsDefault) | dict(own)
    return {name: value for name, value in both.items() if name not in ("backend", "backend_fallback", "interactive")}


@contextmanager
def style(theme: Theme) -> Iterator[None]:
    """Draw and save inside this: settings do not leak in or out."""
    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    with matplotlib.rc_context(), warnings.catch_warnings():
        fonts.setLevel(logging.ERROR)  # that DejaVu has no semibold is known
        warnings.simplefilter("ignore", matplotlib.MatplotlibDeprecationWarning)
        matplotlib.rcParams.update(_parameters())
        matplotlib.rcParams["font.size"] = NARROW_TEXT if theme.narrow else WIDE_TEXT
        for name in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color"):
            matplotlib.rcParams[name] = theme.muted
        matplotlib.rcParams["axes.edgecolor"] = theme.stage
        matplotlib.rcParams["grid.color"] = theme.grid
        try:
            yield
        finally:
            fonts.setLevel(level)


def figure_of(theme: Theme, height: float) -> Figure:
    """An empty transparent figure, ``height`` in inches."""
    return Figure(figsize=(theme.width, height), facecolor="none")


def axes_in(figure: Figure, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes with margins in inches, so that labels keep their room at every width."""
    width, height = figure.get_size_inches()
    box = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    axes = figure.add_axes(box)
    axes.set_facecolor("none")
    return axes


def text_width(text: str, theme: Theme, *, bold: bool = False) -> float:
    """The widest line of a text as it will be drawn, in inches: so that room is kept for what is there."""
    return _width(text, theme.narrow, bold)


@cache
def _width(text: str, narrow: bool, bold: bool) -> float:
    """The same text is measured for each drawing that holds it, and while its lines are broken."""
    _parameters()  # for our faces
    size = NARROW_TEXT if narrow else WIDE_TEXT
    face = font_manager.FontProperties(family=FAMILIES[0], weight="semibold" if bold else "normal", size=size)
    with warnings.catch_warnings(action="ignore"):  # a letter that the face lacks has the width of the box drawn for it
        lines = [text_to_path.get_text_width_height_descent(line, face, False)[0] for line in text.split("\n")]
    return max(lines) / 72


def wrapped(text: str, inches: float, theme: Theme, *, bold: bool = False) -> str:
    """The text broken into lines of at most ``inches``, between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, theme, bold=bold) <= inches:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def steady(values: object) -> np.ndarray:
    """Numbers to six significant digits, as floats; what is missing stays missing."""
    array = np.asarray(values, dtype=float)
    return np.array(
        [float(f"{value:.{DRAWN_DIGITS}g}") if np.isfinite(value) else np.nan for value in array.ravel()]
    ).reshape(array.shape)


def dates(values: object) -> np.ndarray:
    return pd.to_datetime(pd.Series(list(values))).to_numpy()


def mark(figure: Figure, words: str, theme: Theme) -> None:
    """The status of data that are not real, inside the drawing: it travels with a picture that is pasted elsewhere.

    It stands in a strip of its own that is added on top, so that it is on nothing that was drawn.
    """
    width, height = figure.get_size_inches()
    drawn = height / (height + MARK_STRIP)
    boxes = {axes: axes.get_position().bounds for axes in figure.axes}
    figure.set_size_inches(width, height + MARK_STRIP)
    for axes, (left, bottom, wide, tall) in boxes.items():
        axes.set_position((left, bottom * drawn, wide, tall * drawn))
    with style(theme):
        figure.text(0.997, 0.999, words, ha="right", va="top", color=theme.muted, fontsize=9, fontweight="semibold")


def count_axis(axis: object, texts: Mapping[str, str], *, ticks: int = 5) -> None:
    """Ticks written as the reader writes numbers."""
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _number(value, texts)))


def percent_axis(axis: object, texts: Mapping[str, str], *, ticks: int = 6) -> None:
    """Ticks of shares, written as per cent with their sign."""
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{_number(100 * value, texts)}\u00a0%"))


def _number(value: float, texts: Mapping[str, str]) -> str:
    locale, number = texts.get("locale", "en"), round(float(value), 6) + 0.0
    if abs(number) >= MILLION:
        return format_compact_decimal(number, fraction_digits=1, locale=locale).replace("-", "−")
    return format_decimal(number, format="#,##0.##", locale=locale).replace("-", "−")


def date_axis(axes: Axes, texts: Mapping[str, str], theme: Theme, *, ticks: int | None = None) -> None:
    """Month and year, as many as fit."""
    most = ticks or (4 if theme.narrow else 9)
    axes.xaxis.set_major_locator(_month_locator(axes, most))

    def written(value: float, _: object) -> str:
        day = num2date(value).date()
        low, high = axes.get_xlim()
        pattern = "d MMM" if high - low < 75 else "MMM\nyyyy" if not theme.narrow else "MMM\nyy"
        return format_date(day, format=pattern, locale=texts.get("locale", "en"))

    axes.xaxis.set_major_formatter(FuncFormatter(written))


def _month_locator(axes: Axes, most: int) -> AutoDateLocator | MonthLocator:
    """The finest of months, quarters, half-years and years that gives no more than ``most`` ticks."""
    low, high = axes.get_xlim()
    months = (high - low) / 30.44
    if months < 2.5:
        return AutoDateLocator(minticks=2, maxticks=most)
    every = next((step for step in (1, 2, 3, 6) if months / step <= most), 12)
    return MonthLocator(bymonth=range(1, 13, every))


def spread(positions: list[float], gap: float) -> list[float]:
    """The positions moved apart, in order, so that neighbours are at least ``gap`` away from each other."""
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    placed = list(positions)
    for lower, upper in pairwise(order):
        short = gap - (placed[upper] - placed[lower])
        if short > 0:
            placed[lower] -= short / 2
            placed[upper] = placed[lower] + gap
    return placed


def to_svg(figure: Figure, theme: Theme = LIGHT) -> str:
    """The one SVG text of a figure: no date, no random ids, letters as paths, two decimals of a point."""
    stream = io.StringIO()
    with style(theme):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return compact(stream.getvalue())


def image_of(svg: str) -> str:
    """A drawing in light colours as the address of an image that turns dark with the page it stands on."""
    return as_image(adaptive(svg, {getattr(LIGHT, name): getattr(DARK, name) for name in COLOURS}))
