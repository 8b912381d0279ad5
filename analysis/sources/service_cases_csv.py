"""A service desk's list of cases: one row a case, with when it was opened and closed and through which channel."""

import re
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, model_validator

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError
from analysis.sources._channels import check_map, unknown_channel
from analysis.sources._clock import localised, several_zones
from analysis.sources._dates import moments
from analysis.sources._mapping import (
    CASE_ID,
    ID,
    Profile,
    channel_columns,
    channel_options,
    named,
    of_kind,
    only,
    profiles_of,
    slug,
)
from analysis.sources._options import Delimiter, Encoding, Heading, MomentFormat
from analysis.sources._personal import Personal
from analysis.sources._reading import (
    CASE_COLUMNS,
    Note,
    Reading,
    channel_of,
    measurements_frame,
    place,
    unit_of,
    zone_of,
)
from analysis.sources._recognising import TODO, Dated, Doubt, Recognition, Sample
from analysis.sources._sheet import Sheet, read_sheet

NAME = "service_cases_csv"
LABEL = "Service cases, one row a case (CSV)"
REFERENCE = "Columns as the case's own mapping names them; the layout of municipal 311 case exports"

# What desks call the moments of a case; the second of each only where no column bears a name of the first.
OPENED = (
    re.compile(r"open|creat|receiv|apert|ricev"),
    re.compile(
        r"creaz|creac|criad|cree?(_|$)|erstell|eroff|eingang|eingeg|abert|abiert|ouvert|recib|receb|recu|start|began|"
        r"begin|inizi|inici|debut|report|submit|request|richiest|segnal|logged|raised"
    ),
)
CLOSED = (
    re.compile(r"clos|solved|resolved|chius"),
    re.compile(r"risol|resol|complet|finish|ended|(^|_)end|termin|geschl|gelost|ferme|clotur|cerrad|cierre|fechad|encerr"),
)
PERSON = re.compile(r"(^|_)(customer|client|cliente|user|utente|account|agent|requester|assignee|author)_")
DESK = re.compile(r"(^|_)(case|ticket|call|request|conversation|incident|complaint|caso|chiamata|pratica)")
NEITHER = re.compile(r"(^|_)(due|target|updat|expect|sla|deadline|scaden|previst|modif|last)")
KPIS: dict[str, str] = {}  # columns are the case's own
PERSONAL = (
    Personal("", "case_id", "numbered", option="id"),
    Personal("", "moment", "kept", option="opened"),
    Personal("", "moment", "kept", option="closed"),
    Personal("", "moment", "kept", option="due"),
    Personal("", "attribute", "generalised", option="fields"),
)
METRIC = "contacts"
DUE = "due"
OTHER = "other"


class Options(Strict):
    id: Heading
    opened: Heading
    closed: Heading | None = None
    due: Heading | None = None
    channel: Heading | None = None
    date_format: MomentFormat = "%Y-%m-%d %H:%M:%S"
    channel_map: dict[str, Identifier] = Field(default_factory=dict)
    unknown_channel: Literal["refuse", "other", "drop"] = "refuse"
    fields: dict[Identifier, Heading] = Field(default_factory=dict)
    dst: Literal["first", "second"] = "first"
    closing_before_opening: Literal["refuse", "drop_closing"] = "refuse"
    duplicates: Literal["refuse", "keep_first"] = "refuse"
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","

    @model_validator(mode="after")
    def _coherent(self) -> "Options":
        if (self.channel is None) != (not self.channel_map):
            raise ValueError("`channel:` (the column) and `channel_map:` (its values) go together")
        taken = sorted(set(self.fields) & {*CASE_COLUMNS, DUE})
        if taken:
            raise ValueError(f"fields: {taken[0]} is a name the reader uses itself")
        return self


