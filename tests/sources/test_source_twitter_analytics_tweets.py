"""Twitter Analytics by tweet: verbatim header, decimals, dashes, several-line texts, UTC to local days."""

import csv
import io
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from analysis.core.errors import SourceError
from analysis.sources.twitter_analytics_tweets import METRICS

READER = "twitter_analytics_tweets"
COUNTS = ["impressions", "engagements", "engagement rate", "retweets", "replies", "likes", "user profile clicks",
          "url clicks", "hashtag clicks", "detail expands", "permalink clicks", "app opens", "app installs", "follows",
          "email tweet", "dial phone", "media views", "media engagements"]  # fmt: skip
HEADER = ["Tweet id", "Tweet permalink", "Tweet text", "time", *COUNTS, *(f"promoted {name}" for name in COUNTS)]
TIMES = ["2021-01-31 12:56 +0000", "2021-01-30 23:30 +0000", "2021-01-30 22:59 +0000", "2021-01-30 08:00 +0000"]
TEXTS = ['Two\nlines, "quoted"', "x", "@someone thanks", "日本語"]


def tweets(first: int = 0) -> list[list[str]]:
    return [
        [str(1355555555555555500 + first + i), "https://example.org/t", TEXTS[i], time,
         *(f"{100 * i + j}.0" if name != "engagement rate" else "0.0390869" for j, name in enumerate(COUNTS)),
         *["-"] * len(COUNTS)]
        for i, time in enumerate(TIMES)
    ]  # fmt: skip


def text(rows: list[list[str]], header: list[str] = HEADER) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue().encode()


def expected(content: bytes, column: str, zone: str) -> dict[str, float]:
    sums = Counter()
    for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
        moment = datetime.strptime(row["time"], "%Y-%m-%d %H:%M %z").astimezone(ZoneInfo(zone))
        sums[f"{moment:%Y-%m-%d}"] += float(row[column])
    return dict(sums)


def measured(reading, metric: str) -> dict[str, float]:
    frame = reading.measurements[reading.measurements["metric"] == metric]
    return {f"{day:%Y-%m-%d}": value for day, value in zip(frame["date"], frame["value"], strict=True)}


@pytest.mark.parametrize(("zone", "days"), [("Europe/Rome", 2), ("Asia/Tokyo", 2), ("America/New_York", 2)])
def test_every_metric_by_local_day(read_bytes, zone, days):
    assert len(HEADER) == 40
    content = text(tweets())
    reading = read_bytes(READER, {"tweet_activity_metrics_example_20210101_20210201_ja.csv": content}, {},
                         channel="twitter", case_zone=zone)  # fmt: skip
    unpaid = {name: header for name, header in METRICS.items() if not header.startswith("promoted")}
    for metric, header in unpaid.items():
        assert measured(reading, metric) == expected(content, header, zone)
    assert set(reading.measurements["metric"]) == {"posts", *unpaid}
    assert sum(measured(reading, "posts").values()) == len(TIMES)
    assert len(measured(reading, "posts")) == days
    told = [note.count for note in reading.notes if note.finding == "empty cells"]
    assert told == [len(TIMES)] * (len(METRICS) - len(unpaid))


def test_rows_are_lines_of_the_file(read_bytes):
    frame = read_bytes(READER, {"a.csv": text(tweets())}, {}, channel="twitter").measurements
    assert dict(zip(frame["date"].dt.day, frame["row"], strict=True)) == {31: 2, 30: 5}


def test_months_join_and_a_repeated_file_counts_once(read_bytes):
    january, february = text(tweets()), text([[*row[:3], row[3].replace("-01-3", "-02-1"), *row[4:]]
                                              for row in tweets(50)])  # fmt: skip
    reading = read_bytes(READER, {"a.csv": january, "b.csv": february, "c.csv": january}, {}, channel="twitter")
    both = Counter(expected(january, "likes", "Europe/Rome")) + Counter(expected(february, "likes", "Europe/Rome"))
    assert measured(reading, "likes") == both
    assert [note.file for note in reading.notes if note.finding == "the same file twice"] == ["c.csv"]


def test_a_tweet_given_twice(read_bytes):
    rows = tweets()
    again = read_bytes(READER, {"a.csv": text([*rows, rows[0]])}, {}, channel="twitter")
    assert measured(again, "likes") == expected(text(rows), "likes", "Europe/Rome")
    grown = [*rows[0][:4], "999.0", *rows[0][5:]]
    said = r"different numbers: impressions is 0.0 and 999.0[\s\S]*row 2 and a\.csv, row 7"
    with pytest.raises(SourceError, match=said):
        read_bytes(READER, {"a.csv": text([*rows, grown])}, {}, channel="twitter")


@pytest.mark.parametrize(("column", "cell", "says"), [
    ("Tweet id", "1.35556E+18", r'rounded the id[\s\S]*row 2, column "Tweet id"'),
    ("time", "2021-01-31 12:56", r'not a date[\s\S]*row 2, column "time"'),
    ("likes", "1,204.0", r'not a number[\s\S]*row 2, column "likes"'),
    ("likes", "-3.0", r'negative[\s\S]*row 2, column "likes"'),
])  # fmt: skip
def test_wrong_cells_say_where(read_bytes, column, cell, says):
    rows = tweets()
    rows[0][HEADER.index(column)] = cell
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, {"a.csv": text(rows)}, {}, channel="twitter")


def test_rates_do_not_add_up_and_other_exports_are_named(read_bytes):
    with pytest.raises(SourceError, match=r"holds a rate[\s\S]*a\.csv, row 1"):
        read_bytes(READER, {"a.csv": text(tweets())}, {"metrics": {"rate": "engagement rate"}}, channel="twitter")
    daily = text([], ["Date", "Tweets published", *COUNTS]) + b'"2021-01-01"' + b',"1"' * 19 + b"\n"
    with pytest.raises(SourceError, match=r"the export by day, to 2021[\s\S]*row 1[\s\S]*twitter_analytics_daily"):
        read_bytes(READER, {"a.csv": daily}, {}, channel="twitter")
    with pytest.raises(SourceError, match=r'no column "Tweet id"'):
        read_bytes(READER, {"a.csv": "Day,Likes\n1,2\n"}, {}, channel="twitter")
    with pytest.raises(SourceError, match=r"cut short[\s\S]*row 6"):
        read_bytes(READER, {"a.csv": text(tweets())[:-9]}, {}, channel="twitter")


def test_the_favorites_of_before_2016_are_likes(read_bytes):
    header = [name.replace("likes", "favorites") for name in HEADER]
    one = read_bytes(READER, {"a.csv": text(tweets())}, {}, channel="twitter").measurements
    assert one.equals(read_bytes(READER, {"a.csv": text(tweets(), header)}, {}, channel="twitter").measurements)
