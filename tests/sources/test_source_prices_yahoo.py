"""Prices: one share a file or many, packed or not, never zero or negative."""

import gzip

import pytest

from analysis.core.errors import CaseError, SourceError
from analysis.pipeline.detect import examine

READER = "prices_yahoo"
HEADER = "Date,Open,High,Low,Close,Adj Close,Volume\n"


def test_many_shares_in_one_file(read_fixture, fixtures, plain):
    reading = read_fixture(READER, ["prices_many.csv"], {})
    header, *rows = plain(fixtures / "prices_many.csv")
    for metric, column in {"close": "Close", "adjusted_close": "Adj Close"}.items():
        expected = {(row[1], row[0]): float(row[header.index(column)]) for row in rows if row[3] != "null"}
        frame = reading.measurements[reading.measurements["metric"] == metric]
        found = {(row.unit, f"{row.date:%Y-%m-%d}"): row.value for row in frame.itertuples()}
        assert found == expected
    assert set(reading.measurements["channel"]) == {"market"}
    assert [note.count for note in reading.notes] == [1, 1]


def test_one_share_a_file_needs_its_ticker(read_fixture):
    with pytest.raises(CaseError, match="which share"):
        read_fixture(READER, ["prices_one.csv"], {})
    assert set(read_fixture(READER, ["prices_one.csv"], {"ticker": "C.MI"}).measurements["unit"]) == {"C.MI"}
    assert set(read_fixture(READER, ["prices_one.csv"], {}, unit="D.MI").measurements["unit"]) == {"D.MI"}


def test_a_ticker_beside_a_ticker_column_is_a_contradiction(read_fixture):
    with pytest.raises(CaseError, match="tickers"):
        read_fixture(READER, ["prices_many.csv"], {"ticker": "AAA.MI"})


def test_some_shares_only(read_fixture):
    assert set(read_fixture(READER, ["prices_many.csv"], {"tickers": ["BBB.MI"]}).measurements["unit"]) == {"BBB.MI"}
    with pytest.raises(SourceError, match=r'Did you mean "BBB\.MI"'):
        read_fixture(READER, ["prices_many.csv"], {"tickers": ["BBB.ML"]})


@pytest.mark.parametrize("price", ["0", "-3.1", "0.000"])
def test_prices_are_positive(read_bytes, price):
    with pytest.raises(SourceError, match=r'not positive[\s\S]*a\.csv, row 2, column "Adj Close"'):
        read_bytes(READER, {"a.csv": f"{HEADER}2020-02-03,1,1,1,1,{price},5\n"}, {"ticker": "A"})


def test_a_packed_file_reads_as_the_plain_one(read_bytes, read_fixture, fixtures):
    text = (fixtures / "prices_many.csv").read_text()
    packed = read_bytes(READER, {"prices.csv.gz": text}, {}).measurements.drop(columns="file")
    assert packed.equals(read_fixture(READER, ["prices_many.csv"], {}).measurements.drop(columns="file"))


def test_a_packed_file_cut_anywhere_is_refused(read_bytes, fixtures):
    packed = gzip.compress((fixtures / "prices_many.csv").read_bytes())
    for cut in range(1, len(packed), 7):
        with pytest.raises(SourceError, match=r"prices\.csv\.gz"):
            read_bytes(READER, {"prices.csv.gz": packed[:cut]}, {})


def test_a_plain_file_called_gz_and_a_bomb_are_refused(read_bytes):
    with pytest.raises(SourceError, match="not sound gzip"):
        read_bytes(READER, {"a.csv.gz": HEADER.encode()}, {"ticker": "A"})
    with pytest.raises(SourceError, match="too large"):
        read_bytes(READER, {"a.csv.gz": gzip.compress(b"0" * 30_000_000)}, {"ticker": "A"})


def test_a_day_twice_is_refused(read_bytes):
    row = "2020-02-03,1,1,1,1,1,5\n"
    with pytest.raises(SourceError, match=r"twice in one file[\s\S]*row 2 and a\.csv, row 3"):
        read_bytes(READER, {"a.csv": HEADER + row + row}, {"ticker": "A"})


