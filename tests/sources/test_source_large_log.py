"""Logs larger than memory: totals and quantiles as reckoned another way, whatever the file, the engine, the threads."""

import gzip
import io
import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from analysis.core.errors import CaseError, SourceError
from analysis.sources import _out_of_core, large_log, read_source
from analysis.sources._aggregation import Aggregation, offset

READER = "large_log"
CHANNELS = {"Phone": "phone", "Web, chat": "chat"}
TOPICS = {"Cards": "cards", 'Lo"ans': "loans"}
OPTIONS = {
    "time": "when", "channel": "way in", "channel_map": CHANNELS, "topic": "topic", "topic_map": TOPICS,
    "duration": "minutes",
}  # fmt: skip
HEADER = ["note", "when", "way in", "topic", "minutes"]
EVENTS = 3_000


@pytest.fixture(scope="module")
def events() -> list[dict[str, str]]:
    draw = random.Random("large log")
    start = datetime(2019, 3, 25)
    return [
        {
            "note": draw.choice(["", "two\nlines", "a, b"]),
            "when": " " * draw.randrange(2) + str(start + timedelta(seconds=draw.randrange(12 * 86_400))),
            "way in": draw.choice(list(CHANNELS)),
            "topic": draw.choice(list(TOPICS)),
            "minutes": draw.choice(["", f" {draw.expovariate(0.05):.2f}", str(draw.randrange(90))]),
        }
        for _ in range(EVENTS)
    ]


