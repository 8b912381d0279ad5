"""Cost: a worked example, effects that add up in every draw, and channels nobody priced."""

import numpy as np
import pytest

from analysis.core.case_service import Desk, Staffing
from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.service.cost import cost_table, decompose_cost, unit_costs


def desk(channel: str, **options: float) -> Desk:
    return Desk(channel=channel, model="erlang_c", handling_seconds=300, target_seconds=20, profile=(1.0,), **options)


def draws(name: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    draw = generator_for("cost", name)
    without = {channel: draw.uniform(50, 500, 200) for channel in ("facebook", "phone", "chat")}
    return without, {channel: draw.uniform(50, 500, 200) for channel in ("phone", "chat")}


BEFORE = {"facebook": 2.0, "phone": 6.0, "chat": 3.0}
AFTER = {"facebook": 2.0, "phone": 6.5, "chat": 2.5}


def test_a_worked_example() -> None:
    """100 contacts at 2 and 100 at 6 become 150 at 7: 800 before, 1050 after.

    Volume -50 x 4, mix 150 x (6 - 4), rate 150 x 1.
    """
    result = decompose_cost({"facebook": 100, "phone": 100}, {"phone": 150}, BEFORE, AFTER | {"phone": 7.0})
    table = cost_table(result).set_index(["per", "part"])["mean"]
    assert table["week"].to_dict() == {
        "before": 800.0,
        "volume": -200.0,
        "mix": 300.0,
        "rate": 150.0,
        "change": 250.0,
        "after": 1050.0,
    }
    assert table["contact"].to_dict() == {"before": 4.0, "change": 3.0, "after": 7.0}


def test_the_effects_add_up_in_every_draw_and_as_printed() -> None:
    without, with_exit = draws("adds up")
    result = decompose_cost(without, with_exit, BEFORE, AFTER)
    np.testing.assert_allclose(result.volume + result.mix + result.rate, result.change, rtol=1e-9, atol=1e-9)
    spent = [
        sum(cost[channel] * each for channel, each in side.items())
        for side, cost in ((without, BEFORE), (with_exit, AFTER))
    ]
    np.testing.assert_allclose(result.before, spent[0])
    np.testing.assert_allclose(result.after, spent[1])
    table = cost_table(result).set_index(["per", "part"])["mean"]["week"]
    assert table[["volume", "mix", "rate"]].sum() == pytest.approx(table["change"])
    assert table["before"] + table["change"] == pytest.approx(table["after"])


def test_each_effect_answers_its_own_question() -> None:
    without, _ = draws("own question")
    more = {channel: 1.3 * each for channel, each in without.items()}
    volume_only = decompose_cost(without, more, BEFORE, BEFORE)
    np.testing.assert_allclose(volume_only.volume, 0.3 * volume_only.before)
    np.testing.assert_allclose(volume_only.mix, 0, atol=1e-9)
    assert not volume_only.rate.any()
    dearer = {channel: 1.1 * cost for channel, cost in BEFORE.items()}
    rate_only = decompose_cost(without, without, BEFORE, dearer)
    np.testing.assert_allclose(rate_only.rate, 0.1 * rate_only.before)
    assert not rate_only.volume.any()
    swapped = {"facebook": without["phone"], "phone": without["facebook"]}
    mix_only = decompose_cost({name: without[name] for name in swapped}, swapped, BEFORE, BEFORE)
    np.testing.assert_allclose(mix_only.mix, 4.0 * (without["facebook"] - without["phone"]))


def test_intervals_are_quantiles_of_the_joint_draws() -> None:
    without, with_exit = draws("quantiles")
    result = decompose_cost(without, with_exit, BEFORE, AFTER)
    table = cost_table(result, level=0.8).set_index(["per", "part"])
    row = table.loc[("week", "change")]
    assert (row["lower"], row["upper"]) == pytest.approx(tuple(np.quantile(result.after - result.before, [0.1, 0.9])))
    assert (table["level"] == 0.8).all()
    # Draws that move together leave a change narrower than the two sides apart.
    shared = decompose_cost({"phone": with_exit["phone"]}, {"phone": with_exit["phone"] + 10}, BEFORE, BEFORE)
    assert np.ptp(shared.change) < 1e-6 < np.ptp(shared.before)


def test_costs_come_from_the_desk_then_from_the_others() -> None:
    staffing = Staffing(
        desks=(
            desk("phone", cost_per_contact=6, cost_per_contact_after=7),
            desk("chat", cost_per_contact=3),
            desk("x"),
        ),
        other_costs={"facebook": 2.0, "chat": 99.0, "x": 1.0},
    )
    before, after = unit_costs(staffing, ["phone", "chat", "facebook", "x"])
    assert before == {"phone": 6.0, "chat": 3.0, "facebook": 2.0, "x": 1.0}
    assert after == before | {"phone": 7.0}


def test_channels_without_a_cost_are_all_named() -> None:
    staffing = Staffing(desks=(desk("phone", cost_per_contact=6), desk("chat")))
    with pytest.raises(DesignError, match="chat, email") as raised:
        unit_costs(staffing, ["phone", "chat", "email"])
    assert "other_costs" in raised.value.cure
    with pytest.raises(DesignError, match="facebook"):
        decompose_cost({"facebook": 5, "phone": 5}, {"phone": 9}, {"phone": 6.0}, AFTER)
    with pytest.raises(DesignError, match="phone"):
        decompose_cost({"facebook": 5, "phone": 5}, {"phone": 9}, BEFORE, {"facebook": 6.0})


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_what_is_no_volume_is_refused(bad: float) -> None:
    with pytest.raises(DesignError, match="finite and at least zero"):
        decompose_cost({"phone": np.array([5.0, bad])}, {"phone": 9}, BEFORE, AFTER)


def test_no_contacts_at_all_have_no_mix() -> None:
    with pytest.raises(DesignError, match="no contacts at all"):
        decompose_cost({"phone": 5}, {"phone": np.array([4.0, 0.0])}, BEFORE, AFTER)
