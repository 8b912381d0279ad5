"""The event log: stages by case, order held, tone of the first and last message, customers only as numbers."""

import pandas as pd
import pytest

from analysis.core.errors import SourceError

READER = "event_log_csv"
CHANNELS = [
    {"id": "twitter", "label": "Twitter", "role": "retained"},
    {"id": "chat", "label": "Chat", "role": "owned"},
]
OPTIONS = {
    "id": "ticket", "event": "what", "time": "when", "channel": "where", "customer": "who", "tone": "tone",
    "public": "open", "fields": {"customer_class": "class"},
}  # fmt: skip
HEAD = "ticket,what,when,where,who,tone,open,class"
GOOD = (
    "a,signal,2019-03-01 09:00:00,twitter,anna,negative,yes,private",
    "a,private_request,2019-03-01 09:20:00,twitter,anna,,no,private",
    "a,pool,2019-03-01 09:30:00,twitter,anna,,no,private",
    "a,taken_in_charge,2019-03-01 10:00:00,twitter,anna,,no,private",
    "a,outcome,2019-03-01 15:00:00,chat,anna,,no,private",
    "a,message,2019-03-01 16:00:00,chat,anna,positive,no,private",
    "b,signal,2019-03-02 11:00:00,chat,anna,neutral,no,business",
    "b,abandoned,2019-03-03 11:00:00,chat,anna,,no,business",
    "c,signal,2019-03-02 12:00:00,chat,bruno,positive,no,private",
)


def read(read_bytes, *rows: str, head: str = HEAD, **changes):
    text = "\n".join([head, *rows]) + "\n"
    return read_bytes(READER, {"log.csv": text}, OPTIONS | changes, channels=CHANNELS)


def test_one_row_a_case_with_the_moment_of_each_stage(read_bytes):
    cases = read(read_bytes, *GOOD).cases.set_index("case_id")
    assert list(cases.index) == ["a", "b", "c"]
    assert cases.loc["a", "private_request"] == pd.Timestamp("2019-03-01 09:20", tz="Europe/Rome")
    assert cases.loc["a", "closed"] == cases.loc["a", "outcome"] == pd.Timestamp("2019-03-01 15:00", tz="Europe/Rome")
    assert pd.isna(cases.loc["b", "closed"])
    assert cases.loc["b", "abandoned"] == pd.Timestamp("2019-03-03 11:00", tz="Europe/Rome")
    assert cases["is_public"].tolist() == [True, False, False]
    assert cases["customer_class"].tolist() == ["private", "business", "private"]


def test_tone_of_the_signal_and_of_the_last_message(read_bytes):
    cases = read(read_bytes, *GOOD).cases.set_index("case_id")
    assert cases["first_tone"].tolist() == ["negative", "neutral", "positive"]
    assert cases.loc["a", "last_tone"] == "positive"
    assert cases.loc[["b", "c"], "last_tone"].isna().all()  # never wrote back: not "unchanged"


def test_contacts_cases_channels_and_customers_are_kept_apart(read_bytes):
    cases = read(read_bytes, *GOOD).cases.set_index("case_id")
    assert cases["contacts"].tolist() == [2, 1, 1]
    assert cases["channels_used"].tolist() == [2, 1, 1]
    assert cases["customer"].nunique() == 2
    assert "anna" not in cases.to_csv()


def test_cases_begun_are_counted_by_local_day_and_channel(read_bytes):
    frame = read(read_bytes, *GOOD).measurements
    found = {(f"{row.date:%Y-%m-%d}", row.channel): row.value for row in frame.itertuples()}
    assert found == {("2019-03-01", "twitter"): 1, ("2019-03-02", "chat"): 2}
    assert set(frame["metric"]) == {"cases"}


LATE_POOL = GOOD[2].replace("09:30", "10:30")


@pytest.mark.parametrize(
    ("rows", "message", "row"),
    [
        ((GOOD[0], LATE_POOL, GOOD[3]), "taken_in_charge at .* comes before an earlier stage", "row 4"),
        ((GOOD[0], "a,outcome,2019-03-01 08:00:00,chat,anna,,no,private"), "outcome at .* comes before", "row 3"),
        (GOOD[1:4], "case a has no signal", "row 2"),
        (("a,sign,2019-03-01 09:00:00,twitter,anna,,yes,private",), '"sign" is not an event', "row 2"),
        (("a,signal,2019-03-01 09:00:00,fax,anna,,yes,private",), '"fax" is not a channel', "row 2"),
        (("a,signal,01/03/2019,twitter,anna,,yes,private",), "is not a date in the format", "row 2"),
        ((",signal,2019-03-01 09:00:00,twitter,anna,,yes,private",), "no case id", "row 2"),
    ],
)  # fmt: skip
def test_bad_logs_are_refused_with_file_and_row(read_bytes, rows, message, row):
    with pytest.raises(SourceError, match=message) as caught:
        read(read_bytes, *rows)
    assert row in caught.value.where
    assert caught.value.cure


