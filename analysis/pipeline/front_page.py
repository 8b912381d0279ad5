"""reports/index.html: the cases that have a report."""

from pathlib import Path
from typing import Any

from analysis.core import artefacts
from analysis.core.paths import COMPARISON, Layout
from analysis.report.index import build_index
from analysis.report.page import LANGUAGES, page_name


def write_front_page(root: Path) -> Path:
    """List every case whose report is whole enough to have numbers; nothing is written where that changes nothing."""
    cards = [card for folder in sorted((root / "reports").glob("*")) if (card := _card(folder))]
    page = root / "reports" / "index.html"
    text = build_index(cards, comparison=Layout.under(root, COMPARISON).page.is_file())
    if page.is_file() and page.read_bytes() == text.encode():
        return page
    return artefacts.write_text(page, text)


def _card(folder: Path) -> dict[str, Any] | None:
    results = folder / "results.json"
    if folder.name == COMPARISON or not results.is_file():
        return None
    record = artefacts.read_json(results)
    pages = {language: page_name(language) for language in LANGUAGES}
    links = {language: f"{folder.name}/{page}" for language, page in pages.items() if (folder / page).is_file()}
    return {"slug": folder.name, "href": f"{folder.name}/index.html", "links": links, "results": record}
