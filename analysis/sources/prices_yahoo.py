"""Daily prices in the layout of Yahoo Finance, one share a file or many with a Ticker column."""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.core.case import Case, Source, Strict
from analysis.core.errors import CaseError, SourceError, nearest
from analysis.sources._dates import days
from analysis.sources._numbers import ABSENT, numbers
from analysis.sources._options import DayFormat, DecimalMark, Encoding, Heading
from analysis.sources._reading import Note, Reading, zone_of
from analysis.sources._recognising import TODO, Dated, Doubt, Recognition, Sample
from analysis.sources._sheet import Sheet, read_sheet
from analysis.sources._windows import join_windows, window_of

NAME = "prices_yahoo"
LABEL = "Daily prices, Yahoo Finance layout (CSV)"
REFERENCE = "Layout of Yahoo Finance historical data: Date, Open, High, Low, Close, Adj Close, Volume"

CHANNEL = "market"
PRICES = {"close": "Close", "adjusted_close": "Adj Close"}
KPIS = {header: name for name, header in PRICES.items()}
PERSONAL = ()  # figures that are added up already
NO_PRICE = ABSENT | {"null"}  # what the layout writes on a day without trading


class Options(Strict):
    ticker: Heading | None = None
    tickers: Annotated[tuple[Heading, ...], Field(min_length=1)] | None = None
    encoding: Encoding = "utf-8"
    date_format: DayFormat = "%Y-%m-%d"
    decimal: DecimalMark = "."


def recognise(sample: Sample) -> Recognition | None:
    if not sample.has("Date", "Open", "High", "Low", *PRICES.values()):
        return None
    options, doubts = {}, ()
    if "Ticker" not in sample.header:
        options, doubts = {"ticker": TODO}, (Doubt("the file does not say which share it is", "ticker"),)
    dated = Dated("Date", Options.model_fields["date_format"].default)
    because = "columns Date, Open, High, Low, Close, Adj Close"
    return Recognition(because, None, options, dates=(dated,), doubts=doubts)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Close and adjusted close a trading day, the ticker as unit.

    Raises SourceError for a file that is cut, a ticker that is not there, a price that is not positive, a day given
    twice; CaseError when a file has no Ticker column and the case names no ticker.
    """
    windows, notes, seen = [], [], set()
    for path in files:
        sheet = read_sheet(path, options.encoding)
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
    if "Ticker" not in sheet.header:
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
    cells = [cell.strip() for cell in sheet.column("Ticker")]
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
    dates = days([column[i] for i in keep], lines, sheet.file, "Date", options.date_format)
    units = [tickers[i] for i in keep]
    values, notes = {}, []
    for name, header in PRICES.items():
        cells = sheet.column(header)
        column = numbers(
            [cells[i] for i in keep], lines, sheet.file, header, decimal=options.decimal, negative=True, absent=NO_PRICE
        )
        _check_positive(column, lines, sheet.file, header)
        if absent := int(np.isnan(column).sum()):
            notes.append(Note(sheet.file, "days without a price", absent, f'{name} (column "{header}"): left out'))
        values[name] = column
    return window_of(sheet.file, lines, dates, units, CHANNEL, values), notes


def _check_positive(values: np.ndarray, lines: list[int], file: str, header: str) -> None:
    bad = values <= 0
    if bad.any():
        index = int(bad.argmax())
        raise SourceError(
            f"the price {values[index]:g} is not positive",
            where=f'{file}, row {lines[index]}, column "{header}"',
            cure="take the row out or fetch the prices again",
        )
