"""Customer support tweets: conversations to cases, first answers, nobody's words or names kept."""

import csv
import io
from collections import Counter
from datetime import datetime

import pandas as pd
import pytest

from analysis.core.errors import CaseError, SourceError

READER = "customer_care_tweets"
HEADER = [
    "", "tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id", "in_response_to_tweet_id",
]  # fmt: skip


def tweet(number: int, author: str, at: str, parent: str = "", text: str = "hello\nagain") -> dict[str, str]:
    """An invented tweet of 31 October 2017 (UTC), or of 1 November where the time says so."""
    day, clock = at.split(" ") if " " in at else ("31", at)
    month = "Oct" if day == "31" else "Nov"
    weekday = "Tue" if day == "31" else "Wed"
    return {
        "": str(number), "tweet_id": str(number), "author_id": author, "inbound": str(author.isdigit()),
        "created_at": f"{weekday} {month} {day} {clock} +0000 2017", "text": text, "in_response_to_tweet_id": parent,
    }  # fmt: skip


ROWS = [
    tweet(3, "115712", "22:00:00", text="@ExampleCare my card, again"),
    tweet(1, "ExampleCare", "22:10:30", "3.0"),
    tweet(2, "115712", "22:11:45", "1"),
    tweet(4, "ExampleCare", "23:15:00", "2"),
    tweet(8, "115713", "23:30:00", text="@115799 and @examplecare, hello?"),  # unanswered; 1 November in Rome
    tweet(9, "ExampleCare", "12:00:00"),  # the brand begins
    tweet(10, "115714", "13:00:00", "9"),
    tweet(11, "115715", "13:05:00", "9"),
    tweet(12, "ExampleCare", "13:06:00", "11"),
    tweet(20, "ExampleCare", "01 09:00:00", "19"),  # its beginning is not there
    tweet(21, "115716", "01 09:30:00", "20"),
]  # fmt: skip


def care(read_bytes, contents, options=None, **source):
    contents = contents if isinstance(contents, dict) else {"a.csv": contents}
    return read_bytes(READER, contents, options or {}, **({"channel": "twitter"} | source))


def test_conversations_become_cases(read_bytes, export):
    reading = care(read_bytes, export(HEADER, ROWS))
    cases = reading.cases.set_index("case_id")
    assert cases.index.tolist() == ["10", "11", "3", "8"]
    assert cases["contacts"].to_dict() == {"10": 1, "11": 1, "3": 2, "8": 1}
    waits = (cases["taken_in_charge"] - cases["opened"]).dropna()
    assert waits.to_dict() == {"11": pd.Timedelta(minutes=1), "3": pd.Timedelta(minutes=10, seconds=30)}
    assert cases["closed"].isna().all()
    assert str(cases["closed"].dt.tz) == str(cases["opened"].dt.tz) == "Europe/Rome"
    assert cases["row"].to_dict() == {"10": 12, "11": 14, "3": 2, "8": 9}
    assert [(note.finding, note.count) for note in reading.notes] == [
        ("a column of row numbers", 1),
        ("tweet of a conversation without its beginning", 2),
    ]  # fmt: skip


def test_contacts_and_cases_a_local_day(read_bytes, export):
    text = export(HEADER, ROWS)
    frame = care(read_bytes, text, time_zone="UTC").measurements
    raw = list(csv.DictReader(io.StringIO(text, newline="")))
    written = Counter(
        datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y").strftime("%Y-%m-%d")
        for row in raw if row["inbound"] == "True" and row["tweet_id"] != "21"
    )  # fmt: skip
    contacts = frame.query("metric == 'contacts'")
    assert {f"{row.date:%Y-%m-%d}": row.value for row in contacts.itertuples()} == written
    local = care(read_bytes, text).measurements.query("metric == 'cases'")
    assert [(f"{row.date:%Y-%m-%d}", row.value, row.row) for row in local.itertuples()] == [
        ("2017-10-31", 3, 12), ("2017-11-01", 1, 9),
    ]  # fmt: skip


def test_no_words_or_names_are_kept(read_bytes, export):
    reading = care(read_bytes, export(HEADER, ROWS), {"accounts": ["ExampleCare"]})
    kept = reading.cases.to_csv() + reading.measurements.to_csv() + str(reading.notes)
    assert not {"hello", "card", "115712", "115713", "ExampleCare"} & set(kept.replace(",", " ").split())
    assert "1157" not in kept


