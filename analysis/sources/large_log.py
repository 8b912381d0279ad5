"""A log larger than memory (CSV, JSON lines, parquet): contacts and duration quantiles by day, channel and topic."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import duckdb
import pandas as pd
from pydantic import AfterValidator, Field, model_validator

from analysis.core.case import Case, Identifier, Source, Strict
from analysis.core.errors import SourceError, joined, nearest
from analysis.sources._aggregation import COUNTS, DAY, NEGATIVE, UNREADABLE, Aggregation
from analysis.sources._channels import check_map
from analysis.sources._dates import EARLIEST, LATEST
from analysis.sources._large_files import Columns, LargeFile, ends_in_a_line, open_large, refusal
from analysis.sources._options import Delimiter, Encoding, Heading, MomentFormat
from analysis.sources._out_of_core import engine, run
from analysis.sources._reading import (
    Note,
    Reading,
    channel_of,
    measurements_frame,
    together,
    unit_of,
    zone_of,
)

NAME = "large_log"
LABEL = "A log larger than memory, one row an event (CSV, JSON lines, parquet)"
REFERENCE = "Columns as the case's own mapping names them; quantiles by definition 1 of Hyndman and Fan 1996"

CONTACTS, DURATION, OTHER = "contacts", "duration", "other"
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
ROWS = 2**40  # more than a file has: file number and row in one whole number
SHOWN = 5  # unmapped words told at once
MOST_WORDS = 1_000  # of a column of channels or topics
ENCODINGS = ("utf-8", "iso8859-1")
Percent = Annotated[int, Field(ge=1, le=99)]
Fate = Literal["refuse", "other", "drop"]


def _read_out_of_core(name: str) -> str:
    if codecs.lookup(name).name not in ENCODINGS:
        raise ValueError("a large log is read as utf-8 or latin-1; export it in one of them")
    return codecs.lookup(name).name


class Options(Strict):
    """``time``: the column of the event's time. Texts are read with ``date_format`` and, like times without a zone,
    taken as the source's local time, or as UTC with ``clock: utc``. ``duration``: a column of numbers in
    ``duration_unit``, rounded down to whole steps of ``duration_step`` seconds, ``percentiles`` of which are kept."""

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
    duration_unit: Literal["seconds", "minutes", "hours"] = "minutes"
    duration_step: Annotated[int, Field(ge=1, le=DAY)] = 60
    percentiles: Annotated[tuple[Percent, ...], Field(min_length=1)] = (50, 90)
    negative_duration: Literal["refuse", "drop"] = "refuse"
    encoding: Annotated[Encoding, AfterValidator(_read_out_of_core)] = "utf-8"
    delimiter: Delimiter = ","

    @model_validator(mode="after")
    def _maps_have_their_columns(self) -> "Options":
        for name in ("channel", "topic"):
            if (getattr(self, name) is None) != (not getattr(self, f"{name}_map")):
                raise ValueError(f"`{name}:` (the column) and `{name}_map:` (its values) go together")
        if len(set(self.percentiles)) < len(self.percentiles):
            raise ValueError("percentiles: one is given twice")
        return self

    def columns(self) -> Columns:
        encoding = "utf-8" if self.encoding == "utf-8" else "latin-1"
        return Columns(
            self.time, self.channel, self.topic, self.duration, self.date_format, SECONDS[self.duration_unit],
            self.clock, encoding, self.delimiter,
        )  # fmt: skip


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Events a local day and channel (metric "contacts") and quantiles of their durations ("duration_p50" ..., in
    ``duration_unit``); with ``topic`` also by topic ("contacts_cards", "duration_p90_cards").

    Nothing but counts is held in memory. ``row`` counts records, the header of a CSV file first, and is that of the
    first that went into a measurement. Days without an event are not filled. Raises SourceError, with file and row,
    for a malformed row, a time or duration that cannot be read, a duration below zero, a channel or topic nobody
    mapped (the last three unless the options say otherwise), and a column that is not there.
    """
    check_map(options.channel_map, source, case)
    only = {"": channel_of(source)} if options.channel is None else options.channel_map
    plan = Aggregation(zone_of(source, case), options.duration_step, options.percentiles)
    with engine(files) as connection:
        opened = together(partial(open_large, connection, path, options.columns()) for path in files)
        log = _Log(connection, tuple(opened))
        log.count(plan, options.columns())
        notes = [_cut(path) for path in files if not ends_in_a_line(path)] + log.checked(options)
        notes += log.named("channel", only, options.unknown_channel, options.channel)
        notes += log.named("topic", options.topic_map or {"": ""}, options.unknown_topic, options.topic)
        frames = [_measured(log.panel(plan, by_topic=False), plan, options)]
        if options.topic is not None:
            frames.append(_measured(log.panel(plan, by_topic=True), plan, options))
    frame = pd.concat(frames, ignore_index=True)
    places = frame["place"].to_numpy()
    names = [path.name for path in files]
    columns = {name: frame[name] for name in ("date", "channel", "metric", "value")}
    columns |= {"unit": unit_of(source, case), "file": [names[place // ROWS] for place in places], "row": places % ROWS}
    return Reading(measurements_frame(columns), plan.zone, notes=tuple(notes))


def _cut(path: Path) -> Note:
    return Note(path.name, "no line end after the last row", 1, "the last cell may be cut short")


def _measured(panel: pd.DataFrame, plan: Aggregation, options: Options) -> pd.DataFrame:
    """One row a measurement: date, channel, metric, value, place."""
    unit = SECONDS[options.duration_unit]
    values = {CONTACTS: panel[CONTACTS].astype(float)}
    if options.duration is not None:
        values |= {f"{DURATION}_p{percent}": panel[f"p{percent}"] / unit for percent in plan.percentiles}
    suffix = "_" + panel["topic"] if "topic" in panel else ""
    fixed = pd.DataFrame(
        {"date": pd.to_datetime(panel["day"], unit="s"), "channel": panel["channel"], "place": panel["place"]}
    )
    parts = [fixed.assign(metric=name + suffix, value=column) for name, column in values.items()]
    return pd.concat(parts, ignore_index=True).dropna(subset="value")


@dataclass(frozen=True, slots=True)
class _Log:
    """The files and their counts in the database."""

    connection: duckdb.DuckDBPyConnection
    files: tuple[LargeFile, ...]

    def count(self, plan: Aggregation, columns: Columns) -> None:
        """Table ``counted``: the counts of every file, one after the other."""
        kinds = ("BIGINT", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "BIGINT")
        listed = ", ".join(f"{name} {kind}" for name, kind in zip(COUNTS, kinds, strict=True))
        self.connection.execute(f"CREATE TEMP TABLE counted ({listed})")

        def one(number: int, file: LargeFile) -> None:
            events, values, instants = file.events(columns, number * ROWS)
            sql = f"INSERT INTO counted WITH events AS ({events}) {plan.counts(instants=instants)}"
            try:
                run(self.connection, sql, values, file.path.name)
            except duckdb.Error as error:
                raise refusal(file.path, error) from error

        together(partial(one, number, file) for number, file in enumerate(self.files))

    def checked(self, options: Options) -> list[Note]:
        """Notes on durations. Raises SourceError: a time or a duration that cannot be read, one below zero."""
        early, late = (int(moment.timestamp()) for moment in (EARLIEST, LATEST))
        hint = f"is not a time in the format {options.date_format}", "declare the format with `date_format:`"
        slips = [
            self._slip("day IS NULL", options.time, *hint),
            self._slip(f"day < {early} OR day >= {late}", options.time, "is not a plausible time", hint[1]),
            self._slip(f"duration = {UNREADABLE}", options.duration, "is not a number", "write a decimal point"),
        ]
        if options.negative_duration == "refuse":
            cure = "set `negative_duration: drop` to count the events without their durations"
            slips.append(self._slip(f"duration = {NEGATIVE}", options.duration, "is a duration below zero", cure))
        if found := [slip for slip in slips if slip is not None]:
            raise joined(found)
        told = {"duration IS NULL": "event without a duration", "duration < 0": "duration below zero"}
        return [
            Note(self.files[number].path.name, finding, count, f'column "{options.duration}": counted, not timed')
            for condition, finding in told.items()
            if options.duration is not None
            for number, count in self._by_file(condition)
        ]

    def named(self, kind: str, names: Mapping[str, str], fate: Fate, column: str | None) -> list[Note]:
        """Table ``<kind>_names`` from the log's words to ours; notes on words that nobody mapped, and on our names
        that no row has. Raises SourceError for an unmapped word unless it may be left out or be counted as other."""
        words = self.connection.execute(
            f"SELECT {kind}, MIN(place), CAST(SUM(events) AS BIGINT) FROM counted GROUP BY {kind} ORDER BY {kind} "
            f"LIMIT {MOST_WORDS + 1}"
        ).fetchall()
        if len(words) > MOST_WORDS:
            raise SourceError(
                f"more than {MOST_WORDS:,} different words for a {kind}",
                where=f'{self.files[0].path.name}, column "{column}"',
                cure=f"name the column that holds the {kind} with `{kind}:` in the source's options",
            )
        ours = {word: names.get((word or "").strip()) for word, _, _ in words}
        unknown = [((word or "").strip(), place, count) for word, place, count in words if ours[word] is None]
        if unknown and fate == "refuse":
            raise joined([self._unknown(kind, column, word, place, names) for word, place, _ in unknown[:SHOWN]])
        known = {word: name or OTHER for word, name in ours.items() if name is not None or fate == "other"}
        self.connection.execute(f"CREATE TEMP TABLE {kind}_names (word VARCHAR, name VARCHAR)")
        for word, name in known.items():
            self.connection.execute(f"INSERT INTO {kind}_names VALUES ($word, $name)", {"word": word, "name": name})
        did = "left out" if fate == "drop" else f'counted as "{OTHER}"'
        last = self.files[-1].path.name
        idle = sorted(set(names.values()) - set(known.values())) if column is not None else []
        return [
            Note(self._place(place)[0].path.name, f"{kind} not mapped", count, f'"{word[:60]}": {did}')
            for word, place, count in unknown
        ] + [
            Note(last, f"{kind} without an event", 0, f'{kind}_map leads to "{name}", no row does') for name in idle
        ]

    def panel(self, plan: Aggregation, *, by_topic: bool) -> pd.DataFrame:
        """The panel (see `Aggregation.panel`) in our names."""
        topic, events, place, group = "topics.name AS topic, ", "events", "place", ""
        if not by_topic:  # far fewer rows to rank
            topic, events, place = "", "CAST(SUM(events) AS BIGINT) AS events", "MIN(place) AS place"
            group = "GROUP BY day, channels.name, duration"
        counts = f"""SELECT day, channels.name AS channel, {topic} duration, {events}, {place}
            FROM counted JOIN channel_names AS channels ON channels.word IS NOT DISTINCT FROM counted.channel
            JOIN topic_names AS topics ON topics.word IS NOT DISTINCT FROM counted.topic {group}"""
        sql = f"WITH counts AS ({counts}) {plan.panel(by_topic=by_topic)}"
        try:
            rows = run(self.connection, sql, {}, "quantiles")
        except duckdb.Error as error:
            raise refusal(self.files[-1].path, error) from error
        return pd.DataFrame(rows, columns=plan.columns(by_topic=by_topic)).astype(
            {f"p{percent}": float for percent in plan.percentiles}
        )

    def _place(self, place: int) -> tuple[LargeFile, int]:
        return self.files[place // ROWS], place % ROWS

    def _by_file(self, condition: str) -> list[tuple[int, int]]:
        return self.connection.execute(
            f"SELECT place // {ROWS}, CAST(SUM(events) AS BIGINT) FROM counted WHERE {condition} GROUP BY 1 ORDER BY 1"
        ).fetchall()

    def _slip(self, condition: str, column: str | None, what: str, cure: str) -> SourceError | None:
        """The first event of those that meet the condition, and how many there are."""
        place, count = self.connection.execute(
            f"SELECT MIN(place), CAST(SUM(events) AS BIGINT) FROM counted WHERE {condition}"
        ).fetchone()
        if place is None or column is None:
            return None
        file, row = self._place(place)
        others = f" (and {count - 1} more like it)" if count > 1 else ""
        return SourceError(
            f'"{file.cell(self.connection, column, row)}" {what}{others}',
            where=f'{file.path.name}, row {row}, column "{column}"',
            cure=f"correct the row, or {cure}",
        )

    def _unknown(
        self, kind: str, column: str | None, word: str, place: int, names: Mapping[str, str]
    ) -> SourceError:
        file, row = self._place(place)
        return SourceError(
            f'"{word[:60]}" is not a {kind} that the case knows',
            where=f'{file.path.name}, row {row}, column "{column}"',
            cure=f"add it to `{kind}_map:` in the source's options. {nearest(word, names)}",
        )
