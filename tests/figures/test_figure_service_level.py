"""Service level against agents: what is drawn is what the table says, in every theme and width."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analysis.figures import _style, service_level

THEMES = [_style.LIGHT, _style.DARK, _style.narrowed(_style.LIGHT)]
TEXTS = {"locale": "en", "axis": "Agents", "unit": "Answered in time", "target": "the target"}


def rows(scenario: str, shift: int, *, first: int = 8, last: int = 30) -> pd.DataFrame:
    agents = np.arange(first, last)
    middle, low, high = (1 / (1 + np.exp(-(agents - 15 - shift + off) / 2)) for off in (0.0, -1.2, 1.2))
    return pd.DataFrame({"agents": agents, "service_level": middle, "lower": low, "upper": high}).assign(
        scenario=scenario, label=f"{scenario} the exit", target=0.8
    )


TABLE = pd.concat([rows("without", 0), rows("with", 4)], ignore_index=True)


def drawn(table: pd.DataFrame = TABLE, theme: _style.Theme = _style.LIGHT) -> Figure:
    return service_level.draw(table, TEXTS, theme)


def lines(figure: Figure) -> list[np.ndarray]:
    return [line.get_xydata() for line in figure.axes[0].lines]


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark", "narrow"])
def test_the_same_bytes_twice_and_nothing_left_behind(theme: _style.Theme) -> None:
    before, table = dict(matplotlib.rcParams), TABLE.copy(deep=True)
    first, second = (_style.to_svg(drawn(table, theme), theme) for _ in range(2))
    assert first == second
    assert "<text" not in first
    assert dict(matplotlib.rcParams) == before
    pd.testing.assert_frame_equal(table, TABLE)
    # The last bits of a processor never show.
    nudged = TABLE.assign(service_level=TABLE["service_level"] * (1 + 1e-13))
    assert _style.to_svg(drawn(nudged, theme), theme) == first


def test_curves_bands_and_target_are_the_tables() -> None:
    figure = drawn()
    for scenario in ("without", "with"):
        part = TABLE[TABLE["scenario"] == scenario]
        curve = _style.steady(part[["agents", "service_level"]])
        assert any(line.shape == curve.shape and np.allclose(line, curve) for line in lines(figure))
    bands = [band.get_paths()[0].vertices for band in figure.axes[0].collections]
    assert len(bands) == 2
    for band, scenario in zip(bands, ("without", "with"), strict=True):
        part = TABLE[TABLE["scenario"] == scenario]
        assert band[:, 1].max() == pytest.approx(part["upper"].max(), rel=1e-5)
        assert band[:, 1].min() == pytest.approx(part["lower"].min(), rel=1e-5)
    assert any(np.allclose(line[:, 1], 0.8) and len(line) == 2 for line in lines(figure))


def test_dots_mark_the_fewest_agents_that_reach_the_target() -> None:
    dots = [line for line in lines(drawn()) if len(line) == 1]
    expected = [
        TABLE.loc[(TABLE["scenario"] == name) & (TABLE["service_level"] >= 0.8), "agents"].min()
        for name in ("without", "with")
    ]
    assert [dot[0, 0] for dot in dots] == expected
    # A target that no number shown reaches has no dot, and the figure is drawn all the same.
    assert not [line for line in lines(drawn(rows("with", 0, last=14))) if len(line) == 1]


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark", "narrow"])
@pytest.mark.parametrize(("shift", "ends"), [(-6, (8, 30)), (0, (8, 30)), (4, (8, 30)), (12, (8, 30)), (2, (18, 24))])
def test_names_stay_inside_and_apart(theme: _style.Theme, shift: int, ends: tuple[int, int]) -> None:
    pair = (("without", 0), ("with", shift))
    table = pd.concat([rows(name, by, first=ends[0], last=ends[1]) for name, by in pair], ignore_index=True)
    figure = drawn(table, theme)
    with _style.style(theme):
        figure.canvas.draw()
        names = [text for text in figure.axes[0].texts if text.get_text().replace("\n", " ").endswith("the exit")]
        boxes = [name.get_window_extent() for name in names]
    assert len(names) == 2
    page = figure.bbox
    for box in boxes:
        assert page.x0 <= box.x0 < box.x1 <= page.x1
    assert not boxes[0].overlaps(boxes[1])
    # Neither name covers a curve: the left one lies left of it, the right one right of it.
    for name, box in zip(names, boxes, strict=True):
        part = table[table["label"] == name.get_text().replace("\n", " ")]
        curve = figure.axes[0].transData.transform(part[["agents", "service_level"]].to_numpy())
        inside = (curve[:, 0] > box.x0) & (curve[:, 0] < box.x1) & (curve[:, 1] > box.y0) & (curve[:, 1] < box.y1)
        assert not inside.any()


def test_colour_is_not_the_only_difference() -> None:
    styles = {line.get_linestyle() for line in drawn().axes[0].lines if len(line.get_xydata()) == 22}
    assert {"-", "--"} <= styles


def test_one_scenario_is_named_too() -> None:
    figure = drawn(rows("with", 0))
    assert [text.get_text() for text in figure.axes[0].texts if "exit" in text.get_text()] == ["with the exit"]
