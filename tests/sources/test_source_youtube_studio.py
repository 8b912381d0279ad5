"""YouTube Studio: parts of a day added up, videos under the day of publication, the line below the table."""

import csv
import io
from collections import defaultdict
from datetime import datetime

import pytest

from analysis.core.errors import CaseError, SourceError
from analysis.sources._detection import detect
from analysis.sources._recognising import sample_of

READER = "youtube_studio"
MARK = "\ufeff"
CHART = (
    MARK + "Date,Subscription status,Views\n2023-11-28,Subscribed,279\n2023-11-28,Not subscribed,1021\n"
    "2023-11-29,Subscribed,300\n2023-11-29,Not subscribed,0\n"
)
HEADER = [
    "Content", "Video title", "Video publish time", "Views", "Watch time (hours)", "Subscribers",
    "Estimated revenue (USD)", "Average view duration", "Impressions", "Impressions click-through rate (%)",
]  # fmt: skip
FOOTER = "Showing top 500 results,,,\r\n"


def video(number: int, published: str, views: int, **changes: str) -> dict[str, str]:
    return {
        "Content": f" -invented_{number}", "Video title": 'One, "two"\nthree', "Video publish time": published,
        "Views": str(views), "Watch time (hours)": "1.5", "Subscribers": "-1", "Average view duration": "0:13:29",
        "Impressions": str(views * 10), "Impressions click-through rate (%)": "5.1",
    } | changes  # fmt: skip


VIDEOS = [
    {"Content": "Total", "Views": "1000", "Watch time (hours)": "4.5", "Subscribers": "-3", "Impressions": "7000"},
    video(1, "Jun 7, 2020", 400), video(2, "Jun 15, 2019", 200), video(3, "Jun 7, 2020", 100),
]  # fmt: skip


def studio(read_bytes, contents, options=None, **source):
    contents = contents if isinstance(contents, dict) else {"a.csv": contents}
    return read_bytes(READER, contents, options or {}, **({"channel": "youtube"} | source))


def values(reading, metric):
    frame = reading.measurements.query("metric == @metric")
    return {f"{row.date:%Y-%m-%d}": row.value for row in frame.itertuples()}


def test_the_parts_of_a_day_add_up(read_bytes):
    reading = studio(read_bytes, CHART)
    expected = defaultdict(float)
    for row in csv.DictReader(CHART.removeprefix(MARK).splitlines()):
        expected[row["Date"]] += int(row["Views"])
    assert values(reading, "views") == expected
    assert set(reading.measurements["metric"]) == {"views"}
    assert reading.measurements["row"].tolist() == [2, 4]
    assert reading.notes == ()


def test_chart_windows_join_and_a_missing_part_is_told(read_bytes):
    later = "Date,Subscription status,Views\n2023-11-29,Subscribed,300\n2023-11-30,Subscribed,5\n2023-11-30,Other,1\n"
    reading = studio(read_bytes, {"a.csv": CHART, "b.csv": later})
    assert values(reading, "views") == {"2023-11-28": 1300, "2023-11-29": 300, "2023-11-30": 6}
    assert {note.finding: note.count for note in reading.notes} == {"days without every part": 1, "overlap": 1}
    totals = "Date,Views,Subscribers,Average view duration\n2023-11-29,300,-4,0:01:00\n"
    assert values(studio(read_bytes, totals), "net_subscribers") == {"2023-11-29": -4}
    with pytest.raises(SourceError, match=r"disagree[\s\S]*a\.csv, row 4 and b\.csv, row 2"):
        studio(read_bytes, {"a.csv": CHART, "b.csv": totals.replace("300", "301")})


def test_a_chart_of_parts_that_are_not_the_whole_is_refused(read_bytes):
    chart = "Date,Content,Views\n2023-11-28,a,5\n"
    with pytest.raises(SourceError, match=r'broken down by "Content"[\s\S]*a\.csv, row 1[\s\S]*parts:'):
        studio(read_bytes, chart)
    assert values(studio(read_bytes, chart, {"parts": ["Content"]}), "views") == {"2023-11-28": 5}
    with pytest.raises(SourceError, match=r"given twice for the same part[\s\S]*row 2 and a\.csv, row 4"):
        studio(read_bytes, CHART.replace("2023-11-29,Subscribed", "2023-11-28,Subscribed"))


