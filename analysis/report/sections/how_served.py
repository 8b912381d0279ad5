"""How customers were served before and after: how fast, told or not, alike or not, and how the tone moved."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join
from analysis.report.sections import _served_figures as drawn
from analysis.service.contact_units import MISSING, NOT_JUDGED, is_share

NAME = "how_served"
LABEL = "How customers were served"
REFERENCE = "Aalen and Johansen 1978, Scandinavian Journal of Statistics 5(3); Schuirmann 1987 (equivalence)"
ORDER = 60

TIMES = (
    Column("column.measure"),
    Column("column.before", True),
    Column("column.after", True),
    Column("column.effect", True),
    Column("column.interval", True),
    Column("column.in_target_before", True),
    Column("column.in_target_after", True),
)
UNITS = (
    Column("column.quantity"),
    Column("column.before", True),
    Column("column.after", True),
    Column("column.effect", True),
    Column("column.interval", True),
)
GAPS = {"still_open": "served.still_open", MISSING: "served.without", NOT_JUDGED: "served.not_judged"}
TOLD = 0.01  # a smaller share of cases is in the table only


def build(context: Context) -> Section | None:
    times = _distinct(context.rows_of("response_times"))
    if not times:
        return None
    sentences = [*_speed(context, times), *_told(context), *_gaps(context), *_alike(context), *_tone(context)]
    parts = [Markup("<p>{}</p>").format(join(sentences)), _times(context, times)]
    pictures = drawn.pictures(context)
    earlier = [Markup("<p>{}</p>").format(said) for said in _alike_in(context, "before")]
    folded = join([*earlier, *pictures], "\n")
    parts += [context.fold(context.words.say("served.more.fold"), folded)] if folded else []
    parts += [*_units(context), *_missing(context)]
    return Section("how-served", join(parts, "\n"), _heading(context, times))


def _distinct(times: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Without the first response where the log knows of no act before the outcome: it would say the same twice."""
    outcome = next((row for _, row in times if row["measure"] == "outcome"), None)

    def same(row: dict[str, Any]) -> bool:
        keys = ("median_before", "median_after", "mean_before", "mean_after")
        return outcome is not None and all(row[key] == outcome[key] for key in keys)

    return [item for item in times if item[1]["measure"] != "first_response" or not same(item[1])]


def _first(times: list[tuple[str, dict[str, Any]]]) -> tuple[str, dict[str, Any]]:
    return next((item for item in times if item[1]["measure"] == "first_response"), times[0])


def _bounds(context: Context, stem: str, name: str, style: str = "signed_percent") -> dict[str, Any]:
    return {end: context.numbers(f"{stem}.{name}_{end}", style) for end in ("lower", "upper")}


def _heading(context: Context, times: list) -> Markup:
    """By the interval of the change, not by its point."""
    stem, row = _first(times)
    low, high = row["median_change_lower"], row["median_change_upper"]
    kind = "slower" if low > 0 else "faster" if high < 0 else "open"
    say = context.words.say
    return say(
        f"served.heading.{kind}",
        measure=drawn.measure(context, row["measure"]),
        size=context.numbers(f"{stem}.median_change", "size_percent"),
        **_bounds(context, stem, "median_change"),
    )


def _speed(context: Context, times: list) -> list[Markup]:
    said = []
    for stem, row in times:
        if row["measure"] == "taken_in_charge" and len(times) > 2:
            continue
        said.append(
            context.words.say(
                "served.speed",
                measure=drawn.measure(context, row["measure"]),
                before=context.numbers(f"{stem}.median_before"),
                after=context.numbers(f"{stem}.median_after"),
                change=context.numbers(f"{stem}.median_change", "signed_percent"),
                **_bounds(context, stem, "median_change"),
            )
        )
    if (context.case.get("care") or {}).get("compare") == "all":
        said.append(context.words.say("served.mix"))
    return said


def _gaps(context: Context) -> list[Markup]:
    """What is not known of the cases, where it is more than a few: who does not read of it does not doubt the rest."""
    said = []
    for stem, row in context.rows_of("contact_units"):
        most = max(row["before"], row["after"])  # missing where either is not shown
        key = next((key for start, key in GAPS.items() if row["quantity"].startswith(start)), None)
        if key is None or not most >= TOLD:
            continue
        values = {period: context.numbers(f"{stem}.{period}", "percent") for period in ("before", "after")}
        attribute = context.named(row["quantity"].removeprefix(MISSING).removeprefix(NOT_JUDGED).replace("_", " "))
        said.append(context.words.say(key, attribute=attribute, **values))
    return said


def _told(context: Context) -> list[Markup]:
    rows = context.rows_of("funnel", step="outcome")
    return [
        context.words.say(
            f"served.told.{drawn.ended(context)}",
            plural=context.numbers.raw("case.care.horizon_hours"),
            before=context.numbers(f"{stem}.share_before", "percent"),
            after=context.numbers(f"{stem}.share_after", "percent"),
            hours=context.numbers("case.care.horizon_hours", "count"),
        )
        for stem, _ in rows
    ]


