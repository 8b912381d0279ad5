"""Does a whole path stay inside the band that holds for all periods at once? Writes benchmarks/joint_bands.md.

Every series is a null. A path is inside when no period after the event leaves the band; the pointwise band, that each
period leaves one time in twenty, is beside it.
"""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from test_statistical_panels import panel as panel_of_equals

from analysis import Panel, estimate
from analysis.core import artefacts, paths
from analysis.simulate.worlds import simulate_world

SERIES, WORKERS, LEVEL = 200, 2, 0.95
ERROR = float(np.sqrt(LEVEL * (1 - LEVEL) / SERIES))
LEAST = LEVEL - 2 * ERROR
LINES = ("interrupted_time_series", "count_time_series")
TABLE = paths.PROJECT / "benchmarks" / "joint_bands.md"


def world(name: str) -> Callable[[int], Panel]:
    return lambda number: simulate_world(name, f"joint {number}").panel


def counted(number: int) -> Panel:
    return replace(simulate_world("weekly_counts", f"joint {number}").panel, scale="level")


ASKED = MappingProxyType(
    {
        ("daily, drifting, three noisy controls", "structural_time_series"): world("daily_controls"),
        ("daily, drifting, no control", "structural_time_series"): world("daily_alone"),
        ("weekly, no control", "structural_time_series"): world("weekly_alone"),
        ("weekly, no drift", "interrupted_time_series"): world("weekly_steady"),
        ("weekly, no control", "interrupted_time_series"): world("weekly_alone"),
        ("weekly counts, no control", "count_time_series"): counted,
        ("40 donors like the brand", "difference_in_differences"): panel_of_equals,
        ("40 donors like the brand", "synthetic_control"): panel_of_equals,
        ("40 donors like the brand", "synthetic_difference_in_differences"): panel_of_equals,
    }
)


def one(key: tuple[str, str], number: int) -> dict[str, object]:
    panel = ASKED[key](number)
    after = estimate(key[1], panel, level=LEVEL).path[panel.post]
    inside = {
        name: (after["observed"].between(after[f"{stem}lower"], after[f"{stem}upper"])).mean()
        for name, stem in (("periods", ""), ("joint", "joint_"))
    }
    half = (after["joint_upper"] - after["joint_lower"]) / (after["upper"] - after["lower"])
    return {
        "world": key[0], "method": key[1], "periods": inside["periods"], "pointwise": inside["periods"] == 1,
        "joint": inside["joint"] == 1, "factor": float(half.mean()),
    }  # fmt: skip


@pytest.mark.slow
def test_whole_paths_stay_inside_the_joint_band() -> None:
    tasks = [(key, number) for key in ASKED for number in range(SERIES)]
    rows = pd.DataFrame(Parallel(n_jobs=WORKERS)(delayed(one)(*task) for task in tasks))
    found = rows.groupby(["world", "method"], sort=False).mean().reset_index()
    lines = [
        "# Bands that hold for all periods at once",
        "",
        f"{SERIES} nulls a row, nominal {LEVEL:.0%}; Monte-Carlo error of a share of 95 %: {ERROR:.3f}. *Periods*:",
        "share of periods inside the band of each period; *all inside*: share of series with every period in it;",
        "*joint*: the same for the band that holds for all periods at once, *wider* its mean width over the other's.",
        "Own bands of the methods, before calibration. Made by `make test-slow`.",
        "",
        "| world | method | periods | all inside | joint | wider |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.world} | {row.method} | {row.periods:.3f} | {row.pointwise:.3f} | {row.joint:.3f} | {row.factor:.2f} |"
        for row in found.itertuples()
    ]
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    # A line does not see drift: on drifting series its own band is too narrow, and the table says by how much.
    asked = found[~(found["method"].isin(LINES) & (found["world"] != "weekly, no drift"))]
    assert (asked["joint"] >= LEAST).all(), found.to_string()
    assert (found["joint"] > found["pointwise"]).all()
