"""Small counts do not get out."""

import pandas as pd

from analysis.core.privacy import small_cells, suppressed


def test_counts_under_the_smallest_cell_are_left_empty() -> None:
    values = pd.Series([0.0, 1.0, 9.0, 10.0, 250.0, None])
    kept = suppressed(values, 10)
    assert kept.isna().tolist() == [False, True, True, False, False, True]
    assert kept[0] == 0.0
    assert small_cells(values, 10) == 2