def test_the_real_prices(real, real_folder, plain):
    reading = real("milan-shares", READER, ["prices.csv.gz"], {"tickers": ["UCG.MI", "ISP.MI"]})
    header, *rows = plain(real_folder / "milan-shares" / "prices.csv.gz")
    assert len(rows) == 50_302
    expected = {row[0]: float(row[header.index("Close")]) for row in rows if row[1] == "UCG.MI"}
    frame = reading.measurements.query("unit == 'UCG.MI' and metric == 'close'")
    assert dict(zip(frame["date"].dt.strftime("%Y-%m-%d"), frame["value"], strict=True)) == expected
    assert rows[int(frame["row"].iloc[0]) - 2][1] == "UCG.MI"


CLASSIC = HEADER + "2024-08-09,1,1,1,1216.24,1215.5,5\n2024-09-06,1,1,1,1220.82,1220.25,5\n"


def test_the_page_copied(read_bytes):
    page = (
        "Date\tOpen\tHigh\tLow\tClose*\tAdj Close**\tVolume\nSep 6, 2024\t1\t1\t1\t1,220.82\t1,220.25\t48,423,000\n"
        "Aug 12, 2024\t0.25 Dividend\t\t\t\t\t\nAug 9, 2024\t1\t1\t1\t1,216.24\t1,215.50\t42,201\n"
    )
    columns = ["date", "unit", "metric", "value"]
    reading = read_bytes(READER, {"a.csv": page}, {"ticker": "A", "delimiter": "\t"})
    plain = read_bytes(READER, {"b.csv": CLASSIC}, {"ticker": "A"})
    assert reading.measurements[columns].equals(plain.measurements[columns])
    assert [(note.finding, note.count) for note in reading.notes] == [("rows of dividends or splits", 1)]


def test_what_yfinance_writes(tmp_path, read_bytes):
    one = (
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n2020-01-02 00:00:00-05:00,1,1,1,72.6,5,0.0,0.0\n"
        "2020-01-03 00:00:00-05:00,1,1,1,71.9,5,0.0,0.0\n"
    )
    many = (
        "Price,Close,Close,High,High,Low,Low,Open,Open\nTicker,A,B,A,B,A,B,A,B\nDate,,,,,,,,\n"
        "2020-01-02,72.6,5,1,1,1,1,1,1\n2020-01-03,71.9,,1,1,1,1,1,1\n"
    )
    for name, text in (("one.csv", one), ("many.csv", many)):
        (tmp_path / name).write_text(text)
        export = examine(tmp_path / name)
        assert export.source["format"] == READER
        assert export.source["options"]["close_is_adjusted"] is True
        assert any("Adj Close" in doubt.about for doubt in export.doubts)
    frame = read_bytes(READER, {"a.csv": one}, {"ticker": "A", "close_is_adjusted": True}).measurements
    assert [(f"{row.date:%Y-%m-%d}", row.metric, row.value) for row in frame.itertuples()] == [
        ("2020-01-02", "adjusted_close", 72.6), ("2020-01-03", "adjusted_close", 71.9),
    ]  # fmt: skip
    frame = read_bytes(READER, {"a.csv": many}, {"close_is_adjusted": False}).measurements
    found = {(row.unit, f"{row.date:%d}", row.metric): (row.value, row.row) for row in frame.itertuples()}
    assert found == {("A", "02", "close"): (72.6, 4), ("A", "03", "close"): (71.9, 5), ("B", "02", "close"): (5, 4)}


def test_a_close_that_nobody_says_is_adjusted_is_asked_about(tmp_path, read_bytes):
    text = "Date,Open,High,Low,Close,Volume\n2020-01-02,1,1,1,72.6,5\n"
    with pytest.raises(SourceError, match=r"whether Close is adjusted[\s\S]*a\.csv, row 1[\s\S]*close_is_adjusted"):
        read_bytes(READER, {"a.csv": text}, {"ticker": "A"})
    (tmp_path / "a.csv").write_text(text)
    export = examine(tmp_path / "a.csv")
    assert export.source["format"] == READER
    assert [choice for choice, *_ in export.periods] == ["close_is_adjusted: true", "close_is_adjusted: false"]
