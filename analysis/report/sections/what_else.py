"""Other events near the windows, and numbers that others have published, each with its window and comparator."""

import pandas as pd
from markupsafe import Markup

from analysis.figures import stage_timeline
from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join

NAME = "what_else"
LABEL = "What else happened"
REFERENCE = stage_timeline.REFERENCE
ORDER = 90

EVENTS = (Column("column.when"), Column("column.what"), Column("column.kind"), Column("column.source"))
CLAIMS = tuple(Column(f"column.{name}") for name in ("claim", "by", "window", "comparator", "says", "source"))


def build(context: Context) -> Section | None:
    parts = [_timeline(context)]
    if not context.case["events"]:
        parts.insert(0, Markup("<p>{}</p>").format(context.words.say("else.none")))
    if context.case["claims"]:
        parts.append(_claims(context))
    return Section("what-else", join(parts, "\n"), context.words.say("else.heading"))


def _timeline(context: Context) -> Markup:
    case, say, text = context.case, context.words.say, context.words.text
    windows = case["windows"]
    spans = [
        {"first": windows["first"], "last": windows["pre_last"], "label": text("else.before"), "kind": "pre"},
        {"first": windows["event"], "last": windows["last"], "label": text("else.after"), "kind": "post"},
    ]
    stages = [
        {"first": item["date"], "last": item["date"], "label": item["label"], "kind": item["kind"]}
        for item in case["stages"]
    ]
    events = [
        {"first": item["first"], "last": item["last"], "label": item["label"], "kind": "event"}
        for item in case["events"]
    ]
    alt = text(
        "else.alt",
        first=context.numbers("case.windows.first", "date"),
        last=context.numbers("case.windows.last", "date"),
        day=context.numbers("case.windows.event", "date"),
    )
    return context.figure(
        "stage_timeline",
        "stage_timeline",
        pd.DataFrame([*spans, *stages, *events]),
        {},
        title=say("else.title"),
        subtitle=say("else.subtitle"),
        alt=alt,
        data=_rows(context),
    )


def _rows(context: Context) -> Markup:
    text, date, say = context.numbers.text, context.numbers, context.words.say
    dated = []
    for item in context.case["stages"]:
        stem = f"case.stages.{item['id']}"
        dated.append(
            (
                item["date"],
                [date(f"{stem}.date", "date"), text(f"{stem}.label"), say("else.stage"), text(f"{stem}.source")],
            )
        )
    for item in context.case["events"]:
        stem = f"case.events.{item['id']}"
        kind = Markup("{}, {}").format(say("else.event"), say("else.adjusted" if item["adjust"] else "else.kept"))
        when = date(f"{stem}.first", "date")
        if item["last"] != item["first"]:
            when = Markup("{} – {}").format(when, date(f"{stem}.last", "date"))
        dated.append((item["first"], [when, text(f"{stem}.label"), kind, text(f"{stem}.source")]))
    return context.table(EVENTS, [row for _, row in sorted(dated, key=lambda pair: pair[0])])


def _claims(context: Context) -> Markup:
    fields = ("quote", "by", "window", "comparator", "says", "source")
    rows = [
        [context.numbers.text(f"case.claims.{index}.{name}") for name in fields]
        for index in range(len(context.case["claims"]))
    ]
    return context.fold(context.words.say("else.claims"), context.table(CLAIMS, rows, breakout=True))
