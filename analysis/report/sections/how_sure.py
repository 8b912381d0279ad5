"""The evidence grade with its rule, every check, the peers, and what was refused."""

from typing import Any

from markupsafe import Markup

from analysis.report import series
from analysis.report.context import Column, Context, Section
from analysis.report.grading import AGAINST, PLAN
from analysis.report.grading import GRADES as GRADES_IN_ORDER
from analysis.report.numbers import join
from analysis.report.sections._how_sure_figures import pictures
from analysis.report.sections._how_sure_tables import printed_intervals, stage_effects
from analysis.report.wording import Findings

NAME = "how_sure"
LABEL = "How sure"
REFERENCE = "Guyatt et al. 2008, BMJ 336:924 (grading evidence by design, then by what went wrong)"
ORDER = 80

SHAPES = {"FAIL": "✕", "NOT_RUN": "○", "REVIEW": "▲", "PASS": "●"}  # worst first: the order of the tables
GRADES = (
    Column("column.outcome"),
    Column("column.evidence"),
    Column("column.likelihood"),
    Column("column.detectable", True),
)
CHECKS = (Column("column.check"), Column("column.status"), Column("column.found"), Column("column.advice"))
FEWEST_PEERS = 4
PLACEBO = (Column("column.peer"), Column("column.effect", True))


def build(context: Context) -> Section | None:
    items = context.estimated()
    refused = [item for item in context.findings if item.refused]
    if not items and not refused:
        return None
    main = [item for item in context.main() if not item.refused] or items
    rest = [item for item in items if item not in main]
    against = _against(context, main) + _lowering(context, items)
    key = "sure.rule.against" if against else "sure.rule.nothing"
    parts = [Markup("<p>{}</p>").format(context.words.say(key))] if items else []
    if against:
        parts.append(Markup('<ul class="lowering">{}</ul>').format(join(against, "")))
    parts += [_refusal(context, item) for item in refused]
    parts.append(_matrix(context, items, passed=False))
    parts += [_carried(context, item) for item in items]
    if items:
        tables = [_matrix(context, items, passed=True), _grades(context, [*main, *rest])]
        tables += [printed_intervals(context, items), stage_effects(context, items)]
        tables += [_checks(context, item) for item in items]
        parts.append(context.fold(context.words.say("sure.checks.fold"), join(tables, "\n")))
    robust = [figure for item in items for figure in pictures(context, item)]
    if robust:
        parts.append(context.fold(context.words.say("robust.fold"), join(robust, "\n")))
    drawn = [figure for item in items if (figure := _placebo(context, item))]
    if drawn:
        parts.append(context.fold(context.words.say("sure.placebo.fold"), join(drawn, "\n")))
    return Section("how-sure", join(parts, "\n"), _heading(context))


def _heading(context: Context) -> Markup:
    """The grade of the main outcomes, or the range of their grades."""
    found = {item.raw("grade.word") for item in context.main() if not item.refused} or {"very_low"}
    best, worst = (next(word for word in order if word in found) for order in (GRADES_IN_ORDER[::-1], GRADES_IN_ORDER))
    if best == worst:
        return context.words.say(f"sure.heading.{best}")
    text = context.words.text
    return context.words.say("sure.heading.range", worst=text(f"grade.{worst}"), best=text(f"grade.{best}"))


def _grades(context: Context, items: list[Findings]) -> Markup:
    rows = []
    for item in items:
        detectable = item.shown("detectable") if item.has_interval else "–"
        rows.append([item.label, _grade(context, item), _likelihood(context, item), detectable])
    bold = [item.raw("role") == "primary" for item in items]
    caption = context.words.say("sure.grades.caption")
    return context.table(GRADES, rows, caption=caption, bold=bold, note=_rule(context, items))


def _rule(context: Context, items: list[Findings]) -> Markup:
    """The whole rule of the grade, under the grades."""
    designs = dict.fromkeys(item.raw("grade.design") for item in items)
    named = "; ".join(context.words.text(f"sure.design.{name}") for name in designs)
    return context.words.say("sure.rule", designs=named, missing=context.numbers("constants.missing", "percent_whole"))


