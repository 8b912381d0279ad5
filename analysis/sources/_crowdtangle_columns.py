"""Where things are in a CrowdTangle export of posts: of pages, groups or accounts, before or after April 2021.

Facebook's exports head the name "Page Name" or "Group Name", those of Instagram and Twitter "Account". An Instagram
export counts likes and comments, a Twitter export likes and retweets, and neither has other reactions or ids. R writes
the headers again with dots or as page_name; they are read as the exports have them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.core.errors import SourceError
from analysis.sources._recognising import Doubt, Recognition, Sample
from analysis.sources._sheet import Sheet

PAGES, ACCOUNT = ("Page Name", "Group Name"), "Account"
NAMES = (*PAGES, ACCOUNT)
TIMES = ("Post Created", "Created")  # before April 2021 only the second
SCORE, WEIGHTED_TOTAL, TOTAL = "Overperforming Score", "Total Interactions (weighted", "Total Interactions"
REACTIONS = ("Likes", "Love", "Wow", "Haha", "Sad", "Angry", "Care")
PARTS = ("Likes", "Comments", "Shares", "Retweets", *REACTIONS[1:])
NEEDED = {
    "facebook": ("Likes", "Comments", "Shares"), "instagram": ("Likes", "Comments"), "twitter": ("Likes", "Retweets"),
}  # fmt: skip
ADDRESS, OWN_ID, USER, FOLLOWERS = "URL", "Facebook Id", "User Name", "Followers at Posting"
PREFIXES = (WEIGHTED_TOTAL, SCORE)
# What the exports' file names say: "...-search-csv-export.csv", "...-Historical-Report-<list>-<from>--<to>.csv".
NAMED = {"search-csv-export": "crowdtangle_search", "historical-report": "crowdtangle_history"}


@dataclass(frozen=True, slots=True)
class Columns:
    name: str
    time: str
    parts: tuple[str, ...]


def recognise_posts(sample: Sample, *, search: bool) -> Recognition | None:
    """Posts with scores. Before April 2021 both exports had the same columns: the file's name tells, else a doubt."""
    header = _as_exported(sample.rows[0] if sample.rows else ())
    time, name = _first(TIMES, header), _first(NAMES, header)
    if time is None or name is None or not _is_of_posts(header, time, name):
        return None
    platform = _platform(header, name)
    if not set(NEEDED[platform]) <= set(header):
        return None
    own, other = ("crowdtangle_search", "crowdtangle_history")[:: 1 if search else -1]
    doubts: tuple[Doubt, ...] = ()
    if time == TIMES[0] and _weighted(header) != search:
        return None
    if time == TIMES[1]:
        told = next((reader for words, reader in NAMED.items() if words in sample.file.casefold()), None)
        if own != (told or "crowdtangle_history"):
            return None
        if told is None:
            about = "before April 2021 a search and a historical report had the same columns, which are read alike"
            doubts = (Doubt(f"{about}; if this was a search", "format", (other,)),)
    because = f'posts by "{name}" and "{time}", with {", ".join(NEEDED[platform])}'
    return Recognition(because, platform, plain_numbers=False, doubts=doubts)


def as_exported(sheet: Sheet) -> Sheet:
    """The sheet with the headers that the exports have."""
    return replace(sheet, header=_as_exported(sheet.header))


def _as_exported(header: Sequence[str]) -> tuple[str, ...]:
    names = {_folded(name): name for name in (*NAMES, *TIMES, *PARTS, TOTAL, ADDRESS, OWN_ID, USER, FOLLOWERS)}
    prefixes = {_folded(name): name for name in PREFIXES}
    there, found = set(header), []
    for item in header:
        folded = _folded(item)
        own = names.get(folded, next((own for words, own in prefixes.items() if folded.startswith(words)), item))
        found.append(item if own in there or item.startswith(PREFIXES) else own)
        there.add(found[-1])
    return tuple(found)


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name[:80].casefold()).strip()


def columns_of(sheet: Sheet, search: bool) -> Columns:
    """Where things are. Raises SourceError for another layout, naming the format that reads it."""
    header, where = sheet.header, f"{sheet.file}, row {sheet.header_line}"
    time, name = _first(TIMES, header), _first(NAMES, header)
    if time is None or name is None or not _is_of_posts(header, time, name):
        raise SourceError(
            f"this is not a CrowdTangle export of posts: it lacks {' or '.join(NAMES)}, {' or '.join(TIMES)} or a "
            f"column that begins with {SCORE}",
            where=where,
            cure="export posts (not a leaderboard, not one post's history) as CSV, and use it as received",
        )
    if time == TIMES[0] and _weighted(header) != search:
        kind, reader = ("historical report", "history") if search else ("search export", "search")
        raise SourceError(f"this is a {kind}", where=where, cure=f"read it with `format: crowdtangle_{reader}`")
    for part in NEEDED[_platform(header, name)]:
        sheet.position(part)
    return Columns(name, time, tuple(part for part in PARTS if part in header))


def _first(names: Sequence[str], header: Sequence[str]) -> str | None:
    return next((name for name in names if name in header), None)


def _is_of_posts(header: Sequence[str], time: str, name: str) -> bool:
    scored = time == TIMES[1] or any(item.startswith(SCORE) for item in header)
    return scored and (name != ACCOUNT or {USER, FOLLOWERS, ADDRESS} <= set(header))  # "Account" heads many


def _platform(header: Sequence[str], name: str) -> str:
    if name != ACCOUNT:
        return "facebook"
    return "twitter" if "Retweets" in header else "instagram"


def _weighted(header: Sequence[str]) -> bool:
    return any(item.startswith(WEIGHTED_TOTAL) for item in header)
