"""Any table of measurements by day or week; the case says which column is what."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError, nearest
from analysis.sources._channels import channel_ids, check_map
from analysis.sources._dates import days
from analysis.sources._kpis import counts_whole
from analysis.sources._mapping import (
    CHANNEL,
    CODE,
    METRIC,
    MOST_METRICS,
    UNIT,
    channel_options,
    of_kind,
    only,
    profiles_of,
    slugs,
)
from analysis.sources._numbers import numbers, refuse_thousands
from analysis.sources._options import DayFormat, DecimalMark, Delimiter, Encoding, Heading
from analysis.sources._reading import Note, Reading, channel_of, together, unit_of, zone_of
from analysis.sources._recognising import TODO, Dated, Recognition, Sample
from analysis.sources._sheet import Sheet, read_sheet
from analysis.sources._windows import join_windows, window_of

NAME = "measurements_csv"
LABEL = "A table of measurements (CSV)"
REFERENCE = "Columns as the case's own mapping names them; wide and long tables after Wickham, Tidy Data, 2014"
KPIS: dict[str, str] = {}  # columns are the case's own
PERSONAL = ()  # already added up; what a column counts is the case's own


class Options(Strict):
    layout: Literal["wide", "long"] = "wide"
    date: Heading
    date_format: DayFormat = "%Y-%m-%d"
    unit_column: Heading | None = None
    channel_column: Heading | None = None
    channel_map: dict[str, Identifier] = Field(default_factory=dict)
    metrics: dict[Identifier, Heading] = Field(default_factory=dict)
    metric_column: Heading | None = None
    metric: Identifier | None = None
    value: Heading | None = None
    keep_units: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    empty: Literal["missing", "zero"] = "missing"
    allow_negative: bool = False
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    decimal: DecimalMark | None = None

    @model_validator(mode="after")
    def _layout_is_complete(self) -> "Options":
        if self.layout == "wide":
            if not self.metrics:
                raise ValueError("a wide table needs `metrics:`, our name of each metric and its column")
            given = [name for name in ("metric_column", "metric", "value") if getattr(self, name) is not None]
            if given:
                raise ValueError(f"`{given[0]}:` belongs to `layout: long`")
            return self
        if self.value is None:
            raise ValueError("a long table needs `value:`, the column of the numbers")
        if (self.metric_column is None) == (self.metric is None):
            raise ValueError("a long table needs either `metric_column:` or one `metric:`")
        if self.metrics and self.metric_column is None:
            raise ValueError("`metrics:` in a long table renames what `metric_column:` holds")
        return self

    @model_validator(mode="after")
    def _map_has_its_column(self) -> "Options":
        if self.channel_map and self.channel_column is None:
            raise ValueError("`channel_map:` needs `channel_column:`")
        if self.keep_units and self.unit_column is None:
            raise ValueError("`keep_units:` needs `unit_column:`")
        return self


def recognise(sample: Sample) -> Recognition | None:
    """A mapping is proposed only when one column holds dates and every other is a number or named as what it is."""
    profiles = profiles_of(sample)
    date = only(of_kind(profiles, "date"))
    named = {
        key: only([item for item in profiles if item.name in words and item is not date])
        for key, words in (("unit_column", UNIT), ("channel_column", CHANNEL), ("metric_column", METRIC))
    }
    others = [item for item in profiles if item is not date and item not in named.values()]
    counts = [item for item in others if item.kind in ("number", "empty") and not CODE.search(item.name)]
    metrics = slugs(item.header for item in counts)
    missing = [] if date else ["date"]
    if len(counts) != len(others) or not 0 < len(metrics) <= MOST_METRICS or any(n.kind == "time" for n in profiles):
        missing.append("metrics")
    options: dict[str, object] = {
        "layout": "wide", "date": date.header if date else TODO,
        "metrics": {ours: theirs for theirs, ours in metrics.items()} if 0 < len(metrics) <= MOST_METRICS else TODO,
    }  # fmt: skip
    if not missing:
        options = {"layout": "wide", "date": date.header, "metrics": {ours: theirs for theirs, ours in metrics.items()}}
        if named["metric_column"] is not None and len(counts) == 1:
            words = slugs(named["metric_column"].words)
            options = {"layout": "long", "date": date.header, "value": counts[0].header,
                       "metric_column": named["metric_column"].header,
                       "metrics": {ours: theirs for theirs, ours in words.items()}}  # fmt: skip
            missing = [] if words else ["metrics"]
        elif named["metric_column"] is not None:
            missing = ["metric_column"]
        if named["unit_column"] is not None:
            options["unit_column"] = named["unit_column"].header
        options |= channel_options(named["channel_column"], "channel_column")
    if not date and not of_kind(profiles, "number"):
        return None
    dated = Dated(date.header, Options.model_fields["date_format"].default) if date else None
    return Recognition(
        "a table of dates and numbers", None, options, tuple(missing), general=True,
        dates=(dated,) if dated else (), regular=True,
    )


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """One measurement a date, unit, channel and metric, from the columns that the case names.

    Raises SourceError for a file that is cut or in another encoding, a column, unit, channel or metric that is not
    there, a cell that is not a number or (unless ``allow_negative``) below zero, and rows or files that disagree;
    CaseError when the case leaves the channel open or maps to one it does not list.
    """
    check_map(options.channel_map, source, case)
    windows, notes, seen = [], [], _Seen(set(), set())

    def one(path: Path) -> tuple[pd.DataFrame, list[Note]]:
        sheet = read_sheet(path, options.encoding, options.delimiter)
        window, empty = _window(sheet, source, case, options, seen)
        return window, [*sheet.notes, *empty]

    for window, found in together(partial(one, path) for path in files):
        windows.append(window)
        notes += found
    _check_named(options, source, seen)
    joined, more = join_windows(windows, source.period)
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the files name, to tell a misspelt choice from an absent one."""

    units: set[str]
    metrics: set[str]


