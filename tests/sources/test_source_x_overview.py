"""X overview: verbatim header, newest first, two missing days told and not filled."""

import csv
import io
from datetime import date, timedelta

import pytest

from analysis.core.errors import SourceError
from analysis.sources.x_overview import METRICS

READER = "x_overview"
HEADER = ["Date", "Impressions", "Likes", "Engagements", "Bookmarks", "Shares", "New follows", "Unfollows",
          "Replies", "Reposts", "Profile visits", "Create Post", "Video views", "Media views"]  # fmt: skip
LAST, MISSING = date(2025, 2, 11), (3, 7)


def overview(count: int = 10, last: date = LAST, base: int = 0) -> list[list[str]]:
    days = [last - timedelta(days=i) for i in range(count) if i not in MISSING]
    return [
        [f"{day:%a, %b %d, %Y}", *(str(base + 100 * day.day + j) for j in range(1, len(HEADER)))] for day in days
    ]


def text(rows: list[list[str]], header: list[str] = HEADER) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue().encode()


def test_every_metric_oldest_first_with_its_row(read_bytes):
    content = text(overview())
    frame = read_bytes(READER, {"a.csv": content}, {}, channel="x").measurements
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    for metric, header in METRICS.items():
        of_metric = frame[frame["metric"] == metric]
        assert of_metric["value"].tolist() == [float(row[header]) for row in reversed(rows)]
        assert of_metric["row"].tolist() == list(range(len(rows) + 1, 1, -1))
    assert frame["date"].max().date() == LAST


def test_missing_days_are_told_and_not_filled(read_bytes):
    reading = read_bytes(READER, {"a.csv": text(overview())}, {}, channel="x")
    assert [(note.finding, note.count) for note in reading.notes] == [("gap inside the export", 2)]
    assert reading.measurements["date"].nunique() == 8


def test_windows_join_and_must_agree(read_bytes):
    files = {"a.csv": text(overview()), "b.csv": text(overview(3, LAST + timedelta(days=2)))}
    reading = read_bytes(READER, files, {"metrics": {"likes": "Likes"}}, channel="x")
    assert reading.measurements["date"].nunique() == 10
    files["b.csv"] = text(overview(3, LAST + timedelta(days=2), base=1))
    with pytest.raises(SourceError, match=r"1102 and 1103[\s\S]*a\.csv, row 2 and b\.csv, row 4"):
        read_bytes(READER, files, {"metrics": {"likes": "Likes"}}, channel="x")


def test_share_and_shares_are_one(read_bytes):
    header = ["Share" if name == "Shares" else name for name in HEADER]
    frame = read_bytes(READER, {"a.csv": text(overview(), header)}, {}, channel="x").measurements
    assert frame.equals(read_bytes(READER, {"a.csv": text(overview())}, {}, channel="x").measurements)


def test_an_empty_cell_is_absent(read_bytes):
    rows = overview(2)
    rows[0][2] = ""
    reading = read_bytes(READER, {"a.csv": text(rows)}, {"metrics": {"likes": "Likes"}}, channel="x")
    assert reading.measurements["value"].tolist() == [float(rows[1][2])]
    assert [(note.finding, note.count) for note in reading.notes] == [("absent values", 1)]


def test_wrong_files_say_where(read_bytes):
    with pytest.raises(SourceError, match=r"content export, since 2024[\s\S]*a\.csv, row 1[\s\S]*x_content"):
        read_bytes(READER, {"a.csv": "Post id,Date,Reposts\n1,2,3\n"}, {}, channel="x")
    rows = overview()
    rows[1][0] = "2025-02-10"
    with pytest.raises(SourceError, match=r'a\.csv, row 3, column "Date"'):
        read_bytes(READER, {"a.csv": text(rows)}, {}, channel="x")
    rows = overview()
    rows[1][3] = "2.1K"
    with pytest.raises(SourceError, match=r'a\.csv, row 3, column "Engagements"'):
        read_bytes(READER, {"a.csv": text(rows)}, {}, channel="x")
    with pytest.raises(SourceError, match=r"twice in one file[\s\S]*row 2 and a\.csv, row 10"):
        read_bytes(READER, {"a.csv": text([*overview(), overview()[0]])}, {}, channel="x")
    with pytest.raises(SourceError, match=r'no column "Create Post"'):
        read_bytes(READER, {"a.csv": text(overview(), [*HEADER[:11], "Posts", *HEADER[12:]])}, {}, channel="x")
