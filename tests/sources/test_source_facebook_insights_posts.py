"""Facebook Insights by post: Pacific times to local days, counts added up, people never, both vocabularies."""

import csv
import io
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from workbook_files import spreadsheetml, xlsx

from analysis.core.errors import CaseError, SourceError
from analysis.pipeline.detect import examine
from analysis.sources.facebook_insights_posts import USUAL

READER = "facebook_insights_posts"
BASE = ["Post ID", "Permalink", "Post Message", "Type", "Countries", "Languages", "Posted", "Audience Targeting"]
PAIR = "Lifetime Organic views to 95%"
METRICS = [
    ("Lifetime Post Total Reach", "Lifetime: people served. (Unique Users)"),
    ("Lifetime Post Total Impressions", "Lifetime: impressions. (Total Count)"),
    ("Lifetime Engaged Users", "Lifetime: people who clicked. (Unique Users)"),
    ("Lifetime Post Stories by action type - comment", "Lifetime: stories, by action. (Total Count)"),
    ("Lifetime Post Stories by action type - like", ""),
    ("Lifetime Post Consumptions", "Lifetime: clicks. (Total Count)"),
    (PAIR, "Lifetime: views. (Unique Users)"),
    (PAIR, "Lifetime: views. (Total Count)"),
    ("Lifetime Average time video viewed", "Lifetime: average time. (Total Count)"),
]
POSTED = ["02/14/2016 12:40:16 AM", "02/13/2016 04:10:00 PM", "02/13/2016 12:05:00 PM", "02/12/2016 11:59:59 PM"]
MESSAGES = ["Fish &amp; chips, \"today\"", "two\nlines", "", "è"]  # fmt: skip


def posts(start: int = 1) -> list[list[str]]:
    rows = []
    for i, posted in enumerate(POSTED):
        kind = "" if i == 2 else "Photo"
        base = [f"55_{10**17 + i}", "https://example.org/p", MESSAGES[i], kind, "", "", posted, ""]
        cells = [70 + i, 100 + i, 30 + i, "" if i == 1 else i, 2 * i, 5 + i, 3, 4 + i, 1.5]
        rows.append([*base, *(str(cell) for cell in cells)])
    return rows


def text(rows: list[list[str]], header: list[str] | None = None, described: list[str] | None = None) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header or BASE + [name for name, _ in METRICS])
    writer.writerow(described if described is not None else [""] * len(BASE) + [words for _, words in METRICS])
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def expected(content: bytes, column: int, zone: str) -> dict[str, float]:
    """A column's sums by local day, by the csv and datetime modules."""
    sums: Counter[str] = Counter()
    for row in list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[2:]:
        moment = datetime.strptime(row[6], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=ZoneInfo("America/Los_Angeles"))
        if row[column]:
            sums[f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d}"] += float(row[column])
    return dict(sorted(sums.items()))


def measured(reading, metric: str) -> dict[str, float]:
    frame = reading.measurements[reading.measurements["metric"] == metric]
    return {f"{day:%Y-%m-%d}": value for day, value in zip(frame["date"], frame["value"], strict=True)}


def test_counts_are_added_up_by_local_day(read_bytes):
    content = text(posts())
    for zone, days in (("Europe/Rome", 2), ("America/Los_Angeles", 3)):
        reading = read_bytes(READER, {"a.csv": content}, {}, channel="facebook", case_zone=zone)
        assert measured(reading, "impressions") == expected(content, 9, zone)
        assert measured(reading, "comments") == expected(content, 11, zone)
        assert measured(reading, "likes") == expected(content, 12, zone)
        assert measured(reading, "clicks") == expected(content, 13, zone)
        assert measured(reading, "video_views_to_95_organic") == expected(content, 15, zone)
        assert sum(measured(reading, "posts").values()) == len(POSTED)
        assert len(measured(reading, "posts")) == days
        assert reading.time_zone == zone
    assert set(reading.measurements["metric"]) - {"posts"} < set(USUAL)


def test_rows_are_the_line_on_which_a_day_s_first_post_begins(read_bytes):
    reading = read_bytes(READER, {"a.csv": text(posts())}, {}, channel="facebook")
    frame = reading.measurements
    assert dict(zip(frame["date"].dt.day, frame["row"], strict=True)) == {14: 3, 13: 6}  # row 4 takes two lines
    assert frame.loc[(frame["metric"] == "comments") & (frame["date"].dt.day == 13), "row"].tolist() == [6]


def test_what_was_noticed_is_told(read_bytes):
    content = text(posts())
    reading = read_bytes(READER, {"a.csv": content}, {}, channel="facebook")
    found = {note.finding: note for note in reading.notes}
    assert (found["posts without a type"].count, found["empty cells"].count) == (1, 1)
    assert "row 6" in found["posts without a type"].detail
    assert "shares" in found["usual metrics not in the export"].detail
    dropped = read_bytes(READER, {"a.csv": content}, {"without_type": "drop"}, channel="facebook")
    assert sum(measured(dropped, "posts").values()) == len(POSTED) - 1


