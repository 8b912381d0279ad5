"""Where a redefinition lies decides: well inside a period a review, at the event a failure, elsewhere nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from check_worlds import AFTER, BEFORE, DONUT, context_of, frame_of

from analysis.checks import redefinitions
from analysis.core.redefinitions import KNOWN, NEAR

ITEM = KNOWN[0]
FRAME = frame_of("redefinitions")
WEEK = timedelta(days=7)
PRE_END = (FRAME.index[BEFORE - 1] + WEEK).date()  # the first day left out
EVENT = FRAME.index[BEFORE + DONUT].date()


@pytest.fixture(scope="module")
def base():
    return context_of(FRAME, "difference_in_differences")


def read(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def result(base, *days: date):
    items = tuple(replace(ITEM, first=day, last=day) for day in days)
    return redefinitions.run(replace(base, panel=replace(base.panel, redefinitions=items)))


def test_none_is_a_pass(base) -> None:
    found = result(base)
    assert (found.status, found.statistic, found.recommendation) == ("PASS", 0.0, "")
    assert found.table["redefinitions"].sum() == 0


@pytest.mark.parametrize(
    ("day", "status", "place"),
    [
        (FRAME.index[10].date(), "REVIEW", "before"),
        (PRE_END - NEAR - timedelta(days=1), "REVIEW", "before"),
        (PRE_END - NEAR, "FAIL", "at the event"),
        (PRE_END + timedelta(days=3), "FAIL", "at the event"),
        (EVENT, "FAIL", "at the event"),
        (EVENT + NEAR, "FAIL", "at the event"),
        (EVENT + NEAR + timedelta(days=1), "REVIEW", "after"),
    ],
)
def test_the_place_decides(base, day: date, status: str, place: str) -> None:
    found = result(base, day)
    assert found.status == status
    assert found.statistic == 1
    assert f"({read(day)})" in found.sentence
    assert list(found.table.loc[found.table["redefinitions"] == 1, "place"]) == [place]
    assert found.recommendation.startswith("Donors measured on the same platform")


def test_one_at_the_event_outweighs_others(base) -> None:
    found = result(base, FRAME.index[5].date(), EVENT)
    assert (found.status, found.statistic) == ("FAIL", 2.0)
    assert f"({read(EVENT)})" in found.sentence


def test_a_change_in_steps_counts_by_its_nearest_end(base) -> None:
    long = replace(ITEM, first=FRAME.index[5].date(), last=PRE_END)
    found = redefinitions.run(replace(base, panel=replace(base.panel, redefinitions=(long,))))
    assert found.status == "FAIL"
    assert f"({read(long.first)} to {read(long.last)})" in found.sentence


def test_not_for_periods_without_dates(base) -> None:
    numbered = pd.DataFrame(FRAME.to_numpy(), columns=FRAME.columns)
    assert len(numbered) == BEFORE + DONUT + AFTER
    panel = context_of(numbered, "difference_in_differences").panel
    assert redefinitions.applies(panel, base.module) == "the periods are not dates"
