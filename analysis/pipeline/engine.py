"""papermill and the library of notebooks, imported without what takes two seconds and no notebook asks for.

Notebooks are checked by jsonschema, which compiles the grammar of international addresses while it is imported.
Without that grammar it does not check such addresses, and a notebook's schema has none.
"""

import sys
from typing import Any

GRAMMAR = "rfc3987_syntax"

if "jsonschema" not in sys.modules and GRAMMAR not in sys.modules:
    sys.modules[GRAMMAR] = None  # importing it is then an ImportError, which jsonschema expects
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[GRAMMAR]

import nbformat  # noqa: E402
import papermill  # noqa: E402
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines  # noqa: E402

__all__ = ["ENGINE", "nbformat", "papermill"]
ENGINE = "written at the end"


class _WrittenAtTheEnd(NBClientEngine):
    """The usual engine, which writes the whole notebook before and after each cell while its kernel waits: here once at
    the start and once at the end, whatever ended it."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, *given: Any, **options: Any) -> Any:
        nb_man.save = lambda **changes: None
        try:
            return super().execute_managed_notebook(nb_man, *given, **options)
        finally:
            del nb_man.save  # the class's own again


papermill_engines.register(ENGINE, _WrittenAtTheEnd)
