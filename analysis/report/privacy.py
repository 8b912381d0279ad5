"""The page for whoever writes the data-protection impact assessment: what is read, kept and shown, what stays open.

Laid out after Article 35(7) GDPR: purposes and processing, necessity, risks, measures; what a study cannot know stands
as a question.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from analysis.core.case import USUAL_CELL
from analysis.report.context import Column, Context, Section
from analysis.report.digests import EMPTIED
from analysis.report.numbers import Value, join
from analysis.report.sections.data import sources_table
from analysis.report.wording import QUESTIONS

OPEN = (
    *("controller", "basis", "criteria", "informed", "staff", "special", "retention", "access", "key", "processors"),
    "risk",
)
WHO = ("readers", "runs", "key", "staff", "nobody")
GROUPS = ("label", "how", "levels_read", "levels_kept", "merged", "smallest_group")


def privacy_sections(context: Context) -> list[Section]:
    """Every part of the page, in the order of an assessment."""
    parts = {
        "purpose": _purpose, "sources": _sources, "columns": _columns, "kept": _kept, "small": _small,
        "groups": _groups, "who": _who, "open": _open,
    }  # fmt: skip
    say = context.words.say
    return [Section(name, build(context), say(f"privacy.{name}.heading")) for name, build in parts.items()]


def lead(context: Context) -> Markup:
    """What the page is and is not, and the way back to the report."""
    aid = context.words.say("privacy.lead", law=context.numbers.text("privacy.law"))
    back = Markup('<a href="index{}.html">{}</a>').format(context.suffix, context.words.say("privacy.back"))
    return join([aid, back])


def _paragraph(said: Any) -> Markup:
    return Markup("<p>{}</p>").format(said)


def _listed(items: list[Any]) -> Markup:
    return Markup("<ul>{}</ul>").format(join([Markup("<li>{}</li>").format(item) for item in items], ""))


def _under(heading: Any, items: list[Any]) -> Markup:
    return Markup("<h3>{}</h3>{}").format(heading, _listed(items))


def _purpose(context: Context) -> Markup:
    say, text = context.words.say, context.numbers.text
    parts = [
        _paragraph(text("case.summary")), _paragraph(say("privacy.purpose.what", brand=text("case.brand"))),
    ]  # fmt: skip
    found = sorted(context.findings, key=lambda item: QUESTIONS.index(item.raw("question")))
    items = [Markup("{}: {}").format(say(f"headline.question.{item.raw('question')}"), item.label) for item in found]
    items += [say("privacy.purpose.care")] if context.case.get("care") else []
    return join([*parts, _under(say("privacy.purpose.outcomes"), items)] if items else parts, "\n")


def _sources(context: Context) -> Markup:
    say, table = context.words.say, sources_table(context)
    found = [table, _paragraph(say("privacy.sources.rows"))] if table else [_paragraph(say("privacy.sources.none"))]
    return join([_paragraph(say("privacy.sources.text")), *found], "\n")


def _columns(context: Context) -> Markup:
    """A table a source, its name as the caption; the sources without such a column in one sentence."""
    say, text = context.words.say, context.numbers.text
    by_source: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for stem, row in context.rows_of("personal_data"):
        by_source.setdefault(row["source"], []).append((stem, row))
    if not by_source:
        return _paragraph(say("privacy.columns.none"))
    parts = [_paragraph(say("privacy.columns.text"))]
    heads = [Column(f"column.{name}") for name in ("personal", "holds", "fate")]
    for rows in by_source.values():
        cells = [
            [_header(context, stem), say(f"privacy.holds.{row['holds']}"), say(f"privacy.fate.{row['fate']}")]
            for stem, row in rows
        ]
        parts.append(context.table(heads, cells, caption=text(f"{rows[0][0]}.label"), breakout=True))
    others = [(stem, row) for stem, row in context.rows_of("sources") if row["source"] not in by_source]
    labels = {row["label"]: text(f"{stem}.label") for stem, row in others}
    if labels:
        parts.append(_paragraph(say("privacy.columns.others", formats=join(list(labels.values()), "; "))))
    return join(parts, "\n")


def _header(context: Context, stem: str) -> Markup:
    """A column's header as the export has it, in no language but its own."""
    key = f"{stem}.column"
    return Markup("<code>{}</code>").format(Value(key, str(context.numbers.raw(key)), numeric=False))


def _kept(context: Context) -> Markup:
    say = context.words.say
    kept = [say("privacy.kept.measurements"), say(f"privacy.kept.{'' if context.case.get('care') else 'no_'}journeys")]
    if context.rows_of("personal_data", holds="customer"):
        kept.append(say("privacy.kept.customers"))
    return join(
        [
            _under(say("privacy.kept.processed"), [*kept, say("privacy.kept.results")]),
            _under(say("privacy.kept.published"), [say("privacy.kept.page")]),
            _under(say("privacy.kept.nowhere"), [say("privacy.kept.words")]),
        ],
        "\n",
    )


def _small(context: Context) -> Markup:
    say, numbers = context.words.say, context.numbers
    privacy: Mapping[str, Any] = context.case["privacy"]
    parts = [say("privacy.small.cell", cell=numbers("case.privacy.minimum_cell", "integer"))]
    if privacy["minimum_cell"] < USUAL_CELL:
        reason = numbers.text("case.privacy.reason")
        parts.append(say("privacy.small.lowered", usual=numbers("privacy.usual", "integer"), reason=reason))
    else:
        parts.append(say("privacy.small.usual"))
    counts = {key: numbers(f"privacy.{key}", "integer") for key in EMPTIED.values()}
    return join([_paragraph(join(parts)), _paragraph(say("privacy.small.counts", **counts))], "\n")


def _groups(context: Context) -> Markup:
    say = context.words.say
    rows = context.rows_of("quasi_identifiers")
    if not rows:
        return _paragraph(say("privacy.groups.none"))
    cells = [
        [
            context.numbers.text(f"{stem}.label"), say(f"privacy.how.{row['how']}"),
            *(context.numbers(f"{stem}.{name}", "integer") for name in GROUPS[2:]),
        ]
        for stem, row in rows
    ]  # fmt: skip
    heads = [Column("column.attribute" if name == "label" else f"column.{name}", name in GROUPS[2:]) for name in GROUPS]
    table = context.table(heads, cells, note=say("privacy.groups.note"), breakout=True)
    return join([_paragraph(say("privacy.groups.text")), table, _paragraph(say("privacy.groups.together"))], "\n")


def _who(context: Context) -> Markup:
    say = context.words.say
    rows = [[say(f"privacy.who.{name}"), say(f"privacy.who.{name}.see")] for name in WHO]
    return context.table([Column("column.who"), Column("column.sees")], rows)


def _open(context: Context) -> Markup:
    say = context.words.say
    return join([_paragraph(say("privacy.open.text")), _listed([say(f"privacy.open.{name}") for name in OPEN])], "\n")
