"""Which column is what in a table that no platform laid out: told by what the cells are, proposed only when plain."""

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from analysis.sources._doubts import looks_dated
from analysis.sources._numbers import ABSENT
from analysis.sources._reading import NAME_PATTERN
from analysis.sources._recognising import Sample

LOOKED_AT = 2_000  # rows
MOST_COLUMNS, MOST_WORDS, MOST_METRICS = 200, 30, 40
NUMBER = re.compile(r"-?[0-9][0-9.,]*")
CODE = re.compile(r"(^|[^a-z])(ids?|code|zip|year|anno|month|mese|week|settimana|phone|nr|number)$")
ID = re.compile(r"(^|[^a-z])(id|ticket|case|number|nr)$")
# What a desk calls its cases: such a column is the id where several hold one ("ticket" alone may be a count).
CASE_ID = re.compile(
    r"(^|_)(case|ticket|call|request|conversation|incident|complaint|sr|unique|caso|chiamata|pratica)_?"
    r"(id|key|no|nr|num|number|ref|reference|numero|concept_name)$|^(id|key)$"
)
CHANNEL = frozenset(("channel", "channels", "canale", "source", "via", "origin", "platform", "piattaforma"))
CHANNEL_LIKE = re.compile(r"(^|_)(channels?|canale|kanal|canal|via|origin|origine|submitted_via|channel_type)$")
UNIT = frozenset(("unit", "page", "page_id", "page id", "brand", "company", "account", "pagina", "marca", "azienda"))
METRIC = frozenset(("metric", "metrics", "measure", "misura", "metrica", "variable", "indicator"))


@dataclass(frozen=True, slots=True)
class Profile:
    """One column: ``kind`` is date, time (a date with a clock), number, word (few distinct), text or empty."""

    header: str
    kind: str
    words: tuple[str, ...] = field(default=(), repr=False)
    distinct: bool = False  # no cell empty, none twice

    @property
    def name(self) -> str:
        return self.header.casefold()


def profiles_of(sample: Sample) -> tuple[Profile, ...]:
    """One profile a column; none for what is no plain table: one column, headers empty or twice, no rows, too wide."""
    header = sample.header
    rows = sample.records[1 : LOOKED_AT + 1]
    if not 1 < len(header) <= MOST_COLUMNS or not rows or "" in header or len(set(header)) < len(header):
        return ()
    return tuple(_profile(name, [row[i] if i < len(row) else "" for row in rows]) for i, name in enumerate(header))


def _profile(header: str, cells: Sequence[str]) -> Profile:
    filled = [cell for cell in cells if cell not in ABSENT]
    distinct = len(filled) == len(cells) == len(set(filled))
    words = tuple(dict.fromkeys(filled))
    if not filled:
        return Profile(header, "empty")
    dated = looks_dated(filled)
    if not dated and all(NUMBER.fullmatch(cell) for cell in filled):
        return Profile(header, "number", distinct=distinct)
    if dated:
        return Profile(header, "time" if ":" in filled[0] else "date", distinct=distinct)
    return Profile(header, "word" if len(words) <= MOST_WORDS else "text", words[: MOST_WORDS + 1], distinct)


def of_kind(profiles: Iterable[Profile], *kinds: str) -> list[Profile]:
    """The columns of these kinds, left to right."""
    return [item for item in profiles if item.kind in kinds]


def only(found: Sequence[Profile]) -> Profile | None:
    """The one there is; None for none and for several."""
    return found[0] if len(found) == 1 else None


def named(columns: Sequence[Profile], *patterns: re.Pattern[str], but: Container[Profile] = ()) -> list[Profile]:
    """The columns that the first pattern with any finds in their names, written as `slug` writes them."""
    left = [item for item in columns if item not in but]
    found = ([item for item in left if pattern.search(slug(item.header))] for pattern in patterns)
    return next((items for items in found if items), [])


def channel_columns(profiles: Iterable[Profile]) -> list[Profile]:
    """The columns of few words that are called what channels are called, those called nothing else before others."""
    words = of_kind(profiles, "word")
    return [item for item in words if item.name in CHANNEL] or named(words, CHANNEL_LIKE)


def slug(words: str) -> str:
    """Our name for a file's words: lower-case letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:38].rstrip("_")
    return name if re.fullmatch(NAME_PATTERN, name) else f"n_{name}".rstrip("_")


def slugs(words: Iterable[str]) -> dict[str, str]:
    """Each word's own name; empty when two words would share one."""
    named = {word: slug(word) for word in words}
    return named if len(set(named.values())) == len(named) else {}


def channel_options(column: Profile | None, key: str, *, always: bool = False) -> dict[str, object]:
    """The option that names the channel's column and the map of its words, where they are not channel ids already."""
    if column is None or column.kind != "word":
        return {}
    named = slugs(column.words)
    if not named:
        return {}
    plain = all(word == name for word, name in named.items())
    return {key: column.header} | ({} if plain and not always else {"channel_map": named})
