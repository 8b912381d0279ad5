"""Files that hold one or more named series over time: whose each is, how far apart its values lie, what changed."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from analysis.core.case import Case, Source
from analysis.core.errors import SourceError, nearest
from analysis.sources._dates import days
from analysis.sources._reading import Note, unit_of

Step = Literal["day", "week", "month"]
MONTH = re.compile(r"\d{4}-\d\d")


def units_of_series(
    names: Sequence[tuple[str, ...]], units: Mapping[str, str], option: str, source: Source, case: Case, file: str
) -> list[str | None]:
    """The unit of each series, None where it is to be left out.

    A series goes by any of its ``names``, the first being the fullest. Without ``units`` a single series is the
    source's unit. Raises SourceError when several series have no unit, a name is unknown or fits several series.
    """
    where = f"{file}; sources, {source.id}, options, {option}"
    if not units:
        if len(names) == 1:
            return [unit_of(source, case)]
        shown = ", ".join(f'"{own[0]}"' for own in names)
        raise SourceError(
            f"there are {len(names)} series and the case does not say whose each is",
            where=where,
            cure=f"name the unit of each under `{option}:`. They are {shown}",
        )
    chosen: list[str | None] = [None] * len(names)
    for name, unit in units.items():
        found = [index for index, own in enumerate(names) if name in own]
        if not found:
            known = [own[0] for own in names]
            raise SourceError(f'there is no series "{name}"', where=where, cure=nearest(name, known))
        if len(found) > 1:
            full = " or ".join(f'"{names[index][0]}"' for index in found)
            raise SourceError(f'"{name}" names {len(found)} series', where=where, cure=f"write it in full: {full}")
        if chosen[found[0]] is not None:
            raise SourceError(f'"{name}" is named twice', where=where, cure="name each series once")
        chosen[found[0]] = unit
    return chosen


def labels_of(cells: Sequence[str], lines: Sequence[int], file: str, column: str, pattern: str) -> pd.Series:
    """Day labels; a month ("2020-01") goes by its first day. Raises SourceError as `days`."""
    if all(MONTH.fullmatch(cell.strip()) for cell in cells):
        return days([f"{cell.strip()}-01" for cell in cells], lines, file, column, "%Y-%m-%d")
    return days(cells, lines, file, column, pattern)


def check_step(dates: pd.Series, source: Source, file: str) -> Note | None:
    """Whether values lie as far apart as ``period:`` says; a note when they are months. Raises SourceError if not."""
    step = step_of(dates) or source.period
    if step == "month":
        return Note(file, "values by month", len(dates), "each stands under the first day of its month")
    if step != source.period:
        raise SourceError(
            f"the file has one value a {step}, and the source says `period: {source.period}`",
            where=f"{file}; sources, {source.id}, period",
            cure=f"declare `period: {step}`, or download the series by {source.period}",
        )
    return None


def step_of(dates: pd.Series) -> Step | None:
    """How far apart values lie at the closest; None for fewer than two dates."""
    gaps = dates.drop_duplicates().sort_values().diff().dt.days.dropna()
    if gaps.empty:
        return None
    return "day" if gaps.min() < 7 else "week" if gaps.min() < 28 else "month"


def redefinition_notes(dates: pd.Series, changes: Mapping[str, str], file: str) -> list[Note]:
    """A note for each day inside the series on which the platform changed what it counts."""
    return [
        Note(file, "counted differently from a day on", 1, f"{day}: {what}; a step there is not behaviour")
        for day, what in changes.items()
        if dates.min() < pd.Timestamp(day) <= dates.max()
    ]


def absent_notes(values: np.ndarray, file: str, name: str) -> list[Note]:
    """A note on the values of a series that are absent, which is not zero."""
    absent = int(np.isnan(values).sum())
    return [Note(file, "absent values", absent, f'"{name}": left out, not zero')] if absent else []
