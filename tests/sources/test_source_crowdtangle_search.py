"""CrowdTangle search export: a Portuguese file, zones by name, destroyed cells, doubles."""

import csv
import io
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from analysis.core.errors import CaseError, SourceError
from analysis.sources._zone_names import OFFSETS

READER = "crowdtangle_search"
HEADER = [
    "Page Name", "User Name", "Facebook Id", "Page Category", "Page Admin Top Country", "Page Description",
    "Page Created", "Likes at Posting", "Followers at Posting", "Post Created", "Post Created Date",
    "Post Created Time", "Type", "Total Interactions", "Likes", "Comments", "Shares", "Love", "Wow", "Haha", "Sad",
    "Angry", "Care", "Video Share Status", "Is Video Owner?", "Post Views", "Total Views",
    "Total Views For All Crossposts", "Video Length", "URL", "Message", "Link", "Final Link", "Image Text",
    "Link Text", "Description", "Sponsor Id", "Sponsor Name", "Sponsor Category",
    "Total Interactions (weighted  —  Likes 1x Shares 3x Comments 2x )", "Overperforming Score",
]  # fmt: skip
PARTS = ["Likes", "Comments", "Shares", "Love", "Wow", "Haha", "Sad", "Angry", "Care"]
OLD = [
    "Page Name", "User Name", "Facebook Id", "Likes at Posting", "Followers at Posting", "Created", "Type", *PARTS,
    "Video Share Status", "Post Views", "Total Views", "Total Views For All Crossposts", "Video Length", "URL",
    "Message", "Link", "Final Link", "Image Text", "Link Text", "Description", "Sponsor Id", "Sponsor Name",
    "Total Interactions", "Overperforming Score",
]  # fmt: skip
MARK = "\ufeff"


def post(number: int, created: str, likes: int, total: str, **changes: str) -> dict[str, str]:
    """An invented post with likes, 2 comments, 3 shares and one of each other reaction: likes + 11 in all."""
    return {
        "Page Name": "Banco Exemplo", "Facebook Id": "100000000000001", "Page Category": "none",
        "Likes at Posting": "5000", "Followers at Posting": "N/A", "Post Created": created, "Type": "Photo",
        "Total Interactions": total, "Likes": str(likes), "Comments": "2", "Shares": "3", "Is Video Owner?": "-",
        **dict.fromkeys(PARTS[3:], "1"), "URL": f"https://www.facebook.com/1/posts/{number}",
        "Message": "uma linha\noutra, com vírgula\n", HEADER[-2]: "9", HEADER[-1]: "1,4",
    } | changes  # fmt: skip


ROWS = [
    post(1, "2021-07-05 18:02:45 BRT", 407_126, "407.137"),
    post(2, "2021-07-05 23:30:00 BRT", 9, "20"),  # 6 July in Rome
    post(3, "2021-07-06 08:00:00 BRT", 1_234_556, "1.234.567"),
    post(4, "2021-07-06 09:00:00 BRT", 30, "41", **{"Page Name": "Outro Banco", "Facebook Id": "200000000000002"}),
]


def search(read_bytes, text, options=None, **source):
    return read_bytes(READER, {"a.csv": text}, options or {}, **({"channel": "facebook"} | source))


def values(reading, metric, unit="Banco Exemplo"):
    frame = reading.measurements.query("metric == @metric and unit == @unit")
    return {f"{row.date:%Y-%m-%d}": row.value for row in frame.itertuples()}


def test_the_portuguese_file_is_read_whole(read_bytes, export):
    text = MARK + export(HEADER, ROWS)
    reading = search(read_bytes, text)
    raw = list(csv.DictReader(io.StringIO(text.removeprefix(MARK), newline="")))
    for part in PARTS:
        read_sum = reading.measurements.query("metric == @part.lower()")["value"].sum()
        assert read_sum == sum(int(row[part]) for row in raw)
    interactions = reading.measurements.query("metric == 'interactions'")["value"].sum()
    assert interactions == sum(int(row["Total Interactions"].replace(".", "")) for row in raw)
    reactions = reading.measurements.query("metric == 'reactions'")["value"].sum()
    assert interactions - reactions == sum(int(row["Comments"]) + int(row["Shares"]) for row in raw)
    assert values(reading, "interactions") == {"2021-07-05": 407_137, "2021-07-06": 20 + 1_234_567}
    assert values(reading, "posts", "Outro Banco") == {"2021-07-06": 1}
    assert not {"views", "followers_at_posting"} & set(reading.measurements["metric"])
    assert reading.notes == ()


