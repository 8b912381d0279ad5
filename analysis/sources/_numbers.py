"""Numbers written as text, read strictly: what is neither a plain number nor a known sign of absence is refused."""

import re
from collections.abc import Sequence

import numpy as np

from analysis.core.errors import SourceError

ABSENT = frozenset(("", "-"))
PATTERNS = {".": re.compile(r"-?[0-9]+(?:\.[0-9]+)?"), ",": re.compile(r"-?[0-9]+(?:,[0-9]+)?")}


def numbers(
    cells: Sequence[str], lines: Sequence[int], file: str, column: str, *, decimal: str = ".",
    negative: bool = False, absent: frozenset[str] = ABSENT,
) -> np.ndarray:
    """``cells`` as floats, shape (len(cells),), NaN where absent.

    Raises SourceError with file, row and column for anything else: thousands separators, exponents (a spreadsheet
    has rounded the number away), percentages, words, and negative numbers unless ``negative``.
    """
    pattern = PATTERNS[decimal]
    values = np.empty(len(cells))
    for index, cell in enumerate(cells):
        text = cell.strip()
        if text in absent:
            values[index] = np.nan
        elif pattern.fullmatch(text):
            values[index] = float(text.replace(",", "."))
        else:
            raise _not_a_number(cell, f'{file}, row {lines[index]}, column "{column}"', decimal)
    if not negative and (values < 0).any():
        index = int((values < 0).argmax())
        raise SourceError(
            f'"{cells[index]}" is negative: this column counts something',
            where=f'{file}, row {lines[index]}, column "{column}"',
            cure="export the file again, or name another column",
        )
    return values


def _not_a_number(cell: str, where: str, decimal: str) -> SourceError:
    cure = "correct the export"
    if re.fullmatch(r"-?[0-9.,]+", cell.strip()):
        cure = f'write it without thousands separators and with "{decimal}" before the decimals'
    elif re.fullmatch(r"-?[0-9.,]+[eE][+-]?[0-9]+", cell.strip()):
        cure = "a spreadsheet has rounded it; use the export as received"
    shown = cell if len(cell) <= 60 else f"{cell[:60]}…"
    return SourceError(f'"{shown}" is not a number', where=where, cure=cure)
