"""Events of a log that stand twice: in one file, or in two files that overlap.

Within a file a row that repeats another in every column read is a double. Only messages may share a moment: two of one
case that differ in anything are two, and so may be two that are alike where the log's times end with the minute.
"""

import numpy as np
import pandas as pd

from analysis.core.errors import SourceError
from analysis.sources._reading import Note, place

KEY = ["case_id", "kind", "time"]
DOUBLED = 0.5  # of a file's rows repeat an earlier one: nothing but a file that holds its rows twice
KEEP_FIRST = "keep_first"
KEPT = "the first was kept"


def without_doubles(frames: list[pd.DataFrame], duplicates: str) -> tuple[pd.DataFrame, list[Note]]:
    """The events of all files, one after the other, each once.

    ``frames``: one a file, columns case_id, kind, time, file, row and whatever else was read. ``duplicates``
    "keep_first" leaves a double out and notes it. Raises SourceError, naming both rows, for a double otherwise, and for
    a file whose rows stand in it twice in any case.
    """
    singles, notes = [], []
    for frame in frames:
        kept, more = _within(frame, duplicates)
        singles.append(kept)
        notes += more
    exports = np.repeat(np.arange(len(singles)), [len(frame) for frame in singles])
    events, more = _across(pd.concat(singles, ignore_index=True), exports, duplicates)
    return events, [*notes, *more]


def _within(events: pd.DataFrame, duplicates: str) -> tuple[pd.DataFrame, list[Note]]:
    if events.empty:
        return events, []
    read = [name for name in events if name not in ("file", "row")]
    alike = events.duplicated(read).to_numpy()
    if alike.mean() >= DOUBLED:
        index = int(alike.argmax())
        raise SourceError(
            f"{int(alike.sum())} of {len(events)} rows repeat an earlier row in every column read: the file holds its "
            "rows twice",
            where=f"{place(events, _first(events, read, index))} and {place(events, index)}",
            cure="export it again, or delete the repeated rows",
        )
    message = (events["kind"] == "message").to_numpy()
    by_minute = (events["time"] == events["time"].dt.tz_convert("UTC").dt.floor("min")).all()
    doubtful = alike & message & by_minute
    again = (events.duplicated(KEY).to_numpy() & ~message) | (alike & message & (not by_minute))
    notes = []
    if doubtful.any():
        first = f"first in row {events['row'].iloc[int(doubtful.argmax())]}"
        detail = f"{first}; times end with the minute, so a double cannot be told from a second message; kept"
        notes.append(Note(events["file"].iloc[0], "message like another", int(doubtful.sum()), detail))
    if not again.any():
        return events, notes
    index = int(again.argmax())
    if duplicates != KEEP_FIRST:
        first = _first(events, read if message[index] else KEY, index)
        raise SourceError(
            f"case {events['case_id'].iloc[index]}: {events['kind'].iloc[index]} is given twice for the same moment by "
            f"one file; rows like this: {int(again.sum())}",
            where=f"{place(events, first)} and {place(events, index)}",
            cure="export it again without the repeated rows, or set `duplicates: keep_first`",
        )
    notes.append(Note(events["file"].iloc[0], "event given twice in one file", int(again.sum()), KEPT))
    return events[~again].reset_index(drop=True), notes


def _across(events: pd.DataFrame, exports: np.ndarray, duplicates: str) -> tuple[pd.DataFrame, list[Note]]:
    """Without what an earlier export (n,) holds already."""
    again = exports != events.assign(export=exports).groupby(KEY)["export"].transform("first").to_numpy()
    if not again.any():
        return events, []
    index = int(again.argmax())
    if duplicates != KEEP_FIRST:
        raise SourceError(
            f"case {events['case_id'][index]}: {events['kind'][index]} is given for the same moment by two "
            f"files; rows like this: {int(again.sum())}",
            where=f"{place(events, _first(events, KEY, index))} and {place(events, index)}",
            cure="two exports overlap: name one of them only, or set `duplicates: keep_first`",
        )
    counts = events[again].groupby("file", sort=True).size()
    notes = [Note(str(file), "event given twice", int(count), KEPT) for file, count in counts.items()]
    return events[~again].reset_index(drop=True), notes


def _first(events: pd.DataFrame, columns: list[str], index: int) -> int:
    """The earliest row that is like the one at ``index`` in these columns."""
    return int((events[columns] == events[columns].iloc[index]).all(axis=1).to_numpy().argmax())
