"""One header in several spellings: other capitals, an older name, another language of the platform's interface."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.sources._sheet import Sheet


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
