"""Does the printed interval hold the truth? Forty worlds that were never looked at, beside the one that ships.

Writes benchmarks/unicredit_worlds.md. The seeds follow the shipped one in order; none is left out.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed

from analysis.core import artefacts, paths
from analysis.core.case_loading import load_case_folder
from analysis.core.paths import Layout
from analysis.pipeline.challenge import weights_of
from analysis.pipeline.estimates import estimate_outcomes
from analysis.pipeline.moved_contacts import counterfactual, diversion
from analysis.pipeline.prepare import prepare
from analysis.pipeline.study import Study
from analysis.pipeline.truth import truth_annex
from analysis.simulate.unicredit import SEED, simulate_unicredit, write_world

WORLDS = 40
LEVEL = 0.95
TABLE = paths.PROJECT / "benchmarks" / "unicredit_worlds.md"


def truths(seed: int, folder: Path) -> pd.DataFrame:
    """Truth and interval of every outcome in the world of a seed, through the same steps as the notebooks."""
    place = folder / str(seed)
    place.mkdir()
    shutil.copy(paths.RAW / "unicredit" / paths.CASE_FILE, place)
    write_world(simulate_unicredit(seed), place)
    loaded = load_case_folder(str(place))
    study = Study(loaded, Layout.under(place / "out", loaded.case.slug))
    prepare(study)
    estimate_outcomes(study, study.case.outcomes, LEVEL)
    diversion(study, counterfactual(study), LEVEL)
    weights_of(study)
    return truth_annex(study).assign(seed=seed)


def coverage_table(every: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, part in every.groupby("outcome", sort=False):
        inside = part["inside"].astype(bool)
        share = inside.mean()
        rows.append(
            {
                "outcome": part["label"].iloc[0],
                "role": part["role"].iloc[0],
                "worlds": len(part),
                "inside": share,
                "monte_carlo_error": np.sqrt(share * (1 - share) / len(part)),
                "mean_error": (part["point"] - part["truth"]).mean(),
                "rmse": np.sqrt(((part["point"] - part["truth"]) ** 2).mean()),
                "mean_width": (part["upper"] - part["lower"]).mean(),
                "id": name,
            }
        )
    return pd.DataFrame(rows)


def as_markdown(table: pd.DataFrame) -> str:
    lines = [
        "# Does the interval hold the truth?",
        "",
        f"{WORLDS} simulated UniCredit worlds, seeds {SEED + 1} to {SEED + WORLDS}, every one counted; nominal level "
        f"{LEVEL:.0%}. Made by `make test-slow`.",
        "The Monte-Carlo error is the standard error of the share; with a true share of 95 % it would be "
        f"{np.sqrt(LEVEL * (1 - LEVEL) / WORLDS):.3f}.",
        "Errors and widths are in the outcome's relative effect (0.01 = one percent), shares of the exited contacts, "
        "or log return.",
        "",
        "| outcome | role | inside | Monte-Carlo error | mean error | RMSE | mean width |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.outcome} | {row.role} | {row.inside:.3f} | {row.monte_carlo_error:.3f} | {row.mean_error:+.4f} | "
        f"{row.rmse:.4f} | {row.mean_width:.4f} |"
        for row in table.itertuples()
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_coverage_over_forty_worlds(tmp_path: Path) -> None:
    parts = Parallel(n_jobs=2)(delayed(truths)(SEED + 1 + number, tmp_path) for number in range(WORLDS))
    table = coverage_table(pd.concat(parts, ignore_index=True))
    artefacts.write_text(TABLE, as_markdown(table))
    primary = table[table["role"] == "primary"]
    assert (primary["worlds"] == WORLDS).all()
    # A share three Monte-Carlo errors below the nominal level is not chance: the interval is too short.
    floor = LEVEL - 3 * np.sqrt(LEVEL * (1 - LEVEL) / WORLDS)
    assert (primary["inside"] >= floor).all(), primary[["id", "inside"]].to_string()
