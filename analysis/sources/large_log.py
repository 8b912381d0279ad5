"""A log larger than memory (CSV, JSON lines, parquet): contacts and duration quantiles by day, channel and topic."""

import codecs
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator, Field, model_validator

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.sources._aggregation import DAY, Aggregation
from analysis.sources._channels import check_map
from analysis.sources._counted_log import ROWS, Fate, Log
from analysis.sources._large_files import Columns, ends_in_a_line, open_large
from analysis.sources._mapping import channel_columns, channel_options, named, of_kind, only, profiles_of
from analysis.sources._options import Delimiter, Encoding, Heading, MomentFormat
from analysis.sources._out_of_core import engine
from analysis.sources._personal import Personal
from analysis.sources._reading import (
    Note,
    Reading,
    channel_of,
    measurements_frame,
    together,
    unit_of,
    zone_of,
)
from analysis.sources._recognising import TODO, Dated, Doubt, Recognition, Sample

NAME = "large_log"
LABEL = "A log larger than memory, one row an event (CSV, JSON lines, parquet)"
REFERENCE = "Columns as the case's own mapping names them; quantiles by definition 1 of Hyndman and Fan 1996"

KPIS: dict[str, str] = {}
PERSONAL = (
    Personal("", "moment", "aggregated", option="time"),
    Personal("", "attribute", "aggregated", option="topic"),
    Personal("", "attribute", "aggregated", option="duration"),
)
OPENED = (re.compile(r"open|creat|receiv|apert|ricev|creaz"), re.compile(r"(^|_)(time|timestamp|start\w*)$"))
DURATION = "duration"
CLOCK = "clock"
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, CLOCK: 60}
ENCODINGS = ("utf-8", "iso8859-1")
Percent = Annotated[int, Field(ge=1, le=99)]


def _read_out_of_core(name: str) -> str:
    if codecs.lookup(name).name not in ENCODINGS:
        raise ValueError("a large log is read as utf-8 or latin-1; export it in one of them")
    return codecs.lookup(name).name


class Options(Strict):
    """``time``: the column of the event's time. Texts are read with ``date_format`` and, like times without a zone,
    taken as the source's local time, or as UTC with ``clock: utc``. ``duration``: a column of numbers in
    ``duration_unit`` (``clock``: written 0:03:05, and told in minutes), rounded down to whole steps of
    ``duration_step`` seconds, ``percentiles`` of which are kept.
    ``metric``: what an event is counted as. ``sums``: our name of each number to add up, a whole one, and its column:
    the reactions of a log of posts. The ``row`` of a measurement counts records, that of an error lines."""

    time: Heading
    date_format: MomentFormat = "%Y-%m-%d %H:%M:%S"
    clock: Literal["local", "utc"] = "local"
    channel: Heading | None = None
    channel_map: dict[str, Identifier] = Field(default_factory=dict)
    unknown_channel: Fate = "refuse"
    topic: Heading | None = None
    topic_map: dict[str, Identifier] = Field(default_factory=dict)
    unknown_topic: Fate = "refuse"
    duration: Heading | None = None
    duration_unit: Literal["seconds", "minutes", "hours", "clock"] = "minutes"
    duration_step: Annotated[int, Field(ge=1, le=DAY)] = 60
    percentiles: Annotated[tuple[Percent, ...], Field(min_length=1)] = (50, 90)
    negative_duration: Literal["refuse", "drop"] = "refuse"
    metric: Identifier = "contacts"
    sums: dict[Identifier, Heading] = Field(default_factory=dict)
    encoding: Annotated[Encoding, AfterValidator(_read_out_of_core)] = "utf-8"
    delimiter: Delimiter = ","

    @model_validator(mode="after")
    def _maps_have_their_columns(self) -> "Options":
        for name in ("channel", "topic"):
            if (getattr(self, name) is None) != (not getattr(self, f"{name}_map")):
                raise ValueError(f"`{name}:` (the column) and `{name}_map:` (its values) go together")
        if len(set(self.percentiles)) < len(self.percentiles):
            raise ValueError("percentiles: one is given twice")
        names = {self.metric, *(f"{DURATION}_p{percent}" for percent in self.percentiles)}
        if taken := sorted(names & set(self.sums)):
            raise ValueError(f"sums: {taken[0]} is a name the reader uses itself")
        return self

    def columns(self) -> Columns:
        encoding = "utf-8" if self.encoding == "utf-8" else "latin-1"
        return Columns(
            self.time, self.channel, self.topic, self.duration, self.date_format, SECONDS[self.duration_unit],
            self.clock, encoding, self.delimiter, tuple(self.sums.values()), self.duration_unit == CLOCK,
        )  # fmt: skip


