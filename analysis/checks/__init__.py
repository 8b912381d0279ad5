"""One check per file: a CheckContext in, a CheckResult out. A crash becomes NOT_RUN with its reason."""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from analysis import checks
from analysis.checks._context import CheckContext
from analysis.checks._wording import COMMON, Translate, compose, say, text
from analysis.core.check import CheckResult
from analysis.core.discovery import discover
from analysis.core.errors import StudyError

__all__ = ["CheckContext", "applicable", "available", "not_applicable", "run_check", "run_checks", "sentence_in"]


def available() -> Mapping[str, ModuleType]:
    """Every check by name."""
    return discover(checks, "run")


def run_checks(context: CheckContext) -> tuple[CheckResult, ...]:
    """The results of every check that applies, in alphabetical order of their names. Never raises for a check."""
    return tuple(run_check(name, context) for name in applicable(context))


def applicable(context: CheckContext) -> tuple[str, ...]:
    """The names of the checks that make sense for this estimate, in alphabetical order."""
    return tuple(name for name, module in available().items() if _why_not(module, context) is None)


def run_check(name: str, context: CheckContext) -> CheckResult:
    """The result of one check that applies; of one that refuses or crashes, NOT_RUN with its reason."""
    module = available()[name]
    try:
        return module.run(context)
    except StudyError as error:
        reason, cure = error.what, error.cure or "Look into the reason given."
    except Exception as error:  # a check that breaks must be seen, and must not take the study with it
        reason, cure = f"{type(error).__name__}: {error}", "Report it with the case: the check itself is at fault."
    return CheckResult(
        check=module.NAME,
        outcome=context.outcome,
        status="NOT_RUN",
        sentence=say(COMMON, "not_run", reason=text(reason)),
        recommendation=say(COMMON, "what_to_do", cure=text(cure[:1].upper() + cure[1:])),
    )


def not_applicable(context: CheckContext) -> Mapping[str, str]:
    """The checks that make no sense for this estimate, each with the reason."""
    reasons = {name: _why_not(module, context) for name, module in available().items()}
    return MappingProxyType({name: reason for name, reason in reasons.items() if reason is not None})


def sentence_in(language: str, check: str, made: Any, translate: Translate) -> str | None:
    """What a check said (``said`` of its record) in a language; None where the check has no sentences in it, or wrote
    plain text. ``translate`` says names and labels in that language."""
    module = available().get(check)
    sentences = getattr(module, "SENTENCES", COMMON)
    return compose(sentences, language, made, translate) if made and language in sentences else None


def _why_not(module: ModuleType, context: CheckContext) -> str | None:
    """What the check cannot do without: of the panel and the method (``applies``), of what the case declares
    (``needs``, where a check has it)."""
    needs = getattr(module, "needs", None)
    return module.applies(context.panel, context.module) or (needs(context) if needs else None)
