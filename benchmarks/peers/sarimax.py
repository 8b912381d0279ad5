"""statsmodels' SARIMAX(1, 1, 1): maximum likelihood, the interval from simulated paths."""

import numpy as np
import pandas as pd
from statsmodels.tsa.statespace.sarimax import SARIMAX

DRAWS = 1000


def regressors(series: dict) -> np.ndarray | None:
    """Six contrasts of weekdays on daily series, and the controls as given."""
    columns = [series["controls"]] if series["controls"].shape[1] else []
    if series["daily"]:
        day = pd.to_datetime(series["dates"]).day_of_week.to_numpy()
        columns.append(np.column_stack([(day == item).astype(float) - (day == 6) for item in range(6)]))
    return np.hstack(columns) if columns else None


def fit(series: dict) -> dict:
    y, before, exog = series["y"], series["before"], regressors(series)
    start, end = (None, None) if exog is None else (exog[:before], exog[before:])
    fitted = SARIMAX(y[:before], order=(1, 1, 1), exog=start).fit(disp=False)
    rng = np.random.default_rng(series["number"] + 1)
    draws = fitted.simulate(len(y) - before, anchor="end", repetitions=DRAWS, exog=end, rng=rng)
    means = np.asarray(draws).reshape(len(y) - before, -1).mean(axis=0)
    low, high = np.quantile(means, [0.025, 0.975])
    gap = y[before:].mean()
    return {"point": gap - means.mean(), "lower": gap - high, "upper": gap - low, "p": None}
