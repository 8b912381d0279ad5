"""Observed against expected, for every main outcome of engagement and service, and all outcomes side by side."""

import pandas as pd
from markupsafe import Markup

from analysis.figures import observed_expected
from analysis.report import digests, series
from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join
from analysis.report.wording import Findings

NAME = "what_happened"
LABEL = "What happened"
REFERENCE = observed_expected.REFERENCE
ORDER = 40

MOST_NAMED = 2
PATH_COLUMNS = (Column("column.month"), *(Column(f"column.{name}", True) for name in series.VALUES))
FOREST_COLUMNS = (
    Column("column.outcome"),
    Column("column.effect", True),
    Column("column.interval", True),
    Column("column.margin", True),
)


def build(context: Context) -> Section | None:
    items = [item for item in context.main("engagement", "service") if not item.refused]
    items = items or context.estimated("engagement", "service")[:1]
    if not items:
        return None
    forest = _forest(context)
    folded = [context.fold(context.words.say("happened.forest.fold"), forest)] if forest else []
    body = join([_figure(context, item, item is items[0]) for item in items] + folded, "\n")
    return Section("what-happened", body, _heading(context, items))


def _heading(context: Context, items: list[Findings]) -> Markup:
    """What parted from the expected and what did not, each by name while they are few."""
    apart = [item for item in items if item.has_interval and not item.covers_zero]
    together = [item for item in items if item not in apart]
    if not apart or not together:
        return context.words.say("happened.section." + ("apart" if apart else "together"))
    if len(items) > MOST_NAMED:
        return context.words.say("happened.section.some")
    sign = context.words.text("frame.and")
    names = {"apart": join([item.label for item in apart], sign), "together": join([i.label for i in together], sign)}
    return context.words.say("happened.section.both", **names)


def _figure(context: Context, item: Findings, first: bool) -> Markup:
    say, text = context.words.say, context.words.text
    unit = context.numbers.text(f"{item.stem}.unit")
    path = context.store.path(item.name)
    shown = path.assign(left_out=digests.flagged(path, context.store.effect(item.name), context.case, item.name))
    donut = say("happened.donut") if (path["period"] == "donut").any() else ""
    level = item.number("shown.level", "percent_whole")
    texts = {
        "unit": text("figure.unit_per", unit=_capital(str(unit)), per=context.per),
        "observed": text("figure.observed"),
        "expected": text("figure.expected"),
        "donut": text("figure.donut"),
        "left_out": text("figure.left_out"),
        "zero": "yes",
    }
    stages = [
        {"date": stage["date"], "label": context.named(stage["label"]), "kind": stage["kind"]}
        for stage in context.case["stages"]
    ]
    stages += [
        {"date": row["first"], "label": text("figure.redefined", label=row["label"]),
         "kind": observed_expected.REDEFINED}
        for _, row in digests.redefinitions_of(context.rows_of("redefinitions"), item.name)
    ]
    stages = sorted(stages, key=lambda stage: stage["date"])
    alt = text(
        "happened.alt",
        label=item.label,
        unit=unit,
        per=context.per,
        observed=item.number("observed_mean", "count"),
        expected=item.number("expected_mean", "count"),
        point=item.shown("shown.point", "signed_"),
        **item.interval(),
    )
    drawn = context.figure(
        "observed_expected",
        f"observed_{item.name}",
        observed_expected.with_stages(shown, stages),
        texts,
        title=context.graded(item.title(), item),
        alt=alt,
        data=_months(context, item, path),
        subtitle=say(
            "happened.subtitle" if first else "happened.subtitle.short",
            unit=_capital_value(unit),
            per=context.per,
            level=level,
            donut=donut,
        )
        + _asides(context, path, first=first),
    )
    whole = drawn + _total(context, item)
    # What is so by construction is no news: its picture is there for who wants it.
    return whole if first or not item.counts_closed else context.fold(item.title(), whole)