def expected(events: list[dict[str, str]], step: int = 60) -> dict[tuple, float]:
    """Every measurement by plain Python and numpy: {(day, channel, metric): value}."""
    groups, timed = defaultdict(int), defaultdict(list)
    for event in events:
        day, channel, topic = event["when"].strip()[:10], CHANNELS[event["way in"]], TOPICS[event["topic"]]
        for suffix in ("", f"_{topic}"):
            groups[day, channel, f"contacts{suffix}"] += 1
            if event["minutes"]:
                whole, _, hundredths = event["minutes"].strip().partition(".")
                seconds = (int(whole) * 100 + int(hundredths or 0)) * 60 // 100
                timed[day, channel, suffix].append(seconds // step * step)
    for (day, channel, suffix), durations in timed.items():
        for percent in (50, 90):
            value = np.percentile(durations, percent, method="inverted_cdf")
            groups[day, channel, f"duration_p{percent}{suffix}"] = float(value) / 60
    return dict(groups)


def found(reading) -> dict[tuple, float]:
    frame = reading.measurements
    return {(f"{row.date:%Y-%m-%d}", row.channel, row.metric): row.value for row in frame.itertuples()}


def table(*rows: str) -> dict[str, str]:
    return {"a.csv": "\n".join(["when,way in,topic,minutes", *rows]) + "\n"}


def parquet(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_parquet(path)
    return path


def test_totals_and_quantiles_are_those_of_plain_python(read_bytes, events, export):
    reading = read_bytes(READER, {"log.csv": export(HEADER, events)}, OPTIONS)
    assert found(reading) == expected(events)
    assert {note.finding: note.count for note in reading.notes} == {
        "event without a duration": sum(not event["minutes"] for event in events)
    }


def test_every_kind_of_file_gives_the_same(read_bytes, tmp_path, case_folder, events, export):
    plain = read_bytes(READER, {"log.csv": export(HEADER, events)}, OPTIONS).measurements
    packed = read_bytes(READER, {"log.csv.gz": export(HEADER, events)}, OPTIONS).measurements
    lines = "".join(json.dumps(event) + "\n" for event in events)
    json_lines = read_bytes(READER, {"log.jsonl": lines}, OPTIONS).measurements
    frame = pd.DataFrame(events)
    frame["when"] = pd.to_datetime(frame["when"].str.strip())
    frame["minutes"] = pd.to_numeric(frame["minutes"])
    parquet(tmp_path / "log.parquet", frame)
    columnar = read_source(case_folder(tmp_path, READER, ["log.parquet"], OPTIONS), "export").measurements
    content = ["date", "unit", "channel", "metric", "value"]
    for other in (packed, json_lines, columnar):
        pd.testing.assert_frame_equal(other[content], plain[content])
    assert (json_lines["row"] + 1 == plain["row"]).all()  # no header
    assert (columnar["row"] == json_lines["row"]).all()


def test_the_row_is_that_of_the_first_event(read_bytes, events, export):
    frame = read_bytes(READER, {"log.csv": export(HEADER, events)}, OPTIONS).measurements
    first = {}
    for row, event in enumerate(events, start=2):
        first.setdefault((event["when"].strip()[:10], CHANNELS[event["way in"]]), row)
    contacts = frame[frame["metric"] == "contacts"]
    assert {(f"{row.date:%Y-%m-%d}", row.channel): row.row for row in contacts.itertuples()} == first


def test_files_are_added_up(read_bytes, events, export):
    events = sorted(events, key=lambda event: event["when"].strip())
    parts = {"1.csv": export(HEADER, events[:1000]), "2.csv": export(HEADER, events[1000:])}
    reading = read_bytes(READER, parts, OPTIONS)
    assert found(reading) == expected(events)
    assert set(reading.measurements["file"]) == {"1.csv", "2.csv"}


def test_words_that_are_one_channel_are_ranked_together(read_bytes):
    content = table("2019-05-01 10:00:00,Call ,Cards,1", "2019-05-01 11:00:00,Fax,Cards,2",
                    "2019-05-01 12:00:00,Fax,Cards,30")  # fmt: skip
    reading = read_bytes(READER, content, OPTIONS | {"channel_map": {"Call": "phone", "Fax": "phone"}})
    assert found(reading)["2019-05-01", "phone", "duration_p50"] == 2


def test_durations_in_hours_minutes_and_seconds_are_told_in_minutes(read_bytes):
    clock = OPTIONS | {"duration_unit": "clock", "duration_step": 1}
    cells = ("0:03:05", " 00:00:59 ", "1:00:00", "")
    content = table(*(f"2019-05-01 1{hour}:00:00,Phone,Cards,{cell}" for hour, cell in enumerate(cells)))
    reading = read_bytes(READER, content, clock)
    assert found(reading)["2019-05-01", "phone", "duration_p50"] == pytest.approx(3 + 5 / 60)
    assert found(reading)["2019-05-01", "phone", "duration_p90"] == 60
    for cell in ("3:05", "185", "0:61:00", "-0:01:00"):
        with pytest.raises(SourceError, match=r"is not a duration like 0:03:05\n.*row 2"):
            read_bytes(READER, table(f"2019-05-01 10:00:00,Phone,Cards,{cell}"), clock)
    with pytest.raises(SourceError, match="declare `duration_unit: clock`"):
        read_bytes(READER, table("2019-05-01 10:00:00,Phone,Cards,0:03:05"), OPTIONS)


def test_without_channel_topic_and_duration_events_are_counted(read_bytes):
    reading = read_bytes(
        READER, {"a.csv": "when\n2019-05-01 00:00:00\n2019-05-01 23:59:59\n"}, {"time": "when"}, channel="app"
    )
    assert found(reading) == {("2019-05-01", "app", "contacts"): 2}


def test_numbers_are_added_up_whole(read_bytes):
    big = 2**53  # where doubles lose the ones: the sums of a day are exact until they are reported
    rows = [("01", "A", str(big)), ("01", "A", "1"), ("01", "B", " 1"), ("02", "B", ""), ("02", "A", "-")]
    content = "when,topic,likes\n" + "".join(f"2019-05-{day} 10:00:00,{topic},{likes}\n" for day, topic, likes in rows)
    options = {"time": "when", "metric": "posts", "sums": {"reactions": "likes"}, "topic": "topic",
               "topic_map": {"A": "a", "B": "b"}}  # fmt: skip
    assert found(read_bytes(READER, {"a.csv": content}, options, channel="app")) == {
        ("2019-05-01", "app", "posts"): 3, ("2019-05-01", "app", "reactions"): float(big + 2),
        ("2019-05-01", "app", "posts_a"): 2, ("2019-05-01", "app", "reactions_a"): float(big + 1),
        ("2019-05-01", "app", "posts_b"): 1, ("2019-05-01", "app", "reactions_b"): 1,
        ("2019-05-02", "app", "posts"): 2, ("2019-05-02", "app", "posts_a"): 1, ("2019-05-02", "app", "posts_b"): 1,
    }  # fmt: skip


@pytest.mark.parametrize("cell", ["1.5", "-3", "1e3", "1_0", "many", "١", "99999999999999999999"])
def test_a_number_that_is_not_whole_is_told(read_bytes, cell):
    content = f"when,likes,shares\n2019-05-01 10:00:00,1,2\n2019-05-01 11:00:00,3,{cell}\n"
    options = {"time": "when", "sums": {"likes": "likes", "shares": "shares"}}
    with pytest.raises(SourceError, match=f'"{cell}" is not a whole number .*\n.*row 3, column "shares"'):
        read_bytes(READER, {"a.csv": content}, options, channel="app")


def test_numbers_of_parquet_are_added_up(tmp_path, case_folder):
    frame = pd.DataFrame({"when": pd.to_datetime(["2019-05-01 10:00:00"] * 3), "i": [1, 2, 3], "f": [1.0, None, 4.0]})
    parquet(tmp_path / "a.parquet", frame)
    options = {"time": "when", "sums": {"whole": "i", "gaps": "f"}}
    reading = read_source(case_folder(tmp_path, READER, ["a.parquet"], options, channel="app"), "export")
    assert found(reading) == {
        ("2019-05-01", "app", "contacts"): 3, ("2019-05-01", "app", "whole"): 6, ("2019-05-01", "app", "gaps"): 5,
    }  # fmt: skip
    parquet(tmp_path / "a.parquet", frame.assign(f=[1.0, 2.5, 3.0]))
    with pytest.raises(SourceError, match=r'"2\.5" is not a whole number'):
        read_source(case_folder(tmp_path, READER, ["a.parquet"], options, channel="app"), "export")


def test_the_same_bytes_with_any_number_of_threads(read_bytes, events, export, monkeypatch):
    content = {"log.csv": export(HEADER, events)}
    written = set()
    for threads in (1, 2, 4):
        monkeypatch.setattr(large_log, "engine", partial(_out_of_core.engine, threads=threads))
        written.add(read_bytes(READER, content, OPTIONS).measurements.to_csv())
    assert len(written) == 1


@pytest.mark.parametrize("zone", ["Europe/Rome", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
def test_the_clock_is_that_of_the_zone_tables(zone):
    draw = random.Random(zone)
    changes = [datetime(2019, 3, 31, 1, tzinfo=UTC), datetime(2019, 10, 27, 1, tzinfo=UTC)]
    near = [int(change.timestamp()) + shift for change in changes for shift in (-1, 0, 1)]
    moments = near + [draw.randrange(631_152_000, 4_102_444_800) for _ in range(300)]
    values = ", ".join(f"({moment})" for moment in moments)
    sql = f"SELECT {offset(zone)} FROM (VALUES {values}) AS events(moment)"
    shown = [datetime.fromtimestamp(moment, ZoneInfo(zone)).utcoffset().total_seconds() for moment in moments]
    assert [row[0] for row in duckdb.connect().execute(sql).fetchall()] == shown


@pytest.mark.parametrize("written", ["+0000", "Z", "+00:00"])
def test_the_days_of_a_clock_change_are_local(read_bytes, written):
    moments = ["2019-03-30T22:59:59", "2019-03-30T23:00:00", "2019-03-31T21:59:59", "2019-03-31T22:00:00",
               "2019-10-26T21:59:59", "2019-10-26T22:00:00", "2019-10-27T22:59:59", "2019-10-27T23:00:00"]  # fmt: skip
    content = "when\n" + "".join(f"{moment}{written}\n" for moment in moments)
    options = {"time": "when", "date_format": "%Y-%m-%dT%H:%M:%S%z"}
    counts = found(read_bytes(READER, {"a.csv": content}, options, channel="app"))
    assert {day: value for (day, _, _), value in counts.items()} == {
        "2019-03-30": 1, "2019-03-31": 2, "2019-04-01": 1, "2019-10-26": 1, "2019-10-27": 2, "2019-10-28": 1,
    }  # fmt: skip


def test_times_without_a_zone_are_local_or_utc_as_declared(read_bytes, tmp_path, case_folder):
    content = {"a.csv": "when\n2019-05-01 23:30:00\n"}
    days = {
        clock: next(iter(found(read_bytes(READER, content, {"time": "when", "clock": clock}, channel="app"))))[0]
        for clock in ("local", "utc")
    }
    assert days == {"local": "2019-05-01", "utc": "2019-05-02"}
    parquet(tmp_path / "z.parquet", pd.DataFrame({"when": pd.to_datetime(["2019-05-01 23:30:00"], utc=True)}))
    folder = case_folder(tmp_path, READER, ["z.parquet"], {"time": "when"}, channel="app")
    assert next(iter(found(read_source(folder, "export"))))[0] == "2019-05-02"


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_hostile_names_are_names_only(tmp_path, case_folder, kind):
    column, name = """x"); DROP TABLE counted; --' $path""", f"it's [a]*; --.{kind}"
    (tmp_path / f"it's a other; --.{kind}").write_text("never read")
    record = {column: "2019-05-01 10:00:00"}
    if kind == "parquet":
        pd.DataFrame([record]).to_parquet(tmp_path / name)
    elif kind == "jsonl":
        (tmp_path / name).write_text(json.dumps(record) + "\n")
    else:
        pd.DataFrame([record]).to_csv(tmp_path / name, index=False)
    folder = case_folder(tmp_path, READER, ["log"], {"time": column}, channel="app")
    source = folder.case.sources[0]
    reading = large_log.read((tmp_path / name,), source, folder.case, large_log.Options(time=column))
    assert found(reading) == {("2019-05-01", "app", "contacts"): 1}


def test_the_database_opens_nothing_else(tmp_path):
    (tmp_path / "other.csv").write_text("a\n1\n")
    frame = pd.DataFrame({"a": [1]})
    with _out_of_core.engine([]) as connection:
        for sql in (
            f"SELECT * FROM read_csv('{tmp_path / 'other.csv'}')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            "SELECT * FROM frame",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)
    assert len(frame) == 1
    assert not (tmp_path / "out.csv").exists()


def test_columns_that_differ_by_capitals_only_are_refused(tmp_path, case_folder):
    parquet(tmp_path / "a.parquet", pd.DataFrame({"WHEN": ["2018-01-01 00:00:00"], "when": ["2019-01-01 00:00:00"]}))
    folder = case_folder(tmp_path, READER, ["a.parquet"], {"time": "when"}, channel="app")
    with pytest.raises(SourceError, match="capitals"):
        read_source(folder, "export")


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (table("2019-05-01 10:00:00,Phone,Cards"), {}, "the row has 3 cells, the header 4\n.*a.csv, row 2"),
        (table("2019-05-01 10:00:00,Phone,Cards,1", '2019-05-01 10:00:00,"Phone,Cards,1'), {}, "quote.*\n.*row 3"),
        (table("2019-05-01 10:00:00,Phone,Cards,1", "01/05/2019,Phone,Cards,1"), {},
         '"01/05/2019" is not a time .*\n.*a.csv, row 3, column "when"'),
        (table(",Phone,Cards,1"), {}, '"" is not a time'),
        (table("1019-05-01 10:00:00,Phone,Cards,1"), {}, "plausible time\n.*row 2"),
        (table("2019-05-01 10:00:00,Phone,Cards,-0.5"), {}, '"-0.5" is a duration below zero\n.*row 2, column "min'),
        (table("2019-05-01 10:00:00,Phone,Cards,1e3"), {}, '"1e3" is not a number\n.*row 2'),
        (table("2019-05-01 10:00:00,Phone,Cards,1_0"), {}, '"1_0" is not a number'),
        (table("2019-05-01 10:00:00,Phone,Cards,1", "2019-05-01 10:00:00,Phon,Cards,1"), {},
         '(?s)"Phon" is not a channel .*row 3.*Did you mean "Phone"'),
        (table("2019-05-01 10:00:00,Phone,cards,1"), {}, '(?s)"cards" is not a topic .*Did you mean "Cards"'),
        (table("2019-05-01 10:00:00,Phone,Cards,1"), {"time": "wenn"}, '(?s)no column "wenn".*nearest is "when"'),
        ({"a.csv": ""}, {}, "the file is empty"),
        ({"a.jsonl": ""}, {}, "the file is empty"),
        ({"a.txt": "x"}, {}, "neither CSV, JSON lines nor parquet"),
        ({"a.parquet": b"PAR1 and nothing"}, {}, "not sound parquet"),
        ({"a.jsonl": '{"when": 1}\n[2]\n'}, {}, "no JSON object\n.*a.jsonl, row 2"),
        ({"a.jsonl": '[{"when": 1}]\n'}, {}, "(?s)no JSON object.*row 1.*one object a line"),
        ({"a.csv": b"when,way in,topic,minutes\n2019-05-01 10:00:00,Ph\xf6ne,Cards,1\n"}, {},
         "not in the declared encoding\n.*row 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(read_bytes, content, options, message):
    with pytest.raises(SourceError, match=message):
        read_bytes(READER, content, OPTIONS | options)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("01/05/2019,Fax,x", r'a.csv, row 8, column "when"'),
        ("2019-05-01 10:00:00,Fax", "the row has 2 cells, the header 3\n.*a.csv, row 8"),
        ("2019-05-01 10:00:00,Fax,x,y", "the row has 4 cells, the header 3\n.*a.csv, row 8"),
        ('2019-05-01 10:00:00,Fax,"x', "quote is opened.*\n.*a.csv, row 8"),
        ("2019-05-01 10:00:00,Fax,x", 'not a channel.*\n.*a.csv, row 8, column "way in"'),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_error_tells_the_line_of_the_file(read_bytes, row, message, end):
    good = '2019-05-01 10:00:00,Phone,"two\nlines"'
    content = "\n".join(["when,way in,note", "", good, good, "", row, good, ""]).replace("\n", end)
    options = {name: OPTIONS[name] for name in ("time", "channel", "channel_map")}
    with pytest.raises(SourceError, match=message):
        read_bytes(READER, {"a.csv": content}, options)
    reading = read_bytes(READER, {"a.csv": content.replace(row, good.replace("10:00", "11:00"))}, options)
    assert reading.measurements["row"].tolist() == [2]  # of a measurement: records, as the options say


def test_lines_of_one_column_and_of_json_are_told_too(read_bytes):
    for name, content in (("a.csv", "when\n2019-05-01 10:00:00\nx\n"), ("a.jsonl", '\n{"when": 1}\n{"when": "x"}\n')):
        with pytest.raises(SourceError, match=f'{name}, row {2 if "jsonl" in name else 3}'):
            read_bytes(READER, {name: content}, {"time": "when"}, channel="phone")


def test_a_malformed_line_far_down_is_told(read_bytes):
    good = {"when": "2019-05-01 10:00:00", "way in": "Phone", "topic": "Cards", "minutes": 1}
    content = (json.dumps(good) + "\n") * 1500 + '{"when": \n'
    with pytest.raises(SourceError, match=r"no JSON object\n.*a\.jsonl, row 1501"):
        read_bytes(READER, {"a.jsonl": content}, OPTIONS)


def test_a_cut_file_is_refused_or_told(read_bytes, events, export):
    whole = export(HEADER, events)
    with pytest.raises(SourceError, match=r"cannot be read .*\n  where: a\.csv\.gz\n"):
        read_bytes(READER, {"a.csv.gz": gzip.compress(whole.encode())[:-9]}, OPTIONS)
    reading = read_bytes(READER, {"a.csv": whole.rstrip("\n")}, OPTIONS)
    assert reading.notes[0].finding == "no line end after the last row"


def test_rules_for_words_nobody_mapped_and_durations_below_zero(read_bytes):
    content = table("2019-05-01 10:00:00,Fax,Cards,4", "2019-05-01 10:00:00,Phone,Cards,-4")
    rules = {"negative_duration": "drop", "unknown_channel": "other"}
    reading = read_bytes(READER, content, OPTIONS | rules)
    assert found(reading)["2019-05-01", "other", "contacts"] == 1
    assert ("2019-05-01", "phone", "duration_p50") not in found(reading)
    assert [(note.finding, note.count) for note in reading.notes] == [
        ("duration below zero", 1), ("channel not mapped", 1), ("channel without an event", 0),
        ("topic without an event", 0),
    ]  # fmt: skip
    left = read_bytes(READER, content, OPTIONS | rules | {"unknown_channel": "drop"})
    assert set(left.measurements["channel"]) == {"phone"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channel_map": {}}, "go together"),
        ({"percentiles": [50, 50]}, "given twice"),
        ({"encoding": "cp1252"}, "utf-8 or latin-1"),
        ({"duration_step": 0}, "duration_step"),
        ({"sums": {"duration_p50": "minutes"}}, "uses itself"),
    ],
)
def test_options_are_checked(read_bytes, options, message):
    with pytest.raises(CaseError, match=message):
        read_bytes(READER, table(), OPTIONS | options)


def test_counts_outgrow_the_memory_and_come_out_the_same(tmp_path):
    """A million groups do not fit in 40 MB: they are spilled."""
    plan = Aggregation("UTC", step=1)
    events = "SELECT range AS moment, 'a' AS channel, 't' AS topic, range % 97 AS duration, 1 AS place FROM range({})"
    sql = f"CREATE TEMP TABLE counts AS WITH events AS ({events}) {plan.counts(instants=False)}"
    sql = sql.replace("moment % 86400", "moment % 1")
    check = "SELECT COUNT(*), SUM(events), SUM(day), SUM(duration), SUM(place) FROM counts"
    totals = []
    for memory in ("40MB", "600MB"):
        with _out_of_core.engine([], memory=memory, threads=2) as connection:
            connection.execute(sql.format(1_000_000))
            totals.append(connection.execute(check).fetchone())
            spilled = connection.execute("SELECT SUM(size) FROM duckdb_temporary_files()").fetchone()[0] or 0
            assert (spilled > 0) == (memory == "40MB")
    assert totals[0] == totals[1]
    assert totals[0][:2] == (1_000_000, 1_000_000)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_shown_on_a_terminal_only(monkeypatch, terminal):
    shown = io.StringIO()
    monkeypatch.setattr(_out_of_core, "Console", partial(Console, file=shown, force_terminal=terminal))
    monkeypatch.setattr(_out_of_core, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(_out_of_core, "LOOKS_SECONDS", 0.01)
    with _out_of_core.engine([], threads=1) as connection:
        counted = _out_of_core.run(connection, "SELECT SUM(hash(range) % 7) > 0 FROM range(20000000)", {}, "[a].csv")
    assert counted == [(True,)]
    assert ("[a].csv" in shown.getvalue()) == terminal
