"""Meta Business Suite content: four headers, short rows, a column twice, ids as text, one file under two names."""

import csv
import io
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from workbook_files import xlsx

from analysis.core.errors import CaseError, SourceError
from analysis.pipeline.detect import examine

READER = "meta_business_suite_content"
BASE = ["Post ID", "Page ID", "Page name", "Title", "Description", "Duration (sec)", "Publish time", "Caption type",
        "Permalink", "Is crosspost", "Is share", "Post type", "Languages", "Custom labels", "Funded content status",
        "Data comment", "Date"]  # fmt: skip
OTHER, PHOTO = "Other Clicks", "Matched Audience Targeting Consumption (Photo Click)"
SUMS = ["Reactions, Comments and Shares", "Reactions", "Comments", "Shares", "Total clicks"]
IN_2023 = [*BASE, "IMPRESSION:UNIQUE_USERS", "Reach", "Impressions", *SUMS, PHOTO, OTHER, "Link Clicks",
           "Negative feedback from users: Hide all"]  # fmt: skip
IN_2025 = [*BASE, "Views", "Reach", *SUMS, "Link Clicks", OTHER, PHOTO, "Seconds viewed", "Average Seconds viewed",
           "Estimated earnings (USD)", "Ad impressions"]  # fmt: skip
TWICE = [*BASE, "Views", "Reach", *SUMS, "Views", "Reach from Organic posts", "Reach from Boosted posts",
         "3-second video views", "1-minute video views", "3-Second viewers", "1-minute viewers",
         "3-second video views from Boosted posts", "3-second video views from Organic posts",
         "Negative feedback from users", "Unique negative feedback from users", OTHER, PHOTO,
         "Link Clicks"]  # fmt: skip
INSTAGRAM = ["Post ID", "Account ID", "Account username", "Account name", "Description", "Duration (sec)",
             "Publish time", "Permalink", "Post type", "Data comment", "Date", "Views", "Reach", "Likes", "Shares",
             "Comments", "Saves", "Follows"]  # fmt: skip
TIMES = ["12/13/2023 23:30", "12/12/2023 01:12", "12/12/2023 00:05"]
TYPES = {29: ["Photos", "Text", "Photo"], 31: ["Reels", "Videos", "Links"], 38: ["Photos"] * 3,
         18: ["IG image", "IG reel", "IG carousel"]}  # fmt: skip


def posts(header: list[str], first: int = 0) -> list[list[str]]:
    """Three posts; every count is another number, a column that is there twice the same one."""
    rows = []
    for i, time in enumerate(TIMES):
        fixed = {
            "Post ID": str(102030405060708090 + first + i), "Publish time": time, "Date": "Lifetime",
            "Post type": TYPES[len(header)][i], "Description": 'Two "quoted"\nlines, one post' if i == 0 else "x",
        }  # fmt: skip
        date = header.index("Date")
        rows.append([fixed.get(name, str(100 * header.index(name) + i) if at > date else "")
                     for at, name in enumerate(header)])  # fmt: skip
    return rows


