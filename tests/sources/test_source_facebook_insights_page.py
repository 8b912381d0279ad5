"""Page Insights windows: joined, told apart by description, dates proved, never filled."""

from datetime import datetime

import pytest
from workbook_files import spreadsheetml, xlsx

from analysis.core.errors import CaseError, SourceError
from analysis.pipeline.detect import examine

READER = "facebook_insights_page"
WINDOWS = ["page_2018-03-29_2018-04-03.csv", "page_2018-04-04_2018-04-14.csv"]
METRICS = {
    "likes": "Lifetime Total Likes",
    "views": {"header": "Daily Logged-in Page Views", "description_contains": "(Total Count)"},
    "viewers": {"header": "Daily Logged-in Page Views", "description_contains": "(Unique Users)"},
    "stories": {"sum_of_prefix": "Daily Page Stories by story type - "},
}


def page(rows: list[str], header: str = "Date,Daily New Likes", description: str = ",Daily: likes") -> str:
    return "\n".join([header, description, *rows]) + "\n"


ROWS = ["5/28/2019,3", "5/29/2019,4", "5/30/2019,5"]
LIKES = {"metrics": {"likes": "Daily New Likes"}}


def values(reading, metric):
    frame = reading.measurements
    return frame[frame["metric"] == metric].set_index("date")["value"]


def test_two_windows_join_in_time_order_whatever_order_they_are_named_in(read_fixture, fixtures, plain):
    reading = read_fixture(READER, WINDOWS[::-1], {"metrics": METRICS}, channel="facebook")
    expected = [float(row[1]) for name in WINDOWS for row in plain(fixtures / name, "cp1252")[2:]]
    likes = values(reading, "likes")
    assert likes.tolist() == expected
    march, april = [f"03-{day}" for day in (29, 30, 31)], [f"04-{day:02}" for day in range(1, 15)]
    assert [f"{day:%m-%d}" for day in likes.index] == march + april
    assert set(reading.measurements["unit"]) == {"Example Bank"}
    assert reading.time_zone == "Europe/Rome"
    assert not [note for note in reading.notes if "gap" in note.finding or note.finding == "overlap"]


def test_namesakes_are_told_apart_by_their_description(read_fixture, fixtures, plain):
    reading = read_fixture(READER, WINDOWS, {"metrics": METRICS}, channel="facebook")
    rows = [row for name in WINDOWS for row in plain(fixtures / name, "cp1252")[2:]]
    assert values(reading, "views").tolist() == [float(row[3]) for row in rows]
    assert values(reading, "viewers").tolist() == [float(row[4]) for row in rows]


def test_an_unstable_breakdown_is_added_up_and_an_empty_row_is_not_a_zero(read_fixture, fixtures, plain):
    sums = []
    for name in WINDOWS:
        header, _, *rows = plain(fixtures / name, "cp1252")
        columns = [i for i, cell in enumerate(header) if cell.startswith("Daily Page Stories by story type - ")]
        sums += [[row[i] for i in columns if row[i]] for row in rows]
    left = read_fixture(READER, WINDOWS, {"metrics": METRICS}, channel="facebook")
    assert values(left, "stories").tolist() == [float(sum(map(int, cells))) for cells in sums if cells]
    zero = read_fixture(READER, WINDOWS, {"metrics": METRICS, "empty": "zero"}, channel="facebook")
    assert values(zero, "stories").tolist() == [float(sum(map(int, cells))) for cells in sums]
    empty = sum(note.count for note in left.notes if note.finding == "empty cells")
    assert empty == sum(not cells for cells in sums) > 0


def test_rows_are_physical_lines(read_fixture):
    reading = read_fixture(READER, WINDOWS[:1], {"metrics": {"likes": "Lifetime Total Likes"}}, channel="facebook")
    assert reading.measurements["row"].tolist() == [3, 4, 5, 6, 7, 8]


def test_a_namesake_without_a_choice_is_refused_with_both_descriptions(read_fixture):
    with pytest.raises(SourceError, match=r"names 2 columns[\s\S]*columns 4, 5[\s\S]*Total Count[\s\S]*Unique Users"):
        read_fixture(READER, WINDOWS, {"metrics": {"views": "Daily Logged-in Page Views"}}, channel="facebook")


