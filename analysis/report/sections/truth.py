"""Simulated data only: the truth that was put in beside what came out."""

import pandas as pd
from markupsafe import Markup

from analysis.report.context import Column, Context, Section

NAME = "truth"
LABEL = "Truth annex"
REFERENCE = "Morris, White and Crowther 2019, Statistics in Medicine 38:2074 (simulation with known truth)"
ORDER = 130

COLUMNS = (
    Column("column.outcome"),
    Column("column.truth", True),
    Column("column.estimate", True),
    Column("column.interval", True),
    Column("column.inside"),
)


def build(context: Context) -> Section | None:
    table = context.store.table("truth")
    if context.case["data_status"] != "simulated" or table is None or table.empty:
        return None
    numbers, rows, bold = context.numbers, [], []
    styles = {item.name: item.raw("shown.style") for item in context.findings}
    for index, row in enumerate(table.to_dict("records")):
        stem = f"tables.truth.{index}"
        style = "signed_" + (styles.get(row["outcome"]) or "percent")
        interval = context.words.say(
            "frame.short_interval", lower=numbers(f"{stem}.lower", style), upper=numbers(f"{stem}.upper", style)
        )
        rows.append(
            [
                numbers.text(f"{stem}.label"),
                numbers(f"{stem}.truth", style),
                numbers(f"{stem}.point", style),
                interval if pd.notna(row["lower"]) else "–",
                _inside(context, row["inside"]),
            ]
        )
        bold.append(row.get("role", "primary") == "primary")
    body = Markup("<p>{}</p>{}").format(context.words.say("truth.lead"), context.table(COLUMNS, rows, bold=bold))
    return Section("truth", body, context.words.say("truth.heading"), annex=True)


def _inside(context: Context, value: object) -> Markup:
    if pd.isna(value):
        return Markup("–")
    inside = str(value).lower() == "true"
    mark = '<span class="status status-{}"><span class="shape" aria-hidden="true">{}</span>{}</span>'
    return Markup(mark).format(
        "PASS" if inside else "FAIL",
        "●" if inside else "✕",
        context.words.say("truth.inside" if inside else "truth.outside"),
    )
