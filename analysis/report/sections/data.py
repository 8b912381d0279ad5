"""Sources, what was found on reading them, peers left out, limits."""

import pandas as pd
from markupsafe import Markup

from analysis.core.case import USUAL_CELL
from analysis.report.context import FOLDED_ROWS, Column, Context, Section
from analysis.report.numbers import join

NAME = "data"
LABEL = "Data"
REFERENCE = "Gebru et al. 2021, Datasheets for datasets, Communications of the ACM 64(12):86"
ORDER = 110
TEMPLATE = "data.html.j2"

FIGURES = {"rows", "count"}
DATES = {"first", "last"}
SOURCES = ("label", "file", "format", "rows", "first", "last", "sha256")
QUALITY = ("source", "file", "finding", "count", "detail")
REDEFINED = ("channel_label", "metric", "first", "last", "what", "source")
DONORS = ("peer", "reason")
MOST_KINDS = 4


def build(context: Context) -> Section | None:
    limits = [context.numbers.text(f"case.limits.{index}") for index in range(len(context.case["limits"]))]
    donors = context.store.table("donors")
    left_out = None if donors is None else donors.index[donors["kept"].astype(str).str.lower() == "false"].tolist()
    body = context.render(
        TEMPLATE,
        limits=limits,
        sources=sources_table(context),
        quality=_listed(context, "data_quality", QUALITY),
        redefined=_redefined(context),
        donors=_donors(context, donors, left_out),
        privacy=context.words.say(
            "data.privacy.none" if _none_suppressed(context) else "data.privacy",
            cell=context.numbers("case.privacy.minimum_cell", "integer"),
        ),
        lowered=_lowered(context),
        rights=_rights(context),
        privacy_page=f"privacy{context.suffix}.html",
    )
    return Section("data", body, context.words.say("data.heading"))


def _lowered(context: Context) -> Markup | None:
    """Why groups smaller than usual are shown, in the words of the case."""
    privacy = context.case["privacy"]
    if privacy["minimum_cell"] >= USUAL_CELL:
        return None
    return context.words.say(
        "data.privacy.lowered", usual=USUAL_CELL, reason=context.numbers.text("case.privacy.reason")
    )


def _rights(context: Context) -> Markup:
    """Whose the data are, in the words of the case; that nobody said so, else."""
    if context.case.get("rights"):
        return context.words.say("data.rights", rights=context.numbers.text("case.rights"))
    return context.words.say("data.rights.none")


def _none_suppressed(context: Context) -> bool:
    counted = [context.store.table(name) for name in ("suppressed", "suppressed_service")]
    known = [table for table in counted if table is not None]
    return bool(known) and not sum(table["cells"].sum() for table in known)


def _listed(context: Context, name: str, columns: tuple[str, ...]) -> Markup | None:
    table = context.store.table(name)
    if table is None or table.empty:
        return None
    kept = [column for column in columns if column in table]
    rows = [
        [_cell(context, f"tables.{name}.{index}.{column}", column) for column in kept] for index in range(len(table))
    ]
    return context.table([Column(f"column.{column}", column in FIGURES) for column in kept], rows, breakout=True)


def _redefined(context: Context) -> Markup | None:
    """Every known change of what is counted inside the data, in periods compared or not."""
    stems = [stem for stem, _ in context.rows_of("redefinitions")]
    if not stems:
        return None
    rows = [[_cell(context, f"{stem}.{column}", column) for column in REDEFINED] for stem in stems]
    columns = [Column("column.channel" if name == "channel_label" else f"column.{name}") for name in REDEFINED]
    return context.table(columns, rows, note=context.words.say("data.redefined.note"), breakout=True)


def sources_table(context: Context) -> Markup | None:
    """A table a source, its name as the caption, a row a file."""
    table = context.store.table("sources")
    if table is None or table.empty:
        return None
    kept = [column for column in SOURCES if column in table and column != "label"]
    parts = []
    for rows in table.groupby("label", sort=False).groups.values():
        cells = [[_cell(context, f"tables.sources.{index}.{column}", column) for column in kept] for index in rows]
        columns = [Column(f"column.{column}", column in FIGURES) for column in kept]
        label = context.numbers.text(f"tables.sources.{rows[0]}.label")
        parts.append(context.table(columns, cells, caption=label, breakout=True))
    return join([*parts, Markup('<p class="note">{}</p>').format(context.words.say("data.sources.note"))], "\n")


def _cell(context: Context, key: str, column: str) -> object:
    if context.numbers.raw(key) is None:
        return "–"
    if column in FIGURES:
        return context.numbers(key, "integer")
    if column == "sha256":
        return Markup("<code>{}</code>").format(context.numbers.text(key))
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
    table = context.table([Column(f"column.{name}") for name in DONORS], unique[:FOLDED_ROWS])
    if len(unique) > FOLDED_ROWS:
        link = Markup('<a href="tables/donors.csv">donors.csv</a>')
        table += Markup('<p class="note">{}{}</p>').format(context.words.say("data.donors.first"), link)
    sentence = Markup("<p>{}</p>").format(_counts(context))
    return sentence + context.fold(context.words.say("data.donors.fold"), table)


def _counts(context: Context) -> Markup:
    """How many peers were left out, by the kind of reason, the commonest first."""
    numbers, say = context.numbers, context.words.say
    kinds = [
        say(
            "data.donors.kind",
            count=numbers(f"peers.kind.{place}.count", "integer"),
            reason=numbers.text(f"peers.kind.{place}.reason"),
        )
        for place in range(min(numbers.raw("peers.kinds"), MOST_KINDS))
    ]
    return say(
        "data.donors.counts",
        plural=numbers.raw("peers.left_out"),
        left_out=numbers("peers.left_out", "integer"),
        candidates=numbers("peers.candidates", "integer"),
        kinds=join(kinds, "; "),
    )