def test_a_day_on_which_nothing_was_counted_is_absent_or_zero_as_the_case_says(read_bytes):
    rows = [[*row[:11], "", *row[12:]] for row in posts()[:1]]
    assert "comments" not in set(read_bytes(READER, {"a.csv": text(rows)}, {}, channel="f").measurements["metric"])
    zero = read_bytes(READER, {"a.csv": text(rows)}, {"empty": "zero"}, channel="f")
    assert list(measured(zero, "comments").values()) == [0.0]


@pytest.mark.parametrize(("header", "says"), [
    ("Lifetime Post Total Reach", "counts people"),
    ("Lifetime Engaged Users", "counts people"),
    ("Lifetime Average time video viewed", "holds a rate, an average"),
])  # fmt: skip
def test_what_does_not_add_up_is_refused(read_bytes, header, says):
    options = {"metrics": {"m": header}}
    for described in (None, [""] * (len(BASE) + len(METRICS))):
        content = {"a.csv": text(posts(), described=described)}
        with pytest.raises(SourceError, match=rf'{says}[\s\S]*a\.csv, row 1, column "{header}"'):
            read_bytes(READER, content, options, channel="facebook")


def test_a_label_of_two_columns_needs_the_description(read_bytes):
    with pytest.raises(SourceError, match=r"names 2 columns[\s\S]*Unique Users.*Total Count"):
        read_bytes(READER, {"a.csv": text(posts())}, {"metrics": {"views": PAIR}}, channel="facebook")


def test_two_windows_and_a_post_in_both(read_bytes):
    rows = posts()
    reading = read_bytes(READER, {"a.csv": text(rows[:2]), "b.csv": text(rows[1:])}, {}, channel="facebook")
    assert measured(reading, "impressions") == expected(text(rows), 9, "Europe/Rome")
    assert [(note.file, note.count) for note in reading.notes if note.finding == "post given twice"] == [("b.csv", 1)]
    rows[1] = [*rows[1][:9], "999", *rows[1][10:]]
    with pytest.raises(SourceError, match=r"different numbers: impressions[\s\S]*a\.csv, row 4 and b\.csv, row 3"):
        read_bytes(READER, {"a.csv": text(posts()[:2]), "b.csv": text(rows[1:])}, {}, channel="facebook")


def sheets_of(rows: list[list[str]], header: list[str], *, dates: bool) -> dict:
    """Key Metrics without the breakdown, which has its own sheet, first column Description, a row left out."""
    plain = [8, 9, 10, 13, 14, 15]
    main = [BASE + header, [None] * len(BASE) + [METRICS[i - 8][1] for i in plain]]
    stories = [["Description", *BASE, "comment", "like"]]
    for i, row in enumerate(rows):
        posted = datetime.strptime(row[6], "%m/%d/%Y %I:%M:%S %p") if dates else row[6]
        base = [cell or None for cell in [*row[:6], posted, row[7]]]
        main.append(base + [int(row[place]) for place in plain])
        if i != 1:
            stories.append(["Lifetime: stories" if i == 0 else None, *base, int(row[11]), int(row[12])])
    return {"Key Metrics": main, "Lifetime Post Stories by act...": stories}


LABELS = [METRICS[i][0] for i in (0, 1, 2, 5, 6, 7)]
API = ["post_impressions_unique", "post_impressions", "post_engaged_users", "post_consumptions",
       "post_video_complete_views_organic_unique", "post_video_complete_views_organic"]  # fmt: skip


@pytest.mark.parametrize("header", [LABELS, [f"{name}:lifetime" for name in API]], ids=["labels", "api names"])
@pytest.mark.parametrize(("write", "dates"), [(spreadsheetml, True), (xlsx, True), (xlsx, False)])
def test_workbooks_hold_the_same(read_bytes, write, dates, header):
    rows = posts()
    reading = read_bytes(READER, {"a.xls": write(sheets_of(rows, header, dates=dates))}, {}, channel="facebook")
    content = text(rows)
    for metric, column in {"impressions": 9, "comments": 11, "clicks": 13, "video_views_to_95_organic": 15}.items():
        assert measured(reading, metric) == expected(content, column, "Europe/Rome"), metric
    sums = Counter(expected(text([row for i, row in enumerate(rows) if i != 1]), 12, "Europe/Rome"))
    assert measured(reading, "likes") == sums
    assert set(reading.measurements["row"]) == {3, 5}


