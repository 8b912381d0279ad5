"""The tables under the comparison of cases, its downloads, and how its numbers are written."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.report.context import Column, Context, Section
from analysis.report.languages import WORDING
from analysis.report.numbers import Value, join

KINDS = ("retained", "contacts", "total", "owned", "recaptured", "market")  # the strategist's order
SHARES = ("recaptured",)


def columns(*names: str) -> tuple[Column, ...]:
    """Columns of this page by name, figures at the right."""
    figures = {"average", "interval", "next", "tau", "i_squared", "p", "studies", "weight", "effect"}
    return tuple(Column(f"comparison.column.{name}", name in figures) for name in names)


POOLED = columns("question", "data", "studies", "average", "interval", "next", "tau", "i_squared", "p", "kept")
LEFT_OUT = columns("question", "without", "average", "interval", "weight")
EFFECTS = columns("question", "case", "data", "effect", "interval", "evidence")


def style_of(kind: str) -> str:
    """How numbers of a question are written."""
    return "return" if kind == "market" else "percent"


def signed(kind: str) -> str:
    """The same with its sign, where a sign says something."""
    return style_of(kind) if kind in SHARES else f"signed_{style_of(kind)}"


def ends_of(context: Context, stem: str, kind: str, prefix: str = "") -> dict[str, Value]:
    """lower and upper, for a sentence."""
    return {end: context.numbers(f"{stem}.{prefix}{end}", signed(kind)) for end in ("lower", "upper")}


def printed(context: Context, stem: str, row: Mapping[str, Any]) -> dict[str, Value]:
    """An effect as its own report prints it."""
    style = "signed_number" if row["style"] == "number" else signed(row["kind"])
    return {end: context.numbers(f"{stem}.{end}", style) for end in ("point", "lower", "upper")}


def averages(context: Context, status: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stem and row of every average, in the strategist's order."""
    wanted = {} if status is None else {"data_status": status}
    for kind in KINDS:
        yield from context.rows_of("pooled", kind=kind, **wanted)


def tables_section(context: Context) -> Section:
    """How the average is made, how far the cases differ, each left out, every case."""
    say, numbers = context.words.say, context.numbers
    means, without, effects = [], [], []
    for stem, row in averages(context):
        kind = row["kind"]
        head = [say(f"comparison.name.{kind}"), say(f"comparison.status.{row['data_status']}")]
        more = "–"
        if pd.notna(row["prediction_lower"]):
            more = say("frame.short_interval", **ends_of(context, stem, kind, "prediction_"))
        means.append(
            [
                *head, numbers(f"{stem}.studies", "integer"), numbers(f"{stem}.mean", signed(kind)),
                say("frame.short_interval", **ends_of(context, stem, kind)), more, numbers(f"{stem}.tau", "fixed3"),
                numbers(f"{stem}.i_squared", "percent"), numbers(f"{stem}.heterogeneity_p", "p"),
                numbers.cell(f"{stem}.truncated"),
            ]
        )  # fmt: skip
    for stem, row in context.rows_of("left_out"):
        kind = row["kind"]
        average = numbers(f"{stem}.mean", signed(kind))
        interval = say("frame.short_interval", **ends_of(context, stem, kind)) if pd.notna(row["mean"]) else "–"
        name = Markup("{} ({})").format(
            say(f"comparison.name.{kind}"), say(f"comparison.status.{row['data_status']}")
        )
        cells = [name, numbers.text(f"{stem}.title"), average, interval, numbers(f"{stem}.weight", "percent")]
        without.append(cells)
    for stem, row in context.rows_of("effects"):
        kind = row["kind"]
        grade = say(f"grade.{row['grade']}") if pd.notna(row["grade"]) else "–"
        title, shown = numbers.text(f"{stem}.title"), printed(context, stem, row)
        effects.append(
            [
                say(f"comparison.name.{kind}"),
                Markup('<a href="../{}/index{}.html">{}</a>').format(row["case"], context.suffix, title),
                say(f"comparison.status.{row['data_status']}"),
                shown["point"],
                say("frame.short_interval", lower=shown["lower"], upper=shown["upper"]),
                grade,
            ]
        )
    parts = []
    if means:
        body = context.table(
            POOLED, means, caption=say("comparison.pooled.caption"), note=say("comparison.pooled.note"),
            breakout=True,
        )  # fmt: skip
        parts.append(context.fold(say("comparison.pooled.fold"), body))
        left = context.table(LEFT_OUT, without, caption=say("comparison.left.caption"), breakout=True)
        parts.append(context.fold(say("comparison.left.fold"), left))
    table = context.table(EFFECTS, effects, caption=say("comparison.effects.caption"), breakout=True)
    parts.append(context.fold(say("comparison.effects.fold"), table))
    parts.append(Markup("<p>{}</p>").format(say("comparison.methods.text")))
    if context.case["code_versions"] > 1:
        count = context.numbers("comparison.code_versions", "integer")
        parts.append(Markup('<p class="note">{}</p>').format(say("comparison.codes", count=count)))
    return Section("methods", join(parts, "\n"), say("comparison.methods"))


def provenance_section(context: Context) -> Section:
    """The command and everything to download."""
    text = context.numbers.text
    known = [name for name in context.store.tables if f"comparison.table.{name}" in WORDING[context.words.language]]
    body = context.render(
        "provenance.html.j2",
        command=text("provenance.command") if "provenance.command" in context.numbers else "exit-study compare",
        tables=[(name, context.words.say(f"comparison.table.{name}")) for name in known],
        notebooks=[
            (item["href"], text(f"provenance.notebooks.{place}.title"))
            for place, item in enumerate(context.provenance.get("notebooks", []))
        ],
        marks=Markup("<p>{}: <code>{}</code></p>").format(
            context.words.say("provenance.fingerprint"), text("provenance.fingerprint")
        )
        if "provenance.fingerprint" in context.numbers
        else Markup(""),
    )
    return Section("provenance", body, context.words.say("comparison.provenance"))
