"""Where a log is in another engine the same panel comes back: SQLite and polars through Ibis, DuckDB as it is."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import SourceError
from analysis.sources._aggregation import Aggregation
from analysis.sources._out_of_core import engine

ibis = pytest.importorskip("ibis", reason="the extra `warehouse` is not installed", exc_type=ImportError)

from analysis.sources._warehouse import TableColumns, _quoted, panel_of  # noqa: E402

PLAN = Aggregation("Europe/Rome", sums=1)
COLUMNS = TableColumns(time="opened", channel='way "in', topic="topic; --", duration="minutes", sums=("likes",))
CHANNELS, TOPICS = {"Phone": "phone", "Fax": "phone", "Chat": "chat"}, {"A": "a", "B'": "b"}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    draw = random.Random("warehouse")
    start = datetime(2019, 3, 28)
    rows = [
        (start + timedelta(seconds=draw.randrange(7 * 86_400)), draw.choice(list(CHANNELS)), draw.choice(list(TOPICS)),
         draw.choice([None, round(draw.expovariate(0.05), 2), float(draw.randrange(90))]), draw.randrange(1000))
        for _ in range(2_000)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["opened", COLUMNS.channel, COLUMNS.topic, "minutes", "likes"])


@pytest.fixture(scope="module")
def expected(log) -> pd.DataFrame:
    """By plain Python and numpy, moments in UTC, days those of Rome."""
    counts, likes, timed = defaultdict(int), defaultdict(int), defaultdict(list)
    for opened, channel, topic, minutes, liked in log.itertuples(index=False):
        day = opened.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("Europe/Rome")).strftime("%Y-%m-%d")
        key = (day, CHANNELS[channel], TOPICS[topic])
        counts[key] += 1
        likes[key] += liked
        if minutes == minutes:
            timed[key].append(round(minutes * 100) * 60 // 100 // 60 * 60)
    quantile = {
        (key, percent): float(np.percentile(timed[key], percent, method="inverted_cdf"))
        for key in counts
        for percent in (50, 90)
    }
    return pd.DataFrame(
        [
            (pd.Timestamp(key[0]), *key[1:], counts[key], len(timed[key]), quantile[key, 50], quantile[key, 90],
             likes[key])
            for key in sorted(counts)
        ],
        columns=["date", "channel", "topic", "contacts", "timed", "p50", "p90", "sum0"],
    )


def same(panel: pd.DataFrame, expected: pd.DataFrame) -> None:
    for name in expected:
        assert panel[name].tolist() == expected[name].tolist(), name


@pytest.mark.parametrize("name", ["sqlite", "polars"])
def test_another_engine_gives_the_panel(log, expected, name):
    pytest.importorskip({"sqlite": "regex"}.get(name, name), reason=f"Ibis for {name} is not installed")
    table = getattr(ibis, name).connect().create_table('lo"gs', log)
    same(panel_of(table, PLAN, COLUMNS, CHANNELS, TOPICS), expected)


def test_duckdb_gives_the_panel_as_it_is(log, expected):
    frame = log.dropna(subset="opened")
    events = [
        (int(opened.timestamp()), CHANNELS[channel], TOPICS[topic],
         round(minutes * 100) * 60 // 100 if minutes == minutes else None, liked)
        for opened, channel, topic, minutes, liked in frame.itertuples(index=False)
    ]  # fmt: skip
    with engine([]) as connection:
        kinds = "moment BIGINT, channel VARCHAR, topic VARCHAR, duration BIGINT, sum0 BIGINT"
        connection.execute(f"CREATE TABLE e ({kinds})")
        connection.executemany("INSERT INTO e VALUES (?, ?, ?, ?, ?)", events)
        sql = f"""WITH events AS (SELECT *, 0 AS place FROM e), counts AS ({PLAN.counts(instants=True)})
            {PLAN.panel(by_topic=True)}"""
        rows = connection.execute(sql).fetchall()
    panel = pd.DataFrame(rows, columns=PLAN.columns(by_topic=True))
    same(panel.assign(date=pd.to_datetime(panel["day"], unit="s")), expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"opened": pd.NaT}, "1 events without a time"),
        ({"minutes": -1.0}, "1 events with a duration below zero"),
        ({"likes": -1}, "1 events with a number below zero"),
        ({COLUMNS.channel: "Pigeon"}, "1 events of a channel"),
    ],
)
def test_what_is_wrong_is_counted(log, change, message):
    pytest.importorskip("polars", reason="Ibis for polars is not installed")
    log = pd.concat([log, log.tail(1).assign(**change)], ignore_index=True)
    with pytest.raises(SourceError, match=message):
        panel_of(ibis.polars.connect().create_table("logs", log), PLAN, COLUMNS, CHANNELS, TOPICS)


def test_a_column_that_is_not_there_is_told(log):
    table = ibis.memtable(log.rename(columns={"opened": "Opened"}))
    with pytest.raises(SourceError, match=r'(?s)no column "opened".*"Opened"'):
        panel_of(table, PLAN, COLUMNS, CHANNELS, TOPICS)


@pytest.mark.parametrize("dialect", ["spark", "bigquery", "snowflake", "postgres", "trino"])
def test_the_text_can_be_said_in_the_words_of_warehouses(dialect):
    sqlglot = pytest.importorskip("sqlglot")
    for sql in (PLAN.counts(instants=True), PLAN.panel(by_topic=True)):
        said = sqlglot.transpile(_quoted(sql), read="duckdb", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert len(said) == 1
