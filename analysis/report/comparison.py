"""The page that lays cases side by side, in every language there is, from the tables of notebook 90 alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.core import artefacts
from analysis.core.store import Store
from analysis.report._comparison_tables import (
    KINDS,
    SHARES,
    averages,
    columns,
    ends_of,
    printed,
    provenance_section,
    signed,
    style_of,
    tables_section,
)
from analysis.report.claims import plain_table
from analysis.report.context import Context, Section
from analysis.report.languages import WORDING
from analysis.report.numbers import Numbers, join
from analysis.report.page import environment, frame, page_name
from analysis.report.results import flatten, of_table
from analysis.report.texts import Texts
from analysis.report.wording import Words

FEWEST_FOR_A_RANGE = 4
STATUSES = ("real", "simulated", "mixed")


def languages() -> list[str]:
    """The languages that have every sentence of this page, English first."""
    known = [name for name, table in WORDING.items() if "comparison.title" in table]
    return sorted(known, key=lambda name: name != "en")


def build_comparison(store: Store, provenance: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of reports/comparison/ but the notebook and the manifest: relative path -> bytes."""
    results = comparison_results(store, provenance)
    files = {"results.json": artefacts.canonical_json(results).encode()}
    for language in languages():
        texts = Texts(language, _with_names(store.case, language))
        numbers, words = Numbers(results, language, texts), Words(language)
        context = Context(store, store.case, numbers, words, texts, environment(), dict(provenance))
        files[page_name(language)] = _page(context).encode()
        files |= context.files
    for name in store.tables:
        files[f"tables/{name}.csv"] = artefacts.canonical_csv(store.table(name)).encode()
    return dict(sorted(files.items()))


