"""Facebook Insights by video: views added up by posting day, percentages and people never."""

import pytest
from workbook_files import spreadsheetml

from analysis.core.errors import SourceError
from analysis.sources.facebook_insights_videos import COLUMNS

READER = "facebook_insights_videos"
BASE = ["Post ID", "Permalink", "Post Message", "Type", "Countries", "Languages", "Posted", "Audience Targeting",
        "Content Tags"]  # fmt: skip
INTERVAL = "Lifetime Percentage of viewers at each interval (video post) - 0"
HEADER = [*BASE, *COLUMNS.values(), "Lifetime Organic Video Views", "Lifetime Unique Video Views", INTERVAL]
COUNT, PEOPLE = "Lifetime: times. (Total Count)", "Lifetime: people. (Unique Users)"
DESCRIBED = [""] * len(BASE) + [COUNT] * len(COLUMNS) + [PEOPLE, PEOPLE, "Lifetime: share. (Total Count)"]
POSTED = ["10/03/2017 09:00:00 AM", "10/02/2017 07:00:00 PM", "10/02/2017 08:00:00 AM"]
ROWS = [
    [f"5_{i}", "https://example.org/v", "A &amp; B", "SharedVideo", "", "", posted, "", "",
     *(str(10 * i + j) for j in range(len(COLUMNS))), "7", "8", "0.5"]
    for i, posted in enumerate(POSTED)
]  # fmt: skip


def text(rows: list[list[str]]) -> bytes:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in [HEADER, DESCRIBED, *rows]).encode()


def test_views_by_posting_day_in_the_study_s_zone(read_bytes, plain, tmp_path):
    reading = read_bytes(READER, {"v.csv": text(ROWS)}, {}, channel="facebook")
    rows = plain(tmp_path / "v.csv")[2:]
    frame = reading.measurements.assign(day=reading.measurements["date"].dt.day)
    assert set(frame["metric"]) == {"posts", *COLUMNS}
    for at, metric in enumerate(COLUMNS, start=len(BASE)):
        of_metric = frame[frame["metric"] == metric].set_index("day")["value"]
        cells = [float(row[at]) for row in rows]  # 19:00 in California is the next morning in Rome
        assert of_metric.to_dict() == {2: cells[2], 3: cells[0] + cells[1]}
    assert frame["row"].tolist() == [5, 3] * (1 + len(COLUMNS))


def test_the_workbook_holds_the_same(read_bytes):
    cells = [[cell or None for cell in row] for row in (HEADER, DESCRIBED, *ROWS)]
    other = read_bytes(READER, {"v.xls": spreadsheetml({"Key Metrics": cells})}, {}, channel="facebook")
    same = read_bytes(READER, {"v.csv": text(ROWS)}, {}, channel="facebook")
    assert other.measurements.drop(columns="file").equals(same.measurements.drop(columns="file"))


@pytest.mark.parametrize(("column", "says"), [
    ({"sum_of_prefix": "Lifetime Percentage of viewers"}, "holds a rate"),
    ("Lifetime Unique Video Views", "counts people"),
    ({"header": "Lifetime Organic Video Views", "description_contains": "(Unique Users)"}, "counts people"),
])  # fmt: skip
def test_what_does_not_add_up_is_refused(read_bytes, column, says):
    with pytest.raises(SourceError, match=rf"{says}[\s\S]*v\.csv, row 1"):
        read_bytes(READER, {"v.csv": text(ROWS)}, {"metrics": {"m": column}}, channel="facebook")


def test_a_misread_cell_names_its_row(read_bytes):
    rows = [*ROWS[:1], [*ROWS[1][: len(BASE)], "n/a", *ROWS[1][len(BASE) + 1 :]], *ROWS[2:]]
    with pytest.raises(SourceError, match=r'v\.csv, row 4, column "Lifetime Post Total Impressions"'):
        read_bytes(READER, {"v.csv": text(rows)}, {}, channel="facebook")
