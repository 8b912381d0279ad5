"""The checks in pictures, for the first main outcome of each question: each from what its check wrote."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.report import robust
from analysis.report.context import Column, Context
from analysis.report.numbers import join
from analysis.report.wording import Findings

SAME_SUM = 0.01
PATH = (Column("column.month"), Column("column.effect", True), Column("robust.column.running", True))
LEAVE = (Column("column.left_out"), Column("column.effect", True))
CURVE = (Column("column.specification"), Column("column.effect", True), Column("column.interval", True))
DETECT = (Column("column.periods", True), Column("column.detectable", True))
TRENDS = (Column("column.bound", True), Column("column.interval", True))
NULLS = (
    Column("column.nulls"),
    Column("column.nulls_tried", True),
    Column("column.false_alarms", True),
    Column("column.share", True),
    Column("column.error", True),
)


def pictures(context: Context, item: Findings) -> list[Markup]:
    """Every picture there is something for; none for an outcome that is not drawn."""
    stem = f"robust.{item.name}"
    if f"{stem}.detect.rows" not in context.numbers and f"{stem}.curve.rows" not in context.numbers:
        return []
    tables = robust.tables_of(context.store, item.name)
    path = robust.gaps(context.store, context.case, item.name)
    found = [] if path is None else [_path(context, item, path)]
    makers = {"curve": _curve, "leave": _leave, "trends": _trends, "nulls": _nulls, "detect": _detect}
    return found + [make(context, item, tables[key]) for key, make in makers.items() if key in tables]


def _style(item: Findings) -> str:
    return "percent" if item.raw("scale") == "log" else "number"


def _cell(context: Context, item: Findings, key: str, place: object, column: str = "effect") -> Any:
    return context.numbers(f"robust.{item.name}.{key}.{place}.{column}", f"signed_{_style(item)}")


def _point(context: Context, item: Findings) -> Any:
    """The declared estimate on the scale of the pictures."""
    name = "relative.point" if item.raw("scale") == "log" and item.raw("relative.point") is not None else "point"
    return item.number(name, f"signed_{_style(item)}")


def _range(context: Context, item: Findings, key: str, place: int) -> Any:
    if f"robust.{item.name}.{key}.{place}.lower" not in context.numbers:
        return "–"
    ends = {end: _cell(context, item, key, place, end) for end in ("lower", "upper")}
    return context.words.say("frame.short_interval", **ends)


def _texts(context: Context, item: Findings) -> dict[str, str]:
    share = item.raw("scale") == "log"
    unit = context.numbers.text(f"{item.stem}.unit")
    axis = context.words.text("robust.axis" if share else "robust.axis.level", unit=unit)
    return {"axis": axis, "unit": axis, "scale": "share" if share else "number"}


def _path(context: Context, item: Findings, table: pd.DataFrame) -> Markup:
    say, text, numbers = context.words.say, context.words.text, context.numbers
    stem, ends = f"robust.{item.name}.path", ("lower", "upper")
    total = {end: item.number(f"cumulative.{end}", "signed_count") for end in ends}
    cumulative = item.number("cumulative.point", "signed_count")
    known = item.raw("cumulative.lower") is not None
    unit = numbers.text(f"{item.stem}.unit")
    texts = {
        "pointwise": text("robust.pointwise.axis", unit=unit, per=context.per),
        "cumulative": text("robust.pointwise.sum", unit=unit),
        "exit": item.raw("window.event"),
        **{f"total_{end}": str(item.raw(f"cumulative.{end}")) if known else "" for end in ends},
    }
    rows = [
        [
            numbers(f"{stem}.{place}.month", "month"), numbers(f"{stem}.{place}.gap", "signed_count"),
            numbers(f"{stem}.{place}.running", "signed_count"),
        ]
        for place in range(int(numbers.raw(f"{stem}.rows")))
    ]  # fmt: skip
    said = {"label": item.label, "cumulative": cumulative, **total}
    level = item.number("shown.level", "percent_whole")
    return context.figure(
        "pointwise_cumulative",
        f"pointwise_{item.name}",
        table,
        texts,
        title=say("robust.pointwise.title" if known else "robust.pointwise.title.open", **said),
        subtitle=join([say("robust.pointwise.subtitle", level=level), *_apart(context, item, stem, known)]),
        alt=text("robust.pointwise.alt", point=item.shown("shown.point", "signed_"), **said),
        data=context.table(PATH, rows),
    )


def _apart(context: Context, item: Findings, stem: str, known: bool) -> list[Markup]:
    """Where the line ends elsewhere than the model's sum: a model in logarithms averages otherwise than a sum does."""
    last = f"{stem}.{int(context.numbers.raw(f'{stem}.rows')) - 1}.running"
    end, total = context.numbers.raw(last), item.raw("cumulative.point")
    if not known or end is None or abs(end - total) <= SAME_SUM * abs(total):
        return []
    said = {"end": context.numbers(last, "signed_count"), "cumulative": item.number("cumulative.point", "signed_count")}
    return [context.words.say("robust.pointwise.apart", **said)]