def recognise(sample: Sample) -> Recognition | None:
    """JSON lines and parquet, which no other reader reads; a CSV file is read so where its size asks for it, which the
    author declares."""
    profiles = profiles_of(replace(sample, records=sample.log))
    times = of_kind(profiles, "time") or of_kind(profiles, "date")
    if not times:
        return None
    time = only(named(times, *OPENED)) or only(times)
    columns = channel_columns(profiles)
    options: dict[str, object] = {"time": time.header if time else TODO}
    options |= channel_options(only(columns), "channel", always=True)
    doubts = tuple(
        Doubt(f"{len(found)} columns may be what `{key}:` asks for, and none is taken", key,
              tuple(item.header for item in found))
        for key, found in (("time", [] if time else times), ("channel", columns)) if len(found) > 1
    )  # fmt: skip
    dated = (Dated(time.header, Options.model_fields["date_format"].default, zone="time_zone"),) if time else ()
    return Recognition(
        "records with a time, in JSON lines or parquet", None, options, () if time else ("time",), general=True,
        dates=dated, plain_numbers=False, doubts=doubts,
    )


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Events a local day and channel (metric "contacts"), what ``sums`` names, and quantiles of their durations
    ("duration_p50" ..., in ``duration_unit``); with ``topic`` also by topic ("contacts_cards", "duration_p90_cards").

    Nothing but counts is held in memory. ``row`` counts records, the header of a CSV file first (a record whose quoted
    cells go over several lines is one, a blank line none), and is that of the first that went into a measurement; an
    error tells the line of the file. Days without an event are not filled. Raises SourceError, with file and row,
    for a malformed row, a time or number that cannot be read, a number below zero, a channel or topic nobody mapped (a
    duration and words, unless the options say otherwise), and a column that is not there.
    """
    check_map(options.channel_map, source, case)
    only = {"": channel_of(source)} if options.channel is None else options.channel_map
    columns = options.columns()
    plan = Aggregation(zone_of(source, case), options.duration_step, options.percentiles, len(columns.sums))
    with engine(files) as connection:
        opened = together(partial(open_large, connection, path, columns) for path in files)
        log = Log(connection, tuple(opened), columns, plan)
        log.count()
        notes = [_cut(path) for path in files if not ends_in_a_line(path)]
        notes += log.checked(negative_duration=options.negative_duration)
        notes += log.named("channel", only, options.unknown_channel, options.channel)
        notes += log.named("topic", options.topic_map or {"": ""}, options.unknown_topic, options.topic)
        frames = [_measured(log.panel(by_topic=False), options)]
        if options.topic is not None:
            frames.append(_measured(log.panel(by_topic=True), options))
    frame = pd.concat(frames, ignore_index=True)
    places = frame["place"].to_numpy()
    names = [path.name for path in files]
    told = {name: frame[name] for name in ("date", "channel", "metric", "value")}
    told |= {"unit": unit_of(source, case), "file": [names[place // ROWS] for place in places], "row": places % ROWS}
    return Reading(measurements_frame(told), plan.zone, notes=tuple(notes))


def _cut(path: Path) -> Note:
    return Note(path.name, "no line end after the last row", 1, "the last cell may be cut short")


def _measured(panel: pd.DataFrame, options: Options) -> pd.DataFrame:
    """One row a measurement: date, channel, metric, value, place."""
    unit = SECONDS[options.duration_unit]
    values = {options.metric: panel["contacts"].astype(float)}
    if options.duration is not None:
        values |= {f"{DURATION}_p{percent}": panel[f"p{percent}"] / unit for percent in options.percentiles}
    values |= {name: panel[f"sum{number}"] for number, name in enumerate(options.sums)}
    suffix = "_" + panel["topic"] if "topic" in panel else ""
    fixed = pd.DataFrame(
        {"date": pd.to_datetime(panel["day"], unit="s"), "channel": panel["channel"], "place": panel["place"]}
    )
    parts = [fixed.assign(metric=name + suffix, value=column) for name, column in values.items()]
    return pd.concat(parts, ignore_index=True).dropna(subset="value")
