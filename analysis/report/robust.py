"""What the checks found, as tables that a picture can be drawn from: effects as shares where the model is in logs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.store import Store
from analysis.report.digests import flagged

CHECKS = {
    "leave": "leave_one_donor_out",
    "curve": "specification_curve",
    "detect": "minimum_detectable_effect",
    "trends": "sensitivity_to_trends",
    "nulls": "null_calibration",
}
NEEDED = {
    "leave": {"left_out", "effect"},
    "curve": {"specification", "declared", "agrees", "effect", "lower", "upper"},
    "detect": {"periods", "share"},
    "trends": {"bound", "lower", "upper"},
    "nulls": {"kind", "nulls", "rejected", "share", "monte_carlo_error"},
}
ERRORS = 2  # Monte-Carlo standard errors shown either side
AGREES = 0.02  # of all that was expected: a model in logarithms averages otherwise than a sum does, by little


def of_robustness(flat: Mapping[str, Any], store: Store, case: Mapping[str, Any]) -> dict[str, Any]:
    """Every cell of ``tables_of`` under robust.<outcome>.<table>.<row>.<column>, for the outcomes that are drawn."""
    found: dict[str, Any] = {}
    for name in drawn_outcomes(flat, store):
        tables, path = tables_of(store, name), gaps(store, case, name)
        if path is not None:
            tables["path"] = by_month(path)
        for key, table in tables.items():
            stem = f"robust.{name}.{key}"
            found[f"{stem}.rows"] = len(table)
            for place, row in enumerate(table.to_dict("records")):
                found |= {
                    f"{stem}.{place}.{column}": None if pd.isna(value) else value for column, value in row.items()
                }
            found |= {f"{stem}.{part}": value for part, value in _counts(key, table).items()}
    return found


def drawn_outcomes(flat: Mapping[str, Any], store: Store) -> list[str]:
    """The first main outcome of each question whose checks were run, found rather than so by construction first."""
    names = [name for name in store.outcomes if store.checks(name) and not flat.get(f"effects.{name}.market")]
    names = [name for name in names if flat.get(f"effects.{name}.shown.point") is not None]
    order = {name: (flat[f"effects.{name}.role"] != "primary", bool(flat[f"effects.{name}.closure.counted"]))
             for name in names}  # fmt: skip
    first: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (order[name], flat[f"effects.{name}.place"])):
        first.setdefault(flat[f"effects.{name}.question"], name)
    return list(first.values())


def _counts(key: str, table: pd.DataFrame) -> dict[str, Any]:
    if key == "leave":
        without = table[table["kind"] == "without"]
        return {"count": len(without), "furthest": furthest(table)}
    if key == "curve":
        others = table[~table["declared"].astype(bool)]
        return {
            "count": len(others), "agree": int(others["agrees"].astype(bool).sum()),
            "lowest": others["effect"].min(), "highest": others["effect"].max(),
        }  # fmt: skip
    return {}


def furthest(table: pd.DataFrame) -> int:
    """The row of the donor whose absence moves the estimate most."""
    declared = table.loc[table["kind"] == "declared", "effect"].iloc[0]
    return int((table["effect"] - declared).abs().idxmax())


def tables_of(store: Store, name: str) -> dict[str, pd.DataFrame]:
    """A table for each picture there is something for: leave, curve, detect, trends, nulls."""
    record = store.effect(name)
    log = record["scale"] == "log"
    checks = {one["check"]: one for one in store.checks(name)}
    found = {key: pd.DataFrame(checks[check]["table"]) for key, check in CHECKS.items() if check in checks}
    found = {key: table for key, table in found.items() if set(table) >= NEEDED[key]}
    makers = {"leave": _leave, "curve": _curve, "detect": _detect, "trends": _trends, "nulls": _nulls}
    made = {key: makers[key](_as_shares(table) if log else table, record, checks[CHECKS[key]])
            for key, table in found.items()}  # fmt: skip
    return {key: table for key, table in made.items() if table is not None and len(table) > (key != "nulls")}


def _as_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Effects of a model in logarithms as shares of what was expected."""
    columns = [name for name in ("effect", "lower", "upper") if name in table]
    return table.assign(**{name: np.expm1(table[name].astype(float)) for name in columns})


