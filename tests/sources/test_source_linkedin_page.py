"""LinkedIn page analytics: true .xls and .xlsx, a sentence above the header, dates as text and as day numbers."""

import io
from collections import Counter
from datetime import date, datetime, timedelta

import openpyxl
import pytest
import xlrd
from workbook_files import biff, spreadsheetml, xlsx

from analysis.core.errors import CaseError, SourceError
from analysis.sources._detection import detect
from analysis.sources._recognising import sample_of

READER = "linkedin_page"
FIRST = date(2020, 4, 1)
EXCEL = date(1899, 12, 30)
SPLIT = ("desktop", "mobile", "total")
VISITORS = ["Date", *(f"{page} {what} ({kind})" for page in ("Overview", "Life", "Jobs", "Total")
                      for what in ("page views", "unique visitors") for kind in SPLIT)]  # fmt: skip
ORGANIC = ("organic", "sponsored", "total")
AGGREGATED = ["Date", *(f"Impressions ({kind})" for kind in ORGANIC), "Unique impressions (organic)",
              *(f"{what} ({kind})" for what in ("Clicks", "Reactions", "Comments", "Shares", "Engagement rate")
                for kind in ORGANIC)]  # fmt: skip
UPDATE = ["Update title", "Update link", "Update type", "Campaign name", "Posted by", "Created date",
          "Campaign start date", "Campaign end date", "Audience", "Impressions", "Video views", "Clicks",
          "Click through rate (CTR)", "Likes", "Comments", "Shares", "Follows", "Engagement rate"]  # fmt: skip
CREATED = [0, 0, 3, 9]  # days after the first


def table(header: list[str], count: int, first: date = FIRST, base: int = 0) -> list[list[object]]:
    rows: list[list[object]] = [header]
    for i in range(count):
        day = first + timedelta(days=i)
        counts = [0.0625 if "rate" in name else base + 100 * (day - FIRST).days + j for j, name in enumerate(header)]
        rows.append([f"{day:%m/%d/%Y}", *counts[1:]])
    return rows


def updates(kind: type = int) -> list[list[object]]:
    rows: list[list[object]] = [["Engagement metrics for individual updates. Created date indicates"], UPDATE]
    for i, after in enumerate(CREATED):
        day = FIRST + timedelta(days=after)
        made = {int: (day - EXCEL).days, str: f"{day:%m/%d/%Y}", datetime: datetime(day.year, day.month, day.day, 9)}
        rows.append([f"Update {i}", f"https://example.org/{i}", "Organic", None, "A", made[kind], None, None, "All",
                     *[i] * 8, 0.5])  # fmt: skip
    return rows


def book(count: int = 30, first: date = FIRST, *, kind: type = int, base: int = 0, name: str = "Engagement") -> dict:
    prose = [["Aggregated engagement metrics for your organic and sponsored updates"]]
    return {
        "Visitor metrics": table(VISITORS, count, first, base),
        "Location": [["Location", "Total views"], ["Milan", 12]],
        "Update metrics (aggregated)": [*prose, *table(AGGREGATED, count, first, base)],
        f"Update {name}": updates(kind),
    }


def raw_sums(content: bytes, sheet: str, skip: int) -> dict[str, float]:
    """Each column's sum, straight from the library that reads the file."""
    if content.startswith(b"PK"):
        cells = list(openpyxl.load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True))
    else:
        found = xlrd.open_workbook(file_contents=content).sheet_by_name(sheet)
        cells = [found.row_values(i) for i in range(found.nrows)]
    header, *rows = cells[skip:]
    return {name: sum(row[i] for row in rows) for i, name in enumerate(header) if i}


@pytest.mark.parametrize("write", [biff, xlsx])
def test_totals_are_those_of_the_file(read_bytes, write):
    content = write(book())
    reading = read_bytes(READER, {"page.xls": content}, {}, channel="linkedin")
    frame = reading.measurements
    sums = frame.groupby("metric")["value"].sum().to_dict()
    visitors = raw_sums(content, "Visitor metrics", 0)
    engagement = raw_sums(content, "Update metrics (aggregated)", 1)
    assert sums == {
        "page_views": visitors["Total page views (total)"], "visitors": visitors["Total unique visitors (total)"],
        "impressions": engagement["Impressions (total)"], "paid_impressions": engagement["Impressions (sponsored)"],
        "clicks": engagement["Clicks (total)"], "reactions": engagement["Reactions (total)"],
        "comments": engagement["Comments (total)"], "shares": engagement["Shares (total)"], "posts": len(CREATED),
    }  # fmt: skip
    of_views = frame[frame["metric"] == "page_views"]
    assert [day.date() for day in of_views["date"]] == [FIRST + timedelta(days=i) for i in range(30)]
    assert of_views["row"].tolist() == list(range(2, 32))
    assert frame.loc[frame["metric"] == "clicks", "row"].tolist() == list(range(3, 33))  # below the sentence
    assert set(frame["file"]) == {"page.xls"}
    assert reading.notes == ()


