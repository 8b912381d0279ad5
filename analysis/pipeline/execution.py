"""One notebook through papermill: what it shows is kept, and what stops it is told with its cell and its cure."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.core import paths
from analysis.core.errors import StudyError
from analysis.pipeline.kernels import manager_with
from analysis.pipeline.storage import NO_LEAVE, NO_SPACE, RERUN, UNTOUCHED, storage_error
from analysis.pipeline.warm_process import warm_up

OWN_ERRORS = ("StudyError", "CaseError", "SourceError", "DesignError", "StructurallyAbsentOutcome")
CHATTY = ("asyncio", "nbclient", "papermill", "traitlets")  # loggers: whatever stops a notebook is told once, by us


def execute(
    source: Path, target: Path, values: Mapping[str, Any], surroundings: Mapping[str, str], cell_seconds: int
) -> None:
    """Run ``source`` with the parameters ``values`` into ``target``. Raises StudyError naming the cell."""
    warm_up()  # it imports while this process imports papermill
    from analysis.pipeline.engine import ENGINE, papermill

    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=dict(values),
            engine_name=ENGINE,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=str(paths.PROJECT),
            execution_timeout=cell_seconds,
            kernel_manager_class=manager_with(surroundings),
        )
    except papermill.exceptions.PapermillExecutionError as error:
        raise _of_a_cell(source, target, error) from error
    except Exception as error:
        raise _of_the_kernel(source, target, error, cell_seconds) from error


def _of_a_cell(source: Path, target: Path, error: Any) -> StudyError:
    """The failed cell by its id, the cause as the code said it, the cure it named."""
    where = f"notebook {source.name}, cell {stopped_at(target)}"
    number = re.match(r"\[Errno (\d+)\]", error.evalue)
    if number and int(number[1]) in (*NO_SPACE, *NO_LEAVE):
        return storage_error(OSError(int(number[1]), error.evalue.split("] ", 1)[-1].split(":")[0]), where)
    if error.ename in ("MemoryError", "_ArrayMemoryError", "ArrowMemoryError"):
        cure = f"close other programs or use --jobs 1, then {RERUN}"
        return StudyError("there is not enough memory", where=where, cure=cure)
    if error.ename not in OWN_ERRORS:
        what = f"{error.ename}: {_first_line(error.evalue)}"
        cure = "open the failed notebook under data/processed to see the whole traceback. The last report is untouched."
        return StudyError(what, where=where, cure=cure)
    parts = re.split(r"\n {2}(?:where|what to do): ", error.evalue)
    if "\n  where: " in error.evalue:
        where += f"; {error.evalue.split(chr(10) + '  where: ')[1].split(chr(10))[0]}"
    said = error.evalue.split("\n  what to do: ")
    cure = said[1] if len(said) > 1 else "open the failed notebook under data/processed to see the whole traceback"
    return StudyError(parts[0], where=where, cure=f"{cure}. The last report is untouched.")


def _of_the_kernel(source: Path, target: Path, error: Exception, cell_seconds: int) -> StudyError:
    """A kernel that died, a cell that never ended, a disk that is full: told by what the reader can do about it."""
    where = f"notebook {source.name}, cell {stopped_at(target)}"
    if isinstance(error, OSError) and error.errno in (*NO_SPACE, *NO_LEAVE):
        return storage_error(error, where)
    if isinstance(error, TimeoutError):
        cure = f"see what that cell waits for; if it only needs longer, give --cell-seconds {4 * cell_seconds}"
        return StudyError(f"the cell did not end in {cell_seconds} s", where=where, cure=f"{cure}; {UNTOUCHED}")
    if type(error).__name__ == "DeadKernelError":
        cure = f"if it died for want of memory, close other programs or use --jobs 1; then {RERUN}"
        return StudyError("the kernel died", where=where, cure=cure)
    return StudyError(f"{type(error).__name__}: {_first_line(str(error))}", where=where, cure=RERUN)


def stopped_at(target: Path) -> str:
    """The id of the cell that failed or, where none says so, of the last that was begun."""
    from analysis.pipeline.engine import nbformat  # slow to import

    try:
        cells = nbformat.read(target, as_version=4).cells
    except (OSError, ValueError):
        return "unknown"
    begun = "unknown"
    for cell in cells:
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return cell.id
        if cell.metadata.get("papermill", {}).get("start_time"):
            begun = cell.id
    return begun


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no message"
