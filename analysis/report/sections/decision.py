"""The smallest effect that matters, declared beforehand, against the interval: settled, or what would tell."""

from analysis.report.context import Column, Context, Section

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
        return Section(
            "decision", context.render(TEMPLATE, table="", advice=""), context.words.say("decision.heading.none")
        )
    settled = [item for item in judged if item.settled]
    key = "settled" if len(settled) == len(judged) else "partly" if settled else "open"
    rows = [
        [
            item.label,
            item.margin(),
            context.words.say("frame.short_interval", **item.interval()),
            context.words.say("decision.settled" if item.settled else "decision.open"),
        ]
        for item in judged
    ]
    waiting = next((item for item in judged if not item.settled), None)
    advice = ""
    if waiting:
        key_of_advice = "decision.would_tell" + (".market" if waiting.is_market else "")
        advice = context.words.say(key_of_advice)
    body = context.render(TEMPLATE, table=context.table(COLUMNS, rows), advice=advice)
    return Section("decision", body, context.words.say(f"decision.heading.{key}"))
