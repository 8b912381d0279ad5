"""Where the contacts of the exited channels went, and what each channel carried before and after."""

import pandas as pd
from markupsafe import Markup

from analysis.figures import diversion
from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join

NAME = "where_contacts_went"
LABEL = "Where the contacts went"
REFERENCE = diversion.REFERENCE
ORDER = 50

MOVED = (
    Column("column.channel"),
    Column("column.share", True),
    Column("column.interval", True),
    Column("column.contacts", True),
    Column("column.share_of_all", True),
)
VOLUMES = (Column("column.channel"), Column("column.before", True), Column("column.after", True))


def build(context: Context) -> Section | None:
    table, volumes = context.store.table("diversion"), context.store.table("volumes")
    parts = []
    if table is not None and not table.empty:
        parts += [_lead(context), _bars(context, table)]
    if volumes is not None and not volumes.empty:
        parts.append(_volumes(context, volumes))
    return Section("where-contacts-went", join(parts, "\n"), _heading(context, table)) if parts else None


def _heading(context: Context, table: pd.DataFrame | None) -> Markup:
    """What came back, with its interval: no channel is picked out by whether its own interval leaves zero out."""
    if table is None or table.empty:
        return context.words.say("went.heading.volumes")
    numbers, stem = context.numbers, "diversion.recaptured"
    bounds = {key: numbers(f"{stem}.ratio_{key}", "percent") for key in ("lower", "upper")}
    return context.words.say("went.heading", share=numbers(f"{stem}.ratio", "percent"), **bounds)


def _lead(context: Context) -> Markup:
    numbers = context.numbers
    sentence = context.words.say(
        "went.lead",
        expected=numbers("diversion.exited.expected", "count"),
        per=context.per,
        channels=numbers.text("diversion.exited.label"),
        recaptured=numbers("diversion.recaptured.ratio", "percent"),
        share_of_all=numbers("diversion.recaptured.share_of_all", "percent"),
    )
    return Markup("<p>{}</p>").format(sentence)


def _bars(context: Context, table: pd.DataFrame) -> Markup:
    numbers, say, text = context.numbers, context.words.say, context.words.text
    receiving = (
        table[table["part"] == "receiving"].sort_values("ratio", ascending=False, kind="stable")["channel"].tolist()
    )
    drawn, rows, bold = [], [], []
    for name in (*receiving, "lost", "recaptured"):
        stem = f"diversion.{name}"
        values = {
            key: numbers(f"{stem}.{source}", "percent")
            for key, source in (("ratio", "ratio"), ("lower", "ratio_lower"), ("upper", "ratio_upper"))
        }
        rows.append(
            [
                numbers.text(f"{stem}.label"),
                values["ratio"],
                say("frame.short_interval", lower=values["lower"], upper=values["upper"]),
                numbers(f"{stem}.moved", "signed_count"),
                numbers(f"{stem}.share_of_all", "percent"),
            ]
        )
        bold.append(name == "recaptured")
        if name != "recaptured":
            long = text("went.row_long", moved=numbers(f"{stem}.moved", "signed_count"), per=context.per, **values)
            drawn.append(
                {
                    "label": str(numbers.text(f"{stem}.label")),
                    "role": "lost" if name == "lost" else numbers.raw(f"{stem}.role"),
                    "ratio": numbers.raw(f"{stem}.ratio"),
                    "lower": numbers.raw(f"{stem}.ratio_lower"),
                    "upper": numbers.raw(f"{stem}.ratio_upper"),
                    "text": long,
                }
            )
    stem = "diversion.recaptured"
    alt = text(
        "went.alt",
        recaptured=numbers(f"{stem}.ratio", "percent"),
        lower=numbers(f"{stem}.ratio_lower", "percent"),
        upper=numbers(f"{stem}.ratio_upper", "percent"),
        lost=numbers("diversion.lost.ratio", "percent"),
    )
    return context.figure(
        "diversion",
        "diversion",
        pd.DataFrame(drawn),
        {"axis": text("went.axis")},
        title=say("went.title"),
        subtitle=say("went.subtitle"),
        alt=alt,
        data=context.table(MOVED, rows, bold=bold),
    )


def _volumes(context: Context, volumes: pd.DataFrame) -> Markup:
    numbers, say, text = context.numbers, context.words.say, context.words.text
    channels = list(dict.fromkeys(volumes["channel"]))
    rows = [
        [
            numbers.text(f"volumes.{name}.label"),
            numbers(f"volumes.{name}.before", "count"),
            numbers(f"volumes.{name}.after", "count"),
        ]
        for name in channels
    ]
    closing = [stage["date"] for stage in context.case["stages"] if stage["kind"] == "channels_closed"]
    texts = {
        "exit": closing[0] if closing else context.case["windows"]["event"],
        "exit_label": text("went.volumes.exit") if closing else "",
    }
    kept = next((name for name in channels if numbers.raw(f"volumes.{name}.role") != "exited"), channels[0])
    alt = text(
        "went.volumes.alt",
        label=numbers.text(f"volumes.{kept}.label"),
        before=numbers(f"volumes.{kept}.before", "count"),
        after=numbers(f"volumes.{kept}.after", "count"),
        per=context.per,
    )
    return context.figure(
        "volumes_by_channel",
        "volumes_by_channel",
        volumes,
        texts,
        title=say("went.volumes.title"),
        alt=alt,
        subtitle=say(
            "went.volumes.subtitle",
            per=context.per,
            first=numbers("volumes.first", "date"),
            last=numbers("volumes.last", "date"),
        ),
        data=context.table(VOLUMES, rows),
    )
