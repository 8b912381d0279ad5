"""Tables for the reader who checks: what calibration and the family did to intervals, effects by stage."""

from markupsafe import Markup

from analysis.report.context import Column, Context
from analysis.report.numbers import join
from analysis.report.wording import Findings

PRINTED = (
    Column("column.outcome"),
    Column("column.own_interval", True),
    Column("column.widened", True),
    Column("column.nulls"),
    Column("column.p", True),
    Column("column.p_adjusted", True),
    Column("column.adjusted_by"),
)
STAGES = (Column("column.stage"), Column("column.effect", True), Column("column.interval", True))


def printed_intervals(context: Context, items: list[Findings]) -> Markup:
    """A row an outcome with an interval: its width before calibration, p before and after the family is counted."""
    numbers, say = context.numbers, context.words.say
    family = {row["outcome"]: stem for stem, row in context.rows_of("family")}
    rows = []
    for item in items:
        found = f"{item.stem}.diagnostics"
        if not item.has_interval or f"{found}.null_factor" not in numbers:
            continue
        style = "signed_number"
        own = say(
            "frame.short_interval", **{end: numbers(f"{found}.raw_{end}", style) for end in ("lower", "upper")}
        )
        nulls = say(
            "sure.printed.nulls", count=numbers(f"{found}.null_count", "integer"),
            kind=numbers.text(f"{found}.null_kind"),
        )  # fmt: skip
        stem = family.get(item.name)
        adjusted = [numbers(f"{stem}.adjusted", "p"), numbers.text(f"{stem}.method")] if stem else ["–", "–"]
        widened = numbers(f"{found}.null_factor", "fixed2")
        rows.append([item.label, own, widened, nulls, numbers(f"{item.stem}.p_value", "p"), *adjusted])
    if not rows:
        return Markup("")
    caption = say("sure.printed.caption")
    return context.table(PRINTED, rows, caption=caption, note=say("sure.printed.note"), breakout=True)


def stage_effects(context: Context, items: list[Findings]) -> Markup:
    """For each outcome with declared earlier stages: what each added, what the event added, and all together."""
    return join([_stages(context, item) for item in items if f"{item.stem}.stages.rows" in context.numbers], "\n")


def _stages(context: Context, item: Findings) -> Markup:
    numbers, say, stem = context.numbers, context.words.say, f"{item.stem}.stages"
    style = f"signed_{item.raw('stages.style')}"

    def row(label: object, place: str) -> list[object]:
        bounds = {end: numbers(f"{place}.{end}", style) for end in ("lower", "upper")}
        return [label, numbers(f"{place}.effect", style), say("frame.short_interval", **bounds)]

    rows = []
    for place in range(int(numbers.raw(f"{stem}.rows"))):
        one = f"{stem}.{place}"
        label = say("sure.stages.stage", label=numbers.text(f"{one}.label"), date=numbers(f"{one}.date", "date"))
        rows.append(row(label, one))
    rows.append(row(say("sure.stages.event"), f"{stem}.event"))
    rows.append(row(say("sure.stages.total"), f"{stem}.total"))
    bold = [False] * (len(rows) - 1) + [True]
    note = say("sure.stages.note")
    return context.table(STAGES, rows, caption=say("sure.stages.caption", label=item.label), bold=bold, note=note)
