"""How a simulated world declares the numbers it is made from, and how its SOURCE.md shows them.

Every number has a meaning and a source: a public one, or the word assumption.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

ASSUMPTION = "assumption"
SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number (or one number a channel), what it means, and where it comes from."""

    value: Any
    meaning: str
    source: str = ASSUMPTION


Row = tuple[str, str, Parameter]


def by_name(**values: Any) -> Mapping[str, Any]:
    """One value a channel, group or class, in the order written."""
    return MappingProxyType(values)


def declared(meaning: str) -> Any:
    """A field of a group whose values differ from world to world while its meaning does not."""
    return field(metadata={"meaning": meaning})


def listed_group(group: Any) -> Iterator[Row]:
    """Rows of a dataclass of ``declared`` fields; its field ``sources`` names the public ones by field."""
    cited = getattr(group, SOURCES)
    for item in fields(group):
        if item.name != SOURCES:
            source = cited.get(item.name, ASSUMPTION)
            value = getattr(group, item.name)
            yield type(group).__name__, item.name, Parameter(value, item.metadata["meaning"], source)


def parameter_rows(rows: Iterable[Row]) -> list[str]:
    """Rows of the parameter table in Markdown."""
    return [
        "| " + " | ".join(str(cell).replace("|", "/") for cell in (group, name, shown(parameter.value),
                                                                   parameter.meaning, parameter.source)) + " |"
        for group, name, parameter in rows
    ]  # fmt: skip


def shown(value: Any) -> str:
    """A value as SOURCE.md prints it."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {shown(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return "(" + ", ".join(shown(item) for item in value) + ")"
    return f"{value:g}" if isinstance(value, float) else str(value)
