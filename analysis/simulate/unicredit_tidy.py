"""A simulated world as tidy measurements without a detour through files, for experiments over many seeds."""

from typing import Any

import pandas as pd

from analysis.simulate.unicredit import World

BRAND = "UniCredit"
COLUMNS = ["date", "unit", "channel", "metric", "value", "file", "row", "source", "period", "time_zone"]


def measurements(world: World) -> pd.DataFrame:
    """The measurements that the outcomes and the diversion of the case use; columns COLUMNS.

    Values equal what the readers give back for the written exports; ``file`` and ``row`` only number the rows here.
    """
    parts = [
        _part("social", series.index, BRAND, channel, "engagements", series.to_numpy())
        for channel, series in world.engagements.items()
    ]
    log, web, peers, prices = world.contacts, world.web, world.peers, world.prices
    parts += [
        _part("web", web["date"], BRAND, "website", "sessions", web["sessions"]),
        _part("web", web["date"], BRAND, "app", "logins", web["logins"]),
        _part("contacts", log["date"], BRAND, log["channel"], "contacts", log["contacts"]),
        _part("peers", peers["week"], peers["brand"], peers["channel"], "engagements", peers["engagements"], "week"),
        _part("prices", prices["Date"], prices["Ticker"], "market", "adjusted_close", prices["Adj Close"]),
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _part(
    source: str, date: Any, unit: Any, channel: Any, metric: str, value: Any, period: str = "day"
) -> pd.DataFrame:
    days = pd.DatetimeIndex(date).as_unit("ns")
    frame = pd.DataFrame({"date": days, "value": pd.Series(value).to_numpy(dtype=float)})
    for name, given in (("unit", unit), ("channel", channel)):
        frame[name] = given.to_numpy() if isinstance(given, pd.Series) else given
    return frame.assign(
        metric=metric, file="simulated", row=range(1, len(frame) + 1), source=source, period=period,
        time_zone="Europe/Rome",
    )
