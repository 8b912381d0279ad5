"""Prices: one share a file or many, packed or not, never zero or negative."""

import gzip

import pytest

from analysis.core.errors import CaseError, SourceError

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
