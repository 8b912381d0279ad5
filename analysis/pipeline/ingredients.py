"""What a chapter is made from: its notebook, the modules it imports, its inputs, its parameters, the lock.

Found without running anything: imports are read from the code, inside functions too. A package whose modules are found
by walking it counts as a whole, and so does every file beside the modules of a layer (templates, styles).
"""

import platform
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.core import artefacts, paths
from analysis.core.privacy import KEY_VARIABLE
from analysis.pipeline.chain import cells_of
from analysis.pipeline.warm_process import SETTINGS

PACKAGE = "analysis"
RECORD = "the record of what the report is made from"  # its change alone says only that something else changed

_NO_CODE = re.compile(  # texts and comments
    r'''"""(?:\\.|[^\\])*?"""|\'{3}(?:\\.|[^\\])*?\'{3}|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|#[^\n]*''', re.S
)
_GAP, _LINE = r"(?:[ \t\f]|\\\n)", r"(?:[^\n;\\]|\\\n)*"
_IMPORT = re.compile(
    rf"(?:^|[;:]){_GAP}*(?:from{_GAP}+([\w.]+){_GAP}+import\b{_GAP}*(\([^)]*\)|{_LINE})|import{_GAP}+({_LINE}))", re.M
)
_WALKS = re.compile(r"(?<!def )\bdiscover(?:\s|\\\n)*\(")


def ingredients(
    notebook: Path,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    made_before: Mapping[str, str],
    record: str = "",
    key: str = "",
) -> dict[str, str]:
    """Everything that decides what a chapter makes, by name: hashes of files, values of parameters, versions.

    ``inputs`` are hashes of the case's files, ``made_before`` those of what earlier chapters made, ``record`` that of
    the provenance for a chapter that prints it, ``key`` the mark of the key that pseudonyms are made with.
    """
    found = {f"notebook {notebook.name}": artefacts.sha256_file(notebook)}
    found |= {name: artefacts.sha256_file(paths.PROJECT / name) for name in files_behind(notebook)}
    found |= {f"parameter {name}": repr(value) for name, value in parameters.items()}
    found |= {f"input {name}": digest for name, digest in inputs.items()}
    found |= {f"from earlier chapters, {name}": digest for name, digest in made_before.items()}
    found |= {file.name: artefacts.sha256_file(file) for file in (paths.LOCK, paths.MATPLOTLIBRC, paths.CLAIMS)}
    found["Python"] = platform.python_version()
    found["what kernels are given"] = artefacts.sha256_bytes(artefacts.canonical_json(SETTINGS).encode())
    found |= {KEY_VARIABLE: key} if key else {}
    return found | ({RECORD: record} if record else {})


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What differs, in words; values where they are short, and the record only when nothing else differs."""
    told = [_change(name, before.get(name), now.get(name)) for name in sorted({*before, *now})]
    found = [line for line in told if line]
    return [line for line in found if not line.startswith(RECORD)] or found


def _change(name: str, old: str | None, new: str | None) -> str:
    if old == new:
        return ""
    if name.startswith("parameter ") or name == "Python":
        return f"{name}: {old or 'none'} -> {new or 'none'}"
    shown = name.removeprefix(f"{PACKAGE}/")
    return f"{shown} {'is new' if old is None else 'is gone' if new is None else 'changed'}"


def files_behind(notebook: Path) -> list[str]:
    """The package's files that a notebook runs or reads, relative to the project, in order."""
    cells = cells_of(notebook, "code")
    seen: set[Path] = set()
    waiting = list(_imported("\n".join(cells))[0])
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        waiting += _packages_above(module.parent)
        imported, walks_itself = _imported(module.read_text("utf-8"))
        waiting += imported
        if walks_itself:
            waiting += module.parent.glob("*.py")
    parts = [item.relative_to(paths.PROJECT).parts for item in seen]
    layers = {part[1] for part in parts if len(part) > 2}
    beside = {item for layer in layers for item in _not_code(paths.PROJECT / PACKAGE / layer)}
    return sorted(item.relative_to(paths.PROJECT).as_posix() for item in seen | beside)


@lru_cache(maxsize=1024)  # every chapter stands on the same modules
def _imported(code: str) -> tuple[tuple[Path, ...], bool]:
    """Modules of the package that a piece of code imports, wherever it does; a package by its name is all of it.

    And whether the code finds the modules of its own package by walking it (see core/discovery). Read from the text:
    parsing every module takes a second of each run. A text that only looks like an import makes one module too many.
    """
    found: list[Path] = []
    bare = _NO_CODE.sub("", code)
    for source, listed, plain in _IMPORT.findall(bare):
        own = _module(source)
        found += own
        if source and own and own[0].name != "__init__.py":
            continue  # out of a module come no modules
        for name in [f"{source}.{name}" for name in _names(listed)] if source else _names(plain):
            found += [*_module(name), *_whole(name)]
    return tuple(found), _WALKS.search(bare) is not None


def _names(listed: str) -> list[str]:
    """Of "(one, two as other)": one and two."""
    return [part.split()[0] for part in listed.strip("() \n\\").replace("\\\n", " ").split(",") if part.strip()]


def _module(name: str) -> list[Path]:
    """The file of a module or package of ours; nothing for a name inside a module or for other people's code."""
    if name.split(".")[0] != PACKAGE:
        return []
    place = paths.PROJECT.joinpath(*name.split("."))
    return [file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]


def _whole(name: str) -> list[Path]:
    """Every module of a package that is imported by its own name: whoever holds it may walk it."""
    return sorted(paths.PROJECT.joinpath(*name.split(".")).glob("*.py")) if name.startswith(f"{PACKAGE}.") else []


@lru_cache(maxsize=64)
def _packages_above(folder: Path) -> tuple[Path, ...]:
    """A module's packages are imported with it."""
    above = [paths.PROJECT / item / "__init__.py" for item in (folder / "module").relative_to(paths.PROJECT).parents]
    return tuple(file for file in above if file.is_file())


def _not_code(folder: Path) -> Iterator[Path]:
    for item in folder.rglob("*"):
        if item.is_file() and item.suffix != ".py" and "__pycache__" not in item.parts:
            yield item
