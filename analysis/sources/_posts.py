"""Exports of one row a post: each post once, days in the study's own zone, counts added up by posting day."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from analysis.core.errors import CaseError, SourceError
from analysis.sources._clock import localised
from analysis.sources._dates import moments
from analysis.sources._numbers import rows_of
from analysis.sources._reading import Note, measurements_frame, place
from analysis.sources._sheet import Sheet
from analysis.sources._text import read_bytes

COUNT = "posts"
POST = ["id", "date", "file", "row"]
ROUNDED = re.compile(r"[0-9.,]+[eE][+]?[0-9]+")
PEOPLE = re.compile(r"\breach\b|unique|\bviewers\b", re.IGNORECASE)
RATES = re.compile(r"\brate\b|average|percentage|\blength\b|duration", re.IGNORECASE)


def distinct_files(files: Sequence[Path]) -> tuple[tuple[Path, ...], list[Note]]:
    """The files without those that repeat an earlier one byte for byte under another name."""
    seen: dict[bytes, Path] = {}
    notes = []
    for path in files:
        first = seen.setdefault(read_bytes(path), path)
        if first is not path:
            notes.append(Note(path.name, "the same file twice", 1, f"the same bytes as {first.name}: read once"))
    return tuple(seen.values()), notes


def ids_of(sheet: Sheet, header: str) -> list[str]:
    """The posts' ids, as text. Raises SourceError with file and row for an empty one and one that was rounded."""
    ids = [cell.strip() for cell in sheet.column(header)]
    for problem, cure, bad in (
        ("the post has no id", "export it again", [i for i, cell in enumerate(ids) if not cell]),
        ("a spreadsheet has rounded the id", "use the export as received, not one saved again by a spreadsheet",
         [i for i, cell in enumerate(ids) if ROUNDED.fullmatch(cell)]),
    ):  # fmt: skip
        if bad:
            shown = f': "{ids[bad[0]]}"' if ids[bad[0]] else ""
            where = f'{sheet.file}, {rows_of(sheet.lines, bad)}, column "{header}"'
            raise SourceError(f"{problem}{shown}", where=where, cure=cure)
    return ids


def posting_days(
    sheet: Sheet, header: str, cells: Sequence[str], date_format: str, written: str | None, zone: str
) -> tuple[pd.Series, list[Note]]:
    """The day in ``zone`` on which each post was published, and notes on clock changes.

    ``written``: the zone of times that carry none; None when they are days, or already local to ``zone``.
    """
    times = moments(cells, sheet.lines, sheet.file, header, date_format)
    if times.dt.tz is None and written is None:
        return times.dt.normalize(), []
    local, notes = localised(times, written or zone, "first", sheet.file, header)
    return local.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize(), notes


def check_adds_up(metric: str, header: str, file: str, *, people: bool | None = None) -> None:
    """Raises SourceError for a column that counts people, who may be the same for two posts, or holds a rate.

    ``people``: what the export itself says of the column; None to go by its name.
    """
    rate = bool(RATES.search(header))
    if not rate and not (PEOPLE.search(header) if people is None else people):
        return
    what = "counts people, and one person may have seen two posts"
    if rate:
        what = "holds a rate, an average or a length"
    raise SourceError(
        f'{metric} cannot be added up over posts: the column "{header}" {what}',
        where=f'{file}, row 1, column "{header}"',
        cure="name a column that counts events in the source's options, or take this metric out",
    )


def check_metric_names(metrics: Mapping[str, object], source: str) -> None:
    """Raises CaseError when a metric takes the name of the number of posts."""
    if COUNT in metrics:
        raise CaseError(
            f'"{COUNT}" is the number of posts itself', where=f"sources, {source}, options, metrics, {COUNT}",
            cure="give the column another name",
        )


def posts_frame(sheet: Sheet, ids: Sequence[str], dates: pd.Series, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row a post: POST and its metrics, NaN where absent."""
    columns = {"id": list(ids), "date": dates.to_numpy(), "file": sheet.file, "row": list(sheet.lines)}
    return pd.DataFrame(columns | dict(values)).astype({"id": "str", "file": "str"})


def by_day(
    frames: Sequence[pd.DataFrame], unit: str, channel: str, *, empty: Literal["missing", "zero"] = "missing"
) -> tuple[pd.DataFrame, list[Note]]:
    """Posts a day (metric "posts") and each metric's sum over the day's posts, columns MEASUREMENT_COLUMNS.

    ``row`` is that of the day's topmost post, in the first file that has one. Days without a post are not filled. A
    post given twice with the same numbers counts once. Raises SourceError for one given twice with different numbers.
    """
    posts = pd.concat(frames, ignore_index=True)
    posts, notes = _once(posts)
    metrics = [name for name in posts.columns if name not in POST]
    posts = posts.assign(**{COUNT: 1.0})
    for name in metrics:
        absent = posts[posts[name].isna()].groupby("file", sort=True).size()
        fate = "counted as 0" if empty == "zero" else "left out of the day's sum"
        notes += [Note(str(file), "empty cells", int(count), f"{name}: {fate}") for file, count in absent.items()]
    if empty == "zero":
        posts = posts.fillna(dict.fromkeys(metrics, 0.0))
    parts = []
    for name in (COUNT, *metrics):
        days = posts[posts[name].notna()].groupby("date", sort=True)
        first = days[["file", "row"]].first()
        parts.append(measurements_frame({
            "date": first.index, "unit": unit, "channel": channel, "metric": name,
            "value": days[name].sum().to_numpy(), "file": first["file"].to_numpy(), "row": first["row"].to_numpy(),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True), notes


def _once(posts: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    again = posts["id"].duplicated()
    if not again.any():
        return posts, []
    told = [name for name in posts.columns if name not in ("file", "row")]
    differs = again & ~posts.duplicated(told)
    if differs.any():
        second = int(differs.to_numpy().argmax())
        first = int((posts["id"] == posts["id"].iloc[second]).to_numpy().argmax())
        pair = posts.iloc[[first, second]]
        name = next(name for name in told if pair[name].nunique(dropna=False) > 1)
        raise SourceError(
            f'the post {pair["id"].iloc[0]} is given twice with different numbers: {name} is '
            f"{' and '.join(str(value) for value in pair[name])}",
            where=f"{place(posts, first)} and {place(posts, second)}",
            cure="counts of a post grow: keep the later export of that period only",
        )
    counts = posts[again].groupby("file", sort=True).size()
    notes = [
        Note(str(file), "post given twice", int(count), "with the same numbers: counted once")
        for file, count in counts.items()
    ]
    return posts[~again].reset_index(drop=True), notes
