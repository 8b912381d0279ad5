"""The engine of notebooks: no grammar that costs two seconds and takes it from nobody; a notebook written twice."""

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from papermill import engines

from analysis.pipeline.engine import ENGINE, nbformat, papermill


def test_the_grammar_is_not_compiled_and_can_still_be_had() -> None:
    program = (
        "import sys; from analysis.pipeline.engine import GRAMMAR, nbformat; assert GRAMMAR not in sys.modules; "
        "book = nbformat.v4.new_notebook(); nbformat.validate(book); import importlib; importlib.import_module(GRAMMAR)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


DIES = ("import os; os._exit(1)", "ernel died")


@pytest.mark.parametrize(("last", "error"), [("1", None), ("1/0", "ZeroDivisionError"), DIES])
def test_the_notebook_is_written_whole_at_the_end_whatever_ended_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str, error: str | None
) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in ("print('first')", last)])
    source, target = tmp_path / "book.ipynb", tmp_path / "done.ipynb"
    nbformat.write(book, source)
    written: list[int] = []
    saved = engines.NotebookExecutionManager.save
    monkeypatch.setattr(
        engines.NotebookExecutionManager, "save", lambda self, **changes: written.append(1) or saved(self, **changes)
    )
    stopped = pytest.raises(Exception, match=error) if error is not None else nullcontext()
    with stopped:
        papermill.execute_notebook(
            str(source), str(target), engine_name=ENGINE, kernel_name="python3", progress_bar=False
        )
    cells = [cell for cell in nbformat.read(target, as_version=4).cells if cell.cell_type == "code"]
    assert cells[0].outputs[0].text == "first\n"
    assert cells[1].metadata.papermill.start_time
    assert len(written) == 2
