"""A care desk's event log: one row an event of a case (signal, private request, pool, taken in charge, outcome ...)."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Source
from analysis.core.case_service import Identifier, Strict
from analysis.core.errors import SourceError
from analysis.core.privacy import pseudonyms
from analysis.sources._channels import channel_ids, check_map
from analysis.sources._clock import later_showing, localised, several_zones
from analysis.sources._dates import moments
from analysis.sources._event_doubles import without_doubles
from analysis.sources._event_order import KINDS, Kind, in_order, settled
from analysis.sources._mapping import (
    CASE_ID,
    CHANNEL,
    ID,
    MOST_WORDS,
    Profile,
    channel_options,
    named,
    of_kind,
    only,
    profiles_of,
)
from analysis.sources._options import Delimiter, Encoding, Heading, MomentFormat
from analysis.sources._personal import Personal
from analysis.sources._reading import Note, Reading, channel_of, measurements_frame, place, unit_of, zone_of
from analysis.sources._recognising import TODO, Dated, Recognition, Sample
from analysis.sources._sheet import Sheet, read_sheet

NAME = "event_log_csv"
LABEL = "Care event log, one row an event (CSV)"
REFERENCE = "Stages as 3 Italia described them (Mondo3, March 2013); columns as the case's own mapping names them"

KPIS: dict[str, str] = {}  # columns are the case's own
PERSONAL = (
    Personal("", "case_id", "numbered", option="id"),
    Personal("", "customer", "numbered", option="customer"),
    Personal("", "moment", "kept", option="time"),
    Personal("", "tone", "kept", option="tone"),
    Personal("", "public", "kept", option="public"),
    Personal("", "attribute", "generalised", option="fields"),
)
METRIC = "cases"
# What a column of events is called, and those of a case and a time, where the words in it are a desk's own.
EVENT_LIKE = re.compile(r"(^|_)(concept_name|activity|event|event_type|action|evento|attivita|aktivitat|actividad)$")
TIME_LIKE = re.compile(r"(^|_)(time_timestamp|timestamp|completetime|complete_timestamp|event_time|time)$")
CUSTOMER_ACTS = ("signal", "message", "reopened")


class Options(Strict):
    id: Heading
    event: Heading
    time: Heading
    event_map: dict[str, Kind] = Field(default_factory=dict)
    channel: Heading | None = None
    channel_map: dict[str, Identifier] = Field(default_factory=dict)
    customer: Heading | None = None
    tone: Heading | None = None
    public: Heading | None = None
    public_words: tuple[str, ...] = ("1", "true", "yes", "public")
    fields: dict[Identifier, Heading] = Field(default_factory=dict)
    date_format: MomentFormat = "%Y-%m-%d %H:%M:%S"
    dst: Literal["first", "second"] = "first"
    out_of_order: Literal["refuse", "drop_event"] = "refuse"
    unknown_event: Literal["refuse", "drop"] = "refuse"
    without_signal: Literal["refuse", "drop_case"] = "refuse"
    duplicates: Literal["refuse", "keep_first"] = "refuse"
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","


def recognise(sample: Sample) -> Recognition | None:
    """Claimed only when one column holds our words for events, signals among them, and one is named as the id. A log
    in a desk's own words comes near: what they mean only its author knows."""
    profiles = profiles_of(sample)
    times = of_kind(profiles, "time")
    time = only(times) or only(named(times, TIME_LIKE))
    event = only([item for item in of_kind(profiles, "word") if set(item.words) <= set(KINDS)])
    ours = event is not None and "signal" in event.words
    if not ours:
        event = _events_of(profiles)
    others = [item for item in profiles if item not in (*times, event)]
    ids = only([item for item in others if ID.search(item.name)]) or only(named(others, CASE_ID))
    if event is None or not (ours or (times and not (ids and ids.distinct))):
        return None
    found = {"id": ids, "event": event, "time": time}
    missing = [key for key, column in found.items() if column is None]
    options: dict[str, object] = {key: column.header if column else TODO for key, column in found.items()}
    if not ours:
        missing.append("event_map")
        options["event_map"] = dict.fromkeys(event.words[:MOST_WORDS], TODO)
    options |= channel_options(only([item for item in profiles if item.name in CHANNEL]), "channel")
    dated = (Dated(time.header, Options.model_fields["date_format"].default, zone="time_zone"),) if time else ()
    because = f'a column of events of a case, "{event.header}"'
    return Recognition(because, None, options, tuple(missing), general=True, dates=dated, plain_numbers=False)


