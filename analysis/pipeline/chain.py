"""Which notebooks a case needs, in which order, and what they are called."""

import json
from pathlib import Path

from analysis.core import paths
from analysis.core.case import Case

# Notebooks of one step run side by side; a step starts when the one before has ended.
STEPS: tuple[tuple[str, ...], ...] = (
    ("01_prepare",),
    ("02_design",),
    ("03_engagement", "04_service_volume", "05_service_quality", "06_reputation"),
    ("07_challenge", "91_truth"),
    ("08_report",),
)

READS_SOURCES = "01_prepare"  # alone
READS_RECORD = "08_report"  # prints what the report is made from, so it changes with all of that
READS_TRUTH = "91_truth"  # alone


def notebooks_for(case: Case) -> dict[str, Path]:
    """The notebooks that a case needs, by name, in order."""
    questions = {outcome.question for outcome in case.outcomes}
    needed = {
        "03_engagement": "engagement" in questions,
        "04_service_volume": "service" in questions or case.diversion is not None,
        "05_service_quality": case.care is not None,
        "06_reputation": "reputation" in questions,
        "91_truth": case.data_status == "simulated",
    }
    chain = [name for step in STEPS for name in step if needed.get(name, True)]
    return {name: paths.NOTEBOOKS / f"{name}.ipynb" for name in chain}


def title_of(notebook: Path) -> str:
    """The first heading of a notebook."""
    return cells_of(notebook, "markdown")[0].splitlines()[0].lstrip("# ").strip()


def cells_of(notebook: Path, kind: str, *, tag: str | None = None) -> list[str]:
    """The texts of a notebook's cells of one kind (and ``tag``); read as plain JSON, for its own library takes a
    second to import.
    """
    cells = [cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["cell_type"] == kind]
    return ["".join(cell["source"]) for cell in cells if tag is None or tag in cell["metadata"].get("tags", [])]
