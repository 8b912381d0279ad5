"""`exit-study compare`: notebook 90 through papermill, built beside and swapped in, as every report is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.core import artefacts, paths
from analysis.core.errors import StudyError
from analysis.core.paths import COMPARISON, Layout
from analysis.pipeline.building import interruptible
from analysis.pipeline.chain import title_of
from analysis.pipeline.comparison import REPORTS_VARIABLE, Comparison, published
from analysis.pipeline.crate import FILE as CRATE_FILE
from analysis.pipeline.crate import run_crate
from analysis.pipeline.engine import nbformat
from analysis.pipeline.execution import execute
from analysis.pipeline.front_page import write_front_page
from analysis.pipeline.kernels import runtime_in
from analysis.pipeline.provenance import is_current, output_hashes, recorded
from analysis.pipeline.publication import building_site, private_sockets, publish
from analysis.pipeline.study import OUTPUT_VARIABLE
from analysis.pipeline.telling import LONGEST_CELL_SECONDS, Progress, silent
from analysis.report.comparison import build_comparison
from analysis.report.notebook_html import notebook_to_html
from analysis.report.texts import ORIGINAL
from analysis.report.wording import Words

NOTEBOOK = "90_compare_cases"
RECORD = "provenance.json"


def compare_cases(
    cases: Sequence[str] = (), *, output: Path | None = None, force: bool = False, progress: Progress = silent
) -> tuple[Path, bool]:
    """Compare the published reports of ``cases`` (all when none is named); the page, and whether it had to be made.

    Raises StudyError; whatever is raised, the last comparison is as it was.
    """
    root = (output or paths.PROJECT).resolve()
    reports = root / "reports"
    results = published(reports, cases)
    inputs = {f"{slug}/results.json": artefacts.sha256_file(reports / slug / "results.json") for slug in results}
    command = " ".join(["exit-study compare", *sorted(set(cases))])
    record = recorded(COMPARISON, command, inputs, {})
    final = Layout.under(root, COMPARISON)
    if not force and is_current(final.manifest, record["fingerprint"]):
        return final.page, False
    with building_site(root, COMPARISON) as site, private_sockets(root, COMPARISON) as sockets:
        layout, executed = Layout.under(site, COMPARISON), site / "executed.ipynb"
        artefacts.write_json(layout.processed / RECORD, record)
        surroundings = {
            REPORTS_VARIABLE: str(reports),
            OUTPUT_VARIABLE: str(site),
            "MATPLOTLIBRC": str(paths.MATPLOTLIBRC),
            "IPYTHONDIR": str(sockets / "ipython"),
        }
        progress(NOTEBOOK, "running")
        try:
            with runtime_in(sockets):
                interruptible(lambda: _execute({"cases": " ".join(results)}, executed, surroundings))
        except StudyError:
            progress(NOTEBOOK, "failed")
            raise
        progress(NOTEBOOK, "done")
        _publish_notebook(executed, layout)
        artefacts.write_json(layout.reports / CRATE_FILE, _crate(record, layout))
        artefacts.write_json(layout.manifest, record | {"outputs": output_hashes(layout.reports)})
        publish(site, root, COMPARISON)
    write_front_page(root)
    return final.page, True


def _execute(values: Mapping[str, Any], target: Path, surroundings: Mapping[str, str]) -> None:
    execute(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb", target, values, surroundings, LONGEST_CELL_SECONDS)


def publish_comparison(comparison: Comparison) -> pd.DataFrame:
    """Write the pages, their numbers, figures and tables; returns one row a file with its hash."""
    file = comparison.layout.processed / RECORD
    record: Mapping[str, Any] = artefacts.read_json(file) if file.is_file() else {}
    notebook = {"href": f"notebooks/{NOTEBOOK}.html", "title": title_of(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb")}
    files = build_comparison(comparison.store, dict(record) | {"notebooks": [notebook]})
    for name, content in files.items():
        artefacts.write_bytes(comparison.layout.reports / name, content)
    return pd.DataFrame({"file": list(files), "sha256": [artefacts.sha256_bytes(item) for item in files.values()]})


def _crate(record: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """The comparison described for machines, named and summed up as its page is."""
    summary, words = artefacts.read_json(layout.case), Words(ORIGINAL)
    titles = "; ".join(item["title"] for item in summary["cases"])
    about = {"title": words.text("comparison.title"), "summary": titles, "data_status": summary["data_status"]}
    return run_crate(record, output_hashes(layout.reports), about)


def _publish_notebook(executed: Path, layout: Layout) -> None:
    book, summary = nbformat.read(executed, as_version=4), artefacts.read_json(layout.case)
    case = {
        "languages": ["en"], "title": COMPARISON, "data_status": summary["data_status"],
        "brand": ", ".join(item["brand"] for item in summary["cases"]),
    }  # fmt: skip
    html = notebook_to_html(book, case, title_of(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb"))
    artefacts.write_text(layout.notebooks / f"{NOTEBOOK}.html", html)