def test_a_cut_description_row_needs_the_order(read_bytes):
    content = {"a.csv": page(["5/28/2019,3,2"], "Date,Views,Views", ",")}
    column = {"header": "Views", "description_contains": "Total"}
    with pytest.raises(SourceError, match="description row of this file is cut off"):
        read_bytes(READER, content, {"metrics": {"views": column}}, channel="facebook")
    reading = read_bytes(READER, content, {"metrics": {"views": column | {"occurrence": 2}}}, channel="facebook")
    assert reading.measurements["value"].tolist() == [2.0]
    assert "description row cut off" in [note.finding for note in reading.notes]


def test_a_column_added_up_twice_is_refused(read_bytes):
    header, description = "Date,Feedback - like,Feedback - like", ",people (Unique Users),times (Total Count)"
    content = page(["5/28/2019,3,2"], header, description)
    spec = {"sum_of_prefix": "Feedback - "}
    with pytest.raises(SourceError, match="added up twice"):
        read_bytes(READER, {"a.csv": content}, {"metrics": {"f": spec}}, channel="facebook")
    reading = read_bytes(
        READER, {"a.csv": content}, {"metrics": {"f": spec | {"description_contains": "Total"}}}, channel="facebook"
    )
    assert reading.measurements["value"].tolist() == [2.0]


def test_only_the_first_column_of_a_breakdown_is_described(read_bytes):
    header = "Date,Feedback - like,Feedback - link,Feedback - like,Feedback - link"
    content = page(["5/28/2019,1,20,300,4000"], header, ",people (Unique Users),,times (Total Count),")
    link = {"header": "Feedback - link", "description_contains": "Total"}
    every = {"sum_of_prefix": "Feedback - ", "description_contains": "Unique"}
    reading = read_bytes(READER, {"a.csv": content}, {"metrics": {"every": every, "link": link}}, channel="facebook")
    assert reading.measurements["value"].tolist() == [21.0, 4000.0]


def test_identical_overlap_is_dropped_with_a_note(read_bytes):
    reading = read_bytes(
        READER, {"a.csv": page(ROWS), "b.csv": page([*ROWS[1:], "5/31/2019,6"])}, LIKES, channel="facebook"
    )
    assert reading.measurements["value"].tolist() == [3, 4, 5, 6]
    assert [(note.file, note.count) for note in reading.notes if note.finding == "overlap"] == [("b.csv", 2)]


def test_conflicting_overlap_names_both_files_and_rows(read_bytes):
    with pytest.raises(SourceError, match=r"4 and 9[\s\S]*a\.csv, row 4 and b\.csv, row 3"):
        read_bytes(READER, {"a.csv": page(ROWS), "b.csv": page(["5/29/2019,9"])}, LIKES | {"date_format": "%m/%d/%Y"},
                   channel="facebook")


def test_a_number_where_the_other_window_is_empty_is_a_conflict(read_bytes):
    with pytest.raises(SourceError, match="4 and absent"):
        read_bytes(READER, {"a.csv": page(ROWS), "b.csv": page(["5/29/2019,"])}, LIKES, channel="facebook")


def test_a_gap_is_told_and_not_filled(read_bytes):
    reading = read_bytes(READER, {"a.csv": page(ROWS), "b.csv": page(["6/13/2019,8"])}, LIKES, channel="facebook")
    assert len(reading.measurements) == 4
    assert [(note.file, note.finding, note.count) for note in reading.notes] == [("b.csv", "gap between exports", 13)]


def test_days_missing_inside_an_export_are_told_too(read_bytes):
    reading = read_bytes(READER, {"a.csv": page([ROWS[0], ROWS[2], "6/4/2019,1"])}, LIKES, channel="facebook")
    assert [(note.finding, note.count) for note in reading.notes] == [("gap inside the export", 1 + 4)]


def test_the_same_file_name_in_two_folders_is_two_windows(read_bytes):
    reading = read_bytes(
        READER, {"1/a.csv": page(ROWS), "2/a.csv": page(["5/30/2019,5", "5/31/2019,6"])}, LIKES, channel="facebook"
    )
    assert reading.measurements["value"].tolist() == [3, 4, 5, 6]


