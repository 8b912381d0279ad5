"""Small counts of people are not published: a cell that could point at someone is left empty."""

import pandas as pd

COUNTS_OF_PEOPLE = frozenset({"contacts", "cases"})


def suppressed(values: pd.Series, smallest: int) -> pd.Series:
    """The counts with those above zero and under ``smallest`` left empty (zero says nothing about anybody)."""
    return values.mask((values > 0) & (values < smallest))


def small_cells(values: pd.Series, smallest: int) -> int:
    """How many cells ``suppressed`` leaves empty."""
    return int(((values > 0) & (values < smallest)).sum())
