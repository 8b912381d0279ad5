"""Times that end in the name of a time zone ("2021-07-05 18:02:45 BRT"), which parsers read in different ways."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.core.errors import SourceError
from analysis.sources._dates import moments

# Fixed offsets of names in common use for one thing. CST, CDT, IST, AST and others mean several: the case declares.
OFFSETS = {
    "UTC": "+00:00", "GMT": "+00:00", "WET": "+00:00", "WEST": "+01:00", "BST": "+01:00", "CET": "+01:00",
    "CEST": "+02:00", "EET": "+02:00", "EEST": "+03:00", "MSK": "+03:00",
    "BRT": "-03:00", "BRST": "-02:00", "ART": "-03:00", "CLT": "-04:00", "CLST": "-03:00",
    "EST": "-05:00", "EDT": "-04:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00",
    "PDT": "-07:00", "AKST": "-09:00", "AKDT": "-08:00",
    "COT": "-05:00", "PET": "-05:00", "WAT": "+01:00", "CAT": "+02:00", "SAST": "+02:00", "EAT": "+03:00",
    "ICT": "+07:00", "WIB": "+07:00", "HKT": "+08:00", "SGT": "+08:00", "KST": "+09:00",
    "JST": "+09:00", "AEST": "+10:00", "AEDT": "+11:00", "NZST": "+12:00", "NZDT": "+13:00",
}  # fmt: skip
OFFSET = re.compile(r"[+-](?:[01]\d|2[0-3]):[0-5]\d")
# As exported, or as pandas and R write a moment again: "2021-07-05T18:02:45Z", "2021-07-05 18:02:45-03:00".
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?: ?(Z|(?<= )[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?))?")


def named_moments(
    cells: Sequence[str], lines: Sequence[int], file: str, column: str, declared: Mapping[str, str]
) -> pd.Series:
    """UTC moments of "YYYY-MM-DD HH:MM:SS ZONE"; ``declared`` offsets come before the table's.

    Raises SourceError with file, row and column for a date that a spreadsheet has rewritten, a time without a zone
    and a zone that is in neither table, naming what to declare.
    """
    offsets = OFFSETS | dict(declared)
    stamps = []
    for cell, line in zip(cells, lines, strict=True):
        found = STAMP.fullmatch(cell.strip())
        zone = _offset(found.group(3) or "none", offsets) if found else None
        if found is None or zone is None:
            raise _refused(cell, f'{file}, row {line}, column "{column}"', found)
        stamps.append(f"{found.group(1)} {found.group(2)} {zone}")
    return moments(stamps, lines, file, column, "%Y-%m-%d %H:%M:%S %z")


def _offset(name: str, offsets: Mapping[str, str]) -> str | None:
    if name == "Z":
        return "+00:00"
    if name[0] in "+-":  # names without letters are offsets already: -03, -0300, -03:00
        digits = name[1:].replace(":", "").ljust(4, "0")
        return f"{name[0]}{digits[:2]}:{digits[2:]}"
    return offsets.get(name)


def _refused(cell: str, where: str, found: re.Match | None) -> SourceError:
    shown = cell if len(cell) <= 60 else f"{cell[:60]}…"
    if found is None and re.match(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}", cell.strip()):
        return SourceError(
            f'"{shown}" is a date as a spreadsheet rewrites it: its time zone, or more, is lost',
            where=where,
            cure="use the export as received, never opened and saved in a spreadsheet",
        )
    if found is None:
        return SourceError(
            f'"{shown}" is not a time like 2021-07-05 18:02:45 BRT', where=where, cure="correct the row"
        )
    name = found.group(3) or "none"
    what = "the time has no time zone" if name == "none" else f'"{name}" is not a time zone whose offset is known'
    return SourceError(
        what, where=where, cure=f'declare its offset in the source\'s options, like `zones: {{{name}: "+02:00"}}`'
    )
