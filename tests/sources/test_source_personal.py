"""What readers say of columns about persons is what they do: never read is never read, not kept is not kept."""

import csv
import io

import pandas as pd
import pytest
from valid_exports import OTHER_KINDS, SOUND, Sound

from analysis import sources
from analysis.core.case import Source
from analysis.pipeline.detect import examine, read_as
from analysis.sources._personal import FATES, HOLDS, Personal, rows_of

READERS = sources.available()
CANARY = "Maria Rossi 4471"
NOT_KEPT = ("numbered", "sorted")


def columns_of(reader: str, *fates: str) -> set[str]:
    """The fixed columns that a reader declares with one of these fates."""
    declared = [item for item in READERS[reader].PERSONAL if item.fate in fates]
    return {column.strip() for item in declared for column in item.column.split(",") if column.strip()}


def table_of(sound: Sound, *fates: str) -> tuple[list[list[str]], list[int]]:
    """The rows of a CSV export and the places of its columns that are declared with one of these fates."""
    if sound.name.endswith((".xls", ".xlsx", ".json")):
        return [], []
    rows = list(csv.reader(io.StringIO(sound.data.decode("utf-8-sig", "replace"))))
    wanted = columns_of(sound.format, *fates)
    return rows, [place for place, name in enumerate(rows[0]) if name in wanted]


EVERY = (*SOUND, *OTHER_KINDS)
WITH_NEVER = [sound for sound in EVERY if table_of(sound, "never")[1]]
WITH_NOT_KEPT = [sound for sound in EVERY if table_of(sound, *NOT_KEPT)[1]]


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_reader_declares_what_it_holds_about_persons(name: str) -> None:
    for item in READERS[name].PERSONAL:
        assert isinstance(item, Personal)
        assert bool(item.column) != bool(item.option), item
        assert item.holds in HOLDS
        assert item.fate in FATES
        assert not item.option or item.option in READERS[name].Options.model_fields, item


def test_there_are_exports_with_columns_that_are_never_read() -> None:
    assert {sound.format for sound in WITH_NOT_KEPT} >= {"crowdtangle_search", "customer_care_tweets", "x_content"}
    assert {sound.format for sound in WITH_NEVER} >= {
        "zendesk_tickets", "customer_care_tweets", "x_content", "twitter_analytics_tweets", "facebook_insights_posts",
        "meta_business_suite_content", "crowdtangle_history", "crowdtangle_search",
    }  # fmt: skip


@pytest.mark.parametrize("sound", WITH_NEVER, ids=lambda sound: f"{sound.format}-{sound.name}")
def test_a_column_that_is_never_read_may_hold_anything(tmp_path, sound: Sound) -> None:
    rows, places = table_of(sound, "never")
    for row in rows[1:]:
        for place in (place for place in places if place < len(row)):
            row[place] = CANARY
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    original, changed = tmp_path / "a" / sound.name, tmp_path / "b" / sound.name
    for path, data in ((original, sound.data), (changed, stream.getvalue().encode("utf-8-sig"))):
        path.parent.mkdir()
        path.write_bytes(data)
    source = examine(original).source
    before, after = read_as((original,), source), read_as((changed,), source)
    assert CANARY in stream.getvalue()
    for whole, other in ((before.measurements, after.measurements), (before.cases, after.cases)):
        if whole is not None:  # a text of two lines moves the rows after it
            pd.testing.assert_frame_equal(whole.drop(columns="row"), other.drop(columns="row"))
    assert not any(CANARY in f"{note}" for note in after.notes)


@pytest.mark.parametrize("sound", WITH_NOT_KEPT, ids=lambda sound: f"{sound.format}-{sound.name}")
def test_what_is_said_not_to_be_kept_is_not_in_the_measurements(tmp_path, sound: Sound) -> None:
    rows, places = table_of(sound, *NOT_KEPT)
    secret = {row[place] for row in rows[1:] for place in places if place < len(row) and len(row[place]) > 2}
    path = tmp_path / sound.name
    path.write_bytes(sound.data)
    reading = read_as((path,), examine(path).source)
    kept = reading.measurements.astype(str)
    assert secret
    assert not secret & set(kept.to_numpy().ravel())
    if reading.cases is not None:  # the id itself is dropped with the journeys, see the tests of the pipeline
        assert not secret & set(reading.cases.drop(columns="case_id").astype(str).to_numpy().ravel())


def test_options_are_told_by_the_columns_they_name() -> None:
    source = Source(
        id="s", format="event_log_csv", files=("a.csv",), label="S",
        options={"id": "ticket", "event": "what", "time": "when", "fields": {"branch": "Filiale", "age": "Età"}},
    )  # fmt: skip
    told = [(row["column"], row["fate"]) for row in sources.personal_of(source)]
    assert told == [("ticket", "numbered"), ("when", "kept"), ("Filiale", "generalised"), ("Età", "generalised")]
    assert list(rows_of(READERS["prices_yahoo"], None)) == []
