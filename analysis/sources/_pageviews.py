"""Series of page views: the CSV of the pageviews tool, the JSON of the interfaces, their items saved as a table."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.errors import SourceError
from analysis.sources._dates import days
from analysis.sources._numbers import numbers
from analysis.sources._options import DecimalMark
from analysis.sources._reading import Note
from analysis.sources._series import labels_of
from analysis.sources._sheet import Sheet, sheet_of
from analysis.sources._text import decode, read_bytes

PAGE_VIEWS, LEGACY = "page_views", "legacy_page_counts"
STAMP = re.compile(r"(\d{8})(\d\d)?")
GRANULARITIES = ("daily", "monthly")
VALUE_KEYS = {"views": PAGE_VIEWS, "count": LEGACY}
ACCESS_KEYS = {PAGE_VIEWS: "access", LEGACY: "access-site"}
ITEM_KEYS = ("project", "granularity", "timestamp")
WHOLE = re.compile(r"(\d+)(\.0)?")  # pandas writes counts beside absent ones as 304.0
DOWNLOAD = "fetch the series again, and keep the answer as it comes"


@dataclass(frozen=True, slots=True)
class PageSeries:
    """One article's (or project's) series of one file. ``name`` in full; ``kind`` is what was counted, for whom."""

    file: str
    name: str
    aliases: tuple[str, ...]
    metric: str
    kind: tuple[str, str, str]  # access, agent, granularity; empty where the file does not say
    dates: pd.Series = field(repr=False)
    values: np.ndarray = field(repr=False)
    rows: tuple[int, ...] = field(repr=False)


def series_of_file(
    path: Path, encoding: str, date_format: str, decimal: DecimalMark | None
) -> tuple[list[PageSeries], tuple[Note, ...]]:
    """Every series of a file. Raises SourceError naming file and row (CSV) or item (JSON)."""
    text = decode(read_bytes(path), encoding, path.name)
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(path.name, text), ()
    return _of_csv(path.name, text, date_format, decimal)


def _of_csv(
    file: str, text: str, date_format: str, decimal: DecimalMark | None
) -> tuple[list[PageSeries], tuple[Note, ...]]:
    sheet = sheet_of(file, text)
    if set(ITEM_KEYS) <= set(sheet.header):
        return _of_items(file, zip(sheet.lines, _rows_as_items(sheet), strict=True), "row"), sheet.notes
    if sheet.header[0] != "Date" or len(sheet.header) < 2:
        raise SourceError(
            f'the first column is "{sheet.header[0][:80]}", not "Date": this is not a table of views by date',
            where=f"{file}, row 1",
            cure="download the CSV of views over time, not of totals, languages or top pages",
        )
    dates = labels_of(sheet.cells(0), sheet.lines, file, "Date", date_format)
    found = []
    for index, title in enumerate(sheet.header[1:], start=1):
        sheet.position(title)  # refuses an article that is there twice
        values = numbers(sheet.cells(index), sheet.lines, file, title, decimal=decimal, whole=True)
        found.append(PageSeries(file, title, (title,), PAGE_VIEWS, ("", "", ""), dates, values, sheet.lines))
    return found, sheet.notes


def _rows_as_items(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """What an answer held before a program saved its items as a table."""
    for row in sheet.rows:
        item: dict[str, Any] = {name: cell.strip() for name, cell in zip(sheet.header, row, strict=True) if name}
        for key in VALUE_KEYS:
            if key in item:
                whole = WHOLE.fullmatch(item[key])
                item[key] = int(whole[1]) if whole else item[key] or None
        yield item


def _of_json(file: str, text: str) -> list[PageSeries]:
    return _of_items(file, _items(file, text), "item")


def _of_items(file: str, items: Iterable[tuple[int, dict[str, Any]]], called: str) -> list[PageSeries]:
    parts: dict[tuple, list[tuple[int, str, float]]] = {}
    for number, item in items:
        where = f"{file}, {called} {number}"
        metric, value = _value(item, where)
        kind = tuple(_text(item, key, where) for key in (ACCESS_KEYS[metric], "granularity"))
        agent = _text(item, "agent", where) if metric == PAGE_VIEWS else ""
        if kind[1] not in GRANULARITIES:
            raise SourceError(
                f'the granularity is "{kind[1]}"', where=where, cure=f"fetch it {' or '.join(GRANULARITIES)}"
            )
        project = _text(item, "project", where)
        article = _text(item, "article", where) if "article" in item else ""
        stamp = STAMP.fullmatch(_text(item, "timestamp", where))
        if stamp is None or stamp.group(2) not in (None, "00"):
            raise SourceError(f"the timestamp {item['timestamp']!r} is not a day", where=where, cure=DOWNLOAD)
        key = (project, article, metric, (kind[0], agent, kind[1]))
        parts.setdefault(key, []).append((number, stamp.group(1), value))
    return [_json_series(file, *key, points) for key, points in parts.items()]


def _json_series(
    file: str, project: str, article: str, metric: str, kind: tuple[str, str, str], points: list
) -> PageSeries:
    rows = tuple(number for number, _, _ in points)
    dates = days([stamp for _, stamp, _ in points], rows, file, "timestamp", "%Y%m%d")
    name = f"{project}/{article}" if article else project
    aliases = tuple(dict.fromkeys((name, article, article.replace("_", " ")))) if article else (name,)
    return PageSeries(file, name, aliases, metric, kind, dates, np.array([value for _, _, value in points]), rows)


def _items(file: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The answer's items, counted from 1."""
    try:
        answer = json.loads(text, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"the file is not sound JSON ({error})", where=file, cure=DOWNLOAD) from error
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not items:
        said = str(answer.get("detail") or answer.get("title") or "")[:200] if isinstance(answer, dict) else ""
        raise SourceError(
            "the answer holds no items" + (f': the service said "{said}"' if said else ""), where=file, cure=DOWNLOAD
        )
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            raise SourceError("the item is not an object", where=f"{file}, item {number}", cure=DOWNLOAD)
        yield number, item


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object as a dict. Raises ValueError for a key given twice, of which plain reading keeps the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        told = ", ".join(json.dumps(value)[:40] for name, value in pairs if name == twice)
        at = f" in the item of {found['timestamp']!r}" if "timestamp" in found else ""
        raise ValueError(f'the key "{twice[:40]}" is given twice{at}: {told}')
    return found


def _value(item: dict[str, Any], where: str) -> tuple[str, float]:
    keys = [key for key in VALUE_KEYS if key in item]
    if len(keys) != 1:
        raise SourceError('the item needs "views", or "count" in the legacy answers', where=where, cure=DOWNLOAD)
    value = item[keys[0]]
    if value is None:
        return VALUE_KEYS[keys[0]], float("nan")
    if type(value) is not int or value < 0:
        raise SourceError(f'"{keys[0]}" is {value!r}, not a count', where=where, cure=DOWNLOAD)
    return VALUE_KEYS[keys[0]], float(value)


def _text(item: dict[str, Any], key: str, where: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise SourceError(f'"{key}" is missing or not text', where=where, cure=DOWNLOAD)
    return value
