"""The register of accounts: exits are per account, so a partial exit has a dose; zeros begin as the last one closes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.core.case import Case, Channel
from analysis.core.case_rules import last_day_before
from analysis.core.errors import CaseError

DOSE_COLUMNS = (
    "time", "platform", "accounts", "open", "share_open", "service_accounts", "service_open", "share_service_open",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """One account on one platform (a channel's id), there from ``opened`` (None: since before the study) and gone from
    ``closed`` on (None: still open). An account that came back has a row for each time. ``row``: its line in ``file``.
    """

    brand: str
    country: str
    platform: str
    handle: str
    opened: date | None
    closed: date | None
    carries_service: bool
    file: str
    row: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.row}"

    @property
    def begins(self) -> date:
        return self.opened or date.min

    def open(self, day: date) -> bool:
        return self.begins <= day and (self.closed is None or day < self.closed)


def dose(accounts: Iterable[Account], times: Sequence[date] | pd.DatetimeIndex) -> pd.DataFrame:
    """How many accounts are open on each of the days ``times``: one row a day and platform, columns DOSE_COLUMNS.

    ``accounts`` counts the handles there until then, ``open`` those of them that are open, ``share_open`` is the one by
    the other; the same for the accounts that carry service. A share of none is NaN.
    """
    days = pd.DatetimeIndex(times).to_numpy().astype("datetime64[D]")
    by_platform: dict[str, list[Account]] = {}
    for item in accounts:
        by_platform.setdefault(item.platform, []).append(item)
    frames = []
    for platform, own in sorted(by_platform.items()):
        known, there = _counted(own, days)
        known_service, there_service = _counted([item for item in own if item.carries_service], days)
        shares = (_share(there, known), _share(there_service, known_service))
        values = (days, platform, known, there, shares[0], known_service, there_service, shares[1])
        frames.append(pd.DataFrame(dict(zip(DOSE_COLUMNS, values, strict=True))))
    if not frames:
        return pd.DataFrame(columns=list(DOSE_COLUMNS))
    return pd.concat(frames).sort_values(["time", "platform"], kind="stable", ignore_index=True)


def _counted(accounts: list[Account], days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Handles there until each day, accounts open on it, shape (days,) each."""
    first: dict[str, date] = {}
    for item in accounts:
        first[item.handle] = min(item.begins, first.get(item.handle, date.max))
    opened = _until([item.begins for item in accounts], days)
    closed = _until([item.closed for item in accounts if item.closed], days)
    return _until(list(first.values()), days), opened - closed


def _until(dates: list[date], days: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(np.array(dates, dtype="datetime64[D]")), days, side="right")


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def absences(accounts: Iterable[Account]) -> list[tuple[date, date | None]]:
    """The times during which none of a platform's accounts is open any more: first day, day one is open again (None:
    never). Only then is what is measured there zero by construction; while one is open it may be an outcome."""
    accounts = [item for item in accounts if item.closed != item.begins]
    found: list[tuple[date, date | None]] = []
    for day in sorted({item.closed for item in accounts if item.closed}):
        if not any(item.open(day) for item in accounts):
            found.append((day, min((item.begins for item in accounts if item.begins > day), default=None)))
    return found


def register_problems(case: Case, accounts: Sequence[Account]) -> list[CaseError]:
    """Where the register and the channels of the case disagree on what is structurally zero from when.

    A channel of which every account closed by a day is exited, closed on that day; one with an account still open is
    not, whatever else closed.
    """
    problems = [
        CaseError(
            f'no account of "{case.brand}" is on "{channel.id}", which closed on {channel.closed}',
            where=f"case.yaml, channels, {channel.id}; {case.accounts}",
            cure="list the accounts there too: the dose of the exit counts them",
        )
        for channel in case.channels
        if channel.closed and not any(item.brand == case.brand and item.platform == channel.id for item in accounts)
    ]
    for channel in case.channels:
        own = [item for item in accounts if item.brand == case.brand and item.platform == channel.id]
        problems += _contradictions(case, channel, own) if own else ()
    return problems


def _contradictions(case: Case, channel: Channel, own: list[Account]) -> Iterator[CaseError]:
    where, gone = f"case.yaml, channels, {channel.id}", dict(absences(own))
    if channel.closed is None:
        last = max(gone, default=None)
        if last and gone[last] is None:
            yield _closed(channel, last, own, f"role: {channel.role}")
    elif channel.closed in gone:
        back, said = gone[channel.closed], case.returned(channel.id)
        if back != said:
            yield CaseError(
                f'"{channel.id}": an account is open again {f"on {back}" if back else "never"} by the register, '
                f"{f'on {said}' if said else 'never'} by the stages",
                where=f"{where}; {own[0].file}; stages",
                cure="give the account that came back a row with the day it opened, and the stage `returned` that day",
            )
    elif later := [day for day in gone if gone[day] is None]:
        yield _closed(channel, later[0], own, f"closed: {channel.closed}")
    else:
        left = next(item for item in sorted(own, key=lambda item: item.closed or date.max, reverse=True))
        yield CaseError(
            f'the account "{left.handle}" stays open: "{channel.id}" is not exited on {channel.closed}, only a part is',
            where=f"{where}; {left.place}",
            cure="set role: retained and take closed: out (what is measured there is then no structural zero and may "
            "be an outcome), or say in the register when that account closed",
        )


def _closed(channel: Channel, day: date, own: list[Account], said: str) -> CaseError:
    last = next(item for item in own if item.closed == day)
    return CaseError(
        f'every account on "{channel.id}" is closed from {day} on, the case says {said}',
        where=f"case.yaml, channels, {channel.id}; {last.place}",
        cure=f"set role: exited and closed: {day} (zeros from then on are the exit itself), or correct the register",
    )


def closed_before(case: Case, accounts: Sequence[Account]) -> list[str]:
    """Accounts of the brand that closed in the time before the event: a part of the exit that passes for none of it."""
    found: dict[Account, list[str]] = {}
    for outcome in case.outcomes:
        windows = case.windows_of(outcome)
        for item in accounts:
            counts = item.brand == case.brand and (not outcome.channels or item.platform in outcome.channels)
            if counts and item.closed and windows.first < item.closed <= last_day_before(case, windows):
                found.setdefault(item, []).append(outcome.id)
    return [
        f'the account "{item.handle}" ({item.place}) closed on {item.closed}, in the time before the event of '
        f"{', '.join(ids)}: a part of the exit lies there; end pre_last before it if it is part of this exit"
        for item, ids in found.items()
    ]
