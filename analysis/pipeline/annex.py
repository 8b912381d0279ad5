"""The executed notebooks as pages of the report's annex."""

from collections.abc import Sequence
from pathlib import Path

from analysis.core import artefacts
from analysis.core.case import Case
from analysis.core.paths import Layout
from analysis.pipeline.chain import first_heading
from analysis.pipeline.engine import nbformat
from analysis.report.notebook_html import notebook_to_html


def publish_notebooks(executed: Path, names: Sequence[str], case: Case, layout: Layout) -> None:
    """Write each executed notebook as HTML under reports/<case>/notebooks, linked to the one before and after."""
    record = case.model_dump(mode="json")
    books = {name: nbformat.read(executed / f"{name}.ipynb", as_version=4) for name in sorted(names)}
    titles = {
        name: first_heading([cell.source for cell in book.cells if cell.cell_type == "markdown"])
        for name, book in books.items()
    }
    order = list(books)
    for position, name in enumerate(order):
        previous = order[position - 1] if position else None
        following = order[position + 1] if position + 1 < len(order) else None
        html = notebook_to_html(
            books[name],
            record,
            titles[name],
            previous=(f"{previous}.html", titles[previous]) if previous else None,
            following=(f"{following}.html", titles[following]) if following else None,
        )
        artefacts.write_text(layout.notebooks / f"{name}.html", html)
