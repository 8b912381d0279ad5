"""Every figure: the same bytes twice, both themes, both widths, nothing remote, nothing left in global state."""

import re
from urllib.parse import unquote

import matplotlib
import matplotlib.dates
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis import figures
from analysis.core.discovery import discover
from analysis.figures import _style, _svg, observed_expected

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
    "before": "before",
    "after": "after",
    "zone": "alike",
    "rows": "first",
    "columns": "last",
    "hidden": "too few",
    "target": "target",
    "declared": "as declared",
    "furthest": "without A",
    "margin": "matters",
    "margin_share": "0.05",
    "nominal": "may",
    "pointwise": "A week",
    "cumulative": "Adding up",
    "total_lower": "-250",
    "total_upper": "-120",
}


def weekly() -> pd.DataFrame:
    time = pd.date_range("2018-12-31", periods=40, freq="7D").strftime("%Y-%m-%d")
    period = ["pre"] * 18 + ["donut"] * 4 + ["post"] * 18
    bases = {"observed": 100, "expected": 110, "lower": 100, "upper": 120, "joint_lower": 95, "joint_upper": 125}
    values = {name: [base + index % 5 for index in range(40)] for name, base in bases.items()}
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
    "cumulative_incidence": pd.concat(
        [
            pd.DataFrame(
                {
                    "period": period, "cause": cause, "hours": [0.0, 12.0, 24.0, 36.0], "label": f"{cause}, {period}",
                    "incidence": [0.0, level / 2, level, level], "lower": [0.0, level / 3, level / 2, level / 2],
                    "upper": [0.0, level, min(1.0, 1.2 * level), min(1.0, 1.2 * level)],
                }
            )
            for cause, level in (("outcome", 0.8), ("abandoned", 0.1))
            for period in ("before", "after")
        ],
        ignore_index=True,
    ),
    "stage_times": pd.DataFrame(
        {
            "label": ["message to pool", "pool to outcome"], "share_before": [0.3, 0.7], "share_after": [0.4, 0.6],
            "text_before": ["30 %", "70 %"], "text_after": ["40 %", "60 %"],
        }
    ),
    "equal_treatment": pd.DataFrame(
        {
            "attribute": ["class", "class"], "group": ["business", "premium"], "reference": ["private"] * 2,
            "ratio": [1.02, 0.6], "lower": [0.95, 0.5], "upper": [1.1, 0.7], "margin": [0.25] * 2,
            "verdict": ["alike", "not alike"], "text": ["1.02", "0.60"],
        }
    ),
    "tone_matrix": pd.DataFrame(
        [
            {
                "period": period, "first": first, "last": last, "share": share, "lower": share - 0.1,
                "upper": share + 0.1, "text": f"{share:.0%}", "range": "wide",
            }
            for period in ("before", "after")
            for first, row in (("bad", (0.6, 0.4)), ("good", (0.2, 0.8)))
            for last, share in zip(("bad", "good"), row, strict=True)
        ]
    ),
    "service_level": pd.DataFrame(
        [
            {
                "scenario": scenario, "label": scenario, "agents": agents, "service_level": level,
                "lower": level - 0.05, "upper": level + 0.04, "target": 0.8,
            }
            for scenario, shift in (("without", 0.0), ("with", -0.1))
            for agents, level in ((10, 0.5 + shift), (11, 0.7 + shift), (12, 0.85 + shift), (13, 0.93 + shift))
        ]
    ),
    "leave_one_out": pd.DataFrame(
        {
            "unit": ["A", "B", "C", "all"], "kind": ["without"] * 3 + ["declared"],
            "effect": [-0.02, 0.01, 0.02, 0.015],
            "lower": [float("nan")] * 3 + [-0.05], "upper": [float("nan")] * 3 + [0.08],
        }
    ),
    "specification_curve": pd.DataFrame(
        {
            "label": ["as declared", "without trend"], "declared": [True, False], "effect": [-0.1, 0.02],
            "lower": [-0.2, float("nan")], "upper": [0.0, float("nan")], "text": ["-10 %", "2 %"],
        }
    ),
    "detectable_by_horizon": pd.DataFrame(
        {"periods": [4, 13, 38], "share": [0.2, 0.12, 0.1], "text": ["20 %", "12 %", "10 %"]}
    ),
    "sensitivity_breakdown": pd.DataFrame(
        {
            "bound": [0.0, 1.0], "lower": [-0.3, -0.5], "upper": [-0.1, 0.1], "holds": [False, True],
            "text": ["0", "1"],
        }
    ),
    "null_calibration": pd.DataFrame(
        {
            "label": ["pretended dates", "simulated"], "share": [0.0, 0.06], "lower": [0.0, 0.02],
            "upper": [0.4, 0.1], "nominal": [0.05, 0.05], "text": ["0 of 19", "12 of 199"],
        }
    ),
    "pointwise_cumulative": weekly().assign(
        gap=lambda frame: frame["observed"] - frame["expected"],
        lower=lambda frame: frame["observed"] - frame["upper"],
        upper=lambda frame: frame["observed"] - 100.0,
        running=[float("nan")] * 22 + [-10.0 * (1 + place) for place in range(18)],
    ),
    "case_comparison_forest": pd.DataFrame(
        {
            "label": ["One", "Two", "Average", "One more"], "kind": ["case", "case", "pooled", "prediction"],
            "point": [-0.1, 0.2, 0.05, float("nan")], "lower": [-0.2, 0.1, -0.4, -3.0], "upper": [0.0, 0.3, 0.5, 9.0],
            "weight": [0.4, 0.6, float("nan"), float("nan")], "text": ["-10 %", "20 %", "5 %", "-300 % to 900 %"],
        }
    ),
}  # fmt: skip


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


