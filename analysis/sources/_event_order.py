"""The order of a case's events: stages follow each other, and a time that the clock shows twice is read to fit."""

from typing import Literal, get_args

import pandas as pd

from analysis.core.errors import SourceError
from analysis.sources._reading import Note, place

Kind = Literal[
    "signal", "private_request", "pool", "taken_in_charge", "outcome", "abandoned", "reopened", "message"
]  # fmt: skip
KINDS = get_args(Kind)
IN_ORDER = ("signal", "private_request", "pool", "taken_in_charge", "outcome")


def settled(events: pd.DataFrame) -> pd.DataFrame:
    """The events with each time that would precede what its case's order puts before it moved to ``later``: the second
    showing of a time that the clock shows twice, any other time itself. Without the column ``later``."""
    later, times = events["later"], events["time"]
    events = events.drop(columns="later")
    if (later == times).all():
        return events
    kinds, signal = events["kind"], _first_of(events, times, "signal")
    reached = signal
    for stage in IN_ORDER[1:]:
        times = times.mask((kinds == stage) & (times < reached), later)
        own_first = _first_of(events, times, stage)
        reached = reached.mask(own_first > reached, own_first)
    outcome = _first_of(events, times, "outcome")
    early = (times < signal) | ((kinds == "reopened") & (times < outcome))
    return events.assign(time=times.mask(early, later))


def _first_of(events: pd.DataFrame, times: pd.Series, kind: str) -> pd.Series:
    """For each event when its case first had one of the kind, missing where it never had."""
    return times.where(events["kind"] == kind).groupby(events["case_id"]).transform("min")


def in_order(
    events: pd.DataFrame, out_of_order: Literal["refuse", "drop_event"]
) -> tuple[pd.DataFrame, list[Note]]:
    """Only events that fit their case's order; what a first slip hid shows once it is gone, so until none is left."""
    wrong, dropped, first = _misplaced(events), 0, ""
    while wrong.any():
        index = int(wrong.to_numpy().argmax())
        if out_of_order == "refuse":
            raise SourceError(
                f"case {events['case_id'][index]}: {events['kind'][index]} at {events['time'][index]} does not fit the "
                f"order of the case: it comes before an earlier stage, or after its end; events like this: "
                f"{int(wrong.sum())}",
                where=place(events, index),
                cure="correct the export, or set `out_of_order: drop_event` to leave such events out",
            )
        first = first or place(events, index)
        dropped += int(wrong.sum())
        events = events[~wrong].reset_index(drop=True)
        wrong = _misplaced(events)
    if not dropped:
        return events, []
    return events, [Note(first.split(", row ")[0], "event out of order", dropped, f"first: {first}; left out")]


def _misplaced(events: pd.DataFrame) -> pd.Series:
    """Events before their case's signal, stages whose first moment lies before an earlier stage, a reopening before
    any outcome, an abandonment after one."""
    moment = events["time"].dt.tz_convert("UTC").dt.tz_localize(None)
    first = events.assign(moment=moment).groupby(["case_id", "kind"])["moment"].min().unstack()
    first = first.reindex(columns=list(KINDS)).astype(moment.dtype)
    reached = events["case_id"].map(first["signal"])
    wrong = moment < reached
    for stage in IN_ORDER[1:]:
        own_first = events["case_id"].map(first[stage])
        wrong = wrong | ((events["kind"] == stage) & (moment == own_first) & (own_first < reached))
        reached = pd.concat([reached, own_first], axis=1).max(axis=1)
    outcome = events["case_id"].map(first["outcome"])
    wrong = wrong | ((events["kind"] == "reopened") & ~(moment >= outcome))
    return wrong | ((events["kind"] == "abandoned") & (moment > outcome))