def test_an_hour_the_clock_shows_twice_is_told(read_bytes):
    rows = [[*posts()[0][:6], "11/06/2016 01:30:00 AM", *posts()[0][7:]]]
    notes = read_bytes(READER, {"a.csv": text(rows)}, {}, channel="facebook").notes
    assert "clock time shown twice" in [note.finding for note in notes]


def test_another_zone_may_be_declared(read_bytes):
    options = {"posted_zone": "Europe/Rome"}
    reading = read_bytes(READER, {"a.csv": text(posts())}, options, channel="facebook")
    days = Counter(f"{datetime.strptime(row[6], '%m/%d/%Y %I:%M:%S %p'):%Y-%m-%d}" for row in posts())
    assert measured(reading, "posts") == days
    with pytest.raises(CaseError, match="is not a time zone"):
        read_bytes(READER, {"a.csv": text(posts())}, {"posted_zone": "Pacific"}, channel="facebook")


@pytest.mark.parametrize(("column", "cell", "says"), [
    (0, "7.03E+14", r'rounded the id: "7\.03E\+14"[\s\S]*row 3, column "Post ID"'),
    (0, "", r'no id[\s\S]*row 3, column "Post ID"'),
    (6, "14/02/2016 10:00:00 AM", r'not a date[\s\S]*row 3, column "Posted"'),
    (9, "1,204", r'not a number[\s\S]*row 3, column "Lifetime Post Total Impressions"'),
])  # fmt: skip
def test_wrong_cells_name_row_and_column(read_bytes, column, cell, says):
    rows = posts()
    rows[0][column] = cell
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, {"a.csv": text(rows)}, {}, channel="facebook")


def test_other_exports_are_named(read_bytes):
    with pytest.raises(SourceError, match="not an export by post"):
        read_bytes(READER, {"a.csv": "Date,Likes\n,d\n5/28/2019,3\n"}, {}, channel="facebook")
    with pytest.raises(SourceError, match=r'no column "Lifetime Post Consumption"[\s\S]*nearest'):
        read_bytes(READER, {"a.csv": text(posts())}, {"metrics": {"c": "Lifetime Post Consumption"}}, channel="f")
    with pytest.raises(CaseError, match="number of posts itself"):
        read_bytes(READER, {"a.csv": text(posts())}, {"metrics": {"posts": PAIR}}, channel="facebook")
    with pytest.raises(SourceError, match=r"cut short[\s\S]*row 7"):
        read_bytes(READER, {"a.csv": text(posts())[:-30]}, {}, channel="facebook")


def test_the_posts_of_a_year_are_all_there(read_bytes):
    """Every post is counted on one day only, through both clock changes."""
    rows = []
    for i in range(366):
        posted = datetime(2016, 1, 1, 0, 15) + timedelta(hours=23 * i + i % 5)
        row = [f"55_{i}", *posts()[0][1:6], f"{posted:%m/%d/%Y %I:%M:%S %p}", *posts()[0][7:]]
        rows.append([*row[:9], str(i), *row[10:]])
    reading = read_bytes(READER, {"a.csv": text(rows[::-1])}, {}, channel="facebook")
    assert measured(reading, "impressions") == expected(text(rows), 9, "Europe/Rome")
    assert sum(measured(reading, "impressions").values()) == sum(range(366))


def test_an_export_without_its_descriptions_or_some_columns(read_bytes, tmp_path):
    header, _, *rows = csv.reader(io.StringIO(text(posts()).decode("utf-8-sig"), newline=""))
    kept = [i for i, name in enumerate(header) if name not in ("Type", "Post Message")]
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows([[row[i] for i in kept] for row in [header, *rows]])
    (tmp_path / "a.csv").write_text(stream.getvalue())
    found = examine(tmp_path / "a.csv")
    assert found.source["format"] == READER
    whole = read_bytes(READER, {"b.csv": text(posts())}, {}, channel="facebook", case_zone="UTC")
    sums = found.reading.measurements.groupby("metric")["value"].sum().to_dict()
    pair = {"video_views_to_95_organic": 22.0}
    assert sums | pair == whole.measurements.groupby("metric")["value"].sum().to_dict()
    told = {note.finding: note.detail for note in found.reading.notes}
    assert told["usual metrics whose columns share a name"].startswith("video_views_to_95_organic:")


def test_a_workbook_of_one_sheet_is_a_csv_saved_again(tmp_path):
    rows = list(csv.reader(io.StringIO(text(posts()).decode("utf-8-sig"), newline="")))
    (tmp_path / "a.xlsx").write_bytes(xlsx({"posts": rows}))
    found = examine(tmp_path / "a.xlsx")
    assert (found.source["format"], found.problem) == (READER, None)
    assert found.reading.measurements.query("metric == 'posts'")["value"].sum() == len(POSTED)