def _leave(context: Context, item: Findings, table: pd.DataFrame) -> Markup:
    say, text, stem = context.words.say, context.words.text, f"robust.{item.name}.leave"
    far, declared = robust.furthest(table), int(table.index[table["kind"] == "declared"][0])
    said = {
        "unit": context.numbers.text(f"{stem}.{far}.unit"), "effect": _cell(context, item, "leave", far),
        "point": _cell(context, item, "leave", declared), "count": context.numbers(f"{stem}.count", "integer"),
        "label": item.label,
    }  # fmt: skip
    texts = _texts(context, item) | {
        "axis": text("robust.leave.axis"),
        "declared": text("robust.leave.declared", **said),
        "furthest": text("robust.leave.furthest", **said),
    }
    rows = [
        [context.numbers.text(f"{stem}.{place}.unit") if row.kind == "without" else say("robust.leave.all"),
         _cell(context, item, "leave", place)]
        for place, row in enumerate(table.itertuples())
    ]  # fmt: skip
    return context.figure(
        "leave_one_out",
        f"leave_one_out_{item.name}",
        table,
        texts,
        title=say("robust.leave.title", **said),
        subtitle=say("robust.leave.subtitle"),
        alt=text("robust.leave.alt", **said),
        data=context.table(LEAVE, rows, bold=[row.kind == "declared" for row in table.itertuples()]),
    )


def _curve(context: Context, item: Findings, table: pd.DataFrame) -> Markup:
    say, text, stem = context.words.say, context.words.text, f"robust.{item.name}.curve"
    labels = [context.numbers.text(f"{stem}.{place}.specification") for place in range(len(table))]
    effects = [_cell(context, item, "curve", place) for place in range(len(table))]
    drawn = table.rename(columns={"specification": "label"}).assign(
        label=[str(label) for label in labels], text=[str(effect) for effect in effects],
        declared=table["declared"].astype(bool),
    )  # fmt: skip
    counts = {key: context.numbers(f"{stem}.{key}", "integer") for key in ("count", "agree")}
    ends = {key: context.numbers(f"{stem}.{key}", f"signed_{_style(item)}") for key in ("lowest", "highest")}
    rows = [[label, effect, _range(context, item, "curve", place)]
            for place, (label, effect) in enumerate(zip(labels, effects, strict=True))]  # fmt: skip
    return context.figure(
        "specification_curve",
        f"specifications_{item.name}",
        drawn,
        _texts(context, item),
        title=say("robust.curve.title", label=item.label, **counts),
        subtitle=say("robust.curve.subtitle"),
        alt=text("robust.curve.alt", label=item.label, point=_point(context, item), **counts, **ends),
        data=context.table(CURVE, rows, bold=list(drawn["declared"])),
    )


