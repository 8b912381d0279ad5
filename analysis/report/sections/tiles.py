"""At most four numbers to remember, each with its unit, its interval and what it means."""

from dataclasses import dataclass
from typing import Any

from analysis.report.context import Context, Section
from analysis.report.wording import Findings

NAME = "tiles"
LABEL = "Tiles"
REFERENCE = "Tufte 1983, The Visual Display of Quantitative Information (a number with its uncertainty)"
ORDER = 30
TEMPLATE = "tiles.html.j2"
MOST = 4


@dataclass(frozen=True, slots=True)
class Tile:
    label: Any
    number: Any
    interval: Any
    means: Any


def build(context: Context) -> Section | None:
    with_interval = [item for item in context.estimated() if item.has_interval]
    parts = ("recaptured",) if context.rows_of("staffing_total") else ("recaptured", "lost")
    moved = [_moved(context, part) for part in parts if f"diversion.{part}.ratio" in context.numbers]
    moved += _agents(context)
    outcomes = [_of(context, item) for item in with_interval][: MOST - len(moved)]
    tiles = [*outcomes, *moved]
    if not tiles:
        return None
    return Section("tiles", context.render(TEMPLATE, tiles=tiles))


def _of(context: Context, item: Findings) -> Tile:
    if item.is_market:
        means = context.words.say("tiles.market.means", first=item.number("first_post", "date"))
    elif item.raw("relative.point") is not None:
        means = context.words.say(
            "tiles.closed.means" if item.raw("closure.share") is not None else "tiles.relative.means",
            observed=item.number("observed_mean", "count"),
            per=context.per,
            expected=item.number("expected_mean", "count"),
            unit=context.numbers.text(f"{item.stem}.unit"),
            share=item.number("closure.share", "percent"),
        )
    else:
        means = context.words.say("tiles.point.means", unit=context.numbers.text(f"{item.stem}.unit"))
    interval = context.words.say("frame.interval", level=item.number("shown.level", "percent_whole"), **item.interval())
    return Tile(item.label, item.shown("shown.point", "signed_"), interval, means)


def _agents(context: Context) -> list[Tile]:
    """Agents more or fewer to hold the service level of all desks."""
    say, numbers = context.words.say, context.numbers
    return [
        Tile(
            say("tiles.agents"),
            numbers(f"{stem}.agents_change", "signed_count"),
            say(
                "frame.interval",
                level=numbers(f"{stem}.level", "percent_whole"),
                lower=numbers(f"{stem}.agents_change_lower", "signed_count"),
                upper=numbers(f"{stem}.agents_change_upper", "signed_count"),
            ),
            say("tiles.agents.means", without=numbers(f"{stem}.agents_without", "count")),
        )
        for stem, _ in context.rows_of("staffing_total")
    ]


def _moved(context: Context, part: str) -> Tile:
    stem, say, numbers = f"diversion.{part}", context.words.say, context.numbers
    interval = say(
        "frame.interval",
        level=numbers("diversion.level", "percent_whole"),
        lower=numbers(f"{stem}.ratio_lower", "percent"),
        upper=numbers(f"{stem}.ratio_upper", "percent"),
    )
    values = (
        {"expected": numbers("diversion.exited.expected", "count"), "per": context.per} if part == "recaptured" else {}
    )
    return Tile(
        say(f"tiles.{part}"), numbers(f"{stem}.ratio", "percent"), interval, say(f"tiles.{part}.means", **values)
    )
