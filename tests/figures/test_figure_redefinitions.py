"""A redefinition is a thin line of its own with a label; without one the figure is what it was."""

import pytest
from test_figures_drawing import STAGES, TEXTS, weekly

from analysis.figures import _style, observed_expected

CHANGE = {"date": "2019-03-13", "label": "New definition: views", "kind": observed_expected.REDEFINED}


def drawn(stages, theme):
    return _style.to_svg(observed_expected.draw(observed_expected.with_stages(weekly(), stages), TEXTS, theme), theme)


@pytest.mark.parametrize("theme", [_style.LIGHT, _style.narrowed(_style.LIGHT)], ids=["wide", "narrow"])
def test_the_mark_is_drawn_with_its_label(theme) -> None:
    table = observed_expected.with_stages(weekly(), [CHANGE, *STAGES])
    figure = observed_expected.draw(table, TEXTS, theme)
    texts = " ".join(text.get_text().replace("\n", " ") for text in figure.axes[0].texts)
    assert "New definition: views" in texts
    widths = [line.get_linewidth() for line in figure.axes[0].lines]
    assert widths.count(observed_expected.LINES[observed_expected.REDEFINED][0]) == 1


def test_one_outside_the_periods_is_not() -> None:
    assert drawn([{**CHANGE, "date": "2015-01-01"}, *STAGES], _style.LIGHT) == drawn(STAGES, _style.LIGHT)