def test_what_a_first_slip_hid_is_left_out_too(read_bytes):
    rows = ("a,signal,2019-03-01 00:00:00,chat,anna,,no,private",
            "a,taken_in_charge,2019-03-01 10:00:00,chat,anna,,no,private",
            "a,outcome,2019-03-01 05:00:00,chat,anna,,no,private",
            "a,outcome,2019-03-01 06:00:00,chat,anna,,no,private")  # fmt: skip
    reading = read(read_bytes, *rows, out_of_order="drop_event")
    assert reading.cases["outcome"].isna().all()
    assert [note.count for note in reading.notes] == [2]


@pytest.mark.parametrize(
    "row",
    [
        "a,reopened,2019-03-01 09:10:00,twitter,anna,,no,private",
        "a,abandoned,2019-03-02 09:10:00,twitter,anna,,no,private",
    ],
    ids=["reopened before its outcome", "abandoned after it"],
)
def test_an_end_out_of_order_is_refused(read_bytes, row):
    with pytest.raises(SourceError, match="does not fit the order"):
        read(read_bytes, *GOOD[:6], row)


def test_declared_repairs_leave_out_and_say_so(read_bytes):
    reading = read(
        read_bytes, GOOD[0], LATE_POOL, GOOD[3], "z,pool,2019-03-01 09:00:00,chat,zoe,,no,private",
        out_of_order="drop_event", without_signal="drop_case",
    )  # fmt: skip
    case = reading.cases.set_index("case_id").loc["a"]
    assert pd.isna(case["taken_in_charge"])
    assert case["pool"] == pd.Timestamp("2019-03-01 10:30", tz="Europe/Rome")
    found = {note.finding: note.count for note in reading.notes}
    assert found == {"case without its signal": 1, "event out of order": 1}


TWICE = "a,message,2019-03-01 16:00:00,chat,anna,negative,no,private"  # in the minute of another message of the case


def exports(read_bytes, *files: tuple[str, ...], **changes):
    texts = {f"log_{place}.csv": "\n".join([HEAD, *rows]) + "\n" for place, rows in enumerate(files)}
    return read_bytes(READER, texts, OPTIONS | changes, channels=CHANNELS)


def test_two_messages_of_a_case_may_share_a_minute(read_bytes):
    reading = read(read_bytes, *GOOD[:6], TWICE, *GOOD[6:])
    assert reading.cases.set_index("case_id").loc["a", "contacts"] == 3
    assert reading.notes == ()


def test_what_two_files_hold_alike_is_an_overlap(read_bytes):
    with pytest.raises(SourceError, match=r"message is given .* by two files; rows like this: 2") as seen:
        exports(read_bytes, (*GOOD[:6], TWICE), (GOOD[5], TWICE, *GOOD[6:]))
    assert seen.value.where == "log_0.csv, row 7 and log_1.csv, row 2"
    assert "keep_first" in seen.value.cure
    reading = exports(read_bytes, (*GOOD[:6], TWICE), (GOOD[5], TWICE, *GOOD[6:]), duplicates="keep_first")
    assert reading.cases.set_index("case_id").loc["a", "contacts"] == 3
    assert [(note.finding, note.count) for note in reading.notes] == [("event given twice", 2)]
    apart = exports(read_bytes, GOOD[:6], GOOD[6:])
    assert apart.cases["contacts"].tolist() == [2, 1, 1]


@pytest.mark.parametrize("changes", [{}, {"duplicates": "keep_first"}])
def test_a_file_that_holds_its_rows_twice_is_refused(read_bytes, changes):
    with pytest.raises(SourceError, match="9 of 18 rows repeat an earlier row") as seen:
        read(read_bytes, *GOOD, *GOOD, **changes)
    assert seen.value.where == "log.csv, row 2 and log.csv, row 11"
    with pytest.raises(SourceError, match="holds its rows twice"):
        read(read_bytes, *(row for row in GOOD for _ in range(2)), **changes)


@pytest.mark.parametrize("place", [0, 2, 3, 4, 7], ids=lambda place: GOOD[place].split(",")[1])
def test_a_stage_twice_at_one_moment_of_one_file_is_refused(read_bytes, place):
    again = GOOD[place].replace("private", "business")  # alike or not in what else was read
    for row in (GOOD[place], again):
        with pytest.raises(SourceError, match="is given twice for the same moment by one file") as seen:
            read(read_bytes, *GOOD, row)
        assert seen.value.where == f"log.csv, row {place + 2} and log.csv, row 11"
        assert "keep_first" in seen.value.cure
    kept = read(read_bytes, *GOOD, again, duplicates="keep_first")
    assert kept.cases.equals(read(read_bytes, *GOOD).cases)
    assert [(note.finding, note.count) for note in kept.notes] == [("event given twice in one file", 1)]