def test_videos_count_under_their_day_of_publication(read_bytes, export):
    text = MARK + export(HEADER, VIDEOS, line_end="\r\n") + FOOTER
    reading = studio(read_bytes, text)
    views, posts = defaultdict(float), defaultdict(float)
    for row in csv.DictReader(io.StringIO(export(HEADER, VIDEOS[1:]), newline="")):
        day = datetime.strptime(row["Video publish time"], "%b %d, %Y").strftime("%Y-%m-%d")
        views[day] += int(row["Views"])
        posts[day] += 1
    assert values(reading, "lifetime_views") == views
    assert values(reading, "posts") == posts
    assert values(reading, "lifetime_net_subscribers") == {"2019-06-15": -1, "2020-06-07": -2}
    assert set(reading.measurements["metric"]) == {
        "posts", "lifetime_views", "lifetime_watch_hours", "lifetime_net_subscribers", "lifetime_impressions",
    }  # fmt: skip
    assert reading.measurements.query("metric == 'posts'")["row"].tolist() == [5, 3]
    assert [(note.finding, note.count, note.detail) for note in reading.notes] == [
        ("table cut at the top", 4, "the table shows the top 500 only; what else was published is not in it"),
        ("total beyond the rows", 1, "views: 300 of 1,000 in no row read"),
    ]  # fmt: skip


def test_a_declared_point_does_not_divide_views_but_hours(read_bytes, export):
    table = export(HEADER, [video(1, "Jun 7, 2020", 400) | {"Views": "1.100", "Watch time (hours)": "10.5"}])
    with pytest.raises(SourceError, match=r'row 2, column "Views"[\s\S]*without separators'):
        studio(read_bytes, table, {"decimal": "."})
    hours = export(HEADER, [video(1, "Jun 7, 2020", 400) | {"Watch time (hours)": "10.512"}])
    assert values(studio(read_bytes, hours, {"decimal": "."}), "lifetime_watch_hours") == {"2020-06-07": 10.512}


def test_a_table_without_total_or_footer(read_bytes, export):
    reading = studio(read_bytes, export(HEADER, [*VIDEOS[1:], video(4, "", 9)]))
    assert values(reading, "lifetime_views") == {"2019-06-15": 200, "2020-06-07": 500}
    assert [(note.finding, note.count) for note in reading.notes] == [("video without a day of publication", 1)]


def test_what_must_not_be_mixed_or_added(read_bytes, export):
    table = export(HEADER, VIDEOS)
    with pytest.raises(SourceError, match=r"count different things[\s\S]*a\.csv, b\.csv"):
        studio(read_bytes, {"a.csv": table, "b.csv": CHART})
    with pytest.raises(SourceError, match=r"-invented_1 is given twice[\s\S]*a\.csv, row 3 and b\.csv, row 3"):
        studio(read_bytes, {"a.csv": table, "b.csv": table})
    with pytest.raises(SourceError, match="people or a ratio"):
        studio(read_bytes, table, {"metrics": {"ctr": HEADER[-1]}})
    with pytest.raises(SourceError, match='no column "View"'):
        studio(read_bytes, table, {"metrics": {"views": "View"}})
    with pytest.raises(CaseError, match="channel"):
        studio(read_bytes, table, channel=None)


@pytest.mark.parametrize(("text", "says"), [
    ("Day,Aufrufe\n2023-11-28,5\n", r"neither[\s\S]*row 1"),
    ("Date,Duration\n2023-11-28,5\n", r"none of the columns[\s\S]*row 1"),
    ('Date,Views\n2023-11-28,"1,020"\n', r'row 2, column "Views"'),
    ("Date,Views\n2023-11-28,-5\n", "negative"),
    ("Date,Views\n11/28/2023,5\n", r"not a date[\s\S]*row 2"),
    ("Date,Subscription status,Views\n2023-11-28,Subs", "cut short"),
])  # fmt: skip
def test_other_files_are_refused(read_bytes, text, says):
    with pytest.raises(SourceError, match=says):
        studio(read_bytes, text)


