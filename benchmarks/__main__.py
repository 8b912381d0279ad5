"""Speed and memory as ratios against a named limit, measured in one run: `make bench`. Never a test."""

import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import papermill
from rich.console import Console
from scipy.optimize import nnls

from analysis import Panel, Windows, estimate
from analysis.checks._context import CheckContext
from analysis.checks.null_calibration import null_table
from analysis.core import artefacts, paths
from analysis.core.case_loading import load_case
from analysis.core.seeds import generator_for
from analysis.pipeline.chain import notebooks_for
from analysis.pipeline.kernels import PrivateKernelManager
from analysis.pipeline.runner import run_case
from analysis.simulate.worlds import simulate_world
from analysis.simulate.worlds_recipes import RECIPES
from benchmarks.peers._datasets import Dataset, arrays
from benchmarks.peers._driver import loaded, series_of
from benchmarks.peers._environments import HERE
from benchmarks.peers._registry import SINGLE

REPEATS = 3
TABLE = paths.PROJECT / "benchmarks" / "speed.md"
PEERS = paths.PROJECT / "benchmarks" / "peers.md"


def seconds(step: Callable[[], object]) -> float:
    """Median wall time of a few runs."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        step()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def study() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_case("unicredit", output=Path(folder), jobs=1)


def empty_notebooks(count: int) -> None:
    """As many notebooks with one empty cell, one after the other, through papermill."""
    with tempfile.TemporaryDirectory() as folder:
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("pass")])
        source = Path(folder) / "empty.ipynb"
        nbformat.write(book, source)
        for number in range(count):
            papermill.execute_notebook(
                str(source),
                str(Path(folder) / f"{number}.ipynb"),
                kernel_name="python3",
                progress_bar=False,
                kernel_manager_class=PrivateKernelManager,
            )


def panel(donors: int, periods: int = 130, post: int = 30) -> Panel:
    draw = generator_for("benchmark panel", donors)
    factors = draw.normal(size=(periods, 3)).cumsum(axis=0)
    values = 100 + factors @ draw.normal(size=(3, donors + 1)) + draw.normal(size=(periods, donors + 1))
    frame = pd.DataFrame(values, columns=[f"unit {number}" for number in range(donors + 1)])
    windows = Windows.split(first=0, event=periods - post, last=periods - 1)
    return Panel.from_wide(frame, treated="unit 0", donors=list(frame.columns[1:]), windows=windows)


def bare_fits(data: Panel) -> None:
    """The same number of non-negative least squares of the same size, and nothing else."""
    values = data.donor_values[data.pre]
    for column in range(values.shape[1] + 1):
        target = np.append(np.zeros(values.shape[0]), 1.0)
        own = values[:, column - 1]
        nnls(np.vstack([np.delete(values, column - 1, axis=1) - own[:, None], np.ones(values.shape[1] - 1)]), target)


def unobserved_components(data: Panel) -> None:
    """statsmodels' local level with AR(1), weekdays and controls: the adapter of the peer comparison."""
    series = series_of(arrays(Dataset("", "", ("single",), (data,)), "single", 1), 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded(HERE / "unobserved_components.py").fit(series)


def drifting(before: int = 520, after: int = 60) -> Panel:
    """Days enough for 200 pretended dates: fitted on half of them, each followed by as many days as the real one."""
    draw = generator_for("benchmark null calibration")
    values = 100 + draw.normal(size=before + after).cumsum() + 5 * draw.normal(size=before + after)
    times = pd.date_range("2017-01-02", periods=before + after)
    windows = Windows.split(first=times[0], event=times[before], last=times[-1])
    return Panel.from_wide(pd.DataFrame({"brand": values}, index=times), treated="brand", windows=windows)


def calibrate(data: Panel) -> tuple[int, int]:
    """One outcome's null calibration; how many pretended dates and simulated series it used."""
    context = CheckContext("benchmark", "outcome", "outcome", data, "structural_time_series")
    kinds = null_table(context)["kind"]
    return int((kinds == "pretended").sum()), int((kinds == "simulated").sum())


def from_the_peer_run(label: str) -> list[str]:
    """The peer's rows of the table that `make bench-peers` last wrote: world, seconds a fit, times ours."""
    if not PEERS.is_file():
        return []
    world, found = "", []
    for line in PEERS.read_text("utf-8").splitlines():
        world = line.removeprefix("## ") if line.startswith("## ") else world
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith(f"| {label}") and cells[-1]:
            found.append(f"| default single-series fit, {world} | {cells[0]} | {cells[-1]} | {cells[-2]} |")
    return found


def limits() -> list[str]:
    """Seconds against a named limit: rows of a table."""
    large, alone = panel(400), drifting()
    placebos = seconds(lambda: estimate("synthetic_control", large))
    dates, simulated = calibrate(alone)
    calibration = seconds(lambda: calibrate(alone))
    nulls = f"{dates} pretended dates and {simulated} simulated series"
    return [
        f"| synthetic control with all placebos, 400 donors | {placebos:.2f} | 1 |",
        f"| null calibration of one outcome, {nulls} | {calibration:.2f} | 5 |",
    ]


def beside_peers() -> list[str]:
    """The default single-series fit beside UnobservedComponents, each in turn, and what the peer run says of others."""
    lines = []
    for name in ("daily_controls", "daily_alone", "weekly_alone"):
        data = simulate_world(name, "benchmark").panel
        ours, theirs = seconds(lambda d=data: estimate(SINGLE, d)), seconds(lambda d=data: unobserved_components(d))
        label = f"default single-series fit, {RECIPES[name].label}"
        lines.append(f"| {label} | UnobservedComponents, AR(1) | {theirs / ours:.1f} | {theirs:.3f} |")
    return lines + from_the_peer_run("tfcausalimpact")


def main() -> None:
    console = Console()
    rows = []
    count = len(notebooks_for(load_case("unicredit")))
    with console.status("the UniCredit study, three times"):
        ours, limit = seconds(study), seconds(lambda: empty_notebooks(count))
    rows.append(("UniCredit study, all notebooks and report, one at a time", f"{count} empty notebooks", ours, limit))
    for donors in (24, 100):
        data = panel(donors)
        with console.status(f"synthetic control, {donors} donors"):
            ours = seconds(lambda data=data: estimate("synthetic_control", data))
            limit = seconds(lambda data=data: bare_fits(data))
        rows.append((f"synthetic control with all placebos, {donors} donors", "bare NNLS fits", ours, limit))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    lines = ["# Speed", "", "Ratios in one run on one machine, medians of three; made by `make bench`.", ""]
    lines += ["| what | against | ratio | seconds |", "|---|---|---|---|"]
    lines += [f"| {what} | {against} | {a / b:.2f} | {a:.2f} / {b:.2f} |" for what, against, a, b in rows]
    with console.status("named limits and peers"):
        lines += ["", "| what | seconds | limit |", "|---|---|---|", *limits()]
        lines += ["", "Times faster than a peer; tfcausalimpact as `make bench-peers` last measured it.", ""]
        lines += ["| what | peer | times faster | the peer's seconds |", "|---|---|---|---|", *beside_peers()]
    lines += ["", f"Peak memory of the largest kernel: {peak:.2f} GiB."]
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    console.print("\n".join(lines), markup=False)


if __name__ == "__main__":
    main()
