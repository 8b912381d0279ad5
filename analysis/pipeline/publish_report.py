"""Notebook 08: the report's files from the artefacts, nothing estimated."""

import pandas as pd

from analysis.core import artefacts, paths
from analysis.pipeline.chain import notebooks_for, title_of
from analysis.pipeline.provenance import provenance
from analysis.pipeline.study import Study
from analysis.report.build import build_report


def publish_report(study: Study) -> pd.DataFrame:
    """Write the page, its numbers, figures and tables; returns one row a file with its hash."""
    recorded = study.layout.processed / "provenance.json"
    record = artefacts.read_json(recorded) if recorded.is_file() else artefacts.plain(provenance(study.folder, {}))
    files = build_report(study.store, record | {"notebooks": _notebooks(study)}, jobs=study.jobs)
    for name, content in files.items():
        artefacts.write_bytes(study.layout.reports / name, content)
    return pd.DataFrame({"file": list(files), "sha256": [artefacts.sha256_bytes(item) for item in files.values()]})


def _notebooks(study: Study) -> list[dict[str, str]]:
    """The annex's pages, in reading order."""
    names = sorted(notebooks_for(study.case))
    return [{"href": f"notebooks/{name}.html", "title": title_of(paths.NOTEBOOKS / f"{name}.ipynb")} for name in names]