@pytest.mark.parametrize("theme", [_style.LIGHT, _style.narrowed(_style.LIGHT)], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", FIGURES)
def test_the_mark_of_simulated_data_is_on_nothing(name, theme):
    figure = FIGURES[name].draw(TABLES[name], TEXTS, theme)
    tall = [axes.get_position().height * figure.get_size_inches()[1] for axes in figure.axes]
    _style.mark(figure, "SIMULATED DATA", theme)
    assert [axes.get_position().height * figure.get_size_inches()[1] for axes in figure.axes] == pytest.approx(tall)
    with _style.style(theme):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        sign = figure.texts[-1].get_window_extent(renderer)
        assert sign.y1 <= figure.bbox.y1 + 1
        for axes in figure.axes:
            assert axes.get_tightbbox(renderer).y1 <= sign.y0 + 2


def test_what_colours_of_channels_mean_is_told_without_colour():
    table = ROWS.assign(role=["owned", "retained"])
    bars = FIGURES["diversion"].draw(table, TEXTS, _style.LIGHT).axes[0].patches
    assert [bar.get_hatch() for bar in bars] == [None, "////"]
    weeks = TABLES["volumes_by_channel"].assign(role_label="own channel")
    for theme in (_style.LIGHT, _style.narrowed(_style.LIGHT)):
        figure = FIGURES["volumes_by_channel"].draw(weeks, TEXTS, theme)
        for axes in figure.axes:
            assert "own channel" in [text.get_text() for text in axes.texts]


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


@pytest.mark.parametrize("name", FIGURES)
def test_a_drawing_whose_colours_are_turned_is_the_dark_drawing(name):
    light, dark = (
        _style.to_svg(FIGURES[name].draw(TABLES[name], TEXTS, theme), theme) for theme in (_style.LIGHT, _style.DARK)
    )
    rule = r"\[style\*='(fill|stroke):(#\w{6})'\]\{(?:fill|stroke):(#\w{6})!important\}"
    turned = light
    for kind, before, after in re.findall(rule, unquote(_style.image_of(light))):
        turned = turned.replace(f"{kind}:{before}", f"{kind}:{after}")
    assert turned != light
    assert turned == dark


def test_letters_keep_their_scale_and_zero_its_sign():
    glyph = '<path id="SourceSansPro-1" d="M 1 -2\nL 3 4\nz" transform="scale(0.015625)"/>'
    use = '<g id="a"><use xlink:href="#SourceSansPro-1" transform="translate(4.4567 0)"/></g>'
    assert _svg.compact(glyph + use + '<path d="M -0.0001 1.234567"/>') == (
        '<path id="i0" d="M1-2L3,4z" transform="scale(0.015625)"/>'
        '<g><use href="#i0" x="4.46"/></g><path d="M0,1.23"/>'
    )


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


def observed(table, theme=_style.LIGHT):
    return FIGURES["observed_expected"].draw(table, TEXTS, theme).axes[0]


def test_the_band_begins_with_the_event():
    band = observed(TABLES["observed_expected"]).collections[0].get_paths()[0].vertices[:, 0]
    assert band.min() >= matplotlib.dates.date2num(pd.Timestamp(weekly()["time"][22]))


def test_periods_left_out_are_hatched():
    left_out = weekly().assign(left_out=[25 <= place < 28 for place in range(40)])
    hatched = [patch for patch in observed(observed_expected.with_stages(left_out, [])).patches if patch.get_hatch()]
    assert len(hatched) == 1
    assert hatched[0].get_width() == pytest.approx(21)


def test_a_peak_of_the_band_does_not_press_the_lines_flat():
    table = weekly()
    table.loc[30, "upper"] = 5000
    assert observed_expected.top_of(table) < observed_expected.reach_of(table) == 5000
    assert observed(observed_expected.with_stages(table, [])).get_ylim()[1] < 200
    assert observed_expected.top_of(weekly()) == observed_expected.reach_of(weekly())


def test_the_forest_keeps_room_for_its_numbers():
    words = "+84.2 %  (+31.9 % to +157.3 %) and much more than ever fits"
    table = TABLES["effects_forest"].assign(text=words)
    axes = FIGURES["effects_forest"].draw(table, TEXTS, _style.LIGHT).axes[0]
    right = (1 - axes.get_position().x1) * _style.WIDE
    assert right > _style.text_width(words, _style.LIGHT, bold=True)


def test_outcomes_that_compare_other_periods_have_a_strip_each():
    several = pd.DataFrame(
        {
            "first": ["2019-01-01", "2019-05-01", "2018-01-01", "2019-05-01", "2019-05-04"],
            "last": ["2019-04-30", "2019-12-31", "2019-04-30", "2019-12-31", "2019-05-04"],
            "label": ["before", "after", "before", "after", "Announced"],
            "kind": ["pre", "post", "pre", "post", "announced"],
            "group": ["Engagement", "Engagement", "Service", "Service", None],
        }
    )
    axes = FIGURES["stage_timeline"].draw(several, TEXTS, _style.LIGHT).axes[0]
    assert {"Engagement: before", "Service: before"} <= {text.get_text() for text in axes.texts}


def test_an_images_address_breaks_out_of_no_attribute():
    address = _svg.as_image('<svg a="b"># %\n \u2212</svg>')
    assert not set(address) & set('" \n#\u2212')
    assert unquote(address) == "data:image/svg+xml,<svg a='b'># %\n \u2212</svg>"


def test_a_label_with_dollars_is_written_as_it_is():
    """A hostile or a harmless one: as mathematics it would be drawn otherwise than it was measured, or not at all."""
    with _style.style(_style.LIGHT):
        figure = _style.figure_of(_style.LIGHT, 1.0)
        figure.text(0.1, 0.5, r"$\frac{a$")
    assert _style.to_svg(figure).count("<use ") == len(r"$\frac{a$")
    assert _style.text_width("$WW$", _style.LIGHT) > _style.text_width("WW", _style.LIGHT)
