"""Google Trends: two languages, values below one, days, weeks and months, scales that do not join."""

import csv

import pytest

from analysis.core.errors import CaseError, SourceError
from analysis.pipeline.detect import examine

READER = "google_trends"
WEEKS = (
    "Category: All categories\r\n\r\nWeek,EXAMPLE:BANK: (Worldwide)\r\n"
    "2021-12-19,<1\r\n2021-12-26,40\r\n2022-01-02,100\r\n"
)
MONTHS = (
    'Categoria: Tutte le categorie\n\nMese,"""Banca Esempio"": (Italia)","""Altra Banca"": (Italia)"\n'
    "2020-01,70,3\n2020-02,100,<1\n2020-03,0,< 1\n"
)
TERMS = {"Banca Esempio": "Example Bank", '"Altra Banca"': "Other"}


def trends(read_bytes, text, options=None, name="multiTimeline.csv", **source):
    return read_bytes(READER, {name: text}, options or {}, **({"channel": "search"} | source))


def test_an_english_download_by_week(read_bytes):
    reading = trends(read_bytes, WEEKS, period="week")
    frame = reading.measurements
    raw = list(csv.reader(WEEKS.splitlines()[3:]))
    assert frame["value"].tolist() == [0.5 if cell == "<1" else float(cell) for _, cell in raw]
    assert [f"{day:%Y-%m-%d}" for day in frame["date"]] == [day for day, _ in raw]
    assert frame["row"].tolist() == [4, 5, 6]
    assert set(frame["unit"]) == {"Example Bank"}
    assert {note.finding: note.count for note in reading.notes} == {
        "values below one": 1, "counted differently from a day on": 1,
    }  # fmt: skip


def test_an_italian_download_by_month(read_bytes):
    reading = trends(read_bytes, MONTHS, {"terms": TERMS, "below_one": 0.25})
    frame = reading.measurements
    raw = list(csv.reader(MONTHS.splitlines()[3:]))
    for position, unit in ((1, "Example Bank"), (2, "Other")):
        expected = [0.25 if row[position].startswith("<") else float(row[position]) for row in raw]
        assert frame.loc[frame["unit"] == unit, "value"].tolist() == expected
    assert [f"{day:%Y-%m-%d}" for day in frame["date"].unique()] == ["2020-01-01", "2020-02-01", "2020-03-01"]
    assert {note.finding: note.count for note in reading.notes} == {"values by month": 3, "values below one": 2}


def test_days_and_a_gap(read_bytes):
    text = "Catégorie : Toutes les catégories\n\nJour,banque : (Congo (RDC))\n"
    text += "2021-01-01,5\n2021-01-02,100\n2021-01-03,\n2021-01-05,7\n"
    reading = trends(read_bytes, text, {"metric": "interest"})
    assert reading.measurements["value"].tolist() == [5, 100, 7]
    assert set(reading.measurements["metric"]) == {"interest"}
    assert [(note.finding, note.count) for note in reading.notes] == [
        ("absent values", 1), ("gap inside the export", 1),
    ]  # fmt: skip


def test_the_distance_of_values_is_the_declared_period(read_bytes):
    with pytest.raises(SourceError, match=r"one value a week[\s\S]*multiTimeline\.csv[\s\S]*declare `period: week`"):
        trends(read_bytes, WEEKS)
    hours = WEEKS.replace("2021-12-26", "2021-12-26T03")
    with pytest.raises(SourceError, match=r"is an hour[\s\S]*row 5, column \"Week\""):
        trends(read_bytes, hours, period="week")


def test_terms_are_named_or_left_out(read_bytes):
    one = trends(read_bytes, MONTHS, {"terms": {'"Altra Banca": (Italia)': "Other"}})
    assert set(one.measurements["unit"]) == {"Other"}
    assert [note.count for note in one.notes if note.finding == "term not listed"] == [1]
    with pytest.raises(SourceError, match="2 series and the case does not say"):
        trends(read_bytes, MONTHS)
    with pytest.raises(SourceError, match=r'no series "Banca Esempi"[\s\S]*Did you mean'):
        trends(read_bytes, MONTHS, {"terms": {"Banca Esempi": "Example Bank"}})
    with pytest.raises(SourceError, match="is named twice"):
        trends(read_bytes, MONTHS, {"terms": {"Banca Esempio": "A", '"Banca Esempio"': "B"}})
    regions = MONTHS.replace("Altra Banca", "Banca Esempio").replace("(Italia)", "(Spagna)", 1)
    with pytest.raises(SourceError, match=r'names 2 series[\s\S]*\(Spagna\)" or .*\(Italia\)'):
        trends(read_bytes, regions, {"terms": TERMS})


