"""Daily prices in the layout of Yahoo Finance, one share a file or many with a Ticker column."""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Source, Strict
from analysis.core.errors import CaseError, SourceError, nearest
from analysis.sources._dates import days, format_among
from analysis.sources._headers import spelled
from analysis.sources._numbers import ABSENT, numbers
from analysis.sources._options import DayFormat, DecimalMark, Delimiter, Encoding, Heading
from analysis.sources._price_layouts import (
    ADJUSTED,
    CLOSE,
    PARTED,
    TICKER,
    TIMED,
    WORDS,
    WRITTEN,
    YFINANCE,
    prices_of,
    stacked,
    ungrouped,
)
from analysis.sources._price_layouts import PRICES as OHLC
from analysis.sources._reading import Note, Reading, zone_of
from analysis.sources._recognising import TODO, Dated, Doubt, Recognition, Sample
from analysis.sources._sheet import Sheet
from analysis.sources._text import decode, read_bytes
from analysis.sources._windows import join_windows, window_of

NAME = "prices_yahoo"
LABEL = "Daily prices, Yahoo Finance layout (CSV)"
REFERENCE = (
    "Layout of Yahoo Finance historical data: Date, Open, High, Low, Close, Adj Close, Volume; and of the files that "
    "yfinance writes"
)

CHANNEL = "market"
PRICES = {"close": CLOSE, "adjusted_close": ADJUSTED}
KPIS = {header: name for name, header in PRICES.items()}
PERSONAL = ()  # figures that are added up already
LOOKED_AT = 1_000  # rows, for prices with commas
NO_PRICE = ABSENT | {"null"}  # what the layout writes on a day without trading


class Options(Strict):
    """``close_is_adjusted``: in a file without "Adj Close", whether its Close is adjusted for dividends.
    ``date_format`` left out: 2024-09-06 or Sep 6, 2024."""

    ticker: Heading | None = None
    tickers: Annotated[tuple[Heading, ...], Field(min_length=1)] | None = None
    close_is_adjusted: bool | None = None
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    date_format: DayFormat | None = None
    decimal: DecimalMark = "."


def recognise(sample: Sample) -> Recognition | None:
    """Without "Adj Close": what yfinance writes has a Close that is adjusted, of other files nobody says."""
    above = stacked(sample.records[:3])
    header = spelled(sample.header, WORDS)
    dated = above or "Date" in header
    if not dated or not set(OHLC) <= set(header):
        return None
    options: dict[str, object] = {}
    doubts: list[Doubt] = []
    adjusted = ADJUSTED in header
    if not adjusted and (above or set(YFINANCE) <= set(header)):
        options["close_is_adjusted"] = True
        about = 'there is no column "Adj Close": Close is taken as adjusted, which yfinance does unless told otherwise'
        doubts.append(Doubt(about, "close_is_adjusted", ("true", "false")))
    elif not adjusted:
        options["close_is_adjusted"] = TODO
        about = 'there is no column "Adj Close", and nothing says whether Close is adjusted for dividends'
        doubts.append(Doubt(about, "close_is_adjusted", ("true", "false")))
    if TICKER not in header and not above:
        options["ticker"] = TODO
        doubts.append(Doubt("the file does not say which share it is", "ticker"))
    columns = () if above else _dated(sample, header)
    whole = not any(PARTED.fullmatch(cell) for row in sample.records[1:LOOKED_AT] for cell in row)
    because = f"columns Date, Open, High, Low, Close{', Adj Close' if adjusted else ''}"
    return Recognition(because, None, options, dates=columns, plain_numbers=whole, doubts=tuple(doubts))


