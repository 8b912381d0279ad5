"""The pictures of how customers were served, each from a written table and with its data beside it."""

import math

import pandas as pd
from markupsafe import Markup

from analysis.report.context import Column, Context
from analysis.sources import service_cases_csv

DAY = 24.0
MOST_GROUPS = 16  # more rows than that are read in the table
INCIDENCE = (
    Column("column.hours", True),
    Column("column.before", True),
    Column("column.interval", True),
    Column("column.after", True),
    Column("column.interval", True),
)
STAGES = (
    Column("column.stage"),
    Column("column.before", True),
    Column("column.after", True),
    Column("column.effect", True),
    Column("column.interval", True),
)
EQUAL = (
    Column("column.group"),
    Column("column.reference"),
    Column("column.effect", True),
    Column("column.interval", True),
    Column("column.verdict"),
)
TONE = (
    Column("column.first_tone"),
    Column("column.last_tone"),
    Column("column.before", True),
    Column("column.interval", True),
    Column("column.after", True),
    Column("column.interval", True),
)


def ended(context: Context) -> str:
    """What the end of a case is: a list of cases knows that one was closed, not that anybody was told."""
    formats = {source["id"]: source["format"] for source in context.case["sources"]}
    closed = formats.get(context.case["care"]["source"]) == service_cases_csv.NAME
    return "closing" if closed else "outcome"


def measure(context: Context, name: str) -> Markup:
    return context.words.say(f"served.measure.{ended(context) if name == 'outcome' else name}")


def pictures(context: Context) -> list[Markup]:
    """Every picture whose table is there."""
    drawn = [_incidence(context), _stages(context), _equal(context), _tone(context)]
    return [part for part in drawn if part is not None]


def _range(context: Context, stem: str, style: str = "percent", low: str = "lower", high: str = "upper") -> Markup:
    numbers = context.numbers
    return context.words.say(
        "frame.short_interval", lower=numbers(f"{stem}.{low}", style), upper=numbers(f"{stem}.{high}", style)
    )


def _incidence(context: Context) -> Markup | None:
    before = context.rows_of("incidence", period="before", cause="outcome")
    after = context.rows_of("incidence", period="after", cause="outcome")
    if not before or not after:
        return None
    text, say, numbers = context.words.text, context.words.say, context.numbers
    place = min(range(len(after)), key=lambda item: abs(after[item][1]["hours"] - DAY))
    if abs(after[place][1]["hours"] - DAY) > 1e-9:
        place = len(after) - 1
    key = "served.incidence" if abs(after[place][1]["hours"] - DAY) < 1e-9 else "served.incidence.end"
    values = {
        "before": numbers(f"{before[place][0]}.incidence", "percent"),
        "after": numbers(f"{after[place][0]}.incidence", "percent"),
        "hours": numbers(f"{after[place][0]}.hours", "count"),
        "ended": text(f"served.ended.{ended(context)}"),
        "end": text(f"served.cause.{ended(context)}"),
    }
    rows = [
        [
            numbers(f"{one}.hours"),
            numbers(f"{one}.incidence", "percent"),
            _range(context, one),
            numbers(f"{two}.incidence", "percent"),
            _range(context, two),
        ]
        for (one, _), (two, _) in list(zip(before, after, strict=True))[::4]
    ]
    table, causes = context.store.table("incidence"), {"outcome": ended(context), "abandoned": "abandoned"}
    drawn = table.assign(
        label=[
            f"{text(f'served.cause.{causes[row.cause]}')}, {text(f'served.period.{row.period}')}"
            for row in table.itertuples()
        ]
    )
    texts = {
        "axis": text("served.incidence.axis"),
        "unit": text("served.incidence.unit"),
        "before": text("served.period.before"),
        "after": text("served.period.after"),
        "outcome": str(values["end"]),
        "abandoned": text("served.cause.abandoned"),
    }
    return context.figure(
        "cumulative_incidence", "cumulative_incidence", drawn, texts, title=say(f"{key}.title", **values),
        subtitle=say("served.incidence.subtitle", **values), alt=text(f"{key}.alt", **values),
        data=context.table(INCIDENCE, rows),
    )  # fmt: skip


def _stages(context: Context) -> Markup | None:
    rows = context.rows_of("stage_times")
    if len(rows) < 2:  # one stage takes all the time: nothing to compare
        return None
    text, say, numbers = context.words.text, context.words.say, context.numbers
    longest, row = max(rows, key=lambda item: item[1]["share_after"])
    values = {
        "stage": text(f"served.stage.{row['stage']}"),
        "before": numbers(f"{longest}.share_before", "percent"),
        "after": numbers(f"{longest}.share_after", "percent"),
    }
    data = [
        [
            say(f"served.stage.{row['stage']}"),
            numbers(f"{stem}.share_before", "percent"),
            numbers(f"{stem}.share_after", "percent"),
            numbers(f"{stem}.change", "signed_percent"),
            _range(context, stem, "signed_percent", "change_lower", "change_upper"),
        ]
        for stem, row in rows
    ]
    drawn = pd.DataFrame(
        [
            row
            | {
                "label": text(f"served.stage.{row['stage']}"),
                "text_before": str(numbers(f"{stem}.share_before", "percent")),
                "text_after": str(numbers(f"{stem}.share_after", "percent")),
            }
            for stem, row in rows
        ]
    )
    texts = {
        "axis": text("served.stages.axis"),
        "before": text("served.period.before"),
        "after": text("served.period.after"),
    }
    return context.figure(
        "stage_times", "stage_times", drawn, texts, title=say("served.stages.title", **values),
        subtitle=say("served.stages.subtitle"), alt=text("served.stages.alt", **values),
        data=context.table(STAGES, data),
    )  # fmt: skip