def test_two_downloads_are_not_joined(read_bytes):
    later = WEEKS.replace("2022-01-02", "2022-01-09").replace("2021-12-26", "2022-01-02")
    options = {"terms": {"EXAMPLE:BANK": "Example Bank", "OTHER": "Example Bank"}}
    with pytest.raises(SourceError, match=r"own scale[\s\S]*a\.csv and b\.csv"):
        read_bytes(
            READER, {"a.csv": WEEKS, "b.csv": later.replace("EXAMPLE:BANK", "OTHER")}, options, channel="search",
            period="week",
        )  # fmt: skip
    with pytest.raises(SourceError, match=r"own scale[\s\S]*a\.csv and b\.csv"):
        read_bytes(READER, {"a.csv": WEEKS, "b.csv": later}, {}, channel="search", period="week")


@pytest.mark.parametrize(("text", "says"), [
    ("Week,term\n2021-01-03,5\n2021-01-10,6\n2021-01-17,6\n", r"no blank line[\s\S]*rows 1 to 4"),
    ("Category: All categories\n\nRegion,term\nItaly,5\n", r"not terms with their region[\s\S]*row 3"),
    ("Category: All categories\n\nTOP\nterm,100\n", r"row 4"),
    ("Category: All categories\n\nRegione,term: (2021)\nLazio,5\n", r'"Lazio" is not a date[\s\S]*row 4'),
    ("Category: All categories\n\nDay,term: (Italy)\n2021-01-03,101\n", r'above 100[\s\S]*row 4, column "term'),
    ("Category: All categories\n\nDay,term: (Italy)\n2021-01-03,-1\n", "negative"),
    ("Category: All categories\n\nDay,term: (Italy)\n2021-01-03,<2\n", r"not a number[\s\S]*row 4"),
    ("Category: All categories\n\nDay,term: (Italy)\n2021-01-03\n", "cut short"),
    ("Category: All categories\n\n", "empty"),
])  # fmt: skip
def test_what_is_not_interest_over_time_is_refused(read_bytes, text, says):
    with pytest.raises(SourceError, match=says):
        trends(read_bytes, text)


def test_the_rule_for_small_values_is_bounded(read_bytes):
    with pytest.raises(CaseError, match="below_one"):
        trends(read_bytes, WEEKS, {"below_one": 1.5})


def found(tmp_path, text, name="multiTimeline.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return examine(tmp_path / name)


def test_the_downloads_since_2026_have_neither_category_nor_region(tmp_path, read_bytes):
    text = '"Time","banca esempio","altra"\n"2019-04-01",12,<1\n"2019-05-01",100,3\n"2019-06-01",40,0'
    export = found(tmp_path, text)
    assert export.source["format"] == READER
    assert export.source["options"]["terms"] == {"banca esempio": "banca esempio", "altra": "altra"}
    reading = trends(read_bytes, text, {"terms": {"altra": "Other"}})
    assert reading.measurements["value"].tolist() == [0.5, 3, 0]
    plain = found(tmp_path, text.replace("100", "99").replace("<1", "1"))
    assert plain.source["format"] == "measurements_csv"  # any table may be so


@pytest.mark.parametrize("small", ["<1", "< 1", "＜1", "1 未満", "1未満"])
def test_a_value_below_one_in_other_languages(read_bytes, small):
    text = f"カテゴリ: すべてのカテゴリ\n\n週,例: (日本)\n2021-12-19,{small}\n2021-12-26,40\n2022-01-02,100\n"
    assert trends(read_bytes, text, period="week").measurements["value"].tolist() == [0.5, 40, 100]


def test_one_term_in_two_regions_is_two_series(tmp_path):
    text = "Category: All categories\n\nDay,bank: (Italy),bank: (Spain)\n2021-01-03,5,100\n"
    assert set(found(tmp_path, text).reading.measurements["unit"]) == {"bank (Italy)", "bank (Spain)"}


@pytest.mark.parametrize("text", [
    "Week,bank: (Italy)\n2021-12-19,<1\n2021-12-26,40\n2022-01-02,100\n",
    ",Week,bank: (Italy)\n0,2021-12-19,<1\n1,2021-12-26,40\n2,2022-01-02,100\n",
    "Category: All categories,\n,\nWeek,bank: (Italy)\n12/19/2021,<1\n12/26/2021,40\n1/2/2022,100\n",
    "date,bank,isPartial\n2021-12-19,<1,False\n2021-12-26,40,False\n2022-01-02,100,False\n2022-01-09,7,True\n",
    ",date,bank,isPartial\n0,2021-12-19 00:00:00,<1,False\n1,2021-12-26 00:00:00,40,False\n"
    "2,2022-01-02 00:00:00,100,False\n",
])  # fmt: skip
def test_a_download_saved_again_is_read(tmp_path, text):
    frame = found(tmp_path, text).reading.measurements
    assert [f"{day:%Y-%m-%d}" for day in frame["date"]] == ["2021-12-19", "2021-12-26", "2022-01-02"]
    assert frame["value"].tolist() == [0.5, 40, 100]


def test_months_as_a_spreadsheet_writes_them(read_bytes):
    text = "Category: All categories,\n,\nMonth,bank: (Italy)\nJan-20,5\nFeb-20,100\n"
    assert [f"{day:%Y-%m-%d}" for day in trends(read_bytes, text).measurements["date"]] == ["2020-01-01", "2020-02-01"]
