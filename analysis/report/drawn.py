"""A figure is drawn once: the chapter that shows it first keeps the drawing, the page takes what is kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple
from functools import cache
from pathlib import Path

import matplotlib
import pandas as pd

from analysis import figures
from analysis.core import artefacts
from analysis.core.discovery import discover, pick
from analysis.core.store import Store
from analysis.figures import _style as drawing


def drawn(
    store: Store, kind: str, table: pd.DataFrame, texts: Mapping[str, str], style: drawing.Theme, mark: str
) -> str:
    """The SVG of a figure with ``mark`` (the status of data that are not real; empty for real ones) behind it.

    Kept under everything that it is drawn from: the figure's code, its table to the last digit, texts, style, mark.
    """
    sources = [kind, _code(), table.to_csv(), artefacts.canonical_json(dict(texts)), repr(astuple(style)), mark]
    key = hashlib.sha256("\0".join(sources).encode()).hexdigest()
    kept = store.drawing(key)
    if kept is not None:
        return kept
    figure = pick(discover(figures, "draw"), kind, "figure").draw(table, texts, style)
    if mark:
        drawing.mark(figure, mark, style)
    svg = drawing.to_svg(figure, style)
    store.write_drawing(key, svg)
    return svg


@cache
def _code() -> str:
    """What the figures' code says, and the library that draws."""
    digest = hashlib.sha256(matplotlib.__version__.encode())
    for file in sorted(Path(figures.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
