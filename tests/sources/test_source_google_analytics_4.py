"""Google Analytics 4: nine lines above the table, rows by value, people that do not add up."""

import csv

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


def test_a_column_or_channel_that_is_not_there(read_bytes):
    with pytest.raises(SourceError, match=r'no column "Event counts"[\s\S]*row 10[\s\S]*"Event count"'):
        analytics(read_bytes, report(ROWS), {"metrics": {"events": "Event counts"}})
    with pytest.raises(CaseError, match="channel"):
        analytics(read_bytes, report(ROWS), channel=None)
