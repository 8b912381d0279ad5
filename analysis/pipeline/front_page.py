"""reports/index.html: the cases that have a report."""

from pathlib import Path
from typing import Any

from analysis.core import artefacts
from analysis.report.build import build_index


def write_front_page(root: Path) -> Path:
    """List every case whose report is whole enough to have numbers; nothing is written where that changes nothing."""
    cards = [card for folder in sorted((root / "reports").glob("*")) if (card := _card(folder))]
    page, text = root / "reports" / "index.html", build_index(cards)
    if page.is_file() and page.read_bytes() == text.encode():
        return page
    return artefacts.write_text(page, text)


def _card(folder: Path) -> dict[str, Any] | None:
    results = folder / "results.json"
    if not results.is_file():
        return None
    record = artefacts.read_json(results)
    return {"slug": folder.name, "href": f"{folder.name}/index.html", "results": record}
