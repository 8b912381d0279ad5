"""What every reader hands back, and the vocabulary it is held to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from analysis.core.case import Case, Source
from analysis.core.errors import CaseError, SourceError, joined

Done = TypeVar("Done")
MEASUREMENT_COLUMNS = ("date", "unit", "channel", "metric", "value", "file", "row")
KEY = ["date", "unit", "channel", "metric"]
CASE_COLUMNS = ("case_id", "opened", "closed", "channel", "file", "row")
NAME_PATTERN = r"[a-z][a-z0-9_]{0,39}"


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader of the study should know about a file: how often, and what was done about it."""

    file: str
    finding: str
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One source, read.

    ``measurements``: one row a (date, unit, channel, metric), columns MEASUREMENT_COLUMNS; ``date`` is a naive day
    or week label in ``time_zone``. ``cases``: one row a service case, columns CASE_COLUMNS and the fields asked
    for, ``opened`` and ``closed`` with their time zone; None for sources that hold no cases.
    """

    measurements: pd.DataFrame
    time_zone: str
    cases: pd.DataFrame | None = None
    notes: tuple[Note, ...] = ()


def together(steps: Iterable[Callable[[], Done]]) -> list[Done]:
    """Every step done. What is wrong with several of them is told in one SourceError."""
    done, problems = [], []
    for step in steps:
        try:
            done.append(step())
        except SourceError as error:
            problems.append(error)
    if problems:
        raise joined(problems)
    return done


def zone_of(source: Source, case: Case) -> str:
    """The source's own time zone, else the case's."""
    return source.time_zone or case.time_zone


def unit_of(source: Source, case: Case) -> str:
    """Whose figures the files hold: the source's unit, else the brand."""
    return source.unit or case.brand


def channel_of(source: Source) -> str:
    """The channel the files are about. Raises CaseError when the case does not say."""
    if source.channel is None:
        raise CaseError(
            "the case does not say which channel the files are about",
            where=f"sources, {source.id}, channel",
            cure=f"add `channel:` to the source {source.id}",
        )
    return source.channel


def measurements_frame(columns: dict[str, Iterable]) -> pd.DataFrame:
    """The tidy frame from its seven columns (scalars allowed), with the vocabulary's dtypes, absent values left out."""
    frame = pd.DataFrame(columns)[list(MEASUREMENT_COLUMNS)]
    frame = frame.astype({"unit": "str", "channel": "str", "metric": "str", "file": "str", "value": float, "row": int})
    frame["date"] = pd.to_datetime(frame["date"]).astype("datetime64[ns]")
    return frame


def place(frame: pd.DataFrame, position: int) -> str:
    """'file, row 12' of one line of a frame."""
    return f"{frame['file'].iloc[position]}, row {frame['row'].iloc[position]}"


def check_reading(reading: Reading, source: Source) -> None:
    """Hold a reader to the vocabulary. Raises SourceError (bad data) or TypeError (a reader's own mistake)."""
    frame = reading.measurements
    if tuple(frame.columns) != MEASUREMENT_COLUMNS:
        raise TypeError(f"{source.format}: measurements have the columns {list(frame.columns)}")
    if frame["date"].dtype.kind != "M" or frame["date"].dt.tz is not None:
        raise TypeError(f"{source.format}: date is not a naive day label")
    if frame["value"].dtype.kind != "f" or frame["row"].dtype.kind != "i":
        raise TypeError(f"{source.format}: value or row has the wrong type")
    if frame.empty:
        raise SourceError(
            "nothing was measured: every cell asked for is absent",
            where=f"source {source.id}",
            cure="check the columns named in the source's options",
        )
    if frame.isna().to_numpy().any():
        raise TypeError(f"{source.format}: an absent value was not left out")
    if (frame["date"] != frame["date"].dt.normalize()).any():
        raise TypeError(f"{source.format}: a date carries a time of day")
    _check_metric_names(frame, source)
    _check_doubles(frame)
    if source.period == "week":
        _check_weeks(frame)
    if reading.cases is not None and tuple(reading.cases.columns[: len(CASE_COLUMNS)]) != CASE_COLUMNS:
        raise TypeError(f"{source.format}: cases have the columns {list(reading.cases.columns)}")


def _check_metric_names(frame: pd.DataFrame, source: Source) -> None:
    names = pd.Series(frame["metric"].unique())
    odd = names[~names.str.fullmatch(NAME_PATTERN)]
    if len(odd):
        position = int((frame["metric"] == odd.iloc[0]).to_numpy().argmax())
        raise SourceError(
            f'"{odd.iloc[0]}" is not a metric name',
            where=f"{place(frame, position)}, source {source.id}",
            cure="map it to a lower-case name with `metrics:` in the source's options",
        )


def _check_doubles(frame: pd.DataFrame) -> None:
    again = frame.duplicated(KEY).to_numpy()
    if not again.any():
        return
    second = int(again.argmax())
    same = (frame[KEY] == frame[KEY].iloc[second]).all(axis=1).to_numpy()
    first = int(same.argmax())
    what = frame.iloc[second]
    raise SourceError(
        f"{what['metric']} of {what['unit']} on {what['channel']} is given twice for {what['date']:%Y-%m-%d}",
        where=f"{place(frame, first)} and {place(frame, second)}",
        cure="keep one of the two rows in the export, or name one of the two files only",
    )


def _check_weeks(frame: pd.DataFrame) -> None:
    weekdays = frame["date"].dt.day_of_week
    usual = int(weekdays.mode().iloc[0])
    odd = (weekdays != usual).to_numpy()
    if odd.any():
        position = int(odd.argmax())
        raise SourceError(
            f"weeks start on different weekdays: {frame['date'].iloc[position]:%A %Y-%m-%d} among weeks of "
            f"{frame['date'].iloc[int((~odd).argmax())]:%A}",
            where=place(frame, position),
            cure="the source says `period: week`; correct the date or the period",
        )
