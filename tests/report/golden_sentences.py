"""Every sentence the rules can choose, by interval, margin, grade, design and language, as committed tables.

``python tests/report/golden_sentences.py --accept`` writes them anew; the tests only compare.
"""

import csv
import io
import sys
from functools import cache
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Any

from analysis.inference.power import FOUR_IN_FIVE
from analysis.report import grading
from analysis.report.deciding import action
from analysis.report.languages import WORDING
from analysis.report.numbers import Numbers
from analysis.report.wording import Findings, Words

FOLDER = Path(__file__).parent
LANGUAGES = tuple(WORDING)
LEVEL, MARGIN = 0.95, 0.10
# Where the interval lies, in shares: one of each configuration with the margin, and those that touch it.
POSITIONS = {
    "far below": (-0.30, -0.12), "below, across the margin": (-0.30, -0.02), "below, inside the margin": (-0.08, -0.02),
    "touches the margin below": (-0.30, -0.10), "around zero, inside": (-0.08, 0.05), "around zero, wide": (-0.2, 0.2),
    "around zero, down": (-0.20, 0.05), "around zero, up": (-0.05, 0.20), "touches both": (-0.10, 0.10),
    "above, inside the margin": (0.02, 0.08), "above, across the margin": (0.02, 0.30), "far above": (0.12, 0.30),
    "touches zero": (0.0, 0.08), "none": (None, None),
}  # fmt: skip
SCALES = {"percent": 1.0, "number": 4000.0, "return": 0.2}
CHECKS = {"passed": "PASS", "failed": "FAIL", "not run": "NOT_RUN", "review": "REVIEW"}
HEAD = ("position", "margin", "scale", "design", "check", "title", "headline", "reading", "attribution")
THRESHOLD = {"better": "higher", "keep": -0.05, "reverse": -0.20}
ENDS = (-0.3, -0.2, -0.15, -0.07, -0.05, 0.05)


def results_of(position: str, margin: float | None, scale: str, design: str, check: str) -> dict[str, Any]:
    """What results.json would hold of one outcome, judged by the report's own rules."""
    size = SCALES[scale]
    lower, upper = (None if end is None else end * size for end in POSITIONS[position])
    margin = None if margin is None else margin * size
    point = -0.1 * size if lower is None else (lower + upper) / 2 or 0.01 * size
    design = "description" if lower is None else design
    grade = grading.grade(design, [{"check": "demo", "status": CHECKS[check]}])
    known = {
        "label": "Posts", "role": "primary", "question": "engagement", "market": design == "market",
        "first_post": "2019-06-01", "last_post": "2020-02-23", "n_post": 1 if scale == "return" else 38,
        "shown.point": point, "shown.lower": lower, "shown.upper": upper, "shown.level": LEVEL, "shown.style": scale,
        "smallest_effect": margin, "verdict": grading.verdict(lower, upper, margin), "grade.word": grade.grade,
        "grade.design": design,
    }  # fmt: skip
    if lower is not None:
        probability = grading.direction_probability(point, lower, upper, LEVEL)
        known |= {
            "shown.nearest_zero": min(abs(lower), abs(upper)), "likelihood.probability": probability,
            "detectable": FOUR_IN_FIVE * grading.standard_error_of(lower, upper, LEVEL),
            "likelihood.word": grading.likelihood_word(probability),
            "likelihood.direction": "fall" if point < 0 else "rise",
        }  # fmt: skip
    results = {f"effects.posts.{key}": value for key, value in known.items()}
    return results | {"checks.posts.demo.status": CHECKS[check]}


def sentences(language: str) -> list[tuple[str, ...]]:
    """A row a combination, in a fixed order."""
    texts = {"Posts": "Pubblicazioni"}.get if language == "it" else None
    rows = []
    for position, margin, scale, design, check in product(
        POSITIONS, (MARGIN, None), SCALES, ("donors", "controls", "market", "own_past"), CHECKS
    ):
        if (scale == "return") != (design == "market"):
            continue
        results = results_of(position, margin, scale, design, check)
        found = Findings("posts", Words(language), Numbers(results, language, texts))
        said = (found.title(), found.headline(), found.reading(), found.attribution())
        rows.append((position, str(margin or ""), scale, design, check, *(plain(one) for one in said)))
    return rows


def decisions(language: str) -> list[tuple[str, ...]]:
    """Each action with an interval that leads to it: heading and answer."""
    words, rows = Words(language), []
    for lower, upper in product(ENDS, ENDS):
        if lower < upper:
            name = action(lower, upper, THRESHOLD)
            said = words.text(f"decision.plan.{name}"), words.text(f"decision.answer.{name}")
            rows.append((f"{lower} to {upper}", name, *said))
    return rows


def filled(language: str) -> list[tuple[str, str]]:
    """The whole wording table, every blank filled with a sample."""
    values = {
        "size": 0.081, "share": 0.81, "recaptured": 0.11, "lost": 0.005, "beyond": 0.12, "level": 0.95, "bound": 0.08,
        "margin": 0.1, "target": 0.8, "after": 0.885, "before": 0.018, "share_of_all": 0.041,
    }  # fmt: skip
    numbers = Numbers(values | {"first": "2019-06-01", "last": "2019-06-08", }, language)
    shown: dict[str, Any] = {name: numbers(name, "percent") for name in values}
    shown |= {name: numbers(name, "percent_whole") for name in ("level", "margin", "target")}
    shown |= {"first": numbers("first", "date"), "last": numbers("last", "date"), "date": numbers("last", "date")}
    words, table = Words(language), WORDING[language]
    return [(key, plain(words.say(key, **_samples(table[key], shown)))) for key in WORDING["en"]]


def _samples(sentence: str, shown: dict[str, Any]) -> dict[str, Any]:
    """A looked-up value for the blanks that have one, the blank's own name for the others."""
    blanks = {name: article for _, name, article, _ in Formatter().parse(sentence) if name and name != "event"}
    return {
        name: shown.get(name) or (shown["share"] if article else f"‹{name}›") for name, article in blanks.items()
    }


def plain(said: Any) -> str:
    return getattr(said, "striptags", lambda: str(said))().replace("\u00a0", "_").strip()


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    return stream.getvalue()


@cache
def goldens() -> dict[str, str]:
    """File name -> what it should hold. A space that does not break is written as an underscore."""
    files = {}
    for language in LANGUAGES:
        files[f"golden_sentences.{language}.csv"] = table(HEAD, sentences(language))
        head = ("interval", "action", "heading", "answer")
        files[f"golden_decisions.{language}.csv"] = table(head, decisions(language))
        files[f"golden_wording.{language}.csv"] = table(("key", "sentence"), filled(language))
    return files


if __name__ == "__main__":
    if sys.argv[1:] != ["--accept"]:
        sys.exit("usage: python tests/report/golden_sentences.py --accept")
    for name, content in goldens().items():
        (FOLDER / name).write_text(content, "utf-8")