@pytest.mark.parametrize(("changes", "says"), [
    ({"Video publish time": "7/6/2020"}, r'not a date in the format %b %d, %Y[\s\S]*row 2, column "Video pub'),
    ({"Content": ""}, r'no id[\s\S]*row 2, column "Content"'),
    ({"Views": "1.2K"}, r'row 2, column "Views"'),
])  # fmt: skip
def test_bad_videos_are_named(read_bytes, export, changes, says):
    with pytest.raises(SourceError, match=says):
        studio(read_bytes, export(HEADER, [video(1, "Jun 7, 2020", 5, **changes)]))


def test_other_languages_have_the_same_columns(read_bytes, export):
    german = ["Video", "Videotitel", "Veröffentlichungszeitpunkt des Videos", "Aufrufe", "Wiedergabezeit (Stunden)",
              "Abonnenten", "Geschätzter Umsatz (EUR)", "Durchschnittliche Wiedergabedauer", "Impressionen",
              "Klickrate der Impressionen (%)"]  # fmt: skip
    english = export(HEADER, VIDEOS)
    translated = english.replace(",".join(HEADER), ",".join(german)).replace("\nTotal,", "\nGesamt,")
    one, two = studio(read_bytes, english), studio(read_bytes, translated)
    assert translated != english
    assert two.measurements.equals(one.measurements)
    assert two.notes == one.notes
    assert values(studio(read_bytes, "日付,視聴回数\n2023-11-28,5\n"), "views") == {"2023-11-28": 5}
    mapped = studio(read_bytes, translated, {"metrics": {"seen": "Aufrufe"}})
    assert values(mapped, "lifetime_seen") == values(one, "lifetime_views")


def test_a_table_of_an_unknown_language_is_known_by_what_it_holds(read_bytes, export):
    unknown = export(HEADER, VIDEOS).replace(",".join(HEADER[:4]), "a,b,c,d").replace("\nTotal,", "\nKokku,")
    reading = studio(read_bytes, unknown, {"metrics": {"views": "d"}})
    assert values(reading, "lifetime_views") == {"2019-06-15": 200, "2020-06-07": 500}


def test_a_table_without_any_day_of_publication_says_so(read_bytes, export):
    with pytest.raises(SourceError, match=r"no video has its day[\s\S]*Totals\.csv"):
        studio(read_bytes, export(HEADER, [VIDEOS[0], video(1, "", 5)]))


@pytest.mark.parametrize(("name", "text", "format"), [
    ("Totals.csv", "Date,Views\n2023-11-28,5\n", READER),
    ("Gesamtwerte (1).csv", "Datum,Aufrufe\n2023-11-28,5\n", READER),
    ("a.csv", "Date,Views\n2023-11-28,5\n", None),  # another platform's too
    ("a.csv", "Date,Engaged views\n2023-11-28,5\n", READER),
    ("a.csv", ",Date,Views,Watch time (hours)\n0,2023-11-28,5,0.5\n", READER),
    ("a.csv", "Date,Content,Video title,Video publish time,Duration,Engaged views\n2023-11-28,a,b,c,9,5\n", READER),
    ("a.csv", "Date,Content,Video title,Video publish time,Views\n2023-11-28,a,b,c,5\n", READER),
])  # fmt: skip
def test_the_name_of_the_file_settles_what_its_columns_allow(tmp_path, name, text, format):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert detect(sample_of(tmp_path / name)).format == format


def test_views_and_engaged_views_are_two_metrics(read_bytes):
    reading = studio(read_bytes, "Date,Engaged views,Views\n2025-05-01,3,5\n")
    assert values(reading, "views") == {"2025-05-01": 5}
    assert values(reading, "engaged_views") == {"2025-05-01": 3}
    saved = studio(read_bytes, ",Date,Views\n0,2025-05-01,5\n1,2025-05-02,6\n")
    assert values(saved, "views") == {"2025-05-01": 5, "2025-05-02": 6}
    assert [note.finding for note in saved.notes] == ["a column of row numbers"]
