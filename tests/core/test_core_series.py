"""One unit's series against the same rules read day by day from a dictionary, over many odd shapes of exports."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from test_core_assembly import case, rows, total

from analysis.core.case import WEEKDAYS
from analysis.core.seeds import generator_for

FIRST, LAST = pd.Timestamp("2018-01-01"), pd.Timestamp("2018-12-30")  # a Monday, a Sunday
DAY = timedelta(days=1)
CHANNELS = ("facebook", "twitter", "phone")
HOW = {"sum": sum, "mean": lambda week: sum(week) / 7, "last": lambda week: week[-1]}


def export(draw: np.random.Generator, channel: str, closed: pd.Timestamp | None) -> pd.DataFrame:
    """Days around the window: some missing, some with several rows, none from the closing on."""
    days = pd.date_range(FIRST + int(draw.integers(-9, 30)) * DAY, LAST + int(draw.integers(-30, 9)) * DAY)
    days = days[(draw.random(len(days)) < draw.choice([0.98, 0.5])) & ((days < closed) if closed else True)]
    days = days.repeat(draw.integers(1, 3, size=len(days)))
    return rows(channel, draw.integers(0, 60, size=len(days)).astype(float), days)


def by_hand(data: pd.DataFrame, closed: dict, frequency: str, aggregate: str, missing: str) -> pd.Series:
    labels = pd.date_range(FIRST, LAST, freq="D" if frequency == "day" else "W-MON")
    found = pd.Series(0.0, index=labels)
    low, high = data["date"].min(), data["date"].max()
    for channel in data["channel"].unique():
        known: dict[pd.Timestamp, float] = {}
        for row in data[data["channel"] == channel].itertuples():
            known[row.date] = known.get(row.date, 0.0) + row.value
        for day in pd.date_range(low, high) if missing == "zero" else ():
            known.setdefault(day, 0.0)
        for day in pd.date_range(closed[channel], LAST) if closed.get(channel) else ():
            known.setdefault(day, 0.0)
        for label in labels:
            asked = [label] if frequency == "day" else [label + step * DAY for step in range(7)]
            values = [known.get(day, np.nan) for day in asked]
            found[label] += values[0] if frequency == "day" else HOW[aggregate](values) + 0 * sum(values)
    return found


@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("frequency", ["day", "week"])
@pytest.mark.parametrize("missing", ["zero", "refuse"])
def test_a_series_is_what_its_days_say(number: int, frequency: str, missing: str) -> None:
    draw = generator_for("series by hand", number, frequency, missing)
    closed = {"facebook": FIRST + int(draw.integers(40, 300)) * DAY}
    asked = list(CHANNELS[: int(draw.integers(1, 4))])
    data = pd.concat([export(draw, name, closed.get(name)) for name in asked], ignore_index=True)
    aggregate = str(draw.choice(list(HOW)))
    roles = {"facebook": {"role": "exited", "closed": str(closed["facebook"].date())}}
    study = case(
        frequency=frequency,
        windows={"first": "2018-01-01", "pre_last": "2018-01-28", "event": "2018-12-03", "last": "2018-12-30"},
        channels=[{"id": name, "label": name, "role": "owned"} | roles.get(name, {}) for name in CHANNELS],
        stages=[{"id": "exit", "date": str(closed["facebook"].date()), "kind": "channels_closed", "label": "Closed"}],
    )
    assert study.week_starts == WEEKDAYS[0]
    found = total(
        data, study, channels=tuple(asked), aggregate=aggregate, missing=missing, first=FIRST.date(), last=LAST.date()
    )
    pd.testing.assert_series_equal(
        found, by_hand(data, closed, frequency, aggregate, missing), check_freq=False, check_index_type=False
    )