def test_dates_that_can_be_read_in_two_ways_are_refused_until_declared(read_bytes):
    content = {"a.csv": page(["1/2/2019,3", "1/3/2019,4"])}
    with pytest.raises(SourceError, match=r"2 ways[\s\S]*date_format"):
        read_bytes(READER, content, LIKES, channel="facebook")
    reading = read_bytes(READER, content, LIKES | {"date_format": "%d/%m/%Y"}, channel="facebook")
    assert [f"{day:%Y-%m-%d}" for day in reading.measurements["date"]] == ["2019-02-01", "2019-03-01"]


@pytest.mark.parametrize("rows", [["28/5/2019,3", "29/5/2019,4"], ["2019-05-28,3", "2019-05-29,4"]])
def test_other_unambiguous_dates_are_proved_from_the_file(read_bytes, rows):
    reading = read_bytes(READER, {"a.csv": page(rows)}, LIKES, channel="facebook")
    assert [f"{day:%Y-%m-%d}" for day in reading.measurements["date"]] == ["2019-05-28", "2019-05-29"]


@pytest.mark.parametrize("word", ["now", "today", "5/32/2019", "13/13/2019", ""])
def test_a_date_that_fits_nothing_names_its_row(read_bytes, word):
    with pytest.raises(SourceError, match=r"a\.csv, row 5"):
        read_bytes(READER, {"a.csv": page([*ROWS[:2], f"{word},4"])}, LIKES, channel="facebook")


def test_a_utf8_mark_is_believed(read_bytes):
    content = page(["5/28/2019,3,1"], "Date,Daily New Likes,City - A Coruña", ",Daily: likes,").encode("utf-8-sig")
    assert read_bytes(READER, {"a.csv": content}, LIKES, channel="facebook").measurements["value"].tolist() == [3.0]


def test_other_encodings_are_refused(read_bytes):
    text = page(["5/28/2019,3,1"], "Date,Daily New Likes,City - A Coruña", ",Daily: likes,")
    with pytest.raises(SourceError, match=r"is UTF-8, not cp1252[\s\S]*a\.csv, line 1, byte"):
        read_bytes(READER, {"a.csv": text}, LIKES, channel="facebook")
    with pytest.raises(SourceError, match="UTF-16"):
        read_bytes(READER, {"a.csv": text.encode("utf-16")}, LIKES, channel="facebook")
    with pytest.raises(SourceError, match="NUL"):
        read_bytes(READER, {"a.csv": text.encode("utf-16-le")}, LIKES, channel="facebook")


def test_dropped_and_misnamed_columns_name_the_nearest(read_bytes):
    with pytest.raises(SourceError, match=r'no column "Daily New Like"[\s\S]*"Daily New Likes"'):
        read_bytes(READER, {"a.csv": page(ROWS)}, {"metrics": {"likes": "Daily New Like"}}, channel="facebook")
    stories = {"metrics": {"stories": {"sum_of_prefix": "Stories - "}}}
    with pytest.raises(SourceError, match="no column begins with"):
        read_bytes(READER, {"a.csv": page(ROWS)}, stories, channel="facebook")


@pytest.mark.parametrize("cell", ["1,234", "7.03E+14", "-4", "n/a", "nan", "1 234", "٣"])
def test_what_is_not_a_count_names_row_and_column(read_bytes, cell):
    with pytest.raises(SourceError, match=r'row 3, column "Daily New Likes"'):
        read_bytes(READER, {"a.csv": page([f'5/28/2019,"{cell}"'])}, LIKES | {"encoding": "utf-8"}, channel="facebook")


def test_every_cut_inside_a_row_is_noticed(read_fixture, read_bytes, fixtures):
    whole = (fixtures / WINDOWS[0]).read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n")
    options = {"metrics": METRICS}
    last_comma = whole.rfind(b",")
    for cut in range(last + 2, last_comma + 1):
        with pytest.raises(SourceError, match=r"cut short: its last row[\s\S]*a\.csv, row 8"):
            read_bytes(READER, {"a.csv": whole[:cut]}, options, channel="facebook")
    for cut in range(last_comma + 1, len(whole)):  # inside the last cell a cut can only be suspected
        reading = read_bytes(READER, {"a.csv": whole[:cut]}, options, channel="facebook")
        assert "no line end after the last row" in [note.finding for note in reading.notes]


