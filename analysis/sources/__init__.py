"""Readers of export files: one module a format, a file in, tidy measurements and service cases out."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from analysis.core.case import Case, Source
from analysis.core.case_loading import CaseFolder
from analysis.core.case_problems import own, path_of, plain_words
from analysis.core.discovery import discover
from analysis.core.errors import CaseError, nearest
from analysis.sources._accounts import read_accounts
from analysis.sources._kpis import Meaning, meanings
from analysis.sources._personal import rows_of
from analysis.sources._reading import (
    CASE_COLUMNS,
    MEASUREMENT_COLUMNS,
    Note,
    Reading,
    check_reading,
)

__all__ = [
    "CASE_COLUMNS",
    "MEASUREMENT_COLUMNS",
    "Meaning",
    "Note",
    "Reading",
    "available",
    "meanings_of",
    "options_of",
    "personal_of",
    "read_accounts",
    "read_files",
    "read_source",
]


def available() -> Mapping[str, ModuleType]:
    """The readers by name."""
    return discover(sys.modules[__name__], "read")


def reader_of(source: Source) -> ModuleType:
    """The reader of a source's format. Raises CaseError naming the nearest."""
    readers = available()
    if source.format not in readers:
        raise CaseError(
            f'there is no reader for the format "{source.format}"',
            where=f"sources, {source.id}, format",
            cure=nearest(source.format, readers),
        )
    return readers[source.format]


def options_of(source: Source) -> BaseModel:
    """The source's options as its reader understands them. Raises CaseError naming each wrong key."""
    model = reader_of(source).Options
    try:
        return model.model_validate(source.options)
    except ValidationError as error:
        problems = [_problem(item, model) for item in own(error.errors(include_url=False))]
        raise CaseError(
            problems[0] if len(problems) == 1 else f"{len(problems)} problems in the source's options",
            where=f"sources, {source.id}, options",
            cure=f"correct the keys named; the format {source.format} knows: {', '.join(model.model_fields)}",
            problems=problems if len(problems) > 1 else (),
        ) from error


def read_source(folder: CaseFolder, source_id: str) -> Reading:
    """Read every file of one source.

    Raises CaseError (unknown source, format or option; a file that is not there) and SourceError (a file that is
    not what the case says), both with file, row or key and a cure.
    """
    source = _source(folder.case, source_id)
    options_of(source)  # what is wrong in case.yaml is told before a file that is not there
    return read_files(folder.files_of(source_id), source, folder.case)


def read_files(files: tuple[Path, ...], source: Source, case: Case) -> Reading:
    """Read these files as the source says. Raises as `read_source`."""
    reading = reader_of(source).read(files, source, case, options_of(source))
    check_reading(reading, source)
    return reading


def meanings_of(reading: Reading, source: Source, case: Case) -> dict[str, Meaning]:
    """Which KPI each metric of a source's reading is."""
    metrics = sorted(reading.measurements["metric"].unique())
    return meanings(reader_of(source), options_of(source), metrics, case.kpis)


def personal_of(source: Source) -> list[dict[str, str]]:
    """What the source's format holds about persons: ``column``, what it ``holds``, its ``fate``; a row a column."""
    return list(rows_of(reader_of(source), options_of(source)))


def _source(case: Case, source_id: str) -> Source:
    known = {item.id: item for item in case.sources}
    if source_id not in known:
        raise CaseError(f'the case has no source "{source_id}"', where="sources", cure=nearest(source_id, known))
    return known[source_id]


def _problem(item: Any, model: type[BaseModel]) -> str:
    location = [str(part) for part in path_of(item)]
    key = ".".join(location) or "options"
    if item["type"] == "extra_forbidden":
        return f'unknown key "{key}". {nearest(location[-1], _known_keys(model, location[:-1]))}'
    if item["type"] == "missing":
        return f'the key "{key}" is missing'
    return f"{key}: {plain_words(item)}"


def _known_keys(model: type[BaseModel], location: list[str]) -> list[str]:
    for part in location:
        field = model.model_fields.get(part)
        model = (_model_in(field.annotation) if field else None) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, list, dict, Union, UnionType, Annotated):
        return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
    return None
