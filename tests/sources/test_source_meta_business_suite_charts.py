"""Meta Business Suite charts: UTF-16, sections told apart by their title, the hour a trace and not a time."""

import csv
from datetime import date, timedelta

import pytest

from analysis.core.errors import CaseError, SourceError
from analysis.pipeline.detect import examine

READER = "meta_business_suite_charts"
FIRST, SUMMER = date(2025, 3, 1), date(2025, 3, 10)


def section(title: str, values: list[object], first: date = FIRST) -> str:
    rows = [f'"{title}"\n"Date","Primary"\n']
    for i, value in enumerate(values):
        day = first + timedelta(days=i)
        rows.append(f'"{day}T{"01" if day < SUMMER else "00"}:00:00","{value}"\n')
    return "".join(rows)


def file(*sections: str) -> bytes:
    return ("\ufeffsep=,\n" + "\n".join(sections)).encode("utf-16-le")


def resaved(content: bytes) -> bytes:
    """As a spreadsheet writes it again: tabs, no quotes, CRLF."""
    lines = list(csv.reader(content.decode("utf-16").splitlines()[1:]))
    return ("\ufeffsep=\t\r\n" + "".join("\t".join(row) + "\r\n" for row in lines)).encode("utf-16-le")


REACH = [5, 0, 7, 3, 9, 1, 2, 8, 4, 6, 11, 12]
TWO = file(section("Facebook reach", REACH), section("Instagram reach", [10 * value for value in REACH]))


def totals(content: bytes) -> list[int]:
    """The sum of each section, by splitting the text."""
    parts = content.decode("utf-16").replace("\r", "").replace('"', "").replace("\t", ",").split("Date,Primary\n")[1:]
    return [sum(int(line.split(",")[1]) for line in part.splitlines() if line.startswith("2025")) for part in parts]


@pytest.mark.parametrize("content", [TWO, resaved(TWO)], ids=["as received", "saved again"])
def test_sections_of_one_file_are_two_channels(read_bytes, content):
    reading = read_bytes(READER, {"Reach.csv": content}, {})
    frame = reading.measurements
    assert set(frame["metric"]) == {"reach"}
    sums = frame.groupby("channel")["value"].sum()
    assert sums.to_dict() == dict(zip(["facebook", "instagram"], totals(content), strict=True))
    facebook = frame[frame["channel"] == "facebook"]
    assert facebook["value"].tolist() == REACH
    assert [day.date() for day in facebook["date"]] == [FIRST + timedelta(days=i) for i in range(12)]
    lines = content.decode("utf-16").splitlines()
    for row in frame.itertuples():
        assert f"{row.date:%Y-%m-%d}" in lines[row.row - 1]
        assert lines[row.row - 1].rstrip('"').endswith(str(int(row.value)))


def test_the_hour_is_told_and_makes_no_gap(read_bytes):
    notes = read_bytes(READER, {"Reach.csv": TWO}, {}).notes
    assert [note.detail for note in notes if note.finding == "dates with a time of day"] == [
        f'"{title} reach": 00:00 on 3 days, 01:00 on 9 days; the day is kept' for title in ("Facebook", "Instagram")
    ]
    assert not [note for note in notes if "gap" in note.finding]


def test_only_the_title_tells_two_files_apart(read_bytes):
    files = {
        "Visits.csv": file(section("Facebook visits", [1, 2])),
        "Visits (1).csv": file(section("Instagram visits", [3, 4])),
        "Follows.csv": file(section("Instagram follows", [5])),
    }
    frame = read_bytes(READER, files, {}).measurements
    sums = frame.groupby(["channel", "metric"])["value"].sum().to_dict()
    assert sums == {("facebook", "visits"): 3, ("instagram", "visits"): 7, ("instagram", "follows"): 5}
    assert frame.loc[frame["channel"] == "facebook", "file"].unique().tolist() == ["Visits.csv"]


def test_a_source_of_one_channel_leaves_the_others_out(read_bytes):
    reading = read_bytes(READER, {"Reach.csv": TWO}, {}, channel="instagram")
    assert reading.measurements["value"].sum() == totals(TWO)[1]
    assert [note.detail for note in reading.notes if note.finding == "chart left out"] == [
        'row 2: "Facebook reach" was not asked for'
    ]
    with pytest.raises(SourceError, match=r"no file has a chart of the channel[\s\S]*Reach\.csv[\s\S]*channel_map"):
        read_bytes(READER, {"Reach.csv": TWO}, {}, channel="fb")
    mapped = read_bytes(READER, {"Reach.csv": TWO}, {"channel_map": {"Facebook": "fb"}}, channel="fb")
    assert mapped.measurements["value"].sum() == totals(TWO)[0]


def test_metrics_may_be_chosen_and_renamed(read_bytes):
    content = file(section("Facebook profile visits", [1]), section("Facebook reach", [2]))
    frame = read_bytes(READER, {"a.csv": content}, {"metrics": {"visits": "profile visits"}}).measurements
    assert (frame["metric"].tolist(), frame["value"].tolist()) == (["visits"], [1.0])


def test_a_title_without_a_platform_needs_a_word(read_bytes):
    content = {"a.csv": file(section("Views", [4]))}
    with pytest.raises(CaseError, match=r'"Views" names no platform[\s\S]*a\.csv, row 2[\s\S]*titles:'):
        read_bytes(READER, content, {})
    reading = read_bytes(READER, content, {}, channel="instagram")
    assert reading.measurements["channel"].tolist() == ["instagram"]
    assert "title without a platform" in [note.finding for note in reading.notes]
    titles = {"Views": {"platform": "Facebook", "metric": "views"}}
    assert read_bytes(READER, content, {"titles": titles}).measurements["channel"].tolist() == ["facebook"]