def test_the_row_is_the_line_of_the_first_post(read_bytes, export):
    frame = search(read_bytes, export(HEADER, ROWS)).measurements
    posts = frame.query("metric == 'posts' and unit == 'Banco Exemplo'")
    assert posts["row"].tolist() == [2, 5]  # each message spans three lines


def test_the_day_is_that_of_the_source(read_bytes, export):
    text = export(HEADER, ROWS)
    assert values(search(read_bytes, text, time_zone="America/Sao_Paulo"), "posts") == {
        "2021-07-05": 2, "2021-07-06": 1,
    }  # fmt: skip


def test_english_thousands_and_two_zones_in_one_file(read_bytes, export):
    rows = [
        post(1, "2021-11-06 20:30:00 EDT", 1_223, "1,234"), post(2, "2021-11-06 20:30:00 EST", 1, "12"),
        post(3, "2021-07-01 23:30:00 BST", 4, "15"), post(4, "2021-07-02 00:30:00 -03", 4, "15"),
    ]  # fmt: skip
    reading = search(read_bytes, export(HEADER, rows), time_zone="UTC")
    assert values(reading, "interactions") == {"2021-07-01": 15, "2021-07-02": 15, "2021-11-07": 1_246}


def test_a_zone_nobody_knows_names_what_to_declare(read_bytes, export):
    rows = [ROWS[0], post(5, "2021-07-05 18:02:45 CST", 1, "12")]
    with pytest.raises(SourceError, match=r'"CST"[\s\S]*a\.csv, row 5, column "Post Created"[\s\S]*zones: \{CST'):
        search(read_bytes, export(HEADER, rows))
    reading = search(read_bytes, export(HEADER, rows), {"zones": {"CST": "+08:00"}})
    assert values(reading, "posts") == {"2021-07-05": 2}
    with pytest.raises(CaseError, match="not an offset"):
        search(read_bytes, export(HEADER, rows), {"zones": {"CST": "8"}})
    with pytest.raises(SourceError, match=r"no time zone[\s\S]*zones: \{none"):
        search(read_bytes, export(HEADER, [post(1, "2021-07-05 18:02:45", 1, "12")]))


def test_every_zone_of_the_table_is_what_the_time_zone_database_says():
    january, july = datetime(2016, 1, 15, 12), datetime(2016, 7, 15, 12)
    known = {
        "UTC": ("UTC", july), "GMT": ("Europe/London", january), "BST": ("Europe/London", july),
        "WET": ("Europe/Lisbon", january), "WEST": ("Europe/Lisbon", july), "CET": ("Europe/Rome", january),
        "CEST": ("Europe/Rome", july), "EET": ("Europe/Athens", january), "EEST": ("Europe/Athens", july),
        "MSK": ("Europe/Moscow", july), "BRT": ("America/Sao_Paulo", july), "BRST": ("America/Sao_Paulo", january),
        "ART": ("America/Argentina/Buenos_Aires", july), "CLT": ("America/Santiago", july),
        "CLST": ("America/Santiago", january), "EST": ("America/New_York", january), "EDT": ("America/New_York", july),
        "MST": ("America/Denver", january), "MDT": ("America/Denver", july), "PST": ("America/Los_Angeles", january),
        "PDT": ("America/Los_Angeles", july), "AKST": ("America/Anchorage", january),
        "AKDT": ("America/Anchorage", july), "JST": ("Asia/Tokyo", july), "AEST": ("Australia/Sydney", july),
        "AEDT": ("Australia/Sydney", january), "NZST": ("Pacific/Auckland", july),
        "NZDT": ("Pacific/Auckland", january), "COT": ("America/Bogota", july), "PET": ("America/Lima", july),
        "WAT": ("Africa/Lagos", july), "CAT": ("Africa/Maputo", july), "SAST": ("Africa/Johannesburg", july),
        "EAT": ("Africa/Nairobi", july), "ICT": ("Asia/Bangkok", july), "WIB": ("Asia/Jakarta", july),
        "HKT": ("Asia/Hong_Kong", july), "SGT": ("Asia/Singapore", july), "KST": ("Asia/Seoul", july),
    }  # fmt: skip
    written = {name: f"{day.replace(tzinfo=ZoneInfo(zone)):%z}" for name, (zone, day) in known.items()}
    assert {name: offset.replace(":", "") for name, offset in OFFSETS.items()} == written


