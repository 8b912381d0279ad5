"""Donor methods on factor panels with known truth: cover, size, bias, RMSE. Writes benchmarks/panels.md."""

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed

from analysis import Panel, Windows, estimate
from analysis.core import artefacts, paths
from analysis.core.seeds import generator_for

PANELS = 400
DONORS, BEFORE, AFTER, FACTORS = 40, 100, 30, 3
METHODS = ("difference_in_differences", "synthetic_control", "synthetic_difference_in_differences")
LEVEL = 0.95
ERROR = np.sqrt(LEVEL * (1 - LEVEL) / PANELS)
TABLE = paths.PROJECT / "benchmarks" / "panels.md"


def panel(number: int) -> Panel:
    """Three factors (two autoregressive, one wandering), loadings of one distribution, AR(1) noise; no effect."""
    draw = generator_for("panel worlds", number)
    periods, units = BEFORE + AFTER, DONORS + 1

    def autoregression(rho: float, size: int) -> np.ndarray:
        series = np.zeros((periods, size))
        series[0] = draw.normal(size=size) / np.sqrt(1 - rho**2)
        for time in range(1, periods):
            series[time] = rho * series[time - 1] + draw.normal(size=size)
        return series

    factors = np.column_stack([autoregression(0.7, FACTORS - 1), 0.3 * draw.normal(size=periods).cumsum()])
    loadings = draw.normal(1.0, 0.5, size=(FACTORS, units))
    values = draw.normal(20, 2, size=units) + factors @ loadings + autoregression(0.5, units)
    frame = pd.DataFrame(values, columns=[f"unit {item:02d}" for item in range(units)])
    windows = Windows.split(first=0, event=BEFORE, last=periods - 1)
    return Panel.from_wide(frame, treated="unit 00", donors=list(frame.columns[1:]), windows=windows)


def results(number: int) -> list[dict]:
    data = panel(number)
    rows = []
    for name in METHODS:
        effect = estimate(name, data)
        bounds = effect.interval
        rows.append(
            {
                "method": name,
                "point": effect.point,
                "inside": 0.0 in bounds,
                "rejected": effect.p_value <= 1 - LEVEL,
                "width": bounds.upper - bounds.lower,
            }
        )
    return rows


@pytest.mark.slow
def test_cover_and_size_of_the_donor_methods() -> None:
    parts = Parallel(n_jobs=2)(delayed(results)(number) for number in range(PANELS))
    found = pd.DataFrame([row for part in parts for row in part])
    lines = [
        "# Donor methods on panels",
        "",
        f"{PANELS} panels of {DONORS} donors, {BEFORE} + {AFTER} periods, {FACTORS} factors, no effect; nominal "
        f"{LEVEL:.0%}; Monte-Carlo error of a share of 95 %: {ERROR:.3f}. Made by `make test-slow`.",
        f"With {DONORS} donors a rank p-value at most .05 has probability {2 / (DONORS + 1):.3f} under the null.",
        "",
        "| method | inside | rejected at 5 % | mean error | RMSE | mean width |",
        "|---|---|---|---|---|---|",
    ]
    for name in METHODS:
        part = found[found["method"] == name]
        lines.append(
            f"| {name} | {part['inside'].mean():.3f} | {part['rejected'].mean():.3f} | {part['point'].mean():+.3f} | "
            f"{np.sqrt((part['point'] ** 2).mean()):.3f} | {part['width'].mean():.3f} |"
        )
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    share = found.groupby("method")["inside"].mean()
    assert (share >= LEVEL - 3 * ERROR).all(), share.to_string()
    assert ((found["rejected"] + found["inside"]) == 1).all()
