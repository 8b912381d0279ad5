"""Google Analytics 4: nine lines above the table, rows by value, people that do not add up."""

import csv

import pandas as pd
import pytest

from analysis.core.errors import CaseError, SourceError

READER = "google_analytics_4"
HEADER = "Date,Event count,Total users,Event count per user,Average session duration,New users,Returning users"
ROWS = [
    "20190602,900,90,10,61.5,40,50", "20190531,500,70,7.142857142857143,60,30,40", "20190601,20,4,5,12.25,4,0",
]  # fmt: skip


def report(rows, header=HEADER, start="20190531", end="20190602", name="www.example.org - GA4", audience="All Users"):
    """The export of an invented property."""
    line = "# " + "-" * 40
    above = [
        line, "# Report CSV Export", "# Account: EXAMPLE", f"# Property: {name}", line, "# ", f"# {audience}",
        f"# Start date: {start}", f"# End date: {end}",
    ]  # fmt: skip
    return "\r\n".join([*above, header, *rows]) + "\r\n"


def analytics(read_bytes, contents, options=None, **source):
    contents = contents if isinstance(contents, dict) else {"a.csv": contents}
    return read_bytes(READER, contents, options or {}, **({"channel": "website"} | source))


def test_rows_by_value_are_put_in_order_and_keep_their_line(read_bytes):
    reading = analytics(read_bytes, report(ROWS))
    frame = reading.measurements
    raw = {row["Date"]: row for row in csv.DictReader([HEADER, *ROWS])}
    for metric, heading in (("events", "Event count"), ("new_users", "New users")):
        own = frame[frame["metric"] == metric]
        assert own["value"].tolist() == [float(raw[day][heading]) for day in sorted(raw)]
        assert own["row"].tolist() == [12, 13, 11]
    assert set(frame["metric"]) == {"events", "new_users"}
    assert reading.notes == ()


def test_people_and_rates_are_read_when_named_and_told(read_bytes):
    named = {"metrics": {"users": "Total users", "duration": "Average session duration", "events": "Event count"}}
    reading = analytics(read_bytes, report(ROWS), named)
    assert reading.measurements.query("metric == 'users'")["value"].tolist() == [70, 4, 90]
    told = [note.detail.split(" ")[0] for note in reading.notes if note.finding == "people, a rate or an average"]
    assert told == ["users", "duration"]


def test_windows_join_and_missing_days_are_told(read_bytes):
    later = report(["20190605,70,7,10,60,3,4", "20190602,900,90,10,61.5,40,50"], start="20190602", end="20190606")
    reading = analytics(read_bytes, {"a.csv": report(ROWS), "b.csv": later})
    events = reading.measurements.query("metric == 'events'")
    assert events["value"].tolist() == [500, 20, 900, 70]
    assert {note.finding: note.count for note in reading.notes} == {
        "fewer days than the file names": 3, "overlap": 1, "gap between exports": 2,
    }  # fmt: skip
    changed = later.replace("20190602,900", "20190602,901")
    with pytest.raises(SourceError, match=r"disagree[\s\S]*a\.csv, row 11 and b\.csv, row 12"):
        analytics(read_bytes, {"a.csv": report(ROWS), "b.csv": changed})


def test_two_properties_or_audiences_are_not_joined(read_bytes):
    for change in ({"name": "shop.example.org - GA4"}, {"audience": "Italy"}):
        other = report(["20190603,70,7,10,60,3,4"], start="20190603", end="20190603", **change)
        with pytest.raises(SourceError, match=r"not of the same thing[\s\S]*a\.csv and b\.csv"):
            analytics(read_bytes, {"a.csv": report(ROWS), "b.csv": other})


@pytest.mark.parametrize(("text", "says"), [
    (HEADER + "\n20190531,5,5,1,1,1,1\n", r"not a report as exported[\s\S]*rows 1 to 1"),
    (report([*ROWS, "", "# Second table", "Nth day,Users", "0,5"]), r"second table begins[\s\S]*row 15"),
    (report(["20190603,5,5,1,1,1,1"]), r"outside the period[\s\S]*2019-06-02[\s\S]*row 11"),
    (report(["2019-06-01,5,5,1,1,1,1"]), r"not a date in the format %Y%m%d[\s\S]*row 11"),
    (report([ROWS[0], ROWS[0]]), r"twice in one file[\s\S]*row 11 and a\.csv, row 12"),
    (report(['20190601,"1,020",5,1,1,1,1']), r'row 11, column "Event count"[\s\S]*thousands'),
    (report(["20190601,-1,5,1,1,1,1"]), "negative"),
    (report(["20190601,5"]), r"cut short[\s\S]*row 11"),
    (report([]), "no rows"),
    (report(["Italy,5"], header="Country,Event count"), r'no column "Date"[\s\S]*row 10'),
    (report(["20190601,5"], header="Date,Total users"), r"none of the columns[\s\S]*row 10"),
    (report(["20190601,5,5"], header="Date,Event count,Event count"), "is there 2 times"),
    (report(ROWS, start="31/05/2019"), r"not a date[\s\S]*row 8"),
])  # fmt: skip
def test_other_files_are_refused(read_bytes, text, says):
    with pytest.raises(SourceError, match=says):
        analytics(read_bytes, text)