def test_columns_before_april_2021(read_bytes, export):
    rows = [{key: value for key, value in row.items() if key in OLD} | {"Created": row["Post Created"]} for row in ROWS]
    assert values(search(read_bytes, export(OLD, rows)), "interactions") == {
        "2021-07-05": 407_137, "2021-07-06": 20 + 1_234_567,
    }  # fmt: skip
    without = [name for name in OLD if name not in ("Total Interactions", "Care", "Overperforming Score")]
    rows = [{key: value for key, value in row.items() if key in without} for row in rows]
    reading = search(read_bytes, export(without, rows))
    assert values(reading, "interactions") == {"2021-07-05": 407_136, "2021-07-06": 19 + 1_234_566}
    assert "care" not in set(reading.measurements["metric"])


def test_absent_values_are_left_out_and_told(read_bytes, export):
    rows = [ROWS[0], post(5, "2021-07-08 10:00:00 BRT", 5, "N/A", Likes="N/A", Shares="-", Comments="")]
    reading = search(read_bytes, export(HEADER, rows))
    assert values(reading, "interactions") == {"2021-07-05": 407_137}
    assert values(reading, "posts") == {"2021-07-05": 1, "2021-07-08": 1}
    told = {note.detail.split(":")[0]: note.count for note in reading.notes if note.finding == "absent values"}
    assert told == dict.fromkeys(["interactions", "reactions", "likes", "comments", "shares"], 1)


def test_a_number_the_sum_does_not_prove_is_refused(read_bytes, export):
    rows = [post(1, "2021-07-05 18:02:45 BRT", 20, "1.234")]
    said = r'"1\.234" cannot be settled[\s\S]*1,234, [\s\S]*sum to 31[\s\S]*a\.csv, row 2, column "Total Interactions"'
    with pytest.raises(SourceError, match=said):
        search(read_bytes, export(HEADER, rows))
    unknown = [post(1, "2021-07-05 18:02:45 BRT", 20, "1.234", Likes="")]
    with pytest.raises(SourceError, match="nothing known"):
        search(read_bytes, export(HEADER, unknown))
    proved = search(read_bytes, export(HEADER, [*ROWS, post(9, "2021-07-09 10:00:00 BRT", 20, "1.234")]))
    assert values(proved, "interactions")["2021-07-09"] == 1_234
    told = [note for note in proved.notes if note.finding == "total differs from the sum of its parts"]
    assert [(note.count, note.detail.split(";")[0]) for note in told] == [(1, "first in row 14")]


@pytest.mark.parametrize("cell", ["1,4", "4.07E+05", "12k", "-3", "1.23.456"])
def test_counts_are_whole_numbers(read_bytes, export, cell):
    with pytest.raises(SourceError, match=r'a\.csv, row 2, column "Likes"'):
        search(read_bytes, export(HEADER, [post(1, "2021-07-05 18:02:45 BRT", 1, "12", Likes=cell)]))