def _declared(record: Mapping[str, Any]) -> dict[str, Any]:
    interval = record["interval"] or {}
    ends = {"effect": record["point"], "lower": interval.get("lower"), "upper": interval.get("upper")}
    if record["scale"] == "log":
        ends = {key: None if value is None else float(np.expm1(value)) for key, value in ends.items()}
    return ends


def _leave(table: pd.DataFrame, record: Mapping[str, Any], _: Any) -> pd.DataFrame:
    rows = table.dropna(subset=["effect"]).sort_values(["effect", "left_out"], kind="stable")
    rows = rows.rename(columns={"left_out": "unit"})[["unit", "effect"]].assign(kind="without")
    whole = pd.DataFrame([_declared(record) | {"unit": "", "kind": "declared"}])
    return pd.concat([rows, whole], ignore_index=True)


def _curve(table: pd.DataFrame, _: Any, __: Any) -> pd.DataFrame | None:
    if not table["declared"].astype(bool).any():
        return None
    kept = table.dropna(subset=["effect"]).sort_values("effect", kind="stable").reset_index(drop=True)
    return kept[["specification", "declared", "agrees", "effect", "lower", "upper"]]


def _detect(table: pd.DataFrame, _: Any, __: Any) -> pd.DataFrame:
    return table.dropna(subset=["share"])[["periods", "share"]].sort_values("periods").reset_index(drop=True)


def _trends(table: pd.DataFrame, _: Any, __: Any) -> pd.DataFrame | None:
    if table[["lower", "upper"]].isna().any(axis=None):
        return None
    return table.assign(holds=(table["lower"] <= 0) & (table["upper"] >= 0))[["bound", "lower", "upper", "holds"]]


def _nulls(table: pd.DataFrame, _: Any, check: Mapping[str, Any]) -> pd.DataFrame | None:
    if check["threshold"] is None:
        return None
    kept = table.dropna(subset=["share", "monte_carlo_error"])
    error = ERRORS * kept["monte_carlo_error"].astype(float)
    ends = {"lower": (kept["share"] - error).clip(0), "upper": (kept["share"] + error).clip(upper=1)}
    wanted = ["kind", "nulls", "rejected", "share", "monte_carlo_error", "lower", "upper", "nominal"]
    return kept.assign(**ends, nominal=check["threshold"])[wanted].reset_index(drop=True)


def by_month(table: pd.DataFrame) -> pd.DataFrame:
    """Months of ``gaps`` after the event: month, mean gap, running at its end."""
    after = table.dropna(subset=["running"])
    month = pd.to_datetime(after["time"]).dt.strftime("%Y-%m-01").rename("month")
    return after.groupby(month).agg(gap=("gap", "mean"), running=("running", "last")).reset_index()


def gaps(store: Store, case: Mapping[str, Any], name: str) -> pd.DataFrame | None:
    """One row a period: time, gap, lower, upper, running; None where the periods do not add up to the printed sum."""
    record, path = store.effect(name), store.path(name)
    after = (path["period"] == "post").to_numpy() & ~flagged(path, record, case, name)
    gap = path["observed"] - path["expected"]
    running = gap.where(after).fillna(0.0).cumsum().where(after)
    total = record["cumulative"]
    if total is None or not after.any() or gap[after].isna().any():
        return None
    if abs(float(running[after].iloc[-1]) - total) > AGREES * float(path.loc[after, "expected"].sum()):
        return None
    ends = {"lower": path["observed"] - path["upper"], "upper": path["observed"] - path["lower"]}
    return pd.DataFrame({"time": path["time"], "gap": gap, **ends, "running": running, "period": path["period"]})