def _events_of(profiles: Sequence[Profile]) -> Profile | None:
    """The column that is called what events are called; of XES's two names for one column, the standard's."""
    alike = named(of_kind(profiles, "word"), EVENT_LIKE)
    return only(alike) or only([item for item in alike if item.name == "concept:name"])


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The cases with the moment of each stage, and how many began a local day and channel (metric "cases").

    A stage that happened twice counts with its first moment. ``first_tone`` is that of the signal, ``last_tone``
    that of the customer's last message, missing where they never wrote back. A time that the clock shows twice is the
    one that ``dst`` says, or the second where its case's order asks for that. Customers are pseudonyms (see
    `core.privacy.pseudonyms`), missing where the cell is empty. Raises SourceError for a date that cannot be read, a
    file that holds its rows twice, an event or channel nobody mapped, an event given twice, a case without its signal
    and events out of order (the last four unless the options say otherwise; what was left out is noted).
    """
    check_map(options.channel_map, source, case)
    zone, frames, notes = zone_of(source, case), [], []
    for path in files:
        frame, more = _events(read_sheet(path, options.encoding, options.delimiter), source, case, options, zone)
        frames.append(frame)
        notes += more
    events, more = without_doubles(frames, options.duplicates)
    notes += more
    events, more = _with_signal(events, options)
    notes += more
    events, more = in_order(settled(events), options.out_of_order)
    cases = _cases(events, options)
    return Reading(_counts(cases, unit_of(source, case)), zone, cases=cases, notes=(*notes, *more))


def _events(
    sheet: Sheet, source: Source, case: Case, options: Options, zone: str
) -> tuple[pd.DataFrame, list[Note]]:
    times = moments(sheet.column(options.time), sheet.lines, sheet.file, options.time, options.date_format)
    later = later_showing(times, zone)
    times, notes = localised(times, zone, options.dst, sheet.file, options.time)
    notes += several_zones(sheet.column(options.time), times, sheet.file, options.time)
    ids = [cell.strip() for cell in sheet.column(options.id)]
    if "" in ids:
        raise SourceError(
            "an event has no case id", where=f"{sheet.file}, row {sheet.lines[ids.index('')]}", cure="export it again"
        )
    if options.channel is None:
        channels = [channel_of(source)] * len(ids)
    else:
        channels = channel_ids(sheet, options.channel, options.channel_map, case)
    frame = pd.DataFrame(
        {"case_id": ids, "time": times, "later": later.fillna(times), "channel": channels, "file": sheet.file,
         "row": list(sheet.lines)}
    )  # fmt: skip
    kinds, more = _kinds(sheet, options)
    frame["kind"] = kinds
    for name, heading in (("customer", options.customer), ("tone", options.tone), ("public", options.public)):
        if heading is not None:
            frame[name] = [cell.strip() for cell in sheet.column(heading)]
    for name, heading in options.fields.items():
        frame[name] = [cell.strip() for cell in sheet.column(heading)]
    return frame[frame["kind"].notna()].reset_index(drop=True), [*sheet.notes, *notes, *more]


def _kinds(sheet: Sheet, options: Options) -> tuple[pd.Series, list[Note]]:
    words = pd.Series([cell.strip() for cell in sheet.column(options.event)], dtype="str")
    known = options.event_map or {kind: kind for kind in KINDS}
    kinds = words.map(known).astype("str")
    unknown = kinds.isna().to_numpy()
    if not unknown.any():
        return kinds, []
    index = int(unknown.argmax())
    if options.unknown_event == "refuse":
        raise SourceError(
            f'"{words[index]}" is not an event that the case knows',
            where=f'{sheet.file}, row {sheet.lines[index]}, column "{options.event}"',
            cure=f"map it with `event_map:` to one of {', '.join(KINDS)}, or set `unknown_event: drop`",
        )
    counts = words[unknown].value_counts().sort_index()
    return kinds, [Note(sheet.file, "event not mapped", int(n), f'"{word}": left out') for word, n in counts.items()]


def _with_signal(events: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, list[Note]]:
    """Only cases whose beginning is in the log: without it nothing can be timed."""
    begun = set(events.loc[events["kind"] == "signal", "case_id"])
    headless = ~events["case_id"].isin(begun).to_numpy()
    if not headless.any():
        return events, []
    index = int(headless.argmax())
    count = events.loc[headless, "case_id"].nunique()
    if options.without_signal == "refuse":
        raise SourceError(
            f"case {events['case_id'][index]} has no signal, so nothing says when it began; cases like this: {count}",
            where=place(events, index),
            cure="export from the first day on, or set `without_signal: drop_case`",
        )
    note = Note(events["file"][index], "case without its signal", count, "left out")
    return events[~headless].reset_index(drop=True), [note]


def _cases(events: pd.DataFrame, options: Options) -> pd.DataFrame:
    """One row a case in the order of the log, CASE_COLUMNS first."""
    ordered = events.sort_values("time", kind="stable")
    heads = ordered[ordered["kind"] == "signal"].drop_duplicates("case_id").set_index("case_id")
    first = ordered.drop_duplicates(["case_id", "kind"]).pivot(index="case_id", columns="kind", values="time")
    first = first.reindex(index=heads.index)
    never = pd.Series(pd.NaT, index=heads.index, dtype=heads["time"].dtype)
    stages = {kind: first.get(kind, never) for kind in KINDS if kind not in ("signal", "message")}
    table = pd.DataFrame(
        {"opened": heads["time"], "closed": stages["outcome"], "channel": heads["channel"], "file": heads["file"],
         "row": heads["row"], **stages}
    )  # fmt: skip
    table["contacts"] = ordered[ordered["kind"].isin(CUSTOMER_ACTS)].groupby("case_id").size()
    table["channels_used"] = ordered.groupby("case_id")["channel"].nunique()
    if options.customer is not None:
        table["customer"] = pseudonyms(heads["customer"])
    if options.tone is not None:
        table["first_tone"] = heads["tone"].replace("", np.nan)
        answers = ordered[(ordered["kind"] == "message") & (ordered["tone"] != "")]
        table["last_tone"] = answers.drop_duplicates("case_id", keep="last").set_index("case_id")["tone"]
    if options.public is not None:
        words = {word.casefold() for word in options.public_words}
        table["is_public"] = heads["public"].str.casefold().isin(words)
    for name in options.fields:
        table[name] = heads[name]
    return table.reset_index().astype({"row": int, "contacts": int, "channels_used": int})


def _counts(cases: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Cases begun a local day and channel; ``row`` is that of the first of them."""
    day = cases["opened"].dt.tz_localize(None).dt.normalize().rename("day")
    groups = cases.groupby([day, "channel"], sort=True)
    first = groups[["file", "row"]].first().reset_index()
    return measurements_frame(
        {"date": first["day"], "unit": unit, "channel": first["channel"], "metric": METRIC,
         "value": groups.size().to_numpy(dtype=float), "file": first["file"], "row": first["row"]}
    )  # fmt: skip
