"""From a file's words for channels to the case's channel ids."""

import re
from collections.abc import Mapping

from analysis.core.case import Case, Source
from analysis.core.errors import CaseError, SourceError, nearest
from analysis.sources._reading import NAME_PATTERN
from analysis.sources._sheet import Sheet


def check_map(channel_map: Mapping[str, str], source: Source, case: Case) -> None:
    """Raises CaseError when ``channel_map`` leads to a channel that the case does not list."""
    known = [channel.id for channel in case.channels]
    for theirs, ours in channel_map.items():
        if known and ours not in known:
            raise CaseError(
                f'channel_map sends "{theirs}" to "{ours}", which channels: does not list',
                where=f"sources, {source.id}, options, channel_map",
                cure=nearest(ours, known),
            )


def channel_ids(sheet: Sheet, column: str, channel_map: Mapping[str, str], case: Case) -> list[str]:
    """The channel id of each row. With a map every word must be in it; without, the words must be ids themselves.

    Raises SourceError with file, row and column.
    """
    listed = {channel.id for channel in case.channels}
    ids: dict[str, str] = {}
    cells = [cell.strip() for cell in sheet.column(column)]
    for index, cell in enumerate(cells):
        if cell in ids:
            continue
        if channel_map and cell not in channel_map:
            raise unknown_channel(sheet, index, cell, column, channel_map)
        name = channel_map.get(cell, cell)
        if not re.fullmatch(NAME_PATTERN, name) or (listed and name not in listed):
            raise unknown_channel(sheet, index, cell, column, listed)
        ids[cell] = name
    return [ids[cell] for cell in cells]


def unknown_channel(
    sheet: Sheet, index: int, cell: str, column: str, known: Mapping | set, *, otherwise: str = ""
) -> SourceError:
    """The refusal of a word for a channel that the case does not know; ``otherwise``: what else a source may say."""
    where = f'{sheet.file}, row {sheet.lines[index]}, column "{column}"'
    if not cell:
        return SourceError(
            "the cell that names the channel is empty", where=where,
            cure=f"fill it in, or take the row out if it is no row of the table, as a total is none{otherwise}",
        )
    hint = f" {nearest(cell, known)}" if known else ""
    return SourceError(
        f'"{cell}" is not a channel that the case knows', where=where,
        cure=f"add it to `channel_map:` in the source's options{otherwise}.{hint}",
    )
