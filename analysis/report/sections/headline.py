"""One sentence each for engagement, service and the reaction of others: size, interval, period, likelihood, reading."""

from datetime import date, timedelta

from markupsafe import Markup

from analysis.report.context import Context, Section
from analysis.report.wording import QUESTIONS

NAME = "headline"
LABEL = "Headline"
REFERENCE = "Mastrandrea et al. 2010, IPCC guidance note on the treatment of uncertainties (likelihood words)"
ORDER = 10
TEMPLATE = "headline.html.j2"


def build(context: Context) -> Section | None:
    present = {item.raw("question") for item in context.findings}
    asked = [name for name in QUESTIONS if name in present]
    # The reaction of others is news on this page only when nothing else is, or when it is a main outcome.
    groups = [(name, context.main(name)) for name in asked]
    groups = [
        (name, items)
        for name, items in groups
        if name != "reputation" or len(asked) == 1 or any(item.raw("role") == "primary" for item in items)
    ]
    if not groups:
        return None
    said: set[tuple[object, object]] = set()
    shown = []
    for name, items in groups:
        for item in items:
            shown.append((name, item, item.headline(again=item.period() in said)))
            said |= set() if item.refused else {item.period()}
    grouped = [(name, [(item, line) for at, item, line in shown if at == name]) for name, _ in groups]
    return Section("headline", context.render(TEMPLATE, groups=grouped, counting=_counting(context)))


def _counting(context: Context) -> Markup:
    """Why the first week counted is not the week of the closing."""
    closed = next((item for item in context.case["stages"] if item["kind"] == "channels_closed"), None)
    if closed is None or context.case["frequency"] != "week":
        return Markup("")
    wait = date.fromisoformat(context.case["windows"]["event"]) - date.fromisoformat(closed["date"])
    if not timedelta(0) < wait < timedelta(days=7):
        return Markup("")
    return context.words.say("headline.counting", first=context.numbers("case.windows.event", "date"))
