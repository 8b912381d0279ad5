"""Every figure: the same bytes twice, both themes, both widths, nothing remote, nothing left in global state."""

import matplotlib
import pandas as pd
import pytest

from analysis import figures
from analysis.core.discovery import discover
from analysis.figures import _style, observed_expected

FIGURES = discover(figures, "draw")
TEXTS = {
    "locale": "en",
    "unit": "Contacts a week",
    "observed": "observed",
    "expected": "expected without the exit",
    "donut": "left out",
    "zero": "yes",
    "axis": "Share",
    "exit": "2019-06-01",
    "exit_label": "closed",
    "treated": "Brand",
    "peers": "peers",
    "event": "6 May",
    "ordinary": "days",
    "range": "95 %",
}


def weekly() -> pd.DataFrame:
    time = pd.date_range("2018-12-31", periods=40, freq="7D").strftime("%Y-%m-%d")
    period = ["pre"] * 18 + ["donut"] * 4 + ["post"] * 18
    values = {
        name: [base + index % 5 for index in range(40)]
        for name, base in {"observed": 100, "expected": 110, "lower": 100, "upper": 120}.items()
    }
    return pd.DataFrame({"time": time, "period": period, **values})


STAGES = [
    {"date": "2019-05-04", "label": "Announced", "kind": "announced"},
    {"date": "2019-06-01", "label": "Closed", "kind": "channels_closed"},
    {"date": "2010-01-01", "label": "Long ago", "kind": "other"},
]
ROWS = pd.DataFrame(
    {
        "label": ["Phone", "Lost"],
        "role": ["owned", "lost"],
        "ratio": [0.4, 0.6],
        "lower": [0.1, 0.2],
        "upper": [0.7, 0.9],
        "text": ["40 %", "60 %"],
    }
)
TABLES = {
    "observed_expected": observed_expected.with_stages(weekly(), STAGES),
    "diversion": ROWS,
    "effects_forest": ROWS.rename(columns={"ratio": "relative"}).assign(
        primary=[True, False], margin=[0.1, float("nan")]
    ),
    "volumes_by_channel": pd.concat(
        [
            weekly()
            .rename(columns={"time": "week", "observed": "contacts"})
            .assign(channel=name, label=name, role="owned")
            for name in ("phone", "chat", "email")
        ]
    ),
    "placebo_space": pd.DataFrame(
        {"unit": list("abcdef"), "effect": [-0.5, 0.1, 0.1, 0.0, -0.1, 0.05], "treated": [True] + [False] * 5}
    ),
    "stage_timeline": pd.DataFrame(
        {
            "first": ["2019-01-01", "2019-05-04", "2019-05-09"],
            "last": ["2019-04-30", "2019-05-04", "2019-05-12"],
            "label": ["before", "Announced", "Results"],
            "kind": ["pre", "announced", "event"],
        }
    ),
    "market_reaction": pd.DataFrame(
        {
            "kind": ["ordinary"] * 20 + ["event", "range", "range"],
            "value": [index / 1000 - 0.01 for index in range(20)] + [-0.009, -0.02, 0.02],
        }
    ),
}


def test_every_figure_is_tried():
    assert set(TABLES) == set(FIGURES)


@pytest.mark.parametrize(
    "theme", [_style.LIGHT, _style.DARK, _style.narrowed(_style.LIGHT)], ids=["light", "dark", "narrow"]
)
@pytest.mark.parametrize("name", FIGURES)
def test_drawing_is_deterministic_and_self_contained(name, theme):
    before, table = dict(matplotlib.rcParams), TABLES[name].copy(deep=True)
    first, second = (_style.to_svg(FIGURES[name].draw(table, TEXTS, theme), theme) for _ in range(2))
    assert first == second
    assert dict(matplotlib.rcParams) == before
    pd.testing.assert_frame_equal(table, TABLES[name])
    assert first.startswith("<svg")
    assert "<text" not in first  # letters are paths
    assert "<script" not in first
    assert "<metadata" not in first
    assert 'href="http' not in first


@pytest.mark.parametrize("name", FIGURES)
def test_the_last_bits_do_not_show(name):
    nudged = TABLES[name].copy()
    for column in nudged.select_dtypes("float"):
        nudged[column] = nudged[column] * (1 + 1e-13)
    assert _style.to_svg(FIGURES[name].draw(nudged, TEXTS, _style.LIGHT)) == _style.to_svg(
        FIGURES[name].draw(TABLES[name], TEXTS, _style.LIGHT)
    )


def test_the_art_directions_colours_are_exact():
    light = _style.LIGHT
    assert (light.ink, light.expected, light.exit, light.stage, light.donut) == (
        "#16202A",
        "#0B6E99",
        "#C8443C",
        "#7A7F87",
        "#EFEBE3",
    )
    assert (light.role("owned"), light.role("retained"), light.role("exited"), light.role("lost")) == (
        "#2A8C82",
        "#4A6FA5",
        "#C8443C",
        "#A9AFB5",
    )
    assert _style.BAND == 0.15


@pytest.mark.parametrize(
    ("theme", "paper"), [(_style.LIGHT, "#FFFFFF"), (_style.DARK, "#12181E")], ids=["light", "dark"]
)
def test_label_colours_reach_contrast_aa(theme, paper):
    for colour in (theme.ink, theme.muted, theme.expected, theme.exit):
        assert contrast(colour, paper) >= 4.5, colour


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_stages_outside_the_picture_are_not_drawn():
    labels = TABLES["observed_expected"].query("period == 'stage'")["label"].tolist()
    assert labels == ["Announced", "Closed"]


def test_labels_are_spread_apart_in_order():
    placed = _style.spread([10.0, 10.5, 30.0], 4)
    assert placed[1] - placed[0] == pytest.approx(4)
    assert placed[2] == 30.0


def test_volumes_start_at_zero():
    axes = FIGURES["observed_expected"].draw(TABLES["observed_expected"], TEXTS, _style.LIGHT).axes[0]
    assert axes.get_ylim()[0] == 0
    assert all(
        axes.get_ylim()[0] == 0
        for axes in FIGURES["volumes_by_channel"].draw(TABLES["volumes_by_channel"], TEXTS, _style.LIGHT).axes
    )
