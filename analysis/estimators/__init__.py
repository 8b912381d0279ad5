"""One estimator per file: a Panel in, an Effect out. ``estimate`` finds them by name."""

from collections.abc import Mapping
from dataclasses import replace
from inspect import Parameter, signature
from types import ModuleType
from typing import Any

from analysis import estimators
from analysis.core.discovery import discover, pick
from analysis.core.effect import Average, Effect
from analysis.core.errors import CaseError, nearest
from analysis.core.panel import AbsentOutcome, Panel
from analysis.estimators._choice import DEFAULT, Choice, choose

__all__ = ["DEFAULT", "Choice", "available", "average_of", "check_options", "choose", "estimate"]


def available() -> Mapping[str, ModuleType]:
    """Every estimator by name."""
    return discover(estimators, "estimate")


def estimate(name: str, panel: Panel, *, seed: int = 0, **options: Any) -> Effect:
    """Estimate the effect of the event on the panel's treated unit with the estimator called ``name``.

    The name "default" stands for the estimator that ``choose`` names; the effect's diagnostics then hold
    ``chosen_because`` and, where there are any, ``chosen_with_warnings``.

    Raises StudyError for an unknown name or option, StructurallyAbsentOutcome for a series that vanished by
    construction, DesignError when the estimator cannot answer with this panel.
    """
    if isinstance(panel, AbsentOutcome):
        raise panel.refuse()
    if not isinstance(panel, Panel):
        raise TypeError(f"estimate wants a Panel, not a {type(panel).__name__}")
    if name == DEFAULT:
        choice = choose(panel)
        effect = estimate(choice.estimator, panel, seed=seed, **options)
        return replace(effect, diagnostics=dict(effect.diagnostics) | _said(choice))
    module = pick(available(), name, "estimator")
    return module.estimate(panel, seed=seed, **check_options(module, options))


def average_of(name: str, panel: Panel, *, seed: int = 0, **options: Any) -> Average | Effect:
    """``estimate`` for many panels: point, standard error, interval and p-value. An estimator with an ``average_of`` of
    its own makes no more than these. Raises as ``estimate``."""
    module = pick(available(), name, "estimator")
    if hasattr(module, "average_of"):
        return module.average_of(panel, seed=seed, **check_options(module, options))
    return estimate(name, panel, seed=seed, **options)


def _said(choice: Choice) -> dict[str, str]:
    said = {"chosen_because": " ".join(choice.reasons), "chosen_with_warnings": " ".join(choice.warnings)}
    return {name: text for name, text in said.items() if text}


def check_options(module: ModuleType, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a dict. Raises CaseError for one that the estimator does not take, naming the nearest."""
    known = {
        item.name for item in signature(module.estimate).parameters.values() if item.kind is Parameter.KEYWORD_ONLY
    } - {"seed"}
    unknown = sorted(set(options) - known)
    if unknown:
        raise CaseError(
            f'{module.NAME} has no option "{unknown[0]}"',
            where=f"options of {module.NAME}",
            cure=nearest(unknown[0], known) if known else "it takes no options",
        )
    for name, value in options.items():
        default = signature(module.estimate).parameters[name].default
        if not _same_kind(value, default):
            raise CaseError(
                f"{value!r} is not of the right type",
                where=f"option {name} of {module.NAME}",
                cure=f"give a {type(default).__name__}, like {default!r}",
            )
    return dict(options)


def _same_kind(value: object, default: object) -> bool:
    """Numbers for numbers, yes or no for yes or no; anything where the default is empty or a list."""
    if isinstance(default, bool) or (isinstance(value, bool) and isinstance(default, int | float)):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, int):
        return isinstance(value, int)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return not isinstance(default, str) or isinstance(value, str)
