"""Speed and memory as ratios against a named limit, measured in one run: `make bench`. Never a test."""

import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import papermill
import psutil
from rich.console import Console
from scipy.optimize import nnls

from analysis import Panel, Windows, estimate
from analysis.checks._context import CheckContext
from analysis.checks.null_calibration import null_table
from analysis.core import artefacts, paths
from analysis.core.assembly import build_panel
from analysis.core.case_loading import load_case, load_case_folder
from analysis.core.paths import Layout
from analysis.core.seeds import generator_for
from analysis.pipeline.chain import notebooks_for
from analysis.pipeline.prepare import prepare
from analysis.pipeline.study import Study
from analysis.simulate.worlds import simulate_world
from analysis.simulate.worlds_recipes import RECIPES
from benchmarks.peers._datasets import Dataset, arrays
from benchmarks.peers._driver import loaded, series_of
from benchmarks.peers._environments import HERE
from benchmarks.peers._registry import SINGLE

REPEATS = 3
RATIO = 2.0  # asked of a whole study against as many empty notebooks
DRAWS = 1000
SIDE_BY_SIDE = "2 side by side where they can be"
TABLE = paths.PROJECT / "benchmarks" / "speed.md"
PEERS = paths.PROJECT / "benchmarks" / "peers.md"


def seconds(step: Callable[[], object]) -> float:
    """Median wall time of a few runs."""
    return float(np.median([once(step) for _ in range(REPEATS)]))


