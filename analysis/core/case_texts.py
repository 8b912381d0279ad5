"""The texts of a case that a reader sees, and their translations: keyed by the exact original, so that a typo shows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.core.errors import nearest

if TYPE_CHECKING:
    from analysis.core.case import Case


def texts_of(case: "Case") -> set[str]:
    """Every text that the report may print."""
    return {text for text in _texts(case) if text}


def _texts(case: "Case") -> Iterator[str | None]:
    yield from (case.title, case.brand, case.summary, case.event_name, case.rights, *case.competitors, *case.limits)
    for item in (*case.stages, *case.events):
        yield from (item.label, item.source)
    yield from (item.label for item in (*case.channels, *case.sources))
    for outcome in case.outcomes:
        yield from (outcome.label, outcome.unit, outcome.estimand, outcome.treated, *outcome.covariates)
        yield from (str(stage["label"]) for stage in _stages(outcome.options.get("stages")))
    for claim in case.claims:
        yield from (claim.quote, claim.by, claim.window, claim.comparator, claim.says, claim.source)
        yield from (claim.brand, claim.said)
    if case.diversion:
        yield from case.diversion.controls
    if case.plan:
        yield from (threshold.because for threshold in case.plan.thresholds)
    if case.care and case.care.tone:
        yield from case.care.tone.classes


def _stages(declared: object) -> list[dict]:
    """Stages among an estimator's options, which it checks itself."""
    items = declared if isinstance(declared, list | tuple) else []
    return [item for item in items if isinstance(item, dict) and "label" in item]


def check_translations(case: "Case") -> None:
    """Raises ValueError for a translation of something the case does not say."""
    known = texts_of(case)
    for language, table in case.translations.items():
        for original in table:
            if original not in known:
                close = nearest(original, known)
                hint = close if close.startswith("Did you mean") else "Copy the text as it stands in the case."
                raise ValueError(f'translations, {language}: "{original}" is not a text of this case. {hint}')
