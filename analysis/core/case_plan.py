"""What a case declares about the decision before any effect is seen: when to stay out, to go back, to look again."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from analysis.core.case_service import Identifier, Strict, Text

if TYPE_CHECKING:
    from analysis.core.case import Case

MOST = 200  # thresholds, or weeks to look again: each is worked out and printed
Week = Annotated[int, Field(ge=1, le=520)]
Share = Annotated[float, Field(gt=-1, lt=10)]


class Threshold(Strict):
    """For one outcome: the effect from which staying out is settled, and the one from which going back is.

    Both are shares of what was expected (-0.1 = 10 % lower). ``better`` says which way is good for the brand.
    """

    outcome: Identifier
    better: Literal["higher", "lower"] = "higher"
    keep: Share
    reverse: Share
    because: Text | None = None

    @model_validator(mode="after")
    def _apart(self) -> "Threshold":
        worse = self.reverse < self.keep if self.better == "higher" else self.reverse > self.keep
        if not worse:
            raise ValueError(
                f'plan, outcome "{self.outcome}": where {self.better} is better, reverse ({self.reverse}) must be '
                f"{'below' if self.better == 'higher' else 'above'} keep ({self.keep})"
            )
        return self


class Plan(Strict):
    """Thresholds of the outcomes that decide, and the weeks after the event at which the question is asked again."""

    thresholds: Annotated[tuple[Threshold, ...], Field(min_length=1, max_length=MOST)]
    horizons_weeks: Annotated[tuple[Week, ...], Field(min_length=1, max_length=MOST)] = (4, 13, 26, 52)


def check_plan(case: "Case") -> None:
    """Raises ValueError for a threshold on an outcome that is not there, is named twice, or is a market reaction."""
    if case.plan is None:
        return
    outcomes = {item.id: item for item in case.outcomes}
    names = [item.outcome for item in case.plan.thresholds]
    for name in names:
        if name not in outcomes:
            raise ValueError(f'plan: "{name}" is not among the outcomes')
        if names.count(name) > 1:
            raise ValueError(f'plan: the outcome "{name}" is named twice')
        if outcomes[name].scale == "log_return":
            raise ValueError(f'plan: "{name}" is a market reaction; one day decides nothing')
