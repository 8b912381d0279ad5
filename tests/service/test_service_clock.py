"""Clocks: nights that skip or repeat an hour, weekends, holidays, hours outside opening; counting by minutes."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.case_service import Clock
from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for
from analysis.service.clock import elapsed_hours, instants, local_days, weekdays_of, weeks_of

ROME = "Europe/Rome"
DESK = Clock(kind="business", opens="09:00", closes="18:00", holidays="IT")


def moments(*texts: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts), format="ISO8601")).dt.tz_localize(ROME)


def hours(start: str, end: str | None, clock: Clock) -> float:
    return float(elapsed_hours(moments(start, start), moments(end, start), clock)[0])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-03-30 12:00", "2019-03-31 12:00", 23.0),  # clocks go forward
        ("2019-10-26 12:00", "2019-10-27 12:00", 25.0),  # and back
        ("2019-05-04 12:00", "2019-05-05 12:00", 24.0),
    ],
)
def test_the_calendar_counts_hours_that_passed(start: str, end: str, expected: float) -> None:
    assert hours(start, end, Clock()) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-05-06 10:00", "2019-05-06 11:30", 1.5),
        ("2019-05-06 17:00", "2019-05-07 10:00", 2.0),  # over a night
        ("2019-05-03 17:00", "2019-05-06 10:00", 2.0),  # Friday to Monday
        ("2019-05-04 11:00", "2019-05-05 20:00", 0.0),  # Saturday to Sunday
        ("2019-05-06 06:00", "2019-05-06 10:00", 1.0),  # before opening
        ("2019-05-06 20:00", "2019-05-07 09:30", 0.5),  # after closing
        ("2019-04-30 17:00", "2019-05-02 10:00", 2.0),  # 1 May is a holiday in Italy
        ("2019-12-24 17:00", "2019-12-27 09:00", 1.0),  # Christmas and Saint Stephen's day
        ("2018-12-31 17:00", "2019-01-02 09:00", 1.0),  # over the turn of the year
    ],
)
def test_the_desks_clock_counts_open_hours(start: str, end: str, expected: float) -> None:
    assert hours(start, end, DESK) == pytest.approx(expected)


@pytest.mark.parametrize(("day", "length"), [("2019-03-31", 23.0), ("2019-10-27", 25.0), ("2019-03-30", 24.0)])
def test_a_desk_that_never_closes_has_the_calendars_nights(day: str, length: float) -> None:
    always = Clock(kind="business", weekdays=("saturday", "sunday"))
    following = str(pd.Timestamp(day) + pd.Timedelta(days=1))
    assert hours(day, following, always) == pytest.approx(length)


@pytest.mark.parametrize(
    ("opens", "day", "length"),
    [("02:30", "2019-03-31", 1.0), ("02:30", "2019-10-27", 2.5), ("02:00", "2019-10-27", 3.0)],
)
def test_opening_in_the_hour_that_is_skipped_or_shown_twice(opens: str, day: str, length: float) -> None:
    desk = Clock(kind="business", opens=opens, closes="04:00", weekdays=("sunday",))
    assert hours(f"{day} 00:00", f"{day} 12:00", desk) == pytest.approx(length)


def test_the_desks_clock_agrees_with_counting_minutes() -> None:
    draw = generator_for("clock")
    base = pd.Timestamp("2019-03-20", tz=ROME)
    start = base + pd.to_timedelta(draw.integers(0, 60 * 24 * 20, 60), unit="min")
    end = start + pd.to_timedelta(draw.integers(0, 60 * 24 * 9, 60), unit="min")
    minutes = pd.date_range(base, base + pd.Timedelta(days=32), freq="min")
    clock_time = minutes.hour * 60 + minutes.minute
    opened = (clock_time >= 540) & (clock_time < 1080) & (minutes.day_of_week < 5)
    counted = [opened[(minutes >= one) & (minutes < two)].sum() / 60 for one, two in zip(start, end, strict=True)]
    desk = DESK.model_copy(update={"holidays": None})
    np.testing.assert_allclose(elapsed_hours(pd.Series(start), pd.Series(end), desk), counted, atol=1e-9)


def test_what_is_missing_stays_missing_and_backwards_is_negative() -> None:
    found = elapsed_hours(moments("2019-05-06 10:00", "2019-05-06 12:00"), moments(None, "2019-05-06 11:00"), DESK)
    assert np.isnan(found[0])
    assert found[1] == -1.0
    assert np.isnan(elapsed_hours(moments("2019-05-06"), pd.Series([pd.NaT]), DESK)).all()


def test_other_zones_are_the_same_moments() -> None:
    start, end = moments("2019-05-06 10:00"), moments("2019-05-06 12:00")
    assert elapsed_hours(start, end.dt.tz_convert("UTC"), DESK)[0] == 2.0


def test_a_desk_closed_throughout_counts_nothing() -> None:
    assert hours("2019-05-04 10:00", "2019-05-05 10:00", DESK) == 0.0


def test_weeks_start_on_monday() -> None:
    days = local_days(moments("2019-05-05 23:59", "2019-05-06 00:00", "2019-05-12 12:00"))
    assert weekdays_of(days).tolist() == [6, 0, 6]
    assert np.diff(weeks_of(days)).tolist() == [1, 0]


def test_moments_without_a_zone_and_unknown_countries_are_refused() -> None:
    with pytest.raises(DesignError, match="no time zone"):
        instants(pd.Series(pd.to_datetime(["2019-05-06"]), name="signal"))
    with pytest.raises(CaseError, match="public holidays"):
        hours("2019-05-06", "2019-05-07", DESK.model_copy(update={"holidays": "XX"}))
