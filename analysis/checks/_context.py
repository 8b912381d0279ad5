"""What a check is given: the estimate under challenge and the means to make it again on other data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, ModuleType
from typing import Any

from analysis.core.case import Case
from analysis.core.effect import Average, Effect
from analysis.core.panel import Panel
from analysis.core.seeds import seed_for
from analysis.estimators import available, average_of, estimate


@dataclass(frozen=True, slots=True)
class CheckContext:
    """One outcome of one case: ``estimator`` is the estimator's name, ``options`` what it was called with.

    ``case`` is the case as declared, ``negative_controls`` panels of outcomes that the event cannot have moved, by
    label; checks that need them say so with ``needs(context)``.
    """

    case_slug: str
    outcome: str
    label: str
    panel: Panel
    estimator: str
    options: Mapping[str, Any] = field(default_factory=dict)
    effect: Effect | None = None
    case: Case | None = None
    negative_controls: Mapping[str, Panel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))
        object.__setattr__(self, "negative_controls", MappingProxyType(dict(self.negative_controls)))
        if self.effect is None:
            object.__setattr__(self, "effect", self.re_estimate(self.panel))

    @property
    def module(self) -> ModuleType:
        return available()[self.estimator]

    def re_estimate(self, panel: Panel) -> Effect:
        """The same estimator with the same options and seed on another panel. Raises what the estimator raises."""
        return estimate(self.estimator, panel, seed=seed_for(self.case_slug, self.outcome), **self.options)

    def average_of(self, panel: Panel) -> Average | Effect:
        """As ``re_estimate``, for many panels of which only point, interval, p-value or standard error is asked."""
        return average_of(self.estimator, panel, seed=seed_for(self.case_slug, self.outcome), **self.options)
