"""Where the links of a built page lead."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

BESIDE = ("manifest.json", "ro-crate-metadata.json")  # written beside the pages once all of them are there


def dead_links(page: Path, *, outside: bool = True) -> list[str]:
    """Links of a page to a file that is not there, or to a part that the page it names does not have.

    ``outside``: those that leave the page's folder count too.
    """
    found = [link["href"] for link in _read(page).select("a[href]")]
    local = [href for href in dict.fromkeys(found) if not urlsplit(href).scheme]
    return [href for href in local if (outside or not href.startswith("..")) and not _leads(page, href)]


def _leads(page: Path, href: str) -> bool:
    name, _, part = href.partition("#")
    target = page.parent / unquote(name) if name else page
    if not target.exists():
        return False
    parts = _parts(target, target.stat().st_mtime_ns) if part else set()
    return not part or part in parts or unquote(part) in parts


@cache
def _parts(page: Path, _written: int) -> set[str]:
    """What can be led to in a page, as it was last written: a page of links leads to itself many times."""
    return {tag["id"] for tag in _read(page).select("[id]")}


def _read(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")
