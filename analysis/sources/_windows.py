"""Several export windows of one series, joined: overlaps must agree, gaps are told and never filled."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.errors import SourceError
from analysis.sources._reading import KEY, Note, measurements_frame, place

ONE_DAY = pd.Timedelta(days=1)
# "... - 2019-01-01 - 2019-05-31.csv" of Page Insights, "..._20190101_20190201_en.csv" of Twitter Analytics.
PERIOD_IN_NAME = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d|\d{8})(?: - |_)(\d{4}-\d\d-\d\d|\d{8})(?!\d)")
PERIOD_DAYS = {"day": 1, "week": 7}


def window_of(
    file: str, lines: Sequence[int], dates: pd.Series, unit: Any, channel: Any, values: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """One file's measurements, stacked metric after metric; ``values`` by metric, each as long as ``lines``."""
    frames = [
        measurements_frame(
            {"date": dates, "unit": unit, "channel": channel, "metric": metric, "value": column, "file": file,
             "row": list(lines)}
        )
        for metric, column in values.items()
    ]
    return pd.concat(frames, ignore_index=True)


def join_windows(
    windows: Sequence[pd.DataFrame], period: str = "day", *, gaps: bool = True
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """One frame from one frame a file (columns MEASUREMENT_COLUMNS, value NaN where absent), and what was noticed.

    Rows given twice with the same value (or absent both times) are kept once, from the window that begins first;
    absent values are then left out. Raises SourceError for a date twice in one file and for two windows that
    disagree, naming files and rows.
    """
    ordered = sorted(windows, key=lambda window: (window["date"].min(), window["file"].iloc[0]))
    ordered = [window.assign(window=number) for number, window in enumerate(ordered)]  # two folders, one file name
    frame = pd.concat(ordered, ignore_index=True)
    again = frame.duplicated(KEY).to_numpy()
    notes: list[Note] = []
    if again.any():
        _check_agreement(frame)
        notes += _overlap_notes(frame[again])
    notes += [note for window in ordered for note in _name_notes(window)]
    if gaps:
        notes += _gap_notes(ordered, PERIOD_DAYS[period])
    kept = frame[~again & frame["value"].notna().to_numpy()].drop(columns="window")
    return kept.sort_values(KEY, kind="stable", ignore_index=True), tuple(notes)


def _check_agreement(frame: pd.DataFrame) -> None:
    """A cell that is absent in one window and a number in the other is a disagreement too."""
    seen = frame.assign(value=frame["value"].fillna(float("-inf")))
    groups = seen[seen.duplicated(KEY, keep=False)].groupby(KEY, sort=False)
    differs = groups["value"].transform("nunique") > 1
    same_file = groups["window"].transform("count") > groups["window"].transform("nunique")
    if not (differs | same_file).any():
        return
    first = (differs | same_file).idxmax()
    pair = frame[(frame[KEY] == frame.loc[first, KEY]).all(axis=1)]
    one = pair.iloc[0]
    what = f"{one['metric']} of {one['unit']} on {one['channel']}, {one['date']:%Y-%m-%d},"
    where = " and ".join(place(pair, position) for position in range(len(pair)))
    if same_file[first]:
        raise SourceError(
            f"{what} is given twice in one file", where=where,
            cure="export the file again; if its rows are parts of a day, or of more than the columns named tell apart, "
            "name the column that does, or add them up with `format: large_log` and `sums:`",
        )
    values = " and ".join("absent" if pd.isna(value) else f"{value:g}" for value in pair["value"])
    raise SourceError(
        f"two exports disagree: {what} is {values}",
        where=where,
        cure="keep the later export of that period, or export both again",
    )


def _overlap_notes(again: pd.DataFrame) -> list[Note]:
    notes = []
    for file, rows in again.groupby("file", sort=True):
        dates = rows["date"].drop_duplicates()
        notes.append(
            Note(
                str(file), "overlap", len(dates),
                f"{dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d} are in an earlier export too, with the same values",
            )
        )
    return notes


def promised(file: str) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """First and last day that an export's name promises; None when it names none."""
    found = PERIOD_IN_NAME.search(file)
    if not found:
        return None
    first, last = (pd.to_datetime(text.replace("-", ""), format="%Y%m%d", errors="coerce") for text in found.groups())
    return None if pd.isna(first) or pd.isna(last) or last < first else (first, last)


def _name_notes(window: pd.DataFrame) -> list[Note]:
    """Days that a file's name promises and its rows do not hold: it may have been cut at the end of a line."""
    named = promised(str(window["file"].iloc[0]))
    if named is None:
        return []
    first, last = named[0], named[1] - ONE_DAY  # some platforms name the day after the last
    begins, ends = window["date"].min(), window["date"].max()
    missing = max((begins - first).days, 0) + max((last - ends).days, 0)
    if missing <= 0:
        return []
    name, rows = (f"{one:%Y-%m-%d} to {two:%Y-%m-%d}" for one, two in ((first, last), (begins, ends)))
    detail = f"the name promises {name}, the rows run from {rows}"
    return [Note(str(window["file"].iloc[0]), "fewer days than the file's name says", missing, detail)]


def _gap_notes(ordered: Sequence[pd.DataFrame], step: int) -> list[Note]:
    """Periods that no row of any window covers: one note a gap between files, one a file for those inside it."""
    owner = pd.concat([window[["date", "file", "window"]].drop_duplicates() for window in ordered])
    owner = owner.drop_duplicates("date").sort_values("date", ignore_index=True)
    missing = (owner["date"].diff().dt.days.fillna(step) / step - 1).round().astype(int)
    before = owner["date"].shift()
    between = (missing > 0) & (owner["window"] != owner["window"].shift())
    notes = []
    for index in owner.index[between]:
        detail = f"nothing between {before[index]:%Y-%m-%d} and {owner['date'][index]:%Y-%m-%d}; not filled"
        notes.append(Note(owner["file"][index], "gap between exports", int(missing[index]), detail))
    inside = owner[(missing > 0) & ~between].assign(missing=missing, before=before)
    for file, rows in inside.groupby("file", sort=True):
        worst = rows.loc[rows["missing"].idxmax()]
        detail = (
            f"{len(rows)} gaps; the longest lies between {worst['before']:%Y-%m-%d} and {worst['date']:%Y-%m-%d}; "
            "not filled"
        )
        notes.append(Note(str(file), "gap inside the export", int(rows["missing"].sum()), detail))
    return notes
