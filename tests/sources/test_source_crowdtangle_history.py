"""CrowdTangle historical reports: pages and groups, the report saved again in a spreadsheet."""

import csv
import io
import re

import pytest
from test_source_crowdtangle_search import OLD
from test_source_crowdtangle_search import ROWS as SEARCHED
from workbook_files import xlsx

from analysis.core.errors import SourceError
from analysis.pipeline.detect import examine

READER = "crowdtangle_history"
COMMON = [
    "User Name", "Facebook Id", "Page Category", "Page Admin Top Country", "Page Description", "Page Created",
    "Likes at Posting", "Followers at Posting", "Post Created", "Post Created Date", "Post Created Time", "Type",
    "Total Interactions", "Likes", "Comments", "Shares", "Love", "Wow", "Haha", "Sad", "Angry", "Care",
    "Video Share Status", "Is Video Owner?", "Post Views", "Total Views", "Total Views For All Crossposts",
    "Video Length", "URL", "Message", "Link", "Final Link", "Image Text", "Link Text", "Description", "Sponsor Id",
    "Sponsor Name", "Sponsor Category",
]  # fmt: skip
SCORES = [
    "Overperforming Score (weighted  —  Likes 1x Shares 1x Comments 1x Love 1x Wow 1x Haha 1x Sad 1x Angry 1x "
    "Care 1x )",
    "Overperforming Score (weighted  —  Likes 1x Shares 3x Comments 2x )",
]
NAMES = ["2023-06-01-10-00-00-EDT-Historical-Report-Example-2023-05-01--2023-06-01.csv", "second.csv"]


def report(export, first: str, score: str, rows: list[dict[str, str]], **how) -> str:
    """An invented report; each row gives its number, time, likes, total and what else it changes."""
    filled = [
        {
            first: "Example group", "Facebook Id": "7.03E+14", "Post Created Date": "5/24/23", "Type": "Status",
            "Comments": "4", "Shares": "0", **dict.fromkeys(["Love", "Wow", "Haha", "Sad", "Angry", "Care"], "0"),
            "Is Video Owner?": "-", "Message": "one\ntwo", score: "-1.5",
        } | row
        for row in rows
    ]  # fmt: skip
    return export([first, *COMMON, score], filled, **how)


ROWS = [
    {"URL": "u/1", "Post Created": "2023-05-24 12:48:32 EDT", "Likes": "1230", "Total Interactions": "1,234"},
    {"URL": "u/2", "Post Created": "2023-05-24 23:10:00 EDT", "Likes": "6", "Total Interactions": "10"},
    {"URL": "u/3", "Post Created": "2023-01-05 23:10:00 EST", "Likes": "1", "Total Interactions": "5", "Shares": "N/A"},
]


@pytest.mark.parametrize(("first", "score"), [("Group Name", SCORES[0]), ("Page Name", SCORES[1])])
def test_pages_and_groups_whatever_the_weights(read_bytes, export, first, score):
    text = report(export, first, score, ROWS, line_end="\r\n")
    reading = read_bytes(READER, {NAMES[0]: "\ufeff" + text}, {}, channel="facebook", time_zone="America/New_York")
    frame = reading.measurements
    raw = list(csv.DictReader(io.StringIO(text, newline="")))
    by_metric = frame.groupby("metric")["value"].sum()
    assert by_metric["interactions"] == sum(int(row["Total Interactions"].replace(",", "")) for row in raw)
    assert by_metric["likes"] == sum(int(row["Likes"]) for row in raw)
    assert by_metric["posts"] == len(raw)
    assert set(frame["unit"]) == {"Example group"}
    days = frame.query("metric == 'posts'")
    assert [(f"{row.date:%Y-%m-%d}", row.value, row.row) for row in days.itertuples()] == [
        ("2023-01-05", 1, 6), ("2023-05-24", 2, 2),
    ]  # fmt: skip
    assert {note.finding: note.count for note in reading.notes} == {
        "ids destroyed": 3, "dates rewritten": 3, "absent values": 1,
    }  # fmt: skip


