"""The layouts of Yahoo Finance's prices: its download, its page copied, and the files that yfinance writes."""

import re
from collections.abc import Sequence
from dataclasses import replace

from analysis.core.errors import SourceError
from analysis.sources._headers import with_spelling
from analysis.sources._reading import Note
from analysis.sources._sheet import Sheet, sheet_of

CLOSE, ADJUSTED, TICKER = "Close", "Adj Close", "Ticker"
PRICES = ("Open", "High", "Low", CLOSE)
YFINANCE = ("Dividends", "Stock Splits")  # columns that only yfinance writes, beside prices it has adjusted
TIMED = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00([+-]\d\d:?\d\d)?")
ACTION = re.compile(r"[\d.:,/ ]+ ?(dividend|stock splits?)\b", re.I)
GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+\.\d+")
PARTED = re.compile(r"[1-9]\d{0,2}((,\d{3})+\.\d+|(,\d{3}){2,})")  # commas that can only part thousands
WRITTEN = ("%Y-%m-%d", "%b %d, %Y")  # the download's, the page's

# The page marks its columns with stars and copies the words that explain them.
WORDS = {
    "Close*": CLOSE,
    "Close Close price adjusted for splits.": CLOSE,
    "Adj Close**": ADJUSTED,
    "Adj Close Adjusted close price adjusted for splits and dividend and/or capital gain distributions.": ADJUSTED,
    "Adj. Close": ADJUSTED,
    "Adj_Close": ADJUSTED,
    "AdjClose": ADJUSTED,
    "date": "Date", "open": "Open", "high": "High", "low": "Low", "close": CLOSE, "adj close": ADJUSTED,
    "Symbol": TICKER, "ticker": TICKER, "symbol": TICKER,
}  # fmt: skip


def stacked(rows: Sequence[Sequence[str]]) -> bool:
    """Whether fields, tickers and the word Date stand in three rows above the prices, as yfinance writes them."""
    if len(rows) < 3 or len(rows[0]) < 2:
        return False
    return rows[0][0] in ("Price", "") and rows[1][0] in (TICKER, "") and rows[2][0] in ("Date", "Datetime") and (
        not any(rows[2][1:]) and CLOSE in rows[0]
    )


def prices_of(file: str, text: str, delimiter: str) -> Sheet:
    """One row a day and share: Date, Ticker where the file names its shares, and the prices there are.

    Rows that tell a dividend or a split, as the page has them among the prices, are left out with a note.
    """
    sheet = _plain(sheet_of(file, text, delimiter))
    return _without_actions(_days_alone(with_spelling(sheet, WORDS)))


def _plain(sheet: Sheet) -> Sheet:
    """The three rows of yfinance as one header; its shares, beside one another in the file, below one another."""
    top = [sheet.header, *(tuple(row) for row in sheet.rows[:2])]
    if not stacked(top):
        return sheet
    fields, tickers = sheet.header[1:], [cell.strip() for cell in sheet.rows[0][1:]]
    names = tuple(dict.fromkeys(fields))
    rows, lines = [], []
    for ticker in dict.fromkeys(tickers):
        at = {field: n + 1 for n, (field, own) in enumerate(zip(fields, tickers, strict=True)) if own == ticker}
        for row, line in zip(sheet.rows[2:], sheet.lines[2:], strict=True):
            rows.append([row[0], ticker, *(row[at[name]] if name in at else "" for name in names)])
            lines.append(line)
    if not rows:
        raise SourceError("the file has a header and no rows", where=sheet.file, cure="fetch the prices again")
    return replace(sheet, header=("Date", TICKER, *names), rows=tuple(rows), lines=tuple(lines))


def _days_alone(sheet: Sheet) -> Sheet:
    """yfinance writes the midnight of the exchange beside the day: the day is the label."""
    if "Date" not in sheet.header:
        return sheet
    at = sheet.position("Date")
    if not all(TIMED.fullmatch(row[at].strip()) for row in sheet.rows):
        return sheet
    rows = tuple([*row[:at], TIMED.fullmatch(row[at].strip())[1], *row[at + 1 :]] for row in sheet.rows)
    return replace(sheet, rows=rows)


def _without_actions(sheet: Sheet) -> Sheet:
    told = [any(ACTION.match(cell.strip()) for cell in row[1:]) for row in sheet.rows]
    if not any(told) or all(told):
        return sheet
    rows = tuple(row for row, action in zip(sheet.rows, told, strict=True) if not action)
    lines = tuple(line for line, action in zip(sheet.lines, told, strict=True) if not action)
    note = Note(sheet.file, "rows of dividends or splits", sum(told), "left out: they hold no price")
    return replace(sheet, rows=rows, lines=lines, notes=(*sheet.notes, note))


def ungrouped(cells: Sequence[str]) -> list[str]:
    """Prices of four digits and more without their commas, where each has decimals too: "1,234.50" has one reading."""
    return [cell.replace(",", "") if GROUPED.fullmatch(cell.strip()) else cell for cell in cells]
