"""Runs one adapter over a file of series, inside the peer's own environment; needs NumPy and nothing of the project.

    python -P _driver.py ADAPTER SERIES RESULTS DISTRIBUTION...

Results are lines of JSON, one a series, written as they come: a run that is stopped goes on where it was. ``-P`` keeps
this folder off the path, where an adapter would hide the package it is named after.
"""

import importlib.metadata
import importlib.util
import json
import sys
import time
import traceback
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np

INJECTED = -1  # number of the copy of the first series whose post-period was multiplied


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("adapter", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def series_of(data: dict[str, np.ndarray], number: int) -> dict:
    """What an adapter is given: y (periods,), controls (periods, k), donors (periods, d), before, dates, daily."""
    return {
        "number": number,
        "y": data["y"][number],
        "controls": data["controls"][number],
        "donors": data["donors"][number],
        "before": int(data["before"]),
        "dates": [str(date) for date in data["dates"]],
        "daily": bool(data["daily"]),
        "shifts": data["shifts"][number],
    }


def one(adapter: ModuleType, series: dict) -> dict:
    """point, lower, upper of the average effect, p and found (one a shift) where the peer gives them, seconds."""
    np.random.seed(max(series["number"], 0))  # noqa: NPY002  (peers draw from the global generator)
    start = time.perf_counter()
    try:
        found = adapter.fit(series)
    except Exception as error:  # a peer's failure on a series is a result, not the end of the run
        traceback.print_exc()
        return {"number": series["number"], "error": f"{type(error).__name__}: {error}"[:300]}
    seconds = time.perf_counter() - start
    numbers = {key: None if value is None else float(value) for key, value in found.items() if key != "found"}
    extra = {"found": [bool(value) for value in found["found"]]} if "found" in found else {}
    return {"number": series["number"], **numbers, **extra, "seconds": seconds}


def main(adapter_path: str, series_path: str, results_path: str, *distributions: str) -> None:
    warnings.simplefilter("ignore")
    results = Path(results_path)
    done = set()
    if results.is_file():
        done = {json.loads(line).get("number") for line in results.read_text("utf-8").splitlines()}
    with np.load(series_path) as archive:
        data = {key: archive[key] for key in archive.files}
    adapter = loaded(Path(adapter_path))
    with results.open("a", encoding="utf-8") as sink:
        if not done:
            versions = {name: importlib.metadata.version(name) for name in distributions}
            sink.write(json.dumps({"number": None, "versions": versions}) + "\n")
        # The injected copy comes second, so that it is there even when time runs out.
        for number in (0, INJECTED, *range(1, len(data["y"]) - 1)):
            if number in done:
                continue
            sink.write(json.dumps(one(adapter, series_of(data, number))) + "\n")
            sink.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
