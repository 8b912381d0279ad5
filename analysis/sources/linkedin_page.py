"""LinkedIn page analytics, visitors, followers, updates: a workbook of daily figures, some under a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError, nearest
from analysis.sources._dates import days, detect_format
from analysis.sources._headers import with_spelling
from analysis.sources._numbers import numbers
from analysis.sources._options import DayFormat, Heading
from analysis.sources._personal import Personal
from analysis.sources._posts import RATES, by_day, check_metric_names, posts_frame
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import Dated, Recognition, Sample
from analysis.sources._sheet import Sheet
from analysis.sources._text import read_bytes
from analysis.sources._windows import join_windows, window_of
from analysis.sources._workbook import Workbook, dates_as_text, is_spreadsheet_date, read_workbook, sheet_of

NAME = "linkedin_page"
LABEL = "LinkedIn page analytics (.xls, .xlsx)"
REFERENCE = "Layouts of LinkedIn's page analytics exports, visitors, followers and updates (content), 2020 to 2026"

ISO = "%Y-%m-%d"
PROSE = 3  # the header is among the first rows: one sentence may stand above it
UPDATES, TITLE, LINK, CREATED = "Update engagement", "Update title", "Update link", "Created date"


class Place(Strict):
    """Where a metric is: the sheet's name, upper and lower case alike, and the column's header."""

    sheet: Heading
    column: Heading


VISITORS, AGGREGATED, FOLLOWERS = "Visitor metrics", "Update metrics (aggregated)", "New followers"
LATER = {AGGREGATED.casefold(): "metrics", UPDATES.casefold(): "all posts"}  # what these sheets are called since 2022
TELLING = {AGGREGATED: "Impressions (organic)", FOLLOWERS: "Organic followers", VISITORS: "Date"}
WORDS = {"Post title": TITLE, "Post link": LINK} | {
    f"Reposts ({kind})": f"Shares ({kind})" for kind in ("organic", "sponsored", "total")
}
USUAL = {
    "page_views": Place(sheet=VISITORS, column="Total page views (total)"),
    "visitors": Place(sheet=VISITORS, column="Total unique visitors (total)"),
    "impressions": Place(sheet=AGGREGATED, column="Impressions (total)"),
    "paid_impressions": Place(sheet=AGGREGATED, column="Impressions (sponsored)"),
    "clicks": Place(sheet=AGGREGATED, column="Clicks (total)"),
    "reactions": Place(sheet=AGGREGATED, column="Reactions (total)"),
    "comments": Place(sheet=AGGREGATED, column="Comments (total)"),
    "shares": Place(sheet=AGGREGATED, column="Shares (total)"),
    "new_followers": Place(sheet=FOLLOWERS, column="Total followers"),  # those who came that day
}
KPIS = {place.column: name for name, place in USUAL.items()}
PERSONAL = (Personal(f"{LINK}, Post link", "post", "sorted"), Personal(f"{TITLE}, Post title", "text", "sorted"))


class Options(Strict):
    """``metrics`` left out: the usual ones whose sheets the files have. ``date_format``: left out, it is proved."""

    metrics: Annotated[dict[Identifier, Place], Field(min_length=1)] | None = None
    date_format: DayFormat | None = None


def recognise(sample: Sample) -> Recognition | None:
    for name, rows in sample.sheets.items():
        own = next((place for place in TELLING if name.strip().casefold() in _called(place)), None)
        if own and any(row[:1] == ("Date",) and TELLING[own] in row for row in rows[:PROSE]):
            return Recognition(f'a workbook with the sheet "{name}", by date', "linkedin", dates=(Dated("Date"),))
    return None


def _called(sheet: str) -> tuple[str, ...]:
    """The names of a sheet, folded: the one of 2020 first."""
    folded = sheet.casefold()
    return (folded, LATER[folded]) if folded in LATER else (folded,)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """One measurement a day and metric, and the number of updates created a day ("posts") where their sheet is there.

    Since 2022 the updates are called content: the sheets "Metrics" and "All posts", with reposts for shares.
    Dates may be text, dates of the spreadsheet or its plain day numbers. Rates are fractions of figures that are
    read themselves, and are refused: a week's rate is not the sum of its days'. Raises SourceError for a file that is
    no workbook or damaged, a missing sheet or column, dates that can be read in two ways, a cell that is no count, and
    windows that disagree.
    """
    unit, channel = unit_of(source, case), channel_of(source)
    check_metric_names(options.metrics or {}, source.id)
    books = together(partial(_book, path) for path in files)
    metrics = _metrics(options, books)
    windows: list[pd.DataFrame] = []
    updates: list[pd.DataFrame] = []
    notes: list[Note] = []
    for found, created, more in together(partial(_file, book, metrics, options, unit, channel) for book in books):
        windows += found
        updates += created
        notes += more
    measured, more = join_windows(windows, source.period)
    notes += more
    if updates:
        posts, more = by_day(updates, unit, channel)
        measured = pd.concat([measured, posts], ignore_index=True)
        notes += more
    return Reading(measured, zone_of(source, case), notes=tuple(notes))


def _book(path: Path) -> Workbook:
    book = read_workbook(read_bytes(path), path.name)
    if book is None:
        raise SourceError(
            "the file is no Excel workbook",
            where=path.name,
            cure="use the export as received (.xls or .xlsx); tables saved as CSV are read by measurements_csv",
        )
    return book


def _names(book: Workbook) -> set[str]:
    return {grid.name.strip().casefold() for grid in book.grids}


def _has(book: Workbook, sheet: str) -> bool:
    return not _names(book).isdisjoint(_called(sheet))


def _metrics(options: Options, books: Sequence[Workbook]) -> Mapping[str, Place]:
    """Exports of visitors and of updates are files of their own: a sheet must be in one of them."""
    there = {sheet for sheet in _sheets(options) if any(_has(book, sheet) for book in books)}
    wanted = options.metrics or {name: place for name, place in USUAL.items() if place.sheet in there}
    shown = sorted({grid.name for book in books for grid in book.grids})
    for name, place in wanted.items():
        if place.sheet not in there:
            raise SourceError(
                f'no file has the sheet "{place.sheet}" (metric {name})',
                where=", ".join(book.file for book in books),
                cure=nearest(place.sheet, shown),
            )
        if RATES.search(place.column):
            raise SourceError(
                f'{name}: the column "{place.column}" holds a rate, which cannot be added up over days',
                where=f'{books[0].file}, sheet "{place.sheet}", column "{place.column}"',
                cure="name the counts it is a fraction of",
            )
    if not wanted:
        raise SourceError(
            f'no file has the sheet "{VISITORS}" or "{AGGREGATED}" ("Metrics" since 2022) or "{FOLLOWERS}"',
            where=", ".join(book.file for book in books),
            cure=f"export the page's visitors, followers or content; the sheets there are: {', '.join(shown)}",
        )
    return wanted


def _sheets(options: Options) -> set[str]:
    return {place.sheet for place in (options.metrics or USUAL).values()}


def _file(
    book: Workbook, metrics: Mapping[str, Place], options: Options, unit: str, channel: str
) -> tuple[list[pd.DataFrame], list[pd.DataFrame], list[Note]]:
    windows, notes, pattern = [], list(book.notes), options.date_format
    for name in dict.fromkeys(place.sheet for place in metrics.values()):
        if not _has(book, name):
            notes.append(Note(book.file, "sheet not in the file", 1, f'"{name}": its metrics come from other files'))
            continue
        sheet = _sheet(book, name, "Date")
        pattern = pattern or _proved(sheet, "Date")
        dates = _days(sheet, "Date", book, pattern)
        asked = {metric: place.column for metric, place in metrics.items() if place.sheet == name}
        own = {metric: WORDS.get(column, column) for metric, column in asked.items()}
        columns = together(
            partial(numbers, sheet.column(header), sheet.lines, sheet.file, header) for header in own.values()
        )
        values = dict(zip(own, columns, strict=True))
        windows.append(window_of(book.file, sheet.lines, dates, unit, channel, values))
    if not _has(book, UPDATES) or pattern is None:
        return windows, [], notes
    return windows, [_updates(book, pattern)], notes


def _sheet(book: Workbook, name: str, first: str) -> Sheet:
    """The sheet, its errors told with its name."""
    called = next(other for other in _called(name) if other in _names(book))
    grid = book.grid(called)
    titles = [row[0].strip() for row in grid.rows[:PROSE] if row and row[0].strip() in WORDS]
    first = next((title for title in titles if WORDS[title] == first), first)
    sheet = with_spelling(sheet_of(grid, book.file, first=first, within=PROSE), WORDS)
    return replace(sheet, file=f'{book.file}, sheet "{grid.name}"')


def _proved(sheet: Sheet, header: str) -> str:
    """The format of the dates that are text; a spreadsheet's own dates need none."""
    written = [i for i, cell in enumerate(sheet.column(header)) if not is_spreadsheet_date(cell)]
    if not written:
        return ISO
    cells, lines = [sheet.column(header)[i] for i in written], [sheet.lines[i] for i in written]
    return detect_format(cells, lines, sheet.file, header)


def _days(sheet: Sheet, header: str, book: Workbook, pattern: str) -> pd.Series:
    cells = dates_as_text(sheet.column(header), book.epoch, pattern)
    return days(cells, sheet.lines, sheet.file, header, pattern)


def _updates(book: Workbook, pattern: str) -> pd.DataFrame:
    """One row an update. Its link identifies it; one without a link, its title and day."""
    sheet = _sheet(book, UPDATES, TITLE)
    created = _days(sheet, CREATED, book, pattern)
    cells = zip(sheet.column(LINK), sheet.column(TITLE), created, strict=True)
    ids = [link.strip() or f"{title} {day:%Y-%m-%d}" for link, title, day in cells]
    return posts_frame(replace(sheet, file=book.file), ids, created, {})
