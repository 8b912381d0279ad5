"""What follows: the thresholds declared beforehand, or the smallest effect that matters, against the interval."""

from typing import Any

from markupsafe import Markup

from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join
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
PLANNED = (
    Column("column.outcome"),
    Column("column.keep", True),
    Column("column.reverse", True),
    Column("column.interval", True),
    Column("column.answer"),
    Column("column.loss_stay", True),
    Column("column.loss_return", True),
)
UNSETTLED = ("open", "no_return", "no_keep")
AGAIN = (Column("column.check"), Column("column.answers"))
ACTIONS = ("keep", "extend", "no_return", "open", "no_keep", "reverse")


def build(context: Context) -> Section | None:
    if "decision.rows" in context.numbers:
        return _planned(context)
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


def _planned(context: Context) -> Section:
    """The declared thresholds against the intervals, what either choice risks, and what passed checks would answer."""
    numbers, say = context.numbers, context.words.say
    every = {item.name: item for item in context.findings}
    places = range(int(numbers.raw("decision.rows")))
    items = [every[numbers.raw(f"decision.{place}.outcome")] for place in places]
    table = context.table(
        PLANNED, [_row(context, f"decision.{place}", item) for place, item in zip(places, items, strict=True)],
        note=say("decision.plan.note"), breakout=True,
    )  # fmt: skip
    folds = [_reasons(context, items), _again(context, items)]
    parts = [_returned(context), table, _what_would_tell(context, items), *folds]
    body = context.render(TEMPLATE, table=join([part for part in parts if part], "\n"))
    return Section("decision", body, say(f"decision.plan.{numbers.raw('decision.action')}"))


def _row(context: Context, stem: str, item: Findings) -> list[Any]:
    numbers, say = context.numbers, context.words.say
    answer = say(f"decision.answer.{numbers.raw(f'{stem}.action')}")
    bounds = [numbers(f"{stem}.{end}", "signed_percent") for end in ("keep", "reverse")]
    if f"{stem}.loss.stay" not in numbers:
        return [item.label, *bounds, "–", answer, "–", "–"]
    interval = say("frame.short_interval", **item.interval())
    losses = [numbers(f"{stem}.loss.{choice}", "percent") for choice in ("stay", "return")]
    return [item.label, *bounds, interval, answer, *losses]


def _returned(context: Context) -> Markup:
    """A brand that went back is told what the answer is about: the time before."""
    if "decision.returned" not in context.numbers:
        return Markup("")
    day = context.numbers("decision.returned", "date")
    return Markup("<p>{}</p>").format(context.words.say("decision.plan.returned", date=day))


def _reasons(context: Context, items: list[Findings]) -> Markup:
    """Why the thresholds are where they are, in the case's own words."""
    numbers = context.numbers
    said = [
        Markup("<li>{}: {}</li>").format(item.label, numbers.text(f"decision.{place}.because"))
        for place, item in enumerate(items)
        if numbers.raw(f"decision.{place}.because")
    ]
    body = Markup("<ul>{}</ul>").format(join(said, "\n"))
    return context.fold(context.words.say("decision.plan.because"), body) if said else Markup("")


def _what_would_tell(context: Context, items: list[Findings]) -> Markup:
    """Where one cannot tell: by when to look again, and what data would settle it."""
    numbers, say = context.numbers, context.words.say
    if numbers.raw("decision.action") in ("keep", "reverse") or "decision.returned" in numbers:
        return Markup("")
    said = [say("decision.plan.next", date=numbers("decision.next_look", "date"))]
    if "decision.next_look" not in numbers:
        said = [say("decision.plan.last")]
    undecided = [item for place, item in enumerate(items) if numbers.raw(f"decision.{place}.action") in UNSETTLED]
    tell = list(dict.fromkeys(_would_tell_of(context, item) for item in undecided if not item.refused))
    if tell:
        said.append(say("decision.plan.tell", tell=join(tell, "; ")))
    return Markup("<p>{}</p>").format(join(said))


def _would_tell_of(context: Context, item: Findings) -> Markup:
    design = item.raw("grade.design")
    return context.words.say(f"decision.would_tell.{'own_past' if design == 'description' else design}")


def _again(context: Context, items: list[Findings]) -> Markup:
    numbers, say, tables = context.numbers, context.words.say, []
    for place, item in enumerate(items):
        stem = f"decision.{place}.again"
        count = int(numbers.raw(f"{stem}.rows")) if f"{stem}.rows" in numbers else 0
        rows = [[numbers.text(f"{stem}.{row}.check"), _answers(context, f"{stem}.{row}")] for row in range(count)]
        if rows:
            tables.append(context.table(AGAIN, rows, caption=say("decision.plan.again.caption", label=item.label)))
    return context.fold(say("decision.plan.again"), join(tables, "\n")) if tables else Markup("")


def _answers(context: Context, stem: str) -> Markup:
    """How many of a check's other estimates give which answer, the commonest first."""
    numbers = context.numbers
    given = [name for name in ACTIONS if f"{stem}.answers.{name}" in numbers]
    said = []
    for name in sorted(given, key=lambda name: -numbers.raw(f"{stem}.answers.{name}")):
        counts = {"count": numbers(f"{stem}.answers.{name}", "integer"), "of": numbers(f"{stem}.of", "integer")}
        answer = context.words.text(f"decision.answer.{name}")
        said.append(context.words.say("decision.plan.again.answer", answer=answer[:1].lower() + answer[1:], **counts))
    return join(said, "; ")
