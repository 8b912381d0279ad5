"""The smallest effect that matters, declared beforehand, against the interval: settled, or what would tell."""

from typing import Any

from analysis.report.context import Column, Context, Section
from analysis.report.wording import Findings

NAME = "decision"
LABEL = "Decision"
REFERENCE = "Wasserstein and Lazar 2016, The American Statistician 70:129 (no decision by a threshold on p alone)"
ORDER = 20
TEMPLATE = "decision.html.j2"

COLUMNS = (
    Column("column.outcome"),
    Column("column.margin", True),
    Column("column.interval", True),
    Column("column.verdict"),
)


def build(context: Context) -> Section | None:
    items = [item for item in context.main() if not item.refused]
    if not items:
        return None
    judged = [item for item in items if item.raw("smallest_effect") is not None and item.has_interval]
    if not judged:
        return Section("decision", context.render(TEMPLATE, table=""), context.words.say("decision.heading.none"))
    settled = [item for item in judged if item.settled]
    key = "settled" if len(settled) == len(judged) else "partly" if settled else "open"
    rows = [
        [
            item.label,
            item.margin(),
            context.words.say("frame.short_interval", **item.interval()),
            context.words.say(f"decision.is.{item.raw('verdict')}"),
        ]
        for item in judged
    ]
    open_ones = len(settled) < len(judged)
    columns = (*COLUMNS, Column("column.would_tell")) if open_ones else COLUMNS
    if open_ones:
        rows = [[*row, _would_tell(context, item)] for row, item in zip(rows, judged, strict=True)]
    body = context.render(TEMPLATE, table=context.table(columns, rows))
    return Section("decision", body, context.words.say(f"decision.heading.{key}"))


def _would_tell(context: Context, item: Findings) -> Any:
    """What would settle it, by what the estimate leans on: no peers are asked for where none serve."""
    return "–" if item.settled else context.words.say(f"decision.would_tell.{item.raw('grade.design')}")
