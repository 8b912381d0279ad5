"""Staffing: the published example end to end, need and performance in agreement, joint draws, refusals."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from analysis.core.case_service import Desk, Staffing
from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference import queueing
from analysis.service.staffing import (
    OCCUPANCY_GOAL,
    backlog_path,
    loads,
    performance,
    scheduled,
    seats_needed,
    service_level_curve,
    staff_desk,
    staff_desks,
    staffing_table,
)
from analysis.service.staffing_scenarios import scenario_table

INTERPOLATED = 2e-6  # see the tests of queueing
PROFILE = (0.05, 0.15, 0.25, 0.2, 0.15, 0.1, 0.06, 0.04)


def desk(channel: str = "phone", **options: object) -> Desk:
    usual = {"model": "erlang_c", "handling_seconds": 300, "target_seconds": 20, "profile": PROFILE}
    return Desk(**(usual | {"channel": channel} | options))


PHONE = desk("phone", model="erlang_a", patience_seconds=180)
CHAT = desk("chat", handling_seconds=600, target_seconds=60, concurrency=2)
EMAIL = desk("email", model="deferred", handling_seconds=420, target_seconds=2 * 3600, busiest_day=0.3)
DESKS = (PHONE, CHAT, EMAIL)
STAFFING = Staffing(desks=DESKS, hire_weeks=10)


def staffing(without: dict, with_exit: dict, level: float = 0.95) -> pd.DataFrame:
    return staffing_table(staff_desks(STAFFING, without, with_exit), hire_weeks=STAFFING.hire_weeks, level=level)


def volumes(name: str, middle: float = 3000.0, spread: float = 0.05, number: int = 400) -> np.ndarray:
    return middle * np.exp(generator_for("staffing", name).normal(0, spread, number))


def test_the_published_half_hour_becomes_twenty_people() -> None:
    """pyworkforce, README: 100 calls in half an hour of 180 seconds, 80 % in 20 seconds, 30 % shrinkage: 14, 20."""
    half_hour = desk(handling_seconds=180, profile=(1.0,), busiest_day=1.0, open_days=1)
    week = np.array([100.0])
    assert loads(half_hour, week) == pytest.approx(10.0)
    assert seats_needed(half_hour, week).tolist() == [[14]]
    found = staff_desk(half_hour, week, week)
    assert (found.today, found.agents_without.tolist()) == (20, [20])
    assert found.service_level_kept == pytest.approx(0.88835, abs=5e-6)
    assert found.occupancy_with == pytest.approx(0.714286, abs=5e-7)


def test_shrinkage_does_not_round_a_whole_number_up() -> None:
    seats = np.arange(0, 700, 7)
    assert scheduled(desk(shrinkage=0.3), seats).tolist() == (seats * 10 // 7).tolist()
    assert scheduled(desk(shrinkage=0.3), 8) == 12


def test_the_busiest_day_is_spread_over_the_profile() -> None:
    found = loads(desk(busiest_day=0.25, interval_minutes=15), np.array([1000.0, 2000.0]))
    assert found.sum(axis=1) == pytest.approx([250 * 300 / 900, 500 * 300 / 900])
    np.testing.assert_allclose(found[0] / found[0].sum(), PROFILE)


@pytest.mark.parametrize("concurrency", [2, 3, 4])
def test_chats_at_once_never_staff_fewer_than_as_many_slots(concurrency: int) -> None:
    chat = CHAT.model_copy(update={"concurrency": float(concurrency)})
    week = np.linspace(50, 8000, 60)
    slots = seats_needed(chat.model_copy(update={"concurrency": 1.0}), week)
    found = seats_needed(chat, week)
    assert (found >= np.ceil(slots / concurrency)).all()
    # ... and not many more: at the busiest interval within a tenth, and a handful in the quietest.
    assert found[-1].max() <= np.ceil(1.1 * slots[-1].max() / concurrency)
    assert (found[-1] <= np.ceil(slots[-1] / concurrency) + 2).all()


@pytest.mark.parametrize("one", DESKS, ids=lambda one: one.channel)
def test_the_seats_needed_reach_the_target_and_one_fewer_does_not(one: Desk) -> None:
    week = volumes("target", number=30)
    seats = seats_needed(one, week)
    assert (performance(one, seats, week)[0] >= one.service_level - 1e-9).all()
    short = performance(one, seats - (seats == seats.max(axis=1, keepdims=True)), week)
    if one.model == "deferred":
        short = performance(one, seats - 1, week)
        assert ((short[0] < one.service_level) | (short[1] > OCCUPANCY_GOAL)).all()
        return
    busiest = loads(one, week).argmax(axis=1)
    for draw, interval in enumerate(busiest):
        load, number = loads(one, week)[draw, interval], seats[draw, interval] - 1
        level, _ = queueing.performance(
            np.array([load]),
            np.array([number]),
            handling=one.handling_seconds / one.concurrency,
            target=one.target_seconds,
            patience=one.patience_seconds,
        )
        assert level[0] < one.service_level


@pytest.mark.parametrize("one", DESKS, ids=lambda one: one.channel)
def test_many_draws_are_each_draw(one: Desk) -> None:
    week = volumes("each")
    seats = seats_needed(one, np.array([np.median(week)]))
    level, occupancy = performance(one, seats, week)
    many = seats_needed(one, week)
    for draw in range(0, 400, 29):
        alone = week[draw : draw + 1]
        assert seats_needed(one, alone).tolist() == [many[draw].tolist()]
        exact = performance(one, seats, alone)
        # Deferred work is followed in steps, so its share in time has steps too.
        near = 0.02 if one.model == "deferred" else INTERPOLATED
        assert level[draw] == pytest.approx(exact[0][0], abs=near)
        assert (level[draw] >= one.service_level) == (exact[0][0] >= one.service_level)
        assert occupancy[draw] == pytest.approx(exact[1][0], abs=INTERPOLATED)


@pytest.mark.parametrize("one", DESKS, ids=lambda one: one.channel)
def test_more_contacts_need_no_fewer_agents_and_are_served_no_better(one: Desk) -> None:
    week = np.linspace(0, 9000, 90)  # even: the nodes of both kinds nearly coincide
    assert (np.diff(seats_needed(one, week).max(axis=1)) >= 0).all()
    seats = seats_needed(one, np.array([3000.0]))
    level, occupancy = performance(one, seats, week)
    assert (np.diff(level) <= INTERPOLATED).all()
    assert (np.diff(occupancy) >= -INTERPOLATED).all()
    assert (level[0], occupancy[0]) == (1.0, 0.0)
    assert occupancy[-1] == pytest.approx(1.0, abs=0.02)
    assert level[-1] < 0.05


def test_an_unchanged_volume_changes_nothing_in_any_draw() -> None:
    week = volumes("unchanged")
    for one in DESKS:
        found = staff_desk(one, week, week)
        assert not found.agents_change.any()
        np.testing.assert_array_equal(found.hours_with, found.hours_without)
        np.testing.assert_array_equal(found.service_level_kept, found.service_level_today)


def test_paid_hours_are_seats_through_the_day_with_those_away() -> None:
    week = np.array([3000.0])
    seats = seats_needed(PHONE, week)
    found = staff_desk(PHONE, week, week)
    assert found.hours_with == pytest.approx(seats.sum() / 2 / 0.7)
    assert found.agents_with[0] == np.ceil(seats.max() / 0.7)
    assert seats.min() < seats.max()


def test_an_overloaded_queue_counts_as_missed_not_as_an_error() -> None:
    week = volumes("overload")
    calm, flooded = staff_desk(CHAT, week, week), staff_desk(CHAT, week, 3 * week)
    assert flooded.overloaded.all()
    assert flooded.breach_probability(flooded.service_level_kept) == 1.0
    assert (flooded.service_level_kept < 0.1).all()
    assert not calm.overloaded.any()
    # Each draw's desk has the seats that the draw's own volume needs.
    assert calm.breach_probability(calm.service_level_today) == 0.0


@pytest.mark.parametrize(("week", "with_exit"), [(1000.0, 1060.0), (950.0, 1100.0)])
def test_the_chance_of_missing_the_target_is_that_of_having_too_few_seats(week: float, with_exit: float) -> None:
    """One interval and a usual volume that is normal: the chance is the normal's below what needs a seat too few."""
    one, usual, spread, number = desk(profile=(1.0,)), 1000.0, 50.0, 2000
    without = norm.ppf((np.arange(number) + 0.5) / number, usual, spread)

    def room(volume: float, seats: int) -> float:
        return performance(one, np.array([[seats]]), np.array([volume]))[0][0] - one.service_level

    def chance(volume: float) -> float:
        fewest = next(seats for seats in range(1, 200) if room(volume, seats) >= 0)
        holds = brentq(room, 0.5 * volume, volume, args=(fewest - 1,))  # the most that a seat fewer answers in time
        return float(norm.cdf(holds, usual, spread))

    found = staff_desk(one, without, with_exit, (week, with_exit))
    missed, calm = (found.breach_probability(each) for each in (found.service_level_kept, found.service_level_today))
    assert missed == pytest.approx(chance(with_exit), abs=2 / number)
    assert calm == pytest.approx(chance(week), abs=2 / number)
    assert 0.02 < calm < missed < 0.98


