"""The tone matrix: every number written, bars as long as shares, hidden cells empty, both widths, any class names."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from analysis.figures import tone_matrix
from analysis.figures._style import DARK, LIGHT, Theme, narrowed, style, to_svg

TEXTS = {"rows": "First message", "columns": "Last message", "hidden": "too few", "locale": "en"}
THREE = ("negative", "neutral", "positive")
FIVE = ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied")
THEMES = [LIGHT, DARK, narrowed(LIGHT)]


def matrix(classes: tuple[str, ...] = THREE) -> pd.DataFrame:
    rows = []
    for place, (period, first, last) in enumerate(product(("Before", "After"), classes, classes)):
        share = round(0.11 + 0.01 * place, 2)
        rows.append(
            {
                "period": period,
                "first": first,
                "last": last,
                "share": share,
                "lower": share - 0.05,
                "upper": share + 0.06,
            }
            | {"text": f"{share:.0%}", "range": f"{share - 0.05:.2f}–{share + 0.06:.2f}"}
        )
    return pd.DataFrame(rows)


def written(figure: object) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark", "narrow"])
def test_every_share_and_its_interval_are_written(theme: Theme) -> None:
    table = matrix()
    words = written(tone_matrix.draw(table, TEXTS, theme))
    for column in ("text", "range", "period"):
        assert set(table[column]) <= set(words)


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark", "narrow"])
def test_drawing_twice_gives_the_same_bytes_and_leaves_the_table(theme: Theme) -> None:
    table = matrix()
    first, second = (to_svg(tone_matrix.draw(table, TEXTS, theme), theme) for _ in range(2))
    assert first == second
    pd.testing.assert_frame_equal(table, matrix())


def test_a_bar_is_as_long_as_its_share() -> None:
    table = matrix()
    axes = tone_matrix.draw(table, TEXTS, LIGHT).axes[0]
    full = 1 - 2 * tone_matrix.INSET
    lengths = sorted(patch.get_width() / full for patch in axes.patches if isinstance(patch, Rectangle))
    for share in table.loc[table["period"] == "Before", "share"]:
        assert np.isclose(lengths, share).any()


def test_a_hidden_cell_has_words_and_no_bar() -> None:
    table = matrix()
    full = len(tone_matrix.draw(table, TEXTS, LIGHT).axes[0].patches)
    table.loc[0, ["share", "lower", "upper"]] = np.nan
    figure = tone_matrix.draw(table, TEXTS, LIGHT)
    assert len(figure.axes[0].patches) == full - 2
    assert written(figure).count("too few") == 1
    assert table.loc[0, "text"] not in written(figure)


def test_a_share_without_an_interval_is_drawn() -> None:
    table = matrix().assign(lower=np.nan, upper=np.nan)
    assert not tone_matrix.draw(table, TEXTS, LIGHT).axes[0].lines


def test_narrow_matrices_stand_below_each_other() -> None:
    wide, narrow = (tone_matrix.draw(matrix(), TEXTS, theme) for theme in (LIGHT, narrowed(LIGHT)))
    first, second = (axes.get_position() for axes in wide.axes)
    assert first.y0 == pytest.approx(second.y0)
    assert first.x1 < second.x0
    first, second = (axes.get_position() for axes in narrow.axes)
    assert first.x0 == pytest.approx(second.x0)
    assert first.y0 > second.y1


@pytest.mark.parametrize("classes", [THREE, FIVE, ("bad", "good")], ids=["three", "five", "two"])
@pytest.mark.parametrize("theme", [LIGHT, narrowed(LIGHT)], ids=["wide", "narrow"])
def test_no_words_run_into_each_other_or_out_of_the_picture(theme: Theme, classes: tuple[str, ...]) -> None:
    with style(theme):
        figure = tone_matrix.draw(matrix(classes), TEXTS, theme)
        figure.canvas.draw()
        boxes = [text.get_window_extent() for axes in figure.axes for text in axes.texts]
    whole = figure.bbox
    for box in boxes:
        assert whole.x0 - 1 <= box.x0
        assert box.x1 <= whole.x1 + 1
        assert whole.y0 - 1 <= box.y0
        assert box.y1 <= whole.y1 + 1
    for place, box in enumerate(boxes):
        for other in boxes[place + 1 :]:
            width = min(box.x1, other.x1) - max(box.x0, other.x0)
            height = min(box.y1, other.y1) - max(box.y0, other.y0)
            # Boxes of two lines of text share some empty pixels; letters do not.
            assert width <= 0 or height <= 0.25 * min(box.height, other.height)