def test_a_missing_description_row_is_not_read_over(read_bytes, tmp_path):
    days = "Date,Daily New Likes\n5/28/2019,3\n5/29/2019,4\n"
    numbered = ",Date,Daily New Likes\n0,5/28/2019,3\n1,5/29/2019,4\n"
    for text in (days, numbered):
        reading = read_bytes(READER, {"a.csv": text}, LIKES, channel="facebook")
        assert reading.measurements["value"].tolist() == [3, 4]
        assert reading.notes[-1].detail.startswith("row 2")
        assert [note.finding for note in reading.notes[:-1]] == ["a column of row numbers"] * (text == numbered)
        found = examine(tmp_path / "a.csv")
        assert (found.source["format"], found.source["options"]["metrics"]) == (
            READER, {"new_followers": "Daily New Likes"},
        )  # fmt: skip
    double = "Date,Views,Views\n5/28/2019,3,4\n"
    with pytest.raises(SourceError, match=r"occurrence:"):
        read_bytes(READER, {"a.csv": double}, {"metrics": {"v": "Views"}}, channel="facebook")
    (tmp_path / "b.csv").write_text("Date,Daily Sales\n5/28/2019,3\n5/29/2019,4\n")
    assert examine(tmp_path / "b.csv").source["format"] == "measurements_csv"


def test_an_export_that_a_spreadsheet_saved_again(read_bytes, tmp_path):
    text = "Date;Daily New Likes;Daily Total Reach\n;Daily: likes;Daily: people\n5/28/19;3;10\n5/29/19;4;11\n"
    again = {"a.csv": text.encode(), "b.xlsx": xlsx({"page": [row.split(";") for row in text.splitlines()]}),
             "c.xlsx": xlsx({"Key metrics": [row.split(";") for row in text.splitlines()], "Cities": [["x"]]})}
    numbered = [[number, *row.split(";")] for number, row in zip(["", 0, 1, 2], text.splitlines(), strict=True)]
    again["d.xlsx"] = xlsx({"Sheet1": numbered})
    for name, data in again.items():
        (tmp_path / name).write_bytes(data)
        found = examine(tmp_path / name)
        assert (found.source["format"], found.periods) == (READER, (("", "2019-05-28", "2019-05-29"),))
        sums = found.reading.measurements.groupby("metric")["value"].sum()
        assert sums.to_dict() == {"new_followers": 7, "reach": 21}


def test_the_case_must_name_the_channel(read_bytes):
    with pytest.raises(CaseError, match="which channel"):
        read_bytes(READER, {"a.csv": page(ROWS)}, LIKES)


def test_the_real_exports_join_without_a_gap(real, real_folder, plain):
    column = {"header": "Daily Logged-in Page Views", "description_contains": "Total Count", "occurrence": 1}
    options = {"metrics": {"likes": "Lifetime Total Likes", "views": column}}
    reading = real("facebook-insights-export", READER, ["*.csv"], options, channel="facebook")
    rows = [plain(path, "cp1252")[2:] for path in sorted((real_folder / "facebook-insights-export").glob("*.csv"))]
    assert [len(part) for part in rows] == [58, 177]
    likes = values(reading, "likes")
    assert likes.tolist() == [float(row[1]) for part in rows for row in part]
    assert (likes.index[-1] - likes.index[0]).days + 1 == len(likes) == 58 + 177
    assert not [note for note in reading.notes if "gap" in note.finding]


LIKES_AND_VIEWS = ["Date", "Lifetime Total Likes", "Daily Logged-in Page Views", "Daily Logged-in Page Views"]
BREAKDOWN = "Daily Page Stories by sto...001"  # cut at 31 characters and numbered, as the exports do


def workbook(days: list[datetime], header: list[str], first: int = 100) -> dict:
    """Key Metrics, and a breakdown on its own sheet whose rows leave out a day on which nothing happened."""
    described = [None, "Lifetime: people who like", "Daily: views (Total Count)", "Daily: views (Unique Users)"]
    rows = [[day, first + i, 10 * i, i if i != 1 else None] for i, day in enumerate(days)]
    stories = [["Daily: stories (Total Count)" if i == 0 else None, day, i, 2 * i] for i, day in enumerate(days)]
    sheet = [["Description", "Date", "fan", "Perú"], *[row for i, row in enumerate(stories) if i != 2]]
    return {"Key Metrics": [header, described, *rows], BREAKDOWN: sheet}