def test_a_declared_point_does_not_divide_events(read_bytes):
    rows = ["20190531,1.234,70,3.5,60,30,40", "20190601,2.345,4,5,12.25,4,0"]
    with pytest.raises(SourceError, match=r'rows 11, 12, column "Event count"[\s\S]*without separators'):
        analytics(read_bytes, report(rows, end="20190601"), {"decimal": "."})
    named = {"metrics": {"per_user": "Event count per user"}, "decimal": "."}
    read = analytics(read_bytes, report(["20190531,5,70,3.512,60,30,40"], end="20190531"), named)
    assert read.measurements["value"].tolist() == [3.512]


def test_a_column_or_channel_that_is_not_there(read_bytes):
    with pytest.raises(SourceError, match=r'no column "Event counts"[\s\S]*row 10[\s\S]*"Event count"'):
        analytics(read_bytes, report(ROWS), {"metrics": {"events": "Event counts"}})
    with pytest.raises(CaseError, match="channel"):
        analytics(read_bytes, report(ROWS), channel=None)


def blocks(*tables: str, labels=("Start date", "End date")) -> str:
    """A report of several tables, each under its own period."""
    line = "# " + "-" * 40
    head = [line, "# Reports snapshot", "# Account: EXAMPLE", "# Property: www.example.org", line]
    first, last = labels
    below = [f"#  \n# {first}: 20190531\n# {last}: 20190602\n{table}\n" for table in tables]
    return "\n".join([*head, *below])


def test_of_several_tables_those_by_day_are_read(read_bytes):
    text = blocks("Event name,Event count\nscroll,9\n", "Nth day,Views\n0000,5\n0001,0\n0002,7\n", "Nth day,Revenue\n",
                  "Nth day,Event count\n0000,50\n0002,70\n")  # fmt: skip
    text += "\n# Start date: 20180531\n# End date: 20180602\nNth day,Views\n0000,1\n0001,2\n0002,3\n"
    reading = analytics(read_bytes, text)
    found = {(row.metric, f"{row.date:%m-%d}"): (row.value, row.row) for row in reading.measurements.itertuples()}
    lines = text.split("\n")
    expected = {("page_views", f"{day:%m-%d}"): (value, lines.index(f"{n:04},{value}") + 1)
                for n, (day, value) in enumerate(zip(pd.date_range("2019-05-31", periods=3), (5, 0, 7), strict=True))}
    expected[("events", "05-31")] = (50, lines.index("0000,50") + 1)
    expected[("events", "06-02")] = (70, lines.index("0002,70") + 1)
    assert found == expected
    told = [note.detail.split(": ")[0].split(", ")[1] for note in reading.notes if note.finding == "table left out"]
    assert told == ["not by day", "without a row", "of another period"]


def test_another_language_is_read_by_what_the_tables_hold(read_bytes):
    labels = ("Fecha de inicio", "Fecha de finalización")
    text = blocks("Día N,Usuarios nuevos\n0000,5\n0001,0\n0002,7\n", labels=labels)
    reading = analytics(read_bytes, text)
    assert reading.measurements["value"].tolist() == [5, 0, 7]
    assert set(reading.measurements["metric"]) == {"new_users"}
    named = analytics(read_bytes, text.replace("Día N", "n. päev"), {"metrics": {"fresh": "Usuarios nuevos"}})
    assert named.measurements["value"].tolist() == [5, 0, 7]


def test_an_exploration_has_its_period_in_one_line_and_a_row_of_totals(read_bytes):
    text = "# ---\n# Free form 1\n# 20190531-20190601\n# ---\n\nDate,Sessions\n,30,Grand total\n"
    text += "20190531,10\n20190601,20\n"
    reading = analytics(read_bytes, text)
    assert reading.measurements[["value", "row"]].to_numpy().tolist() == [[10, 8], [20, 9]]
    assert [note.finding for note in reading.notes] == ["a row of totals"]


@pytest.mark.parametrize(("tables", "says"), [
    (("City,Users\nRome,5\n", "City,New users\nRome,5\n"), r"none of the 2 tables is by day[\s\S]*City,Users; City"),
    (("Nth week,Views\n0000,5\n0001,5\n",), 'no column "Date"; the first is "Nth week"'),
    (("Nth day,new\n0000,5\n0001,5\n0002,5\n",), "they are Nth day, new"),
])  # fmt: skip
def test_tables_that_are_not_by_day(read_bytes, tables, says):
    with pytest.raises(SourceError, match=says):
        analytics(read_bytes, blocks(*tables))
