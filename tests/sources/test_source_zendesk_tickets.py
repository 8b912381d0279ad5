"""Zendesk tickets: first replies on the calendar, nobody's name read, the ids not rounded."""

import csv
import io
from collections import Counter

import pandas as pd
import pytest

from analysis.core.errors import CaseError, SourceError

READER = "zendesk_tickets"
HEADER = [
    "Summation column", "Id", "Requester", "Requester id", "Requester external id", "Requester email",
    "Requester domain", "Submitter", "Assignee", "Group", "Subject", "Tags", "Status", "Priority", "Via", "Ticket type",
    "Created at", "Updated at", "Assigned at", "Organization", "Due date", "Initially assigned at", "Solved at",
    "Resolution time", "Satisfaction Score", "Group stations", "Assignee stations", "Reopens", "Replies",
    "First reply time in minutes", "First reply time in minutes within business hours",
    "First resolution time in minutes", "First resolution time in minutes within business hours",
    "Full resolution time in minutes", "Full resolution time in minutes within business hours",
    "Agent wait time in minutes", "Agent wait time in minutes within business hours",
    "Requester wait time in minutes", "Requester wait time in minutes within business hours",
    "On hold time in minutes", "On hold time in minutes within business hours", "Category [list]",
]  # fmt: skip
WORDS = {"Mail": "email", "Twitter": "twitter"}


def ticket(number: str, created: str, solved: str, minutes: str, via: str = "Mail", **changes: str) -> dict[str, str]:
    return {
        "Summation column": "1", "Id": number, "Requester": "Invented Person", "Requester email": "x@example.org",
        "Subject": "my card,\nagain", "Via": via, "Created at": created, "Solved at": solved, "Group": "Cards",
        "First reply time in minutes": minutes, "First reply time in minutes within business hours": "1",
    } | changes  # fmt: skip


ROWS = [
    ticket("104", "2019-03-31 01:30", "2019-04-02 09:00", "90"),  # the clock skips from 02:00 to 03:00
    ticket("101", "2019-03-30 23:50", "", "", "Twitter"),
    ticket("102", "2019-03-30 10:00", "2019-03-30 10:07", "7"),
    ticket("103", "2019-03-30 11:00", "2019-03-30 12:00", "0", "Twitter"),
]


def tickets(read_bytes, contents, options=None, **source):
    contents = contents if isinstance(contents, dict) else {"a.csv": contents}
    return read_bytes(READER, contents, {"channel_map": WORDS} | (options or {}), **source)


def test_tickets_become_cases_with_their_first_reply(read_bytes, export):
    text = "\ufeff" + export(HEADER, ROWS)
    reading = tickets(read_bytes, text)
    cases = reading.cases.set_index("case_id")
    waits = (cases["taken_in_charge"] - cases["opened"]).dropna() / pd.Timedelta(minutes=1)
    raw = list(csv.DictReader(io.StringIO(export(HEADER, ROWS), newline="")))
    told = "First reply time in minutes"
    assert waits.to_dict() == {row["Id"]: float(row[told]) for row in raw if row[told]}
    assert cases["taken_in_charge"]["104"] == pd.Timestamp("2019-03-31T04:00:00+02:00")
    assert cases["closed"].notna().sum() == sum(bool(row["Solved at"]) for row in raw)
    assert cases["row"].to_dict() == {"104": 2, "101": 4, "102": 6, "103": 8}
    assert [(note.finding, note.count) for note in reading.notes] == [("ticket without a first reply", 1)]
    frame = reading.measurements
    expected = Counter((row["Created at"][:10], WORDS[row["Via"]]) for row in raw)
    assert {(f"{row.date:%Y-%m-%d}", row.channel): row.value for row in frame.itertuples()} == expected
    assert set(frame["metric"]) == {"contacts"}


def test_no_words_or_names_are_kept(read_bytes, export):
    reading = tickets(read_bytes, export(HEADER, ROWS), {"fields": {"group": "Group"}})
    kept = reading.cases.to_csv() + reading.measurements.to_csv() + str(reading.notes)
    assert "Cards" in kept
    assert not any(word in kept for word in ("Invented", "example.org", "my card"))
    for heading in ("Requester email", "Subject", "Assignee", "Tags"):
        with pytest.raises(CaseError, match="holds people or their words"):
            tickets(read_bytes, export(HEADER, ROWS), {"fields": {"x": heading}})


def test_two_exports_and_the_rules_for_them(read_bytes, export):
    first, second = export(HEADER, ROWS[:2]), export(HEADER, ROWS[1:])
    contents = {"a.csv": first, "b.csv": second}
    with pytest.raises(SourceError, match=r"101 is given twice[\s\S]*a\.csv, row 4 and b\.csv, row 2"):
        tickets(read_bytes, contents)
    reading = tickets(read_bytes, contents, {"duplicates": "keep_first"})
    assert reading.measurements["value"].sum() == 4
    assert {note.finding: note.count for note in reading.notes} == {
        "case given twice": 1, "ticket without a first reply": 1,
    }  # fmt: skip
    assert (reading.cases["taken_in_charge"] - reading.cases["opened"]).sum() == pd.Timedelta(minutes=97)


def test_exports_without_some_columns(read_bytes, export):
    header = [name for name in HEADER if name not in ("First reply time in minutes", "Via", "Solved at")]
    text = export(header, [{key: value for key, value in row.items() if key in header} for row in ROWS])
    with pytest.raises(CaseError, match="go together"):
        read_bytes(READER, {"a.csv": text}, {}, channel="email")
    options = {"channel": None, "closed": None, "first_reply": None}
    reading = read_bytes(READER, {"a.csv": text}, options, channel="email")
    assert set(reading.cases["channel"]) == {"email"}
    assert "taken_in_charge" not in reading.cases
    with pytest.raises(SourceError, match=r'no column "First reply time in minutes"[\s\S]*a\.csv, row 1'):
        read_bytes(READER, {"a.csv": text}, options | {"first_reply": HEADER[29]}, channel="email")
    with pytest.raises(CaseError, match="cannot be put on the calendar"):
        tickets(read_bytes, text, {"first_reply": HEADER[30]})
    with pytest.raises(CaseError, match="a name the reader uses itself"):
        tickets(read_bytes, text, {"fields": {"taken_in_charge": "Group"}})


@pytest.mark.parametrize(("changes", "says"), [
    ({"Id": "1.03E+13"}, r'rounded the id "1\.03E\+13"[\s\S]*a\.csv, row 2, column "Id"'),
    ({"Id": ""}, "no id"),
    ({"Created at": "08-04-2019 20:52"}, r'not a date in the format %Y-%m-%d %H:%M[\s\S]*row 2, column "Created at"'),
    ({"Solved at": "soon"}, r'row 2, column "Solved at"'),
    ({"Solved at": "2019-03-30 01:00"}, r"closed[\s\S]*before it was opened[\s\S]*row 2"),
    ({"Via": "Fax"}, r'"Fax" is not a channel[\s\S]*row 2, column "Via"'),
    ({"First reply time in minutes": "1,527"}, r'row 2, column "First reply time in minutes"'),
    ({"First reply time in minutes": "-4"}, "negative"),
])  # fmt: skip
def test_bad_rows_are_named(read_bytes, export, changes, says):
    with pytest.raises(SourceError, match=says):
        tickets(read_bytes, export(HEADER, [ROWS[0] | changes]))


def test_a_cut_file_is_refused(read_bytes, export):
    with pytest.raises(SourceError, match="cut short"):
        tickets(read_bytes, export(HEADER, ROWS)[:-60])