def _dated(sample: Sample, header: tuple[str, ...]) -> tuple[Dated, ...]:
    at = header.index("Date")
    cells = [row[at] for row in sample.records[1:] if len(row) > at]
    if all(TIMED.fullmatch(cell) for cell in cells):
        return ()
    return (Dated(sample.header[at], format_among(cells, WRITTEN)),)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Close and adjusted close a trading day, the ticker as unit.

    Also read: the page copied (days like Sep 6, 2024, rows of dividends among the prices, 1,234.50), and what yfinance
    writes (the exchange's midnight beside the day, or fields and tickers in rows above the prices). Where there is no
    "Adj Close", Close is one of the two metrics, as ``close_is_adjusted`` says. Raises SourceError for a file that is
    cut, a ticker that is not there, a price that is not positive, a day given twice, a Close of which nobody says
    whether it is adjusted; CaseError when a file has no Ticker column and the case names no ticker.
    """
    windows, notes, seen = [], [], set()
    for path in files:
        text = decode(read_bytes(path), options.encoding, path.name)
        sheet = prices_of(path.name, text, options.delimiter)
        tickers = _tickers(sheet, source, options)
        seen |= set(tickers)
        keep = [i for i, ticker in enumerate(tickers) if options.tickers is None or ticker in options.tickers]
        notes += sheet.notes
        if keep:
            window, absent = _window(sheet, tickers, keep, options)
            windows.append(window)
            notes += absent
    for ticker in options.tickers or ():
        if ticker not in seen:
            raise SourceError(
                f'no file holds the ticker "{ticker}"',
                where=f"source {source.id}: {', '.join(path.name for path in files)}",
                cure=nearest(ticker, seen),
            )
    joined, more = join_windows(windows, gaps=False)  # markets close on days no calendar here knows
    return Reading(joined, zone_of(source, case), notes=(*notes, *more))


def _tickers(sheet: Sheet, source: Source, options: Options) -> list[str]:
    if TICKER not in sheet.header:
        ticker = options.ticker or source.unit
        if ticker is None:
            raise CaseError(
                "the file has no Ticker column and the case does not say which share it is",
                where=f"sources, {source.id}: {sheet.file}",
                cure="add `ticker:` to the source's options",
            )
        return [ticker] * len(sheet.rows)
    if options.ticker is not None:
        raise CaseError(
            "the file names its shares in a Ticker column and the case names one too",
            where=f"sources, {source.id}, options, ticker: {sheet.file}",
            cure="take out `ticker:`; to keep some shares only, list them under `tickers:`",
        )
    cells = [cell.strip() for cell in sheet.column(TICKER)]
    if "" in cells:
        raise SourceError(
            "the ticker is empty", where=f"{sheet.file}, row {sheet.lines[cells.index('')]}", cure="fill it in"
        )
    return cells


def _window(
    sheet: Sheet, tickers: list[str], keep: list[int], options: Options
) -> tuple[pd.DataFrame, list[Note]]:
    lines = [sheet.lines[i] for i in keep]
    column = sheet.column("Date")
    pattern = options.date_format or format_among(column, WRITTEN)
    dates = days([column[i] for i in keep], lines, sheet.file, "Date", pattern)
    units = [tickers[i] for i in keep]
    values, notes = {}, []
    for name, header in _columns(sheet, options).items():
        cells = ungrouped(sheet.column(header)) if options.decimal == "." else sheet.column(header)
        column = numbers(
            [cells[i] for i in keep], lines, sheet.file, header, decimal=options.decimal, negative=True, absent=NO_PRICE
        )
        _check_positive(column, lines, sheet.file, header)
        if absent := int(np.isnan(column).sum()):
            notes.append(Note(sheet.file, "days without a price", absent, f'{name} (column "{header}"): left out'))
        values[name] = column
    return window_of(sheet.file, lines, dates, units, CHANNEL, values), notes


def _columns(sheet: Sheet, options: Options) -> dict[str, str]:
    if ADJUSTED in sheet.header or CLOSE not in sheet.header:
        return PRICES
    if options.close_is_adjusted is None:
        raise SourceError(
            f'there is no column "{ADJUSTED}", and nothing says whether Close is adjusted for dividends',
            where=f"{sheet.file}, row {sheet.header_line}",
            cure="write `close_is_adjusted: true` or `false` in the source's options, or fetch them with Adj Close",
        )
    return {"adjusted_close" if options.close_is_adjusted else "close": CLOSE}


def _check_positive(values: np.ndarray, lines: list[int], file: str, header: str) -> None:
    bad = values <= 0
    if bad.any():
        index = int(bad.argmax())
        raise SourceError(
            f"the price {values[index]:g} is not positive",
            where=f'{file}, row {lines[index]}, column "{header}"',
            cure="take the row out or fetch the prices again",
        )
