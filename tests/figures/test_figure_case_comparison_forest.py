"""Cases side by side: a range that runs away does not press the cases flat, and says that it goes on."""

import pandas as pd
import pytest

from analysis.figures import _style
from analysis.figures.case_comparison_forest import draw

TEXTS = {"axis": "Change", "locale": "en"}


def table(**last: float) -> pd.DataFrame:
    rows = [
        ("One", "case", -0.1, -0.2, 0.0, 0.25),
        ("Two", "case", 0.2, 0.1, 0.3, 0.75),
        ("Average", "pooled", 0.1, -0.1, 0.3, float("nan")),
        ("Next", "prediction", float("nan"), last["lower"], last["upper"], float("nan")),
    ]
    frame = pd.DataFrame(rows, columns=["label", "kind", "point", "lower", "upper", "weight"])
    return frame.assign(text=frame["label"])


def test_a_case_that_weighs_more_has_the_larger_square():
    axes = draw(table(lower=-0.3, upper=0.4), TEXTS, _style.LIGHT).axes[0]
    squares = [line.get_markersize() for line in axes.lines if line.get_marker() == "s"]
    assert squares[1] > squares[0]


@pytest.mark.parametrize(("upper", "arrows"), [(0.4, 0), (40.0, 1)])
def test_what_goes_on_beyond_the_picture_has_an_arrow(upper, arrows):
    axes = draw(table(lower=-0.3, upper=upper), TEXTS, _style.LIGHT).axes[0]
    assert sum(line.get_marker() == ">" for line in axes.lines) == arrows
    assert axes.get_xlim()[1] < 0.7
