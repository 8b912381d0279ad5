"""Any table: columns as the case maps them, wide or long."""

import pytest

from analysis.core.errors import CaseError, SourceError

READER = "measurements_csv"
WIDE = {"unit_column": "page", "date": "week", "metrics": {"engagements": "total", "likes": "likes", "posts": "posts"}}
LONG = {
    "layout": "long", "date": "giorno", "date_format": "%d.%m.%Y", "channel_column": "canale",
    "channel_map": {"Telefono": "phone", "Chat online": "chat"}, "metric_column": "misura", "value": "quantità",
    "metrics": {"contacts": "chiamate"}, "delimiter": ";", "decimal": ",", "encoding": "cp1252",
}  # fmt: skip


def read_wide(read, **changes):
    return read(READER, ["wide.csv"], WIDE | changes, channel="facebook", period="week")


def test_a_wide_table(read_fixture, fixtures, plain):
    frame = read_wide(read_fixture).measurements
    header, *rows = plain(fixtures / "wide.csv")
    expected = {
        (row[1], row[0], name): float(row[header.index(column)])
        for row in rows for name, column in WIDE["metrics"].items() if row[header.index(column)] not in ("", "-")
    }
    found = {(f"{row.date:%Y-%m-%d}", row.unit, row.metric): row.value for row in frame.itertuples()}
    assert found == expected
    assert len(frame) == len(expected)


def test_absent_cells_are_zero_only_when_the_case_says_so(read_fixture):
    assert len(read_wide(read_fixture).measurements) == 10
    frame = read_wide(read_fixture, empty="zero").measurements
    assert len(frame) == 12
    assert (frame["value"] == 0).sum() == 2


def test_some_units_only(read_fixture):
    assert set(read_wide(read_fixture, keep_units=["p2"]).measurements["unit"]) == {"p2"}
    with pytest.raises(SourceError, match='no row has the unit "p9"'):
        read_wide(read_fixture, keep_units=["p1", "p9"])


def test_a_long_table_with_decimal_commas_in_another_encoding(read_fixture):
    frame = read_fixture(READER, ["long_semicolon.csv"], LONG).measurements
    found = [(f"{row.date:%Y-%m-%d}", row.channel, row.metric, row.value, row.row) for row in frame.itertuples()]
    assert found == [
        ("2018-12-31", "chat", "contacts", 12.5, 3),
        ("2018-12-31", "phone", "contacts", 41.0, 2),
        ("2019-01-01", "phone", "contacts", 7.0, 4),
    ]


def test_a_long_table_of_one_metric(read_bytes):
    options = {"layout": "long", "date": "d", "metric": "contacts", "value": "n"}
    frame = read_bytes(READER, {"a.csv": "d,n\n2019-01-01,4\n"}, options, channel="phone").measurements
    found = frame[["unit", "channel", "metric", "value"]].to_numpy().tolist()
    assert found == [["Example Bank", "phone", "contacts", 4]]


def test_metric_names_are_ours(read_fixture):
    options = {key: value for key, value in LONG.items() if key != "metrics"}
    assert set(read_fixture(READER, ["long_semicolon.csv"], options).measurements["metric"]) == {"chiamate", "reclami"}
    with pytest.raises(SourceError, match='no row has the metric "telefonate"'):
        read_fixture(READER, ["long_semicolon.csv"], LONG | {"metrics": {"contacts": "telefonate"}})


def test_an_unmapped_channel_is_refused(read_fixture):
    with pytest.raises(SourceError, match=r'"Chat online" is not a channel[\s\S]*row 3, column "canale"'):
        read_fixture(READER, ["long_semicolon.csv"], LONG | {"channel_map": {"Telefono": "phone"}})


def test_a_map_to_a_channel_the_case_does_not_list_is_refused(read_fixture):
    listed = [{"id": "phone", "label": "Phone", "role": "owned"}, {"id": "chats", "label": "Chat", "role": "owned"}]
    with pytest.raises(CaseError, match='Did you mean "chats"'):
        read_fixture(READER, ["long_semicolon.csv"], LONG, channels=listed)


