"""What the readers give back for the written exports is what the world holds."""

import pandas as pd
import pytest

from analysis.core.case_loading import load_case_folder
from analysis.simulate.unicredit import CASE, simulate_unicredit
from analysis.simulate.unicredit_tidy import measurements
from analysis.sources import read_source

KEYS = ["date", "unit", "channel", "metric"]


@pytest.fixture(scope="module")
def read_back():
    folder = load_case_folder(CASE)
    return pd.concat([read_source(folder, source.id).measurements for source in folder.case.sources])


def test_readers_give_back_the_world(read_back):
    world = measurements(simulate_unicredit())
    merged = world.merge(read_back, on=KEYS, how="left", suffixes=("", "_read"), validate="one_to_one")
    assert merged["value_read"].notna().all()
    assert merged["value"].to_numpy() == pytest.approx(merged["value_read"].to_numpy())


def test_readers_give_nothing_on_exited_channels_after_the_closing(read_back):
    own = read_back[read_back["unit"] == "UniCredit"]
    exited = own[own["channel"].isin(["facebook", "messenger", "instagram"])]
    assert exited["date"].max() == pd.Timestamp("2019-05-31")