def _detect(context: Context, item: Findings, table: pd.DataFrame) -> Markup:
    say, text, numbers, stem = context.words.say, context.words.text, context.numbers, f"robust.{item.name}.detect"
    periods = [numbers(f"{stem}.{place}.periods", "integer") for place in range(len(table))]
    shares = [numbers(f"{stem}.{place}.share", "percent") for place in range(len(table))]
    said = {
        "label": item.label, "first": periods[0], "last": periods[-1], "first_share": shares[0],
        "last_share": shares[-1],
    }  # fmt: skip
    shown = item.raw("shown.style") == "percent" and item.raw("smallest_effect") is not None
    texts = {
        "axis": text("robust.detect.axis"),
        "unit": text("robust.detect.unit"),
        "margin": text("robust.detect.margin", margin=item.margin()) if shown else "",
        "margin_share": str(item.raw("smallest_effect")) if shown else "",
    }
    return context.figure(
        "detectable_by_horizon",
        f"detectable_{item.name}",
        table.assign(text=[str(share) for share in shares]),
        texts,
        title=say("robust.detect.title", **said),
        subtitle=say("robust.detect.subtitle"),
        alt=text("robust.detect.alt", **said),
        data=context.table(DETECT, [list(pair) for pair in zip(periods, shares, strict=True)]),
    )


def _trends(context: Context, item: Findings, table: pd.DataFrame) -> Markup:
    say, text, numbers, stem = context.words.say, context.words.text, context.numbers, f"robust.{item.name}.trends"
    bounds = [numbers(f"{stem}.{place}.bound", "count") for place in range(len(table))]
    holds = table["holds"].astype(bool).tolist()
    place = holds.index(True) if any(holds) else len(holds) - 1
    key = "open" if holds[0] else "holds" if any(holds) else "never"
    ends = {end: _cell(context, item, "trends", place, end) for end in ("lower", "upper")}
    return context.figure(
        "sensitivity_breakdown",
        f"sensitivity_{item.name}",
        table.assign(text=[str(bound) for bound in bounds], holds=holds),
        _texts(context, item) | {"axis": text("robust.trends.axis")},
        title=say(f"robust.trends.title.{key}", label=item.label, bound=bounds[place]),
        subtitle=say("robust.trends.subtitle"),
        alt=text("robust.trends.alt", label=item.label, bound=bounds[place], **ends),
        data=context.table(TRENDS, [[bound, _range(context, item, "trends", row)] for row, bound in enumerate(bounds)]),
    )


def _nulls(context: Context, item: Findings, table: pd.DataFrame) -> Markup:
    say, text, numbers, stem = context.words.say, context.words.text, context.numbers, f"robust.{item.name}.nulls"
    labels, counted, rows = [], [], []
    for place, kind in enumerate(table["kind"]):
        values = {key: numbers(f"{stem}.{place}.{key}", "integer") for key in ("rejected", "nulls")}
        labels.append(text(f"robust.nulls.kind.{kind}"))
        counted.append(text("robust.nulls.row", **values))
        error, share = (numbers(f"{stem}.{place}.{key}", "percent") for key in ("monte_carlo_error", "share"))
        rows.append([labels[-1], values["nulls"], values["rejected"], share, error])
    nominal = numbers(f"{stem}.0.nominal", "percent_whole")
    said = {
        "label": item.label, "kind": labels[-1], "rejected": rows[-1][2], "nulls": rows[-1][1], "share": rows[-1][3],
        "nominal": nominal,
    }  # fmt: skip
    return context.figure(
        "null_calibration",
        f"nulls_{item.name}",
        table.assign(label=labels, text=counted),
        {"axis": text("robust.nulls.axis"), "nominal": text("robust.nulls.nominal", nominal=nominal)},
        title=say("robust.nulls.title", **said),
        subtitle=say("robust.nulls.subtitle"),
        alt=text("robust.nulls.alt", **said),
        data=context.table(NULLS, rows),
    )
