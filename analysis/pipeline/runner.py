"""The chain: notebooks through papermill, side by side where they do not need each other, then one publication."""

import os
import re
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import nbformat
from joblib import Parallel, delayed

from analysis.core import artefacts, paths
from analysis.core.case_loading import CaseFolder, load_case_folder
from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.pipeline import parameters as strict
from analysis.pipeline import study as names
from analysis.pipeline.annex import publish_notebooks
from analysis.pipeline.chain import STEPS, notebooks_for
from analysis.pipeline.crate import FILE as CRATE_FILE
from analysis.pipeline.crate import run_crate
from analysis.pipeline.front_page import write_front_page
from analysis.pipeline.preflight import check_coverage, check_declarations, raise_all
from analysis.pipeline.provenance import is_current, output_hashes, provenance
from analysis.pipeline.publication import building_site, private_sockets, publish
from analysis.pipeline.study import Study

LONGEST_CELL_SECONDS = 1800
PROVENANCE_FILE = "provenance.json"
PREPARE = "01_prepare"  # the step after which the data are known
LISTENING_SECONDS = 0.2  # between two looks for Ctrl-C

Progress = Callable[[str, str], None]


def silent(notebook: str, state: str) -> None:
    """A progress that shows nothing."""


def run_case(
    name_or_path: str,
    *,
    output: Path | None = None,
    jobs: int = 2,
    force: bool = False,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress = silent,
) -> tuple[Path, bool]:
    """Run a case's study and publish it; returns the report's page and whether anything had to be run.

    Raises CaseError or StudyError; whatever is raised, the last published report is as it was.
    """
    folder = load_case_folder(name_or_path)
    root = (output or paths.PROJECT).resolve()
    notebooks = notebooks_for(folder.case)
    given = _merged(folder.case.notebooks, parameters or {})
    checked = strict.checked(notebooks, given)
    _raise_all(check_declarations(folder))
    record = provenance(folder, checked)
    final = Layout.under(root, folder.case.slug)
    if not force and is_current(final.manifest, record["fingerprint"]):
        write_front_page(root)
        return final.page, False
    with building_site(root, folder.case.slug) as site, private_sockets(root, folder.case.slug) as sockets:
        layout = Layout.under(site, folder.case.slug)
        artefacts.write_json(layout.processed / PROVENANCE_FILE, record)
        interruptible(lambda: _run_chain(folder, site, root, sockets, notebooks, checked, jobs, progress))
        publish_notebooks(site / "executed", list(notebooks), folder.case, layout)
        crate = run_crate(record, output_hashes(layout.reports), folder.case.model_dump(mode="json"))
        artefacts.write_json(layout.reports / CRATE_FILE, crate)
        artefacts.write_json(layout.manifest, record | {"outputs": output_hashes(layout.reports)})
        publish(site, root, folder.case.slug)
    write_front_page(root)
    for leftover in (root / "data" / "processed").glob(f"failed-{folder.case.slug}-*.ipynb"):
        leftover.unlink()
    return final.page, True


