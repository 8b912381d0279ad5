"""Notebook 05's privacy gate: shares that a reader could turn back into a few people are left empty."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.core.privacy import small_shares
from analysis.service.contact_units import MISSING, NOT_JUDGED, is_share

PERIODS = ("before", "after")
SHARE_TABLES = ("funnel", "private_share")
NESTED = ("first_response", "taken_in_charge", "outcome")  # who had the later one had the earlier one


def protected(name: str, table: pd.DataFrame, smallest: int) -> tuple[pd.DataFrame, int]:
    """The table with shares of fewer than ``smallest`` people left empty, with all that would give them back (bounds,
    changes), and how many shares that were."""
    table, hidden = table.copy(), 0
    for share, cases, blank in _places(name, table):
        small = small_shares(table[share], table[cases], smallest) & _is_share(name, table)
        if name == "funnel":
            small |= _few_between(table, share, cases, smallest)
        columns = [column for column in blank if column in table]
        table = table.astype(dict.fromkeys(columns, float))
        table.loc[small, columns] = np.nan
        hidden += int(small.sum())
    return (_without_counts(table) if name == "contact_units" else table), hidden


def _places(name: str, table: pd.DataFrame) -> Iterator[tuple[str, str, list[str]]]:
    """Column of the share, column of its cases, and what is left empty with it. The table is masked in between, so a
    share of the second period is judged by what is left of it."""
    if name == "incidence":
        yield "incidence", "n", ["incidence", "lower", "upper"]
    for period in PERIODS:
        if name == "response_times":
            change = [column for column in table if column.startswith("target_") and column[7:] not in PERIODS]
            yield f"target_{period}", f"n_{period}", [f"target_{period}", *change]
        elif name in SHARE_TABLES:
            share = f"share_{period}"
            own = [share, f"{share}_lower", f"{share}_upper"]
            yield share, f"n_{period}", [*own, "change", "change_lower", "change_upper", "p_value"]
        elif name == "contact_units":
            own = [period, f"{period}_lower", f"{period}_upper"]
            yield period, f"cases_{period}", [*own, "change", "lower", "upper", "p_value"]


def _without_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Without the number of cases that a share is known for, where that number less all cases is a hidden share."""
    table = table.astype({f"cases_{period}": float for period in PERIODS})
    for period in PERIODS:
        for prefix in (MISSING, NOT_JUDGED):
            gaps = table["quantity"].str.startswith(prefix) & table[period].isna()
            for name in table.loc[gaps, "quantity"].str.removeprefix(prefix):
                table.loc[table["quantity"].str.startswith(f"{name}: "), f"cases_{period}"] = np.nan
    return table


def _is_share(name: str, table: pd.DataFrame) -> pd.Series:
    """Contacts a case are a mean, not a share; everything else here is one."""
    if name != "contact_units":
        return pd.Series(True, index=table.index)
    return table["quantity"].map(is_share).astype(bool)


def _few_between(table: pd.DataFrame, share: str, cases: str, smallest: int) -> pd.Series:
    """Steps that differ from the one before by a few people: the difference of two printed shares would show them."""
    people = (table[share].astype(float) * table[cases].astype(float)).round()
    order = table["step"].map({step: place for place, step in enumerate(NESTED)})
    between = people.where(order.notna()).diff().abs()
    return (between > 0) & (between < smallest)