def recognise(sample: Sample) -> Recognition | None:
    """Claimed only when one column of distinct ids and one of openings are named as what they are; or the one date
    there is, beside an id of a desk's cases."""
    profiles = profiles_of(sample)
    dates = of_kind(profiles, "date", "time")
    if not dates:
        return None
    ids = [item for item in profiles if item.distinct and item not in dates and not PERSON.search(slug(item.header))]
    sure = only(named(ids, CASE_ID))
    case_id = sure or only([item for item in ids if ID.search(item.name)])
    idle = named(dates, NEITHER)
    closings = named(dates, *CLOSED, but=idle)
    openings = named(dates, *OPENED, but=[*closings, *idle])
    desk = sure is not None and DESK.search(slug(sure.header)) is not None  # posts and orders have an "id" too
    opened = only(openings) or (only(dates) if desk and not closings else None)
    channels = channel_columns(profiles)
    missing = [key for key, found in (("id", case_id), ("opened", opened)) if found is None]
    likely = opened or only(dates)  # to be confirmed
    options: dict[str, object] = {
        key: found.header if found else TODO for key, found in (("id", case_id), ("opened", likely))
    }
    closed = only(closings)
    options |= {"closed": closed.header} if closed else {}
    options |= channel_options(only(channels), "channel", always=True)
    several = {"closed": closings, "channel": channels, "opened": openings, "id": named(ids, CASE_ID)}
    default = Options.model_fields["date_format"].default
    zones = ((likely, "time_zone"), (closed, ""))
    dated = tuple(Dated(item.header, default, zone=zone) for item, zone in zones if item)
    because = "a row a case: its id, when it was opened"
    doubts = tuple(_either(key, found) for key, found in several.items() if len(found) > 1)
    return Recognition(
        because, None, options, tuple(missing), general=True, dates=dated, plain_numbers=False, doubts=doubts
    )


