"""One sentence each for engagement, service and the reaction of others: size, interval, period, likelihood, reading."""

from analysis.report.context import Context, Section

NAME = "headline"
LABEL = "Headline"
REFERENCE = "Mastrandrea et al. 2010, IPCC guidance note on the treatment of uncertainties (likelihood words)"
ORDER = 10
TEMPLATE = "headline.html.j2"

QUESTIONS = ("engagement", "service", "reputation")


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
    return Section("headline", context.render(TEMPLATE, groups=groups))
