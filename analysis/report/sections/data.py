"""Sources, what was found on reading them, peers left out, limits."""

import pandas as pd
from markupsafe import Markup

from analysis.report.context import Column, Context, Section

NAME = "data"
LABEL = "Data"
REFERENCE = "Gebru et al. 2021, Datasheets for datasets, Communications of the ACM 64(12):86"
ORDER = 110
TEMPLATE = "data.html.j2"

FIGURES = {"rows", "count"}
DATES = {"first", "last"}
SOURCES = ("label", "format", "file", "rows", "first", "last", "sha256")
QUALITY = ("source", "file", "finding", "count", "detail")
DONORS = ("peer", "reason")


def build(context: Context) -> Section | None:
    limits = [context.numbers.text(f"case.limits.{index}") for index in range(len(context.case["limits"]))]
    donors = context.store.table("donors")
    left_out = None if donors is None else donors.index[donors["kept"].astype(str).str.lower() == "false"].tolist()
    body = context.render(
        TEMPLATE,
        limits=limits,
        sources=_listed(context, "sources", SOURCES),
        quality=_listed(context, "data_quality", QUALITY),
        donors=_donors(context, donors, left_out),
        cell=context.numbers("case.privacy.minimum_cell", "integer"),
    )
    return Section("data", body, context.words.say("data.heading"))


def _listed(context: Context, name: str, columns: tuple[str, ...]) -> Markup | None:
    table = context.store.table(name)
    if table is None or table.empty:
        return None
    kept = [column for column in columns if column in table]
    rows = [
        [_cell(context, f"tables.{name}.{index}.{column}", column) for column in kept] for index in range(len(table))
    ]
    note = context.words.say("data.sources.note") if name == "sources" else ""
    return context.table(
        [Column(f"column.{column}", column in FIGURES) for column in kept], rows, note=note, breakout=True
    )


def _cell(context: Context, key: str, column: str) -> object:
    if context.numbers.raw(key) is None:
        return "–"
    if column in FIGURES:
        return context.numbers(key, "integer")
    return context.numbers(key, "short_date") if column in DATES else context.numbers.cell(key)


def _donors(context: Context, donors: pd.DataFrame | None, left_out: list[int] | None) -> Markup | None:
    if donors is None:
        return None
    if not left_out:
        return Markup("<p>{}</p>").format(context.words.say("data.donors.none"))
    text = context.numbers.text
    rows = [[text(f"tables.donors.{index}.unit"), text(f"tables.donors.{index}.reason")] for index in left_out]
    # One row a peer and reason, although a peer may be left out of several outcomes.
    unique = list({(row[0].text, row[1].text): row for row in rows}.values())
    return context.table([Column(f"column.{name}") for name in DONORS], unique)
