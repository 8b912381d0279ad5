"""What holds whichever reader is asked: the vocabulary, the encodings, the errors before any file is read."""

import pandas as pd
import pytest

from analysis.core.case import Source
from analysis.core.errors import CaseError, SourceError
from analysis.sources import MEASUREMENT_COLUMNS, Reading, read_source
from analysis.sources._dates import detect_format, moments
from analysis.sources._numbers import numbers
from analysis.sources._reading import check_reading, measurements_frame
from analysis.sources._text import decode

SOURCE = Source(id="s", format="measurements_csv", files=("a.csv",), label="S")


def frame(**changes):
    columns = {
        "date": ["2019-01-01", "2019-01-02"], "unit": "u", "channel": "c", "metric": "m", "value": [1.0, 2.0],
        "file": ["a.csv", "b.csv"], "row": [2, 3],
    }  # fmt: skip
    return measurements_frame(columns | changes)


def test_the_tidy_frame_has_the_declared_columns_and_types():
    tidy = frame()
    assert tuple(tidy.columns) == MEASUREMENT_COLUMNS
    assert tidy["date"].dtype == "datetime64[ns]"
    check_reading(Reading(tidy, "Europe/Rome"), SOURCE)


def test_a_double_names_both_files_and_rows():
    with pytest.raises(SourceError, match=r"a\.csv, row 2 and b\.csv, row 3"):
        check_reading(Reading(frame(date="2019-01-01"), "Europe/Rome"), SOURCE)


def test_an_empty_reading_is_refused():
    with pytest.raises(SourceError, match="nothing was measured"):
        check_reading(Reading(frame().head(0), "Europe/Rome"), SOURCE)


@pytest.mark.parametrize("broken", [
    frame()[["unit", "date", "channel", "metric", "value", "file", "row"]],
    frame(value=[1.0, float("nan")]),
    frame(date=["2019-01-01 10:00", "2019-01-02 10:00"]),
    frame().assign(date=lambda tidy: tidy["date"].dt.tz_localize("UTC")),
    frame().assign(row=["2", "3"]),
])  # fmt: skip
def test_a_reader_that_breaks_the_vocabulary_is_stopped(broken):
    with pytest.raises(TypeError):
        check_reading(Reading(broken, "Europe/Rome"), SOURCE)


def test_a_metric_without_a_name_of_ours_is_refused():
    with pytest.raises(SourceError, match=r'"Total Likes" is not a metric name[\s\S]*b\.csv, row 3'):
        check_reading(Reading(frame(metric=["m", "Total Likes"]), "Europe/Rome"), SOURCE)


def test_a_missing_file_and_an_unknown_source_are_named(tmp_path, case_folder):
    folder = case_folder(tmp_path, "prices_yahoo", ["absent.csv"], {})
    with pytest.raises(CaseError, match=r"missing[\s\S]*absent\.csv"):
        read_source(folder, "export")
    with pytest.raises(CaseError, match='Did you mean "export"'):
        read_source(folder, "exports")


@pytest.mark.parametrize(("text", "written", "declared"), [
    ("città", "cp1252", "utf-8"), ("città", "utf-8", "cp1252"), ("città", "utf-8", "latin-1"),
    ("city", "utf-16", "utf-8"), ("city", "utf-16", "cp1252"), ("city", "utf-16-be", "utf-8"),
    ("city", "utf-8-sig", "utf-16"), ("city", "utf-32", "utf-8"), ("€", "cp1252", "ascii"),
])  # fmt: skip
def test_a_file_in_another_encoding_is_refused(text, written, declared):
    with pytest.raises(SourceError, match=r"a\.csv") as caught:
        decode(f"date,{text}\n".encode(written), declared, "a.csv")
    assert caught.value.cure


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_in_the_declared_encoding_is_read(encoding):
    assert decode("date,città\n".encode(encoding), encoding, "a.csv") == "date,città\n"


def test_numbers_are_read_as_float_does_and_absence_is_not_zero():
    cells = ["0", "12", "215.0", " 7 ", "", "-"]
    read = numbers(cells, range(2, 8), "a.csv", "n")
    assert read[:4].tolist() == [float(cell) for cell in cells[:4]]
    assert pd.isna(read[4:]).all()


def test_dates_of_one_calendar_are_found_by_what_cannot_be_a_month():
    for pattern in ("%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"):
        cells = [day.strftime(pattern) for day in pd.date_range("2019-05-25", "2019-06-14")]
        assert detect_format(cells, range(2, 23), "a.csv", "Date") == pattern


def test_a_single_day_that_reads_the_same_both_ways_is_not_ambiguous():
    assert detect_format(["5/5/2019"], [2], "a.csv", "Date") == "%m/%d/%Y"


def test_a_column_of_unreadable_times_with_an_offset_is_refused_with_its_row():
    with pytest.raises(SourceError, match=r'"2019-06-01 10:00" is not a date[\s\S]*a\.csv, row 2, column "at"'):
        moments(["2019-06-01 10:00", "soon"], [2, 3], "a.csv", "at", "%Y-%m-%d %H:%M %z")


@pytest.mark.parametrize("header", ["{", "}", "{0}", "{column}", "%s"])
def test_braces_in_a_header_are_text(read_bytes, header):
    options = {"date": "date", "metrics": {"m": header}}
    with pytest.raises(SourceError) as raised:
        read_bytes("measurements_csv", {"a.csv": f"date,{header}\n2019-05-13,many\n"}, options, channel="c")
    assert raised.value.where == f'a.csv, row 2, column "{header}"'
