"""Where a run's time went, by chapter: on the terminal alone, never in what is published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

IMPORTS = "imports"  # the id of the cell that imports
PARTS = ("start", "imports", "cells", "publishing")
HEADINGS = ("kernel", "imports", "cells", "publishing")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one chapter: until its kernel ran, in the cell of imports, in its other cells; or of publishing."""

    name: str
    start: float = 0.0
    imports: float = 0.0
    cells: float = 0.0
    publishing: float = 0.0
    slowest: str = ""

    @property
    def total(self) -> float:
        return self.start + self.imports + self.cells + self.publishing


def times_of(executed: Path, names: Iterable[str]) -> list[Spent]:
    """The times that the executed notebooks of these names carry."""
    from analysis.pipeline.engine import nbformat  # slow to import

    return [_of(nbformat.read(executed / f"{name}.ipynb", as_version=4), name) for name in names]


def _of(book: Any, name: str) -> Spent:
    seconds = {cell.id: cell.metadata.papermill.get("duration") or 0.0 for cell in book.cells}
    begun = datetime.fromisoformat(book.metadata.papermill["start_time"])
    first = min(datetime.fromisoformat(cell.metadata.papermill["start_time"]) for cell in book.cells)
    cells = {cell: spent for cell, spent in seconds.items() if cell != IMPORTS}
    slowest = max(cells, key=cells.__getitem__, default="")
    shown = f"{slowest} ({cells[slowest]:.1f} s)" if slowest else ""
    return Spent(name, (first - begun).total_seconds(), seconds.get(IMPORTS, 0.0), sum(cells.values()), slowest=shown)


def spending_text(rows: Sequence[Spent]) -> str:
    """A line a chapter and their sum. Chapters side by side overlap, so the sum may be more than the clock shows."""
    added = Spent("sum", *(sum(getattr(row, part) for row in rows) for part in PARTS))
    head = "".join(f"{name:>12}" for name in (*HEADINGS, "all"))
    lines = [f"  {'seconds':20}{head}  slowest cell"]
    for row in [*rows, added]:
        seconds = [getattr(row, part) for part in (*PARTS, "total")]
        shown = "".join(f"{item:12.1f}" if item else " " * 12 for item in seconds)
        lines.append(f"  {row.name:20}{shown}  {row.slowest}")
    return "\n".join(line.rstrip() for line in lines)
