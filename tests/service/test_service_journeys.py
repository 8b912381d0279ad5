"""Journeys: fair follow-up, plain shares and times where they can be counted by hand, truth within the intervals."""

import time

import numpy as np
import pandas as pd
import pytest

from analysis.core.case_service import Care, Clock
from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.service.journey_tables import (
    funnel,
    incidence,
    journey_tables,
    private_share,
    response_times,
    stage_times,
    weekends,
)
from analysis.service.journeys import Journeys, on_calendar, prepare, time_to, waits

ROME = "Europe/Rome"
EXIT = pd.Timestamp("2019-06-01", tz=ROME)
CARE = Care(source="log", horizon_hours=48, target_minutes=60)
EVENTS = ("private_request", "pool", "taken_in_charge", "outcome", "abandoned", "reopened")
MOST_SECONDS = 10


def log(size: int = 6000, name: str = "log", change: float = 0.8) -> pd.DataFrame:
    """Cases over 80 weeks, the exit after 50: some asked to go private, some given up, some silent."""
    draw = generator_for("journeys", name, size)
    start = pd.Timestamp("2018-06-16")
    signal = start + pd.to_timedelta(np.sort(draw.integers(3, 80 * 7 * 24, size)), unit="h")
    signal = pd.Series(signal + pd.to_timedelta(draw.integers(1, 3600, size), unit="s"))
    signal = signal.dt.tz_localize(ROME, ambiguous=True, nonexistent="shift_forward").sort_values(ignore_index=True)
    faster = np.where(signal >= EXIT, change, 1.0)

    def later(moments: pd.Series, hours: np.ndarray) -> pd.Series:
        return moments + pd.to_timedelta(np.round(3600 * hours), unit="s")

    asked = later(signal, draw.lognormal(0, 1, size) * faster).where(draw.random(size) < 0.5)
    pool = later(asked.fillna(signal), draw.lognormal(0, 1, size) * faster)
    taken = later(pool, draw.lognormal(-1, 1, size))
    outcome = later(taken, draw.lognormal(2, 1, size))
    left = later(taken, draw.exponential(60, size))
    frame = pd.DataFrame({"case": range(size), "channel": draw.choice(["chat", "email"], size), "signal": signal})
    frame = frame.assign(private_request=asked, pool=pool, taken_in_charge=taken)
    frame = frame.assign(outcome=outcome.where(outcome <= left), abandoned=left.where(left < outcome))
    return frame.assign(
        reopened=pd.Series(pd.NaT, frame.index, dtype=signal.dtype),
        is_public=pd.Series(draw.random(size) < 0.6, dtype="boolean"),
    )