def _total(context: Context, item: Findings) -> Markup:
    """The sum over the periods that count, and which ones do not."""
    counted = item.left_out()
    if item.raw("cumulative.point") is None or item.raw("cumulative.lower") is None:
        return Markup("<p>{}</p>").format(counted) if counted else Markup("")
    sentence = context.words.say(
        "happened.total.left_out" if counted else "happened.total",
        plural=item.raw("n_post"),
        counted=counted,
        periods=item.number("n_post", "integer"),
        cumulative=item.number("cumulative.point", "signed_count"),
        unit=context.numbers.text(f"{item.stem}.unit"),
        **{key: item.number(f"cumulative.{key}", "signed_count") for key in ("lower", "upper")},
    )
    return Markup("<p>{}</p>").format(sentence)


def _asides(context: Context, path: pd.DataFrame, *, first: bool) -> Markup:
    """What a reader would miss in the picture: an advertising stop before its first day, a range that is cut off."""
    start = pd.to_datetime(path["time"]).min()
    said = [
        context.words.say(
            "happened.before",
            label=context.numbers.text(f"case.stages.{stage['id']}.label"),
            date=context.numbers(f"case.stages.{stage['id']}.date", "date"),
        )
        for stage in context.case["stages"]
        if first and stage["kind"] == "advertising_suspended" and pd.Timestamp(stage["date"]) < start
    ]
    if first and path["joint_lower"].notna().any():
        said.append(context.words.say("happened.joint"))
    if observed_expected.top_of(path) < observed_expected.reach_of(path):
        said.append(context.words.say("happened.capped"))
    return Markup(" {}").format(join(said)) if said else Markup("")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _capital_value(value: object) -> Markup:
    return Markup('<span class="capital">{}</span>').format(value)


def _months(context: Context, item: Findings, path: pd.DataFrame) -> Markup:
    months = [row[:7] for row in series.by_month(path)["month"]]
    rows = [
        [
            context.numbers(f"paths.{item.name}.{month}.month", "month"),
            *(context.numbers(f"paths.{item.name}.{month}.{name}", "count") for name in series.VALUES),
        ]
        for month in months
    ]
    note = context.words.say("frame.note_interval", level=item.number("shown.level", "percent_whole"))
    return context.table(PATH_COLUMNS, rows, note=note)


def _forest(context: Context) -> Markup:
    items = [
        item
        for item in context.estimated()
        if item.has_interval and item.raw("shown.style") == "percent" and not item.is_market
    ]
    if len(items) < 2:
        return Markup("")
    say, text = context.words.say, context.words.text
    table = pd.DataFrame(
        [
            {
                "label": str(item.label),
                "primary": item.raw("role") == "primary",
                "relative": item.raw("shown.point"),
                "lower": item.raw("shown.lower"),
                "upper": item.raw("shown.upper"),
                "margin": item.raw("smallest_effect") or float("nan"),
                "text": f"{item.shown('shown.point', 'signed_')}  ({text('frame.short_interval', **item.interval())})",
            }
            for item in items
        ]
    )
    rows = [
        [
            item.label,
            item.shown("shown.point", "signed_"),
            say("frame.short_interval", **item.interval()),
            item.margin() if item.raw("smallest_effect") is not None else "–",
        ]
        for item in items
    ]
    counts = {key: context.numbers(f"summary.{key}", "integer") for key in ("outcomes", "open")}
    counts["beyond"] = context.numbers("summary.beyond_zero", "integer")
    said = [
        text("happened.forest.row", label=item.label, point=item.shown("shown.point", "signed_"), **item.interval())
        for item in items
    ]
    alt = text("happened.forest.alt", rows="; ".join(said), outcomes=counts["outcomes"])
    return context.figure(
        "effects_forest",
        "effects_forest",
        table,
        {"axis": text("figure.relative_axis")},
        alt=alt,
        title=say("happened.forest.title", **counts),
        subtitle=say("happened.forest.subtitle"),
        data=context.table(FOREST_COLUMNS, rows, bold=[item.raw("role") == "primary" for item in items]),
    )
