"""What the CrowdTangle exports of posts share: their columns, their numbers, their times, their doubles."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from analysis.core.case import Case, Source, Strict, Text
from analysis.core.errors import SourceError, nearest
from analysis.sources._crowdtangle_columns import (
    ADDRESS,
    OWN_ID,
    PARTS,
    REACTIONS,
    TOTAL,
    Columns,
    as_exported,
    columns_of,
)
from analysis.sources._numbers import ABSENT, numbers, rows_of
from analysis.sources._options import Delimiter, Encoding
from analysis.sources._personal import Personal
from analysis.sources._reading import Note, Reading, channel_of, place, together, unit_of, zone_of
from analysis.sources._sheet import Sheet
from analysis.sources._tables import read_table
from analysis.sources._tally import by_day
from analysis.sources._zone_names import OFFSET, named_moments

OWN_METRICS = ("posts", "interactions", "reactions")
METRICS = (*OWN_METRICS, *(part.lower() for part in PARTS))
KPIS = {"interactions": "engagements"}
PERSONAL = (
    Personal("Page Name, Group Name, Account", "page", "named"),
    Personal("User Name, Screen Name", "page", "never"),
    Personal("Facebook Id", "page", "sorted"),
    Personal("URL", "post", "sorted"),
    Personal("Message, Image Text, Link Text, Description, Title", "text", "never"),
)
ABSENT_HERE = ABSENT | {"N/A", "none"}
GROUPED = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
ROUNDED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")


def _offsets(zones: dict[str, str]) -> dict[str, str]:
    for name, offset in zones.items():
        if not OFFSET.fullmatch(offset):
            raise ValueError(f'zones: "{offset}" of {name} is not an offset; write it like "-03:00"')
    return zones


class Options(Strict):
    """``pages``: our unit for each page or group to keep (all of them under their own names when empty).

    ``unit: source`` counts every row for the source's own unit instead, as for a search for a brand's name.
    """

    unit: Literal["page", "source"] = "page"
    pages: dict[str, Text] = Field(default_factory=dict)
    zones: Annotated[dict[str, str], AfterValidator(_offsets)] = Field(default_factory=dict)
    duplicates: Literal["refuse", "keep_first"] = "refuse"
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","


def read_posts(files: tuple[Path, ...], source: Source, case: Case, options: Options, *, search: bool) -> Reading:
    """Posts a day of the source's time zone and what they had gathered when exported. Raises as the readers say."""
    channel, zone = channel_of(source), zone_of(source, case)
    tables, notes = [], []
    sheets = together(partial(read_table, path, options.encoding, options.delimiter) for path in files)
    for sheet in map(as_exported, sheets):
        table, found = _posts(sheet, columns_of(sheet, search), options, zone)
        tables.append(table)
        notes += [*sheet.notes, *found]
    posts, more = _without_doubles(pd.concat(tables, ignore_index=True), options)
    notes += [*more, *_name_notes(posts)]
    posts, more = _units(posts, source, case, options)
    metrics = [name for name in METRICS if name in posts]
    return Reading(by_day(posts.assign(channel=channel), metrics), zone, notes=(*notes, *more))


def _posts(sheet: Sheet, columns: Columns, options: Options, zone: str) -> tuple[pd.DataFrame, list[Note]]:
    """One row a post: date, name, id, address, file, row and the metrics."""
    moments = named_moments(sheet.column(columns.time), sheet.lines, sheet.file, columns.time, options.zones)
    names = [cell.strip() for cell in sheet.column(columns.name)]
    if "" in names:
        line = sheet.lines[names.index("")]
        raise SourceError(
            "the name is empty", where=f'{sheet.file}, row {line}, column "{columns.name}"', cure="export it again"
        )
    counts = {part: _counts(sheet, part)[0] for part in columns.parts}
    table = pd.DataFrame(
        {
            "date": moments.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize(), "name": names,
            "id": _cells(sheet, OWN_ID), "address": _cells(sheet, ADDRESS), "file": sheet.file,
            "row": list(sheet.lines), "posts": 1.0,
            "interactions": np.sum(list(counts.values()), axis=0),
            "reactions": np.sum([counts[part] for part in REACTIONS if part in counts], axis=0),
        }
        | {part.lower(): values for part, values in counts.items()}
    )  # fmt: skip
    notes = _spreadsheet_notes(sheet)
    if TOTAL in sheet.header:
        table["interactions"], more = _total(sheet, table["interactions"].to_numpy())
        notes += more
    absent = {name: int(table[name].isna().sum()) for name in METRICS if name in table}
    fate = "left out, not zero"
    notes += [Note(sheet.file, "absent values", n, f"{name}: {fate}") for name, n in absent.items() if n]
    return table, notes


def _cells(sheet: Sheet, header: str) -> list[str]:
    return [cell.strip() for cell in sheet.column(header)] if header in sheet.header else [""] * len(sheet.rows)


def _counts(sheet: Sheet, header: str) -> tuple[np.ndarray, list[str]]:
    """Whole numbers, and the thousands separator each was written with ("" for none).

    A count has no decimals, so a separator before every three digits can only be a thousands separator.
    """
    cells = [cell.strip() for cell in sheet.column(header)]
    found = [GROUPED.fullmatch(cell) for cell in cells]
    plain = [re.sub(r"[.,]", "", cell) if match else cell for cell, match in zip(cells, found, strict=True)]
    values = numbers(plain, sheet.lines, sheet.file, header, absent=ABSENT_HERE)
    broken = np.flatnonzero(values % 1 > 0)  # NaN compares false
    if len(broken):
        raise SourceError(
            f'"{cells[broken[0]]}" is not a whole number, and this column counts something',
            where=f'{sheet.file}, {rows_of(sheet.lines, broken.tolist())}, column "{header}"',
            cure="use the export as received, never opened and saved in a spreadsheet",
        )
    return values, [match.group(1) if match else "" for match in found]


