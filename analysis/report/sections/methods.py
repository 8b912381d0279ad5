"""How the numbers were made, and the glossary: folded on screen, printed in full."""

from markupsafe import Markup

from analysis.report.context import Column, Context, Section
from analysis.report.wording import Findings

NAME = "methods"
LABEL = "Methods and glossary"
REFERENCE = "American Statistical Association 2016 statement on p-values, The American Statistician 70:129"
ORDER = 100
TEMPLATE = "methods.html.j2"
VOCABULARY = ("metric", "channels", "label", "kind", "unit", "clock", "denominator", "counts")


def build(context: Context) -> Section | None:
    numbers, say = context.numbers, context.words.say
    outcomes = [
        {"sentence": _sentence(context, item), "assumptions": _assumptions(context, item)}
        for item in context.estimated()
    ]
    reading = say(
        "methods.reading",
        **{
            word: numbers(f"constants.likelihood.{word}", "percent_whole")
            for word in ("virtually_certain", "very_likely", "likely")
        },
    )
    detectable = say(
        "methods.detectable",
        factor=numbers("constants.detectable_factor"),
        power=numbers("constants.power", "percent_whole"),
    )
    body = context.render(
        TEMPLATE,
        outcomes=outcomes,
        reading=reading,
        detectable=detectable,
        vocabulary=_vocabulary(context),
        glossary=_glossary(context),
    )
    return Section("methods", body, say("methods.heading"))


def _vocabulary(context: Context) -> Markup | None:
    """The KPI behind each metric that an outcome, a control or the diversion uses; the same KPI of a metric once."""
    case = context.case
    diversion = case.get("diversion") or {}
    used = {name for item in case["outcomes"] for name in (item["metric"], *item["covariates"])}
    used |= {diversion.get("metric"), diversion.get("offset"), *diversion.get("controls", ())}
    rows = [(stem, row) for stem, row in context.rows_of("vocabulary") if row["metric"] in used]
    if not rows:
        return None
    cells = [[context.numbers.text(f"{stem}.{name}") for name in VOCABULARY] for stem, _ in rows]
    columns = [Column("column.kpi" if name == "label" else f"column.{name}") for name in VOCABULARY]
    return context.table(columns, cells, note=context.words.say("methods.vocabulary.note"), breakout=True)


def _glossary(context: Context) -> list[tuple[str, str, str]]:
    """The terms that this page uses: linked above, or behind its designs and sections."""
    used = {"expected", "smallest change that matters", "smallest detectable change"} | context.words.linked
    designs = {item.raw("grade.design") for item in context.estimated()}
    used |= {"donor", "placebo"} if "donors" in designs else set()
    used |= {"recaptured", "lost"} if context.store.table("diversion") is not None else set()
    if any((context.store.path(item.name)["period"] == "donut").any() for item in context.estimated()):
        used.add("left-out period")
    return context.words.glossary(used)


def _sentence(context: Context, item: Findings) -> Markup:
    text = context.numbers.text
    p_value = ""
    if item.raw("p_value") is not None:
        p_value = context.words.say("methods.p_value", p=item.number("p_value", "p"))
    return context.words.say(
        "methods.outcome",
        label=item.label,
        estimator=text(f"{item.stem}.estimator_label"),
        inference=text(f"{item.stem}.inference"),
        n_pre=item.number("n_pre", "integer"),
        n_post=item.number("n_post", "integer"),
        estimand=text(f"{item.stem}.estimand"),
        p_value=p_value,
    )


def _assumptions(context: Context, item: Findings) -> list[object]:
    found = []
    while f"{item.stem}.assumptions.{len(found)}" in context.numbers:
        found.append(context.numbers.text(f"{item.stem}.assumptions.{len(found)}"))
    return found
