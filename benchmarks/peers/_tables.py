"""The tables of peers.md: one a dataset, ours first, whoever could not be run with the reason."""

import numpy as np
import pandas as pd

from benchmarks.peers._datasets import Dataset
from benchmarks.peers._environments import NotRun
from benchmarks.peers._measure import ALPHA, Measured

SIMULATED = (
    "method", "series", "bias", "RMSE", "cover", "MC error", "width", "false positives", "power −10 %", "power −30 %",
    "s/fit", "× ours",
)  # fmt: skip
REAL = (
    "method", "series", "zero outside the interval", "MC error", "its own p < .05", "power −10 %", "power −30 %",
    "s/fit", "× ours",
)  # fmt: skip


def shown(value: float, digits: int = 2, sign: str = "") -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:{sign}.{digits}f}"


def numbers(found: Measured, data: Dataset, first: Measured | None) -> dict[str, float]:
    """Bias in RMSEs; RMSE and width over the oracle's, or without one over those of ``first``, on the same series."""
    rows = found.rows
    which = rows["number"].to_numpy()
    points = rows["point"].to_numpy(dtype=float)
    lower, upper = rows["lower"].to_numpy(dtype=float), rows["upper"].to_numpy(dtype=float)
    rmse, has_interval = np.sqrt((points**2).mean()), np.isfinite(lower).all()
    if data.oracle_error is not None:
        floor = np.sqrt((data.oracle_error[which] ** 2).mean())
        floor_width = data.oracle_width[which].mean()
    else:
        base = (first or found).rows.set_index("number").loc[which]
        floor, floor_width = np.sqrt((base["point"] ** 2).mean()), (base["upper"] - base["lower"]).mean()
    outside = (lower > 0) | (upper < 0)
    p_values = pd.to_numeric(rows["p"]).to_numpy(dtype=float)
    rejected = float((p_values < ALPHA).mean()) if np.isfinite(p_values).all() else np.nan
    share = 1 - outside.mean() if has_interval else np.nan
    return {
        "series": len(rows),
        "bias": points.mean() / rmse,
        "rmse": rmse / floor,
        "cover": share,
        "error": np.sqrt(share * (1 - share) / len(rows)),
        "width": (upper - lower).mean() / floor_width if has_interval else np.nan,
        "own": rejected,
        "false": rejected if np.isfinite(rejected) else 1 - share,
        "power 10": np.mean([item[0] for item in rows["found"]]),
        "power 30": np.mean([item[1] for item in rows["found"]]),
        "seconds": rows["seconds"].median(),
        "times": rows["seconds"].median() / found.ours_seconds,
    }


def line(found: Measured, data: Dataset, first: Measured | None) -> str:
    got = numbers(found, data, first)
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    label = f"{found.label} ({versions})" if versions else found.label
    series = f"{got['series']}" + (f" ({found.failed} failed)" if found.failed else "")
    ends = [shown(got["power 10"]), shown(got["power 30"]), shown(got["seconds"], 3), shown(got["times"], 1)]
    if data.real:
        cells = [label, series, shown(1 - got["cover"], 3), shown(got["error"], 3), shown(got["own"], 3), *ends]
    else:
        cells = [
            label, series, shown(got["bias"], 2, "+"), shown(got["rmse"]), shown(got["cover"], 3),
            shown(got["error"], 3), shown(got["width"]), shown(got["false"], 3), *ends,
        ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def table(data: Dataset, found: list[tuple[str, Measured | NotRun]]) -> list[str]:
    columns = REAL if data.real else SIMULATED
    against = "the oracle" if data.oracle_error is not None else "the first row"
    measured = [item for _, item in found if isinstance(item, Measured)]
    lines = [f"## {data.label}", ""]
    if not data.real:
        lines += [f"RMSE and width over those of {against} on the same series.", ""]
    lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for label, item in found:
        if isinstance(item, NotRun):
            lines.append(f"| {label} | not run: {item.reason.replace('|', '/')} |" + " |" * (len(columns) - 2))
        else:
            lines.append(line(item, data, measured[0]))
    departures = [item.departure for item in measured if np.isfinite(item.departure)]
    if departures:
        largest = max(departures)
        lines += ["", f"Largest departure of a refit on an injected series from the shift: {largest:.3f} widths."]
    return [*lines, ""]
