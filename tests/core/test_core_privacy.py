"""Small counts do not get out, nor does a sum that would give them back."""

from types import SimpleNamespace

import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.core import paths
from analysis.core.case import Privacy
from analysis.core.case_loading import load_case
from analysis.core.privacy import small_cells, suppressed
from analysis.pipeline.estimates import small_parts


def test_counts_under_the_smallest_cell_are_left_empty() -> None:
    values = pd.Series([0.0, 1.0, 9.0, 10.0, 250.0, None])
    kept = suppressed(values, 10)
    assert kept.isna().tolist() == [False, True, True, False, False, True]
    assert kept[0] == 0.0
    assert small_cells(values, 10) == 2


def test_smaller_groups_are_shown_with_a_recorded_reason_only() -> None:
    assert Privacy().minimum_cell == 10
    assert Privacy(minimum_cell=50).reason is None
    assert Privacy(minimum_cell=5, reason="Agreed with the works council.").minimum_cell == 5
    for given in ({"minimum_cell": 9}, {"minimum_cell": 1, "reason": "x"}, {"minimum_cell": 5, "reason": ""}):
        with pytest.raises(ValidationError):
            Privacy(**given)


def test_a_sum_is_left_empty_where_one_of_its_parts_is() -> None:
    case = load_case(str(paths.RAW / "unicredit"))
    days = pd.date_range(case.windows.first, periods=21)
    counts = {"phone": 40.0, "chat": 30.0, "email": 1.0}
    rows = [
        {"date": day, "unit": case.brand, "channel": channel, "metric": "contacts", "period": "day",
         "value": 2.0 if channel == "email" and day < days[7] else value}
        for day in days for channel, value in counts.items()
    ]  # fmt: skip
    outcome = next(item for item in case.outcomes if item.metric == "contacts").model_copy(
        update={"channels": tuple(counts), "missing": "refuse", "aggregate": "sum", "treated": None, "windows": None}
    )
    study, times = SimpleNamespace(case=case), pd.DatetimeIndex(days[::7])
    assert small_parts(study, outcome, pd.DataFrame(rows), times) == [False, True, True]
    alone = outcome.model_copy(update={"channels": ("email",)})
    assert small_parts(study, alone, pd.DataFrame(rows), times) == []