def test_two_windows_join(read_bytes, export):
    texts = [report(export, "Page Name", SCORES[0], rows) for rows in (ROWS[:2], ROWS[1:])]
    reading = read_bytes(READER, dict(zip(NAMES, texts, strict=True)), {}, channel="facebook")
    assert reading.measurements.query("metric == 'interactions'")["value"].sum() == 1_234 + 10 + 5
    assert [(note.file, note.count) for note in reading.notes if note.finding == "post given twice"] == [(NAMES[1], 1)]


def test_another_layout_is_named(read_bytes, export):
    weighted = ["Total Interactions (weighted  —  Likes 1x Comments 1x )", "Overperforming Score"]
    rows = [ROWS[0] | {"Page Name": "A"}]
    with pytest.raises(SourceError, match=r"search export[\s\S]*a\.csv, row 1[\s\S]*crowdtangle_search"):
        read_bytes(READER, {"a.csv": export(["Page Name", *COMMON, *weighted], rows)}, {}, channel="facebook")
    steps = 'ID,"Score Date (GMT)",Timestep,Likes,"Post Date (GMT)","2021-07-04 22:38:03"\n"1\t",x,1,2,3,4\n'
    with pytest.raises(SourceError, match=r"not a CrowdTangle export of posts[\s\S]*not one post's history"):
        read_bytes(READER, {"a.csv": steps}, {}, channel="facebook")


def test_a_time_without_its_zone_is_refused_with_its_row(read_bytes, export):
    text = report(export, "Group Name", SCORES[0], [ROWS[0], ROWS[1] | {"Post Created": "5/24/23 23:10"}])
    with pytest.raises(SourceError, match=r"spreadsheet[\s\S]*a\.csv, row 4, column \"Post Created\""):
        read_bytes(READER, {"a.csv": text}, {}, channel="facebook")


ACCOUNTS = [
    "Account", "User Name", "Followers at Posting", "Post Created", "Post Created Date", "Post Created Time", "Type",
    "Total Interactions", "Likes", "Comments", "Views", "URL", "Link", "Photo", "Title", "Description", "Image Text",
    "Sponsor Id", "Sponsor Name", "Overperforming Score (weighted  —  Likes 1x Comments 1x )",
]  # fmt: skip
PICTURES = [
    {"Account": "Example", "Post Created": "2022-05-27 17:02:06 EDT", "Total Interactions": "2,241", "Likes": "2200",
     "Comments": "41", "Views": "0", "URL": "i/1", "Description": "one\ntwo"},
    {"Account": "Example", "Post Created": "2022-05-28 17:02:06 EDT", "Total Interactions": "30", "Likes": "28",
     "Comments": "2", "Views": "900", "URL": "i/2"},
]  # fmt: skip


def seen(tmp_path, name, text):
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return examine(tmp_path / name)


def totals(reading):
    return reading.measurements.groupby("metric")["value"].sum().to_dict()


def test_a_report_of_instagram_accounts_counts_likes_and_comments(tmp_path, export):
    found = seen(tmp_path, "a.csv", export(ACCOUNTS, PICTURES))
    assert (found.source["format"], found.source["channel"], found.doubts) == (READER, "instagram", ())
    assert totals(found.reading) == {
        "posts": 2, "interactions": 2271, "reactions": 2228, "likes": 2228, "comments": 43,
    }  # fmt: skip
    other = seen(tmp_path, "b.csv", "Account,Created,Likes,Comments\nx,2022-05-27,1,2\n")
    assert other.source is None or other.source["format"] != READER


