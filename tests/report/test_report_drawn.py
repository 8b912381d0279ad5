"""A figure is drawn once, and anew as soon as anything it is drawn from differs."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.core.paths import Layout
from analysis.core.store import Store
from analysis.figures import _style as drawing
from analysis.report import drawn as module
from analysis.report.drawn import drawn

pytestmark = pytest.mark.usefixtures("drawn_anew")
TABLE = pd.DataFrame({"value": [1.0, 2.0]})


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[pd.DataFrame]:
    """The tables that the one figure there is was drawn from."""
    made: list[pd.DataFrame] = []

    def draw(table: pd.DataFrame, texts: dict, style: drawing.Theme):
        made.append(table)
        with drawing.style(style):
            figure = drawing.Figure()
            figure.add_subplot().plot(table["value"])
        return figure

    monkeypatch.setattr(module, "discover", lambda *_: {"line": SimpleNamespace(draw=draw)})
    return made


def test_a_figure_is_drawn_once(tmp_path: Path, calls: list) -> None:
    store = Store(Layout.under(tmp_path, "demo"))
    first = drawn(store, "line", TABLE, {"locale": "en"}, drawing.LIGHT, "")
    assert drawn(store, "line", TABLE.copy(), {"locale": "en"}, drawing.LIGHT, "") == first
    assert first.startswith("<svg")
    assert len(calls) == 1


def test_it_is_drawn_anew_when_anything_differs(tmp_path: Path, calls: list, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(Layout.under(tmp_path, "demo"))
    given = ("line", TABLE, {"locale": "en"}, drawing.LIGHT, "")
    drawn(store, *given)
    changes = {1: TABLE * (1 + 1e-15), 2: {"locale": "it"}, 3: drawing.narrowed(drawing.LIGHT), 4: "SIMULATED"}
    for place, other in changes.items():
        drawn(store, *(other if number == place else item for number, item in enumerate(given)))
    assert len(calls) == 1 + len(changes)
    monkeypatch.setattr(module, "_code", lambda: "other code")
    drawn(store, *given)
    assert len(calls) == 2 + len(changes)
