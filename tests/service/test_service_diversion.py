"""Diversion: the published toy, the accounting identity, and truth recovered where it is known."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.service.counterfactual import Counterfactual, without_the_exit
from analysis.service.diversion import (
    DiversionDraws,
    diversion_table,
    divert,
    horizon_table,
    mix_table,
    proportional_diversion,
)
from analysis.simulate.diversion_worlds import diversion_world

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
    return divert(
        without_the_exit(
            exited, receiving, control, pre=~post, post=post, seed_names=("test", name), harmonics=0, **options
        )
    )


def daily(number: int, draws: int = 300) -> Counterfactual:
    """Without a demand control, so that the drift of demand is what makes far horizons uncertain."""
    world = diversion_world(number)
    options = {"pre": ~world.post, "post": world.post, "seed_names": ("test", number), "harmonics": 0}
    return without_the_exit(world.exited, world.receiving, world.control[[]], draws=draws, **options)


def test_the_published_toy_closes() -> None:
    draws = DiversionDraws(
        ("phone", "chat", "email"),
        np.array([400.0]),
        np.array([[140.0, 70.0, 55.0]]),
        np.array([1150.0, 380.0, 560.0]),
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

    def width(controls: pd.DataFrame) -> float:
        gone = without_the_exit(exited, receiving, controls, **options)
        return float(np.ptp(np.quantile(divert(gone).recapture, [0.025, 0.975])))

    assert width(control) < 0.7 * width(control[[]])


def test_the_same_seed_gives_the_same_draws() -> None:
    np.testing.assert_array_equal(run("again", draws=50).moved, run("again", draws=50).moved)


def test_a_longer_horizon_is_less_certain_and_every_horizon_closes() -> None:
    table = horizon_table(daily(1), [("4 weeks", 28), ("12 weeks", 84), ("a year", 365)])
    assert table["horizon"].unique().tolist() == ["4 weeks", "12 weeks"]  # a year is not in the data
    parts = table.set_index(["horizon", "part", "channel"])["ratio"]
    for horizon in ("4 weeks", "12 weeks"):
        assert parts[horizon, "recaptured", "recaptured"] + parts[horizon, "lost", "lost"] == pytest.approx(1)
        assert parts[horizon]["receiving"].sum() == pytest.approx(parts[horizon, "recaptured", "recaptured"])
    lost = table[table["part"] == "lost"].set_index("horizon")
    width = lost["ratio_upper"] - lost["ratio_lower"]
    assert width["4 weeks"] < width["12 weeks"]


def test_an_offset_carries_a_growing_customer_base() -> None:
    """Customers double at the exit and nothing else moves: without the offset all of it would look recaptured."""
    exited, receiving, control, post = world("offset")
    flat = pd.DataFrame({name: np.where(post, np.nan, receiving[name]) for name in receiving}, index=receiving.index)
    doubled = flat.fillna(2 * flat.mean())
    customers = pd.Series(np.where(post, 2e6, 1e6), index=receiving.index)
    options = {"pre": ~post, "post": post, "seed_names": ("offset",), "harmonics": 0, "draws": 200}
    with_offset = divert(without_the_exit(exited, doubled, control[[]], offset=customers, **options))
    without = divert(without_the_exit(exited, doubled, control[[]], **options))
    low, high = np.quantile(with_offset.recapture, [0.025, 0.975])
    assert low < 0 < high
    assert np.quantile(without.recapture, 0.025) > 1


def test_proportional_diversion_is_found_where_it_is_and_rejected_where_it_is_not() -> None:
    observed = np.array([1100.0, 550.0, 220.0])
    noise = generator_for("proportional").normal(0, 5, (2000, 3))
    expected = np.array([1000.0, 500.0, 200.0]) + noise
    even = proportional_diversion(DiversionDraws(("a", "b", "c"), np.full(2000, 400.0), observed - expected, observed))
    assert even.p_value > 0.5
    assert even.table["excess"].abs().max() < 0.01
    observed = np.array([1000.0, 500.0, 370.0])
    odd = proportional_diversion(DiversionDraws(("a", "b", "c"), np.full(2000, 400.0), observed - expected, observed))
    assert odd.p_value < 0.01
    assert odd.table.set_index("channel").loc["c", "excess_lower"] > 0
    np.testing.assert_allclose(odd.table["excess"].sum(), 0, atol=1e-12)


def test_the_mix_is_a_composition() -> None:
    draws = DiversionDraws(("a", "b"), np.array([100.0]), np.array([[30.0, 20.0]]), np.array([330.0, 620.0]))
    table = mix_table(draws).set_index("channel")
    assert table["share_without"].tolist() == [0.1, 0.3, 0.6]
    assert table["share_with"].sum() == pytest.approx(1)
    assert table["change"].sum() == pytest.approx(0)
    assert table.loc["exited", "change"] == pytest.approx(-0.1)
    expected = (np.log(330 / 620) - np.log(300 / 600)) / 2
    assert table.loc["a", "log_ratio"] == pytest.approx(expected)


def test_too_few_weeks_are_refused() -> None:
    exited, receiving, control, post = world("short", weeks=38, after=20)
    with pytest.raises(DesignError, match="too few"):
        without_the_exit(exited, receiving, control, pre=~post, post=post, seed_names=("x",))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda exited, receiving, control: receiving.iloc[:, 0].mask(receiving.index == receiving.index[5], -1.0),
         "negative number"),
        (lambda exited, receiving, control: receiving.iloc[:, 0].mask(receiving.index == receiving.index[5]),
         "without data"),
    ],
)  # fmt: skip
def test_bad_counts_are_refused_with_their_date(change, message) -> None:
    exited, receiving, control, post = world("bad")
    receiving = receiving.assign(phone=change(exited, receiving, control))
    with pytest.raises(DesignError, match=message) as caught:
        without_the_exit(exited, receiving, control, pre=~post, post=post, seed_names=("x",), harmonics=0)
    assert f"{receiving.index[5]:%Y-%m-%d}" in caught.value.where


def test_a_control_that_is_not_positive_is_refused() -> None:
    exited, receiving, control, post = world("control zero")
    control.iloc[3] = 0.0
    with pytest.raises(DesignError, match="not positive"):
        without_the_exit(exited, receiving, control, pre=~post, post=post, seed_names=("x",), harmonics=0)