def test_a_search_of_tweets_counts_likes_and_retweets(tmp_path, export):
    header = ["Account", "User Name", "Followers at Posting", "Created", "Type", "Likes", "Retweets", "URL", "Message",
              "Screen Name", "Link 1", "Final Link 1", "Score"]  # fmt: skip
    rows = [{"Account": "Example", "Created": "2019-05-27 17:02:06 EDT", "Likes": "2171", "Retweets": "70",
             "URL": "t/1", "Score": "2,241"}]  # fmt: skip
    found = seen(tmp_path, "2019-06-03-09-00-00-EDT-search-csv-export.csv", export(header, rows))
    assert (found.source["format"], found.source["channel"]) == ("crowdtangle_search", "twitter")
    assert totals(found.reading) == {"posts": 1, "interactions": 2241, "reactions": 2171, "likes": 2171, "retweets": 70}


def test_before_april_2021_the_name_tells_a_search_from_a_report(tmp_path, export):
    rows = [{key: value for key, value in row.items() if key in OLD} | {"Created": row["Post Created"]}
            for row in SEARCHED]  # fmt: skip
    text = export(OLD, rows)
    names = {"2020-01-01-10-00-00-EST-search-csv-export.csv": "crowdtangle_search", NAMES[0]: READER}
    for name, reader in names.items():
        found = seen(tmp_path, name, text)
        assert (found.source["format"], found.doubts) == (reader, ())
    found = seen(tmp_path, "posts.csv", text)
    assert found.source["format"] == READER
    assert [doubt.choices for doubt in found.doubts] == [("crowdtangle_search",)]


def test_a_report_saved_again_by_other_programs(tmp_path, read_bytes, export):
    text = report(export, "Page Name", SCORES[0], ROWS)
    plain = totals(read_bytes(READER, {"a.csv": text}, {}, channel="facebook"))
    header, *records = csv.reader(io.StringIO(text, newline=""))
    again = io.StringIO()
    csv.writer(again, delimiter=";").writerows([["", *header], *([str(i), *row] for i, row in enumerate(records))])
    for name, data in {"b.csv": again.getvalue(), "c.xlsx": xlsx({"report": [header, *records]})}.items():
        found = seen(tmp_path, name, data)
        assert found.source["format"] == READER
        assert totals(found.reading) == plain
    with pytest.raises(SourceError, match=r"2 sheets are filled[\s\S]*d\.xlsx"):
        read_bytes(READER, {"d.xlsx": xlsx({"a": [["x"]], "b": [["y"]]})}, {}, channel="facebook")
    times = ["2023-05-24T16:48:32Z", "2023-05-24 23:10:00-04:00", "2023-01-05 23:10:00 EST"]
    moments = [row | {"Post Created": time} for row, time in zip(ROWS, times, strict=True)]
    reread = read_bytes(READER, {"e.csv": report(export, "Page Name", SCORES[0], moments)}, {}, channel="facebook")
    assert totals(reread) == plain


def test_two_pages_of_one_name_are_told(read_bytes, export):
    rows = [ROWS[0] | {"Facebook Id": "1001"}, ROWS[1] | {"Facebook Id": "1002"}]
    notes = read_bytes(READER, {"a.csv": report(export, "Page Name", SCORES[0], rows)}, {}, channel="facebook").notes
    assert ("several pages of one name", 2) in [(note.finding, note.count) for note in notes]


@pytest.mark.parametrize("written", [
    lambda name: re.sub(r"[^A-Za-z0-9]", ".", name), lambda name: re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"),
], ids=["read.csv", "clean_names"])  # fmt: skip
def test_headers_that_r_has_written_again(tmp_path, read_bytes, export, written):
    text = report(export, "Page Name", SCORES[0], ROWS)
    plain = totals(read_bytes(READER, {"a.csv": text}, {}, channel="facebook"))
    header, *records = csv.reader(io.StringIO(text, newline=""))
    again = io.StringIO()
    csv.writer(again).writerows([[written(name) for name in header], *records])
    found = seen(tmp_path, "b.csv", again.getvalue())
    assert found.source["format"] == READER
    assert totals(found.reading) == plain
