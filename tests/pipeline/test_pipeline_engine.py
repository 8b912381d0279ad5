"""The engine of notebooks is imported without the grammar that costs two seconds, and takes it from nobody."""

import subprocess
import sys


def test_the_grammar_is_not_compiled_and_can_still_be_had() -> None:
    program = (
        "import sys; from analysis.pipeline.engine import GRAMMAR, nbformat; assert GRAMMAR not in sys.modules; "
        "book = nbformat.v4.new_notebook(); nbformat.validate(book); import importlib; importlib.import_module(GRAMMAR)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
