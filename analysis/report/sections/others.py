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
    parts += [Markup("<p>{} {} {}</p>").format(item.headline(), item.likelihood(), item.verdict()) for item in rest]
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


def _reaction(context: Context, item: Findings) -> Markup:
    if item.raw("n_post") != 1 or item.raw("in_deviations") is None:
        return Markup("<p>{} {} {}</p>").format(item.headline(), item.likelihood(), item.verdict())
    say = context.words.say
    day = say(
        "others.day",
        first=item.number("first_post", "date"),
        point=item.shown("shown.point", "signed_"),
        deviations=item.number("in_deviations", "fixed3"),
        **item.interval(),
    )
    if item.covers_zero:
        tail = say("others.none", detectable=item.shown("detectable"))
    else:
        tail = say("others.shown", beyond=item.number("ordinary.beyond", "percent"))
    return Markup("<p>{} {}</p>{}").format(day, tail, _figure(context, item))


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
    return context.figure(
        "market_reaction",
        f"reaction_{item.name}",
        table,
        texts,
        title=say("others.title"),
        subtitle=say("others.subtitle", days=days),
        alt=text("others.alt", point=point, share=share, **bounds),
        data=context.table(COLUMNS, rows),
    )
