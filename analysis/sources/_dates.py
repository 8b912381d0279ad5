"""Dates written as text, read in one declared or one provable format."""

from collections.abc import Sequence

import pandas as pd

from analysis.core.errors import SourceError

# The years of two digits are those of a table that a spreadsheet saved again.
CANDIDATES = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y")
FRACTION = ".%f"
EARLIEST, LATEST = pd.Timestamp("1990-01-01"), pd.Timestamp("2100-01-01")


def moments(
    cells: Sequence[str], lines: Sequence[int], file: str, column: str, date_format: str, *, optional: bool = False
) -> pd.Series:
    """Dates or times, naive (or UTC when the format has %z), NaT where empty and ``optional``.

    Raises SourceError with file, row and column for anything that is not in the format.
    """
    texts = pd.Series(list(cells), dtype="str").str.strip()
    empty = (texts == "").to_numpy()
    read = parsed(texts.where(~empty, "none"), date_format)
    bad = read.isna().to_numpy() if not optional else read.isna().to_numpy() & ~empty
    if bad.any():
        index = int(bad.argmax())
        raise SourceError(
            f'"{cells[index]}" is not a date in the format {date_format}' if texts[index] else "the date is empty",
            where=f'{file}, row {lines[index]}, column "{column}"',
            cure="correct the row, or declare the file's format with `date_format:` in the source's options"
            if texts[index] else "fill it in, or take the row out: a total or a remark below the table is no row of it",
        )
    naive = read.dt.tz_localize(None) if read.dt.tz is not None else read
    far = ((naive < EARLIEST) | (naive >= LATEST)).to_numpy()
    if far.any():
        index = int(far.argmax())
        raise SourceError(
            f'"{cells[index]}" is not a plausible date',
            where=f'{file}, row {lines[index]}, column "{column}"',
            cure="correct the row, or declare the file's format with `date_format:` in the source's options",
        )
    return read


def days(cells: Sequence[str], lines: Sequence[int], file: str, column: str, date_format: str) -> pd.Series:
    """Day labels (midnight, naive); a time of day in the format is dropped. Raises as `moments`."""
    return moments(cells, lines, file, column, date_format).dt.normalize()


def detect_format(cells: Sequence[str], lines: Sequence[int], file: str, column: str) -> str:
    """The one format that every cell fits. Raises SourceError when none does, or more than one reading is possible."""
    texts = pd.Series(list(cells), dtype="str").str.strip()
    fits = {pattern: parsed(texts, pattern) for pattern in CANDIDATES}
    whole = [pattern for pattern, read in fits.items() if read.notna().all()]
    distinct = [p for i, p in enumerate(whole) if not any(fits[p].equals(fits[q]) for q in whole[:i])]
    if len(distinct) == 1:
        return distinct[0]
    if distinct:
        raise SourceError(
            f"the dates can be read in {len(distinct)} ways: {' and '.join(distinct)} both fit every row",
            where=f'{file}, rows {lines[0]} to {lines[-1]}, column "{column}"',
            cure="declare which with `date_format:` in the source's options",
        )
    best = max(fits, key=lambda pattern: int(fits[pattern].notna().sum()))
    index = int(fits[best].isna().to_numpy().argmax())
    raise SourceError(
        f'"{cells[index]}" does not fit the date format of the other rows ({best})',
        where=f'{file}, row {lines[index]}, column "{column}"',
        cure="correct the row, or declare `date_format:` in the source's options",
    )


def format_among(cells: Sequence[str], patterns: Sequence[str]) -> str:
    """Of several ways in which a platform wrote its dates, the first that fits the most cells."""
    texts = pd.Series(list(cells), dtype="str").str.strip()
    return max(patterns, key=lambda pattern: int(parsed(texts, pattern).notna().sum()))


def parsed(texts: pd.Series, date_format: str) -> pd.Series:
    """NaT where the format does not fit. Digits are asked for: the words "now" and "today" would read a clock.

    Programs that write fractions of a second leave them away where they are zero: such a time fits too.
    """
    unique = texts[texts.str.contains(r"[0-9]")].drop_duplicates()
    read = pd.to_datetime(unique, format=date_format, errors="coerce", utc="%z" in date_format)
    if FRACTION in date_format and read.isna().any():
        whole = date_format.replace(FRACTION, "")
        read = read.fillna(pd.to_datetime(unique, format=whole, errors="coerce", utc="%z" in date_format))
    known = pd.Series(read.array, index=unique.to_numpy())  # keeps its time zone when no text could be read
    return known.reindex(texts.to_numpy()).set_axis(texts.index)
