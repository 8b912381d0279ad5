"""Diversion: the published toy, the accounting identity, and truth recovered where it is known."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.service.diversion import DiversionDraws, diversion_table, divert

TRUE = {"phone": 0.35, "chat": 0.175, "email": 0.1375}


def world(name: str, weeks: int = 130, after: int = 30) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame, np.ndarray]:
    draw = generator_for("diversion-world", name)
    demand = np.cumsum(draw.normal(0, 0.015, weeks))
    index = pd.date_range("2017-01-02", periods=weeks, freq="W-MON")
    post = np.arange(weeks) >= weeks - after

    def counts(level: float) -> np.ndarray:
        own = np.zeros(weeks)
        for week in range(1, weeks):
            own[week] = 0.4 * own[week - 1] + draw.normal(0, 0.01)
        return level * np.exp(demand + own)

    exited_mean = counts(2800.0)
    receiving = {
        name: draw.poisson(counts(level) + post * TRUE[name] * exited_mean)
        for name, level in (("phone", 7000.0), ("chat", 2200.0), ("email", 3500.0))
    }
    exited = pd.Series(np.where(post, np.nan, draw.poisson(exited_mean)), index=index)
    control = pd.DataFrame({"logins": 50_000 * np.exp(demand + draw.normal(0, 0.005, weeks))}, index=index)
    return exited, pd.DataFrame(receiving, index=index).astype(float), control, post


def run(name: str, **options: int) -> DiversionDraws:
    exited, receiving, control, post = world(name)
    return divert(exited, receiving, control, pre=~post, post=post, seed_names=("test", name), harmonics=0, **options)


def test_the_published_toy_closes() -> None:
    draws = DiversionDraws(
        ("phone", "chat", "email"),
        np.array([400.0]),
        np.array([[140.0, 70.0, 55.0]]),
        np.array([1150.0, 380.0, 560.0]),
        *(pd.DataFrame(),) * 3,
    )
    table = diversion_table(draws).set_index("channel")
    assert table.loc[["phone", "chat", "email"], "ratio"].tolist() == [0.35, 0.175, 0.1375]
    assert table.loc[["phone", "chat", "email"], "expected"].tolist() == [1010.0, 310.0, 505.0]
    assert table.loc["recaptured", "ratio"] == 0.6625
    assert table.loc["lost", "ratio"] == 0.3375


def test_expected_volume_is_recaptured_plus_lost_in_every_draw() -> None:
    result = run("closes", draws=200)
    recaptured = result.recapture * result.exited_expected
    lost = result.lost * result.exited_expected
    np.testing.assert_allclose(recaptured + lost, result.exited_expected, rtol=1e-12)


def test_the_printed_parts_add_up_to_the_whole() -> None:
    table = diversion_table(run("adds up", draws=300)).set_index("channel")
    receiving = table[table["part"] == "receiving"]
    assert receiving["ratio"].sum() == pytest.approx(table.loc["recaptured", "ratio"])
    assert receiving["moved"].sum() == pytest.approx(table.loc["recaptured", "moved"])
    assert table.loc["recaptured", "moved"] + table.loc["lost", "moved"] == pytest.approx(
        table.loc["exited", "expected"]
    )
    assert table.loc["recaptured", "ratio"] + table.loc["lost", "ratio"] == pytest.approx(1.0)
    assert table.loc["exited", "moved"] == pytest.approx(-table.loc["exited", "expected"])


def test_truth_is_covered_about_as_often_as_the_level_says() -> None:
    inside = 0
    worlds = 40
    for number in range(worlds):
        table = diversion_table(run(f"world-{number}", draws=400)).set_index("channel")
        inside += table.loc["recaptured", "ratio_lower"] <= sum(TRUE.values()) <= table.loc["recaptured", "ratio_upper"]
    # Three Monte-Carlo standard errors below .95 at 40 worlds.
    assert inside / worlds >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / worlds)


def test_a_demand_control_narrows_recapture() -> None:
    exited, receiving, control, post = world("control")
    options = {"pre": ~post, "post": post, "seed_names": ("test",), "harmonics": 0, "draws": 400}
    with_control = np.ptp(np.quantile(divert(exited, receiving, control, **options).recapture, [0.025, 0.975]))
    without = np.ptp(np.quantile(divert(exited, receiving, control[[]], **options).recapture, [0.025, 0.975]))
    assert with_control < 0.7 * without


def test_the_same_seed_gives_the_same_draws() -> None:
    np.testing.assert_array_equal(run("again", draws=50).moved, run("again", draws=50).moved)


def test_too_few_weeks_are_refused() -> None:
    exited, receiving, control, post = world("short", weeks=40, after=20)
    with pytest.raises(DesignError, match="too few"):
        divert(exited, receiving, control, pre=~post, post=post, seed_names=("x",))
