"""Which columns of a Page Insights export hold a metric: headers repeat, and breakdowns come and go."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from analysis.core.case import Strict
from analysis.core.errors import SourceError
from analysis.sources._insights_names import other_names
from analysis.sources._numbers import numbers
from analysis.sources._options import DecimalMark, Heading
from analysis.sources._sheet import Sheet, nearest_header


class Column(Strict):
    """Where one metric is found: a header (told from its namesake by the description row), or all with a prefix.

    ``occurrence`` (1 is the leftmost) decides between namesakes where a file's description row is cut off. ``also``
    lists what exports of other years call the same column, tried in this order where the first is not there; the
    pairs of label and Graph API name that `other_names` knows are tried last. Upper and lower case, which changed
    over the years, count only where both spellings are in one file.
    """

    header: Heading | None = None
    description_contains: Heading | None = None
    occurrence: Annotated[int, Field(ge=1)] | None = None
    sum_of_prefix: Heading | None = None
    also: tuple[Heading, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain_header(cls, value: Any) -> Any:
        return {"header": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> "Column":
        if (self.header is None) == (self.sum_of_prefix is None):
            raise ValueError("give either `header:` or `sum_of_prefix:`")
        if self.sum_of_prefix and self.occurrence:
            raise ValueError("`occurrence:` goes with `header:` only")
        return self


def headers_of(columns: Mapping[str, Column]) -> dict[str, str]:
    """Metric of each header or prefix, under every name that it goes by."""
    named = [(metric, column.header or column.sum_of_prefix or "", column.also) for metric, column in columns.items()]
    return {name: metric for metric, own, also in named for name in (own, *also, *other_names(own))}


def check_prefix(name: str, column: Column, sheets: Sequence[Sheet]) -> None:
    """A breakdown may be missing in one window; a prefix that no window knows is a slip of the pen."""
    if column.sum_of_prefix and not any(_positions_of_prefix(sheet, column) for sheet in sheets):
        headers = list(dict.fromkeys(_family(header) + " - " for sheet in sheets for header in sheet.header))
        raise SourceError(
            f'no column begins with "{column.sum_of_prefix}" (metric {name})',
            where=", ".join(sheet.file for sheet in sheets),
            cure=nearest_header(column.sum_of_prefix, headers),
        )


def columns_of(sheet: Sheet, column: Column) -> list[tuple[str, str]]:
    """(header, description) of the columns that hold the metric; none where the export has none."""
    found = _candidates(sheet, column) if column.header is not None else _positions_of_prefix(sheet, column)
    if column.header is not None and found:
        found = [_position(sheet, column)]
    descriptions = _filled_descriptions(sheet)
    return [(sheet.header[index], descriptions[index]) for index in found]


def values_of(sheet: Sheet, column: Column, decimal: DecimalMark | None, *, whole: bool) -> np.ndarray:
    """The metric's value on each row, shape (rows,), NaN where nothing was counted."""
    named = column.header is not None
    positions = [_position(sheet, column)] if named else _positions_of_prefix(sheet, column)
    parts = [
        numbers(sheet.cells(index), sheet.lines, sheet.file, sheet.header[index], decimal=decimal, whole=whole)
        for index in positions
    ]
    if named:
        return parts[0]
    if not parts:  # a breakdown column is only exported when something was counted in the window
        return np.full(len(sheet.rows), np.nan)
    table = np.array(parts)
    return np.where(np.isnan(table).all(axis=0), np.nan, np.nansum(table, axis=0))


def _named(sheet: Sheet, name: str) -> list[int]:
    exact = [index for index, header in enumerate(sheet.header) if header == name]
    return exact or [index for index, header in enumerate(sheet.header) if header.casefold() == name.casefold()]


def _candidates(sheet: Sheet, column: Column) -> list[int]:
    found = _named(sheet, column.header or "")
    for name in (*column.also, *other_names(column.header or "")):
        found = found or _named(sheet, name)
    return found


def _position(sheet: Sheet, column: Column) -> int:
    found = _candidates(sheet, column)
    if len(found) == 1 and sheet.header[found[0]].casefold() != (column.header or "").casefold():
        return found[0]  # a name that no other column shares needs no description to tell it apart
    if not found:
        raise SourceError(
            f'there is no column "{column.header}"',
            where=f"{sheet.file}, row 1",
            cure=nearest_header(column.header or "", sheet.header),
        )
    descriptions = _filled_descriptions(sheet)
    if column.description_contains and any(descriptions[index] for index in found):
        return _described(sheet, column, found, descriptions)
    if column.occurrence is not None:
        if column.occurrence <= len(found):
            return found[column.occurrence - 1]
        raise SourceError(
            f'"{column.header}" is there {len(found)} times, not {column.occurrence}',
            where=f"{sheet.file}, row 1",
            cure="correct `occurrence:`",
        )
    if len(found) == 1:
        return found[0]
    raise SourceError(
        f'"{column.header}" names {len(found)} columns',
        where=_where(sheet, found),
        cure=_how_to_choose(descriptions, found),
    )


def _described(sheet: Sheet, column: Column, found: list[int], descriptions: list[str]) -> int:
    fitting = [index for index in found if (column.description_contains or "") in descriptions[index]]
    if len(fitting) == 1:
        return fitting[0]
    raise SourceError(
        f'{len(fitting)} columns "{column.header}" have a description with "{column.description_contains}"',
        where=_where(sheet, found),
        cure=_how_to_choose(descriptions, found),
    )


def _how_to_choose(descriptions: list[str], found: list[int]) -> str:
    texts = [descriptions[index] for index in found]
    if any(texts):
        return "set `description_contains:` to what only one has: " + " | ".join(text or "(empty)" for text in texts)
    return "the description row of this file is cut off: set `occurrence:` (1 is the leftmost), or export it again"


def _where(sheet: Sheet, found: list[int]) -> str:
    return f"{sheet.file}, rows 1 and 2, columns {', '.join(str(index + 1) for index in found)}"


def _filled_descriptions(sheet: Sheet) -> list[str]:
    """Only the first column of a breakdown carries the description; its neighbours of the same family share it."""
    filled: list[str] = []
    for index, text in enumerate(sheet.descriptions):
        same = index > 0 and _family(sheet.header[index]) == _family(sheet.header[index - 1])
        filled.append(text or (filled[-1] if same else ""))
    return filled


def _family(header: str) -> str:
    return header.split(" - ", 1)[0]


def _beginning(sheet: Sheet, prefix: str) -> list[int]:
    exact = [index for index, header in enumerate(sheet.header) if header.startswith(prefix)]
    folded = prefix.casefold()
    return exact or [index for index, header in enumerate(sheet.header) if header.casefold().startswith(folded)]


def _positions_of_prefix(sheet: Sheet, column: Column) -> list[int]:
    wanted = column.description_contains
    found: list[int] = []
    for prefix in (column.sum_of_prefix or "", *column.also):
        found = found or _beginning(sheet, prefix)
    descriptions = _filled_descriptions(sheet)
    if wanted and any(descriptions[index] for index in found):
        found = [index for index in found if wanted in descriptions[index]]
    names = [sheet.header[index] for index in found]
    again = [index for index in found if names.count(sheet.header[index]) > 1]
    if again:
        raise SourceError(
            f'"{sheet.header[again[0]]}" would be added up twice', where=_where(sheet, again),
            cure=_how_to_choose(descriptions, again).replace("set `occurrence:` (1 is the leftmost), or ", ""),
        )
    return found
