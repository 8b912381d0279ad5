"""A case's study from its name to its page: nothing where nothing changed, else one build."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core import artefacts, paths
from analysis.core.case_loading import CaseFolder, load_case_folder
from analysis.core.paths import Layout
from analysis.core.privacy import key_mark
from analysis.pipeline import parameters as strict
from analysis.pipeline.chain import notebooks_for
from analysis.pipeline.provenance import is_current, provenance
from analysis.pipeline.storage import storage_error
from analysis.pipeline.telling import LONGEST_CELL_SECONDS, Explain, Options, Progress, Telling, silent

if TYPE_CHECKING:
    from analysis.pipeline.spending import Spent


def run_case(
    name_or_path: str,
    *,
    output: Path | None = None,
    jobs: int = 2,
    force: bool = False,
    cell_seconds: int = LONGEST_CELL_SECONDS,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress = silent,
    explain: Explain = silent,
    spent: Callable[[list["Spent"]], None] = silent,
) -> tuple[Path, bool]:
    """Run a case's study and publish it; returns the report's page and whether anything had to be run.

    ``explain`` hears why each chapter is run or kept, ``spent`` where a run's time went. Raises CaseError or
    StudyError; whatever is raised, the last published report is as it was.
    """
    folder = load_case_folder(name_or_path)
    root = (output or paths.PROJECT).resolve()
    notebooks = notebooks_for(folder.case)
    checked = strict.checked(notebooks, _merged(folder.case.notebooks, parameters or {}))
    record = provenance(folder, checked)
    final = Layout.under(root, folder.case.slug)
    keyed = folder.case.care is None or _has_asked_key(final)
    current = not force and is_current(final.manifest, record["fingerprint"]) and keyed
    if current:
        explain("every chapter: kept, no notebook, module, input, parameter or version changed")
    else:
        from analysis.pipeline.building import build_case  # slow to import, and mostly not needed

        options = Options(jobs, force, cell_seconds)
        spent(build_case(folder, root, notebooks, checked, record, options, Telling(progress, explain)))
        for leftover in (root / "data" / "processed").glob(f"failed-{folder.case.slug}-*.ipynb"):
            leftover.unlink()
    from analysis.pipeline.front_page import write_front_page  # slow to import: a run has done so beside its kernels

    try:
        write_front_page(root)
    except OSError as error:
        raise storage_error(error, "reports/index.html") from error
    return final.page, not current


def _has_asked_key(layout: Layout) -> bool:
    """Whether the pseudonyms under data/processed were made with this run's key. What is published is the same with
    any, so without one nothing is run for them. Raises PseudonymKeyError."""
    mark = key_mark()
    if not mark:
        return True
    wanted = artefacts.canonical_json({"mark": mark}).encode()
    return layout.pseudonyms.is_file() and layout.pseudonyms.read_bytes() == wanted


def is_up_to_date(folder: CaseFolder, root: Path) -> bool:
    """Whether the case's report under ``root`` is what a run of the case as it stands would make."""
    checked = strict.checked(notebooks_for(folder.case), folder.case.notebooks)
    return is_current(Layout.under(root, folder.case.slug).manifest, provenance(folder, checked)["fingerprint"])


def _merged(base: Mapping[str, Mapping[str, Any]], more: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {**base.get(name, {}), **more.get(name, {})} for name in {*base, *more}}


