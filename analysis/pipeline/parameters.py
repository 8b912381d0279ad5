"""Strict notebook parameters: an unknown name or a wrong type is an error that names the nearest right one.

Papermill only warns about a parameter no notebook knows; a study then runs with the default and says nothing.
"""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.core.errors import CaseError, nearest
from analysis.pipeline.chain import cells_of


def declared(notebook: Path) -> dict[str, Any]:
    """Names and defaults of the notebook's parameters cell. Raises CaseError when it has none or computes in it."""
    tagged = cells_of(notebook, "code", tag="parameters")
    if len(tagged) != 1:
        raise CaseError("a notebook needs exactly one cell tagged parameters", where=notebook.name, cure="tag one cell")
    found = {}
    for node in ast.parse(tagged[0]).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            raise CaseError("the parameters cell may only assign constants", where=notebook.name, cure="move the rest")
        found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def _same_kind(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))


def checked(notebooks: Mapping[str, Path], given: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The given parameters by notebook, each known and of its default's type. Raises CaseError otherwise."""
    for name, values in given.items():
        if name not in notebooks:
            raise CaseError(
                f'there is no notebook "{name}"', where="notebook parameters", cure=nearest(name, notebooks)
            )
        known = declared(notebooks[name])
        for key, value in values.items():
            where = f"parameter {name}.{key}"
            if key == "case" or key not in known:
                names = [item for item in known if item != "case"]
                raise CaseError(f'{name} has no parameter "{key}"', where=where, cure=nearest(key, names))
            if not _same_kind(value, known[key]):
                kind = type(known[key]).__name__
                raise CaseError(
                    f"{value!r} is not of the right type", where=where, cure=f"give a {kind}, like {known[key]!r}"
                )
    return {name: dict(values) for name, values in given.items()}


def parse_assignment(text: str) -> tuple[str, str, Any]:
    """``03_engagement.level=0.9`` as (notebook, name, value). Raises CaseError for any other form."""
    place, equals, value = text.partition("=")
    notebook, dot, name = place.partition(".")
    if not (equals and dot and name):
        raise CaseError(
            f'"{text}" is not NOTEBOOK.NAME=VALUE', where="--parameter", cure="write 03_engagement.level=0.9"
        )
    try:
        return notebook, name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return notebook, name, value