def text(header: list[str], rows: list[list[str]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue().encode("utf-8-sig")


def expected(content: bytes, column: str) -> dict[str, float]:
    """A column's sums by day, by the csv module; the leftmost of two columns, short rows as far as they go."""
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    at, sums = header.index(column), Counter()
    for row in rows:
        if len(row) > at and row[at]:
            month, day, year = row[header.index("Publish time")][:10].split("/")
            sums[f"{year}-{month}-{day}"] += float(row[at])
    return dict(sums)


def measured(reading, metric: str, channel: str = "facebook") -> dict[str, float]:
    frame = reading.measurements
    frame = frame[(frame["metric"] == metric) & (frame["channel"] == channel)]
    return {f"{day:%Y-%m-%d}": value for day, value in zip(frame["date"], frame["value"], strict=True)}


@pytest.mark.parametrize(("header", "width"), [(IN_2023, 29), (IN_2025, 31), (TWICE, 38), (INSTAGRAM, 18)])
def test_every_header_is_read_and_adds_up(read_bytes, header, width):
    assert len(header) == width
    content = text(header, posts(header))
    reading = read_bytes(READER, {"a.csv": content}, {})
    channel = "instagram" if header is INSTAGRAM else "facebook"
    names = {"views": "Views", "impressions": "Impressions", "comments": "Comments", "saves": "Saves",
             "engagements": SUMS[0], "link_clicks": "Link Clicks", "new_followers": "Follows",
             "seconds_viewed": "Seconds viewed"}  # fmt: skip
    for metric, column in names.items():
        assert measured(reading, metric, channel) == (expected(content, column) if column in header else {}), metric
    assert measured(reading, "posts", channel) == {"2023-12-12": 2, "2023-12-13": 1}
    assert set(reading.measurements["channel"]) == {channel}
    assert "reach" not in set(reading.measurements["metric"])
    assert sorted(set(reading.measurements["row"])) == [2, 4]  # the first post takes two lines


def test_years_and_platforms_join(read_bytes):
    files = {
        "a.csv": text(IN_2023, posts(IN_2023)), "b.csv": text(IN_2025, posts(IN_2025, 10)),
        "c.csv": text(INSTAGRAM, posts(INSTAGRAM, 20)),
    }  # fmt: skip
    reading = read_bytes(READER, files, {})
    both = Counter(expected(files["a.csv"], "Shares")) + Counter(expected(files["b.csv"], "Shares"))
    assert measured(reading, "shares") == both
    assert measured(reading, "shares", "instagram") == expected(files["c.csv"], "Shares")
    assert measured(reading, "views") == expected(files["b.csv"], "Views")
    assert sum(measured(reading, "posts").values()) == 6
    only = read_bytes(READER, files, {}, channel="instagram")
    assert set(only.measurements["channel"]) == {"instagram"}
    assert [note.file for note in only.notes if note.finding == "file left out"] == ["a.csv", "b.csv"]


def test_short_rows_end_early_and_are_told(read_bytes):
    rows = posts(IN_2025)
    rows[1] = rows[1][:27]
    content = text(IN_2025, rows)
    reading = read_bytes(READER, {"a.csv": content}, {})
    for metric, column in {"views": "Views", "seconds_viewed": "Seconds viewed"}.items():
        assert measured(reading, metric) == expected(content, column)
    assert [(note.count, note.detail) for note in reading.notes if note.finding == "rows shorter than the header"] == [
        (1, "first row 4, 27 cells of 31: the cells after its end are empty")
    ]
    rows[1] = rows[1][:15]
    with pytest.raises(SourceError, match=r'or the row is cut short[\s\S]*a\.csv, row 4, column "Date"'):
        read_bytes(READER, {"a.csv": text(IN_2025, rows)}, {})
    with pytest.raises(SourceError, match=r"cut short[\s\S]*a\.csv, row 5"):
        read_bytes(READER, {"a.csv": content[:-60]}, {})
    rows[1] = [*posts(IN_2025)[1], "1"]
    with pytest.raises(SourceError, match=r"32 cells where the header has 31[\s\S]*row 4"):
        read_bytes(READER, {"a.csv": text(IN_2025, rows)}, {})


def test_a_column_given_twice_is_read_once_or_refused(read_bytes):
    rows = posts(TWICE)
    equal = read_bytes(READER, {"a.csv": text(TWICE, rows)}, {})
    assert [
        note.detail for note in equal.notes if note.finding == "column given twice"
    ] == ["columns 18, 25, \"Views\": equal, read once"]
    rows[1][24] = "9999"
    content = text(TWICE, rows)
    said = r'with different numbers: 1701 and 9999 \(rows like this: 1\)[\s\S]*a\.csv, row 4, columns 18, 25, "Views"'
    with pytest.raises(SourceError, match=said):
        read_bytes(READER, {"a.csv": content}, {})
    first = read_bytes(READER, {"a.csv": content}, {"doubled": "first"})
    assert measured(first, "views") == expected(content, "Views")
    last = read_bytes(READER, {"a.csv": content}, {"doubled": "last"})
    assert sum(measured(last, "views").values()) == sum(measured(first, "views").values()) + 9999 - 1701


def test_one_file_under_two_names_counts_once(read_bytes):
    content = text(INSTAGRAM, posts(INSTAGRAM))
    reading = read_bytes(READER, {"a.csv": content, "b.csv": content}, {})
    assert measured(reading, "likes", "instagram") == expected(content, "Likes")
    assert [(note.file, note.detail) for note in reading.notes if note.finding == "the same file twice"] == [
        ("b.csv", "the same bytes as a.csv: read once")
    ]


def test_ids_that_differ_in_the_last_digit_are_two_posts_and_rounded_ones_none(read_bytes):
    rows = posts(INSTAGRAM)
    assert len({float(row[0]) for row in rows}) == 1
    assert sum(measured(read_bytes(READER, {"a.csv": text(INSTAGRAM, rows)}, {}), "posts", "instagram").values()) == 3
    rows[2][0] = "1.0203E+17"
    with pytest.raises(SourceError, match=r'rounded the id: "1\.0203E\+17"[\s\S]*a\.csv, row 5, column "Post ID"'):
        read_bytes(READER, {"a.csv": text(INSTAGRAM, rows)}, {})


def test_types_of_post_have_one_name(read_bytes):
    files = {"a.csv": text(IN_2023, posts(IN_2023)), "b.csv": text(INSTAGRAM, posts(INSTAGRAM, 10))}
    reading = read_bytes(READER, files, {})
    assert [note.detail for note in reading.notes if note.finding == "types of post"] == [
        "photo 2, text 1", "carousel 1, photo 1, reel 1"
    ]  # fmt: skip
    kept = read_bytes(READER, files, {"keep_types": ["photo"]})
    assert kept.measurements.loc[kept.measurements["metric"] == "posts", "value"].sum() == 3
    with pytest.raises(CaseError, match='Did you mean "photo"'):
        read_bytes(READER, files, {"keep_types": ["photos"]})
    with pytest.raises(SourceError, match="nothing was measured"):
        read_bytes(READER, files, {"keep_types": ["live"]})
    odd = posts(INSTAGRAM)
    odd[0][8] = "Hologram"
    notes = read_bytes(READER, {"a.csv": text(INSTAGRAM, odd)}, {}).notes
    assert [note.detail for note in notes if note.finding == "unknown types of post"] == [
        "hologram: kept under their own names"
    ]


def test_publish_times_may_be_of_another_zone(read_bytes):
    reading = read_bytes(READER, {"a.csv": text(INSTAGRAM, posts(INSTAGRAM))}, {"posted_zone": "America/New_York"})
    days = Counter()
    for time in TIMES:
        moment = datetime.strptime(time, "%m/%d/%Y %H:%M").replace(tzinfo=ZoneInfo("America/New_York"))
        days[f"{moment.astimezone(ZoneInfo('Europe/Rome')):%Y-%m-%d}"] += 1
    assert measured(reading, "posts", "instagram") == days == {"2023-12-12": 2, "2023-12-14": 1}


def test_an_empty_cell_may_be_a_zero_and_an_absent_column_never(read_bytes):
    old, new = posts(IN_2023), posts(IN_2025, 10)
    for row in new:
        row[IN_2025.index("Shares")] = ""
    files = {"a.csv": text(IN_2023, old), "b.csv": text(IN_2025, new)}
    missing = read_bytes(READER, {"b.csv": files["b.csv"]}, {})
    assert measured(missing, "shares") == {}
    zero = read_bytes(READER, {"b.csv": files["b.csv"]}, {"empty": "zero"})
    assert measured(zero, "shares") == {"2023-12-12": 0, "2023-12-13": 0}
    both = read_bytes(READER, files, {"empty": "zero"})
    assert measured(both, "impressions") == expected(files["a.csv"], "Impressions")
    later = [[*row[:6], row[6].replace("2023", "2024"), *row[7:]] for row in new]
    apart = read_bytes(READER, files | {"b.csv": text(IN_2025, later)}, {"empty": "zero"})
    assert {day[:4] for day in measured(apart, "impressions")} == {"2023"}


@pytest.mark.parametrize("column", ["Reach", "IMPRESSION:UNIQUE_USERS"])
def test_reach_is_never_added_up(read_bytes, column):
    with pytest.raises(SourceError, match=r"counts people[\s\S]*a\.csv, row 1"):
        read_bytes(READER, {"a.csv": text(IN_2023, posts(IN_2023))}, {"metrics": {"reach": column}})


@pytest.mark.parametrize(("column", "cell", "says"), [
    ("Publish time", "13/12/2023 10:00", r'not a date in the format[\s\S]*row 2, column "Publish time"'),
    ("Date", "12/13/2023", r'broken down by day[\s\S]*row 2, column "Date"'),
    ("Likes", "1.2K", r'"1\.2K" is not a number[\s\S]*row 2, column "Likes"'),
    ("Post ID", "", r'no id[\s\S]*row 2, column "Post ID"'),
])  # fmt: skip
def test_wrong_cells_say_where(read_bytes, column, cell, says):
    rows = posts(INSTAGRAM)
    rows[0][INSTAGRAM.index(column)] = cell
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, {"a.csv": text(INSTAGRAM, rows)}, {})


def test_other_files_and_columns_are_named(read_bytes):
    with pytest.raises(SourceError, match=r"no content export[\s\S]*a\.csv, row 1"):
        read_bytes(READER, {"a.csv": "Date,Views\n1,2\n"}, {})
    with pytest.raises(SourceError, match=r'no file has the column "View"[\s\S]*"Views"'):
        read_bytes(READER, {"a.csv": text(INSTAGRAM, posts(INSTAGRAM))}, {"metrics": {"views": "View"}})
    with pytest.raises(SourceError, match=r'about the channel "fb"[\s\S]*channel_map'):
        read_bytes(READER, {"a.csv": text(INSTAGRAM, posts(INSTAGRAM))}, {}, channel="fb")


TRANSLATED = {
    "Spanish": ["Identificador de la publicación", "Identificador de la cuenta", "Nombre de usuario de la cuenta",
                "Nombre de la cuenta", "Descripción", "Duración (segundos)", "Hora de publicación",
                "Enlace permanente", "Tipo de publicación", "Comentario sobre los datos", "Fecha", "Visualizaciones",
                "Alcance", "Me gusta", "Veces que se compartió", "Comentarios", "Veces que se guardó", "Seguimientos"],
    "Italian": ["ID del post", "ID dell'account", "Nome utente dell'account", "Nome dell'account", "Descrizione",
                "Durata (s)", "Orario di pubblicazione", "Link permanente", "Tipo di post", "Commento sui dati",
                "Data", "Visualizzazioni", "Copertura", "Mi piace", "Condivisioni", "Commenti", "Salvataggi",
                "Follow"],
    "as R writes English": [name.replace(" ", ".") for name in INSTAGRAM],
}  # fmt: skip
METRICS = {"views": "Views", "likes": "Likes", "shares": "Shares", "comments": "Comments", "saves": "Saves",
           "new_followers": "Follows"}  # fmt: skip


def instagram(**changes: str) -> list[list[str]]:
    """The three posts with their links, cells changed in every row."""
    rows = posts(INSTAGRAM)
    for i, row in enumerate(rows):
        for name, cell in {"Permalink": f"https://www.instagram.com/p/{i}/", **changes}.items():
            row[INSTAGRAM.index(name)] = cell
    return rows


@pytest.mark.parametrize("language", TRANSLATED)
def test_headers_in_the_users_language(read_bytes, tmp_path, language):
    rows = instagram(Date="Total")
    content, english = text(TRANSLATED[language], rows), text(INSTAGRAM, rows)
    reading = read_bytes(READER, {"a.csv": content}, {})
    assert {name: measured(reading, name, "instagram") for name in METRICS} == {
        name: expected(english, column) for name, column in METRICS.items()
    }
    assert "headers in another language" in [note.finding for note in reading.notes]
    found = examine(tmp_path / "a.csv")
    assert (found.source["format"], found.source["channel"]) == (READER, "instagram")
    header = TRANSLATED[language]
    chosen = read_bytes(READER, {"a.csv": content}, {"metrics": {"views": header[11], "likes": "Likes"}})
    assert measured(chosen, "views", "instagram") == expected(english, "Views")
    with pytest.raises(SourceError, match=r"counts people"):
        read_bytes(READER, {"a.csv": content}, {"metrics": {"reach": header[12]}})


def test_a_language_that_is_not_known_is_mapped(read_bytes, tmp_path):
    header = [f"x{i}" for i in range(len(INSTAGRAM))]
    with pytest.raises(SourceError, match=r"no content export[\s\S]*columns:"):
        read_bytes(READER, {"a.csv": text(header, instagram())}, {})
    assert f"{READER} (once `columns` are mapped)" in examine(tmp_path / "a.csv").problem.cure
    named = {name: header[INSTAGRAM.index(name)] for name in ["Post ID", "Account ID", "Publish time", "Date", "Likes"]}
    reading = read_bytes(READER, {"a.csv": text(header, instagram())}, {"columns": named})
    assert measured(reading, "likes", "instagram") == expected(text(INSTAGRAM, instagram()), "Likes")
    assert [note.count for note in reading.notes if note.finding == "columns of unknown names"] == [6]


def test_rows_of_single_days_are_left_out_where_each_post_has_its_whole(read_bytes):
    rows = instagram()
    daily = [[*row[:10], "12/14/2023", *row[11:]] for row in rows]
    reading = read_bytes(READER, {"a.csv": text(INSTAGRAM, [*rows, *daily])}, {})
    assert measured(reading, "likes", "instagram") == expected(text(INSTAGRAM, rows), "Likes")
    assert [note.count for note in reading.notes if note.finding == "rows of single days"] == [3]
    with pytest.raises(SourceError, match=r"broken down by day[\s\S]*row 5"):
        read_bytes(READER, {"a.csv": text(INSTAGRAM, [*rows[:2], daily[2]])}, {})


def test_ids_that_a_spreadsheet_rounded_give_way_to_links(read_bytes):
    rows = instagram(**{"Post ID": "1.0203E+17"})
    reading = read_bytes(READER, {"a.csv": text(INSTAGRAM, rows), "b.csv": text(INSTAGRAM, instagram())}, {})
    assert measured(reading, "likes", "instagram") == expected(text(INSTAGRAM, rows), "Likes")
    assert [(note.file, note.count) for note in reading.notes if note.finding == "ids destroyed"] == [("a.csv", 3)]


def test_an_export_saved_again_by_other_programs(read_bytes, tmp_path):
    rows = instagram()
    numbered = [["Unnamed: 0", *INSTAGRAM], *([str(i), *row] for i, row in enumerate(rows))]
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows(numbered)
    days = [datetime.strptime(time, "%m/%d/%Y %H:%M") for time in TIMES]
    dated = [[*row[:6], day, *row[7:]] for row, day in zip(rows, days, strict=True)]
    for name, data in {
        "a.csv": stream.getvalue().encode(), "b.xlsx": xlsx({"posts": [INSTAGRAM, *rows]}),
        "c.xlsx": xlsx({"posts": [INSTAGRAM, *dated]}),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        found = examine(tmp_path / name)
        assert found.source["format"] == READER
        assert measured(found.reading, "likes", "instagram") == expected(text(INSTAGRAM, rows), "Likes")
    part = xlsx({"posts": [INSTAGRAM, rows[0], *dated[1:]]})
    with pytest.raises(SourceError, match=r"read the month as the day[\s\S]*d\.xlsx, row 2"):
        read_bytes(READER, {"d.xlsx": part}, {})
    early = xlsx({"posts": [INSTAGRAM, *dated[1:]]})
    notes = read_bytes(READER, {"e.xlsx": early}, {}).notes
    assert "times rewritten by a spreadsheet" in [note.finding for note in notes]


def test_videos_are_told_by_an_id_of_their_own(read_bytes):
    header = ["Video asset ID" if name == "Post ID" else name for name in IN_2025]
    content = text(IN_2025, posts(IN_2025))
    reading = read_bytes(READER, {"a.csv": text(header, posts(IN_2025))}, {})
    assert measured(reading, "views") == expected(content, "Views")


def test_a_language_known_in_part_is_told_by_its_cells(read_bytes, tmp_path):
    names = {"Views": "Aufrufe", "Reach": "Reichweite", "Comments": "Kommentare", "Date": "Datum"}
    header = [names.get(name, f"x{i}") for i, name in enumerate(INSTAGRAM)]
    english = text(INSTAGRAM, instagram())
    reading = read_bytes(READER, {"a.csv": text(header, instagram())}, {})
    for metric, column in {"views": "Views", "comments": "Comments"}.items():
        assert measured(reading, metric, "instagram") == expected(english, column)
    assert "likes" not in set(reading.measurements["metric"])
    assert [note.detail[:3] for note in reading.notes if note.finding == "columns of unknown names"] == ["x13"]
    found = examine(tmp_path / "a.csv")
    assert (found.source["format"], found.source["channel"]) == (READER, "instagram")
