"""Several outcomes at once: p-values adjusted over the declared family, beside the unadjusted ones.

Primary outcomes confirm: the chance of even one false finding among them is held (Holm 1979; where the outcomes share
enough periods before the event, Romano and Wolf 2005, Econometrica 73:1237, which keeps their dependence). Secondary
ones explore: the expected share of false findings is (Benjamini and Hochberg 1995).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.core.seeds import generator_for
from analysis.inference.multiplicity import benjamini_hochberg, holm, romano_wolf
from analysis.pipeline.study import Study

COLUMNS = ["outcome", "role", "p_value", "adjusted", "method"]
DRAWS = 9_999  # with the finding itself 10,000
FEWEST_SHARED = 24  # periods that all primary outcomes share; from fewer their correlation is hardly known
LARGEST = 8.0  # normal quantile of the smallest p-value that is told apart from zero


def family_table(study: Study) -> pd.DataFrame:
    """One row an outcome in the case's order, written as tables/family.csv.

    ``method`` says which adjustment was made, or why there is none (refused, no p-value, alone in its family).
    """
    rows = {item.id: _row(study, item.id, item.role) for item in study.case.outcomes}
    for role in ("primary", "secondary"):
        members = [name for name, row in rows.items() if row["role"] == role and row["p_value"] is not None]
        if not members:
            continue
        p_values = np.array([rows[name]["p_value"] for name in members])
        adjusted, method = _adjusted(study, role, members, p_values)
        for name, value in zip(members, adjusted, strict=True):
            rows[name] |= {"adjusted": float(value), "method": method}
    return study.store.write_table("family", pd.DataFrame(list(rows.values()), columns=COLUMNS))


def _row(study: Study, name: str, role: str) -> dict[str, Any]:
    row = {"outcome": name, "role": role, "p_value": None, "adjusted": None, "method": "not estimated"}
    if name not in study.store.outcomes:
        return row
    record = study.store.effect(name)
    if "refused" in record:
        return row | {"method": "refused"}
    return row | {"p_value": record["p_value"], "method": "no p-value"}


def _adjusted(study: Study, role: str, members: list[str], p_values: np.ndarray) -> tuple[np.ndarray, str]:
    if len(members) == 1:
        return p_values, f"the only {role} outcome"
    if role != "primary":
        return benjamini_hochberg(p_values), "Benjamini-Hochberg"
    correlation = shared_correlation({name: study.store.path(name) for name in members})
    if correlation is None:
        return holm(p_values), "Holm"
    draws = joint_draws(correlation, generator_for(study.case.slug, "family"))
    statistics = norm.isf(np.maximum(p_values / 2, norm.sf(LARGEST)))
    # Draws cannot show how far below 1 / (DRAWS + 1) a p-value lies: Holm can, and is valid whatever the dependence.
    # Never below the unadjusted one: the draws are normal, the p-values need not be.
    return np.maximum(np.minimum(romano_wolf(statistics, draws), holm(p_values)), p_values), "Romano-Wolf"


def shared_correlation(paths: Mapping[str, pd.DataFrame]) -> np.ndarray | None:
    """Correlation (m, m) of observed less expected before the event, over the periods that all outcomes share.

    None with fewer than 24 of them, or an outcome that never departs from what is expected.
    """
    gaps = []
    for path in paths.values():
        before = path[path["period"] == "pre"].set_index("time")
        ratio = (before[["observed", "expected"]] > 0).all(axis=None)
        gap = np.log(before["observed"] / before["expected"]) if ratio else before["observed"] - before["expected"]
        gaps.append(gap)
    together = pd.concat(gaps, axis=1, join="inner").dropna().to_numpy()
    if len(together) < FEWEST_SHARED or (together.std(axis=0) <= 0).any():
        return None
    return np.corrcoef(together, rowvar=False)


def joint_draws(correlation: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draws (DRAWS, m) of normal statistics under the null of every outcome, dependent as the outcomes are."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return generator.standard_normal((DRAWS, len(correlation))) @ root.T
