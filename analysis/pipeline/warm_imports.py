"""What the process that kernels are forked from imports: whatever the chapters' own first cells import, and more."""

import pkgutil
import re
from collections.abc import Iterable, Iterator

from analysis.core import paths
from analysis.pipeline.chain import STEPS, cells_of

CHAPTERS = [name for step in STEPS for name in step]
KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell")
LIBRARIES = (
    "matplotlib.backends.backend_svg",
    "pyarrow.parquet",
    "scipy.optimize",
    "scipy.stats",
)
# Looked for by name while a study runs, so no import statement names their modules.
DISCOVERED = ("checks", "estimators", "figures", "report.sections")


def first() -> Iterator[str]:
    """Names of what a kernel and the first chapter need: no kernel begins before that is there."""
    yield from KERNEL
    yield from chapters_imports([CHAPTERS[0]])
    yield from discovered(["sources"])


def later() -> Iterator[str]:
    """Names of what the others need, imported while the first chapter works."""
    yield from LIBRARIES
    yield from chapters_imports(CHAPTERS[1:])
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
