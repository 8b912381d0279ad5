"""A simulated share and a simulated index, tied by the market model, with no reaction to the announcement."""

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate import processes as p
from analysis.simulate.unicredit_engagement import WORLD
from analysis.simulate.unicredit_parameters import CALENDAR, PRICES

BRAND_TICKER, INDEX_TICKER = "SIM-BRAND", "SIM-INDEX"
ANNOUNCEMENT_TRADING_DAY = pd.Timestamp("2019-05-06")  # the announcement fell on a Saturday


def price_table(seed: int) -> pd.DataFrame:
    """Columns Date, Ticker, Open, High, Low, Close, Adj Close, Volume; one row a ticker and trading day."""
    days = p.milan_trading_days(CALENDAR.first.value, CALENDAR.last.value)
    market = _returns(seed, "index", len(days), PRICES.index_deviation.value)
    own = _returns(seed, "share", len(days), PRICES.own_deviation.value)
    share = PRICES.beta.value * market + own + PRICES.announcement.value * np.asarray(days == ANNOUNCEMENT_TRADING_DAY)
    share_start, index_start = PRICES.start.value
    yields = _dividend_yields(days)
    return pd.concat(
        [
            _quotes(seed, BRAND_TICKER, days, share_start, share, yields),
            _quotes(seed, INDEX_TICKER, days, index_start, market, np.zeros(len(days))),
        ],
        ignore_index=True,
    )


def _returns(seed: int, name: str, days: int, deviation: float) -> np.ndarray:
    freedom = PRICES.degrees_of_freedom.value
    draws = generator_for(WORLD, seed, "returns", name).standard_t(freedom, days)
    returns = draws * deviation / np.sqrt(freedom / (freedom - 2))
    returns[0] = 0.0
    return returns


def _dividend_yields(days: pd.DatetimeIndex) -> np.ndarray:
    """The yield on the last April Monday that trades each year, else zero."""
    mondays = days[(days.month == 4) & (days.day_of_week == 0)]
    paid = {mondays[mondays.year == year].max() for year in set(mondays.year)}
    return np.array([PRICES.dividend.value if day in paid else 0.0 for day in days])


def _quotes(
    seed: int, ticker: str, days: pd.DatetimeIndex, start: float, total_returns: np.ndarray, yields: np.ndarray
) -> pd.DataFrame:
    """Quotes whose adjusted close earns ``total_returns``; the close drops by the dividend on its day."""
    generator = generator_for(WORLD, seed, "quotes", ticker)
    dropped = np.cumsum(np.log1p(-yields))
    adjusted = start * np.exp(np.cumsum(total_returns) + dropped[-1])
    close = start * np.exp(np.cumsum(total_returns) + dropped)
    opening = np.concatenate([[start], close[:-1]]) * np.exp(generator.normal(0.0, 0.003, len(days)))
    high = np.maximum(opening, close) * np.exp(np.abs(generator.normal(0.0, 0.004, len(days))))
    low = np.minimum(opening, close) * np.exp(-np.abs(generator.normal(0.0, 0.004, len(days))))
    volume = np.round(generator.lognormal(np.log(9e6), 0.3, len(days))).astype("int64")
    prices = {"Open": opening, "High": high, "Low": low, "Close": close}
    return pd.DataFrame(
        {
            "Date": days, "Ticker": ticker, **{name: np.round(values, 4) for name, values in prices.items()},
            "Adj Close": np.round(adjusted, 6), "Volume": volume,
        }
    )