def test_a_deferred_desk_is_overloaded_where_the_week_does_not_hold_its_work() -> None:
    week = np.array([1000.0])
    seats = int(seats_needed(EMAIL, week)[0, 0])
    holds = seats * 5 * 4 * 3600 / 420  # five days of four hours
    found = staff_desk(EMAIL, week, np.array([holds * 0.999]))
    assert not found.overloaded.any()
    assert found.service_level_kept[0] > 0
    beyond = staff_desk(EMAIL, week, np.array([holds * 1.001]))
    assert beyond.overloaded.all()
    assert beyond.service_level_kept[0] == 0.0


def test_deferred_draws_on_either_side_of_the_target_are_told_apart() -> None:
    week = volumes("jump", spread=0.1, number=300)
    found = staff_desk(EMAIL, np.median(week), np.median(week), (np.median(week), week))
    seats = seats_needed(EMAIL, np.array([np.median(week)]))
    exact = [performance(EMAIL, seats, week[[draw]])[0][0] for draw in range(300)]
    missed = np.array(exact) < EMAIL.service_level
    np.testing.assert_array_equal(found.service_level_kept < EMAIL.service_level, missed)
    assert 0.05 < missed.mean() < 0.95


def test_patient_deferred_work_is_staffed_by_occupancy_alone() -> None:
    patient = EMAIL.model_copy(update={"target_seconds": 6 * 86400.0})
    work = 5000 * 420 / 3600
    assert seats_needed(patient, np.array([5000.0]))[0, 0] == np.ceil(work / 20 / OCCUPANCY_GOAL)
    assert seats_needed(EMAIL, np.array([5000.0]))[0, 0] > np.ceil(work / 20 / OCCUPANCY_GOAL)