def test_a_case_belongs_to_who_answered_or_was_called(read_bytes, export):
    called = tweet(30, "115720", "14:00:00", text="@ExampleCare @OtherBank")
    text = export(HEADER, [*ROWS, called, tweet(31, "OtherBank", "14:01:00", "30")])
    with pytest.raises(SourceError, match=r"2 accounts answer: ExampleCare, OtherBank[\s\S]*a\.csv[\s\S]*accounts:"):
        care(read_bytes, text)
    ours = care(read_bytes, text, {"accounts": ["examplecare"]})
    assert sorted(ours.cases["case_id"]) == ["11", "3", "8"]  # nobody was called in 10, the other bank answered 30
    assert [note.count for note in ours.notes if note.finding == "case of no account listed"] == [2]
    theirs = care(read_bytes, text, {"accounts": ["OtherBank"]})
    assert theirs.cases["case_id"].tolist() == ["30"]
    with pytest.raises(SourceError, match=r'no answer is by "ExampelCare"[\s\S]*Did you mean "ExampleCare"'):
        care(read_bytes, text, {"accounts": ["ExampelCare"]})


def test_the_published_file_has_no_first_column(read_bytes, export):
    rows = [{key: value for key, value in row.items() if key} for row in ROWS]
    assert len(care(read_bytes, export(HEADER[1:], rows)).cases) == 4


def test_a_tweet_twice(read_bytes, export):
    text = export(HEADER, ROWS)
    reading = care(read_bytes, {"a.csv": text, "b.csv": export(HEADER, ROWS[:2])})
    assert len(reading.cases) == 4
    assert [(note.file, note.count) for note in reading.notes if note.finding == "tweet given twice"] == [("b.csv", 2)]
    other = export(HEADER, [tweet(3, "115712", "22:00:01")])
    with pytest.raises(SourceError, match=r"tweet 3 is given twice in two[\s\S]*a\.csv, row 2 and b\.csv, row 2"):
        care(read_bytes, {"a.csv": text, "b.csv": other})


def test_an_answer_before_its_question_times_nothing(read_bytes, export):
    rows = [*ROWS, tweet(40, "ExampleCare", "23:00:00", "8")]
    reading = care(read_bytes, export(HEADER, rows))
    assert pd.isna(reading.cases.set_index("case_id").loc["8", "taken_in_charge"])
    told = [note for note in reading.notes if note.finding == "tweet before its case began"]
    assert [(note.count, note.detail) for note in told] == [(1, "first: a.csv, row 22; left out")]


def test_long_conversations_and_circles(read_bytes, export):
    chain = [tweet(100, "7", "10:00:00"), *(tweet(100 + n, "7", "10:00:01", str(99 + n)) for n in range(1, 3000))]
    reading = care(read_bytes, export(HEADER, list(reversed(chain))))
    assert reading.cases["contacts"].tolist() == [3000]
    circle = [tweet(1, "7", "10:00:00", "2"), tweet(2, "7", "10:00:00", "1")]
    with pytest.raises(SourceError, match=r"answers itself through others[\s\S]*a\.csv, row 2"):
        care(read_bytes, export(HEADER, circle))


@pytest.mark.parametrize(("changes", "says"), [
    ({"tweet_id": "1.19E+05"}, r'"1\.19E\+05" is not a tweet\'s id[\s\S]*row 2, column "tweet_id"'),
    ({"tweet_id": ""}, "not a tweet's id"),
    ({"in_response_to_tweet_id": "x"}, r'column "in_response_to_tweet_id"'),
    ({"inbound": "yes"}, r'neither True nor False[\s\S]*row 2, column "inbound"'),
    ({"created_at": "2017-10-31 22:10"}, r'not a date[\s\S]*row 2, column "created_at"'),
])  # fmt: skip
def test_bad_rows_are_named(read_bytes, export, changes, says):
    with pytest.raises(SourceError, match=says):
        care(read_bytes, export(HEADER, [ROWS[0] | changes]))


def test_other_files_are_refused(read_bytes, export):
    with pytest.raises(SourceError, match=r'no column "created_at"[\s\S]*a\.csv, row 1'):
        care(read_bytes, "tweet_id,text\n1,a\n")
    with pytest.raises(SourceError, match="cut short"):
        care(read_bytes, export(HEADER, ROWS)[:-30])
    with pytest.raises(CaseError, match="channel"):
        care(read_bytes, export(HEADER, ROWS), channel=None)


def test_a_file_without_a_customer_is_refused(read_bytes, export):
    with pytest.raises(SourceError, match=r"no customer's tweet begins[\s\S]*a\.csv"):
        care(read_bytes, export(HEADER, [tweet(9, "ExampleCare", "12:00:00")]))
