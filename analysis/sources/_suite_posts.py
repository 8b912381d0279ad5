"""A content export of Meta Business Suite as a sheet whose columns are asked for by their English names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.core.errors import SourceError
from analysis.sources._posts import ROUNDED, ids_of
from analysis.sources._reading import Note
from analysis.sources._sheet import Sheet
from analysis.sources._suite_names import ACCOUNT, DATE, ID, LANGUAGES, LINK, PAGE, TIME, TYPE, TYPES, own_names

PLATFORMS = {PAGE: "Facebook", ACCOUNT: "Instagram"}
LIFETIME = "Lifetime"  # "Total", "Livstid" ...: in other languages another word, and never one with a digit
UNTYPED = "none"
COUNTED = frozenset(english for names in LANGUAGES for english in names.values())
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?")
ISO_FORMAT = "%Y-%m-%dT%H:%M:%S"
LATEST_MONTH = 12
LOOKED_AT = 20  # rows by which the cells tell a column whose name is not known
FEWEST_NAMES = 3  # columns that must be known by name before the cells are believed
KINDS = {
    ID: re.compile(r"[0-9]{12,20}"), TIME: re.compile(r"\d\d?/\d\d?/\d{4} \d\d?:\d\d"),
    LINK: re.compile(r"https://(?:www\.|web\.|m\.)?(facebook|instagram)\.com/\S+"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """``own``: what the file calls each column, by its English name."""

    sheet: Sheet
    platform: str
    own: Mapping[str, str]

    def column(self, name: str) -> list[str]:
        """The cells of a column, top to bottom, blanks taken off."""
        return [cell.strip() for cell in self.sheet.column(self.own[name])]


def platform_of(own: Mapping[str, str]) -> str | None:
    """Facebook or Instagram, as the columns of an export of posts tell; None for another table."""
    found = [platform for header, platform in PLATFORMS.items() if header in own]
    return found[0] if len(found) == 1 and {ID, TIME} <= set(own) else None


def looks_like_posts(rows: Sequence[Sequence[str]]) -> bool:
    """Whether each row begins with an id and has a time to the minute and a link to a post."""
    rows = rows[:LOOKED_AT]
    return bool(rows) and all(
        row and KINDS[ID].fullmatch(row[0].strip())
        and all(any(KINDS[kind].fullmatch(cell.strip()) for cell in row[1:]) for kind in (TIME, LINK))
        for row in rows
    )  # fmt: skip


def names_of(header: Sequence[str], rows: Sequence[Sequence[str]], declared: Mapping[str, str]) -> dict[str, str]:
    """The file's own names by the English ones; of a language known in part, the rest by what the cells hold."""
    own = own_names(header, declared)
    if platform_of(own) is not None or len(COUNTED & set(own)) < FEWEST_NAMES or not looks_like_posts(rows):
        return own
    for kind, pattern in KINDS.items():
        told = [name for i, name in enumerate(header) if _all_match(rows[:LOOKED_AT], i, pattern)]
        if kind not in own and told:
            own[kind] = told[0]
    if LINK in own and not set(PLATFORMS) & set(own):  # the page's or account's id stands beside the post's
        link = KINDS[LINK].fullmatch(rows[0][header.index(own[LINK])].strip())
        own[PAGE if link and link[1] == "facebook" else ACCOUNT] = header[1]
    return own


def _all_match(rows: Sequence[Sequence[str]], position: int, pattern: re.Pattern[str]) -> bool:
    return all(len(row) > position and pattern.fullmatch(row[position].strip()) for row in rows)


def content_of(sheet: Sheet, declared: Mapping[str, str]) -> tuple[Content, list[Note]]:
    """The export, rows broken down by day left out. Raises SourceError for another table and for such rows alone."""
    own = names_of(sheet.header, sheet.rows, declared)
    platform = platform_of(own)
    if platform is None:
        there = [header for header in (ID, *PLATFORMS, TIME) if header in own]
        raise SourceError(
            f'the file begins with "{sheet.header[0][:80]}" and has {" and ".join(there) or "none"} of the columns '
            f'"{ID}", "{TIME}" and either "{PAGE}" or "{ACCOUNT}": it is no content export',
            where=f"{sheet.file}, row {sheet.header_line}",
            cure="export the content of one page or account; charts are read with the format "
            f'meta_business_suite_charts; headers in another language are named with `columns: {{"{ID}": ...}}`',
        )
    notes = []
    foreign = [header for english, header in own.items() if english != header]
    if foreign:
        detail = f'"{foreign[0]}" and others are read as their English names'
        notes.append(Note(sheet.file, "headers in another language", len(foreign), detail))
        notes += _unknown(sheet, own)
    sheet, more = _lifetime(sheet, own)
    return Content(sheet, platform, own), [*notes, *more]


def _unknown(sheet: Sheet, own: Mapping[str, str]) -> list[Note]:
    """What stands right of the period is counted: a name that is not known there may be a metric that is missed."""
    first = sheet.header.index(own[DATE]) + 1 if DATE in own else 0
    names = [name for name in sheet.header[first:] if name in own and name not in COUNTED]
    detail = f"{', '.join(names[:8])}: not read unless `columns:` or `metrics:` name them"
    return [Note(sheet.file, "columns of unknown names", len(names), detail)] if names else []


