"""Diversion over 600 simulated worlds: do the joint intervals hold every true ratio, recapture and loss?

Writes benchmarks/diversion.md. Worlds of analysis/simulate/diversion_worlds.py, numbers 0 on, none left out.
"""

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed

from analysis.core import artefacts, paths
from analysis.service.counterfactual import without_the_exit
from analysis.service.diversion import diversion_table, divert, proportional_diversion
from analysis.simulate.diversion_worlds import diversion_world

WORLDS, DRAWS, LEVEL = 600, 1000, 0.95  # so many that two Monte-Carlo errors above 97 % is still below one
ERROR = np.sqrt(LEVEL * (1 - LEVEL) / WORLDS)
TABLE = paths.PROJECT / "benchmarks" / "diversion.md"
# What a design of joint draws reached in worlds of this kind before: width of recapture with and without a control.
BEFORE = {"with a demand control": 0.75, "without": 1.72}


def measured(number: int) -> list[dict]:
    world, rows = diversion_world(number), []
    truth = world.ratios | {"recaptured": sum(world.ratios.values()), "lost": 1 - sum(world.ratios.values())}
    for name, controls in (("with a demand control", world.control), ("without", world.control[[]])):
        gone = without_the_exit(
            world.exited, world.receiving, controls, pre=~world.post, post=world.post,
            seed_names=("diversion measured", number), harmonics=0, draws=DRAWS,
        )  # fmt: skip
        result = divert(gone)
        np.testing.assert_allclose(result.moved.sum(axis=1) + result.lost * result.exited_expected,
                                   result.exited_expected)  # fmt: skip
        table = diversion_table(result, level=LEVEL).set_index("channel")
        rows += [
            {"design": name, "part": part, "truth": value, "point": table.loc[part, "ratio"],
             "inside": table.loc[part, "ratio_lower"] <= value <= table.loc[part, "ratio_upper"],
             "width": table.loc[part, "ratio_upper"] - table.loc[part, "ratio_lower"]}
            for part, value in truth.items()
        ]  # fmt: skip
    return rows


def rejected_where_proportional(number: int) -> float:
    """The p-value of proportional diversion in a world where contacts do move in proportion."""
    world = diversion_world(number, proportional=0.6)
    gone = without_the_exit(
        world.exited, world.receiving, world.control, pre=~world.post, post=world.post,
        seed_names=("diversion even", number), harmonics=0, draws=DRAWS,
    )  # fmt: skip
    return proportional_diversion(divert(gone)).p_value


def as_markdown(table: pd.DataFrame, size: float) -> str:
    lines = [
        "# Diversion: do the joint intervals hold the truth?", "",
        f"{WORLDS} simulated worlds of five daily channels, 365 days before and 84 after, {DRAWS} joint draws each; "
        f"nominal {LEVEL:.0%}; Monte-Carlo error of a share of 95 %: {ERROR:.3f}. Made by `make test-slow`.",
        "Expected exited volume = recaptured + lost held in every draw of every world. Shares of the exited contacts.",
        "",
        "| design | part | truth | inside | mean error | RMSE | mean width | outside 93–97 % |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {row.design} | {row.part} | {row.truth:.4f} | {row.inside:.3f} | {row.bias:+.4f} | {row.rmse:.4f} | "
        f"{row.width:.3f} | {'' if 0.93 <= row.inside <= 0.97 else 'missed'} |"
        for row in table.itertuples()
    ]
    lines += ["", f"Proportional diversion, where it is true, is rejected at 5 % in {size:.3f} of the worlds."]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_joint_intervals_hold_every_ratio() -> None:
    rows = [row for part in Parallel(n_jobs=2)(delayed(measured)(number) for number in range(WORLDS)) for row in part]
    frame = pd.DataFrame(rows).assign(error=lambda data: data["point"] - data["truth"])
    groups = frame.groupby(["design", "part"], sort=False)
    table = groups.agg(
        truth=("truth", "mean"), inside=("inside", "mean"), bias=("error", "mean"), width=("width", "mean")
    )
    table["rmse"] = np.sqrt(frame["error"].pow(2).groupby([frame["design"], frame["part"]], sort=False).mean())
    values = Parallel(n_jobs=2)(delayed(rejected_where_proportional)(number) for number in range(WORLDS))
    size = float(np.mean(np.array(values) <= 0.05))
    artefacts.write_text(TABLE, as_markdown(table.reset_index(), size))
    # Two Monte-Carlo errors around 93 to 97 %: a share inside that band cannot be told from one that is.
    assert table["inside"].between(0.93 - 2 * ERROR, 0.97 + 2 * ERROR).all(), table.to_string()
    for design, width in BEFORE.items():
        assert table.loc[(design, "recaptured"), "width"] <= width