def _likelihood(context: Context, item: Findings) -> Any:
    """The word with its direction and probability; a day that does not stand out has no direction to bet on."""
    if not item.has_interval:
        return "–"
    if item.is_market and item.covers_zero:
        return context.words.say("sure.likelihood.none")
    word = context.words.text(f"likelihood.word.{item.raw('likelihood.word')}")
    key = f"sure.likelihood.{item.raw('likelihood.direction')}"
    return context.words.say(key, word=word, probability=item.number("likelihood.probability", "probability"))


def _carried(context: Context, item: Findings) -> Markup:
    """A result that rests on its controls is said in sight, not in a fold."""
    record = next((one for one in context.store.checks(item.name) if one["check"] == "controls_moved"), None)
    if record is None or not any(row.get("carries") for row in record["table"]):
        return Markup("")
    sentence = context.numbers.text(f"checks.{item.name}.controls_moved.sentence")
    return Markup("<p>{}</p>").format(context.words.say("sure.carried", label=item.label, sentence=sentence))


def _grade(context: Context, item: Findings) -> Markup:
    if item.raw("grade.checks"):
        counts = {key: item.number(f"grade.{key}", "integer") for key in ("lowered", "checks")}
        lowered = context.words.say("sure.lowered", plural=item.raw("grade.lowered"), **counts)
    else:
        lowered = context.words.say("sure.unchecked")
    word = item.grade_word()
    said = [lowered] if item.raw("grade.lowered") else []
    return join([Markup("{}").format(word[:1].upper() + word[1:]), *said, *_reasons(context, item)], "; ")


def _reasons(context: Context, item: Findings) -> list[Markup]:
    """What else than checks that failed lowered the grade of an outcome, in words."""
    found = [name for name in AGAINST if name != PLAN and item.raw(f"grade.against.{name}")]
    return [context.words.say(f"sure.against.{name}") for name in found]


def _against(context: Context, items: list[Findings]) -> list[Markup]:
    """In sight: what speaks against the main outcomes besides checks that failed, and a plan nobody registered."""
    said = [(item.label, reasons) for item in items if (reasons := _reasons(context, item))]
    lines = [Markup("<li>{}: {}</li>").format(label, join(reasons, "; ")) for label, reasons in said]
    if any(item.raw(f"grade.against.{PLAN}") for item in items):
        lines.append(Markup("<li>{}</li>").format(context.words.say(f"sure.against.{PLAN}")))
    return lines


def _matrix(context: Context, items: list[Findings], *, passed: bool) -> Markup:
    """A row a check, a column an outcome; in sight only the checks that some outcome did not pass."""
    recorded = {item.name: {one["check"]: one for one in context.store.checks(item.name)} for item in items}
    names = sorted({check for found in recorded.values() for check in found})
    shown = [item for item in items if recorded[item.name]]
    if not shown:
        return Markup("")
    rows = [[context.words.say("sure.evidence"), *(item.grade_word() for item in shown)]]
    statuses = {name: {found[name]["status"] for found in recorded.values() if name in found} for name in names}
    listed = [name for name in names if passed or statuses[name] != {"PASS"}]
    for name in listed:
        label = next(
            context.numbers.text(f"checks.{item.name}.{name}.label") for item in shown if name in recorded[item.name]
        )
        found = [recorded[item.name].get(name) for item in shown]
        rows.append([label, *(_status(context, one["status"]) if one else "–" for one in found)])
    columns = [Column("column.check"), *(Column("", title=item.label) for item in shown)]
    bold = [place == 0 for place in range(len(rows))]
    counts = {
        "checks": context.numbers("summary.checks", "integer"), "passed": context.numbers("summary.passed", "integer")
    }  # fmt: skip
    if passed:
        caption = context.words.say("sure.matrix.caption", **counts)
        return context.table(columns, rows, caption=caption, bold=bold, breakout=True)
    return context.fold(
        context.words.say("sure.matrix.open", **counts), context.table(columns, rows, bold=bold, breakout=True)
    )


