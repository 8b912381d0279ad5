"""One unit's series against the same rules read day by day from a dictionary, over many odd shapes of exports."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from test_core_assembly import case, rows, total

from analysis.core.case import WEEKDAYS, Case
from analysis.core.seeds import generator_for

FIRST, LAST = pd.Timestamp("2018-01-01"), pd.Timestamp("2018-12-30")  # a Monday, a Sunday
DAY = timedelta(days=1)
STEPS = {"day": DAY, "week": 7 * DAY}
CHANNELS = ("facebook", "twitter", "phone")
HOW = {"sum": sum, "mean": lambda week: sum(week) / 7, "last": lambda week: week[-1]}


def between(draw: np.random.Generator, day: pd.Timestamp, low: int, high: int) -> pd.Timestamp:
    return day + int(draw.integers(low, high)) * DAY


def export(draw: np.random.Generator, channel: str, starts: str, closed: pd.Timestamp | None) -> pd.DataFrame:
    """Days or weeks around the window: some missing, some with several rows, none from the closing on."""
    period = str(draw.choice(["day", "day", "week"]))
    days = pd.date_range(between(draw, FIRST, -9, 30), between(draw, LAST, -30, 9))
    if period == "week":
        days = days[days.day_of_week == WEEKDAYS.index(starts)]
    days = days[(draw.random(len(days)) < draw.choice([0.98, 0.5])) & ((days < closed) if closed else True)]
    days = days.repeat(draw.integers(1, 3, size=len(days)))
    return rows(channel, draw.integers(0, 60, size=len(days)).astype(float), days, period=period)


def filled(part: pd.DataFrame, span: tuple, missing: str, closed: object, back: object, last: object) -> dict:
    """What is known of a channel, by its own days or weeks."""
    step, known = STEPS[part["period"].iloc[0]], {}
    for row in part.itertuples():
        known[row.date] = known.get(row.date, 0.0) + row.value
    day = span[0]
    while missing == "zero" and day <= span[1]:
        known.setdefault(day, 0.0)
        day += step
    day = closed
    if closed and step > DAY:  # the first week that begins on or after the closing, counted from the last one known
        day = max(known) + step
        while day < closed:
            day += step
    while closed and day <= last + 6 * DAY and not (back and day >= back):
        known.setdefault(day, 0.0)
        day += step
    return known


def by_hand(data: pd.DataFrame, study: Case, aggregate: str, missing: str, last: pd.Timestamp) -> pd.Series:
    labels = pd.date_range(FIRST, last)
    if study.frequency == "week":
        labels = labels[labels.day_of_week == WEEKDAYS.index(study.week_starts)]
    found = pd.Series(0.0, index=labels)
    for channel in data["channel"].unique():
        part = data[data["channel"] == channel]
        closed = next((item.closed for item in study.channels if item.id == channel), None)
        back = study.returned(channel) if closed else None
        ends = [None if day is None else pd.Timestamp(day) for day in (closed, back)]
        known = filled(part, (data["date"].min(), data["date"].max()), missing, *ends, last)
        by_week = study.frequency == "week" and part["period"].iloc[0] == "day"
        for label in labels:
            values = [known.get(label + step * DAY, np.nan) for step in range(7 if by_week else 1)]
            found[label] += HOW[aggregate](values) + 0 * sum(values) if by_week else values[0]
    return found


@pytest.mark.parametrize("number", range(25))
@pytest.mark.parametrize("frequency", ["day", "week"])
@pytest.mark.parametrize("missing", ["zero", "refuse"])
def test_a_series_is_what_its_days_say(number: int, frequency: str, missing: str) -> None:
    draw = generator_for("series by hand", number, frequency, missing)
    starts = str(draw.choice(["monday", "sunday", "thursday"]))
    asked = list(CHANNELS[: int(draw.integers(1, 4))])
    closed, last = between(draw, FIRST, 40, 300), between(draw, LAST, -6, 1)
    back = between(draw, closed, 1, 200) if draw.random() < 0.5 else None
    again = None if back is None else export(draw, "facebook", starts, None)
    data = pd.concat([export(draw, name, starts, {"facebook": closed}.get(name)) for name in asked], ignore_index=True)
    if back is not None:  # what the channel had once it was back; in some exports nothing from before
        own = data["channel"] == "facebook"
        again = again[(again["date"] >= back) & (again["period"] == data.loc[own, "period"].iloc[0])]
        late = len(again) > 0 and draw.random() < 0.5
        data = pd.concat([data[~own] if late else data, again], ignore_index=True)
    stages = [{"id": "exit", "date": str(closed.date()), "kind": "channels_closed", "label": "Closed"}]
    if back is not None:
        stages += [
            {"id": "back", "date": str(back.date()), "kind": "returned", "label": "Back", "channels": ["facebook"]}
        ]
    roles = {"facebook": {"role": "exited", "closed": str(closed.date())}}
    study = case(
        frequency=frequency,
        week_starts=starts,
        windows={"first": "2018-01-01", "pre_last": "2018-01-28", "event": "2018-12-03", "last": "2018-12-30"},
        channels=[{"id": name, "label": name, "role": "owned"} | roles.get(name, {}) for name in CHANNELS],
        stages=stages,
    )
    aggregate = str(draw.choice(list(HOW)))
    found = total(
        data, study, channels=tuple(asked), aggregate=aggregate, missing=missing, first=FIRST.date(), last=last.date()
    )
    pd.testing.assert_series_equal(
        found, by_hand(data, study, aggregate, missing, last), check_freq=False, check_index_type=False
    )
