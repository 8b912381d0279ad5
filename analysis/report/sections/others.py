"""How others reacted: the share price on the day, attention, competitors."""

import pandas as pd
from markupsafe import Markup

from analysis.figures import market_reaction
from analysis.report import series
from analysis.report.context import Column, Context, Section
from analysis.report.numbers import join
from analysis.report.wording import Findings

NAME = "others"
LABEL = "What others did"
REFERENCE = market_reaction.REFERENCE
ORDER = 70

COLUMNS = (Column("column.what"), Column("column.statistic", True))


def build(context: Context) -> Section | None:
    items = context.estimated("reputation")
    if not items:
        return None
    market = [item for item in items if item.is_market and item.has_interval]
    rest = [item for item in items if item not in market]
    parts = [_reaction(context, item) for item in market]
    parts += [_sentence(item) for item in rest]
    return Section("others", join(parts, "\n"), _heading(context, market))


def _heading(context: Context, market: list[Findings]) -> Markup:
    if not market:
        return context.words.say("others.heading.other")
    first = market[0]
    if first.covers_zero:
        return context.words.say("others.heading.none", label=first.label)
    return context.words.say(
        f"others.heading.{first.direction}", label=first.label, size=first.shown("shown.point", "size_")
    )


def _sentence(item: Findings) -> Markup:
    return Markup("<p>{} {}</p>").format(item.headline(), item.reading())


def _reaction(context: Context, item: Findings) -> Markup:
    if item.raw("n_post") != 1 or item.raw("in_deviations") is None:
        return _sentence(item)
    say = context.words.say
    said = {"first": item.number("first_post", "date"), "point": item.shown("shown.point", "signed_")}
    day = say("others.day", level=item.number("shown.level", "percent_whole"), **said, **item.interval())
    own = say("others.day.deviations", deviations=item.number("in_deviations", "fixed3"), **said)
    fold = context.fold(say("others.day.fold"), Markup("{}<p>{}</p>").format(_figure(context, item), own))
    if item.covers_zero:
        tail = say("others.none", detectable=item.shown("detectable"))
    else:
        tail = say("others.shown", beyond=item.number("ordinary.beyond", "percent"))
    return Markup("<p>{} {}</p>{}").format(day, tail, fold)


def _figure(context: Context, item: Findings) -> Markup:
    ordinary, event = series.beyond_market(context.store.path(item.name))
    if item.raw("ordinary.lower") is None:
        return Markup("")
    say, text = context.words.say, context.words.text
    ends = [item.raw("ordinary.lower"), item.raw("ordinary.upper")]
    table = pd.DataFrame(
        {
            "kind": ["ordinary"] * len(ordinary) + ["event"] * len(event) + ["range"] * 2,
            "value": [*ordinary, *event, *ends],
        }
    )
    day, days = item.number("first_post", "short_date"), item.number("ordinary.days", "integer")
    share, point = item.number("ordinary.share", "percent_whole"), item.shown("shown.point", "signed_")
    bounds = {key: item.number(f"ordinary.{key}", "signed_return") for key in ("lower", "upper")}
    texts = {
        "axis": text("others.axis"),
        "event": f"{day}\n{point}",
        "ordinary": text("others.ordinary", days=days),
        "range": text("others.range", share=share),
    }
    rows = [
        [say("others.ordinary", days=days), "–"],
        [day, point],
        [say("others.range", share=share), say("frame.short_interval", **bounds)],
    ]
    key = "others.title.of" if len(context.estimated("reputation")) > 1 else "others.title"
    return context.figure(
        "market_reaction",
        f"reaction_{item.name}",
        table,
        texts,
        title=context.graded(say(key, label=item.label, beyond=item.number("ordinary.beyond", "percent")), item),
        subtitle=say("others.subtitle", days=days, day=item.number("first_post", "date")),
        alt=text("others.alt", point=point, share=share, **bounds),
        data=context.table(COLUMNS, rows),
    )