def _window(
    sheet: Sheet, source: Source, case: Case, options: Options, seen: _Seen
) -> tuple[pd.DataFrame, list[Note]]:
    units = _filled(sheet, options.unit_column) or [unit_of(source, case)] * len(sheet.rows)
    seen.units.update(units)
    keep = [i for i, unit in enumerate(units) if options.keep_units is None or unit in options.keep_units]
    lines = [sheet.lines[i] for i in keep]
    channels = _channels(sheet, source, case, options)
    dates = days(_at(sheet.column(options.date), keep), lines, sheet.file, options.date, options.date_format)
    columns = options.metrics if options.layout == "wide" else {"value": options.value or ""}
    wide = options.layout == "wide"

    def numbers_of(name: str, header: str) -> np.ndarray:
        cells = _at(sheet.column(header), keep)
        whole = wide and counts_whole(name, None, KPIS, case.kpis)
        return numbers(
            cells, lines, sheet.file, header, decimal=options.decimal, negative=options.allow_negative, whole=whole
        )

    values, notes = {}, []
    read_columns = together(partial(numbers_of, *column) for column in columns.items())
    for (name, header), column in zip(columns.items(), read_columns, strict=True):
        if empty := int(np.isnan(column).sum()):
            fate = "counted as 0" if options.empty == "zero" else "left out"
            notes.append(Note(sheet.file, "empty cells", empty, f'column "{header}": {fate}'))
        values[name] = np.nan_to_num(column) if options.empty == "zero" else column
    frame = window_of(sheet.file, lines, dates, _at(units, keep), _at(channels, keep), values)
    if options.layout == "wide":
        return frame, notes
    names = _filled(sheet, options.metric_column)
    cells = _at(sheet.column(options.value or ""), keep)
    _check_whole(cells, lines, names and _at(names, keep), sheet.file, options, case)
    if names is None:
        return frame.assign(metric=options.metric), notes
    return _named(frame, _at(names, keep), options, seen), notes


def _check_whole(
    cells: list[str], lines: list[int], theirs: list[str] | None, file: str, options: Options, case: Case
) -> None:
    """A long table's one column holds many metrics: each of its counts by itself, as in a column of its own."""
    names = [options.metric or ""] * len(cells) if theirs is None else theirs
    ours = {header: name for name, header in options.metrics.items()}
    for name in dict.fromkeys(names):
        if (ours and name not in ours) or not counts_whole(ours.get(name, name), None, KPIS, case.kpis):
            continue
        own = [index for index, other in enumerate(names) if other == name]
        refuse_thousands(
            [cells[i] for i in own], [lines[i] for i in own], file, options.value or "", options.decimal
        )


def _named(frame: pd.DataFrame, theirs: list[str], options: Options, seen: _Seen) -> pd.DataFrame:
    """A long table's rows under our metric names; with ``metrics:`` only those named there."""
    seen.metrics.update(theirs)
    named = frame.assign(metric=theirs)
    if not options.metrics:
        return named
    ours = {header: name for name, header in options.metrics.items()}
    named = named[named["metric"].isin(ours)]
    return named.assign(metric=named["metric"].map(ours).astype("str"))


def _channels(sheet: Sheet, source: Source, case: Case, options: Options) -> list[str]:
    if options.channel_column is None:
        return [channel_of(source)] * len(sheet.rows)
    return channel_ids(sheet, options.channel_column, options.channel_map, case)


def _filled(sheet: Sheet, header: str | None) -> list[str] | None:
    """A column of names, none of them empty."""
    if header is None:
        return None
    cells = [cell.strip() for cell in sheet.column(header)]
    if "" in cells:
        raise SourceError(
            "the cell is empty",
            where=f'{sheet.file}, row {sheet.lines[cells.index("")]}, column "{header}"',
            cure="fill it in or take the row out",
        )
    return cells


def _at(cells: list[str], keep: list[int]) -> list[str]:
    return [cells[i] for i in keep]


def _check_named(options: Options, source: Source, seen: _Seen) -> None:
    wanted = {"unit": (options.keep_units or (), seen.units)}
    if options.metric_column is not None:
        wanted["metric"] = (tuple(options.metrics.values()), seen.metrics)
    for kind, (names, known) in wanted.items():
        for name in names:
            if name not in known:
                raise SourceError(
                    f'no row has the {kind} "{name}"', where=f"source {source.id}", cure=nearest(name, known)
                )
