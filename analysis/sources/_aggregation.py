"""A log of events reduced to counts and exact quantiles by local day, channel and topic: one declaration, one SQL text.

The text keeps to what engines share: whole numbers, remainders, sums and one window. It is written for DuckDB and
runs there as it is; other engines get it translated (`analysis.sources._warehouse`). Nothing in it depends on the
order of rows or on how many threads add them up, so the same events give the same panel, byte for byte.

Durations are counted, not sketched: each is rounded down to a whole step and the events of a step are added up. The
quantile is the inverse of that distribution, the shortest step that at least so many hundredths of the events do not
exceed (definition 1 of Hyndman and Fan 1996, American Statistician 50:361; ``inverted_cdf`` in numpy).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from analysis.sources._dates import EARLIEST, LATEST

DAY = 86_400
EVENTS = ("moment", "channel", "topic", "duration", "place")
COUNTS = ("day", "channel", "topic", "duration", "events", "place")
NEGATIVE = -1
UNREADABLE = -(2**53)  # a duration that is there and is no number; no clock counts that far back


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What a log is reduced to.

    ``zone``: whose days are counted. ``step``: seconds, durations are rounded down to it. ``percentiles``: whole
    hundredths. ``sums``: how many columns of whole numbers are added up, ``sum0`` ... in every relation.

    The SQL reads a relation ``events`` with the columns EVENTS and those: ``moment`` (whole seconds since 1970, as the
    clock of ``zone`` shows them or, with ``instants``, in UTC), ``channel`` and ``topic`` (texts), ``duration`` (whole
    seconds, absent, or UNREADABLE), ``place`` (where the event stands in its files, a whole number).
    """

    zone: str
    step: int = 60
    percentiles: tuple[int, ...] = (50, 90)
    sums: int = 0

    def counts(self, *, instants: bool) -> str:
        """Events by local day, channel, topic and step, columns COUNTS. ``day``: seconds to its midnight, absent where
        the moment is; ``duration``: of the step, NEGATIVE below zero; ``place``: the first of the group's. With sums
        also ``slip``: the first place where one of the numbers is below zero or UNREADABLE."""
        added = self.added()
        below = " OR ".join(f"{name} < 0" for name in added)
        slip = f", MIN(CASE WHEN {below} THEN place END) AS slip" if added else ""
        local = f"moment + {offset(self.zone)}" if instants else "moment"
        return f"""
            SELECT moment - moment % {DAY} AS day, channel, topic, duration, COUNT(*) AS events, MIN(place) AS place
                {_added(added)}{slip}
            FROM (
                SELECT {local} AS moment, channel, topic, place{_listed(added)},
                    CASE WHEN duration = {UNREADABLE} THEN duration WHEN duration < 0 THEN {NEGATIVE}
                        ELSE duration - duration % {self.step} END AS duration
                FROM events
            ) AS stepped
            GROUP BY moment - moment % {DAY}, channel, topic, duration"""

    def panel(self, *, by_topic: bool) -> str:
        """The panel from a relation ``counts`` (columns COUNTS; a key may be there several times): day, channel, topic
        (with ``by_topic``), contacts (all events), timed (those with a duration), p50 ... (seconds, absent when none
        is timed), sum0 ... (absent when no event has the number), place. In the order of its keys. Durations below
        zero count as absent."""
        keys, added = "day, channel, topic" if by_topic else "day, channel", self.added()
        timed = "CASE WHEN duration >= 0 THEN events ELSE 0 END"
        quantiles = "".join(
            f", MIN(CASE WHEN duration >= 0 AND 100 * reached >= {percent} * timed THEN duration END) AS p{percent}"
            for percent in self.percentiles
        )
        return f"""
            SELECT {keys}, CAST(SUM(events) AS BIGINT) AS contacts, CAST(MAX(timed) AS BIGINT) AS timed{quantiles}
                {_added(added)}, MIN(place) AS place
            FROM (
                SELECT {keys}, duration, events, place{_listed(added)},
                    SUM({timed}) OVER (PARTITION BY {keys}) AS timed,
                    SUM({timed}) OVER (PARTITION BY {keys} ORDER BY duration NULLS FIRST) AS reached
                FROM counts
            ) AS ranked
            GROUP BY {keys} ORDER BY {keys}"""

    def columns(self, *, by_topic: bool) -> list[str]:
        """The names of the panel's columns."""
        keys = ["day", "channel", "topic"] if by_topic else ["day", "channel"]
        return [*keys, "contacts", "timed", *(f"p{percent}" for percent in self.percentiles), *self.added(), "place"]

    def added(self) -> list[str]:
        """The names of the columns that are added up."""
        return [f"sum{number}" for number in range(self.sums)]


def _listed(names: list[str]) -> str:
    return "".join(f", {name}" for name in names)


def _added(names: list[str]) -> str:
    return "".join(f", CAST(SUM({name}) AS BIGINT) AS {name}" for name in names)


@cache
def offset(zone: str) -> str:
    """SQL: by how many seconds the clock of ``zone`` is ahead of UTC at ``moment``, for every plausible year.

    A tree of comparisons, halved at each: engines know other time zones by other releases of the zone tables, or none.
    """
    start, changes = _offsets(zone)
    return _tree([start, *(ahead for _, ahead in changes)], [moment for moment, _ in changes])


def _tree(ahead: list[int], changes: list[int]) -> str:
    if not changes:
        return str(ahead[0])
    half = len(changes) // 2
    before, after = _tree(ahead[: half + 1], changes[:half]), _tree(ahead[half + 1 :], changes[half + 1 :])
    return f"CASE WHEN moment < {changes[half]} THEN {before} ELSE {after} END"


def _offsets(zone: str) -> tuple[int, list[tuple[int, int]]]:
    """The first offset, and each change: the second it begins, the offset from then on."""
    first, last = int(EARLIEST.timestamp()) - DAY, int(LATEST.timestamp()) + DAY
    clock = ZoneInfo(zone)
    changes = []
    for low, high in pairwise(range(first, last, DAY)):
        if (after := _ahead(high, clock)) != _ahead(low, clock):
            changes.append((_turn(low, high, clock), after))
    return _ahead(first, clock), changes


def _turn(low: int, high: int, clock: ZoneInfo) -> int:
    """The first second of (low, high] at which the clock shows the later offset."""
    before = _ahead(low, clock)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(middle, clock) == before else (low, middle)
    return high


def _ahead(moment: int, clock: ZoneInfo) -> int:
    shown = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment)).astimezone(clock)
    return int(shown.utcoffset().total_seconds())
