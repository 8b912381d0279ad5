"""One header in several spellings: other capitals, an older name, another language of the platform's interface."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.sources._reading import Note
from analysis.sources._sheet import Sheet

COUNTER = ("", "Unnamed: 0")  # how pandas heads the row numbers it writes before the first column


def spelled(header: Sequence[str], words: Mapping[str, str]) -> tuple[str, ...]:
    """The header with each cell that is in ``words`` (upper and lower case alike) as the reader spells it.

    A column that the file has under the reader's own name, and two cells of one meaning, stay as they are: two
    columns are never made to look like one.
    """
    folded = {word.casefold(): own for word, own in words.items()}
    meant = [folded.get(" ".join(cell.split()).casefold(), cell) for cell in header]
    counts = Counter(meant)
    return tuple(own if counts[own] == 1 else cell for cell, own in zip(header, meant, strict=True))


def with_spelling(sheet: Sheet, words: Mapping[str, str]) -> Sheet:
    """The sheet with its header as `spelled`."""
    return replace(sheet, header=spelled(sheet.header, words))


def without_counter(sheet: Sheet) -> Sheet:
    """The sheet without a first column that only counts the rows from 0 on, as pandas writes it; told in a note."""
    counts = [str(number) for number in range(len(sheet.rows))]
    if sheet.header[:1] not in [(name,) for name in COUNTER] or sheet.cells(0) != counts:
        return sheet
    note = Note(sheet.file, "a column of row numbers", 1, "the first: saved again by a program, left out")
    rows = tuple(row[1:] for row in sheet.rows)
    return replace(sheet, header=sheet.header[1:], rows=rows, notes=(*sheet.notes, note))
