"""What a case declares of the world around it: other events near the exit, and numbers that others published."""

from datetime import date

from pydantic import model_validator

from analysis.core.case_service import Identifier, Strict, Text


class Event(Strict):
    """Something else that happened. With ``adjust`` its periods are left out of the models."""

    id: Identifier
    label: Text
    first: date
    last: date
    channels: tuple[Identifier, ...] = ()
    source: Text | None = None
    adjust: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> "Event":
        if self.last < self.first:
            raise ValueError(f'event "{self.id}": last is before first')
        return self


class Claim(Strict):
    """A number somebody published, to be read with its window and comparator."""

    quote: Text
    by: Text
    window: Text
    comparator: Text
    says: Text
    source: Text
