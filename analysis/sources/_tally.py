"""From rows about posts, cases or parts of a day to one measurement a day: sums of what may be summed."""

from collections.abc import Sequence

import pandas as pd

from analysis.sources._reading import KEY, measurements_frame


def by_day(table: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Sums of ``metrics`` (columns of ``table``) a date, unit and channel, columns MEASUREMENT_COLUMNS.

    ``table`` has date, unit, channel, file, row besides. Absent values are left out; ``row`` is that of the first row
    that went into a sum. Days without a row are not filled.
    """
    fixed = ["date", "unit", "channel", "file", "row"]
    return summed(table.melt(id_vars=fixed, value_vars=list(metrics), var_name="metric").dropna(subset="value"))


def summed(frame: pd.DataFrame) -> pd.DataFrame:
    """Measurements (columns MEASUREMENT_COLUMNS) with one row a key: values added, ``row`` that of the first."""
    groups = frame.groupby(KEY, sort=True)
    sums = groups[["file", "row"]].first().assign(value=groups["value"].sum()).reset_index()
    return measurements_frame({name: sums[name] for name in sums.columns})