@pytest.mark.parametrize(("key", "value", "nearest"), [
    ("date", "weak", "week"), ("unit_column", "pages", "page"), ("metrics", {"engagements": "totals"}, "total"),
])  # fmt: skip
def test_a_column_that_is_not_there_names_the_nearest(read_fixture, key, value, nearest):
    with pytest.raises(SourceError, match=f'nearest is "{nearest}"'):
        read_wide(read_fixture, **{key: value})


def test_the_wrong_delimiter_is_named(read_fixture):
    with pytest.raises(SourceError, match="check the delimiter"):
        read_wide(read_fixture, delimiter=";")


def test_weeks_that_start_on_two_weekdays_are_refused(read_bytes):
    options = {"date": "week", "metrics": {"n": "n"}}
    with pytest.raises(SourceError, match=r"different weekdays[\s\S]*a\.csv, row 4"):
        read_bytes(READER, {"a.csv": "week,n\n2019-01-06,1\n2019-01-13,1\n2019-01-21,1\n"}, options, channel="x",
                   period="week")


@pytest.mark.parametrize("text", ["1.234", "1.5", "1 000"])
def test_with_a_decimal_comma_a_point_is_not_a_number(read_bytes, text):
    options = {"date": "d", "metrics": {"n": "n"}, "delimiter": ";", "decimal": ","}
    with pytest.raises(SourceError, match='row 2, column "n"'):
        read_bytes(READER, {"a.csv": f"d;n\n2019-01-01;{text}\n"}, options, channel="x")


@pytest.mark.parametrize(("options", "says"), [
    ({"date": "d"}, "metrics"),
    ({"date": "d", "layout": "long"}, "value"),
    ({"date": "d", "layout": "long", "value": "v"}, "metric_column"),
    ({"date": "d", "metrics": {"n": "n"}, "value": "v"}, "layout: long"),
    ({"date": "d", "metrics": {"n": "n"}, "encoding": "utf-9"}, "not a text encoding"),
    ({"date": "d", "metrics": {"n": "n"}, "date_format": "%Y-%m"}, "leaves out"),
    ({"date": "d", "metrics": {"n": "n"}, "date_format": "%Y-%m-%d %z"}, "time zone"),
    ({"date": "d", "metrics": {"n": "n"}, "decimals": ","}, 'Did you mean "decimal"'),
    ({"metrics": {"n": "n"}}, '"date" is missing'),
])  # fmt: skip
def test_options_that_make_no_sense_are_refused_before_any_file_is_read(read_bytes, options, says):
    with pytest.raises(CaseError, match=says):
        read_bytes(READER, {"a.csv": "d,n\n2019-01-01,4\n"}, options, channel="x")


def test_cp1252_in_a_file_said_to_be_utf8_names_line_and_byte(read_bytes):
    with pytest.raises(SourceError, match=r"not utf-8[\s\S]*a\.csv, line 2, byte 15[\s\S]*cp1252"):
        read_bytes(READER, {"a.csv": "d,n,t\n2019-01-0é,4,\n".encode("cp1252")}, {"date": "d", "metrics": {"n": "n"}},
                   channel="x")


def test_utf16_with_its_mark_is_read_when_declared(read_bytes):
    options = {"date": "d", "metrics": {"n": "n"}, "encoding": "utf-16"}
    content = "d,n\n2019-01-01,4\n".encode("utf-16")
    assert read_bytes(READER, {"a.csv": content}, options, channel="x").measurements["value"].tolist() == [4.0]
    with pytest.raises(SourceError, match="no byte-order mark"):
        read_bytes(READER, {"a.csv": content[2:]}, options, channel="x")


def test_row_numbers_count_the_lines_of_cells_that_span_several(read_bytes):
    content = 'd,n,t\n2019-01-01,4,"one\ntwo"\n\n2019-01-02,5,x\n'
    frame = read_bytes(READER, {"a.csv": content}, {"date": "d", "metrics": {"n": "n"}}, channel="x").measurements
    assert frame["row"].tolist() == [2, 5]


