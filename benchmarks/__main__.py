"""Speed and memory as ratios against a named limit, measured in one run: `make bench`. Never a test."""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import papermill
from rich.console import Console
from scipy.optimize import nnls

from analysis import Panel, Windows, estimate
from analysis.core import artefacts, paths
from analysis.core.case_loading import load_case
from analysis.core.seeds import generator_for
from analysis.pipeline.chain import notebooks_for
from analysis.pipeline.kernels import PrivateKernelManager
from analysis.pipeline.runner import run_case

REPEATS = 3
TABLE = paths.PROJECT / "benchmarks" / "speed.md"


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
    lines += ["", f"Peak memory of the largest kernel: {peak:.2f} GiB."]
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    console.print("\n".join(lines), markup=False)


if __name__ == "__main__":
    main()
