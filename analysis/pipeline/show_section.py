"""What notebooks display of the report: apart from show.py, so that a chapter without it does not hang on its words."""

import html
from collections.abc import Iterable

from IPython.display import HTML

from analysis.core.case import Outcome
from analysis.core.store import Store
from analysis.pipeline.study import Study
from analysis.report.build import section_in_languages


def report_section(study: Study, name: str, outcomes: Iterable[Outcome] | None = None) -> HTML:
    """A section of the report as it would read now, from the artefacts of these outcomes (all, when none is named).

    It is made in every language and shown in the first: its figures are then drawn, and the page takes what is kept.
    """
    store = study.store if outcomes is None else Store(study.layout, [item.id for item in outcomes])
    body, *_ = section_in_languages(store, name, jobs=study.jobs)
    return HTML(body or f"<p><em>{html.escape(name)}: nothing to show in this case.</em></p>")
