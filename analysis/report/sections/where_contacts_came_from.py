"""A channel that opened: what it gained, and which channels it took that from."""

from markupsafe import Markup

from analysis.figures import diversion
from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join

NAME = "where_contacts_came_from"
LABEL = "Where the contacts came from"
REFERENCE = diversion.REFERENCE
ORDER = 48

COLUMNS = (
    Column("column.channel"),
    Column("column.contacts", True),
    Column("column.interval", True),
    Column("column.share", True),
    Column("column.interval", True),
)


def build(context: Context) -> Section | None:
    every = context.rows_of("gain")
    if not every:
        return None
    horizons = list(dict.fromkeys(row["horizon"] for _, row in every))
    rows = context.rows_of("gain", horizon=horizons[0])  # the shortest: what nothing else had time to move
    numbers, say = context.numbers, context.words.say
    stem, gained = rows[0]
    bounds = {end: numbers(f"{stem}.{end}", "signed_count") for end in ("lower", "upper")}
    values = {"gained": numbers(f"{stem}.contacts", "signed_count"), "per": context.per} | bounds
    whole = gained["horizon"] == "all"
    periods = numbers(f"{stem}.periods", "integer")
    values["span"] = (
        say("came.span", plural=gained["periods"], periods=periods) if whole else numbers.text(f"{stem}.horizon")
    )
    kind = "rise" if gained["lower"] > 0 else "open"
    heading = say(f"came.heading.{kind}", channel=numbers.text(f"{stem}.label"), **values)
    lead = _lead(context, rows)
    parts = [Markup("<p>{}</p>").format(lead), _table(context, rows)]
    later = [_table(context, context.rows_of("gain", horizon=name)) for name in horizons[1:]]
    parts += [context.fold(say("came.later"), join(later, "\n"))] if later else []
    return Section("where-contacts-came-from", join(parts, "\n"), heading)


def _table(context: Context, rows: list) -> Markup:
    numbers, say, (first, row) = context.numbers, context.words.say, rows[0]
    table = [
        [
            numbers.text(f"{each}.label"),
            numbers(f"{each}.contacts", "signed_count"),
            say("frame.short_interval", **{e: numbers(f"{each}.{e}", "signed_count") for e in ("lower", "upper")}),
            numbers(f"{each}.ratio", "percent"),
            say("frame.short_interval", **{e: numbers(f"{each}.ratio_{e}", "percent") for e in ("lower", "upper")}),
        ]
        for each, _ in rows
    ]
    whole = row["horizon"] == "all"
    when = say("went.horizon.all") if whole else numbers.text(f"{first}.horizon")
    return context.table(COLUMNS, table, caption=say("came.caption", per=context.per, when=when), note=say("came.note"))


def _lead(context: Context, rows: list) -> Markup:
    """Which channels lost contacts, by their intervals; none is said to have given where none leaves zero out."""
    taken = [item for item in rows if item[1]["part"] == "taken"]
    lost = [item for item in taken if item[1]["lower"] > 0]
    stem, _ = max(lost or taken, key=lambda item: item[1]["contacts"])
    return context.words.say(
        "came.lead.some" if lost else "came.lead.none",
        channels=join([context.numbers.text(f"{each}.label") for each, _ in lost], ", "),
        channel=context.numbers.text(f"{stem}.label"),
        taken=context.numbers(f"{stem}.contacts", "signed_count"),
        per=context.per,
        **{end: context.numbers(f"{stem}.{end}", "signed_count") for end in ("lower", "upper")},
    )