@pytest.mark.parametrize("write", [biff, xlsx, spreadsheetml])
@pytest.mark.parametrize("kind", [int, str, datetime])
@pytest.mark.parametrize("name", ["Engagement", "engagement"])
def test_updates_are_counted_by_the_day_they_were_created(read_bytes, write, kind, name):
    reading = read_bytes(READER, {"page.xls": write(book(13, kind=kind, name=name))}, {}, channel="linkedin")
    posts = reading.measurements[reading.measurements["metric"] == "posts"]
    days = Counter(FIRST + timedelta(days=after) for after in CREATED)
    assert {day.date(): value for day, value in zip(posts["date"], posts["value"], strict=True)} == days
    assert posts["row"].tolist() == [3, 5, 6]


def test_updates_are_told_apart_by_their_link_or_else_by_title_and_day(read_bytes):
    sheets = book(20)
    rows = sheets["Update Engagement"]
    same = [*rows[2][:1], "https://example.org/other", *rows[2][2:]]
    linkless = [["Without a link", None, *rows[2][2:]], ["Another", None, *rows[2][2:]]]
    sheets["Update Engagement"] = [*rows, same, *linkless, linkless[0]]
    reading = read_bytes(READER, {"a.xls": biff(sheets)}, {}, channel="linkedin")
    posts = reading.measurements[reading.measurements["metric"] == "posts"]
    assert posts["value"].tolist() == [2 + 1 + 2, 1, 1]
    assert [note.count for note in reading.notes if note.finding == "post given twice"] == [1]


def test_day_numbers_in_the_date_column(read_bytes):
    sheets = book(5)
    for i, row in enumerate(sheets["Visitor metrics"][1:]):
        row[0] = (FIRST - EXCEL).days + i
    views = {"page_views": {"sheet": "visitor metrics", "column": "Total page views (total)"}}
    frame = read_bytes(READER, {"a.xls": biff(sheets)}, {"metrics": views}, channel="linkedin").measurements
    assert [day.date() for day in frame.loc[frame["metric"] == "page_views", "date"]] == [
        FIRST + timedelta(days=i) for i in range(5)
    ]


def test_windows_join_updates_in_both_count_once(read_bytes):
    files = {"a.xls": biff(book(20)), "b.xlsx": xlsx(book(20, FIRST + timedelta(days=15)))}
    reading = read_bytes(READER, files, {}, channel="linkedin")
    frame = reading.measurements
    assert (frame["metric"] == "page_views").sum() == 35
    assert frame.loc[frame["metric"] == "posts", "value"].sum() == len(CREATED)
    assert {(note.file, note.finding, note.count) for note in reading.notes} == {
        ("b.xlsx", "overlap", 5), ("b.xlsx", "post given twice", len(CREATED))
    }  # fmt: skip
    files["b.xlsx"] = xlsx(book(20, FIRST + timedelta(days=15), base=1))
    with pytest.raises(SourceError, match=r"two exports disagree[\s\S]*a\.xls, row 17 and b\.xlsx, row 2"):
        read_bytes(READER, files, {}, channel="linkedin")


def test_files_of_visitors_and_of_updates_may_be_apart(read_bytes):
    whole = book(20)
    files = {
        "visitors.xls": biff({"Visitor metrics": whole["Visitor metrics"]}),
        "updates.xls": biff({name: rows for name, rows in whole.items() if name.startswith("Update")}),
    }
    reading = read_bytes(READER, files, {}, channel="linkedin")
    told = {note.file: note.detail.split('"')[1] for note in reading.notes if note.finding == "sheet not in the file"}
    assert told == {"visitors.xls": "Update metrics (aggregated)", "updates.xls": "Visitor metrics"}
    apart = reading.measurements
    together = read_bytes(READER, {"a.xls": biff(whole)}, {}, channel="linkedin").measurements
    assert apart.drop(columns="file").equals(together.drop(columns="file"))


def test_dates_that_can_be_read_in_two_ways_are_refused_until_declared(read_bytes):
    content = {"a.xls": biff(book(9))}
    said = r'2 ways[\s\S]*a\.xls, sheet "Visitor metrics", rows 2 to 10[\s\S]*date_format'
    with pytest.raises(SourceError, match=said):
        read_bytes(READER, content, {}, channel="linkedin")
    frame = read_bytes(READER, content, {"date_format": "%m/%d/%Y"}, channel="linkedin").measurements
    assert frame["date"].min().date() == FIRST