def _either(key: str, found: list[Profile]) -> Doubt:
    shown = tuple(item.header for item in found)
    return Doubt(f"{len(shown)} columns may be what `{key}:` asks for, and none is taken", key, shown)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The cases, and how many were opened a local day and channel (metric "contacts"). Where the export says by when
    a case was due, ``cases`` have that moment as ``due``, missing where the cell is empty.

    Days without a case are not filled: whether nothing came or nothing was recorded is the case's to say. Raises
    SourceError for a file that is cut, a date that cannot be read, a channel nobody mapped, a case given twice and
    one closed before it was opened (the last three unless the options say otherwise).
    """
    check_map(options.channel_map, source, case)
    zone, frames, notes = zone_of(source, case), [], []
    for path in files:
        sheet = read_sheet(path, options.encoding, options.delimiter)
        frame, more = _cases(sheet, source, options, zone)
        frames.append(frame)
        notes += [*sheet.notes, *more]
    cases, more = _without_doubles(pd.concat(frames, ignore_index=True), options)
    notes += [*more, *_unused_words(files, cases, options)]
    return Reading(_contacts(cases, unit_of(source, case)), zone, cases=cases, notes=tuple(notes))


def _cases(sheet: Sheet, source: Source, options: Options, zone: str) -> tuple[pd.DataFrame, list[Note]]:
    channels, notes = _channels(sheet, source, options)
    opened, more = _moments(sheet, options.opened, options, zone)
    notes += more
    never = pd.Series(pd.NaT, index=opened.index, dtype=opened.dtype)
    columns = {"case_id": _ids(sheet, options.id), "opened": opened, "closed": never}
    if options.closed is not None:
        columns["closed"], more = _moments(sheet, options.closed, options, zone, after=opened)
        notes += more
    columns |= {"channel": channels, "file": sheet.file, "row": list(sheet.lines)}
    if options.due is not None:
        columns[DUE], more = _moments(sheet, options.due, options, zone, after=opened)
        columns[DUE] = columns[DUE].astype(opened.dtype)
        notes += more
    columns |= {name: [cell.strip() for cell in sheet.column(header)] for name, header in options.fields.items()}
    frame = pd.DataFrame(columns).astype({"closed": opened.dtype, "channel": "str", "file": "str"})
    frame = frame[frame["channel"].notna()].reset_index(drop=True)
    frame, more = _in_order(frame, options)
    return frame, notes + more


def _ids(sheet: Sheet, header: str) -> list[str]:
    ids = [cell.strip() for cell in sheet.column(header)]
    if "" in ids:
        raise SourceError(
            "a case has no id", where=f"{sheet.file}, row {sheet.lines[ids.index('')]}", cure="export it again"
        )
    return ids


def _channels(sheet: Sheet, source: Source, options: Options) -> tuple[pd.Series, list[Note]]:
    """Channel ids, missing where the row is to be left out."""
    if options.channel is None:
        return pd.Series([channel_of(source)] * len(sheet.rows), dtype="str"), []
    cells = pd.Series(sheet.column(options.channel), dtype="str").str.strip()
    channels = cells.map(options.channel_map).astype("str")
    unknown = channels.isna().to_numpy()
    if not unknown.any():
        return channels, []
    if options.unknown_channel == "refuse":
        index = int(unknown.argmax())
        otherwise = ", or set `unknown_channel: other` or `drop`"
        raise unknown_channel(sheet, index, cells[index], options.channel, options.channel_map, otherwise=otherwise)
    counts = cells[unknown].value_counts().sort_index()
    fate = "left out" if options.unknown_channel == "drop" else f'counted as "{OTHER}"'
    notes = [
        Note(sheet.file, "channel not mapped", int(count), f'"{word}": {fate}') for word, count in counts.items()
    ]
    return (channels if options.unknown_channel == "drop" else channels.fillna(OTHER)), notes


def _unused_words(files: tuple[Path, ...], cases: pd.DataFrame, options: Options) -> list[Note]:
    """A word in the map that no row has may be misspelt, and its cases left out as unmapped."""
    seen = set(cases["channel"])
    idle = sorted(name for name in set(options.channel_map.values()) if name not in seen)
    what = 'channel_map leads to "{}", no row does'
    return [Note(files[-1].name, "channel without a case", 0, what.format(name)) for name in idle]


def _moments(
    sheet: Sheet, header: str, options: Options, zone: str, after: pd.Series | None = None
) -> tuple[pd.Series, list[Note]]:
    read = moments(
        sheet.column(header), sheet.lines, sheet.file, header, options.date_format, optional=after is not None
    )
    local, notes = localised(read, zone, options.dst, sheet.file, header, after)
    return local, [*notes, *several_zones(sheet.column(header), local, sheet.file, header)]


def _in_order(frame: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, list[Note]]:
    backwards = (frame["closed"] < frame["opened"]).to_numpy()
    if not backwards.any():
        return frame, []
    index = int(backwards.argmax())
    if options.closing_before_opening == "refuse":
        raise SourceError(
            f"case {frame['case_id'][index]} was closed ({frame['closed'][index]}) before it was opened "
            f"({frame['opened'][index]}); cases like this: {int(backwards.sum())}",
            where=place(frame, index),
            cure="correct the export, or set `closing_before_opening: drop_closing` to count them as not closed",
        )
    note = Note(
        frame["file"][index], "closed before opened", int(backwards.sum()), f"first in row {frame['row'][index]}; "
        "the closing was left out",
    )
    return frame.assign(closed=frame["closed"].mask(backwards)), [note]


def _without_doubles(cases: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, list[Note]]:
    again = cases["case_id"].duplicated().to_numpy()
    if not again.any():
        return cases, []
    index = int(again.argmax())
    first = int((cases["case_id"] == cases["case_id"][index]).to_numpy().argmax())
    if options.duplicates == "refuse":
        raise SourceError(
            f"case {cases['case_id'][index]} is given twice; rows that repeat an earlier case: {int(again.sum())}",
            where=f"{place(cases, first)} and {place(cases, index)}",
            cure="export again, or set `duplicates: keep_first`",
        )
    counts = cases[again].groupby("file", sort=True).size()
    notes = [Note(str(file), "case given twice", int(count), "the first was kept") for file, count in counts.items()]
    return cases[~again].reset_index(drop=True), notes


def _contacts(cases: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Cases opened a local day and channel; ``row`` is that of the first of them."""
    day = cases["opened"].dt.tz_localize(None).dt.normalize().rename("day")
    groups = cases.groupby([day, "channel"], sort=True)
    first = groups[["file", "row"]].first().reset_index()
    return measurements_frame(
        {
            "date": first["day"], "unit": unit, "channel": first["channel"], "metric": METRIC,
            "value": groups.size().to_numpy(dtype=float), "file": first["file"], "row": first["row"],
        }
    )
