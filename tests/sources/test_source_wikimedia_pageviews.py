"""Wikimedia page views: the tool's CSV, the REST answers, and the legacy counts that must not join them."""

import csv
import json

import pytest

from analysis.core.errors import CaseError, SourceError
from analysis.sources._detection import detect
from analysis.sources._recognising import sample_of

READER = "wikimedia_pageviews"
TOOL = 'Date,"Example Bank","Example Bank, Italy"\n2020-04-29,304,36\n2020-04-30,290,0\n2020-05-01,150,12\n'
BOTH = {"Example Bank": "Example Bank", "Example Bank, Italy": "Example Bank"}


def answer(views: dict[str, int | None], article="Example_Bank", **changes) -> str:
    base = {"project": "it.wikipedia", "granularity": "daily", "access": "all-access", "agent": "user"}
    named = {"article": article} if article else {}
    return json.dumps({"items": [base | named | {"timestamp": day, "views": n} | changes for day, n in views.items()]})


def legacy(counts: dict[str, int], **changes) -> str:
    base = {"project": "it.wikipedia", "access-site": "all-sites", "granularity": "monthly"}
    return json.dumps({"items": [base | {"timestamp": day, "count": n} | changes for day, n in counts.items()]})


def views(read_bytes, contents, options=None, **source):
    contents = contents if isinstance(contents, dict) else {"a.json": contents}
    return read_bytes(READER, contents, options or {}, **({"channel": "wikipedia"} | source))


def listed(reading):
    return [(f"{row.date:%Y-%m-%d}", row.metric, row.value, row.row) for row in reading.measurements.itertuples()]


def test_the_tools_table_adds_a_units_articles(read_bytes):
    reading = views(read_bytes, {"pageviews-20200429-20200501.csv": TOOL}, {"articles": BOTH})
    raw = list(csv.reader(TOOL.splitlines()))[1:]
    assert listed(reading) == [(day, "page_views", int(a) + int(b), n) for n, (day, a, b) in enumerate(raw, start=2)]
    assert [note.finding for note in reading.notes] == ["counted differently from a day on"]
    one = views(read_bytes, {"a.csv": TOOL}, {"articles": {"Example Bank": "Bank"}})
    assert one.measurements["value"].sum() == sum(int(row[1]) for row in raw)
    assert [note.count for note in one.notes if note.finding == "article not listed"] == [1]


def test_a_change_of_counting_is_told_where_it_falls_inside(read_bytes):
    inside, outside = ["2020043000", "2020050100"], ["2020050100", "2020050200"]
    for stamps, times in ((inside, 1), (outside, 0), ([inside[0]], 0)):
        reading = views(read_bytes, answer(dict.fromkeys(stamps, 5)))
        assert len([n for n in reading.notes if n.finding == "counted differently from a day on"]) == times
        spiders = views(read_bytes, answer(dict.fromkeys(stamps, 5), agent="spider"), {"agent": "spider"})
        assert spiders.notes == ()


def test_local_dates_before_2016_and_months(read_bytes):
    american = TOOL
    for day, written in (("2020-04-29", "1/29/2016"), ("2020-04-30", "1/30/2016"), ("2020-05-01", "1/31/2016")):
        american = american.replace(day, written)
    reading = views(read_bytes, {"a.csv": american}, {"articles": BOTH, "date_format": "%m/%d/%Y"})
    assert [row[0] for row in listed(reading)] == ["2016-01-29", "2016-01-30", "2016-01-31"]
    with pytest.raises(SourceError, match=r"not a date in the format %Y-%m-%d[\s\S]*a\.csv, row 2"):
        views(read_bytes, {"a.csv": american}, {"articles": BOTH})
    months = "Date,Example Bank\n2021-01,5\n2021-02,6\n"
    reading = views(read_bytes, {"a.csv": months})
    assert [row[0] for row in listed(reading)] == ["2021-01-01", "2021-02-01"]
    assert [(note.finding, note.count) for note in reading.notes] == [("values by month", 2)]


def test_answers_of_two_windows_join_and_gaps_are_told(read_bytes):
    first, second = {"2019010100": 5, "2019010200": 7}, {"2019010200": 7, "2019010400": None, "2019010500": 9}
    reading = views(read_bytes, {"a.json": answer(first), "b.json.gz": answer(second)})
    assert listed(reading) == [
        ("2019-01-01", "page_views", 5, 1), ("2019-01-02", "page_views", 7, 2), ("2019-01-05", "page_views", 9, 3),
    ]  # fmt: skip
    assert reading.measurements["value"].sum() == sum(n for n in (first | second).values() if n)
    assert {note.finding: note.count for note in reading.notes} == {
        "overlap": 1, "gap between exports": 1, "absent values": 1,
    }  # fmt: skip
    with pytest.raises(SourceError, match=r"disagree[\s\S]*a\.json, row 2 and b\.json, row 1"):
        views(read_bytes, {"a.json": answer(first), "b.json": answer(second | {"2019010200": 8})})


def test_dates_that_not_all_articles_have_are_left_out(read_bytes):
    contents = {
        "a.json": answer({"2019010100": 5, "2019010200": 7}),
        "b.json": answer({"2019010100": 50}, project="en.wikipedia"),
    }
    units = {"it.wikipedia/Example_Bank": "Bank", "en.wikipedia/Example_Bank": "Bank"}
    reading = views(read_bytes, contents, {"articles": units})
    assert listed(reading) == [("2019-01-01", "page_views", 55, 1)]
    assert [(n.finding, n.count) for n in reading.notes] == [("date without all articles", 1)]
    with pytest.raises(SourceError, match=r'"Example Bank" names 2 series[\s\S]*it\.wikipedia/Example_Bank'):
        views(read_bytes, contents, {"articles": {"Example Bank": "Bank"}})
    with pytest.raises(SourceError, match=r"2 series and the case does not say"):
        views(read_bytes, contents)
    with pytest.raises(SourceError, match=r'no series "Exampel Bank"'):
        views(read_bytes, contents, {"articles": {"Exampel Bank": "Bank"}})