def test_messages_alike_are_kept_and_told_where_times_end_with_the_minute(read_bytes):
    reading = read(read_bytes, *GOOD, GOOD[5], GOOD[5])
    assert reading.cases["contacts"].tolist() == [4, 1, 1]
    assert [(note.finding, note.count) for note in reading.notes] == [("message like another", 2)]
    assert reading.notes[0].detail.startswith("first in row 11;")


def test_messages_alike_to_the_second_are_doubles(read_bytes):
    fine = tuple(row.replace("16:00:00", "16:00:21") for row in GOOD)
    with pytest.raises(SourceError, match="message is given twice") as seen:
        read(read_bytes, *fine, fine[5])
    assert seen.value.where == "log.csv, row 7 and log.csv, row 11"
    kept = read(read_bytes, *fine, fine[5], duplicates="keep_first")
    assert kept.cases["contacts"].tolist() == [2, 1, 1]
    differs = read(read_bytes, *fine, fine[5].replace("positive", "negative"))
    assert (differs.cases["contacts"].tolist(), differs.notes) == ([3, 1, 1], ())


def test_words_of_another_desk_are_mapped(read_bytes):
    rows = [row.replace(",signal,", ",Neue Anfrage,") for row in GOOD]
    words = {"Neue Anfrage": "signal"} | {k: k for k in ("private_request", "pool", "taken_in_charge", "outcome",
                                                          "message", "abandoned")}  # fmt: skip
    assert len(read(read_bytes, *rows, event_map=words).cases) == 3
    with pytest.raises(SourceError, match="Neue Anfrage"):
        read(read_bytes, *rows)


def test_times_with_their_own_offset_become_local(read_bytes):
    rows = ("a,signal,2019-03-01 09:00:00+0000,twitter,anna,,yes,private",
            "a,outcome,2019-03-01 12:00:00+0200,twitter,anna,,yes,private")  # fmt: skip
    case = read(read_bytes, *rows, date_format="%Y-%m-%d %H:%M:%S%z").cases.iloc[0]
    assert case["opened"] == pd.Timestamp("2019-03-01 10:00", tz="Europe/Rome")
    assert case["closed"] == pd.Timestamp("2019-03-01 11:00", tz="Europe/Rome")


def test_a_day_with_two_time_zones_is_converted_and_told(read_bytes):
    rows = ("a,signal,2019-03-01 09:00:00+0000,twitter,anna,,yes,private",
            "b,signal,2019-03-01 12:00:00+0100,twitter,anna,,yes,private",
            "c,signal,2019-03-02 12:00:00+0100,twitter,anna,,yes,private")  # fmt: skip
    reading = read(read_bytes, *rows, date_format="%Y-%m-%d %H:%M:%S%z")
    assert [note.count for note in reading.notes if note.finding == "day with several time zones"] == [1]
    assert reading.cases["opened"][0] == pd.Timestamp("2019-03-01 10:00", tz="Europe/Rome")
    change = ("a,signal,2019-03-31 01:30:00+0100,twitter,anna,,yes,private",
              "b,signal,2019-03-31 12:00:00+0200,twitter,anna,,yes,private")  # fmt: skip
    quiet = read(read_bytes, *change, date_format="%Y-%m-%d %H:%M:%S%z")  # the night of the clock change
    assert [note for note in quiet.notes if note.finding == "day with several time zones"] == []


def night(read_bytes, *rows: str, **changes):
    """A case in the night of 2019-10-27, when the clock of Rome shows 02:00 to 02:59 twice."""
    events = [f"a,{what},2019-10-27 {clock}:00,twitter,anna,,no,private" for what, clock in map(str.split, rows)]
    return read(read_bytes, *events, **changes)


def test_a_time_that_the_clock_shows_twice_is_the_second_where_the_order_asks_for_it(read_bytes):
    reading = night(
        read_bytes, "signal 02:30", "message 02:20", "pool 02:40", "taken_in_charge 02:05", "outcome 02:10",
        "reopened 02:55",
    )  # fmt: skip
    [case] = reading.cases.to_dict("records")
    asked = ("opened", "pool", "taken_in_charge", "closed", "reopened")
    assert {name: case[name].strftime("%H:%M%z") for name in asked} == {
        "opened": "02:30+0200", "pool": "02:40+0200", "taken_in_charge": "02:05+0100", "closed": "02:10+0100",
        "reopened": "02:55+0100",
    }  # fmt: skip
    assert [(note.finding, note.count, note.detail) for note in reading.notes] == [
        ("clock time shown twice", 6, 'column "when": taken as the first')
    ]


def test_an_order_that_neither_showing_of_a_time_keeps_is_refused(read_bytes):
    with pytest.raises(SourceError, match="outcome at 2019-10-27 02:10:00"):
        night(read_bytes, "signal 03:30", "outcome 02:10")
    with pytest.raises(SourceError, match="outcome at 2019-10-27 02:10:00"):
        night(read_bytes, "signal 02:30", "outcome 02:10", dst="second")
