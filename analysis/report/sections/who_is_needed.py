"""Who is needed to answer what moved: agents by desk, the chance of missing the target, and what contacts cost."""

from markupsafe import Markup

from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join

NAME = "who_is_needed"
LABEL = "Who is needed"
REFERENCE = "Erlang C and Erlang A: Garnett, Mandelbaum and Reiman 2002, M&SOM 4(3)"
ORDER = 65

DESKS = (
    Column("column.desk"),
    Column("column.agents_without", True),
    Column("column.agents_with", True),
    Column("column.agents_change", True),
    Column("column.interval", True),
    Column("column.breach_without", True),
    Column("column.breach", True),
)
COSTS = (Column("column.part"), Column("column.amount", True), Column("column.interval", True))
PARTS = ("volume", "mix", "rate", "change")


def build(context: Context) -> Section | None:
    total = context.rows_of("staffing_total")
    if not total:
        asked = context.case.get("diversion") and not context.case.get("staffing")
        return Section("who-is-needed", Markup(""), context.words.say("who.heading.not_asked")) if asked else None
    stem, row = total[0]
    numbers, say = context.numbers, context.words.say
    kind = "more" if row["agents_change_lower"] > 0 else "fewer" if row["agents_change_upper"] < 0 else "open"
    bounds = {end: numbers(f"{stem}.agents_change_{end}", "signed_count") for end in ("lower", "upper")}
    most = abs(row["agents_change"])
    heading = say(f"who.heading.{kind}", plural=most, size=numbers(f"{stem}.agents_change", "size_count"), **bounds)
    lead = say(
        "who.lead",
        plural=numbers.raw("case.staffing.hire_weeks"),
        without=numbers(f"{stem}.agents_without", "count"),
        **{end: numbers(f"{stem}.agents_without_{end}", "count") for end in ("lower", "upper")},
        breach=numbers(f"{stem}.breach_probability", "probability"),
        usual=numbers(f"{stem}.breach_probability_without", "probability"),
        weeks=numbers("case.staffing.hire_weeks", "count"),
    )
    parts = [Markup("<p>{}</p>").format(join([lead, *_cost_sentence(context)]))]
    parts += [context.fold(say("who.desks.fold"), join([_desks(context), *_curve(context)], "\n")), *_costs(context)]
    return Section("who-is-needed", join(parts, "\n"), heading)


def _desks(context: Context) -> Markup:
    numbers, say = context.numbers, context.words.say
    rows = [
        [
            numbers.text(f"{stem}.label"),
            numbers(f"{stem}.agents_without", "count"),
            numbers(f"{stem}.agents_with", "count"),
            numbers(f"{stem}.agents_change", "signed_count"),
            say(
                "frame.short_interval",
                **{end: numbers(f"{stem}.agents_change_{end}", "signed_count") for end in ("lower", "upper")},
            ),
            numbers(f"{stem}.breach_probability_without", "probability"),
            numbers(f"{stem}.breach_probability", "probability"),
        ]
        for stem, _ in context.rows_of("staffing")
    ]
    return context.table(DESKS, rows, caption=say("who.desks.caption"), note=say("who.desks.note"))


def _curve(context: Context) -> list[Markup]:
    """Service level against agents of the desk that is pressed most."""
    table = context.store.table("service_level_curve")
    if table is None or table.empty:
        return []
    numbers, say, text = context.numbers, context.words.say, context.words.text
    with_exit = context.rows_of("service_level_curve", scenario="with")
    reaching = next((item for item in with_exit if item[1]["service_level"] >= item[1]["target"]), with_exit[-1])
    stem = reaching[0]
    columns = (Column("column.agents", True), Column("column.level_without", True), Column("column.level_with", True))
    without = {row["agents"]: each for each, row in context.rows_of("service_level_curve", scenario="without")}
    rows = [
        [
            numbers(f"{each}.agents", "integer"),
            numbers(f"{without[row['agents']]}.service_level", "percent") if row["agents"] in without else "",
            numbers(f"{each}.service_level", "percent"),
        ]
        for each, row in with_exit
    ]
    values = {
        "label": numbers.text(f"{stem}.label"),
        "agents": numbers(f"{stem}.agents", "integer"),
        "target": numbers(f"{stem}.target", "percent_whole"),
    }
    texts = {
        "axis": text("who.curve.axis"),
        "unit": text("who.curve.unit"),
        "target": text("who.curve.target"),
    }
    names = {"with": text("who.curve.with"), "without": text("who.curve.without")}
    drawn = table.assign(label=table["scenario"].map(names))
    return [
        context.figure(
            "service_level", "service_level", drawn, texts,
            title=say("who.curve.title", plural=reaching[1]["agents"], **values),
            subtitle=say("who.curve.subtitle", **values), alt=text("who.curve.alt", **values),
            data=context.table(columns, rows),
        )
    ]  # fmt: skip


def _cost_sentence(context: Context) -> list[Markup]:
    rows = context.rows_of("cost", part="change", per="week")
    return [
        context.words.say(
            "who.cost",
            change=context.numbers(f"{stem}.mean", "signed_count"),
            currency=context.numbers.text(f"{stem}.currency"),
            lower=context.numbers(f"{stem}.lower", "signed_count"),
            upper=context.numbers(f"{stem}.upper", "signed_count"),
        )
        for stem, _ in rows
    ]


def _costs(context: Context) -> list[Markup]:
    numbers, say = context.numbers, context.words.say
    rows = [
        [
            say(f"who.part.{part}"),
            numbers(f"{stem}.mean", "signed_count"),
            say(
                "frame.short_interval", **{end: numbers(f"{stem}.{end}", "signed_count") for end in ("lower", "upper")}
            ),
        ]
        for part in PARTS
        for stem, _ in context.rows_of("cost", part=part, per="week")
    ]
    if not rows:
        return []
    currency = numbers.text("tables.cost.0.currency")
    table = context.table(COSTS, rows, caption=say("who.costs.caption", currency=currency), note=say("who.costs.note"))
    return [context.fold(say("who.costs.fold"), table)]
