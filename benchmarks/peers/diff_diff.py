"""diff-diff: synthetic difference in differences, its default placebo variance."""

import numpy as np
import pandas as pd
from diff_diff import SyntheticDiD


def fit(series: dict) -> dict:
    values = np.column_stack([series["y"], series["donors"]])
    periods, units = values.shape
    frame = pd.DataFrame(
        {
            "unit": np.tile(np.arange(units), periods),
            "time": np.repeat(np.arange(periods), units),
            "value": values.ravel(),
        }
    )
    frame["treated"] = (frame["unit"] == 0).astype(int)
    result = SyntheticDiD(seed=series["number"] + 1).fit(
        frame, outcome="value", treatment="treated", unit="unit", time="time",
        post_periods=list(range(series["before"], periods)),
    )  # fmt: skip
    low, high = result.conf_int
    return {"point": result.att, "lower": low, "upper": high, "p": result.p_value}
