"""What a table leaves open: dates that can be read in two ways, separators, times without or with several zones."""

import re
from collections.abc import Sequence

import pandas as pd

from analysis.sources._clock import OFFSET
from analysis.sources._dates import EARLIEST, LATEST, parsed
from analysis.sources._recognising import TODO, Dated, Doubt, Recognition, Sample
from analysis.sources._workbook import is_spreadsheet_date

DATE = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(.*)", re.DOTALL)
CLOCK = re.compile(r"(T| +)(\d{1,2}):\d\d(:\d\d)?(\.\d+)?( *[AaPp][Mm])?( *(?:[+-]\d\d:?\d\d|Z))?")
DAY_FIRST = re.compile(r"(\d{1,2})([ /.-])([A-Za-z]{3,9})\2(\d{4}|\d\d)(.*)", re.DOTALL)
MONTH_FIRST = re.compile(r"([A-Za-z]{3,9}) (\d{1,2}), (\d{4})(.*)", re.DOTALL)
FRACTION = re.compile(r":\d\d\.\d")
SHEET_PROSE = 3
NO_NUMBER = frozenset(("", "-", "null", "nan", "n/a", "none"))
NUMBER = re.compile(r"-?[0-9][0-9.,]*")
EITHER = re.compile(r"-?[1-9][0-9]{0,2}([.,])[0-9]{3}")
GROUPS = re.compile(r"-?[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3}|(?!\1)[.,][0-9]+)(?:[.,][0-9]+)*")
DECIMAL = re.compile(r"-?[0-9]+([.,])[0-9]+")
AGAIN = "if it parts thousands, export the file again without separators"


def looks_dated(cells: Sequence[str]) -> bool:
    """Whether every cell has the shape of a date, or of a date and a clock time, whatever the order of its parts."""
    found = [_shape(cell) for cell in cells]
    return bool(found) and all(match and _clock_of(match.groups()[-1]) is not None for match in found)


def date_formats(cells: Sequence[str]) -> list[str]:
    """The formats that every cell fits, none of them giving the same days as another. Empty cells count for all."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    found = _shape(next((cell for cell in filled if FRACTION.search(cell)), filled[0])) if filled else None
    clock = _clock_of(found.groups()[-1]) if found else None
    if found is None or clock is None:
        return []
    texts = pd.Series(filled, dtype="str")
    fits: dict[str, pd.Series] = {}
    for order in _orders(found):
        read = parsed(texts, order + clock)
        naive = read.dt.tz_localize(None) if read.dt.tz is not None else read
        near = ((naive >= EARLIEST) & (naive < LATEST)).all()  # NaT compares false
        if near and not any(read.equals(other) for other in fits.values()):
            fits[order + clock] = read
    return list(fits)


def _shape(cell: str) -> re.Match[str] | None:
    return DATE.fullmatch(cell) or DAY_FIRST.fullmatch(cell) or MONTH_FIRST.fullmatch(cell)


def _orders(found: re.Match[str]) -> list[str]:
    """The orders in which the parts of a date of this shape may stand; a month by its name leaves one."""
    if found.re is MONTH_FIRST:
        return ["%b %d, %Y", "%B %d, %Y"]
    mark, year = found[2], "%Y" if max(len(found[1]), len(found[4])) == 4 else "%y"
    if found.re is DAY_FIRST:
        return [f"%d{mark}%b{mark}{year}", f"%d{mark}%B{mark}{year}"]
    if len(found[1]) == 4:
        return [f"%Y{mark}%m{mark}%d"]
    orders = [f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}"]
    return orders + ([f"%y{mark}%m{mark}%d"] if year == "%y" else [])


def _clock_of(rest: str) -> str | None:
    if not rest.strip():
        return ""
    found = CLOCK.fullmatch(rest)
    if found is None:
        return None
    between, _, seconds, fraction, half, offset = found.groups()
    pattern = between + ("%I:%M" if half else "%H:%M") + (":%S" if seconds else "") + (".%f" if fraction else "")
    pattern += (" " * half.count(" ") + "%p") if half else ""
    return pattern + ((" " * offset.count(" ") + "%z") if offset else "")


def doubts_of_table(sample: Sample, found: Recognition) -> tuple[dict[str, str], list[Doubt]]:
    """The options that the table itself proves, and what it leaves open."""
    header, rows = _table(sample, found)
    options: dict[str, str] = {}
    doubts: list[Doubt] = []
    there = [dated for dated in found.dates if dated.header in header]
    for key in dict.fromkeys(dated.key for dated in there):
        columns = {dated: _cells(sample, rows, header, dated.header) for dated in there if dated.key == key}
        doubts += [doubt for dated, cells in columns.items() for doubt in _zone_doubts(cells, dated)]
        proved, more = _date_doubts([cell for cells in columns.values() for cell in cells], next(iter(columns)))
        doubts += more  # one format reads all columns of a key, so that one of them may settle the others
        options |= {key: proved} if proved else {}
    if found.plain_numbers and not sample.sheets:
        skip = {header.index(dated.header) for dated in there}
        proved, more = _number_doubts(header, rows, [i for i in range(len(header)) if i not in skip])
        options |= proved
        doubts += more
    return options, doubts


def _table(sample: Sample, found: Recognition) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    wanted = {dated.header for dated in found.dates}
    for rows in sample.sheets.values():
        at = next((i for i, row in enumerate(rows[:SHEET_PROSE]) if wanted & set(row)), None)
        if at is not None:
            return rows[at], [row for row in rows[at + 1 :] if row and row[0]]  # without a row of descriptions
    below = (sample.log or sample.records)[found.begins :]
    if not below:
        return (), ()
    return below[0], below[2:] if sample.described and not found.begins else below[1:]


def _cells(sample: Sample, rows: Sequence[tuple[str, ...]], header: Sequence[str], name: str) -> list[str]:
    """A column, without a workbook's own dates and day numbers, which can be read in one way only. Of a row wider than
    the header, which the reader refuses, nothing says which cell is whose."""
    cells = _column([row for row in rows if len(row) <= len(header)], header.index(name))
    return [cell for cell in cells if not is_spreadsheet_date(cell)] if sample.sheets else cells


def _column(rows: Sequence[tuple[str, ...]], position: int) -> list[str]:
    return [row[position] for row in rows if len(row) > position]


def _date_doubts(cells: Sequence[str], dated: Dated) -> tuple[str | None, list[Doubt]]:
    """The format to declare, None where the reader's own will do; cells that fit several formats, or none."""
    doubts: list[Doubt] = []
    formats = date_formats(cells)
    shown = next((cell.strip() for cell in cells if cell.strip()), "")[:40]
    if len(formats) > 1:
        said = f'"{shown}" in the column "{dated.header}" can be read in {len(formats)} ways, and no row settles which'
        if dated.default in formats:
            said += f"; {dated.default}, the format's own, is taken until the case says otherwise"
        doubts.append(Doubt(said, dated.key, tuple(formats)))
        return (None if dated.default in formats else TODO), doubts
    fits = dated.default is not None and _fits(cells, dated.default)
    if formats and not fits and dated.default is not None:
        return formats[0], doubts
    if not formats and not fits and _shape(shown):
        doubts.append(Doubt(f'the column "{dated.header}" mixes ways to write a date, "{shown}" first', dated.key))
    return None, doubts


