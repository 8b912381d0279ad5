"""Other events near the windows, and numbers that others have published, each with its window and comparator."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.figures import stage_timeline
from analysis.report.claims import claims_folds
from analysis.report.context import Column, Context, Section
from analysis.report.digests import WINDOW_ENDS, redefinitions_of
from analysis.report.numbers import join

NAME = "what_else"
LABEL = "What else happened"
REFERENCE = stage_timeline.REFERENCE
ORDER = 90

EVENTS = (Column("column.when"), Column("column.what"), Column("column.kind"), Column("column.source"))


def build(context: Context) -> Section | None:
    parts, events = [_timeline(context)], context.case["events"]
    if not events:
        parts.insert(0, Markup("<p>{}</p>").format(context.words.say("else.none")))
    parts += [_redefined(context, stem, row) for stem, row in redefinitions_of(context.rows_of("redefinitions"))]
    parts += claims_folds(context)
    counts = {key: context.numbers(f"events.{key}", "integer") for key in ("named", "adjusted")}
    return Section("what-else", join(parts, "\n"), context.words.say(_heading(events), **counts))


def _redefined(context: Context, stem: str, row: dict[str, Any]) -> Markup:
    """One sentence on a change of what is counted that lies inside periods compared."""
    whole = "" if row["first"] == row["last"] else ".period"
    said = context.words.say(
        f"else.redefined{whole}",
        channel=context.numbers.text(f"{stem}.channel_label"),
        first=context.numbers(f"{stem}.first", "date"),
        last=context.numbers(f"{stem}.last", "date"),
        what=context.numbers.text(f"{stem}.what"),
    )
    return Markup("<p>{}</p>").format(said)


def _heading(events: list[Any]) -> str:
    if len(events) < 2:
        return "else.heading" + (".one" if events else ".none")
    adjusted = sum(bool(item["adjust"]) for item in events)
    return "else.heading" + {0: ".unadjusted", 1: ".single"}.get(adjusted, "")


def _timeline(context: Context) -> Markup:
    case, say, text = context.case, context.words.say, context.words.text
    spans = [
        {"first": windows[first], "last": windows[last], "label": text(f"else.{label}"), "kind": kind, "group": group}
        for group, windows in _windows(context).items()
        for first, last, label, kind in (("first", "pre_last", "before", "pre"), ("event", "last", "after", "post"))
    ]
    stages = [
        {"first": item["date"], "last": item["date"], "label": context.named(item["label"]), "kind": item["kind"]}
        for item in case["stages"]
    ]
    events = [
        {"first": item["first"], "last": item["last"], "label": context.named(item["label"]), "kind": "event"}
        for item in case["events"]
    ]
    events += [
        {"first": row["first"], "last": row["last"], "label": text("figure.redefined", label=row["label"]),
         "kind": "event"}
        for _, row in redefinitions_of(context.rows_of("redefinitions"))
    ]
    alt = text(
        "else.alt",
        first=context.numbers("case.windows.first", "date"),
        last=context.numbers("case.windows.last", "date"),
        day=context.numbers(_event_day(context), "date"),
    )
    return context.figure(
        "stage_timeline",
        "stage_timeline",
        pd.DataFrame([*spans, *stages, *events]),
        {},
        title=_title(context),
        subtitle=say("else.subtitle"),
        alt=alt,
        data=_rows(context),
    )


def _event_day(context: Context) -> str:
    """The key of the closing's own day; of the first day counted where nothing was closed."""
    closed = [item["id"] for item in context.case["stages"] if item["kind"] == "channels_closed"]
    return f"case.stages.{closed[0]}.date" if closed else "case.windows.event"


def _title(context: Context) -> Markup:
    """The periods that the first main outcome compares, with the question where others compare other periods."""
    item = next((item for item in context.main() if not item.refused), None)
    stem = f"{item.stem}.window" if item else "case.windows"
    several = item is not None and len(_windows(context)) > 1
    question = context.words.say(f"headline.question.{item.raw('question')}") if several else ""
    last = f"{item.stem}.last_post" if item else "case.windows.last"
    ends = {"first": context.numbers(f"{stem}.first", "date"), "last": context.numbers(last, "date")}
    key = "else.title.several" if several else "else.title"
    return context.words.say(key, question=question, event_day=context.numbers(f"{stem}.event", "date"), **ends)


def _windows(context: Context) -> dict[str, dict[str, str]]:
    """The periods that the main outcomes compare, each distinct pair once, under the questions that use it."""
    declared = {item["id"]: item.get("windows") or context.case["windows"] for item in context.case["outcomes"]}
    used: dict[tuple[str, ...], list[str]] = {}
    for item in context.main():
        windows = declared[item.name]
        key = tuple(windows[end] for end in WINDOW_ENDS)
        question = context.words.text(f"headline.question.{item.raw('question')}")
        if question not in used.setdefault(key, []):
            used[key].append(question)
    pairs = {", ".join(names): dict(zip(WINDOW_ENDS, key, strict=True)) for key, names in used.items()}
    return pairs or {"": context.case["windows"]}


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
    for stem, row in redefinitions_of(context.rows_of("redefinitions")):
        when = date(f"{stem}.first", "date")
        if row["last"] != row["first"]:
            when = Markup("{} – {}").format(when, date(f"{stem}.last", "date"))
        dated.append((row["first"], [when, text(f"{stem}.label"), say("else.definition"), text(f"{stem}.source")]))
    return context.table(EVENTS, [row for _, row in sorted(dated, key=lambda pair: pair[0])])
