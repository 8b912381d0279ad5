"""Digests of series for a reader: months instead of days, means before and after, a day among ordinary days."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

VALUES = ("observed", "expected", "lower", "upper")
ORDINARY_SHARE = 0.95
MOST_HIDDEN = 0.05  # of the weeks of a mean: the hidden ones are the smallest, and without them a mean is too large


def by_month(path: pd.DataFrame) -> pd.DataFrame:
    """Means by calendar month of a path, columns month, observed, expected, lower, upper."""
    month = pd.to_datetime(path["time"]).dt.strftime("%Y-%m-01")
    return path.groupby(month.rename("month"))[list(VALUES)].mean().reset_index()


def of_path(prefix: str, path: pd.DataFrame) -> dict[str, Any]:
    """The months of a path under their keys."""
    flat: dict[str, Any] = {}
    for row in by_month(path).to_dict("records"):
        stem = f"{prefix}.{row['month'][:7]}"
        flat[f"{stem}.month"] = row["month"]
        flat |= {f"{stem}.{name}": None if pd.isna(row[name]) else float(row[name]) for name in VALUES}
    return flat


def beyond_market(path: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Returns beyond the market's, on the ordinary days before and on the days of the event."""
    gap = (path["observed"] - path["expected"]).to_numpy(float)
    before, after = (path["period"] == "pre").to_numpy(), (path["period"] == "post").to_numpy()
    ordinary = gap[before]
    return ordinary[np.isfinite(ordinary)], gap[after]


def of_market(stem: str, path: pd.DataFrame, record: Mapping[str, Any]) -> dict[str, Any]:
    """The event among ordinary days: how many, where 95 in 100 of them lie, and the distance in residual deviations."""
    ordinary, _ = beyond_market(path)
    flat: dict[str, Any] = {f"{stem}.ordinary.days": len(ordinary), f"{stem}.ordinary.share": ORDINARY_SHARE}
    if len(ordinary) > 2:
        tail = (1 - ORDINARY_SHARE) / 2
        flat[f"{stem}.ordinary.lower"], flat[f"{stem}.ordinary.upper"] = np.quantile(ordinary, [tail, 1 - tail])
        flat[f"{stem}.ordinary.beyond"] = float(np.mean(np.abs(ordinary) >= abs(record["point"])))
    spread = residual_deviation(record.get("diagnostics") or {}, ordinary)
    flat[f"{stem}.ordinary.deviation"] = spread
    flat[f"{stem}.in_deviations"] = record["point"] / spread if spread else None
    return flat


def residual_deviation(diagnostics: Mapping[str, Any], ordinary: np.ndarray) -> float | None:
    """The market model's residual standard deviation: the estimator's own if it says so, else from the path.

    Two degrees of freedom are lost to the model's intercept and slope.
    """
    if diagnostics.get("residual_sd"):
        return float(diagnostics["residual_sd"])
    return float(np.std(ordinary, ddof=2)) if len(ordinary) > 2 else None


def placebos(table: pd.DataFrame | None, record: Mapping[str, Any], name: str) -> pd.DataFrame:
    """One row a unit of this outcome: unit, effect, treated, smallest effect first.

    Effects of a model on the logarithm are turned into shares of what was expected. On the level scale units differ in
    size, so each is given as its test statistic, with the sign of the effect.
    """
    if table is None or table.empty:
        return pd.DataFrame(columns=["unit", "effect", "treated"])
    rows = table[table["outcome"] == name].dropna(subset=["effect"])
    if record.get("scale") == "log":
        effect = np.expm1(rows["effect"])
    else:
        effect = np.sign(rows["effect"]) * rows["statistic"].abs()
    found = pd.DataFrame({"unit": rows["unit"], "effect": effect, "treated": rows["role"] == "treated"})
    return found.sort_values(["effect", "unit"], kind="stable").reset_index(drop=True)


def of_placebos(prefix: str, table: pd.DataFrame | None, record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The peers' effects under their keys, in the order of the table on the page."""
    found = placebos(table, record, name)
    if found.empty:
        return {}
    flat: dict[str, Any] = {f"{prefix}.peers": int((~found["treated"]).sum())}
    rows = table[table["outcome"] == name].dropna(subset=["effect"])
    own, size = rows["role"] == "treated", rows["statistic"].abs()
    if own.any():
        flat[f"{prefix}.as_much"] = int((size[~own] >= size[own].iloc[0]).sum())
    flat |= {f"{prefix}.{index}.unit": unit for index, unit in enumerate(found["unit"])}
    return flat | {f"{prefix}.{index}.effect": float(effect) for index, effect in enumerate(found["effect"])}


def volume_means(volumes: pd.DataFrame | None, case: Mapping[str, Any]) -> dict[str, Any]:
    """Mean contacts a period before and after, by channel. Described, not estimated.

    Weeks under the smallest publishable cell are empty in the table; with more than MOST_HIDDEN of them there is no
    mean.
    """
    if volumes is None or volumes.empty:
        return {}
    windows, flat = case["windows"], {}
    week = pd.to_datetime(volumes["week"])
    before = (week >= windows["first"]) & (week <= windows["pre_last"])
    after = (week >= windows["event"]) & (week <= windows["last"])
    for channel, rows in volumes.groupby("channel", sort=False):
        stem = f"volumes.{channel}"
        flat[f"{stem}.label"], flat[f"{stem}.role"] = str(rows["label"].iloc[0]), str(rows["role"].iloc[0])
        for name, period in (("before", before), ("after", after)):
            contacts = rows.loc[period.loc[rows.index], "contacts"]
            flat[f"{stem}.{name}"] = contacts.mean() if contacts.isna().mean() <= MOST_HIDDEN else None
    return flat | {"volumes.first": str(volumes["week"].min()), "volumes.last": str(volumes["week"].max())}
