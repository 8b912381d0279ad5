"""Figures of journeys: the same bytes twice, both widths, every number written, missing values, nothing outside."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis.figures import cumulative_incidence, equal_treatment, stage_times
from analysis.figures._style import DARK, LIGHT, Theme, narrowed, style, to_svg

TEXTS = {
    "axis": "Hours",
    "unit": "Share of cases",
    "before": "before",
    "after": "after",
    "zone": "alike",
    "locale": "en",
}
THEMES = [LIGHT, DARK, narrowed(LIGHT)]
NAMES = ["light", "dark", "narrow"]


def curves() -> pd.DataFrame:
    hours = np.linspace(0, 72, 25)
    parts = []
    for cause, top in (("outcome", 0.8), ("abandoned", 0.15)):
        for period, speed in (("before", 20.0), ("after", 15.0)):
            share = top * (1 - np.exp(-hours / speed))
            bounds = {
                "lower": np.where(hours > 0, share - 0.02, np.nan),
                "upper": np.where(hours > 0, share + 0.02, np.nan),
            }
            part = pd.DataFrame({"period": period, "cause": cause, "hours": hours, "incidence": share} | bounds)
            parts.append(part.assign(label=f"{cause}, {period}"))
    return pd.concat(parts, ignore_index=True)


STAGES = pd.DataFrame(
    {
        "label": [
            "first message to private request",
            "private request to taking in charge",
            "taking in charge to outcome",
        ],
        "share_before": [0.3, 0.1, 0.6],
        "share_after": [0.05, 0.15, 0.8],
        "text_before": ["30.0 %", "10.0 %", "60.0 %"],
        "text_after": ["5.0 %", "15.0 %", "80.0 %"],
    }
)
GROUPS = pd.DataFrame(
    {
        "attribute": ["followers", "followers", "language", "language"],
        "group": ["many", "some", "de", "en"],
        "reference": ["few", "few", "it", "it"],
        "ratio": [0.95, 1.1, 1.6, np.nan],
        "lower": [0.9, 0.7, 1.4, np.nan],
        "upper": [1.05, 1.7, 1.9, np.nan],
        "margin": 0.25,
        "verdict": ["alike", "unsettled", "not alike", "unsettled"],
        "text": ["0.95", "1.10", "1.60", "–"],
    }
)
DRAWN = [(cumulative_incidence, curves()), (stage_times, STAGES), (equal_treatment, GROUPS)]
IDS = [module.NAME for module, _ in DRAWN]


def written(figure: object) -> str:
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
@pytest.mark.parametrize(("module", "table"), DRAWN, ids=IDS)
def test_drawing_twice_gives_the_same_bytes_and_leaves_everything(module, table, theme: Theme) -> None:
    settings, before = dict(matplotlib.rcParams), table.copy(deep=True)
    first, second = (to_svg(module.draw(table, TEXTS, theme), theme) for _ in range(2))
    assert first == second
    assert dict(matplotlib.rcParams) == settings
    pd.testing.assert_frame_equal(table, before)
    assert "<text" not in first
    assert 'href="http' not in first


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
@pytest.mark.parametrize(("module", "table"), DRAWN, ids=IDS)
def test_the_last_bits_do_not_show(module, table, theme: Theme) -> None:
    nudged = table.copy()
    for column in nudged.select_dtypes("float"):
        nudged[column] = nudged[column] * (1 + 1e-13)
    assert to_svg(module.draw(nudged, TEXTS, theme), theme) == to_svg(module.draw(table, TEXTS, theme), theme)


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
@pytest.mark.parametrize(("module", "table"), DRAWN, ids=IDS)
def test_no_words_leave_the_picture(module, table, theme: Theme) -> None:
    figure = module.draw(table, TEXTS, theme)
    with style(theme):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        width, height = figure.get_size_inches() * figure.dpi
        for axes in figure.axes:
            near, far = axes.get_xlim()
            ticks = [tick for tick in axes.get_xticklabels() if near <= tick.get_position()[0] <= far]
            for text in (*axes.texts, axes.xaxis.label, *ticks):
                box = text.get_window_extent(renderer)
                low, high = min(box.x0, box.y0), max(box.x1 - width, box.y1 - height)
                assert (low >= -2 and high <= 2) or not text.get_text(), text.get_text()


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
def test_every_curve_is_named_and_dashed_before(theme: Theme) -> None:
    figure = cumulative_incidence.draw(curves(), TEXTS, theme)
    said = written(figure).replace("\n", " ")
    for label in curves()["label"].unique():
        assert label in said
    dashes = {line.get_linestyle() for line in figure.axes[0].lines}
    assert dashes == {"-", "--"}
    assert figure.axes[0].get_ylim()[0] == 0


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
def test_every_share_is_written_and_bars_start_at_zero(theme: Theme) -> None:
    axes = stage_times.draw(STAGES, TEXTS, theme).axes[0]
    said = written(axes.figure)
    for text in (*STAGES["text_before"], *STAGES["text_after"]):
        assert text in said
    assert axes.get_xlim()[0] == 0
    assert sorted(bar.get_width() for bar in axes.patches) == sorted([*STAGES["share_before"], *STAGES["share_after"]])


@pytest.mark.parametrize("theme", THEMES, ids=NAMES)
def test_the_forest_shows_the_margin_and_a_mark_for_each_verdict(theme: Theme) -> None:
    axes = equal_treatment.draw(GROUPS, TEXTS, theme).axes[0]
    zone = axes.collections[0].get_paths()[0].get_extents()
    assert (zone.x0, zone.x1) == pytest.approx((0.8, 1.25))
    marks = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    assert [line.get_marker() for line in marks] == ["o", "o", "D"]
    low, high = axes.get_xlim()
    assert low * high == pytest.approx(1.0, rel=1e-4)
    for text in GROUPS["text"]:
        assert text in written(axes.figure)


def test_a_ratio_out_of_bounds_is_cut_at_the_edge() -> None:
    wild = GROUPS.assign(upper=[1.05, 400.0, 1.9, np.nan])
    assert equal_treatment.draw(wild, TEXTS, LIGHT).axes[0].get_xlim()[1] < 20