def test_what_a_spreadsheet_destroyed_is_named(read_bytes, export):
    rows = [post(1, "2021-07-05 18:02:45 BRT", 1, "12", **{"Facebook Id": "7.03E+14", "Post Created Date": "7/5/21"})]
    findings = Counter(note.finding for note in search(read_bytes, export(HEADER, rows)).notes)
    assert findings == {"ids destroyed": 1, "dates rewritten": 1}
    with pytest.raises(SourceError, match=r"as a spreadsheet rewrites it[\s\S]*row 2, column \"Post Created\""):
        search(read_bytes, export(HEADER, [post(1, "7/5/21 18:02", 1, "12")]))
    with pytest.raises(SourceError, match=r"not a time like"):
        search(read_bytes, export(HEADER, [post(1, "yesterday", 1, "12")]))


def test_a_post_in_two_exports(read_bytes, export):
    first, second = export(HEADER, ROWS), export(HEADER, [ROWS[0], post(2, "2021-07-05 23:30:00 BRT", 10, "21")])
    with pytest.raises(SourceError, match=r"different numbers[\s\S]*20 and 21[\s\S]*a\.csv, row 5 and b\.csv, row 5"):
        read_bytes(READER, {"a.csv": first, "b.csv": second}, {}, channel="facebook")
    kept = read_bytes(
        READER, {"b.csv": second, "a.csv": first}, {"duplicates": "keep_first"}, channel="facebook"
    )
    assert values(kept, "interactions") == {"2021-07-05": 407_137, "2021-07-06": 21 + 1_234_567}
    assert [(note.file, note.count) for note in kept.notes] == [("a.csv", 2)]
    same = read_bytes(READER, {"a.csv": first, "b.csv": first}, {}, channel="facebook")
    assert values(same, "posts") == {"2021-07-05": 1, "2021-07-06": 2}


def test_units_are_pages_or_the_source(read_bytes, export):
    text = export(HEADER, ROWS)
    mapped = search(read_bytes, text, {"pages": {"Banco Exemplo": "Example Bank"}})
    assert set(mapped.measurements["unit"]) == {"Example Bank"}
    assert [(note.finding, note.count) for note in mapped.notes] == [("post of a page not listed", 1)]
    whole = search(read_bytes, text, {"unit": "source"})
    assert values(whole, "posts", "Example Bank") == {"2021-07-05": 1, "2021-07-06": 3}
    with pytest.raises(SourceError, match=r'no post is of "Banco Exmplo"[\s\S]*Did you mean "Banco Exemplo"'):
        search(read_bytes, text, {"pages": {"Banco Exmplo": "Example Bank"}})


def test_a_renamed_page_is_told(read_bytes, export):
    rows = [ROWS[0], post(7, "2021-07-07 10:00:00 BRT", 1, "12", **{"Page Name": "Exemplo"})]
    notes = search(read_bytes, export(HEADER, rows)).notes
    assert [(note.finding, note.count) for note in notes] == [("page with several names", 2)]


def test_other_layouts_are_named(read_bytes, export):
    history = [name for name in HEADER if name != HEADER[-2]]
    rows = [{key: value for key, value in ROWS[0].items() if key in history}]
    with pytest.raises(SourceError, match=r"historical report[\s\S]*row 1[\s\S]*crowdtangle_history"):
        search(read_bytes, export(history, rows))
    with pytest.raises(SourceError, match=r"not a CrowdTangle export of posts[\s\S]*a\.csv, row 1"):
        search(read_bytes, "ID,Likes\n1,2\n")
    shorter = [name for name in HEADER if name != "Shares"]
    with pytest.raises(SourceError, match='no column "Shares"'):
        search(read_bytes, export(shorter, [{k: v for k, v in ROWS[0].items() if k in shorter}]))
    with pytest.raises(SourceError, match=r"the name is empty[\s\S]*row 2"):
        search(read_bytes, export(HEADER, [ROWS[0] | {"Page Name": ""}]))
    with pytest.raises(CaseError, match="channel"):
        search(read_bytes, export(HEADER, ROWS), channel=None)


def test_a_cut_file_is_refused(read_bytes, export):
    text = export(HEADER, ROWS)
    with pytest.raises(SourceError, match="cut short"):
        search(read_bytes, text[: text.rindex("outra")])