def comparison_results(store: Store, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The flat mapping of everything the page may print."""
    case = store.case
    flat = flatten("provenance", provenance)
    flat |= flatten("comparison", {key: value for key, value in case.items() if key != "translations"})
    flat |= {"comparison.count": len(case["cases"]), "comparison.brands": "; ".join(_brands(case))}
    for name in store.tables:
        flat |= of_table(f"tables.{name}", store.table(name))
    return {key: artefacts.plain(value) for key, value in sorted(flat.items())}


def _brands(case: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(item["brand"] for item in case["cases"]))


def _with_names(case: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The comparison with the cases' titles in that language; brands are names, alone and side by side."""
    brands = _brands(case)
    names = {name: name for name in (*brands, "; ".join(brands))}
    said = dict(case.get("translations") or {})
    return {**case, "translations": said | {language: names | said.get(language, {})}}


def _page(context: Context) -> str:
    case, say = context.case, context.words.say
    sections = [section for status in STATUSES if (section := _group(context, status))]
    if table := plain_table(context):
        sections.append(Section("claims", table, say("claims.heading")))
    sections += [tables_section(context), provenance_section(context)]
    note = say(f"comparison.note.{case['data_status']}", brands=context.numbers.text("comparison.brands"))
    sign = context.templates.get_template("banner.html.j2").render(status=case["data_status"], note=note, say=say)
    others = [name for name in languages() if name != context.words.language]
    return context.templates.get_template("sections.html.j2").render(
        language=context.words.language,
        title=context.words.text("comparison.title"),
        first=_first(context),
        lead=join([say("comparison.lead", cases=context.numbers("comparison.count", "integer")), _absent(context)]),
        others=[(name, page_name(name)) for name in others],
        sections=sections,
        page_class="",
        banner=Markup(sign),
        say=say,
        **frame(),
    )


def _absent(context: Context) -> Markup:
    """The cases that answer none of the questions, by name."""
    there = {row["case"] for _, row in context.rows_of("effects")}
    missing = [item["id"] for item in context.case["cases"] if item["id"] not in there]
    if not missing:
        return Markup("")
    titles = join([context.numbers.text(f"comparison.cases.{name}.title") for name in missing], "; ")
    return context.words.say("comparison.absent", titles=titles)


def _first(context: Context) -> Markup:
    """The one sentence to remember: of real exits where there are two, else that there are not."""
    say = context.words.say
    found = list(averages(context))
    if not found:
        return say("comparison.first.none")
    real = [item for item in found if item[1]["data_status"] == "real"]
    stem, row = (real or found)[0]
    kind, status = row["kind"], row["data_status"]
    sentence = say(
        "comparison.first.share" if kind in SHARES else "comparison.first.pooled",
        studies=context.numbers(f"{stem}.studies", "integer"),
        status=say(f"comparison.status.{status}"),
        label=say(f"comparison.kind.{kind}"),
        mean=context.numbers(f"{stem}.mean", signed(kind)),
        level=context.numbers(f"{stem}.level", "percent_whole"),
        **ends_of(context, stem, kind),
    )
    return sentence if real else join([sentence, say("comparison.first.no_real")])


def _group(context: Context, status: str) -> Section | None:
    """All cases of one kind of data: a picture a question that has two exits, a sentence a case that stands alone."""
    rows = context.rows_of("effects", data_status=status)
    if not rows:
        return None
    chip = Markup('<p class="chip chip-{}">{}</p>').format(status, context.words.say(f"status.{status}"))
    parts = [chip]
    for kind in KINDS:
        own = [item for item in rows if item[1]["kind"] == kind]
        average = next(iter(context.rows_of("pooled", kind=kind, data_status=status)), None)
        if average:
            parts.append(_forest(context, kind, status, own, average))
        parts += [_alone(context, kind, item, pooled=average is not None) for item in own]
    return Section(status, join(parts, "\n"), context.words.say(f"comparison.heading.{status}"))


def _entered(row: Mapping[str, Any]) -> bool:
    return row["change"] == "exit" and pd.notna(row["standard_error"]) and row["standard_error"] > 0


def _alone(context: Context, kind: str, item: tuple[str, dict[str, Any]], *, pooled: bool) -> Markup:
    stem, row = item
    if _entered(row) and pooled:
        return Markup("")
    values = {
        "name": context.words.say(f"comparison.name.{kind}"), "title": context.numbers.text(f"{stem}.title"),
        **printed(context, stem, row),
    }  # fmt: skip
    key = "alone" if _entered(row) else f"outside.{row['left_out'] if pd.notna(row['left_out']) else 'other'}"
    return Markup("<p>{}</p>").format(context.words.say(f"comparison.{key}", **values))


def _heading(context: Context, kind: str, stem: str, row: Mapping[str, Any]) -> Markup:
    name = context.words.say(f"comparison.name.{kind}")
    open_ended = row["lower"] <= 0 <= row["upper"]
    if kind in SHARES:
        key = "share.open" if row["lower"] < 0 or row["upper"] > 1 else "share"
    else:
        key = "open" if open_ended else "fall" if row["mean"] < 0 else "rise"
    numbers = {
        "mean": context.numbers(f"{stem}.mean", signed(kind)),
        "size": context.numbers(f"{stem}.mean", f"size_{style_of(kind)}"),
    }
    return context.words.say(f"comparison.found.{key}", name=name, **numbers)


def _forest(
    context: Context,
    kind: str,
    status: str,
    rows: list[tuple[str, dict[str, Any]]],
    average: tuple[str, dict[str, Any]],
) -> Markup:
    words, numbers, (stem, pooled) = context.words, context.numbers, average
    say, text = words.say, words.text
    weights = {row["case"]: row["weight"] for _, row in context.rows_of("left_out", kind=kind, data_status=status)}
    drawn, cells, spoken = [], [], []
    for place, row in (item for item in rows if _entered(item[1])):
        values = {"point": numbers(f"{place}.point", signed(kind)), **ends_of(context, place, kind)}
        title = numbers.text(f"{place}.brand")
        drawn.append(_drawn(row, str(title), text("comparison.row", **values), "case", weights.get(row["case"])))
        cells.append([title, values["point"], say("frame.short_interval", **ends_of(context, place, kind))])
        spoken.append(text("comparison.alt.row", title=title, **values))
    studies = numbers(f"{stem}.studies", "integer")
    level = numbers(f"{stem}.level", "percent_whole")
    mean, ends = numbers(f"{stem}.mean", signed(kind)), ends_of(context, stem, kind)
    shown = {**pooled, "point": pooled["mean"]}
    drawn.append(_drawn(shown, text("comparison.average"), text("comparison.row", point=mean, **ends), "pooled", None))
    cells.append([say("comparison.average"), mean, say("frame.short_interval", **ends)])
    # With three cases the range rests on one degree of freedom and says next to nothing.
    ranged = pd.notna(pooled["prediction_lower"]) and pooled["studies"] >= FEWEST_FOR_A_RANGE
    if ranged:
        more = ends_of(context, stem, kind, "prediction_")
        inside = {"point": None, "lower": pooled["prediction_lower"], "upper": pooled["prediction_upper"]}
        drawn.append(_drawn(inside, text("comparison.next"), text("frame.short_interval", **more), "prediction", None))
        cells.append([say("comparison.next"), "–", say("frame.short_interval", **more)])
        after = say("comparison.spread", level=level, **more)
    else:
        after = say("comparison.two" if pooled["studies"] == 2 else "comparison.three")
    signed_picture = replace(context, case={"data_status": status})
    figure = signed_picture.figure(
        "case_comparison_forest",
        f"cases_{kind}_{status}",
        pd.DataFrame(drawn),
        {"axis": text(f"comparison.axis.{kind}" if kind in (*SHARES, "market") else "comparison.axis")},
        title=_heading(context, kind, stem, pooled),
        subtitle=say("comparison.read" if ranged else "comparison.read.two", level=level),
        alt=text("comparison.alt", studies=studies, mean=mean, rows="; ".join(spoken), **ends),
        data=context.table(
            columns("case", "effect", "interval"), cells, bold=[row["kind"] == "pooled" for row in drawn]
        ),
    )
    return join([figure, Markup("<p>{}</p>").format(after)], "\n")


def _drawn(row: Mapping[str, Any], label: str, text: str, kind: str, weight: float | None) -> dict[str, Any]:
    numbers = {key: float("nan") if row[key] is None else row[key] for key in ("point", "lower", "upper")}
    return {"label": label, "kind": kind, "text": text, "weight": float("nan") if weight is None else weight, **numbers}


