"""The front page of all reports: what each found, and where it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.report.numbers import Numbers
from analysis.report.page import environment, frame
from analysis.report.wording import Findings, Words


def build_index(cards: Sequence[Mapping[str, Any]], *, comparison: bool = False) -> str:
    """reports/index.html. A card has slug, href, links (language -> href, where there are other pages) and results
    (the flat mapping of that report's results.json). ``comparison``: the cases have also been laid side by side.
    """
    words = Words("en")
    shown = [_card(card, words) for card in cards]
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            language="en",
            title=words.text("index.title"),
            cards=shown,
            comparison=comparison,
            banner="",
            page_class="",
            others=[],
            say=words.say,
            **frame(),
        )
    )


def _card(card: Mapping[str, Any], words: Words) -> dict[str, Any]:
    results = card["results"]
    words = Words(words.language, results.get("case.event_name"))
    names = dict.fromkeys(key.split(".")[1] for key in results if key.startswith("effects.") and key.endswith(".role"))
    names = sorted(names, key=lambda name: results.get(f"effects.{name}.place", 0))
    findings = [Findings(name, words, Numbers(results, words.language)) for name in names]
    findings.sort(key=lambda item: item.reading_order)
    main = [item for item in findings if item.raw("role") == "primary"] or findings[:1]
    return {
        "href": card["href"],
        "others": [(other, href) for other, href in card.get("links", {}).items() if other != words.language],
        "title": results["case.title"],
        "status": results["case.data_status"],
        "lines": [item.headline(links=False) for item in main],
    }
