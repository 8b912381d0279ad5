"""From tidy measurements to one unit's series: days put into bins, channels summed, nothing taken for a zero."""

from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.core.case import WEEKDAYS, Case
from analysis.core.errors import DesignError, nearest
from analysis.core.sums import check_sums


@lru_cache(maxsize=8)  # the same for each of many donors
def _axis(frequency: str, week_starts: str, first: date, last: date) -> pd.DatetimeIndex:
    """Every bin whose label lies in the windows."""
    days = pd.date_range(first, last, freq="D")
    return days[days.day_of_week == WEEKDAYS.index(week_starts)] if frequency == "week" else days


def _days(times: pd.Series | pd.Index | list[date]) -> np.ndarray:
    """Whole days, as numbers."""
    return np.asarray(times, dtype="datetime64[D]").astype(np.int64)


def _day(day: date) -> int:
    return int(_days([day])[0])


def _filled(
    part: pd.DataFrame, span: tuple[int, int], step: int, missing: str, closed: date | None, back: date | None,
    last: date,
) -> tuple[np.ndarray, int]:  # fmt: skip
    """One channel day by day, NaN where nothing is known, zeros only where they are known to be zeros; and its first
    day. A week of weekly data (``step`` 7) stands on its label.

    ``missing: zero`` says that a day without a row, within the ``span`` of the export, is a day with nothing. From the
    day the brand closed the channel until it came ``back`` there is nothing by construction: that zero is the exit.
    """
    asked_to = _day(last) + 6  # the last week may begin on the last day
    label = None if closed is None else _day(closed)
    start = span[0] if label is None else min(span[0], label)
    size = max(span[1], asked_to) - start + 1
    at = _days(part["date"]) - start
    values, known = np.bincount(at, part["value"], size), np.zeros(size, dtype=bool)
    known[at] = True
    if missing == "zero":
        known[span[0] - start : span[1] - start + 1 : step] = True
    if label is not None:
        if step == 7:
            newest = int(np.flatnonzero(known).max()) + start
            label = newest + 7 * -(-max(label - newest, 1) // 7)
        end = min(asked_to, _day(back) - 1) if back else asked_to
        known[label - start : end - start + 1 : step] = True
    return np.where(known, values, np.nan), start


def _binned(values: np.ndarray, start: int, labels: np.ndarray, aggregate: str | None) -> np.ndarray:
    """The days of ``values`` (the first is ``start``) at ``labels``; with ``aggregate`` the weeks that begin there, of
    which one with a missing day is missing, not small."""
    width = 7 if aggregate else 1
    places = labels[:, None] - start + np.arange(width)
    inside = (places >= 0) & (places < len(values))
    weeks = np.where(inside, values[np.where(inside, places, 0)], np.nan)
    if aggregate == "last":
        return np.where(np.isnan(weeks).any(axis=1), np.nan, weeks[:, -1])
    return weeks.mean(axis=1) if aggregate == "mean" else weeks.sum(axis=1)


def series_of(
    measurements: pd.DataFrame,
    case: Case,
    *,
    unit: str,
    metric: str,
    channels: tuple[str, ...],
    aggregate: str,
    missing: str,
    first: date,
    last: date,
    key: str = "outcome of case.yaml",
) -> pd.Series:
    """One unit's series summed over the channels, by bin, NaN where anything is missing.

    Raises DesignError when the unit or metric is not in the data, CaseError (naming ``key``) for a sum that has no
    meaning.
    """
    rows = measurements[(measurements["unit"] == unit) & (measurements["metric"] == metric)]
    if rows.empty:
        raise DesignError(
            f'no "{metric}" of "{unit}" in the data',
            where="outcome of case.yaml",
            cure=nearest(metric, measurements["metric"].unique()),
        )
    axis = _axis(case.frequency, case.week_starts, first, last)
    labels, total = _days(axis), np.zeros(len(axis))
    span = int(_days(rows["date"]).min()), int(_days(rows["date"]).max())
    present = tuple(sorted(rows["channel"].unique()))
    check_sums(rows, case, channels or present, aggregate, key)
    for channel in channels or present:
        part = rows if present == (channel,) else rows[rows["channel"] == channel]
        if part.empty:
            raise DesignError(
                f'no "{metric}" of "{unit}" on the channel "{channel}" in the data',
                where="outcome of case.yaml",
                cure=nearest(channel, present),
            )
        closed = (
            next((item.closed for item in case.channels if item.id == channel), None) if unit == case.brand else None
        )
        weekly = bool((part["period"] == "week").any())
        back = case.returned(channel) if closed else None
        values, start = _filled(part, span, 7 if weekly else 1, missing, closed, back, last)
        total += _binned(values, start, labels, aggregate if case.frequency == "week" and not weekly else None)
    return pd.Series(total, index=axis)
