"""Find the modules of a package that declare themselves: a new capability is one new file.

A module counts when its file name does not start with an underscore. It must declare NAME, LABEL, REFERENCE and
the package's one function. An import error is raised, never hidden.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

from analysis.core.errors import StudyError, nearest

REQUIRED = ("NAME", "LABEL", "REFERENCE")


def discover(package: ModuleType, function: str) -> Mapping[str, ModuleType]:
    """Modules of ``package`` by NAME, in alphabetical order. Raises StudyError for a half-declared module."""
    return _found(package, function, tuple(Path(place).stat().st_mtime_ns for place in package.__path__))


@cache
def _found(package: ModuleType, function: str, changed: tuple[int, ...]) -> Mapping[str, ModuleType]:
    """Looked for again only when a file came or went: a study asks hundreds of times."""
    found: dict[str, ModuleType] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        if info.name.startswith("_") or info.ispkg:
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        missing = [name for name in (*REQUIRED, function) if not hasattr(module, name)]
        if missing:
            raise StudyError(
                f"{module.__name__} does not declare {', '.join(missing)}",
                where=module.__name__,
                cure="declare them, or start the file's name with an underscore if it is a helper",
            )
        if module.NAME in found:
            raise StudyError(f'two modules are called "{module.NAME}"', where=module.__name__, cure="rename one")
        found[module.NAME] = module
    return MappingProxyType(found)


def pick(modules: Mapping[str, ModuleType], name: str, kind: str) -> ModuleType:
    """The module called ``name``. Raises StudyError naming the nearest."""
    if name not in modules:
        raise StudyError(f'there is no {kind} called "{name}"', where=kind, cure=nearest(name, modules))
    return modules[name]
