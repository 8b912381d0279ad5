"""The same reduction where a log already is (a warehouse, Spark, whatever Ibis speaks to): only the panel comes back.

    import ibis
    log = ibis.sqlite.connect("desk.sqlite").table("events")      # or a connection to BigQuery, Spark, Snowflake ...
    panel = panel_of(log, Aggregation("Europe/Rome"), TableColumns(time="opened", channel="channel"), channels={...})
    panel.to_csv("contacts.csv", index=False)                     # which `measurements_csv` reads

Needs the optional extra ``warehouse``. The project opens no connection itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from analysis.core.errors import SourceError, joined
from analysis.sources._aggregation import DAY, Aggregation
from analysis.sources._sheet import nearest_header

if TYPE_CHECKING:
    import ibis

DIALECT = "duckdb"  # the one Aggregation is written in
DECIMALS = 6  # of a duration in seconds, before it is rounded down: 0.29 · 100 is not 28.999...


@dataclass(frozen=True, slots=True)
class TableColumns:
    """Which column is what. ``unit``: seconds of one in the duration column; ``clock``: of times without a
    zone; ``sums``: columns of whole numbers, as many as the plan adds up."""

    time: str
    channel: str
    topic: str | None = None
    duration: str | None = None
    unit: int = 60
    clock: Literal["local", "utc"] = "utc"
    sums: tuple[str, ...] = ()


def panel_of(
    table: "ibis.Table",
    plan: Aggregation,
    columns: TableColumns,
    channels: Mapping[str, str],
    topics: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """One row a local day, channel and (with a topic column) topic, in that order: date, channel, topic, contacts,
    timed, p50 ... (seconds), sum0 ..., as `Aggregation.panel` on DuckDB gives it, to the digit.

    ``channels`` and ``topics``: from the table's words to our names. Raises SourceError with how many events are
    concerned: a time that is absent, a duration below zero, a channel or topic nobody mapped, and a column that is
    not there.
    """
    events, instants = _events(table, columns, channels, topics)
    _check(events, columns)
    counts = events.alias("events").sql(_quoted(plan.counts(instants=instants)), dialect=DIALECT)
    by_topic = columns.topic is not None
    panel = counts.alias("counts").sql(_quoted(plan.panel(by_topic=by_topic)), dialect=DIALECT).to_pandas()
    names = plan.columns(by_topic=by_topic)
    keys = names[: 3 if by_topic else 2]
    panel = panel[names].sort_values(keys, ignore_index=True).drop(columns="place")
    panel = panel.astype({name: "int64" if name in ("day", "contacts", "timed") else float for name in names[
        len(keys) : -1
    ]})  # fmt: skip
    panel.insert(0, "date", pd.to_datetime(panel.pop("day").astype("int64") // DAY, unit="D"))
    return panel


def _events(
    table: "ibis.Table", columns: TableColumns, channels: Mapping[str, str], topics: Mapping[str, str] | None
) -> tuple["ibis.Table", bool]:
    """The relation that `Aggregation` reads, and whether its moments are in UTC."""
    import ibis

    for name in (columns.time, columns.channel, columns.topic, columns.duration, *columns.sums):
        if name is not None and name not in table.columns:
            raise SourceError(
                f'there is no column "{name}"', where="the table", cure=nearest_header(name, table.columns)
            )
    time, duration = table[columns.time], ibis.literal(None, "int64")
    if columns.duration is not None:
        duration = (table[columns.duration] * columns.unit).round(DECIMALS).floor().cast("int64")
    topic = ibis.literal("") if columns.topic is None else _named(table[columns.topic], topics or {})
    events = table.select(
        moment=time.epoch_seconds().cast("int64"), channel=_named(table[columns.channel], channels), topic=topic,
        duration=duration, place=ibis.literal(0, "int64"),
        **{f"sum{number}": table[name].cast("int64") for number, name in enumerate(columns.sums)},
    )  # fmt: skip
    return events, columns.clock == "utc" or time.type().timezone is not None


def _named(column: "ibis.Value", names: Mapping[str, str]) -> "ibis.Value":
    import ibis

    return column.strip().cases(*names.items(), else_=ibis.literal(None, "string"))


def _check(events: "ibis.Table", columns: TableColumns) -> None:
    """One row of counts is asked for, nothing else leaves the engine."""
    slips = {
        columns.time: ("without a time", "complete the column", events.moment.isnull()),
        columns.channel: ("of a channel that is not in `channels`", "map each word", events.channel.isnull()),
        columns.topic: ("of a topic that is not in `topics`", "map each word", events.topic.isnull()),
        columns.duration: ("with a duration below zero", "correct them or leave them out", events.duration < 0),
    }
    slips |= {
        name: ("with a number below zero", "correct them or leave them out", events[f"sum{number}"] < 0)
        for number, name in enumerate(columns.sums)
    }
    asked = {name: slip for name, slip in slips.items() if name is not None}
    counted = events.aggregate(
        **{f"n{index}": slip[2].cast("int64").sum() for index, slip in enumerate(asked.values())}
    ).to_pandas()
    problems = [
        SourceError(f"{int(count):,} events {what}", where=f'column "{name}"', cure=cure)
        for (name, (what, cure, _)), count in zip(asked.items(), counted.iloc[0], strict=True)
        if count and count == count
    ]
    if problems:
        raise joined(problems)


def _quoted(sql: str) -> str:
    """Every name quoted: engines differ in what they make of the case of one that is not."""
    from sqlglot import exp, parse_one

    return parse_one(sql, read=DIALECT).transform(_quote(exp)).sql(DIALECT)


def _quote(exp):
    return lambda node: exp.to_identifier(node.name, quoted=True) if isinstance(node, exp.Identifier) else node
