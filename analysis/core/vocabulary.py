"""One vocabulary of metrics: what each counts, in which unit, by which clock, of what; and what may be added up."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["flow", "stock", "unique", "rate", "index", "price", "duration"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Why something does not add up, as the error says it. What is not in the table may be added.
NOT_OVER_DAYS: Mapping[Kind, str] = MappingProxyType(
    {
        "stock": "a level read at a moment: its days are the same people or things, counted again",
        "unique": "people, and one person seen on two days would count twice",
        "rate": "a fraction: a week's is not the sum of its days'",
        "index": "a relative scale: its days have no sum",
        "price": "a price: its days have no sum",
        "duration": "a length of time of single cases: a week's is not the sum of its days'",
    }
)
NOT_OVER_CHANNELS: Mapping[Kind, str] = MappingProxyType(
    {
        "unique": "people, and one person seen on two channels would count twice",
        "rate": "a fraction: that of two channels is not the sum of theirs",
        "index": "a relative scale: two of them have no sum",
        "price": "a price: two of them have no sum",
        "duration": "a length of time of single cases: that of two channels is not the sum of theirs",
    }
)
COUNTED_TWICE = "added up over channels: people who follow two of them are counted twice"  # of a stock

TIMES = frozenset(("seconds", "hours"))  # units that have parts

EVENT, POSTING, READING = (
    "calendar day on which it happened",
    "day on which the post was published, counted up to the day of the export",
    "reading at the end of the day",
)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One thing that is measured.

    ``counts``: what, and where platforms differ, how; ``source``: who defines it; ``clock``: the day a value belongs
    to, unless a reader puts it on the day of posting; ``denominator``: of what it is a fraction, where it is one.
    """

    id: str
    label: str
    kind: Kind
    unit: str
    counts: str
    source: str
    clock: str = EVENT
    denominator: str = ""

    @property
    def whole(self) -> bool:
        """Whether it counts people, things or events, which have no parts; times, rates, prices and indices have."""
        return self.kind in ("flow", "stock", "unique") and self.unit not in TIMES


def why_no_sum(kind: Kind, *, over: Literal["days", "channels"]) -> str:
    """Why values of a kind are not added up over days or over channels; empty where they are."""
    return (NOT_OVER_DAYS if over == "days" else NOT_OVER_CHANNELS).get(kind, "")
