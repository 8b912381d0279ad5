"""CausalPy: interrupted time series by Bayesian linear regression, its default sampler; weekdays and controls in it."""

import logging

import causalpy as cp
import numpy as np
import pandas as pd

logging.disable(logging.WARNING)
SAMPLING = {"cores": 1, "progressbar": False}


def fit(series: dict) -> dict:
    dates = pd.to_datetime(series["dates"])
    frame = pd.DataFrame({"y": series["y"], "t": np.arange(len(dates), dtype=float)}, index=dates)
    terms = ["1", "t"]
    if series["daily"]:
        frame["day"] = dates.day_name()
        terms.append("C(day)")
    for number, control in enumerate(series["controls"].T):
        frame[f"control{number}"] = control
        terms.append(f"control{number}")
    result = cp.InterruptedTimeSeries(
        frame, dates[series["before"]], formula="y ~ " + " + ".join(terms),
        model=cp.pymc_models.LinearRegression(sample_kwargs=SAMPLING | {"random_seed": series["number"] + 1}),
    )  # fmt: skip
    average = result.effect_summary(direction="two-sided").table.loc["average"]
    return {"point": average["mean"], "lower": average["hdi_lower"], "upper": average["hdi_upper"], "p": None}
