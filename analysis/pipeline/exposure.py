"""How much of each platform the brand still held, period by period: the dose of a partial exit."""

import pandas as pd

from analysis.core.accounts import DOSE_COLUMNS, dose
from analysis.core.assembly import week_label
from analysis.pipeline.study import Study
from analysis.sources import read_accounts

TABLE = "exposure"


def exposure_of(study: Study) -> pd.DataFrame | None:
    """Write tables/exposure.csv, DOSE_COLUMNS by the case's periods; None, and nothing written, without a register.

    In a weekly study counts and shares are means over the week's days, so a closing in mid-week counts by its days.
    The periods are those of the case's and its outcomes' windows.
    """
    case = study.case
    own = [item for item in read_accounts(study.folder) if item.brand == case.brand]
    if not own:
        return None
    windows = [case.windows, *(item.windows for item in case.outcomes if item.windows)]
    first, last = min(item.first for item in windows), max(item.last for item in windows)
    days = pd.date_range(first, last, freq="D")
    if case.frequency == "week":
        weeks = week_label(pd.Series(days), case.week_starts)
        days = pd.date_range(weeks.iloc[0], weeks.iloc[-1] + pd.Timedelta(days=6), freq="D")
    table = dose(own, days)
    if case.frequency == "week":
        table["time"] = week_label(table["time"], case.week_starts)
        table = table.groupby(["time", "platform"], as_index=False, sort=True).mean()
    return study.store.write_table(TABLE, table[list(DOSE_COLUMNS)])


def changes(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """The first period of each platform and those in which something differs from the one before."""
    if table is None:
        return None
    counts = table.drop(columns=["time"]).fillna(-1.0)
    before = counts.groupby("platform").shift()
    return table[(counts.drop(columns="platform") != before).any(axis=1)]