def test_legacy_counts_are_another_metric(read_bytes):
    old = legacy({"2014010100": 900, "2014020100": 800})
    reading = views(read_bytes, old)
    assert listed(reading) == [
        ("2014-01-01", "legacy_page_counts", 900, 1), ("2014-02-01", "legacy_page_counts", 800, 2),
    ]  # fmt: skip
    new = answer({"2015080100": 400, "2015090100": 500}, article="", granularity="monthly")
    with pytest.raises(SourceError, match=r"do not continue each other[\s\S]*a\.json, b\.json[\s\S]*metrics:"):
        views(read_bytes, {"a.json": old, "b.json": new})
    both = views(read_bytes, {"a.json": old, "b.json": new}, {"metrics": ["page_views", "legacy_page_counts"]})
    assert both.measurements.groupby("metric")["value"].sum().to_dict() == {
        "legacy_page_counts": 1_700, "page_views": 900,
    }  # fmt: skip
    with pytest.raises(SourceError, match=r"hold legacy_page_counts, the case says page_views"):
        views(read_bytes, old, {"metrics": ["page_views"]})


def test_what_counts_differently_is_not_joined(read_bytes):
    users = answer({"2019010100": 5})
    with pytest.raises(SourceError, match=r"agent all-agents, the case asks for user[\s\S]*a\.json"):
        views(read_bytes, answer({"2019010100": 5}, agent="all-agents"))
    assert len(views(read_bytes, answer({"2019010100": 5}, agent="spider"), {"agent": "spider"}).measurements) == 1
    other = answer({"2019010200": 5}, access="desktop")
    with pytest.raises(SourceError, match=r"all-access, user, daily and desktop[\s\S]*a\.json and b\.json"):
        views(read_bytes, {"a.json": users, "b.json": other})
    with pytest.raises(SourceError, match="a CSV, silent"):
        views(read_bytes, {"a.csv": TOOL, "b.json": users})


@pytest.mark.parametrize(("text", "says"), [
    ('{"items": [', r"not sound JSON[\s\S]*a\.json"),
    ("[" * 100_000, "not sound JSON"),
    ('{"items": [{"timestamp": "2019010100", "views": 3, "views": 9}]}',
     r'the key "views" is given twice in the item of .2019010100.: 3, 9'),
    ('{"items": []}', "no items"),
    ("[1]", "no items"),
    ('{"type": "error", "title": "Not found.", "detail": "no data for this date"}', "no data for this date"),
    ('{"items": [5]}', r"not an object[\s\S]*item 1"),
    (answer({"2019010100": -5}), r"is -5, not a count[\s\S]*item 1"),
    (answer({"2019010100": 5.5}), "not a count"),
    (answer({"2019010100": True}), "not a count"),
    (answer({"2019010100": 5}, count=5), 'needs "views"'),
    (answer({"2019010100": 5}, agent=None), '"agent" is missing'),
    (answer({"2019010103": 5}), r"is not a day[\s\S]*item 1"),
    (answer({"2019139900": 5}), "not a date"),
    (answer({"2019010100": 5}, granularity="hourly"), 'granularity is "hourly"'),
    ("Title,Views\nExample Bank,5\n", r'first column is "Title"[\s\S]*row 1'),
    ("Date,Example Bank\n2021-01-01,5.2k\n", r'row 2, column "Example Bank"'),
    ("Date,A,A\n2021-01-01,5,5\n", "is there 2 times"),
    ("Date,A,B\n2021-01-01,5\n", "cut short"),
])  # fmt: skip
def test_other_answers_are_refused(read_bytes, text, says):
    with pytest.raises(SourceError, match=says):
        views(read_bytes, text)


def test_options_that_make_no_sense(read_bytes):
    with pytest.raises(CaseError, match="metrics"):
        views(read_bytes, TOOL, {"metrics": ["views"]})
    with pytest.raises(CaseError, match="channel"):
        views(read_bytes, {"a.csv": TOOL}, {"articles": BOTH}, channel=None)
    with pytest.raises(SourceError, match="one value a day"):
        views(read_bytes, {"a.csv": TOOL}, {"articles": BOTH}, period="week")


def test_the_items_of_an_answer_saved_as_a_table(tmp_path, read_bytes):
    item = answer({"2020050100": 5, "2020050200": 7})
    rows = json.loads(item)["items"]
    lines = [",".join(["", *rows[0]]), *(",".join([str(n), *map(str, row.values())]) for n, row in enumerate(rows))]
    text = "\n".join(lines) + "\n"
    one, two = views(read_bytes, item), views(read_bytes, {"a.csv": text.replace(",7\n", ",7.0\n")})
    assert [row[:3] for row in listed(two)] == [row[:3] for row in listed(one)]
    (tmp_path / "b.csv").write_text(text)
    assert detect(sample_of(tmp_path / "b.csv")).format == READER
    with pytest.raises(SourceError, match=r'"views" is \'x\', not a count[\s\S]*a\.csv, row 3'):
        views(read_bytes, {"a.csv": text.replace(",7\n", ",x\n")})


def test_the_tools_table_saved_again_is_known_by_its_name(tmp_path):
    plain = "Date,Example Bank,Other\n2020-04-29,304,36\n"
    for name, format in (("pageviews-20200429-20200501.csv", READER), ("a.csv", "measurements_csv")):
        (tmp_path / name).write_text(plain)
        assert detect(sample_of(tmp_path / name)).format == format