def _lowering(context: Context, items: list[Findings]) -> list[Markup]:
    """What failed or did not run is named in sight: it is why the grade is not higher."""
    found = {
        (record["check"], record["status"]): context.numbers.text(f"checks.{item.name}.{record['check']}.label")
        for item in items
        for record in context.store.checks(item.name)
        if record["status"] in ("FAIL", "NOT_RUN")
    }
    named = sorted(found.items())
    return [Markup("<li>{} {}</li>").format(_status(context, status), label) for (_, status), label in named]


def _checks(context: Context, item: Findings) -> Markup:
    records = context.store.checks(item.name)
    if not records:
        return Markup("<p>{}</p>").format(context.words.say("sure.no_checks", label=item.label))
    text, rows = context.numbers.text, []
    for record in sorted(records, key=lambda one: list(SHAPES).index(one["status"])):
        stem = f"checks.{item.name}.{record['check']}"
        rows.append(
            [
                text(f"{stem}.label"),
                _status(context, record["status"]),
                text(f"{stem}.sentence"),
                text(f"{stem}.recommendation") if record["recommendation"] else "–",
            ]
        )
    return context.table(
        CHECKS, rows, caption=context.words.say("sure.checks.caption", label=item.label), breakout=True
    )


def _status(context: Context, status: str) -> Markup:
    word = context.words.say(f"sure.status.{status}")
    mark = '<span class="status status-{}"><span class="shape" aria-hidden="true">{}</span>{}</span>'
    return Markup(mark).format(status, SHAPES[status], word)


def _refusal(context: Context, item: Findings) -> Markup:
    stem = f"{item.stem}.refused"
    sentence = context.words.say(
        "sure.refused",
        label=item.label,
        what=context.numbers.text(f"{stem}.what"),
        cure=context.numbers.text(f"{stem}.cure"),
    )
    return Markup("<p>{}</p>").format(sentence)


def _placebo(context: Context, item: Findings) -> Markup:
    """Drawn where there are enough peers to compare with."""
    found = series.placebos(context.store.table("placebo_space"), context.store.effect(item.name), item.name)
    if (~found["treated"].astype(bool)).sum() < FEWEST_PEERS or not found["treated"].any():
        return Markup("")
    say, text, numbers, stem = context.words.say, context.words.text, context.numbers, f"placebos.{item.name}"
    share = item.raw("scale") == "log"
    style = "signed_percent" if share else "signed_number"
    cells = [[numbers.text(f"{stem}.{index}.unit"), numbers(f"{stem}.{index}.effect", style)] for index in found.index]
    own = int(found.index[found["treated"]][0])
    brand, point = numbers.text(f"{stem}.{own}.unit"), numbers(f"{stem}.{own}.effect", style)
    counts = {key: numbers(f"{stem}.{key}", "integer") for key in ("as_much", "peers")}
    texts = {
        "axis": text("sure.placebo.axis" if share else "sure.placebo.ratio"),
        "treated": f"{brand} {point}",
        "peers": text("sure.placebo.peers"),
        "scale": "share" if share else "number",
    }
    return context.figure(
        "placebo_space",
        f"placebo_{item.name}",
        found,
        texts,
        title=say("sure.placebo.title", plural=numbers.raw(f"{stem}.as_much"), label=item.label, **counts),
        subtitle=say("sure.placebo.rank", p_value=item.number("diagnostics.rank_p_value", "p"))
        if item.raw("diagnostics.rank_p_value") is not None
        else say("sure.placebo.subtitle"),
        alt=text("sure.placebo.alt", plural=numbers.raw(f"{stem}.as_much"), brand=brand, point=point, **counts),
        data=context.table(PLACEBO, cells, bold=found["treated"].tolist()),
    )
