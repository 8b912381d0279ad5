"""What a case declares of the world around it: other events near the exit, and numbers that others published."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from analysis.core.case_service import Day, Identifier, Strict, Text


class Event(Strict):
    """Something else that happened. With ``adjust`` its periods are left out of the models."""

    id: Identifier
    label: Text
    first: Day
    last: Day
    channels: tuple[Identifier, ...] = ()
    source: Text | None = None
    adjust: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> "Event":
        if self.last < self.first:
            raise ValueError(f'event "{self.id}": last is before first')
        return self


class Claim(Strict):
    """A number somebody published, to be read with its window and comparator.

    ``value`` is the claimed change as a share. ``first`` and ``last`` are the days it covers, ``event`` the exit it
    speaks of (the case's own unless given). ``outcome`` names the outcome of the case that measures the same thing;
    without one, ``about`` finds it. What is left out is shown as not stated.
    """

    quote: Text
    by: Text
    window: Text
    comparator: Text
    says: Text
    source: Text
    brand: Text | None = None
    interested: bool | None = None
    about: Literal["engagement", "contacts", "traffic", "share_price", "sales", "tone", "opinion", "other"] = "other"
    outcome: Identifier | None = None
    value: Annotated[float, Field(ge=-1, le=100)] | None = None
    first: Day | None = None
    last: Day | None = None
    event: Day | None = None
    compared: Literal["own_past", "others", "none"] | None = None
    said: Text | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Claim":
        if self.first and self.last and self.last < self.first:
            raise ValueError(f'claim "{self.quote}": last is before first')
        return self


class PublicClaims(Strict):
    """The file of what others who left said."""

    claims: tuple[Claim, ...]
