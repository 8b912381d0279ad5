"""What an export holds about persons, column by column, and what becomes of each, as its reader declares it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, get_args

Holds = Literal[
    "case_id", "customer", "person", "author", "agent", "text", "moment", "tone", "public", "attribute", "post", "page"
]  # fmt: skip
# numbered: a pseudonym stands for it; kept: as it is, a case, under data/processed; generalised: the same in groups of
# at least the smallest cell; sorted: read to tell rows apart, not kept; named: kept and published, the name of a page;
# aggregated: added up, only sums are kept; never: no reader looks at it.
Fate = Literal["numbered", "kept", "generalised", "sorted", "named", "aggregated", "never"]
HOLDS, FATES = get_args(Holds), get_args(Fate)


@dataclass(frozen=True, slots=True)
class Personal:
    """One column (or several with commas between) of an export, or whatever columns an ``option`` of the reader names.

    ``column`` is the header as the export has it; empty with ``option``.
    """

    column: str
    holds: Holds
    fate: Fate
    option: str = ""


def rows_of(reader: ModuleType, options: Any) -> Iterator[dict[str, str]]:
    """Column, holds and fate of everything the reader declares, options replaced by the columns they name."""
    for item in reader.PERSONAL:
        for column in _columns(item, options):
            yield {"column": column, "holds": item.holds, "fate": item.fate}


def _columns(item: Personal, options: Any) -> list[str]:
    if not item.option:
        return [item.column]
    named = getattr(options, item.option)
    return list(named.values()) if isinstance(named, Mapping) else [named] if named else []


def own_posts(post: str, *texts: str) -> tuple[Personal, ...]:
    """Of exports of a brand's own posts: the post's id, read to tell posts apart; its words, which may name someone."""
    return (Personal(post, "post", "sorted"), *(Personal(text, "text", "never") for text in texts))