def _total(sheet: Sheet, sums: np.ndarray) -> tuple[np.ndarray, list[Note]]:
    """Total interactions, its separators proved by the sums of the parts. Raises SourceError where they are not."""
    values, separators = _counts(sheet, TOTAL)
    known = ~np.isnan(values) & ~np.isnan(sums)
    differs = known & (values != sums)
    for mark in sorted(set(separators) - {""}):
        written = np.array([separator == mark for separator in separators])
        proved, against = int((written & known & ~differs).sum()), int((written & differs).sum())
        if proved <= against:
            index = int(np.flatnonzero(written & differs if against else written)[0])
            raise SourceError(
                f'"{sheet.column(TOTAL)[index]}" cannot be settled: read with "{mark}" between thousands it is '
                f"{values[index]:,.0f}, the reactions, comments and shares sum to "
                f"{'nothing known' if np.isnan(sums[index]) else f'{sums[index]:,.0f}'}",
                where=f'{sheet.file}, row {sheet.lines[index]}, column "{TOTAL}"',
                cure="use the export as received, with all its columns of reactions, comments and shares",
            )
    notes = []
    if differs.any():
        detail = f"first in row {sheet.lines[int(differs.argmax())]}; the total is taken as given"
        notes.append(Note(sheet.file, "total differs from the sum of its parts", int(differs.sum()), detail))
    return values, notes


def _spreadsheet_notes(sheet: Sheet) -> list[Note]:
    """Traces of a spreadsheet in columns that are not used: the file is readable, and not as received."""
    rounded = sum(bool(ROUNDED.fullmatch(cell)) for cell in _cells(sheet, OWN_ID))
    dates = sum("/" in cell for cell in _cells(sheet, "Post Created Date"))
    notes = []
    if rounded:
        detail = "a spreadsheet has rounded them; pages go by name and posts by address, the ids are not used"
        notes.append(Note(sheet.file, "ids destroyed", rounded, detail))
    if dates:
        detail = "a spreadsheet has rewritten them; the days come from the full time, which is whole"
        notes.append(Note(sheet.file, "dates rewritten", dates, detail))
    return notes


def _name_notes(posts: pd.DataFrame) -> list[Note]:
    """A page that was renamed would become two units, pages of one name become one."""
    sound = posts[(posts["id"] != "") & ~posts["id"].str.fullmatch(ROUNDED.pattern)]
    notes = []
    for name, rows in sound.groupby("name", sort=True):
        ids = list(dict.fromkeys(rows["id"]))
        if len(ids) > 1:
            detail = f"{name} is the name of the ids {', '.join(ids[:5])}: added up as one"
            notes.append(Note(rows["file"].iloc[0], "several pages of one name", len(ids), detail))
    for _, rows in sound.groupby("id", sort=True):
        names = list(dict.fromkeys(rows["name"]))
        if len(names) > 1:
            detail = f"{' and '.join(names)} have one id: name one unit for both under `pages:` if they are the same"
            notes.append(Note(rows["file"].iloc[0], "page with several names", len(names), detail))
    return notes


def _without_doubles(posts: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, list[Note]]:
    """A post is its address. Given twice with the same numbers it is kept once; otherwise the case must say."""
    addressed = (posts["address"] != "").to_numpy()
    again = posts.duplicated("address").to_numpy() & addressed
    if not again.any():
        return posts, []
    compared = [name for name in METRICS if name in posts]
    first = posts[addressed & ~again].set_index("address")[compared].reindex(posts.loc[again, "address"])
    same = (first.fillna(-1).to_numpy() == posts.loc[again, compared].fillna(-1).to_numpy()).all(axis=1)
    if not same.all() and options.duplicates == "refuse":
        index = int(np.flatnonzero(again)[int((~same).argmax())])
        earlier = int((posts["address"] == posts["address"].iloc[index]).to_numpy().argmax())
        raise SourceError(
            f"one post is given twice with different numbers (interactions {posts['interactions'].iloc[earlier]:,.0f} "
            f"and {posts['interactions'].iloc[index]:,.0f}); posts like this: {int((~same).sum())}",
            where=f"{place(posts, earlier)} and {place(posts, index)}",
            cure="name the later export first and set `duplicates: keep_first`",
        )
    counts = posts[again].groupby("file", sort=True).size()
    notes = [Note(str(file), "post given twice", int(count), "the first was kept") for file, count in counts.items()]
    return posts[~again].reset_index(drop=True), notes


def _units(posts: pd.DataFrame, source: Source, case: Case, options: Options) -> tuple[pd.DataFrame, list[Note]]:
    if options.pages:
        _check_pages(options.pages, posts["name"].unique(), source)
    kept = posts["name"].isin(options.pages) if options.pages else pd.Series(True, index=posts.index)
    counts = posts[~kept].groupby("file", sort=True).size()
    notes = [Note(str(file), "post of a page not listed", int(n), "left out") for file, n in counts.items()]
    posts = posts[kept].reset_index(drop=True)
    if options.unit == "source":
        return posts.assign(unit=unit_of(source, case)), notes
    return posts.assign(unit=[options.pages.get(name, name) for name in posts["name"]]), notes


def _check_pages(pages: dict[str, str], names: Sequence[str], source: Source) -> None:
    for name in pages:
        if name not in names:
            raise SourceError(
                f'no post is of "{name}"',
                where=f"sources, {source.id}, options, pages: {', '.join(source.files)}",
                cure=nearest(name, names),
            )
