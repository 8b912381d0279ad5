"""pysyncon: synthetic control on outcomes and its placebo test; it gives no interval of the average effect."""

import numpy as np
import pandas as pd
from pysyncon import Dataprep, Synth
from pysyncon.utils import PlaceboTest

ALPHA = 0.05


def fit(series: dict) -> dict:
    values = np.column_stack([series["y"], series["donors"]])
    periods, units = values.shape
    before = series["before"]
    frame = pd.DataFrame(
        {
            "unit": np.tile([f"unit {item}" for item in range(units)], periods),
            "time": np.repeat(np.arange(periods), units),
            "value": values.ravel(),
        }
    )
    prepared = Dataprep(
        foo=frame, predictors=[], predictors_op="mean", dependent="value", unit_variable="unit", time_variable="time",
        treatment_identifier="unit 0", controls_identifier=[f"unit {item}" for item in range(1, units)],
        time_predictors_prior=range(before), time_optimize_ssr=range(before),
        special_predictors=[("value", [time], "mean") for time in range(before)],
    )  # fmt: skip
    # Every pre-period counts alike: the search for other weights of 88 to 100 predictors takes hours a panel.
    test = PlaceboTest()
    test.fit(prepared, Synth(), scm_options={"custom_V": np.full(before, 1 / before)}, max_workers=1, verbose=False)
    gap = test.treated_gap.copy()
    point = gap.iloc[before:].mean()
    p_value = test.pvalue(before - 1)
    found = []
    for shift in series["shifts"]:
        # Donors never see the treated unit here, so what is put into it moves its own gap alone.
        test.treated_gap = gap + np.append(np.zeros(before), shift)
        found.append(test.pvalue(before - 1) < ALPHA)
    return {"point": point, "lower": None, "upper": None, "p": p_value, "found": found}