def interruptible(step: Callable[[], None]) -> None:
    """Run beside the main thread: the notebook client would otherwise swallow Ctrl-C and end as if all were well.

    The system may hand Ctrl-C to another thread, and Python acts on it in the main thread only when that one wakes: a
    wait without end would miss it.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    task = pool.submit(step)
    try:
        while not wait([task], timeout=LISTENING_SECONDS).done:
            pass
        task.result()
    except KeyboardInterrupt:
        warnings.simplefilter("ignore")  # what still runs beside finds its folders gone; nobody waits for it
        raise
    finally:
        pool.shutdown(wait=task.done(), cancel_futures=True)


def _merged(base: Mapping[str, Mapping[str, Any]], more: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {**base.get(name, {}), **more.get(name, {})} for name in {*base, *more}}


def _raise_all(problems: list[StudyError]) -> None:
    raise_all(
        problems,
        what="problems before anything was estimated",
        where="case.yaml and its files",
        cure="correct each; the last report is untouched",
    )


@contextmanager
def environment(
    folder: Path, site: Path, sockets: Path, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[None]:
    """What every kernel sees: where to read and write, one thread, one style, and ``more``. Put back afterwards."""
    wanted = {
        "JUPYTER_RUNTIME_DIR": str(sockets),
        names.FOLDER_VARIABLE: str(folder),
        names.OUTPUT_VARIABLE: str(site),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "MATPLOTLIBRC": str(paths.MATPLOTLIBRC),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(site / "ipython"),
        **more,
    }
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _run_chain(
    folder: CaseFolder,
    site: Path,
    root: Path,
    sockets: Path,
    notebooks: Mapping[str, Path],
    parameters: Mapping[str, Mapping[str, Any]],
    jobs: int,
    progress: Progress,
) -> None:
    executed = site / "executed"
    executed.mkdir()
    with environment(folder.folder, site, sockets):
        for step in STEPS:
            chosen = [name for name in step if name in notebooks]
            errors = Parallel(n_jobs=min(jobs, len(chosen)) or 1, prefer="threads")(
                delayed(_error_of)(
                    notebooks[name],
                    executed / f"{name}.ipynb",
                    {"case": folder.case.slug, **parameters.get(name, {})},
                    progress,
                )
                for name in chosen
            )
            for name, error in zip(chosen, errors, strict=True):
                if error is not None:
                    _keep_failed(executed / f"{name}.ipynb", root, folder.case.slug)
            for error in filter(None, errors):
                raise error
            if PREPARE in chosen:  # what the data lack is known only now, and no later step may find it out
                _raise_all(check_coverage(Study(folder, Layout.under(site, folder.case.slug))))


def _keep_failed(executed: Path, root: Path, slug: str) -> None:
    """The failed notebook, with its traceback, where a researcher can open it."""
    if executed.is_file():
        shutil.copy(executed, root / "data" / "processed" / f"failed-{slug}-{executed.name}")


def _error_of(source: Path, target: Path, values: dict[str, Any], progress: Progress) -> StudyError | None:
    """Run a notebook; its error is returned, so that those beside it may end."""
    try:
        run_notebook(source, target, values, progress)
    except StudyError as error:
        return error
    return None


def run_notebook(source: Path, target: Path, values: dict[str, Any], progress: Progress) -> None:
    """Run one notebook inside ``environment``. Raises StudyError naming the failed cell and what to do."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from analysis.pipeline.kernels import PrivateKernelManager

    progress(source.stem, "running")
    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=values,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=str(paths.PROJECT),
            execution_timeout=LONGEST_CELL_SECONDS,
            kernel_manager_class=PrivateKernelManager,
        )
    except PapermillExecutionError as error:
        progress(source.stem, "failed")
        raise _explained(source, target, error) from error
    except Exception as error:
        progress(source.stem, "failed")
        raise StudyError(
            f"{type(error).__name__}: {_first_line(str(error))}",
            where=f"notebook {source.name}",
            cure="run it again; if the kernel died for want of memory, close other programs or use --jobs 1",
        ) from error
    progress(source.stem, "done")


def _explained(source: Path, target: Path, error: Any) -> StudyError:
    """The failed cell by its id, the cause as the code said it, the cure it named."""
    cell = _failed_cell(target)
    parts = re.split(r"\n {2}(?:where|what to do): ", error.evalue)
    known = error.ename in ("StudyError", "CaseError", "SourceError", "DesignError", "StructurallyAbsentOutcome")
    cause = parts[0] if known else f"{error.ename}: {_first_line(error.evalue)}"
    where = f"notebook {source.name}, cell {cell}"
    if known and "\n  where: " in error.evalue:
        where += f"; {error.evalue.split(chr(10) + '  where: ')[1].split(chr(10))[0]}"
    cure = (
        error.evalue.split("\n  what to do: ")[1]
        if known and "\n  what to do: " in error.evalue
        else ("open the failed notebook under data/processed to see the whole traceback")
    )
    return StudyError(cause, where=where, cure=f"{cure}. The last report is untouched.")


def _failed_cell(target: Path) -> str:
    if not target.is_file():
        return "unknown"
    for cell in nbformat.read(target, as_version=4).cells:
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return cell.id
    return "unknown"


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no message"