@pytest.mark.parametrize("column", ["Engagement rate (total)", "Engagement rate (organic)"])
def test_rates_are_refused(read_bytes, column):
    metrics = {"rate": {"sheet": "Update metrics (aggregated)", "column": column}}
    with pytest.raises(SourceError, match=r"holds a rate[\s\S]*a\.xls, sheet \"Update metrics \(aggregated\)\""):
        read_bytes(READER, {"a.xls": biff(book())}, {"metrics": metrics}, channel="linkedin")


def test_wrong_files_say_where(read_bytes):
    with pytest.raises(SourceError, match=r"no Excel workbook[\s\S]*a\.xls"):
        read_bytes(READER, {"a.xls": "Date,Views\n"}, {}, channel="linkedin")
    with pytest.raises(SourceError, match=r'no file has the sheet "Visitor metrics" or[\s\S]*Location'):
        read_bytes(READER, {"a.xls": biff({"Location": [["Location", "Total views"], ["Milan", 1]]})}, {}, channel="l")
    asked = {"m": {"sheet": "Visitor metric", "column": "x"}}
    said = r'no file has the sheet "Visitor metric"[\s\S]*Did you mean "Visitor metrics"'
    with pytest.raises(SourceError, match=said):
        read_bytes(READER, {"a.xls": biff(book())}, {"metrics": asked}, channel="linkedin")
    asked = {"m": {"sheet": "Visitor metrics", "column": "Total page view (total)"}}
    with pytest.raises(SourceError, match=r'no column "Total page view \(total\)"[\s\S]*sheet "Visitor metrics"'):
        read_bytes(READER, {"a.xls": biff(book())}, {"metrics": asked}, channel="linkedin")
    sheets = book()
    sheets["Update metrics (aggregated)"][4][3] = "1,204"
    with pytest.raises(SourceError, match=r'"1,204" is not a number[\s\S]*\(aggregated\)", row 5, column "Impress'):
        read_bytes(READER, {"a.xls": biff(sheets)}, {}, channel="linkedin")
    sheets = book()
    sheets["Visitor metrics"][2][0] = "soon"
    with pytest.raises(SourceError, match=r'"soon"[\s\S]*a\.xls, sheet "Visitor metrics", row 3, column "Date"'):
        read_bytes(READER, {"a.xls": biff(sheets)}, {}, channel="linkedin")
    sheets["Visitor metrics"] = [["one"], ["two"], ["three"], *book()["Visitor metrics"]]
    with pytest.raises(SourceError, match=r'first column is "one", not "Date"[\s\S]*sheet "Visitor metrics", row 1'):
        read_bytes(READER, {"a.xls": biff(sheets)}, {}, channel="linkedin")
    with pytest.raises(CaseError, match="number of posts itself"):
        read_bytes(READER, {"a.xls": biff(book())}, {"metrics": {"posts": asked["m"]}}, channel="linkedin")


@pytest.mark.parametrize("write", [biff, xlsx])
def test_content_since_2022_has_other_names_for_the_same(read_bytes, write):
    old = {name: rows for name, rows in book(20).items() if name.startswith("Update")}
    prose, header, *rows = old["Update metrics (aggregated)"]
    title, columns, *posts = old["Update Engagement"]
    renamed = [name.replace("Shares", "Reposts") for name in header]
    content = {
        "Metrics": [prose, renamed, *rows],
        "All posts": [title, ["Post title", "Post link", "Post type", *columns[3:]], *posts],
    }
    before = read_bytes(READER, {"a.xls": write(old)}, {}, channel="linkedin").measurements
    assert read_bytes(READER, {"a.xls": write(content)}, {}, channel="linkedin").measurements.equals(before)
    asked = {"shares": {"sheet": "Metrics", "column": "Reposts (total)"}}
    frame = read_bytes(READER, {"a.xls": write(content)}, {"metrics": asked}, channel="linkedin").measurements
    shares = before.loc[before["metric"] == "shares", "value"]
    assert frame.loc[frame["metric"] == "shares", "value"].tolist() == shares.tolist()


def test_followers_who_came_by_day(tmp_path, read_bytes):
    header = ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"]
    content = xlsx({"New followers": table(header, 20), "Location": [["Location", "Total followers"], ["Milan", 12]]})
    frame = read_bytes(READER, {"a.xlsx": content}, {}, channel="linkedin").measurements
    assert set(frame["metric"]) == {"new_followers"}
    assert frame["value"].sum() == raw_sums(content, "New followers", 0)["Total followers"]
    (tmp_path / "b.xlsx").write_bytes(content)
    assert detect(sample_of(tmp_path / "b.xlsx")).format == READER
    (tmp_path / "c.xlsx").write_bytes(xlsx({"Metrics": [["Date", "Sales"], ["01/13/2020", 5]]}))  # of any workbook
    assert detect(sample_of(tmp_path / "c.xlsx")).format is None
