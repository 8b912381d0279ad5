"""What the process that kernels are forked from imports: whatever the chapters' own first cells import, and more."""

import pkgutil
import re
from collections.abc import Iterable, Iterator

from analysis.core import paths
from analysis.pipeline.chain import STEPS, cells_of

KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell")
LIBRARIES = (
    "matplotlib.backends.backend_svg",
    "pyarrow.parquet",
    "scipy.optimize",
    "scipy.stats",
)
# Looked for by name while a study runs, so no import statement names their modules.
DISCOVERED = ("checks", "estimators", "figures", "report.sections")


def modules() -> Iterator[str]:
    """Names of modules, what the first chapter needs first: it begins before the others' are there."""
    yield from KERNEL
    (first, *later) = (name for step in STEPS for name in step)
    yield from chapters_imports([first])
    yield from discovered(["sources"])
    yield from LIBRARIES
    yield from chapters_imports(later)
    yield from discovered(DISCOVERED)


def chapters_imports(names: Iterable[str]) -> Iterator[str]:
    """Modules of this project that these notebooks import."""
    for name in names:
        for code in cells_of(paths.NOTEBOOKS / f"{name}.ipynb", "code"):
            yield from re.findall(r"^from (analysis[\w.]+) import", code, flags=re.MULTILINE)


def discovered(folders: Iterable[str]) -> Iterator[str]:
    """Modules in folders where a new file is enough to add something."""
    for folder in folders:
        place = paths.PROJECT / "analysis" / folder.replace(".", "/")
        for info in pkgutil.iter_modules([str(place)]):
            yield f"analysis.{folder}.{info.name}"
