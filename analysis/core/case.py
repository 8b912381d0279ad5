"""A case as its author writes it in case.yaml: strict, frozen, checked as a whole."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from analysis.core.case_context import Claim, Event
from analysis.core.case_fetch import Fetch
from analysis.core.case_plan import Plan
from analysis.core.case_rules import RULES
from analysis.core.case_rules import WEEKDAYS as WEEKDAYS
from analysis.core.case_service import Care, Day, Identifier, Staffing, Strict, Text

USUAL_CELL = 10
Share = Annotated[float, Field(gt=-1, lt=10)]


class Stage(Strict):
    """Something the brand did, on a date."""

    id: Identifier
    date: Day
    kind: Literal["advertising_suspended", "announced", "channels_closed", "returned", "other"]
    label: Text
    channels: tuple[Identifier, ...] = ()
    source: Text | None = None


class StudyWindows(Strict):
    """Before, left out, after. Days between pre_last and event are the donut."""

    first: Day
    pre_last: Day
    event: Day
    last: Day

    @model_validator(mode="after")
    def _ordered(self) -> "StudyWindows":
        if not self.first <= self.pre_last < self.event <= self.last:
            raise ValueError("dates out of order: first <= pre_last < event <= last is needed")
        return self


class Channel(Strict):
    """A place where the brand meets people. An exited channel says when it closed."""

    id: Identifier
    label: Text
    role: Literal["exited", "retained", "owned"]
    closed: Day | None = None

    @model_validator(mode="after")
    def _closed_when_exited(self) -> "Channel":
        if self.role == "exited" and self.closed is None:
            raise ValueError(f'channel "{self.id}" is exited: say when with `closed:`')
        if self.role != "exited" and self.closed is not None:
            raise ValueError(f'channel "{self.id}" has a closing date but its role is {self.role}')
        return self


class Source(Strict):
    """Files of one format, read by the reader of that name with its own options."""

    id: Identifier
    format: Identifier
    files: Annotated[tuple[Text, ...], Field(min_length=1)]
    label: Text
    period: Literal["day", "week"] = "day"
    time_zone: str | None = None
    unit: Text | None = None
    channel: Identifier | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else _known_zone(value)


class Outcome(Strict):
    """One thing measured, one estimand, one declared estimator."""

    id: Identifier
    label: Text
    question: Literal["engagement", "service", "reputation"]
    role: Literal["primary", "secondary"] = "secondary"
    metric: Identifier
    channels: tuple[Identifier, ...] = ()
    treated: Text | None = None
    donors: Literal["none", "competitors"] | tuple[Text, ...] = "none"
    covariates: tuple[Identifier, ...] = ()
    unit: Text
    estimand: Text
    estimator: Identifier
    options: dict[str, Any] = Field(default_factory=dict)
    scale: Literal["level", "log", "log_return"] = "level"
    aggregate: Literal["sum", "mean", "last"] = "sum"
    missing: Literal["refuse", "zero"] = "refuse"
    windows: StudyWindows | None = None
    smallest_effect: Annotated[float, Field(gt=0)] | None = None
    # Outcomes of the case that the event cannot have moved: an effect on one of them is a sign of something else.
    negative_controls: tuple[Identifier, ...] = ()


class Diversion(Strict):
    """Which contacts may have moved where: from ``exited`` channels to ``receiving`` ones, or from those to channels
    that ``opened``. ``controls`` are metrics of demand that the event does not move, ``offset`` a metric of how many
    customers there are; with it contacts are predicted per customer."""

    metric: Identifier = "contacts"
    exited: tuple[Identifier, ...] = ()
    opened: tuple[Identifier, ...] = ()
    receiving: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    controls: tuple[Identifier, ...] = ()
    windows: StudyWindows | None = None
    harmonics: Annotated[int, Field(ge=0, le=6)] = 2
    offset: Identifier | None = None
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    horizons_weeks: tuple[Annotated[int, Field(ge=1, le=520)], ...] = (4, 13, 26, 52)

    @model_validator(mode="after")
    def _one_way(self) -> "Diversion":
        if bool(self.exited) == bool(self.opened):
            raise ValueError("diversion: name the channels that exited or those that opened, one of the two")
        if set(self.source_channels) & set(self.receiving):
            raise ValueError("diversion: a channel that exited or opened is also receiving")
        return self

    @property
    def source_channels(self) -> tuple[str, ...]:
        return self.exited or self.opened


class Privacy(Strict):
    """The smallest group that is shown: USUAL_CELL and more freely, fewer with a reason that the page repeats.

    ``bins``: attribute of cases to the edges that its numbers are grouped by; ``prefix``: to how many characters are
    kept of its codes or dates.
    """

    minimum_cell: Annotated[int, Field(ge=2, le=1_000_000)] = USUAL_CELL
    reason: Text | None = None
    bins: dict[Identifier, Annotated[tuple[float, ...], Field(min_length=1, max_length=20)]] = Field(
        default_factory=dict
    )
    prefix: dict[Identifier, Annotated[int, Field(ge=1, le=10)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _recorded(self) -> "Privacy":
        if self.minimum_cell < USUAL_CELL and self.reason is None:
            raise ValueError(f"privacy: a minimum_cell under {USUAL_CELL} needs its `reason:`, which the page repeats")
        if twice := sorted(set(self.bins) & set(self.prefix)):
            raise ValueError(f'privacy: "{twice[0]}" stands under bins and under prefix')
        if wrong := [name for name, edges in self.bins.items() if list(edges) != sorted(set(edges))]:
            raise ValueError(f"privacy: the edges under bins of {wrong[0]} do not rise")
        return self


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{value}" is not a time zone; write it like Europe/Rome') from error
    return value


class Case(Strict):
    """A whole study: who left what and when, which files hold the data, what is to be estimated and how."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    title: Text
    brand: Text
    summary: Text
    data_status: Literal["real", "simulated", "mixed"]
    event_name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    time_zone: str
    frequency: Literal["day", "week", "trading_day"] = "week"
    week_starts: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    data_root: str = "."
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    windows: StudyWindows
    channels: tuple[Channel, ...] = ()
    competitors: tuple[Text, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)]
    diversion: Diversion | None = None
    care: Care | None = None
    staffing: Staffing | None = None
    plan: Plan | None = None
    events: tuple[Event, ...] = ()
    claims: tuple[Claim, ...] = ()
    fetch: Fetch | None = None
    accounts: Text | None = None
    # What a metric of the case's own name is: a KPI's id, or only how it adds up (flow, stock, unique, rate ...).
    kpis: dict[Identifier, Identifier] = Field(default_factory=dict)
    privacy: Privacy = Privacy()
    rights: Text | None = None  # whose the data are and what allows their use, as the report prints it
    limits: tuple[Text, ...] = ()
    # The report is written in English and Italian; a text that has no translation here appears as it is in both.
    translations: dict[Literal["it"], dict[Text, Text]] = Field(default_factory=dict)
    notebooks: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return _known_zone(value)

    @model_validator(mode="after")
    def _coherent(self) -> "Case":
        problems = []
        for rule in (Case._unique, Case._in_order, Case._references, *RULES):
            try:
                rule(self)
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _unique(self) -> None:
        for kind in ("stages", "channels", "sources", "outcomes", "events"):
            ids = [item.id for item in getattr(self, kind)]
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise ValueError(f'{kind}: the id "{twice[0]}" is used twice')

    def _in_order(self) -> None:
        for earlier, later in zip(self.stages, self.stages[1:], strict=False):
            if later.date < earlier.date:
                raise ValueError(
                    f'stages out of order: "{later.id}" ({later.date}) comes after "{earlier.id}" ({earlier.date}) '
                    "in the list but before it in time"
                )

    def _references(self) -> None:
        known = {channel.id for channel in self.channels}
        uses = [("stage", item.id, item.channels) for item in self.stages]
        uses += [("event", item.id, item.channels) for item in self.events]
        uses += [("outcome", item.id, item.channels) for item in self.outcomes]
        uses += [("source", item.id, (item.channel,)) for item in self.sources if item.channel]
        if self.diversion:
            uses.append(("diversion", "diversion", (*self.diversion.source_channels, *self.diversion.receiving)))
        if self.care:
            uses.append(("care", "care", self.care.channels))
        if self.staffing:
            uses += [("staffing", "desks", tuple(desk.channel for desk in self.staffing.desks))]
            uses += [("staffing", "other_costs", tuple(self.staffing.other_costs))]
        for kind, name, channels in uses:
            for channel in channels:
                if known and channel not in known:
                    raise ValueError(f'{kind} "{name}" names the channel "{channel}", which channels: does not list')
        if self.brand in self.competitors:
            raise ValueError("competitors: the brand that left cannot be among them")
        exited = {channel.id for channel in self.channels if channel.role == "exited"}
        for outcome in self.outcomes:
            if outcome.channels and set(outcome.channels) <= exited:
                raise ValueError(
                    f'outcome "{outcome.id}" is measured on exited channels only: after the exit it is zero by '
                    "construction and a fall in it is not a finding. Estimate the total over all channels, each "
                    "retained channel, the owned channels, or the contacts recaptured and lost"
                )
            unknown = set(outcome.negative_controls) - {item.id for item in self.outcomes} | (
                {outcome.id} & set(outcome.negative_controls)
            )
            if unknown:
                raise ValueError(
                    f'outcome "{outcome.id}": "{sorted(unknown)[0]}" under negative_controls is not another outcome'
                )
        if self.diversion and not set(self.diversion.exited) <= exited:
            raise ValueError("diversion: every channel under exited must have the role exited")
        sources = [item.id for item in self.sources]
        if self.care and self.care.source not in sources:
            raise ValueError(f'care: source "{self.care.source}" is not among the sources')

    def returned(self, channel: str) -> date | None:
        """The first day on which the brand came back to the channel, if it did."""
        days = [item.date for item in self.stages if item.kind == "returned" and channel in item.channels]
        return min(days, default=None)

    def channel(self, name: str) -> Channel:
        return next(item for item in self.channels if item.id == name)

    def outcome(self, name: str) -> Outcome:
        return next(item for item in self.outcomes if item.id == name)

    def windows_of(self, outcome: Outcome) -> StudyWindows:
        return outcome.windows or self.windows

    def donut_days(self) -> int:
        return (self.windows.event - self.windows.pre_last - timedelta(days=1)).days


def channel_label(case: Case, name: str) -> str:
    """The reader's name of a channel; the id itself when the case lists none."""
    return next((item.label for item in case.channels if item.id == name), re.sub(r"_", " ", name))
