"""Do intervals of a pooled effect hold, with as few studies as there are exits? Writes benchmarks/meta_analysis.md.

Studies differ truly by tau and are measured with standard errors like those of the cases. Beside the interval that is
printed stand the usual one (normal, the same tau) and Hartung-Knapp's without the floor under its variance factor.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.core import artefacts, paths
from analysis.core.seeds import generator_for
from analysis.inference.meta_analysis import Pooled, between_variance, pool

DRAWS, LEVEL = 2000, 0.95
COUNTS, SPREADS = (2, 3, 5, 10), (0.0, 0.05, 0.15)
SMALLEST, LARGEST = 0.03, 0.15  # standard errors of log ratios, as the cases have them
ERROR = float(np.sqrt(LEVEL * (1 - LEVEL) / DRAWS))
TRUTH = -0.1
TABLE = paths.PROJECT / "benchmarks" / "meta_analysis.md"


def usual(effect: np.ndarray, error: np.ndarray) -> bool:
    weights = 1 / (error**2 + between_variance(effect, error**2))
    return abs(np.average(effect, weights=weights) - TRUTH) <= stats.norm.ppf((1 + LEVEL) / 2) / weights.sum() ** 0.5


def without_floor(found: Pooled, effect: np.ndarray, error: np.ndarray) -> bool:
    weights = 1 / (error**2 + found.tau**2)
    spread = np.sqrt(weights @ (effect - found.mean) ** 2 / (len(effect) - 1) / weights.sum())
    return abs(found.mean - TRUTH) <= stats.t.ppf((1 + LEVEL) / 2, len(effect) - 1) * spread


def one(count: int, tau: float, number: int) -> dict[str, object]:
    draw = generator_for("meta_analysis", count, tau, number)
    error = np.exp(draw.uniform(np.log(SMALLEST), np.log(LARGEST), count))
    effect = TRUTH + draw.normal(0, tau, count) + draw.normal(0, error)
    another = TRUTH + draw.normal(0, tau)
    found = pool(effect, error, level=LEVEL)
    return {
        "studies": count, "tau": tau, "printed": TRUTH in found.interval, "usual": usual(effect, error),
        "no_floor": without_floor(found, effect, error), "width": found.interval.upper - found.interval.lower,
        "next": np.nan if found.prediction is None else float(another in found.prediction),
    }  # fmt: skip


@pytest.mark.slow
def test_pooled_intervals_hold_with_few_studies() -> None:
    rows = pd.DataFrame([one(k, tau, number) for k in COUNTS for tau in SPREADS for number in range(DRAWS)])
    medians = rows.groupby(["studies", "tau"])["width"].median()
    found = rows.groupby(["studies", "tau"]).mean().drop(columns="width").join(medians).reset_index()
    lines = [
        "# Pooling a few exits",
        "",
        f"{DRAWS} draws a row, nominal {LEVEL:.0%}; Monte-Carlo error of a share of 95 %: {ERROR:.4f}. Standard errors",
        f"from {SMALLEST} to {LARGEST} log points, the studies' true effects {TRUTH} with the spread *tau*. *Printed*:",
        "share of intervals of the mean that hold it; *usual*: the normal interval with the same tau; *no floor*:",
        "Hartung-Knapp without the floor of one; *width* of the printed one, median; *next*: share of prediction",
        "intervals that hold the true effect of one more study. Made by `make test-slow`.",
        "",
        "| studies | tau | printed | usual | no floor | width | next |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.studies} | {row.tau:.2f} | {row.printed:.3f} | {row.usual:.3f} | {row.no_floor:.3f} | {row.width:.2f} "
        f"| {'–' if np.isnan(row.next) else f'{row.next:.3f}'} |"
        for row in found.itertuples()
    ]
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    assert (found["printed"] >= LEVEL - 3 * ERROR).all(), found.to_string()
    assert (found["printed"] >= found["no_floor"]).all()