def in_july(first: int, count: int, hour: int = 5) -> list[datetime]:
    return [datetime(2017, 7, first + i, hour, 30 if hour else 0) for i in range(count)]


BOTH = {
    "likes": "Lifetime Total Likes",
    "viewers": {"header": "Daily Logged-in Page Views", "description_contains": "(Unique Users)",
                "also": ["page_views_login_unique:day"]},
    "stories": {"sum_of_prefix": "Daily Page Stories by sto", "also": ["page_stories_by_story_type:day"]},
}  # fmt: skip


@pytest.mark.parametrize("write", [spreadsheetml, xlsx])
def test_a_workbook_reads_like_the_csv_export(read_bytes, write):
    sheets = workbook(in_july(20, 4), LIKES_AND_VIEWS)
    content = write(sheets)
    if write is spreadsheetml:
        content = content.replace("Perú".encode(), b"Per\xc3?")
    reading = read_bytes(READER, {"page.csv": content}, {"metrics": BOTH}, channel="facebook")
    rows, stories = sheets["Key Metrics"][2:], sheets[BREAKDOWN][1:]
    assert values(reading, "likes").tolist() == [row[1] for row in rows]
    assert values(reading, "viewers").tolist() == [row[3] for row in rows if row[3] is not None]
    assert values(reading, "stories").tolist() == [row[2] + row[3] for row in stories]
    assert [f"{day:%m-%d}" for day in values(reading, "likes").index] == ["07-20", "07-21", "07-22", "07-23"]
    assert set(reading.measurements["file"]) == {"page.csv"}
    assert reading.measurements.loc[reading.measurements["metric"] == "likes", "row"].tolist() == [3, 4, 5, 6]
    findings = [note.finding for note in reading.notes]
    assert "dates with a time of day" in findings
    assert ("broken letters" in findings) == (write is spreadsheetml)


def test_windows_of_three_kinds_headed_by_labels_and_by_api_names_join(read_bytes):
    described = ",,views (Total Count),views (Unique Users)"
    csv = page(["7/18/2017,98,5,4", "7/19/2017,99,6,3"], ",".join(LIKES_AND_VIEWS), described)
    api = ["Date", "page_fans:lifetime", "page_views_login:day", "page_views_login_unique:day"]
    files = {
        "c.xls": spreadsheetml(workbook(in_july(20, 3), api)),
        "b.xlsx": xlsx(workbook(in_july(22, 3, 0), LIKES_AND_VIEWS, first=102)),
        "a.csv": csv,
    }
    metrics = {name: BOTH[name] for name in ("likes",)}
    reading = read_bytes(READER, files, {"metrics": metrics, "date_format": "%m/%d/%Y"}, channel="facebook")
    assert values(reading, "likes").tolist() == [98, 99, 100, 101, 102, 103, 104]
    assert [(note.file, note.count) for note in reading.notes if note.finding == "overlap"] == [("b.xlsx", 1)]
    assert not [note for note in reading.notes if "gap" in note.finding]
    files["b.xlsx"] = xlsx(workbook(in_july(22, 3, 0), LIKES_AND_VIEWS, first=103))
    with pytest.raises(SourceError, match=r"102 and 103[\s\S]*c\.xls, row 5 and b\.xlsx, row 3"):
        read_bytes(READER, files, {"metrics": metrics, "date_format": "%m/%d/%Y"}, channel="facebook")
    viewers = read_bytes(READER, {"c.xls": files["c.xls"]}, {"metrics": {"v": BOTH["viewers"]}}, channel="facebook")
    assert values(viewers, "v").tolist() == [0, 2]


