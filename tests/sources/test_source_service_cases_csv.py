"""Service cases: local time carried through both clock changes, contacts a day and channel."""

import time
from collections import Counter
from datetime import datetime

import pandas as pd
import pytest

from analysis.core.errors import CaseError, SourceError

READER = "service_cases_csv"
OPTIONS = {
    "id": "id", "opened": "opened", "closed": "closed", "channel": "source", "date_format": "%m/%d/%Y %I:%M:%S %p",
    "channel_map": {"Call": "phone", "App": "app", "Fax": "other"}, "fields": {"reason": "reason"},
}  # fmt: skip
LARGEST_READING_SECONDS = 5.0  # the 121,145 real cases; measured at about 2.2 s


def read(read_fixture, time_zone="Europe/Rome", **changes):
    return read_fixture(READER, ["cases.csv"], OPTIONS | changes, time_zone=time_zone)


def table(*rows: str) -> dict[str, str]:
    return {"a.csv": "\n".join(["id,opened,closed,source,reason", *rows]) + "\n"}


def test_cases_carry_their_time_zone(read_fixture):
    cases = read(read_fixture).cases
    assert cases.columns.tolist() == ["case_id", "opened", "closed", "channel", "file", "row", "reason"]
    assert str(cases["opened"].dt.tz) == str(cases["closed"].dt.tz) == "Europe/Rome"
    assert cases["closed"].isna().tolist() == [False, True, False, False, True, True]
    assert cases["row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert cases["reason"][3] == "loan, new"


def test_due_dates_are_moments_and_may_be_missing(read_fixture, read_bytes):
    rows = ("1,03/01/2019 09:00:00 AM,,App,03/03/2019 05:00:00 PM", "2,03/01/2019 10:00:00 AM,,App,")
    cases = read_bytes(READER, table(*rows), OPTIONS | {"due": "reason", "fields": {}}).cases
    assert cases["due"][0] == pd.Timestamp("2019-03-03 17:00", tz="Europe/Rome")
    assert pd.isna(cases["due"][1])
    assert "due" not in read(read_fixture).cases
    with pytest.raises(SourceError, match="is not a date in the format"):
        read_bytes(READER, table(rows[0].replace("05:00", "25:00")), OPTIONS | {"due": "reason", "fields": {}})


def test_contacts_count_the_local_days(read_fixture, fixtures, plain):
    frame = read(read_fixture).measurements
    rows = plain(fixtures / "cases.csv")[1:]
    days = [datetime.strptime(row[1], "%m/%d/%Y %I:%M:%S %p").strftime("%Y-%m-%d") for row in rows]
    expected = Counter((day, OPTIONS["channel_map"][row[3]]) for day, row in zip(days, rows, strict=True))
    assert {(f"{row.date:%Y-%m-%d}", row.channel): row.value for row in frame.itertuples()} == expected
    assert set(frame["metric"]) == {"contacts"}
    assert frame.query("channel == 'app'")["row"].tolist() == [4, 7]


def test_the_skipped_hour_is_an_hour_later_and_told(read_fixture):
    reading = read(read_fixture)
    assert reading.cases["opened"][1] == pd.Timestamp("2019-03-31T03:30:00+02:00")
    assert [note.count for note in reading.notes if note.finding == "clock time that was skipped"] == [1]


@pytest.mark.parametrize(("rule", "offset"), [("first", "+02:00"), ("second", "+01:00")])
def test_the_repeated_hour_follows_the_declared_rule(read_fixture, rule, offset):
    cases = read(read_fixture, dst=rule, closing_before_opening="drop_closing").cases
    assert cases["opened"][3] == pd.Timestamp(f"2019-10-27T02:20:00{offset}")


def test_a_closing_in_the_repeated_hour_is_not_before_its_opening(read_fixture):
    reading = read(read_fixture)
    assert reading.cases["closed"][2] == pd.Timestamp("2019-10-27T02:05:00+01:00")
    assert (reading.cases["closed"] - reading.cases["opened"])[2] == pd.Timedelta(minutes=50)
    told = [note.count for note in reading.notes if note.finding == "clock time shown twice"]
    assert told == [2, 1]


def test_the_sources_own_zone_comes_first(read_fixture):
    reading = read(read_fixture, time_zone="America/New_York", closing_before_opening="drop_closing")
    assert reading.time_zone == str(reading.cases["opened"].dt.tz) == "America/New_York"


def test_times_with_an_offset_become_local(read_bytes):
    content = {"a.csv": "id,at\n1,2019-05-31 23:30 +0000\n"}
    options = {"id": "id", "opened": "at", "date_format": "%Y-%m-%d %H:%M %z"}
    reading = read_bytes(READER, content, options, channel="email")
    assert reading.cases["opened"][0] == pd.Timestamp("2019-06-01T01:30:00+02:00")
    assert f"{reading.measurements['date'][0]:%Y-%m-%d}" == "2019-06-01"


def test_unmapped_channels(read_fixture):
    partial = {"channel_map": {"Call": "phone", "App": "app"}}
    with pytest.raises(SourceError, match=r'"Fax" is not a channel[\s\S]*cases\.csv, row 6, column "source"'):
        read(read_fixture, **partial)
    dropped = read(read_fixture, **partial, unknown_channel="drop")
    assert set(dropped.cases["channel"]) == {"phone", "app"}
    assert [(n.count, n.detail) for n in dropped.notes if n.finding == "channel not mapped"] == [(1, '"Fax": left out')]
    kept = read(read_fixture, **partial, unknown_channel="other")
    assert kept.cases["channel"][4] == "other"


def test_a_word_of_the_map_that_no_row_has_is_told(read_fixture):
    reading = read(read_fixture, channel_map=OPTIONS["channel_map"] | {"Chatt": "chat"})
    assert [note.detail for note in reading.notes if note.count == 0] == ['channel_map leads to "chat", no row does']


def test_closed_before_opened(read_bytes):
    content = table("c1,05/01/2019 10:00:00 AM,05/01/2019 09:00:00 AM,Call,x", "c2,05/01/2019 10:00:00 AM,,App,x")
    with pytest.raises(SourceError, match=r"c1 was closed[\s\S]*a\.csv, row 2"):
        read_bytes(READER, content, OPTIONS)
    reading = read_bytes(READER, content, OPTIONS | {"closing_before_opening": "drop_closing"})
    assert reading.cases["closed"].isna().all()
    assert [note.count for note in reading.notes if note.finding == "closed before opened"] == [1]


def test_a_case_twice(read_bytes):
    content = table(*[f"c1,05/0{day}/2019 10:00:00 AM,,Call,x" for day in (1, 2)])
    with pytest.raises(SourceError, match=r"c1 is given twice[\s\S]*row 2 and a\.csv, row 3"):
        read_bytes(READER, content, OPTIONS)
    reading = read_bytes(READER, content, OPTIONS | {"duplicates": "keep_first"})
    assert reading.measurements["value"].tolist() == [1.0]
    assert [note.count for note in reading.notes if note.finding == "case given twice"] == [1]


def test_days_without_a_case_are_not_filled(read_bytes):
    content = table(*[f"c{day},05/0{day}/2019 10:00:00 AM,,Call,x" for day in (1, 4)])
    assert len(read_bytes(READER, content, OPTIONS).measurements) == 2


@pytest.mark.parametrize(("row", "says"), [
    ("c1,05/01/2019 13:00:00 PM,,Call,x", 'row 2, column "opened"'),
    ("c1,,,Call,x", "date is empty"),
    ("c1,05/01/2019 10:00:00 AM,soon,Call,x", 'row 2, column "closed"'),
    ("c1,05/01/1019 10:00:00 AM,,Call,x", "plausible"),
    (",05/01/2019 10:00:00 AM,,Call,x", "no id"),
    ("c1,05/01/2019 10:00:00 AM,,Call", "cut short"),
])  # fmt: skip
def test_bad_rows_are_named(read_bytes, row, says):
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, table(row), OPTIONS)


