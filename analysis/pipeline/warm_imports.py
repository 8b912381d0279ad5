"""Imported once by the process that kernels are forked from: whatever the chapters' own first cells import, and more.

What breaks here is passed over: the chapter that needs it says so with its cell.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress

from analysis.core import paths
from analysis.pipeline.chain import STEPS, cells_of

LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "matplotlib.backends.backend_svg",
    "pyarrow.parquet",
    "scipy.optimize",
    "scipy.stats",
)
# Looked for by name while a study runs, so no import statement names their modules.
DISCOVERED = ("checks", "estimators", "figures", "report.sections", "sources")


def chapters_imports() -> Iterator[str]:
    """Modules of this project that the notebooks of a case import."""
    for name in (name for step in STEPS for name in step):
        for code in cells_of(paths.NOTEBOOKS / f"{name}.ipynb", "code"):
            yield from re.findall(r"^from (analysis[\w.]+) import", code, flags=re.MULTILINE)


def discovered() -> Iterator[str]:
    """Modules in the folders where a new file is enough to add something."""
    for folder in DISCOVERED:
        place = paths.PROJECT / "analysis" / folder.replace(".", "/")
        for info in pkgutil.iter_modules([str(place)]):
            yield f"analysis.{folder}.{info.name}"


for _name in (*LIBRARIES, *dict.fromkeys(chapters_imports()), *discovered()):
    with suppress(Exception):
        importlib.import_module(_name)