def _alike(context: Context) -> list[Markup]:
    """One sentence over the attributes: which are answered alike, which not, and which one cannot say."""
    return _alike_in(context, "after")


def _alike_in(context: Context, period: str) -> list[Markup]:
    rows, say, found = context.rows_of("equal_verdicts", period=period), context.words.say, []
    for verdict in ("alike", "not alike", "unsettled"):
        names = [context.numbers.text(f"{stem}.label") for stem, row in rows if row["verdict"] == verdict]
        if names:
            margin = context.numbers(f"{rows[0][0]}.margin", "percent_whole")
            key = f"served.{verdict.replace(' ', '_')}"
            found.append(say(key, attributes=join(names, ", "), margin=margin))
    return [say(f"served.equal.{period}", findings=join(found, "; "))] if found else []


def _tone(context: Context) -> list[Markup]:
    wanted = {"quantity": "positive_given_worst"}
    before = context.rows_of("tone_summary", period="before", **wanted)
    after = context.rows_of("tone_summary", period="after", **wanted)
    if not before or not after:
        return []
    stems = before[0][0], after[0][0]
    corrected = pd.notna(after[0][1]["corrected"]) and pd.notna(before[0][1]["corrected"])
    name, low, high = ("corrected", "lower", "upper") if corrected else ("observed", "observed_lower", "observed_upper")
    if pd.isna(after[0][1][name]) or pd.isna(before[0][1][name]):
        return []
    return [
        context.words.say(
            "served.tone.corrected" if corrected else "served.tone.observed",
            before=context.numbers(f"{stems[0]}.{name}", "percent"),
            after=context.numbers(f"{stems[1]}.{name}", "percent"),
            lower=context.numbers(f"{stems[1]}.{low}", "percent"),
            upper=context.numbers(f"{stems[1]}.{high}", "percent"),
        )
    ]


def _times(context: Context, times: list) -> Markup:
    say, numbers = context.words.say, context.numbers
    rows = [
        [
            drawn.measure(context, row["measure"]),
            numbers(f"{stem}.median_before"),
            numbers(f"{stem}.median_after"),
            numbers(f"{stem}.median_change", "signed_percent"),
            say("frame.short_interval", **_bounds(context, stem, "median_change")),
            numbers(f"{stem}.target_before", "percent"),
            numbers(f"{stem}.target_after", "percent"),
        ]
        for stem, row in times
    ]
    note = say("served.times.note", minutes=numbers("case.care.target_minutes", "count"))
    table = context.table(TIMES, rows, caption=say("served.times.caption"), note=note)
    return context.fold(say("served.times.fold"), table)


def _units(context: Context) -> list[Markup]:
    say, numbers = context.words.say, context.numbers
    rows = []
    for stem, row in context.rows_of("contact_units"):
        style = "percent" if is_share(row["quantity"]) else "number"
        key = f"served.unit.{row['quantity']}"
        name = numbers.text(f"{stem}.quantity") if ":" in row["quantity"] else say(key)
        bounds = {end: numbers(f"{stem}.{end}", f"signed_{style}") for end in ("lower", "upper")}
        rows.append(
            [
                name,
                numbers(f"{stem}.before", style),
                numbers(f"{stem}.after", style),
                numbers(f"{stem}.change", f"signed_{style}"),
                say("frame.short_interval", **bounds),
            ]
        )
    for stem, _ in context.rows_of("private_share"):
        rows.append(
            [
                say("served.unit.private"),
                numbers(f"{stem}.share_before", "percent"),
                numbers(f"{stem}.share_after", "percent"),
                numbers(f"{stem}.change", "signed_percent"),
                say("frame.short_interval", **_bounds(context, stem, "change")),
            ]
        )
    for stem, row in context.rows_of("weekends"):
        if row["day"] == "weekend":
            rows.append(
                [
                    say("served.unit.weekend"),
                    numbers(f"{stem}.median_before"),
                    numbers(f"{stem}.median_after"),
                    numbers(f"{stem}.median_change", "signed_percent"),
                    say("frame.short_interval", **_bounds(context, stem, "median_change")),
                ]
            )
    if not rows:
        return []
    return [context.fold(say("served.units.fold"), context.table(UNITS, rows, caption=say("served.units.caption")))]


def _missing(context: Context) -> list[Markup]:
    """What the log could not answer, and why: silence would read as nothing found."""
    rows = [
        [context.words.say(f"served.table.{row['table']}"), context.numbers.text(f"{stem}.reason")]
        for stem, row in context.rows_of("not_measured")
    ]
    if not rows:
        return []
    columns = (Column("column.question"), Column("column.why"))
    table = context.table(columns, rows, caption=context.words.say("served.missing.caption"))
    return [context.fold(context.words.say("served.missing.fold"), table)]
