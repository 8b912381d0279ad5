"""The layouts of Google Trends' interest over time: as downloaded, as saved again, as pytrends writes it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from analysis.core.errors import SourceError
from analysis.sources._reading import Note
from analysis.sources._recognising import Sample
from analysis.sources._sheet import Sheet, sheet_of

HEADING = re.compile(r"(?P<term>.+)[:：]\s?[(（].+[)）]")  # some languages write both marks full width
BELOW_ONE = re.compile(
    r"(<|＜|&lt;)\s?1|1\s?(未満|미만)"
    r"|(小于|小於|меньше|менее|menos de|moins de|meno di|weniger als|less than)\s?1",
    re.I,
)
PREAMBLE_LINES = 4
PARTIAL = "isPartial"
TIME = "Time"  # since the end of 2025, whatever the language
DAY = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d.*)?")
VALUE = re.compile(r"\d{1,3}")
LARGEST = 100


def term_of(heading: str) -> str:
    """What was searched for, without its region where the heading names one."""
    found = HEADING.fullmatch(heading)
    return found["term"].rstrip() if found else heading


def layout_of(sample: Sample) -> tuple[str, int, tuple[str, ...]] | None:
    """By what it is told, among which record its header is, and the columns that are terms."""
    head = sample.head.removeprefix("\ufeff")
    if PARTIAL in sample.header:
        terms = tuple(name for name in sample.header[1:] if name != PARTIAL)
        return f'a column "{PARTIAL}", as pytrends writes it', 0, terms
    records = sample.records[:PREAMBLE_LINES]
    begins = next((n for n, row in enumerate(records) if sum(map(bool, row)) > 1), None)
    if begins is None:
        return None
    header = records[begins]
    if all(HEADING.fullmatch(name) for name in header[1:]) and len(header) > 1:
        above = any(_blank(line) for line in head.splitlines()[:PREAMBLE_LINES])
        because = "a blank line below the category, and " if above else ""
        return f"{because}columns that are a term and its region", begins, header[1:]
    if header[0] == TIME and head.startswith(f'"{TIME}",') and _scaled(sample.records[1:]):
        return f"a column {TIME} in quotes, and values of which the largest is {LARGEST}", begins, header[1:]
    return None


def _blank(line: str) -> bool:
    """A spreadsheet fills a blank line up with delimiters."""
    return not line.strip(" ,;\t\r")


def _scaled(rows: Sequence[Sequence[str]]) -> bool:
    """Whether every value is one of Google Trends, the largest being LARGEST."""
    cells = [cell for row in rows for cell in row[1:] if not BELOW_ONE.fullmatch(cell)]
    dated = all(DAY.fullmatch(row[0]) for row in rows)
    return dated and all(VALUE.fullmatch(cell) for cell in cells) and max(map(int, cells), default=0) == LARGEST


def table_of(file: str, text: str) -> Sheet:
    """The first column and those of terms. Raises SourceError for a table that is not interest over time."""
    lines = text.split("\n")
    above = text.splitlines()[:PREAMBLE_LINES]  # what follows the last line end is no line
    blank = next((number for number, line in enumerate(above) if _blank(line)), None)
    below = 0 if blank is None else blank + 1
    sheet = sheet_of(file, "\n".join(lines[below:]), begins=below + 1)
    if PARTIAL in sheet.header:
        return _whole_periods(sheet)
    if blank is None and sheet.header[:1] == (TIME,) and len(sheet.header) > 1:
        return sheet
    if len(sheet.header) > 1 and all(HEADING.fullmatch(item) for item in sheet.header[1:]):
        return sheet
    if blank is None:
        raise SourceError(
            "there is no blank line below the category: this is not a download of Google Trends",
            where=f"{file}, rows 1 to {len(above)}",
            cure="use the CSV of interest over time as downloaded",
        )
    raise SourceError(
        "the columns are not terms with their region, like term: (Italy)",
        where=f"{file}, row {sheet.header_line}",
        cure="download interest over time, not interest by region or related queries",
    )


def _whole_periods(sheet: Sheet) -> Sheet:
    """Without the column that says which period is not over, and without that period."""
    at = sheet.position(PARTIAL)
    over = [row[at].strip().casefold() != "true" for row in sheet.rows]
    rows = tuple(row[:at] + row[at + 1 :] for row, whole in zip(sheet.rows, over, strict=True) if whole)
    lines = tuple(line for line, whole in zip(sheet.lines, over, strict=True) if whole)
    if not rows:
        where = f'{sheet.file}, column "{PARTIAL}"'
        raise SourceError("no period is over", where=where, cure="download it again later")
    notes = sheet.notes
    if dropped := len(over) - len(rows):
        notes += (Note(sheet.file, "a period that is not over", dropped, "left out"),)
    return replace(sheet, header=sheet.header[:at] + sheet.header[at + 1 :], rows=rows, lines=lines, notes=notes)
