"""Local clock times put into their time zone, the two hours a year that need a rule told."""

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from analysis.sources._reading import Note

CLOCK_CHANGE = pd.Timedelta(hours=1)
OFFSET = r"([+-]\d{2}:?\d{2}|Z)\s*$"


def localised(
    times: pd.Series, zone: str, repeated: Literal["first", "second"], file: str, column: str,
    after: pd.Series | None = None,
) -> tuple[pd.Series, list[Note]]:
    """``times`` (naive local, or UTC) in ``zone``, and notes on the times that needed a rule.

    A time that the clock shows twice in autumn is the ``repeated`` one, except that a time which would then precede
    ``after`` (its case's opening) is the second. A time that the clock skips in spring is an hour later.
    """
    if times.dt.tz is not None:
        return times.dt.tz_convert(zone), []
    marked = times.dt.tz_localize(zone, ambiguous="NaT", nonexistent=CLOCK_CHANGE)
    twice = marked.isna() & times.notna()
    skipped = times.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").isna() & times.notna() & ~twice
    notes = []
    if twice.any():
        marked = _choose(times, marked, twice, zone, repeated, after)
        notes.append(
            Note(file, "clock time shown twice", int(twice.sum()), f'column "{column}": taken as the {repeated}')
        )
    if skipped.any():
        notes.append(
            Note(file, "clock time that was skipped", int(skipped.sum()), f'column "{column}": taken an hour later')
        )
    return marked, notes


def later_showing(times: pd.Series, zone: str) -> pd.Series:
    """The second showing of each of ``times`` that the clock of ``zone`` shows twice, missing elsewhere."""
    if times.dt.tz is not None:
        return pd.Series(pd.NaT, index=times.index, dtype=times.dt.tz_convert(zone).dtype)
    once = times.dt.tz_localize(zone, ambiguous="NaT", nonexistent=CLOCK_CHANGE)
    twice = once.isna() & times.notna()
    second = times[twice].dt.tz_localize(zone, ambiguous=[False] * int(twice.sum()))
    return second.reindex(times.index)


def _choose(
    times: pd.Series, marked: pd.Series, twice: pd.Series, zone: str, repeated: str, after: pd.Series | None
) -> pd.Series:
    """Only the repeated times are localised here; the array says for each whether it is the first."""
    asked = times[twice]
    first = asked.dt.tz_localize(zone, ambiguous=[True] * len(asked))
    second = asked.dt.tz_localize(zone, ambiguous=[False] * len(asked))
    chosen = first if repeated == "first" else second
    if after is not None:
        chosen = chosen.where(chosen >= after[twice], second)
    return marked.where(~twice, chosen.reindex(times.index))


def several_zones(cells: Sequence[str], local: pd.Series, file: str, column: str) -> list[Note]:
    """A note on local days whose times were written with more than one offset, other than on a night of clock change.

    ``cells`` as written, ``local`` the same moments in their zone. Each moment was converted by its own offset, which
    is the declared rule; that a desk writes two on one day is still worth knowing.
    """
    written = pd.Series(list(cells), dtype="str").str.extract(OFFSET)[0].str.replace(":", "").replace("Z", "+0000")
    known = (written.notna() & local.notna().to_numpy()).to_numpy()
    if not known.any():
        return []
    frame = pd.DataFrame({"offset": written[known].to_numpy(), "local": local[known].to_numpy()})
    day = pd.Series(local[known]).dt.tz_localize(None).dt.normalize().to_numpy()
    own = pd.Series(local[known]).map(lambda moment: moment.utcoffset()).to_numpy()
    frame = frame.assign(day=day, own=own)
    spread = frame.groupby("day").agg(offsets=("offset", "nunique"), own=("own", "nunique"))
    mixed = spread[spread["offsets"] > spread["own"]]
    if mixed.empty:
        return []
    detail = f'column "{column}", first {mixed.index[0]:%Y-%m-%d}: each time was converted by its own offset'
    return [Note(file, "day with several time zones", len(mixed), detail)]
