"""What a case declares about service: the log of its cases, its clock, its margins, its desks and their costs."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
# What a study can be about; a year of three digits is a slip, and no calendar of days reaches the year 9999.
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2099, 12, 31))]
Word = Annotated[str, Field(min_length=1, max_length=60)]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Count = Annotated[int, Field(ge=0)]
PROFILE_SLACK = 1e-6

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


class Clock(Strict):
    """Which hours count. ``calendar`` counts all of them; ``business`` those in which the desk is open."""

    kind: Literal["calendar", "business"] = "calendar"
    opens: Hour = "00:00"
    closes: Hour = "24:00"
    weekdays: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None

    @model_validator(mode="after")
    def _open_at_all(self) -> "Clock":
        if self.opens >= self.closes or not self.weekdays:
            raise ValueError("the clock never runs: opens must lie before closes, on at least one weekday")
        return self


class EqualTreatment(Strict):
    """Attributes of a case that should not matter for how fast it is answered, and how much may not matter.

    ``margin`` .25: median times between 1/1.25 and 1.25 of the reference group's count as alike.
    """

    attributes: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    margin: Annotated[float, Field(gt=0, le=2)]
    adjust: tuple[Identifier, ...] = ()


class Tone(Strict):
    """Tone classes from worst to best; ``labelled`` counts messages that people labelled too (rows: what people
    said, columns: what the classifier said)."""

    classes: Annotated[tuple[Word, ...], Field(min_length=2, max_length=5)]
    labelled: tuple[tuple[Count, ...], ...] = ()
    labelled_source: Text | None = None

    @model_validator(mode="after")
    def _square(self) -> "Tone":
        size = len(self.classes)
        if self.labelled and (len(self.labelled) != size or any(len(row) != size for row in self.labelled)):
            raise ValueError(f"tone: labelled needs {size} rows of {size} counts, in the order of classes")
        if self.labelled and any(sum(row) == 0 for row in self.labelled):
            raise ValueError("tone: a class has no labelled message, so its errors cannot be known")
        return self


class Care(Strict):
    """How people were served: which source logs the cases, and what is measured of them."""

    source: Identifier
    channels: tuple[Identifier, ...] = ()
    clock: Clock = Clock()
    target_minutes: Annotated[float, Field(gt=0)] = 60.0
    horizon_hours: Annotated[float, Field(gt=0, le=24 * 365)] = 72.0
    compare: Literal["all", "retained", "owned", "same_channels"] = "all"
    equal_treatment: EqualTreatment | None = None
    tone: Tone | None = None
    shares: dict[Identifier, Word] = Field(default_factory=dict)  # attribute: the word whose share is reported
    # Of these, attributes that say whether a case kept its due date: only cases due while they are followed count.
    judged_when_due: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _judged_shares(self) -> "Care":
        if unknown := sorted(set(self.judged_when_due) - set(self.shares)):
            raise ValueError(f'care: judged_when_due names "{unknown[0]}", of which no share is reported')
        return self


class Desk(Strict):
    """People who answer one channel. ``profile``: share of an open day's contacts by interval (sums to one)."""

    channel: Identifier
    model: Literal["erlang_c", "erlang_a", "deferred"]
    handling_seconds: Annotated[float, Field(gt=0)]
    target_seconds: Annotated[float, Field(gt=0)]
    service_level: Annotated[float, Field(gt=0, lt=1)] = 0.8
    patience_seconds: Annotated[float, Field(gt=0)] | None = None
    concurrency: Annotated[float, Field(ge=1, le=10)] = 1.0
    shrinkage: Annotated[float, Field(ge=0, lt=1)] = 0.3
    busiest_day: Annotated[float, Field(gt=0, le=1)] = 0.2
    open_days: Annotated[int, Field(ge=1, le=7)] = 5
    interval_minutes: Literal[15, 30, 60] = 30
    profile: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1, max_length=96)]
    cost_per_contact: Annotated[float, Field(ge=0)] | None = None
    cost_per_contact_after: Annotated[float, Field(ge=0)] | None = None
    source: Text | None = None

    @field_validator("profile")
    @classmethod
    def _whole(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if abs(sum(value) - 1) > PROFILE_SLACK:
            raise ValueError(f"profile: the shares sum to {sum(value):.6g}, not to 1")
        return value

    @model_validator(mode="after")
    def _patience(self) -> "Desk":
        if (self.model == "erlang_a") != (self.patience_seconds is not None):
            raise ValueError(f'desk "{self.channel}": patience_seconds goes with erlang_a, and only with it')
        if len(self.profile) * self.interval_minutes > 24 * 60:
            raise ValueError(f'desk "{self.channel}": the profile is longer than a day')
        return self


class Staffing(Strict):
    """Desks, the time it takes to hire, and what a contact costs on channels without a desk."""

    desks: Annotated[tuple[Desk, ...], Field(min_length=1)]
    hire_weeks: Annotated[float, Field(ge=0, le=104)] = 10.0
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    other_costs: dict[Identifier, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    low: Annotated[float, Field(ge=0, le=1)] = 0.3
    central: Annotated[float, Field(ge=0, le=1)] = 0.6
    high: Annotated[float, Field(ge=0, le=1)] = 0.9

    @model_validator(mode="after")
    def _ordered(self) -> "Staffing":
        if not self.low <= self.central <= self.high:
            raise ValueError("staffing: low, central and high recapture are out of order")
        channels = [desk.channel for desk in self.desks]
        if len(set(channels)) < len(channels):
            raise ValueError("staffing: a channel has two desks")
        return self
