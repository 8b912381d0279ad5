"""The files of a large log and their counts in the database: filled, checked, named, ranked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import duckdb
import pandas as pd

from analysis.core.errors import SourceError, joined, nearest
from analysis.sources._aggregation import COUNTS, NEGATIVE, UNREADABLE, Aggregation
from analysis.sources._dates import EARLIEST, LATEST
from analysis.sources._large_files import Columns, LargeFile
from analysis.sources._large_refusals import refusal
from analysis.sources._out_of_core import run
from analysis.sources._reading import Note, together

Fate = Literal["refuse", "other", "drop"]
OTHER = "other"
ROWS = 2**40  # more than a file has: file number and row in one whole number
SHOWN = 5  # unmapped words told at once
DURATIONS = {
    False: ("is not a number", "write a decimal point; for hours, minutes and seconds declare `duration_unit: clock`"),
    True: ("is not a duration like 0:03:05", "write hours, minutes and seconds, or declare another `duration_unit:`"),
}
COUNT = re.compile(r"[0-9]+(\.0)?")
MOST_WORDS = 1_000  # of a column of channels or topics


@dataclass(frozen=True, slots=True)
class Log:
    """The files and their counts in the database."""

    connection: duckdb.DuckDBPyConnection
    files: tuple[LargeFile, ...]
    columns: Columns
    plan: Aggregation

    def count(self) -> None:
        """Table ``counted``: the counts of every file, one after the other."""
        names = [*COUNTS, *self.plan.added(), *(["slip"] if self.plan.sums else [])]
        listed = ", ".join(f"{name} {'VARCHAR' if name in ('channel', 'topic') else 'BIGINT'}" for name in names)
        self.connection.execute(f"CREATE TEMP TABLE counted ({listed})")

        def one(number: int, file: LargeFile) -> None:
            events, values, instants = file.events(self.columns, number * ROWS)
            sql = f"INSERT INTO counted WITH events AS ({events}) {self.plan.counts(instants=instants)}"
            try:
                run(self.connection, sql, values, file.path.name)
            except duckdb.Error as error:
                raise refusal(file.path, error, file.line_named) from error

        together(partial(one, number, file) for number, file in enumerate(self.files))

    def checked(self, *, negative_duration: Literal["refuse", "drop"]) -> list[Note]:
        """Notes on durations. Raises SourceError: a time or a number that cannot be read, one below zero (a duration
        only where that is to be refused)."""
        columns = self.columns
        early, late = (int(moment.timestamp()) for moment in (EARLIEST, LATEST))
        hint = f"is not a time in the format {columns.date_format}", "declare the format with `date_format:`"
        slips = [
            self._slip("day IS NULL", columns.time, *hint),
            self._slip(f"day < {early} OR day >= {late}", columns.time, "is not a plausible time", hint[1]),
            self._slip(f"duration = {UNREADABLE}", columns.duration, *DURATIONS[columns.clocked]),
        ]
        if negative_duration == "refuse":
            cure = "set `negative_duration: drop` to count the events without their durations"
            slips.append(self._slip(f"duration = {NEGATIVE}", columns.duration, "is a duration below zero", cure))
        slips += [self._number()] if columns.sums else []
        if found := [slip for slip in slips if slip is not None]:
            raise joined(found)
        told = {"duration IS NULL": "event without a duration", "duration < 0": "duration below zero"}
        return [
            Note(self.files[number].path.name, finding, count, f'column "{columns.duration}": counted, not timed')
            for condition, finding in told.items()
            if columns.duration is not None
            for number, count in self._by_file(condition)
        ]

    def named(self, kind: str, names: Mapping[str, str], fate: Fate, column: str | None) -> list[Note]:
        """Table ``<kind>_names`` from the log's words to our names, numbered in order; notes on words that nobody
        mapped, and on our names that no row has. Raises SourceError for an unmapped word unless it may be left out or
        be counted as other."""
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
        # Groups are ranked by the number of a name: words take twice as long to sort.
        self.connection.execute(f"CREATE TEMP TABLE {kind}_names (word VARCHAR, name VARCHAR, number SMALLINT)")
        for word, name in known.items():
            given = {"word": word, "name": name, "number": sorted(set(known.values())).index(name)}
            self.connection.execute(f"INSERT INTO {kind}_names VALUES ($word, $name, $number)", given)
        did = "left out" if fate == "drop" else f'counted as "{OTHER}"'
        last = self.files[-1].path.name
        idle = sorted(set(names.values()) - set(known.values())) if column is not None else []
        return [
            Note(self._place(place)[0].path.name, f"{kind} not mapped", count, f'"{word[:60]}": {did}')
            for word, place, count in unknown
        ] + [
            Note(last, f"{kind} without an event", 0, f'{kind}_map leads to "{name}", no row does') for name in idle
        ]

    def panel(self, *, by_topic: bool) -> pd.DataFrame:
        """The panel (see `Aggregation.panel`) in our names."""
        added = ["events", *self.plan.added()]
        topic, numbers, place, group = "topics.number AS topic, ", ", ".join(added), "place", ""
        if not by_topic:  # far fewer rows to rank
            topic, numbers = "", ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in added)
            place, group = "MIN(place) AS place", "GROUP BY day, channels.number, duration"
        counts = f"""SELECT day, channels.number AS channel, {topic} duration, {numbers}, {place}
            FROM counted JOIN channel_names AS channels ON channels.word IS NOT DISTINCT FROM counted.channel
            JOIN topic_names AS topics ON topics.word IS NOT DISTINCT FROM counted.topic {group}"""
        sql = f"WITH counts AS ({counts}) {self.plan.panel(by_topic=by_topic)}"
        try:
            rows = run(self.connection, sql, {}, "quantiles")
        except duckdb.Error as error:
            raise refusal(self.files[-1].path, error) from error
        panel = pd.DataFrame(rows, columns=self.plan.columns(by_topic=by_topic)).astype(
            dict.fromkeys([*(f"p{percent}" for percent in self.plan.percentiles), *self.plan.added()], float)
        )
        for kind in ("channel", "topic") if by_topic else ("channel",):
            numbered = self.connection.execute(f"SELECT DISTINCT number, name FROM {kind}_names").fetchall()
            panel[kind] = panel[kind].map(dict(numbered))
        return panel

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
            where=f'{file.path.name}, row {file.line_of(row)}, column "{column}"',
            cure=f"correct the row, or {cure}",
        )

    def _number(self) -> SourceError | None:
        """The first row in which a number to be added up is none, or below zero."""
        (place,) = self.connection.execute("SELECT MIN(slip) FROM counted").fetchone()
        if place is None:
            return None
        file, row = self._place(place)
        cells = {name: file.cell(self.connection, name, row) for name in self.columns.sums}
        name, cell = next(item for item in cells.items() if not _is_count(item[1].strip()))
        return SourceError(
            f'"{cell}" is not a whole number of at least 0',
            where=f'{file.path.name}, row {file.line_of(row)}, column "{name}"',
            cure="correct the row, or name another column",
        )

    def _unknown(
        self, kind: str, column: str | None, word: str, place: int, names: Mapping[str, str]
    ) -> SourceError:
        file, row = self._place(place)
        return SourceError(
            f'"{word[:60]}" is not a {kind} that the case knows',
            where=f'{file.path.name}, row {file.line_of(row)}, column "{column}"',
            cure=f"add it to `{kind}_map:` in the source's options. {nearest(word, names)}",
        )


def _is_count(text: str) -> bool:
    """As the database reads one, also from a column of floating-point numbers."""
    return text in ("", "-") or (COUNT.fullmatch(text) is not None and int(text.split(".")[0]) < 2**63)