def test_the_backlog_closes() -> None:
    """What arrived in a week that never idles is answered or waits; too many seats leave nothing waiting."""
    path = backlog_path(EMAIL, np.array([1000.0]), 5, weeks=2)
    answered = 5 * 20 * 3600 / 420
    assert len(path) == 2 * 5 * len(PROFILE)
    assert path["median"].iloc[-1] == pytest.approx(2 * (1000 - answered) + _idle(path, answered), rel=1e-9)
    assert path["median"].iloc[-1] > path["median"].iloc[5 * len(PROFILE) - 1] > 0
    assert backlog_path(EMAIL, np.array([1000.0]), 60)["upper"].max() == 0.0


def _idle(path: pd.DataFrame, answered: float) -> float:
    """Capacity lost before the first contacts waited, in contacts."""
    step = answered / (5 * len(PROFILE))
    first = path["median"].to_numpy().nonzero()[0][0]
    return sum(step - 300 * share for share in PROFILE[:first])


def test_a_desk_that_answers_at_once_keeps_no_backlog() -> None:
    with pytest.raises(DesignError, match="keeps no backlog"):
        backlog_path(PHONE, np.array([1000.0]), 5)


def test_the_table_adds_up_and_uses_joint_draws() -> None:
    without = {one.channel: volumes(one.channel, spread=0.2) for one in DESKS}
    with_exit = {channel: draws + 400 for channel, draws in without.items()}
    table = staffing(without, with_exit, level=0.9).set_index("channel")
    assert list(table.index) == ["phone", "chat", "email"]
    np.testing.assert_allclose(table["agents_without"] + table["agents_change"], table["agents_with"])
    for name in ("agents_without", "agents_with", "agents_change", "occupancy_with", "service_level_kept"):
        assert (table[f"{name}_lower"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_upper"]).all()
    # The change is far surer than either side: the draws are joint.
    width = table["agents_change_upper"] - table["agents_change_lower"]
    assert (width < (table["agents_with_upper"] - table["agents_with_lower"]) / 3).all()
    assert (table["breach_probability"] > table["breach_probability_without"]).all()
    assert (table["hire_weeks"] == 10).all()
    assert (table["level"] == 0.9).all()
    exact = staff_desk(CHAT, without["chat"], with_exit["chat"])
    assert table.loc["chat", "agents_today"] == exact.today
    assert table.loc["chat", "agents_change"] == pytest.approx((exact.agents_with - exact.agents_without).mean())
    assert table.loc["chat", "agents_with_upper"] in exact.agents_with


def test_what_is_known_may_be_a_number() -> None:
    without = {one.channel: volumes(one.channel) for one in DESKS}
    table = staffing(without, {one.channel: 3600.0 for one in DESKS})
    assert (table["agents_with_lower"] == table["agents_with_upper"]).all()
    assert (table["agents_without_lower"] < table["agents_without_upper"]).all()


def test_bounds_of_agents_are_whole_people() -> None:
    two = {one.channel: np.array([900.0, 3000.0]) for one in DESKS}
    table = staffing(two, {channel: 1.5 * draws for channel, draws in two.items()})
    for name in ("agents_without", "agents_with", "agents_change"):
        for end in ("lower", "upper"):
            assert (table[f"{name}_{end}"] % 1 == 0).all()


def test_desks_without_contacts_are_named() -> None:
    with pytest.raises(DesignError, match="chat, email"):
        staff_desks(STAFFING, {"phone": 1.0, "chat": 1.0}, {"phone": 1.0, "email": 1.0})


@pytest.mark.parametrize("bad", [[-1.0], [np.nan], [np.inf], [], [[1.0]]])
def test_what_is_no_volume_is_refused(bad: list[float]) -> None:
    with pytest.raises(DesignError, match="weekly contacts") as raised:
        seats_needed(PHONE, np.array(bad))
    assert "phone" in raised.value.where


def test_a_busiest_day_that_is_not_the_busiest_is_refused() -> None:
    with pytest.raises(DesignError, match="not the busiest"):
        seats_needed(desk(open_days=3, busiest_day=0.2), np.array([10.0]))
    assert seats_needed(desk(open_days=7, busiest_day=1 / 7), np.array([10.0])).shape == (1, len(PROFILE))


SHARES = {"phone": 0.5, "chat": 0.3, "email": 0.1}


def scenarios(**options: object) -> pd.DataFrame:
    now = {one.channel: volumes(one.channel) for one in DESKS}
    return scenario_table(STAFFING, now, volumes("exited", 2000.0, 0.1), SHARES, **options)


def test_scenarios_are_the_need_at_the_recaptured_volume() -> None:
    table = scenarios().set_index(["scenario", "channel"])
    now, exited = volumes("chat"), volumes("exited", 2000.0, 0.1)
    for scenario, recapture in (("low", 0.3), ("central", 0.6), ("high", 0.9)):
        expected = staff_desk(CHAT, now, now + recapture * 0.3 * exited)
        row = table.loc[(scenario, "chat")]
        assert row["recapture"] == recapture
        assert row["agents"] == pytest.approx(expected.agents_with.mean())
        assert row["extra"] == pytest.approx(expected.agents_change.mean())
    extra = table["extra"].unstack("channel")
    assert (extra.loc["low"] < extra.loc["central"]).all()
    assert (extra.loc["central"] < extra.loc["high"]).all()


def test_all_desks_together_are_the_sum_in_every_draw() -> None:
    table = scenarios().set_index(["scenario", "channel"])
    for scenario in ("low", "central", "high"):
        part = table.loc[scenario]
        assert part.loc["all", "extra"] == pytest.approx(part.drop("all")["extra"].sum())
        # Independent desks: the sum is surer than the sum of the bounds.
        assert part.loc["all", "agents_upper"] < part.drop("all")["agents_upper"].sum()


def test_hiring_starts_early_enough() -> None:
    """Ten weeks before Saturday 1 June 2019 is Saturday 23 March, in the week of Monday the 18th."""
    table = scenarios(exit_date=date(2019, 6, 1))
    assert set(table.loc[table["extra_upper"] > 0, "start_by"]) == {pd.Timestamp("2019-03-18")}
    assert scenarios()["start_by"].isna().all()
    nobody = scenario_table(
        STAFFING, dict.fromkeys(SHARES, np.array([900.0])), np.zeros(1), SHARES, exit_date=date(2019, 6, 1)
    )
    assert nobody["start_by"].isna().all()


@pytest.mark.parametrize("shares", [SHARES | {"phone": 0.7}, SHARES | {"phone": -0.1}])
def test_shares_that_are_no_shares_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(DesignError, match="not shares"):
        scenario_table(STAFFING, dict.fromkeys(shares, np.array([900.0])), np.array([100.0]), shares)


@pytest.mark.parametrize("one", DESKS, ids=lambda one: one.channel)
def test_the_curve_rises_and_its_band_holds_the_draws(one: Desk) -> None:
    week = {"without": volumes("curve"), "with": volumes("curve") * 1.2}
    table = service_level_curve(one, week, level=0.9)
    for scenario, part in table.groupby("scenario"):
        assert (part["service_level"].diff().dropna() >= -1e-9).all()
        assert (part["lower"] <= part["service_level"]).all()
        assert (part["service_level"] <= part["upper"]).all()
        assert part["lower"].iloc[-1] >= one.service_level
        middle = part.iloc[len(part) // 3]
        draws = service_level_curve(one, {str(item): week[scenario][[item]] for item in range(80)}, [middle["seats"]])
        inside = draws["service_level"].between(middle["lower"] - 1e-3, middle["upper"] + 1e-3).mean()
        # Three Monte-Carlo standard errors at 80 draws.
        assert inside >= 0.9 - 3 * np.sqrt(0.9 * 0.1 / 80)
    assert (table["agents"] == scheduled(one, table["seats"])).all()
    assert (table["target"] == one.service_level).all()


def test_the_curve_meets_the_target_at_the_agents_needed() -> None:
    week = np.array([3000.0])
    for one in (PHONE, CHAT):
        table = service_level_curve(one, {"without": week})
        reached = table.loc[table["service_level"] >= one.service_level, "agents"].min()
        assert reached == staff_desk(one, week, week).agents_without[0]


def test_thousands_of_draws_cost_little_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queues are solved at nodes, not draw by draw: counted, not timed."""
    calls = []
    solve = queueing.erlang_a
    monkeypatch.setattr(queueing, "erlang_a", lambda *given, **named: calls.append(1) or solve(*given, **named))
    week = volumes("speed", number=4000)
    staff_desk(PHONE, week, week * 1.1)
    assert 0 < len(calls) < 4000