def _equal(context: Context) -> Markup | None:
    rows = context.rows_of("equal_treatment", period="after")
    if not rows:
        return None
    text, say, numbers = context.words.text, context.words.say, context.numbers
    shown = rows[:MOST_GROUPS]
    furthest, _ = max(rows, key=lambda item: _apart(item[1]["ratio"]))
    values = {
        "group": numbers.text(f"{furthest}.group"),
        "ratio": numbers(f"{furthest}.ratio"),
        "lower": numbers(f"{furthest}.lower"),
        "upper": numbers(f"{furthest}.upper"),
        "margin": numbers(f"{furthest}.margin", "percent_whole"),
    }
    data = [
        [
            numbers.text(f"{stem}.group"),
            numbers.text(f"{stem}.reference"),
            numbers(f"{stem}.ratio"),
            _range(context, stem, "number"),
            say(f"served.verdict.{row['verdict'].replace(' ', '_')}"),
        ]
        for stem, row in rows
    ]
    drawn = pd.DataFrame(
        [
            row
            | {
                "attribute": context.named(row["label"]),
                "group": context.named(str(row["group"])),
                "reference": context.named(str(row["reference"])),
                "text": text(
                    "served.equal.row", ratio=numbers(f"{stem}.ratio"), lower=numbers(f"{stem}.lower"),
                    upper=numbers(f"{stem}.upper"),
                ),
            }
            for stem, row in shown
        ]
    )  # fmt: skip
    texts = {"axis": text("served.equal.axis"), "zone": text("served.equal.zone")}
    return context.figure(
        "equal_treatment", "equal_treatment", drawn, texts, title=say("served.equal.title", **values),
        subtitle=say("served.equal.subtitle", **values), alt=text("served.equal.alt", **values),
        data=context.table(EQUAL, data),
    )  # fmt: skip


def _apart(ratio: float) -> float:
    """How far from alike: a tenth of the reference's time is as far as ten times it. Unknown ratios are never it."""
    return abs(math.log(ratio)) if ratio > 0 else -1.0


def _tone(context: Context) -> Markup | None:
    before = context.rows_of("tone_transitions", period="before")
    after = context.rows_of("tone_transitions", period="after")
    if not before or not after:
        return None
    text, say, numbers = context.words.text, context.words.say, context.numbers
    corrected = any(pd.notna(row["corrected"]) for _, row in after)
    name, low, high = ("corrected", "lower", "upper") if corrected else ("observed", "observed_lower", "observed_upper")
    size = round(len(before) ** 0.5)
    stems = before[size - 1][0], after[size - 1][0]  # from the worst first to the best last
    values = {
        "first": numbers.text(f"{stems[0]}.first"),
        "last": numbers.text(f"{stems[0]}.last"),
        "before": numbers(f"{stems[0]}.{name}", "percent"),
        "after": numbers(f"{stems[1]}.{name}", "percent"),
    }
    data = [
        [
            numbers.text(f"{one}.first"),
            numbers.text(f"{one}.last"),
            numbers(f"{one}.{name}", "percent"),
            _range(context, one, "percent", low, high),
            numbers(f"{two}.{name}", "percent"),
            _range(context, two, "percent", low, high),
        ]
        for (one, _), (two, _) in zip(before, after, strict=True)
    ]
    drawn = pd.DataFrame(
        [
            {
                "period": text(f"served.period.{row['period']}"),
                "first": context.named(row["first"]),
                "last": context.named(row["last"]),
                "share": row[name],
                "lower": row[low],
                "upper": row[high],
                "text": str(numbers(f"{stem}.{name}", "percent")),
                "range": _short_range(row[low], row[high]),
            }
            for stem, row in (*before, *after)
        ]
    )
    shown = all(pd.notna(rows[size - 1][1][name]) for rows in (before, after))
    title = "served.tone.title" if shown else "served.tone.title.hidden"
    texts = {name: text(f"served.tone.{name}") for name in ("rows", "columns", "hidden")}
    return context.figure(
        "tone_matrix", "tone_matrix", drawn, texts, title=say(title, **values),
        subtitle=say("served.tone.subtitle"), alt=text("served.tone.alt", **values), data=context.table(TONE, data),
    )  # fmt: skip


def _short_range(low: float, high: float) -> str:
    return "" if pd.isna(low) else f"{100 * low:.0f}–{100 * high:.0f}\u00a0%"