@pytest.mark.parametrize(("changes", "says"), [
    ({"channel_map": {}}, "go together"),
    ({"fields": {"row": "reason"}}, "uses itself"),
    ({"date_format": "%m/%d/%Y %I:%M"}, "%p"),
    ({"date_format": "%m/%d/%Y %H:%M %Z"}, "not a date format|ambiguous"),
    ({"unknown_channel": "ignore"}, "refuse"),
])  # fmt: skip
def test_options_that_make_no_sense(read_fixture, changes, says):
    with pytest.raises(CaseError, match=says):
        read(read_fixture, **changes)


def test_the_real_cases_are_read_whole_and_quickly(real, real_folder, plain):
    words = {"Constituent Call": "phone", "Citizens Connect App": "app", "Self Service": "website"}
    options = {
        "id": "CASE_ENQUIRY_ID", "opened": "OPEN_DT", "closed": "CLOSED_DT", "channel": "Source",
        "date_format": "%m/%d/%Y %I:%M:%S %p", "channel_map": words, "unknown_channel": "other",
        "closing_before_opening": "drop_closing",
    }  # fmt: skip
    begun = time.process_time()
    reading = real("boston-311", READER, ["cases.csv.gz"], options, time_zone="America/New_York")
    taken = time.process_time() - begun
    header, *rows = plain(real_folder / "boston-311" / "cases.csv.gz")
    assert len(reading.cases) == len(rows) == 121_145
    expected = Counter((row[header.index("OPEN_DT")][:10], words.get(row[-1], "other")) for row in rows)
    frame = reading.measurements
    found = {(f"{row.date:%m/%d/%Y}", row.channel): row.value for row in frame.itertuples()}
    assert found == expected
    moments = [[row[header.index(name)] for name in ("OPEN_DT", "CLOSED_DT")] for row in rows]
    never = sum(not closed for _, closed in moments)
    read_times = [[datetime.strptime(cell, options["date_format"]) for cell in pair] for pair in moments if pair[1]]
    backwards = sum(closed < opened for opened, closed in read_times)
    assert reading.cases["closed"].isna().sum() == never + backwards
    assert [note.count for note in reading.notes if note.finding == "closed before opened"] == [backwards]
    assert taken < LARGEST_READING_SECONDS
