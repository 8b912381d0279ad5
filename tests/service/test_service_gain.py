"""A channel that opens: what it gained is taken from the others or new."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.seeds import generator_for
from analysis.service.counterfactual import Counterfactual
from analysis.service.gain import gain_table

WEEKS = pd.date_range("2015-08-10", periods=4, freq="7D")


def gone(app: float, spread: float = 5.0) -> Counterfactual:
    draw = generator_for("gain", app)
    draws = np.array([app, 1000.0, 300.0]) + draw.normal(0, spread, (500, 4, 3))
    observed = np.tile([930.0, 280.0], (4, 1))
    return Counterfactual(("phone", "web"), WEEKS, draws, observed, np.array([app, 1000.0, 300.0]))


def test_gained_is_taken_plus_new() -> None:
    table = gain_table(gone(100), np.full(4, 220.0)).set_index("channel")
    assert table.loc["gained", "contacts"] == pytest.approx(120, abs=2)
    assert table.loc[["phone", "web"], "contacts"].tolist() == pytest.approx([70, 20], abs=2)
    parts = table.loc[["phone", "web", "new"]]
    assert parts["contacts"].sum() == pytest.approx(table.loc["gained", "contacts"])
    assert parts["ratio"].sum() == pytest.approx(1)
    assert (table["lower"] <= table["contacts"]).all()
    assert (table["contacts"] <= table["upper"]).all()


def test_shares_of_a_gain_that_may_be_nothing_are_not_given() -> None:
    table = gain_table(gone(218, spread=20), np.full(4, 220.0))
    assert table["ratio"].isna().all()
    assert table["contacts"].notna().all()
