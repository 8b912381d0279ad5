"""Runs ours and the peers on a dataset and sums up what each found."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import Panel, estimate
from benchmarks.peers import _environments as environments
from benchmarks.peers._datasets import DROPS, Dataset, arrays, injected, shifts
from benchmarks.peers._registry import Peer

TIMED = 5  # fits of ours before a peer's run, and as many after: both feel what else the machine does
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """``rows`` has one row a series: number, point, lower, upper, p, seconds, found (one a drop). ``departure`` is how
    far a fit of an injected series lies from the shifted one, in widths."""

    label: str
    rows: pd.DataFrame
    ours_seconds: float
    versions: dict[str, str]
    failed: int = 0
    departure: float = np.nan


def ours(name: str, data: Dataset) -> Measured:
    """Every injected series is estimated anew."""
    rows = []
    for number, panel in enumerate(data.panels):
        start = time.perf_counter()
        effect = estimate(name, panel)
        seconds = time.perf_counter() - start
        found = [0.0 not in estimate(name, injected(panel, drop)).interval for drop in DROPS]
        rows.append(
            {
                "number": number, "point": effect.point, "lower": effect.interval.lower,
                "upper": effect.interval.upper, "p": effect.p_value, "seconds": seconds, "found": found,
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    return Measured(f"**{name}**", table, float(table["seconds"].median()), {})


def timed(name: str, panels: tuple[Panel, ...]) -> list[float]:
    taken = []
    for panel in panels[:TIMED]:
        start = time.perf_counter()
        estimate(name, panel)
        taken.append(time.perf_counter() - start)
    return taken


def peer(which: Peer, data: Dataset) -> Measured | environments.NotRun:
    """From the cache what is there already; the adapter, its requirements and the series are the key."""
    count = which.series(len(data.panels), data.real)
    python = environments.interpreter(which)
    if isinstance(python, environments.NotRun):
        return python
    given = arrays(data, which.kind, count)
    parts = [value.tobytes() for value in given.values()] + [(environments.HERE / f"{which.name}.py").read_bytes()]
    pinned = environments.requirements(which)
    parts += [pinned.read_bytes()] if pinned else []
    key = hashlib.sha256(b"".join(parts)).hexdigest()[:12]
    environments.folder()
    results = environments.RESULTS / f"{which.name}-{data.name}-{key}.jsonl"
    timings, stopped = results.with_suffix(".ours.json"), None
    if not timings.is_file() or len(_lines(results)) < count + 2:  # versions, and the injected copy
        series = results.with_suffix(".npz")
        np.savez(series, **given)
        seconds = json.loads(timings.read_text("utf-8")) if timings.is_file() else []
        seconds += timed(which.ours, data.panels)
        stopped = environments.run(which, python, series, results)
        timings.write_text(json.dumps(seconds + timed(which.ours, data.panels)), "utf-8")
    found = summed(which, data, _lines(results), json.loads(timings.read_text("utf-8")))
    if isinstance(found, environments.NotRun) and stopped:
        return stopped
    return found


def _lines(results: Path) -> list[dict]:
    return [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.is_file() else []


def summed(which: Peer, data: Dataset, lines: list[dict], seconds: list[float]) -> Measured | environments.NotRun:
    versions = next((line["versions"] for line in lines if "versions" in line), {})
    fitted = [line for line in lines if line["number"] is not None and "error" not in line]
    errors = [line["error"] for line in lines if "error" in line]
    rows = [line for line in fitted if line["number"] >= 0]
    if not rows:
        reason = f"failed on every series: {errors[0]}" if errors else "no series was finished in the time allowed"
        return environments.NotRun(reason)
    for row in rows:
        if "found" not in row:
            # Each of them fits on the periods before the event alone, so what is put in after moves all it says.
            moves = shifts(data.panels[row["number"]]).mean(axis=1)
            row["found"] = [not row["lower"] + move <= 0 <= row["upper"] + move for move in moves]
    table = pd.DataFrame(rows).sort_values("number", ignore_index=True)
    return Measured(
        which.label, table, float(np.median(seconds)), versions,
        failed=sum(line["number"] >= 0 for line in lines if "error" in line), departure=_departure(data, fitted),
    )  # fmt: skip


def _departure(data: Dataset, fitted: list[dict]) -> float:
    by_number = {line["number"]: line for line in fitted}
    if not {0, -1} <= set(by_number) or by_number[0]["lower"] is None:
        return np.nan
    first, again, panel = by_number[0], by_number[-1], data.panels[0]
    move = shifts(panel)[-1].mean()
    return abs(again["point"] - first["point"] - move) / (first["upper"] - first["lower"])
