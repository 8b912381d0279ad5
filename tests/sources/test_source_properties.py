"""What holds for every file, not for one: numbers, dates, texts and tables come back as they were written, or not at
all."""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
from conftest import folder_of
from hypothesis import given, settings
from hypothesis import strategies as some

from analysis.core.errors import StudyError
from analysis.pipeline.detect import examine, report_of
from analysis.sources import Reading, read_source
from analysis.sources._dates import CANDIDATES, days, detect_format
from analysis.sources._numbers import numbers
from analysis.sources._sheet import sheet_of
from analysis.sources._text import decode

DAYS = some.dates(date(2015, 1, 1), date(2026, 12, 31))
COUNTS = some.integers(0, 10**9)
CHANNELS = ("chat", "phone", "twitter")
WORDS = some.text(some.characters(codec="cp1252", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=12)
SOME = settings(max_examples=40, deadline=None, derandomize=True)


def table(rows: list[list[object]], delimiter: str = ",", line_end: str = "\n") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return stream.getvalue()


def tried(step: Callable[[], object]) -> tuple[object, StudyError | None]:
    """What a step gave, or why it refused."""
    try:
        return step(), None
    except StudyError as error:
        return None, error


def reading_of(reader: str, name: str, content: bytes, options: dict, **source: object) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        return read_source(folder_of(Path(folder), reader, [name], options, **source), "export")


@SOME
@given(some.lists(some.decimals(0, 10**9, places=3), min_size=1, max_size=20), some.sampled_from(".,"))
def test_a_declared_decimal_mark_gives_back_every_number(values: list, mark: str) -> None:
    cells = [f"{value}".replace(".", mark) for value in values]
    assert numbers(cells, range(len(cells)), "a.csv", "n", decimal=mark).tolist() == [float(item) for item in values]


@SOME
@given(some.lists(some.integers(1_000, 999_999), min_size=1, max_size=20))
def test_thousands_are_never_taken_for_decimals(values: list[int]) -> None:
    cells = [f"{value:,}".replace(",", ".") for value in values]
    _, refused = tried(lambda: numbers(cells, range(len(cells)), "a.csv", "n"))
    assert "parts thousands" in refused.cure


@SOME
@given(some.lists(DAYS, min_size=1, max_size=20), some.sampled_from(CANDIDATES))
def test_a_date_is_the_day_that_was_written_or_is_asked_about(written: list[date], pattern: str) -> None:
    cells, lines = [day.strftime(pattern) for day in written], range(len(written))
    found, asked = tried(lambda: detect_format(cells, lines, "a.csv", "day"))
    if asked:
        assert "ways" in asked.what
    else:
        assert days(cells, lines, "a.csv", "day", found).dt.date.tolist() == written


@SOME
@given(some.lists(some.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=15), some.sampled_from(",;\t"))
def test_cells_come_back_whatever_they_hold_and_whatever_parts_them(rows: list, delimiter: str) -> None:
    rows = [["one", "two", "three"], *([f"x{row[0]}", *row[1:]] for row in rows)]
    for encoding, declared in (("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "cp1252")):
        content = table(rows, delimiter, "\r\n").encode(encoding)
        text, refused = tried(lambda content=content, declared=declared: decode(content, declared, "a.csv"))
        if refused:  # letters that look like UTF-8 read as cp1252
            assert (declared, "encoding" in str(refused)) == ("cp1252", True)
            continue
        sheet = sheet_of("a.csv", text, delimiter)
        assert [sheet.header, *map(tuple, sheet.rows)] == [tuple(row) for row in rows]


@SOME
@given(some.dictionaries(some.tuples(DAYS, some.sampled_from(CHANNELS)), COUNTS, min_size=1, max_size=40))
def test_a_long_table_is_read_cell_for_cell(values: dict) -> None:
    rows = [["day", "channel", "n"], *([day, channel, value] for (day, channel), value in values.items())]
    options = {"layout": "long", "date": "day", "channel_column": "channel", "metric": "contacts", "value": "n"}
    channels = [{"id": name, "label": name, "role": "owned"} for name in CHANNELS]
    options["channel_map"] = {name: name for _, name in values}
    frame = reading_of("measurements_csv", "a.csv", table(rows).encode(), options, channels=channels).measurements
    read = {(row.date.date(), row.channel): row.value for row in frame.itertuples()}
    assert read == values
    assert [rows[row - 1][2] for row in frame["row"]] == frame["value"].tolist()  # each leads back to its line


@SOME
@given(
    some.lists(
        some.tuples(some.datetimes(datetime(2019, 1, 1), datetime(2019, 12, 31)), some.sampled_from(CHANNELS)),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_a_large_log_counts_every_event_on_its_local_day(events: list) -> None:
    rows = [["when", "where"], *([f"{moment:%Y-%m-%d %H:%M:%S}", channel] for moment, channel in events)]
    options = {"time": "when", "channel": "where", "channel_map": {name: name for _, name in events}, "clock": "utc"}
    channels = [{"id": name, "label": name, "role": "owned"} for name in CHANNELS]
    frame = reading_of("large_log", "a.csv", table(rows).encode(), options, channels=channels).measurements
    local = [pd.Timestamp(moment, tz="UTC").tz_convert("Europe/Rome").date() for moment, _ in events]
    expected = Counter(zip(local, (channel for _, channel in events), strict=True))
    assert {(row.date.date(), row.channel): row.value for row in frame.itertuples()} == expected


@SOME
@given(some.binary(max_size=400), some.sampled_from(("a.csv", "a.xlsx", "a.xls", "a.jsonl", "a.json", "a.txt", "a.gz")))
def test_any_bytes_are_named_or_refused_in_lines_that_a_terminal_can_print(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        found, refused = tried(lambda: report_of(examine(path)))
        told = found or str(refused)
        assert all(line.isprintable() for line in told.splitlines())


@SOME
@given(some.binary(min_size=1, max_size=300), some.integers(0, 3))
def test_rubbish_below_a_sound_table_is_refused_by_name_or_leaves_it_whole(rubbish: bytes, days_before: int) -> None:
    rows = [["day", "n"], *([date(2019, 1, 1) + timedelta(days=step), step] for step in range(days_before + 1))]
    options = {"date": "day", "metrics": {"contacts": "n"}}
    sound = table(rows).encode()
    read, refused = tried(
        lambda: reading_of("measurements_csv", "a.csv", sound + rubbish, options, channel="chat").measurements
    )
    if refused:
        assert "a.csv" in refused.where
        assert refused.cure
    else:
        assert read["value"].tolist()[: len(rows) - 1] == [row[1] for row in rows[1:]]
