"""papermill and the library of notebooks, imported without what takes two seconds and no notebook asks for.

Notebooks are checked by jsonschema, which compiles the grammar of international addresses while it is imported.
Without that grammar it does not check such addresses, and a notebook's schema has none.
"""

import sys

GRAMMAR = "rfc3987_syntax"

if "jsonschema" not in sys.modules and GRAMMAR not in sys.modules:
    sys.modules[GRAMMAR] = None  # importing it is then an ImportError, which jsonschema expects
    try:
        import jsonschema  # noqa: F401
    finally:
        del sys.modules[GRAMMAR]

import nbformat  # noqa: E402
import papermill  # noqa: E402

__all__ = ["nbformat", "papermill"]