def _lifetime(sheet: Sheet, own: Mapping[str, str]) -> tuple[Sheet, list[Note]]:
    """Rows of counts since publication; where each post has one, rows of single days would count it again."""
    if DATE not in own:
        detail = "no column tells the period of the counts: taken as since publication"
        return sheet, [Note(sheet.file, "period not told", len(sheet.rows), detail)]
    cells = [cell.strip() for cell in sheet.column(own[DATE])]
    whole = [bool(cell) and not any(letter.isdigit() for letter in cell) for cell in cells]
    if all(whole):
        return sheet, []
    ids = [cell.strip() for cell in sheet.column(own[ID])]
    told = {post for post, kept in zip(ids, whole, strict=True) if kept}
    if set(ids) - told or "" in cells:
        index = next(i for i, post in enumerate(ids) if not whole[i] and (post not in told or not cells[i]))
        raise SourceError(
            f'"{cells[index]}" where "{LIFETIME}" belongs: the export is broken down by day, or the row is cut short',
            where=f'{sheet.file}, row {sheet.lines[index]}, column "{own[DATE]}"',
            cure="export the content with lifetime figures",
        )
    rows = tuple(row for row, kept in zip(sheet.rows, whole, strict=True) if kept)
    lines = tuple(line for line, kept in zip(sheet.lines, whole, strict=True) if kept)
    detail = "each post has a row of all its days besides, which is read"
    return replace(sheet, rows=rows, lines=lines), [Note(sheet.file, "rows of single days", whole.count(False), detail)]


def keys_of(contents: Sequence[Content]) -> tuple[list[list[str]], list[Note]]:
    """What tells the posts of each file apart: their ids or, where a spreadsheet rounded some, all by their links.

    Raises SourceError where an id is missing, or was rounded and a link is missing too.
    """
    rounded = [sum(bool(ROUNDED.fullmatch(cell)) for cell in content.column(ID)) for content in contents]
    linked = all(LINK in content.own and all(content.column(LINK)) for content in contents)
    if not any(rounded) or not linked:
        return [ids_of(content.sheet, content.own[ID]) for content in contents], []
    detail = "a spreadsheet has rounded them; posts are told apart by their links"
    notes = [Note(item.sheet.file, "ids destroyed", n, detail) for item, n in zip(contents, rounded, strict=True) if n]
    return [content.column(LINK) for content in contents], notes


def times_of(content: Content, date_format: str) -> tuple[list[str], str, list[Note]]:
    """The times of publication, their format, and what a workbook leaves open.

    Raises SourceError where a spreadsheet took some of the times for its own dates and left others as text: the former
    may have day and month exchanged.
    """
    cells, sheet, header = content.column(TIME), content.sheet, content.own[TIME]
    own = [bool(ISO.fullmatch(cell)) for cell in cells]
    if not any(own) or date_format.startswith("%Y"):
        return cells, date_format, []
    if not all(own):
        index = own.index(False)
        raise SourceError(
            f'"{cells[index]}" stands among dates of the spreadsheet\'s own, such as "{cells[own.index(True)]}": it '
            "has read the month as the day where it could",
            where=f'{sheet.file}, row {sheet.lines[index]}, column "{header}"',
            cure="use the export as received, as CSV, never opened and saved in a spreadsheet",
        )
    notes = []
    if all(int(cell[8:10]) <= LATEST_MONTH for cell in cells):
        detail = f'column "{header}": no day is above {LATEST_MONTH}, so that day and month may have been exchanged'
        notes.append(Note(sheet.file, "times rewritten by a spreadsheet", len(cells), detail))
    return [(cell + ":00")[:19] for cell in cells], ISO_FORMAT, notes


def types_of(content: Content) -> tuple[list[str], list[Note]]:
    """One word a type, whatever the export of the year calls it; an unknown word stays as it is."""
    sheet = content.sheet
    words = [cell.casefold() for cell in content.column(TYPE)] if TYPE in content.own else [""] * len(sheet.rows)
    unknown = sorted({word for word in words if word and word not in TYPES})
    count = sum(word in unknown for word in words)
    detail = f"{', '.join(unknown)}: kept under their own names"
    notes = [Note(sheet.file, "unknown types of post", count, detail)] if unknown else []
    types = [TYPES.get(word, word or UNTYPED) for word in words]
    counts = ", ".join(f"{name} {types.count(name)}" for name in sorted(set(types)))
    return types, [Note(sheet.file, "types of post", len(set(types)), counts), *notes]


def one_of_several(
    sheet: Sheet, header: str, columns: Sequence[np.ndarray], positions: Sequence[int], doubled: str
) -> tuple[np.ndarray, list[Note]]:
    """A column that the export has once or more. Raises SourceError where they differ and ``doubled`` refuses."""
    differ = np.flatnonzero([len({str(value) for value in values}) > 1 for values in zip(*columns, strict=True)])
    where = f'columns {", ".join(str(index + 1) for index in positions)}, "{header}"'
    if len(differ) and doubled == "refuse":
        first = differ[0]
        raise SourceError(
            f'"{header}" is there {len(positions)} times with different numbers: '
            f"{' and '.join(f'{column[first]:g}' for column in columns)} (rows like this: {len(differ)})",
            where=f"{sheet.file}, row {sheet.lines[first]}, {where}",
            cure="export it again with the column once, or set `doubled: first` or `doubled: last`",
        )
    chosen = columns[-1] if doubled == "last" else columns[0]
    if len(positions) == 1:
        return chosen, []
    fate = f"{len(differ)} rows differ, the {doubled} is read" if len(differ) else "equal, read once"
    return chosen, [Note(sheet.file, "column given twice", len(positions), f"{where}: {fate}")]
