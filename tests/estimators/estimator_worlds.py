"""Small panels for the tests of estimators and checks: a treated series among donors, weekly."""

import numpy as np
import pandas as pd

from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows


def weekly_frame(name="world", *, donors=24, before=70, after=21, effect=0.0, noise=1.0, rho=0.3):
    """Common drift and season with unit loadings, AR(1) noise, ``effect`` added to "brand" after the event."""
    generator = generator_for("estimator world", name)
    length = before + after
    factors = np.column_stack(
        [generator.normal(scale=0.4, size=length).cumsum(), np.sin(2 * np.pi * np.arange(length) / 52.18)]
    )
    loadings = generator.normal(1, 0.3, size=(2, donors + 1))
    shocks = generator.normal(size=(length, donors + 1)) * noise
    errors = np.zeros_like(shocks)
    for step in range(length):
        errors[step] = (rho * errors[step - 1] if step else 0) + shocks[step]
    values = 100 + generator.normal(0, 3, size=donors + 1) + 2 * factors @ loadings + errors
    values[before:, 0] += effect
    index = pd.date_range("2018-01-01", periods=length, freq="W-MON")
    return pd.DataFrame(values, index=index, columns=["brand", *(f"peer {k:02d}" for k in range(1, donors + 1))])


def panel_of(frame, *, before=70, donut=4, **options):
    """The frame as a panel whose last ``donut`` weeks before the event are left out."""
    times = frame.index
    windows = Windows(times[0], times[before - donut - 1], times[before], times[-1])
    options.setdefault("donors", [name for name in frame.columns if name.startswith("peer")])
    return Panel.from_wide(frame, treated="brand", windows=windows, **options)
