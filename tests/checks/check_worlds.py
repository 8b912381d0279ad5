"""A weekly panel of a brand among peers, and contexts made of it, for the tests of checks."""

import numpy as np
import pandas as pd

from analysis.checks import CheckContext
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows

BEFORE, DONUT, AFTER = 80, 4, 16


def frame_of(name="checks", *, donors=22, effect=0.0):
    generator = generator_for("check world", name)
    length = BEFORE + DONUT + AFTER
    common = generator.normal(scale=0.8, size=length).cumsum()
    loadings = generator.normal(1, 0.3, size=donors + 1)
    values = 100 + np.outer(common, loadings) + generator.normal(size=(length, donors + 1))
    values[BEFORE + DONUT :, 0] += effect
    index = pd.date_range("2018-01-01", periods=length, freq="W-MON")
    return pd.DataFrame(values, index=index, columns=["brand", *(f"peer {k:02d}" for k in range(1, donors + 1))])


def context_of(frame, estimator="synthetic_control", **options):
    times = frame.index
    windows = Windows(times[0], times[BEFORE - 1], times[BEFORE + DONUT], times[-1])
    donors = [name for name in frame if name.startswith("peer")]
    panel = Panel.from_wide(frame, treated="brand", donors=donors, windows=windows, outcome="posts", unit="posts")
    return CheckContext("demo", "posts", "Posts", panel, estimator, options)
