import numpy as np
import pandas as pd
import pytest

from analysis.core.effect import BAND_COLUMNS, PATH_COLUMNS, Interval
from analysis.core.panel import Panel
from analysis.core.windows import Windows
from analysis.inference.effects import build_effect

FRAME = pd.DataFrame({"brand": [10.0, 12, 11, 9, 10, 8, 6, 7]}, index=range(8))


def effect_of(point, interval, scale="level", **options):
    windows = Windows(first=0, pre_last=3, event=5, last=7)
    panel = Panel.from_wide(FRAME, treated="brand", windows=windows, scale=scale, unit="posts")
    expected = panel.y - np.where(panel.post, point, 0.0)
    return build_effect(
        panel, estimator="x", estimand="y", point=point, expected=expected, interval=interval,
        p_value=None, inference="z", **options,
    )  # fmt: skip


@pytest.mark.parametrize("scale", ["level", "log"])
def test_relative_is_cumulative_over_what_was_expected(scale):
    point = -3.0 if scale == "level" else -0.3
    effect = effect_of(point, Interval(point * 1.5, point * 0.5), scale)
    expected_total = 21 - effect.cumulative
    assert effect.relative == pytest.approx(effect.cumulative / expected_total)
    assert effect.diagnostics["expected_mean"] == pytest.approx(expected_total / 3)
    assert effect.relative_interval.lower < effect.relative < effect.relative_interval.upper < 0


def test_level_scale_in_numbers():
    effect = effect_of(-3.0, Interval(-5.0, 1.0))
    assert effect.cumulative == -9
    assert effect.relative == pytest.approx(-9 / 30)
    assert effect.cumulative_interval == Interval(-15.0, 3.0)
    assert effect.relative_interval.upper == pytest.approx(3 / 18)
    assert (effect.path["observed"] - effect.path["expected"])[5:].sum() == pytest.approx(effect.cumulative)


def test_log_scale_in_numbers():
    effect = effect_of(-0.3, Interval(-0.5, 0.1), "log")
    assert effect.relative == pytest.approx(np.exp(-0.3) - 1)
    assert effect.relative_interval.lower == pytest.approx(np.exp(-0.5) - 1)
    assert effect.cumulative == pytest.approx(21 * (1 - np.exp(0.3)))
    assert effect.path["expected"].to_numpy()[5:] == pytest.approx(FRAME["brand"].to_numpy()[5:] * np.exp(0.3))


def test_path_has_every_period_the_donut_included():
    effect = effect_of(-3.0, None)
    assert effect.path.index.tolist() == list(range(8))
    assert list(effect.path.columns) == [*PATH_COLUMNS, *BAND_COLUMNS]
    assert effect.path[["lower", "upper", *BAND_COLUMNS]].isna().all().all()
    assert (effect.n_pre, effect.n_post) == (4, 3)


def test_no_relative_effect_where_nothing_positive_was_expected():
    effect = effect_of(9.0, Interval(6.5, 11.5))
    assert effect.relative is None
    assert effect.relative_interval is None
    assert effect.cumulative_interval == Interval(19.5, 34.5)


def test_returns_are_a_sum_without_a_relative_effect():
    effect = effect_of(-3.0, Interval(-5.0, 1.0), returns=True)
    assert (effect.cumulative, effect.relative) == (-3.0, None)


def test_only_counted_periods_enter_the_sums():
    effect = effect_of(-3.0, None, counted=np.arange(8) == 6)
    assert (effect.n_post, effect.cumulative) == (1, -3.0)
    assert effect.diagnostics["observed_mean"] == 6
