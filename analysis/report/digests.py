"""What sentences count: closed channels inside an outcome, periods left out, peers left out, other events."""

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.case import USUAL_CELL
from analysis.core.store import Store
from analysis.report._english_privacy import LAW

# "3 of 118 periods missing" -> "periods missing": peers are counted by what is wrong with them, not by how much.
_AMOUNT = re.compile(r"^[\d,.]+ (of [\d,.]+ )?")
WINDOW_ENDS = ("first", "pre_last", "event", "last")
EMPTIED = {"suppressed": "cells", "suppressed_service": "shares"}  # tables of what was left empty
_ASIDE = re.compile(r"\s*[(;].*$", re.DOTALL)


def of_stages(stem: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """What each earlier stage added over the period after the event, the event itself, and all together.

    Shares of what was expected for a model of logarithms or of rates, else in the outcome's unit; ``style`` says which.
    """
    found = record.get("diagnostics") or {}
    stages = list(found.get("stages") or [])
    if not stages:
        return {}
    rates = "rate_ratio" in found["total"]
    style = "percent" if rates or record["scale"] == "log" else "number"
    own = {"effect": record["point"], **{end: (record["interval"] or {}).get(end) for end in ("lower", "upper")}}
    flat: dict[str, Any] = {f"{stem}.stages.rows": len(stages), f"{stem}.stages.style": style}
    for place, row in [*enumerate(stages), ("event", found if rates else own), ("total", found["total"])]:
        flat |= {f"{stem}.stages.{place}.{key}": row[key] for key in ("label", "date") if key in row}
        for key, ratio in (("effect", "rate_ratio"), ("lower", "rate_ratio_lower"), ("upper", "rate_ratio_upper")):
            value = row[ratio] - 1 if rates else row.get(key)
            flat[f"{stem}.stages.{place}.{key}"] = _share(value) if style == "percent" and not rates else value
    return flat


def redefinitions_of(
    rows: list[tuple[str, dict[str, Any]]], outcome: str | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """Rows of tables/redefinitions.csv that lie in the windows of an outcome (of any), each change once."""
    inside = [(stem, row) for stem, row in rows if isinstance(row["outcomes"], str) and row["outcomes"]]
    wanted = [(stem, row) for stem, row in inside if outcome is None or outcome in row["outcomes"].split()]
    return list({row["id"]: (stem, row) for stem, row in reversed(wanted)}.values())[::-1]


def _share(value: float | None) -> float | None:
    return None if value is None else math.expm1(value)


def closed_channels(case: Mapping[str, Any], outcome: Mapping[str, Any]) -> set[str]:
    """The exited channels that an outcome of the brand counts as nothing after its event: closed then, and not back."""
    if outcome.get("scale") == "log_return" or outcome.get("treated") not in (None, case["brand"]):
        return set()
    event = str((outcome.get("windows") or case["windows"])["event"])[:10]
    exited = {
        item["id"]
        for item in case["channels"]
        if item["role"] == "exited" and not _back(case, item["id"], event)
    }
    return exited & set(outcome["channels"]) if outcome["channels"] else exited


def _back(case: Mapping[str, Any], channel: str, day: str) -> bool:
    """Whether the brand had come back to the channel by a day."""
    stages = [item for item in case["stages"] if item["kind"] == "returned" and channel in item["channels"]]
    return any(str(item["date"])[:10] <= day for item in stages)


def of_closure(stem: str, store: Store, case: Mapping[str, Any], outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Whether an outcome counts closed channels, what share of its expected volume was theirs (None: not known), and on
    which channels it is measured: all (closed ones counted), retained, owned, mixed, none.
    """
    closed = closed_channels(case, outcome)
    share = _closed_share(store, case, outcome, closed) if closed else None
    roles = {item["role"] for item in case["channels"] if item["id"] in outcome["channels"]}
    measured_on = "all" if closed else roles.pop() if len(roles) == 1 else "mixed" if roles else "none"
    return {
        f"{stem}.closure.counted": bool(closed),
        f"{stem}.closure.share": share,
        f"{stem}.measured_on": measured_on,
    }


def _closed_share(store: Store, case: Mapping[str, Any], outcome: Mapping[str, Any], closed: set[str]) -> float | None:
    expected = store.effect(outcome["id"])["expected_mean"]
    carried = _carried_by_closed(store, case, outcome, closed, expected)
    return carried / expected if carried is not None and 0 < carried < expected else None


def _carried_by_closed(
    store: Store, case: Mapping[str, Any], outcome: Mapping[str, Any], closed: set[str], expected: float
) -> float | None:
    """Expected on the closed channels: from the outcome of the channels that stayed, else from the diversion."""
    kept = set(outcome["channels"]) - closed
    for other in case["outcomes"]:
        alike = all(other.get(key) == outcome.get(key) for key in ("metric", "treated", "windows", "aggregate"))
        if alike and kept and set(other["channels"]) == kept and other["id"] in store.outcomes:
            record = store.effect(other["id"])
            return None if "refused" in record else expected - record["expected_mean"]
    diversion, table = case.get("diversion") or {}, store.table("diversion")
    same = (
        bool(diversion.get("exited"))
        and diversion.get("metric") == outcome["metric"]
        and (diversion.get("windows") or case["windows"]) == (outcome.get("windows") or case["windows"])
        and (set(diversion["exited"]) == closed or not outcome["channels"])
    )
    if not same or table is None:
        return None
    rows = table.loc[table["part"] == "exited", "expected"]
    return float(rows.iloc[0]) if len(rows) else None


def left_out(path: pd.DataFrame, case: Mapping[str, Any], outcome: Mapping[str, Any]) -> pd.DataFrame:
    """One column an event that is adjusted for, one row a period: whether the event falls into it."""
    first = pd.to_datetime(path["time"])
    last = first + timedelta(days=6 if case["frequency"] == "week" else 0)
    channels = set(outcome["channels"])
    touching = [
        item
        for item in case["events"]
        if item["adjust"] and (not item["channels"] or not channels or channels & set(item["channels"]))
    ]
    inside = path["period"].isin(["pre", "post"])
    columns = {item["id"]: (last >= item["first"]) & (first <= item["last"]) & inside for item in touching}
    return pd.DataFrame(columns, index=path.index, dtype=bool)


def of_left_out(
    stem: str, path: pd.DataFrame, record: Mapping[str, Any], case: Mapping[str, Any], outcome: Mapping[str, Any]
) -> dict[str, Any]:
    """Periods in each window, how many of them the estimate left out, and because of what."""
    windows = outcome.get("windows") or case["windows"]
    flat: dict[str, Any] = {f"{stem}.window.{end}": windows[end] for end in WINDOW_ENDS}
    whole = int((path["period"] == "post").sum())
    flat |= {f"{stem}.left_out.post_whole": whole, f"{stem}.left_out.post": whole - int(record["n_post"])}
    hits = left_out(path, case, outcome)[path["period"] == "post"]
    known = flat[f"{stem}.left_out.post"] > 0 and int(hits.any(axis=1).sum()) == flat[f"{stem}.left_out.post"]
    labels = {item["id"]: _ASIDE.sub("", item["label"]) for item in case["events"]}
    why = [labels[name] for name in hits.columns if hits[name].any()] if known else []
    return flat | {f"{stem}.left_out.why": "; ".join(why)}


def flagged(path: pd.DataFrame, record: Mapping[str, Any], case: Mapping[str, Any], name: str) -> np.ndarray:
    """Which periods of a path the estimate left out; none where the count does not agree with the record."""
    outcome = next(item for item in case["outcomes"] if item["id"] == name)
    hits = left_out(path, case, outcome).any(axis=1).to_numpy(bool)
    after = (path["period"] == "post").to_numpy()
    agrees = (hits & after).sum() == after.sum() - record["n_post"]
    excluded = (record.get("diagnostics") or {}).get("periods_excluded", hits.sum())
    return hits if agrees and excluded == hits.sum() else np.zeros(len(path), dtype=bool)


def of_events(case: Mapping[str, Any]) -> dict[str, Any]:
    """How many other events the case names, and how many of them are left out of the models."""
    events = case["events"]
    return {"events.named": len(events), "events.adjusted": sum(bool(item["adjust"]) for item in events)}


def of_peers(donors: pd.DataFrame | None) -> dict[str, Any]:
    """Peers left out of at least one comparison, by kind of reason, the commonest first."""
    if donors is None or donors.empty:
        return {}
    dropped = donors[donors["kept"].astype(str).str.lower() == "false"]
    kinds = dropped.assign(kind=dropped["reason"].astype(str).str.replace(_AMOUNT, "", regex=True))
    counts = kinds.drop_duplicates(["unit", "kind"])["kind"].value_counts(sort=False)
    flat: dict[str, Any] = {
        "peers.candidates": donors["unit"].nunique(),
        "peers.left_out": dropped["unit"].nunique(),
        "peers.kinds": len(counts),
    }
    for place, (kind, count) in enumerate(sorted(counts.items(), key=lambda item: (-item[1], item[0]))):
        flat |= {f"peers.kind.{place}.reason": kind, f"peers.kind.{place}.count": int(count)}
    return flat


def of_family(table: pd.DataFrame | None) -> dict[str, Any]:
    """p-value of each outcome once those of the same role are counted, and how many they are."""
    if table is None:
        return {}
    counted = table.dropna(subset=["adjusted"])
    sizes = counted["role"].value_counts()
    flat: dict[str, Any] = {}
    for row in counted.itertuples():
        flat[f"effects.{row.outcome}.family.adjusted"] = float(row.adjusted)
        flat[f"effects.{row.outcome}.family.count"] = int(sizes[row.role])
    return flat


def of_checks(store: Store) -> dict[str, Any]:
    """How many checks apply to some outcome, and how many of them passed for every outcome they apply to."""
    found: dict[str, set[str]] = {}
    for name in store.outcomes:
        for one in store.checks(name):
            found.setdefault(one["check"], set()).add(one["status"])
    return {"summary.checks": len(found), "summary.passed": sum(seen == {"PASS"} for seen in found.values())}


def of_outcomes(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Of the outcomes given as a share, how many there are and how many leave zero out of their interval."""
    names = [key.split(".")[1] for key, value in flat.items() if key.endswith(".shown.style") and value == "percent"]
    ends = [(flat[f"effects.{name}.shown.lower"], flat[f"effects.{name}.shown.upper"]) for name in names]
    ends = [(lower, upper) for lower, upper in ends if lower is not None]
    beyond = sum(lower > 0 or upper < 0 for lower, upper in ends)
    return {"summary.outcomes": len(ends), "summary.beyond_zero": beyond, "summary.open": len(ends) - beyond}


def of_privacy(store: Store) -> dict[str, Any]:
    """What the page on personal data prints beside tables: the law, the usual smallest cell, how many cells were left
    empty (0 where the study has no table of them)."""
    flat: dict[str, Any] = {"privacy.law": LAW, "privacy.usual": USUAL_CELL}
    for name, key in EMPTIED.items():
        table = store.table(name)
        flat[f"privacy.{key}"] = 0 if table is None else int(table["cells"].sum())
    return flat