def test_other_spellings_of_a_header_are_found_and_two_of_them_are_not_mixed_up(read_bytes):
    content = {"a.csv": page(["5/28/2019,3"], "Date,Daily New likes")}
    assert read_bytes(READER, content, LIKES, channel="facebook").measurements["value"].tolist() == [3]
    content = {"a.csv": page(["5/28/2019,3,4"], "Date,Daily new likes,Daily New likes", ",Daily: one,Daily: two")}
    with pytest.raises(SourceError, match="names 2 columns"):
        read_bytes(READER, content, LIKES, channel="facebook")


def test_a_workbook_s_cells_are_as_strict_as_text(read_bytes):
    sheets = {"Key Metrics": [["Date", "Daily New Likes"], [None, "Daily: likes"], ["2017-07-20", "=1+1"]]}
    with pytest.raises(SourceError, match=r'"=1\+1" is not a number[\s\S]*a\.xlsx, row 3, column "Daily New Likes"'):
        read_bytes(READER, {"a.xlsx": xlsx(sheets)}, LIKES, channel="facebook")
    late = {"Key Metrics": [*sheets["Key Metrics"][:2], [datetime(2017, 7, 20, 17), 5]]}
    with pytest.raises(SourceError, match=r"day before or the day after[\s\S]*a\.xls, row 3, column \"Date\""):
        read_bytes(READER, {"a.xls": spreadsheetml(late)}, LIKES, channel="facebook")
    undescribed = {"Key Metrics": [["Date", "Daily New Likes"], ["2017-07-20", 5], ["2017-07-21", 5]]}
    reading = read_bytes(READER, {"a.xls": spreadsheetml(undescribed)}, LIKES, channel="facebook")
    assert reading.measurements["value"].tolist() == [5, 5]
    assert "no row of descriptions" in [note.finding for note in reading.notes]
    other = {"Sheet1": [["Date", "Daily New Likes"], ["2017-07-20", 5]], "Sheet2": [["x"]]}
    with pytest.raises(SourceError, match=r'no sheet "Key Metrics"[\s\S]*a\.xls'):
        read_bytes(READER, {"a.xls": spreadsheetml(other)}, LIKES, channel="facebook")


def test_a_breakdown_must_fit_its_key_metrics(read_bytes):
    sheets = workbook(in_july(20, 2), LIKES_AND_VIEWS)
    sheets[BREAKDOWN].append([None, datetime(2017, 7, 29, 5, 30), 1, 1])
    with pytest.raises(SourceError, match=r'1 rows, "2017-07-29T05:30:00.000" first, are not on the sheet "Key Met'):
        read_bytes(READER, {"a.xls": spreadsheetml(sheets)}, {"metrics": BOTH}, channel="facebook")
    sheets[BREAKDOWN][-1][1] = datetime(2017, 7, 21, 5, 30)
    with pytest.raises(SourceError, match=r'given twice[\s\S]*sheet "Daily Page Stories by sto\.\.\.001", row 4'):
        read_bytes(READER, {"a.xls": spreadsheetml(sheets)}, {"metrics": BOTH}, channel="facebook")


def test_a_blank_description_row_and_a_blank_breakdown_are_no_data(read_bytes):
    days = [["2017-07-20", 5, 7], ["2017-07-21", 6, 8]]
    sheets = {"Key Metrics": [["Date", "Views", "Views"], [], *days], "Check-ins": [["Description", "Date", "IT"]]}
    metrics = {"v": {"header": "Views", "description_contains": "Total", "occurrence": 2}}
    reading = read_bytes(READER, {"a.xls": spreadsheetml(sheets)}, {"metrics": metrics}, channel="facebook")
    assert reading.measurements["value"].tolist() == [7, 8]
    assert reading.measurements["row"].tolist() == [3, 4]
    assert [note.finding for note in reading.notes] == ["description row cut off"]


def test_an_api_name_finds_the_label_too(read_bytes):
    content = page(["7/20/2017,3", "7/21/2017,4"], "Date,Daily Page Engaged Users")
    options = {"metrics": {"engaged": "page_engaged_users:day"}}
    frame = read_bytes(READER, {"a.csv": content}, options, channel="facebook").measurements
    assert frame["value"].tolist() == [3, 4]
    options = {"metrics": {"engaged": "page_engaged_users:week"}}
    with pytest.raises(SourceError, match='no column "page_engaged_users:week"'):
        read_bytes(READER, {"a.csv": content}, options, channel="facebook")
