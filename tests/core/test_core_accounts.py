"""The register of accounts: how much of a platform is still held, and from when there is nothing by construction."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis.core.accounts import DOSE_COLUMNS, Account, absences, dose

JUNE = date(2019, 6, 1)


def account(handle: str, opened: str = "", closed: str = "", *, service: bool = False, platform="facebook") -> Account:
    days = [date.fromisoformat(day) if day else None for day in (opened, closed)]
    return Account("Demo", "IT", platform, handle, *days, carries_service=service, file="accounts.csv", row=2)


def shares(accounts: list[Account], *days: str) -> list[tuple]:
    table = dose(accounts, [date.fromisoformat(day) for day in days])
    return [tuple(row) for row in table[["accounts", "open", "share_open"]].itertuples(index=False)]


def test_an_account_counts_from_its_opening_to_the_day_before_its_closing() -> None:
    own = [account("a", closed="2019-06-01"), account("b", opened="2019-05-10"), account("c")]
    days = ("2019-05-09", "2019-05-10", "2019-05-31", "2019-06-01")
    assert shares(own, *days) == [(2, 2, 1.0), (3, 3, 1.0), (3, 3, 1.0), (3, 2, 2 / 3)]


def test_an_account_that_comes_back_is_one_account() -> None:
    own = [account("a", closed="2019-06-01"), account("a", opened="2020-03-16"), account("b", closed="2019-06-01")]
    assert shares(own, "2019-05-31", "2019-06-01", "2020-03-16") == [(2, 2, 1.0), (2, 0, 0.0), (2, 1, 0.5)]


def test_those_that_carry_service_are_counted_apart_and_a_share_of_none_is_absent() -> None:
    own = [account("a", closed="2019-06-01", service=True), account("b"), account("c", platform="twitter")]
    table = dose(own, [date(2019, 5, 31), JUNE])
    assert tuple(table.columns) == DOSE_COLUMNS
    facebook, twitter = table[table["platform"] == "facebook"], table[table["platform"] == "twitter"]
    assert facebook["share_open"].tolist() == [1.0, 0.5]
    assert facebook["share_service_open"].tolist() == [1.0, 0.0]
    assert twitter["service_accounts"].tolist() == [0, 0]
    assert twitter["share_service_open"].isna().all()
    assert dose([], [JUNE]).empty


def test_the_counts_agree_with_counting_one_by_one() -> None:
    draw = np.random.default_rng(20190601)
    days = pd.date_range("2019-01-01", "2019-03-31")
    own = []
    for number in range(60):
        begins, ends = np.sort(draw.integers(0, len(days), 2))
        opened = "" if number % 3 == 0 else f"{days[begins].date()}"
        closed = "" if number % 4 == 0 else f"{days[ends].date()}"
        own.append(account(str(number), opened, closed, service=number % 2 == 0))
    table = dose(own, days)
    for row in table.itertuples():
        day = row.time.date()
        assert row.open == sum(item.open(day) for item in own)
        assert row.accounts == sum(item.opened is None or item.opened <= day for item in own)
        assert row.service_open == sum(item.open(day) for item in own if item.carries_service)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([account("a", closed="2019-06-01"), account("b", closed="2019-06-10")], [(date(2019, 6, 10), None)]),
        ([account("a", closed="2019-06-01"), account("b")], []),
        ([account("a")], []),
        (
            [account("a", closed="2019-06-01"), account("a", opened="2020-03-16")],
            [(JUNE, date(2020, 3, 16))],
        ),
        (  # handed over on the same day: never without
            [account("old", closed="2018-03-01"), account("new", opened="2018-03-01", closed="2019-06-01")],
            [(JUNE, None)],
        ),
        ([account("a", closed="2019-06-01"), account("never", "2019-07-01", "2019-07-01")], [(JUNE, None)]),
        (
            [account("a", closed="2018-03-01"), account("b", opened="2018-03-05", closed="2019-06-01")],
            [(date(2018, 3, 1), date(2018, 3, 5)), (JUNE, None)],
        ),
    ],
)
def test_nothing_is_left_only_when_the_last_one_closed(own, expected) -> None:
    assert absences(own) == expected
