"""The strategist's page and everything beside it, from artefacts alone: the same artefacts give the same bytes."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.core import artefacts
from analysis.core.discovery import discover, pick
from analysis.core.store import Store
from analysis.core.tasks import map_tasks
from analysis.report import privacy, sections
from analysis.report.context import Context, Section
from analysis.report.numbers import ORIGINAL, Numbers
from analysis.report.page import LANGUAGES, banner, environment, frame, page_name
from analysis.report.results import build_results
from analysis.report.texts import Texts
from analysis.report.wording import Words

QUOTED = ("claims",)  # tables of what others have published: real whatever the case's own data are


def build_report(
    store: Store, provenance: Mapping[str, Any], *, languages: Sequence[str] = LANGUAGES, jobs: int = 1
) -> dict[str, bytes]:
    """Every file of reports/<case>/ but the notebooks and the manifest: relative path -> bytes.

    ``provenance`` may hold command, fingerprint, code_sha256, lock_sha256, case_sha256, versions (name -> version)
    and notebooks (list of href, title). One page a language, made in ``jobs`` copies of this process. Raises
    StudyError when an artefact or a sentence is missing.
    """
    given = _given(store, provenance)
    results = build_results(store, given)
    written = map_tasks(partial(_written, store, results, given), languages, jobs=jobs, forked=True)
    files = {name: content for pages in written for name, content in pages.items()}
    files["results.json"] = artefacts.canonical_json(results).encode()
    return dict(sorted({**files, **_tables(store)}.items()))


def section_html(store: Store, name: str, language: str = ORIGINAL) -> str | None:
    """One section as it reads from the artefacts so far, for a notebook; None when it has nothing to say."""
    (body,) = section_in_languages(store, name, (language,))
    return body


def section_in_languages(
    store: Store, name: str, languages: Sequence[str] = LANGUAGES, *, jobs: int = 1
) -> list[str | None]:
    """The section in each language, made in ``jobs`` copies of this process."""
    given = _given(store, {})
    results = build_results(store, given)

    def written(language: str) -> str | None:
        context = _context(store, results, given, language)
        context.so_far = True
        section = pick(discover(sections, "build"), name, "section").build(context)
        if section is None:
            return None
        return str(Markup("<h3>{}</h3>{}").format(section.heading, section.body) if section.heading else section.body)

    return map_tasks(written, languages, jobs=jobs, forked=True)


def privacy_name(language: str) -> str:
    """privacy.html in the first language, privacy.it.html in Italian."""
    return page_name(language).replace("index", "privacy", 1)


def _given(store: Store, provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {"command": f"exit-study run {store.case['slug']}"} | dict(provenance)


def _written(
    store: Store, results: Mapping[str, Any], provenance: Mapping[str, Any], language: str
) -> dict[str, bytes]:
    """The page in one language and its drawings, and the page on personal data."""
    context = _context(store, results, provenance, language)
    page = _page(context).encode()
    return {page_name(language): page, privacy_name(language): _privacy_page(context).encode(), **context.files}


def _context(store: Store, results: Mapping[str, Any], provenance: Mapping[str, Any], language: str) -> Context:
    case = store.case
    texts = Texts(language, case, (record for name in store.outcomes for record in store.checks(name)))
    event = case.get("event_name")
    words = Words(language, texts.or_original(event) if event else None)
    return Context(store, case, Numbers(results, language, texts), words, texts, environment(), provenance)


def _page(context: Context) -> str:
    modules = sorted(discover(sections, "build").values(), key=lambda module: (module.ORDER, module.NAME))
    built: list[Section] = [part for module in modules if (part := module.build(context)) is not None]
    status = context.case["data_status"]
    return context.templates.get_template("report.html.j2").render(
        language=context.words.language,
        title=context.named(context.case["title"]),
        others=[(other, page_name(other)) for other in LANGUAGES if other != context.words.language],
        sections=built,
        page_class="",
        banner=banner(context.words, status, context.numbers.text("case.brand"), context.templates),
        say=context.words.say,
        t=context.numbers.text,
        **frame(),
    )


def _privacy_page(context: Context) -> str:
    words, status = context.words, context.case["data_status"]
    return context.templates.get_template("sections.html.j2").render(
        language=words.language,
        title=words.text("privacy.title"),
        first=context.numbers.text("case.title"),
        lead=privacy.lead(context),
        others=[(other, privacy_name(other)) for other in LANGUAGES if other != words.language],
        sections=privacy.privacy_sections(context),
        page_class="",
        banner=banner(words, status, context.numbers.text("case.brand"), context.templates),
        say=words.say,
        **frame(),
    )


def _tables(store: Store) -> dict[str, bytes]:
    """CSV of every table, of every outcome's path, of all effects and all checks."""
    files = {name: store.table(name) for name in store.tables}
    effects, checks = [], []
    for name in store.outcomes:
        record = store.effect(name)
        effects.append({key: value for key, value in _flat(record).items() if not isinstance(value, list | dict)})
        checks += [
            {"outcome": name, **{key: value for key, value in item.items() if key != "table"}}
            for item in store.checks(name)
        ]
        if "refused" not in record:
            files[f"path_{name}"] = store.path(name)
    files.setdefault("effects", pd.DataFrame(effects))
    files.setdefault(
        "checks",
        pd.DataFrame(
            checks,
            columns=["outcome", "check", "label", "status", "sentence", "recommendation", "statistic", "threshold"],
        ),
    )
    status = store.case["data_status"]
    return {
        f"tables/{name}.csv": artefacts.canonical_csv(
            table.assign(data_status="real" if name in QUOTED else status)
        ).encode()
        for name, table in files.items()
    }


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Intervals and refusals as columns of their own."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, Mapping) and (key.endswith("interval") or key == "refused"):
            flat |= {f"{key}_{part}": item for part, item in value.items()}
        else:
            flat[key] = value
    return flat