def _fits(cells: Sequence[str], pattern: str) -> bool:
    texts = pd.Series([cell for cell in cells if cell.strip()], dtype="str")
    return bool(parsed(texts.str.strip(), pattern).notna().all())


def _zone_doubts(cells: Sequence[str], dated: Dated) -> list[Doubt]:
    timed = pd.Series([cell.strip() for cell in cells if ":" in cell], dtype="str")
    if not dated.zone or timed.empty:
        return []
    offsets = timed.str.extract(OFFSET)[0]
    known = sorted(offsets.dropna().unique())
    column = f'the times of the column "{dated.header}"'
    if not known:
        return [Doubt(f"{column} carry no time zone", dated.zone)]
    if offsets.isna().any():
        with_zone, without = int(offsets.notna().sum()), int(offsets.isna().sum())
        return [Doubt(f"{column} carry a time zone in {with_zone} rows and none in {without}", dated.zone)]
    if len(known) > 1:
        return [Doubt(f"{column} are in several zones ({', '.join(known[:4])}): days are counted in one", "time_zone")]
    return []


def _number_doubts(
    header: Sequence[str], rows: Sequence[tuple[str, ...]], positions: Sequence[int]
) -> tuple[dict[str, str], list[Doubt]]:
    """A file writes numbers in one way, as a rule: one cell that can be read in one way only settles its mark, but for
    columns where the mark always stands before exactly three digits. Beside rates with decimals, an export may well
    write its counts with thousands parted by the same mark."""
    unsettled: dict[str, tuple[str, str]] = {}
    either: dict[str, str] = {}
    decimal: set[str] = set()
    grouped: dict[str, str] = {}
    for position in positions:
        cells = [cell for cell in _column(rows, position) if cell.casefold() not in NO_NUMBER]
        if not cells or not all(NUMBER.fullmatch(cell) for cell in cells):
            continue
        for mark in ".,":
            marked = [cell for cell in cells if mark in cell]
            if marked and all(EITHER.fullmatch(cell) for cell in marked):
                unsettled.setdefault(mark, (marked[0], header[position]))
        for cell in cells:
            if match := GROUPS.fullmatch(cell):
                grouped.setdefault(match[1], cell)
            elif match := EITHER.fullmatch(cell):
                either.setdefault(match[1], cell)
            elif match := DECIMAL.fullmatch(cell):
                decimal.add(match[1])
    proved = {"decimal": ","} if "," in decimal and "." not in decimal else {}
    if "." in decimal and "," not in decimal and "." in either:
        proved = {"decimal": "."}  # asked for by a column that alone could be read either way
    doubts = [
        Doubt(f'"{cell}" has separators between thousands, which are refused: export it without them')
        for cell in grouped.values()
    ]
    for mark, cell in either.items():
        if mark not in decimal and mark not in grouped and len(decimal) == 1:
            doubts.append(Doubt(
                f'"{cell}" has separators between thousands ("{next(iter(decimal))}" begins the decimals here), which '
                "are refused: export it without them"
            ))  # fmt: skip
        elif mark not in decimal and mark not in grouped:
            one, other = cell.replace(mark, ""), cell.replace(mark, ".")
            said = f'"{cell}" is {one} if "{mark}" parts thousands and {other} if it begins the decimals'
            proved = {"decimal": TODO}
            doubts.append(Doubt(f"{said}; {AGAIN}, else", "decimal", (f'"{mark}"',)))
    for mark, (cell, name) in unsettled.items():
        if decimal == {mark} and mark not in grouped:
            one, other = cell.replace(mark, ""), cell.replace(mark, ".")
            proved = {"decimal": TODO}
            doubts.append(Doubt(
                f'"{cell}" in the column "{name}" is {one} if "{mark}" parts thousands and {other} if it begins the '
                f"decimals, as in other columns; {AGAIN}, else", "decimal", (f'"{mark}"',),
            ))  # fmt: skip
    if len(decimal) > 1:
        doubts.append(Doubt("some numbers have decimal points and some decimal commas: export it again"))
    return proved, doubts
