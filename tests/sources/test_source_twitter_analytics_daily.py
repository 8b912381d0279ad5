"""Twitter Analytics by day: verbatim header, dashes absent, windows joined."""

import pytest

from analysis.core.errors import SourceError
from analysis.sources.twitter_analytics_daily import CORE_METRICS

READER = "twitter_analytics_daily"
FILES = [
    "daily_tweet_activity_metrics_example_20190528_20190601_en.csv",
    "daily_tweet_activity_metrics_example_20190531_20190603_en.csv",
]


def test_all_core_metrics_newest_first_or_oldest_first(read_fixture, fixtures, plain):
    frame = read_fixture(READER, FILES, {}, channel="twitter").measurements
    by_day = {}
    for name in FILES:
        header, *rows = plain(fixtures / name)
        by_day |= {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    for metric, header in CORE_METRICS.items():
        expected = [float(by_day[day][header]) for day in sorted(by_day) if by_day[day][header] != "-"]
        assert frame.loc[frame["metric"] == metric, "value"].tolist() == expected
    assert frame["date"].is_monotonic_increasing
    assert set(frame["metric"]) == set(CORE_METRICS) - {"paid_impressions", "paid_engagements"}


def test_dashes_are_absent_and_the_shared_day_is_told(read_fixture):
    notes = read_fixture(READER, FILES, {}, channel="twitter").notes
    assert [(note.file, note.count) for note in notes if note.finding == "overlap"] == [(FILES[1], 1)]
    assert sum(note.count for note in notes if note.finding == "absent values") == 2 * (4 + 3)


def test_only_the_metrics_asked_for(read_fixture):
    frame = read_fixture(READER, FILES, {"metrics": {"likes": "likes"}}, channel="twitter").measurements
    assert set(frame["metric"]) == {"likes"}


def test_windows_that_disagree_are_refused(read_bytes, fixtures):
    first, second = [(fixtures / name).read_text() for name in FILES]
    changed = second.replace('"2019-05-31","5"', '"2019-05-31","6"')
    assert changed != second
    said = r"two exports disagree: posts of Example Bank on twitter, 2019-05-31, is 5 and 6"
    with pytest.raises(SourceError, match=said):
        read_bytes(READER, {"a.csv": first, "b.csv": changed}, {}, channel="twitter")


def test_a_day_twice_in_one_file_is_refused(read_bytes, fixtures):
    text = (fixtures / FILES[1]).read_text()
    with pytest.raises(SourceError, match=r"twice in one file[\s\S]*row 2 and a\.csv, row 5"):
        read_bytes(READER, {"a.csv": text + text.splitlines()[1] + "\n"}, {}, channel="twitter")


def test_dropped_and_doubled_columns_are_refused(read_bytes, fixtures):
    text = (fixtures / FILES[1]).read_text()
    with pytest.raises(SourceError, match='no column "url clicks"'):
        read_bytes(READER, {"a.csv": text.replace('"url clicks"', '"urls"', 1)}, {}, channel="twitter")
    doubled = text.replace('"detail expands"', '"likes"', 1)
    with pytest.raises(SourceError, match=r'"likes" is there 2 times[\s\S]*columns 8, 12'):
        read_bytes(READER, {"a.csv": doubled}, {"metrics": {"likes": "likes"}}, channel="twitter")


@pytest.mark.parametrize(("old", "new", "says"), [
    ('"Date"', '"Tweet id"', "export by tweet"),
    ('"retweets"', '"Reposts"', "since 2024"),
])  # fmt: skip
def test_neighbouring_exports_are_named(read_bytes, fixtures, old, new, says):
    text = (fixtures / FILES[1]).read_text().replace(old, new, 1)
    with pytest.raises(SourceError, match=says):
        read_bytes(READER, {"a.csv": text}, {}, channel="twitter")


def test_a_quote_left_open_and_a_short_last_row_are_cuts(read_bytes, fixtures):
    text = (fixtures / FILES[1]).read_text()
    for cut in (text[:-2], text[:-8]):
        with pytest.raises(SourceError, match=r"cut short[\s\S]*a\.csv, row 4"):
            read_bytes(READER, {"a.csv": cut}, {}, channel="twitter")


@pytest.mark.parametrize("cell", ["1,204", "12k", "<1", "∞", "-3"])
def test_numbers_are_strict(read_bytes, fixtures, cell):
    text = (fixtures / FILES[1]).read_text().replace('"2019-06-01","6"', f'"2019-06-01","{cell}"')
    with pytest.raises(SourceError, match=r'a\.csv, row 3, column "Tweets published"'):
        read_bytes(READER, {"a.csv": text}, {}, channel="twitter")


def test_an_american_date_does_not_pass_for_the_declared_format(read_bytes, fixtures):
    text = (fixtures / FILES[1]).read_text().replace("2019-06-01", "06/01/2019")
    with pytest.raises(SourceError, match=r'"06/01/2019" is not a date in the format %Y-%m-%d[\s\S]*row 3'):
        read_bytes(READER, {"a.csv": text}, {}, channel="twitter")


def test_a_negative_count_is_refused(read_bytes, fixtures):
    header, row, *rest = (fixtures / FILES[0]).read_text().splitlines(keepends=True)
    cells = row.split(",")
    cells[2] = '"-5"'
    with pytest.raises(SourceError, match=r'"-5" is negative[\s\S]*row 2, column "impressions"'):
        read_bytes(READER, {"a.csv": header + ",".join(cells) + "".join(rest)}, {}, channel="twitter")
