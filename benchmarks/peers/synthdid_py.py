"""synthdid-py: synthetic difference in differences, the placebo variance (the only one for a single treated unit)."""

import numpy as np
from synthdid import synthdid_estimate

NORMAL = 1.959964


def fit(series: dict) -> dict:
    values = np.column_stack([series["donors"], series["y"]]).T
    found = synthdid_estimate(values, series["donors"].shape[1], series["before"])
    half = NORMAL * found.se(method="placebo", random_state=series["number"] + 1)
    return {"point": float(found), "lower": float(found) - half, "upper": float(found) + half, "p": None}
