"""The executed notebooks as pages of the report's annex."""

from collections.abc import Sequence
from pathlib import Path

from analysis.core import artefacts
from analysis.core.case import Case
from analysis.core.paths import Layout
from analysis.core.tasks import map_tasks
from analysis.pipeline.chain import title_of
from analysis.pipeline.engine import nbformat
from analysis.report.notebook_html import notebook_to_html


def publish_notebooks(executed: Path, names: Sequence[str], case: Case, layout: Layout, jobs: int = 1) -> None:
    """Write each executed notebook as HTML under reports/<case>/notebooks, linked to the one before and after."""
    record, order = case.model_dump(mode="json"), sorted(names)
    links = {name: (f"{name}.html", title_of(executed / f"{name}.ipynb")) for name in order}

    def page(name: str) -> str:
        at, (_, title) = order.index(name), links[name]
        previous = links[order[at - 1]] if at else None
        following = links[order[at + 1]] if at + 1 < len(order) else None
        book = nbformat.read(executed / f"{name}.ipynb", as_version=4)
        return notebook_to_html(book, record, title, previous=previous, following=following)

    for name, html in zip(order, map_tasks(page, order, jobs=jobs, forked=True), strict=True):
        artefacts.write_text(layout.notebooks / f"{name}.html", html)
