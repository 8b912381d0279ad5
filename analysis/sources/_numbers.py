"""Numbers written as text, read strictly: what is neither a plain number nor a known sign of absence is refused."""

import re
from collections.abc import Sequence

import numpy as np

from analysis.core.errors import SourceError, joined

SHOWN_ROWS = 5  # of each kind of slip
NEGATIVE = "export the file again, name another column, or (measurements_csv) set `allow_negative: true`"
LARGEST = 2.0**53  # beyond it floats skip whole numbers
TOO_LARGE = "name another column (this one may hold ids), or export the file again"
ABSENT = frozenset(("", "-"))
THOUSANDS_OR_DECIMALS = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
PATTERNS = {".": re.compile(r"-?[0-9]+(?:\.[0-9]+)?"), ",": re.compile(r"-?[0-9]+(?:,[0-9]+)?")}


def numbers(
    cells: Sequence[str], lines: Sequence[int], file: str, column: str, *, decimal: str | None = None,
    negative: bool = False, absent: frozenset[str] = ABSENT, whole: bool = False,
) -> np.ndarray:
    """``cells`` as floats, shape (len(cells),), NaN where absent.

    Raises SourceError with file, rows and column for anything else, each kind with its first rows: thousands
    separators, exponents (a spreadsheet has rounded the number away), percentages, words, numbers above 2^53, and
    negative ones unless ``negative``. With no ``decimal`` declared it is a point, and a column where every point stands
    before exactly three digits is refused too: 6.707 may be six thousand seven hundred and seven. ``whole``: the column
    counts whole things, so that such a column is refused even with a ``decimal`` declared, which other columns of the
    file may need.
    """
    if whole:
        refuse_thousands(cells, lines, file, column, decimal)
    elif decimal is None:
        _refuse_two_readings(cells, lines, file, column)
    decimal = decimal or "."
    pattern = PATTERNS[decimal]
    values = np.empty(len(cells))
    slips: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        text = cell.strip()
        values[index] = np.nan
        if pattern.fullmatch(text):
            values[index] = float(text.replace(",", "."))
            if abs(values[index]) > LARGEST:
                slips.setdefault(TOO_LARGE, []).append(index)
            elif values[index] < 0 and not negative:
                slips.setdefault(NEGATIVE, []).append(index)
        elif text not in absent:
            slips.setdefault(_cure(text, decimal), []).append(index)
    if slips:
        raise joined([_slip(cells, lines, found, file, column, cure) for cure, found in slips.items()])
    return values


def refuse_thousands(
    cells: Sequence[str], lines: Sequence[int], file: str, column: str, decimal: str | None
) -> None:
    """Raises SourceError where every ``decimal`` mark in counts of whole things stands before exactly three digits."""
    mark = decimal or "."
    found = _open_to_two_readings(cells, mark)
    if found:
        shown = cells[found[0]].strip()
        raise SourceError(
            f'"{shown}" would be {shown.replace(",", ".")}, but the column counts whole things: "{mark}" seems to part '
            "thousands",
            where=f'{file}, {rows_of(lines, found)}, column "{column}"',
            cure="export the file again without separators between thousands; if it is no count, give the metric "
            "another name and say with `kpis:` what it is",
        )


def _open_to_two_readings(cells: Sequence[str], mark: str) -> list[int]:
    """Where ``mark`` stands before exactly three digits; nowhere, once a number of the column can only be a decimal."""
    marked = [index for index, cell in enumerate(cells) if mark in cell]
    return marked if all(THOUSANDS_OR_DECIMALS.fullmatch(cells[index].strip()) for index in marked) else []


def _refuse_two_readings(cells: Sequence[str], lines: Sequence[int], file: str, column: str) -> None:
    found = _open_to_two_readings(cells, ".")
    if not found:
        return
    shown = cells[found[0]].strip()
    raise SourceError(
        f'"{shown}" is {shown.replace(".", "")} if "." parts thousands and {shown} if it begins the decimals',
        where=f'{file}, {rows_of(lines, found)}, column "{column}"',
        cure='if it parts thousands, export the file again without separators, else write `decimal: "."` in the source',
    )


def _slip(
    cells: Sequence[str], lines: Sequence[int], found: list[int], file: str, column: str, cure: str
) -> SourceError:
    cell = cells[found[0]]
    shown = cell if len(cell) <= 60 else f"{cell[:60]}…"
    known = {NEGATIVE: "is negative: this column counts something", TOO_LARGE: "is larger than anything counted here"}
    problem = known.get(cure, "is not a number")
    others = f" (and {len(found) - 1} more like it)" if len(found) > 1 else ""
    where = f'{file}, {rows_of(lines, found)}, column "{column}"'
    return SourceError(f'"{shown}" {problem}{others}', where=where, cure=cure)


def rows_of(lines: Sequence[int], found: Sequence[int]) -> str:
    """'row 7', or the first few rows and how many there are besides."""
    if len(found) == 1:
        return f"row {lines[found[0]]}"
    rows = ", ".join(str(lines[index]) for index in found[:SHOWN_ROWS])
    return f"rows {rows}" + (f" and {len(found) - SHOWN_ROWS} more" if len(found) > SHOWN_ROWS else "")


def _cure(text: str, decimal: str) -> str:
    if re.fullmatch(r"-?[0-9.,]+", text):
        return f'write it without thousands separators and with "{decimal}" before the decimals'
    if re.fullmatch(r"-?[0-9.,]+[eE][+-]?[0-9]+", text):
        return "a spreadsheet has rounded it; use the export as received"
    return "correct the export"
