"""X content: verbatim header, days with their weekday, Share and Shares, ids as text."""

import csv
import io
from collections import Counter
from datetime import datetime

import pytest

from analysis.core.errors import SourceError

READER = "x_content"
HEADER = ["Post id", "Date", "Post text", "Link", "Impressions", "Likes", "Engagements", "Bookmarks", "Share",
          "New follows", "Replies", "Reposts", "Profile visits", "Detail expands", "Url clicks",
          "Hashtag clicks", "Permalink clicks"]  # fmt: skip
DAYS = ["Tue Feb 11 2025", "Mon Feb 10 2025", "Mon Feb 10 2025"]
NAMES = {"impressions": "Impressions", "likes": "Likes", "engagements": "Engagements", "bookmarks": "Bookmarks",
         "shares": "Share", "new_followers": "New follows", "replies": "Replies", "retweets": "Reposts",
         "profile_clicks": "Profile visits", "detail_expands": "Detail expands", "url_clicks": "Url clicks",
         "hashtag_clicks": "Hashtag clicks", "permalink_clicks": "Permalink clicks"}  # fmt: skip


def posts() -> list[list[str]]:
    return [
        [str(1888888888888888800 + i), day, "two\nlines" if i == 1 else "a, b", "https://example.org/p",
         *(str(100 * i + j) for j in range(13))]
        for i, day in enumerate(DAYS)
    ]  # fmt: skip


def text(rows: list[list[str]], header: list[str] = HEADER) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue().encode()


def test_every_metric_by_day(read_bytes):
    content = text(posts())
    frame = read_bytes(READER, {"a.csv": content}, {}, channel="x").measurements
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    for metric, header in NAMES.items():
        sums = Counter()
        for row in rows:
            sums[datetime.strptime(row["Date"][4:], "%b %d %Y")] += int(row[header])
        of_metric = frame[frame["metric"] == metric]
        assert dict(zip(of_metric["date"], of_metric["value"], strict=True)) == sums
    assert set(frame["metric"]) == {"posts", *NAMES}
    assert frame.loc[frame["metric"] == "posts", ["value", "row"]].to_numpy().tolist() == [[2, 3], [1, 2]]


def test_the_overview_s_spelling_of_shares_is_found_too(read_bytes):
    header = ["Shares" if name == "Share" else name for name in HEADER]
    one = read_bytes(READER, {"a.csv": text(posts())}, {}, channel="x").measurements
    two = read_bytes(READER, {"a.csv": text(posts(), header)}, {}, channel="x").measurements
    assert one.equals(two)


@pytest.mark.parametrize(("column", "cell", "says"), [
    ("Post id", "1.88889E+18", r'rounded the id[\s\S]*row 2, column "Post id"'),
    ("Date", "2025-02-11", r'not a date in the format %a %b %d %Y[\s\S]*row 2, column "Date"'),
    ("Likes", "1K", r'not a number[\s\S]*row 2, column "Likes"'),
])  # fmt: skip
def test_wrong_cells_say_where(read_bytes, column, cell, says):
    rows = posts()
    rows[0][HEADER.index(column)] = cell
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, {"a.csv": text(rows)}, {}, channel="x")


def test_wrong_files_say_what_they_are(read_bytes):
    overview = "Date,Impressions,Reposts\n2025-02-11,1,2\n"
    with pytest.raises(SourceError, match=r"account overview, since 2024[\s\S]*a\.csv, row 1[\s\S]*x_overview"):
        read_bytes(READER, {"a.csv": overview}, {}, channel="x")
    with pytest.raises(SourceError, match=r'no column "Url clicks"'):
        read_bytes(READER, {"a.csv": text(posts(), [*HEADER[:14], "Clicks", *HEADER[15:]])}, {}, channel="x")
    with pytest.raises(SourceError, match=r"cut short[\s\S]*row 5"):
        read_bytes(READER, {"a.csv": text(posts())[:-8]}, {}, channel="x")


def test_the_capitals_and_dates_of_2026(read_bytes):
    later = {"Link": "Post Link", "Share": "Shares", "Detail expands": "Detail Expands", "Url clicks": "URL Clicks",
             "Hashtag clicks": "Hashtag Clicks", "Permalink clicks": "Permalink Clicks"}  # fmt: skip
    rows = [[row[0], f"{row[1][:3]}, {row[1][4:10]}, {row[1][11:]}", *row[2:]] for row in posts()]
    content = text(rows, [later.get(name, name) for name in HEADER])
    one = read_bytes(READER, {"a.csv": text(posts())}, {}, channel="x").measurements
    assert one.equals(read_bytes(READER, {"a.csv": content}, {}, channel="x").measurements)


def test_a_japanese_export_has_the_same_columns(read_bytes):
    header = ["ポストID", "日付", "ポスト本文", "ポストのリンク", "インプレッション数", "いいね", "エンゲージメント",
              "ブックマーク", "共有された回数", "新しいフォロー", "返信", "リポスト", "プロフィールへのアクセス数",
              "詳細のクリック数", "URLのクリック数", "ハッシュタグのクリック数",
              "パーマリンクのクリック数"]  # fmt: skip
    one = read_bytes(READER, {"a.csv": text(posts())}, {}, channel="x").measurements
    assert one.equals(read_bytes(READER, {"a.csv": text(posts(), header)}, {}, channel="x").measurements)