def once(step: Callable[[], object]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def study(*options: str, meanwhile: Callable[[psutil.Process], object] = lambda process: None) -> None:
    """The command as a user types it, in a process of its own; ``meanwhile`` is called until it ends."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "analysis", "run", "unicredit", "--output", folder, *options]
        process = subprocess.Popen(command, cwd=paths.PROJECT, stdout=subprocess.DEVNULL)
        top = psutil.Process(process.pid)
        while process.poll() is None:
            meanwhile(top)
            time.sleep(0.05)
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}")


def peak_memory() -> float:
    """The most memory that all processes of a study had at once, GiB; a run of its own, for looking takes time too.

    Shared pages are counted once (proportional set size), looked at a few times a second.
    """
    seen: list[int] = []
    study(meanwhile=lambda top: seen.append(sum(_memory(item) for item in [top, *_below(top)])))
    return max(seen) / 2**30


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:  # it has just ended
        return []


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except psutil.Error:
        return 0


def unchanged() -> float:
    """Seconds of a run of the UniCredit study when nothing changed since the one before."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "analysis", "run", "unicredit", "--output", folder]
        subprocess.run(command, cwd=paths.PROJECT, stdout=subprocess.DEVNULL, check=True)
        return seconds(lambda: subprocess.run(command, cwd=paths.PROJECT, stdout=subprocess.DEVNULL, check=True))


def _empty(folder: str) -> list[str]:
    """A notebook with one empty cell, and where papermill is to put it."""
    source = Path(folder) / "empty.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("pass")]), source)
    return [str(source), str(Path(folder) / "done.ipynb")]


def kernels_alone(count: int) -> None:
    """As many empty notebooks, one after the other, through papermill in this process, which has imported it."""
    with tempfile.TemporaryDirectory() as folder:
        files = _empty(folder)
        for _ in range(count):
            papermill.execute_notebook(*files, kernel_name="python3", progress_bar=False)


def in_one_process(count: int) -> None:
    """As many empty notebooks by a script of its own: like the study, timed from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        call = f"papermill.execute_notebook(*{_empty(folder)!r}, kernel_name='python3', progress_bar=False)"
        script = f"import papermill\nfor _ in range({count}):\n    {call}\n"
        subprocess.run([sys.executable, "-c", script], stderr=subprocess.DEVNULL, check=True)


def by_command(count: int) -> None:
    """As many empty notebooks by as many papermill commands, as a user types them."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "papermill", *_empty(folder), "-k", "python3", "--no-progress-bar"]
        for _ in range(count):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


EMPTY = {
    "by a script of their own": in_one_process,
    "kernels alone": kernels_alone,
    "by papermill commands": by_command,
}


def panel(donors: int, periods: int = 130, post: int = 30) -> Panel:
    draw = generator_for("benchmark panel", donors)
    factors = draw.normal(size=(periods, 3)).cumsum(axis=0)
    values = 100 + factors @ draw.normal(size=(3, donors + 1)) + draw.normal(size=(periods, donors + 1))
    frame = pd.DataFrame(values, columns=[f"unit {number}" for number in range(donors + 1)])
    windows = Windows.split(first=0, event=periods - post, last=periods - 1)
    return Panel.from_wide(frame, treated="unit 0", donors=list(frame.columns[1:]), windows=windows)


def panel_of_unicredit() -> Panel:
    """The first outcome of the shipped case that has donors, as its study estimates it."""
    folder = load_case_folder("unicredit")
    with tempfile.TemporaryDirectory() as place:
        study_of = Study(folder, Layout.under(Path(place), folder.case.slug))
        prepare(study_of)
        outcome = next(item for item in folder.case.outcomes if item.donors != "none")
        return build_panel(folder.case, outcome, study_of.store.measurements())


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
    unicredit = panel_of_unicredit()
    rounds = -(-DRAWS // len(unicredit.donors))
    draws = seconds(lambda: [estimate("synthetic_difference_in_differences", unicredit) for _ in range(rounds)])
    dates, simulated = calibrate(alone)
    calibration = seconds(lambda: calibrate(alone))
    nulls = f"{dates} pretended dates and {simulated} simulated series"
    return [
        f"| UniCredit study, nothing changed | {unchanged():.2f} | 5 |",
        f"| {rounds * len(unicredit.donors):,} placebo draws of UniCredit's panel with {len(unicredit.donors)} donors, "
        f"synthetic difference in differences, one core | {draws:.2f} | 10 |",
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
    count = len(notebooks_for(load_case("unicredit")))
    studies = {"one at a time": lambda: study("--jobs", "1"), SIDE_BY_SIDE: lambda: study("--jobs", "2")}
    kinds = studies | {label: partial(step, count) for label, step in EMPTY.items()}
    taken: dict[str, list[float]] = {label: [] for label in kinds}
    for number in range(REPEATS):  # in turn: a machine that slows down slows all of them
        for label, step in kinds.items():
            with console.status(f"the UniCredit study and as many empty notebooks, round {number + 1}: {label}"):
                taken[label].append(once(step))
    medians = {label: float(np.median(times)) for label, times in taken.items()}
    whole = medians[SIDE_BY_SIDE]
    rows = [
        (f"UniCredit study, all notebooks and report, {label}", f"{count} empty notebooks, {peer}", ours, medians[peer])
        for label, ours in medians.items() if label in studies for peer in EMPTY
    ]  # fmt: skip
    for donors in (24, 100):
        data = panel(donors)
        with console.status(f"synthetic control, {donors} donors"):
            ours = seconds(lambda data=data: estimate("synthetic_control", data))
            limit = seconds(lambda data=data: bare_fits(data))
        rows.append((f"synthetic control with all placebos, {donors} donors", "bare NNLS fits", ours, limit))
    lines = ["# Speed", "", "Ratios in one run on one machine, medians of three; made by `make bench`.", ""]
    lines += ["| what | against | ratio | seconds |", "|---|---|---|---|"]
    lines += [f"| {what} | {against} | {a / b:.2f} | {a:.2f} / {b:.2f} |" for what, against, a, b in rows]
    with console.status("named limits and peers"):
        lines += ["", "| what | seconds | limit |", "|---|---|---|"]
        lines += [f"| UniCredit study, all notebooks and report | {whole:.2f} | 90 |", *limits()]
        lines += ["", "Times faster than a peer; tfcausalimpact as `make bench-peers` last measured it.", ""]
        lines += ["| what | peer | times faster | the peer's seconds |", "|---|---|---|---|", *beside_peers()]
    lines += ["", f"Peak memory of a study, all its processes together: {peak_memory():.2f} GiB (limit 1.5)."]
    said = [f"{peer} {'met' if whole / medians[peer] <= RATIO else 'MISSED'}" for peer in EMPTY]
    lines += [
        f"The study was to take at most {RATIO} times the time of an equal number of empty notebooks through "
        f"papermill: {', '.join(said)}. The study is timed from the start of its process to the end, imports included; "
        "so is the script. Kernels alone leave out the start of Python and the import of papermill."
    ]
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    console.print("\n".join(lines), markup=False)


if __name__ == "__main__":
    main()