def masks(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return (frame["signal"] < EXIT - pd.Timedelta(days=28)).to_numpy(), (frame["signal"] >= EXIT).to_numpy()


def ready(frame: pd.DataFrame, care: Care = CARE) -> Journeys:
    return prepare(frame, *masks(frame), care, frame["signal"].max() + pd.Timedelta(days=7))


def toy(*rows: dict[str, object], days: int = 60) -> pd.DataFrame:
    """The given cases in every one of so many days around the exit; hours after noon by event."""
    first = (EXIT - pd.Timedelta(days=days // 2)).normalize() + pd.Timedelta(hours=12)
    cases = []
    for number in range(days):
        for row in rows:
            signal = first + pd.DateOffset(days=number)
            case = {"channel": row.get("channel", "chat"), "signal": signal, "is_public": row.get("is_public")}
            cases.append(case | {name: signal + pd.Timedelta(hours=row[name]) for name in EVENTS if name in row})
    frame = pd.DataFrame(cases)
    for name in EVENTS:
        frame[name] = frame[name] if name in frame else pd.Series(pd.NaT, frame.index, dtype=frame["signal"].dtype)
    return frame.assign(case=range(len(frame)), is_public=frame["is_public"].astype("boolean"))


def ready_toy(frame: pd.DataFrame, care: Care = CARE) -> Journeys:
    before = (frame["signal"] < EXIT).to_numpy()
    return prepare(frame, before, ~before, care, frame["signal"].max() + pd.Timedelta(days=3))


def test_the_period_before_is_not_followed_across_the_exit() -> None:
    frame = toy({"outcome": 30.0})
    journeys = ready_toy(frame)
    last = np.flatnonzero(~journeys.after)[-1]
    assert journeys.followed[last] == 12.0  # from noon to midnight, though the outcome is in the log a day later
    assert np.isnan(journeys.hours["outcome"][last])
    assert waits(journeys, "outcome", np.array([last]))[1][0] == 0  # censored
    assert journeys.followed[-1] == 72.0
    assert journeys.hours["outcome"][journeys.after].tolist() == [30.0] * 30


def test_what_the_exit_did_to_open_cases_does_not_change_the_period_before() -> None:
    frame = log()
    before, _ = masks(frame)
    limit = frame.loc[before, "signal"].max().normalize() + pd.DateOffset(days=1)
    slower = frame.copy()
    open_then = before & (frame["outcome"] > limit).to_numpy()
    assert open_then.any()
    slower.loc[open_then, "outcome"] += pd.Timedelta(days=20)
    one, other = response_times(ready(frame)), response_times(ready(slower))
    pd.testing.assert_frame_equal(one, other)


def test_the_first_response_is_the_brands_first_act() -> None:
    frame = toy({"private_request": 1.0, "taken_in_charge": 3.0, "outcome": 9.0}, {"outcome": 2.0}, {"pool": 0.5})
    hours = ready_toy(frame).hours["first_response"][:3]
    assert hours[:2].tolist() == [1.0, 2.0]
    assert np.isnan(hours[2])  # being put into a pool is nothing the customer hears of


def test_plain_numbers_where_everything_is_seen() -> None:
    rows = [{"taken_in_charge": hours, "outcome": hours + 10} for hours in (0.5, 1.0, 2.0, 3.0, 8.0)]
    table = response_times(ready_toy(toy(*rows))).set_index("measure")
    first = table.loc["first_response"]
    assert first["median_before"] == first["median_after"] == 2.0
    assert first["median_change"] == 0.0
    assert first["p90_after"] == 8.0
    assert first["mean_after"] == pytest.approx(2.9)
    assert first["target_after"] == pytest.approx(0.4)
    assert table.loc["outcome", "median_after"] == 12.0
    assert (first["n_before"], first["n_after"]) == (150, 150)


def test_who_gives_up_was_never_answered() -> None:
    rows = [{"taken_in_charge": 1.0}, {"taken_in_charge": 2.0}, {"abandoned": 0.5}, {"abandoned": 0.5}]
    first = response_times(ready_toy(toy(*rows))).set_index("measure").loc["first_response"]
    assert first["median_after"] == 2.0  # half of all, not half of those who stayed
    assert first["mean_after"] == pytest.approx((1 + 2 + 48 + 48) / 4)


def test_a_true_change_is_found() -> None:
    row = response_times(ready(log(change=0.5))).set_index("measure").loc["first_response"]
    assert row["median_change_lower"] < row["median_change"] < row["median_change_upper"] < 0
    assert row["median_p_value"] < 0.001
    assert row["mean_change_upper"] < 0 < row["target_change_lower"]
    assert row["median_change"] == pytest.approx(row["median_after"] / row["median_before"] - 1)


def test_curves_rise_within_their_bounds() -> None:
    table = incidence(ready(log()))
    for _, part in table.groupby(["period", "cause"]):
        assert part["incidence"].is_monotonic_increasing
        shown = part.dropna()
        assert ((shown["lower"] < shown["incidence"]) & (shown["incidence"] < shown["upper"])).all()
        assert shown[["lower", "upper"]].stack().between(0, 1).all()
        assert part["hours"].iloc[[0, -1]].tolist() == [0.0, 48.0]
    sums = table.pivot_table(index=["period", "hours"], columns="cause", values="incidence").sum(axis=1)
    assert (sums <= 1).all()


def test_time_goes_to_the_stage_that_ends_in_the_next_step() -> None:
    through = {"private_request": 1.0, "pool": 3.0, "taken_in_charge": 6.0, "outcome": 10.0}
    skipping = {"pool": 3.0, "taken_in_charge": 6.0, "outcome": 10.0}  # never asked to go private
    table = stage_times(ready_toy(toy(through, skipping))).set_index("stage")
    assert table["hours_after"].tolist() == [0.5, 2.5, 3.0, 4.0]
    assert table["share_after"].tolist() == pytest.approx([0.05, 0.25, 0.3, 0.4])
    assert table["share_before"].sum() == pytest.approx(1.0)
    np.testing.assert_allclose(table["change"], 0, atol=1e-12)


def test_waiting_counts_where_the_channels_cases_go_next() -> None:
    private = {"channel": "social", "private_request": 1.0, "outcome": 5.0}
    direct = {"channel": "email", "outcome": 5.0}
    silent = [{"channel": "social", "abandoned": 20.0}, {"channel": "email"}]
    table = stage_times(ready_toy(toy(private, direct, *silent))).set_index("stage")
    assert table["hours_after"].to_dict() == {
        "signal_to_private_request": (1 + 20) / 4,
        "private_request_to_outcome": (4 + 5 + 48) / 4,
    }


def test_a_step_out_of_order_takes_no_time() -> None:
    frame = toy({"private_request": 5.0, "pool": 2.0, "outcome": 10.0})
    assert stage_times(ready_toy(frame))["hours_after"].tolist() == [5.0, 0.0, 5.0]


def test_the_funnel_counts_within_the_horizon() -> None:
    rows = [{"taken_in_charge": 1.0, "outcome": 10.0}, {"taken_in_charge": 1.0, "outcome": 60.0}, {}, {"outcome": 5.0}]
    table = funnel(ready_toy(toy(*rows))).set_index("step")
    for period in ("before", "after"):  # before, the last two days were not followed for two days: censored, not lost
        shares = table[f"share_{period}"].to_dict()
        assert shares == pytest.approx({"first_response": 0.75, "taken_in_charge": 0.5, "outcome": 0.5})
        assert table.loc["outcome", f"n_{period}"] == 4 * 30


def test_the_funnel_ends_where_the_curves_end() -> None:
    journeys = ready(log())
    shares = funnel(journeys).set_index("step").loc["outcome"]
    curves = incidence(journeys).query("cause == 'outcome'").groupby("period").last()
    assert not journeys.whole.all()
    for period in ("before", "after"):
        for name, end in (("incidence", ""), ("lower", "_lower"), ("upper", "_upper")):
            assert shares[f"share_{period}{end}"] == pytest.approx(curves.loc[period, name])


def test_stages_that_the_log_does_not_have_are_left_out() -> None:
    journeys = ready_toy(toy({"outcome": 5.0}, {}))
    assert response_times(journeys)["measure"].tolist() == ["first_response", "outcome"]
    assert funnel(journeys)["step"].tolist() == ["first_response", "outcome"]
    assert stage_times(journeys)["stage"].tolist() == ["signal_to_outcome"]
    assert incidence(journeys)["cause"].unique().tolist() == ["outcome"]
    silent = ready_toy(toy({}))
    for make in (response_times, incidence, funnel, stage_times, weekends, private_share):
        assert make(silent).empty
    dropped = toy({"outcome": 5.0}).drop(columns=["pool", "reopened", "is_public"])
    assert len(response_times(ready_toy(dropped))) == 2


def test_weekends_have_their_own_rows_and_their_interaction() -> None:
    frame = toy({"outcome": 2.0}, {"outcome": 3.0}, {"outcome": 4.0})
    late = (frame["signal"].dt.day_of_week >= 5) & (frame["signal"] >= EXIT)
    frame.loc[late, "outcome"] = frame["signal"] + 2 * (frame["outcome"] - frame["signal"])
    table = weekends(ready_toy(frame)).set_index("day")
    assert table.loc["weekend", "median_after"] == 6.0
    assert table.loc["weekday", "median_change"] == pytest.approx(0)
    assert table.loc["interaction", "median_change"] == pytest.approx(1.0)
    assert table.loc[["weekday", "weekend"], "contacts_after"].sum() == pytest.approx(1.0)
    days = frame.loc[frame["signal"] >= EXIT, "signal"].dt.day_of_week
    assert table.loc["weekend", "contacts_after"] == pytest.approx((days >= 5).mean())


def test_private_is_a_private_start_or_a_request() -> None:
    rows = [
        {"is_public": True, "private_request": 1.0, "outcome": 2.0},
        {"is_public": True, "outcome": 2.0},
        {"is_public": False, "outcome": 2.0},
        {"outcome": 2.0},  # not known
    ]
    table = private_share(ready_toy(toy(*rows)))
    assert table["share_after"].tolist() == pytest.approx([2 / 3])
    assert private_share(ready_toy(toy({"outcome": 2.0}))).empty


def test_small_cells_are_left_out_and_counted() -> None:
    journeys = ready_toy(toy({"outcome": 5.0, "is_public": False}, days=16))
    table = response_times(journeys, smallest=10)
    assert table.empty
    assert table.attrs["left_out"] == 2
    assert incidence(journeys, smallest=10).attrs["left_out"] == 2
    assert weekends(journeys, smallest=10).attrs["left_out"] == 3


def test_the_desks_clock_and_weekends_on_the_calendars() -> None:
    desk = CARE.model_copy(update={"clock": Clock(kind="business", opens="09:00", closes="18:00", holidays="IT")})
    journeys = ready_toy(toy({"outcome": 24.0}, {}), desk)
    saturday = (journeys.frame["signal"].dt.day_of_week == 5).to_numpy()
    answered = np.isfinite(journeys.hours["outcome"])
    assert (journeys.hours["outcome"][saturday & answered] == 0.0).all()
    again = on_calendar(journeys, desk)
    assert (again.hours["outcome"][answered] == 24.0).all()
    assert again.limits == journeys.limits
    assert on_calendar(again, CARE) is again


def test_every_table_at_once_is_quick() -> None:
    frame = log(120_000, "large")
    started = time.process_time()
    made = journey_tables(frame, *masks(frame), CARE, frame["signal"].max() + pd.Timedelta(days=7))
    assert time.process_time() - started < MOST_SECONDS
    assert set(made) == {"response_times", "incidence", "stage_times", "funnel", "private_share", "weekends"}
    assert all(len(table) for table in made.values())


def test_the_order_of_rows_does_not_matter() -> None:
    frame = log(2000)
    shuffled = frame.sample(frac=1, random_state=np.random.RandomState(1)).reset_index(drop=True)
    for make in (response_times, stage_times):
        pd.testing.assert_frame_equal(make(ready(frame)), make(ready(shuffled)), rtol=1e-6)


def test_periods_and_logs_that_make_no_sense_are_refused() -> None:
    frame = toy({"outcome": 5.0})
    before, cut = (frame["signal"] < EXIT).to_numpy(), frame["signal"].max() + pd.Timedelta(days=3)
    with pytest.raises(DesignError, match="both before and after"):
        prepare(frame, before, np.ones(len(frame), dtype=bool), CARE, cut)
    with pytest.raises(DesignError, match="no case after"):
        prepare(frame, before, np.zeros(len(frame), dtype=bool), CARE, cut)
    with pytest.raises(DesignError, match="after the end of the log"):
        prepare(frame, before, ~before, CARE, EXIT)
    backwards = frame.assign(outcome=frame["signal"] - pd.Timedelta(hours=1))
    with pytest.raises(DesignError, match="before their signal"):
        prepare(backwards, before, ~before, CARE, cut)


def test_curves_of_a_measure_are_those_of_its_waits() -> None:
    journeys = ready(log(1000))
    curve = time_to(journeys, "outcome", journeys.after)
    assert len(curve.cause) == journeys.after.sum()
    assert set(np.unique(curve.cause)) <= {0, 1, 2}