@pytest.mark.parametrize(("content", "says"), [
    ("", "empty"), ("d,n\n", "no rows"), ("d,n\n2019-01-01\n2019-01-02,3\n", "row 2"),
    ("d,n\n2019-01-01,3,4\n", "delimiter"), ('d,n\n2019-01-01,"3"4\n', "row 2"),
])  # fmt: skip
def test_malformed_files_are_refused(read_bytes, content, says):
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, {"a.csv": content}, {"date": "d", "metrics": {"n": "n"}}, channel="x")


def test_counts_are_not_negative_unless_the_case_says_so(read_bytes):
    options, contents = {"date": "d", "metrics": {"n": "n"}}, {"a.csv": "d,n\n2019-01-01,4\n2019-01-02,-3\n"}
    with pytest.raises(SourceError, match=r'"-3" is negative[\s\S]*a\.csv, row 3, column "n"[\s\S]*allow_negative'):
        read_bytes(READER, contents, options, channel="x")
    frame = read_bytes(READER, contents, options | {"allow_negative": True}, channel="x").measurements
    assert frame["value"].tolist() == [4, -3]


def test_every_slip_of_a_file_and_of_the_next_is_told_by_kind_and_first_rows(read_bytes):
    rows = "".join(f"2019-01-{day:02d},x,-1\n" for day in range(1, 10))
    with pytest.raises(SourceError) as caught:
        read_bytes(READER, {"a.csv": f"d,n,m\n{rows}", "b.csv": 'd,n,m\n2019-02-01,"1,000",5\n'},
                   {"date": "d", "metrics": {"n": "n", "m": "m"}}, channel="x")
    said = str(caught.value)
    for words in (
        "3 problems", '"x" is not a number (and 8 more like it)', 'a.csv, rows 2, 3, 4, 5, 6 and 4 more, column "n"',
        '"-1" is negative', 'column "m"', "thousands", "b.csv, row 2",
    ):
        assert words in said, said


def test_the_real_pages(real, real_folder, plain):
    options = {"unit_column": "page_id", "date": "status_published",
               "metrics": {"engagements": "total_engagement", "posts": "post_count"}}  # fmt: skip
    reading = real("facebook-pages", READER, ["*.csv.gz"], options, channel="facebook", period="week")
    header, *rows = plain(real_folder / "facebook-pages" / "page-engagement-by-week.csv.gz")
    total = reading.measurements.query("metric == 'engagements'")
    assert len(total) == len(rows) == 38_177
    assert total["unit"].nunique() == 452
    assert total["value"].sum() == sum(float(row[header.index("total_engagement")]) for row in rows)
    assert set(total["date"].dt.day_name()) == {"Sunday"}


def test_a_declared_mark_does_not_divide_counts_in_either_layout(read_bytes):
    wide = {"date": "d", "metrics": {"sessions": "s", "rate": "r"}, "decimal": "."}
    with pytest.raises(SourceError, match=r'rows 2, 3, column "s"[\s\S]*without separators'):
        read_bytes(READER, {"a.csv": "d,s,r\n2019-05-01,6.700,0.15\n2019-05-02,6.701,0.25\n"}, wide, channel="phone")
    long = {"layout": "long", "date": "d", "metric_column": "m", "value": "n", "decimal": "."}
    text = "d,m,n\n2019-05-01,sessions,6.700\n2019-05-01,rate,0.15\n2019-05-01,cost,1.250\n"
    with pytest.raises(SourceError, match=r'row 2, column "n"[\s\S]*without separators'):
        read_bytes(READER, {"a.csv": text}, long, channel="phone")
    chosen = long | {"metrics": {"rate": "rate", "cost": "cost"}}
    found = read_bytes(READER, {"a.csv": text}, chosen, channel="phone").measurements
    assert sorted(found["value"]) == [0.15, 1.25]
