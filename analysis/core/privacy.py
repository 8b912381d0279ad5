"""Small counts of people are not published: a cell that could point at someone is left empty."""

import numpy as np
import pandas as pd

COUNTS_OF_PEOPLE = frozenset({"contacts", "cases"})


def suppressed(values: pd.Series, smallest: int) -> pd.Series:
    """The counts with those above zero and under ``smallest`` left empty (zero says nothing about anybody)."""
    return values.mask((values > 0) & (values < smallest))


def small_cells(values: pd.Series, smallest: int) -> int:
    """How many cells ``suppressed`` leaves empty."""
    return int(((values > 0) & (values < smallest)).sum())


def small_shares(shares: pd.Series, cases: pd.Series, smallest: int) -> pd.Series:
    """Which shares point at a few people: share times cases, or the rest of them, is above zero and under ``smallest``.

    A share printed beside its number of cases says how many people it is made of.
    """
    people = np.rint(shares.astype(float) * cases.astype(float))
    rest = cases.astype(float) - people
    return ((people > 0) & (people < smallest)) | ((rest > 0) & (rest < smallest))