def test_windows_join_and_must_agree(read_bytes):
    one = file(section("Facebook reach", REACH[:6]))
    two = file(section("Facebook reach", REACH[4:], FIRST + timedelta(days=4)))
    reading = read_bytes(READER, {"a.csv": one, "b.csv": two}, {})
    assert reading.measurements["value"].tolist() == REACH
    assert [(note.file, note.count) for note in reading.notes if note.finding == "overlap"] == [("b.csv", 2)]
    other = file(section("Facebook reach", [99], FIRST + timedelta(days=4)))
    with pytest.raises(SourceError, match=r"9 and 99[\s\S]*a\.csv, row 8 and b\.csv, row 4"):
        read_bytes(READER, {"a.csv": one, "b.csv": other}, {})


def test_a_channel_the_case_does_not_list_is_refused(read_bytes):
    channels = [{"id": "facebook", "label": "Facebook", "role": "retained"}]
    with pytest.raises(SourceError, match=r'about Instagram[\s\S]*"instagram"[\s\S]*Reach\.csv, row 17'):
        read_bytes(READER, {"Reach.csv": TWO}, {}, channels=channels)


@pytest.mark.parametrize(("content", "says"), [
    (TWO.decode("utf-16").encode("utf-8"), r"no byte-order mark"),
    (TWO.decode("utf-16").encode("utf-8-sig"), r"UTF-8, as its first bytes say"),
    (TWO[:-6], r"cut short"),
    (TWO[:-2].rsplit("\n".encode("utf-16-le"), 12)[0], r'chart "Instagram reach" has no rows[\s\S]*row 17'),
    (file(section("Facebook reach", ["1,204"])), r'not a number[\s\S]*a\.csv, row 4, column "Primary" of "Facebook re'),
    (file(section("Facebook reach", [1]).replace("2025-03-01T", "03/01/2025 ")), r"row 4|a title, a header"),
    (file(section("Facebook reach", [1]).replace("Primary", "Secondary")), r"a\.csv, row 3[\s\S]*comparison"),
    (file(section("Facebook reach", [1]).replace('"1"', '"1","2"')), r"row of 3 cells[\s\S]*a\.csv, row 4"),
    (file('"2025-03-01T00:00:00","5"\n'), r"row of 2 cells[\s\S]*a\.csv, row 2"),
    (file(""), "no chart"),
])  # fmt: skip
def test_wrong_files_say_where(read_bytes, content, says):
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, {"a.csv": content}, {})


def test_titles_and_headers_in_other_languages(read_bytes, tmp_path):
    titles = {
        "Copertura di Facebook": ("facebook", "reach"), "Visualizzazioni di Instagram": ("instagram", "views"),
        "Alcance de Instagram": ("instagram", "reach"), "Facebook-Reichweite": ("facebook", "reach"),
        "Visites Facebook": ("facebook", "visits"), "Quota nuova di Facebook": ("facebook", "quota_nuova"),
    }  # fmt: skip
    for title, told in titles.items():
        content = file(section(title, [4, 5]).replace('"Date"', '"Data"'))
        frame = read_bytes(READER, {"a.csv": content}, {}).measurements
        assert set(zip(frame["channel"], frame["metric"], strict=True)) == {told}
    found = examine(tmp_path / "a.csv")
    assert (found.source["format"], found.doubts) == (READER, ())


def test_a_title_without_a_platform_is_a_doubt_about_the_channel(tmp_path):
    (tmp_path / "Viewers.csv").write_bytes(file(section("Viewers", [4, 5])))
    found = examine(tmp_path / "Viewers.csv")
    assert [doubt.key for doubt in found.doubts] == ["channel"]
    assert found.reading.measurements["value"].sum() == 9


def test_columns_beside_the_primary_one_are_left_out_and_told(read_bytes):
    text = '"Facebook earnings"\n"Date","Primary","stars","ads"\n"2025-03-01T00:00:00","9","4","5"\n'
    reading = read_bytes(READER, {"a.csv": file(text)}, {})
    assert reading.measurements["value"].tolist() == [9]
    assert [note.detail for note in reading.notes] == ["row 3: stars, ads"]


@pytest.mark.parametrize("mark", [",", ";"])
def test_a_chart_saved_as_plain_text(read_bytes, tmp_path, mark):
    text = section("Facebook reach", [4, 5]).replace(",", mark).replace('"', "")
    assert read_bytes(READER, {"a.csv": text}, {"encoding": "utf-8"}).measurements["value"].sum() == 9
    found = examine(tmp_path / "a.csv")
    assert (found.source["format"], found.problem) == (READER, None)


def test_a_chart_among_tables_of_the_audience(read_bytes, tmp_path):
    ages = '"Age & gender"\n\n"","Women","Men"\n"18-24","1.3","0.7"\n"25-34","25.4","4.2"\n'
    towns = '"Top cities"\n"Exampleville","Sampleton"\n"3.1","2.2"\n'
    reading = read_bytes(READER, {"Audience.csv": file(ages, towns, section("Facebook follows", [4, 5]))}, {})
    assert reading.measurements["value"].tolist() == [4, 5]
    assert [note.count for note in reading.notes if note.finding == "tables left out"] == [2]
    found = examine(tmp_path / "Audience.csv")
    assert (found.source["format"], found.problem) == (READER, None)
    with pytest.raises(SourceError, match="no chart"):
        read_bytes(READER, {"b.csv": file(ages, towns)}, {})
