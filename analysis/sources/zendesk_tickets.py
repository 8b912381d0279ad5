"""Zendesk Support, the export of tickets: one row a ticket, when it came, when it was solved, when first answered."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.core.case import Case, Identifier, Source
from analysis.core.errors import SourceError
from analysis.sources import service_cases_csv
from analysis.sources._mapping import MOST_WORDS, slugs
from analysis.sources._numbers import numbers
from analysis.sources._options import DecimalMark, Heading, MomentFormat
from analysis.sources._personal import Personal
from analysis.sources._reading import Note, Reading, place, together
from analysis.sources._recognising import Dated, Recognition, Sample

NAME = "zendesk_tickets"
LABEL = "Zendesk Support tickets (CSV)"
REFERENCE = (
    "CSV export of tickets, Zendesk help article 4408886165402; columns Id, Via, Created at, Solved at and First reply "
    "time in minutes as public programs that re-create the export write them"
)

KPIS: dict[str, str] = {}
PERSONAL = (
    *service_cases_csv.PERSONAL,
    Personal("", "moment", "kept", option="first_reply"),
    Personal("Requester, Requester id, Requester external id, Requester email, Requester domain", "person", "never"),
    Personal("Submitter, Organization", "person", "never"),
    Personal("Assignee", "agent", "never"),
    Personal("Subject, Description, Tags", "text", "never"),
)
ANSWERED = "taken_in_charge"
ROUNDED = re.compile(r"[0-9.,]+[eE]\+?[0-9]+")
# Columns that name or describe people, or hold their words.
NOT_FIELDS = re.compile(r"(requester|submitter|assignee|organi[sz]ation|subject|description|tags)\b", re.IGNORECASE)
OWN = frozenset(("requester", "assignee", "group", "ticket type", "satisfaction score", "solved at", "via"))
OWN_NEEDED = 3
OTHER_CLOCK = "within business hours"


class Options(service_cases_csv.Options):
    """Those of `service_cases_csv`, with the columns of this export; ``channel_map`` from the words of "Via" to ours
    (``channel: null`` when the source is one channel). ``date_format``: the export's is not documented."""

    id: Heading = "Id"
    opened: Heading = "Created at"
    closed: Heading | None = "Solved at"
    channel: Heading | None = "Via"
    first_reply: Heading | None = "First reply time in minutes"
    fields: dict[Identifier, Heading] = Field(default_factory=dict)
    date_format: MomentFormat = "%Y-%m-%d %H:%M"
    decimal: DecimalMark | None = None

    @model_validator(mode="after")
    def _about_cases_only(self) -> "Options":
        if self.first_reply and OTHER_CLOCK in self.first_reply.casefold():
            raise ValueError(
                "first_reply: minutes within business hours cannot be put on the calendar; name calendar minutes, and "
                "give the desk's hours under `care: clock:`"
            )
        if ANSWERED in self.fields:
            raise ValueError(f"fields: {ANSWERED} is a name the reader uses itself")
        for name, heading in self.fields.items():
            if NOT_FIELDS.match(heading):
                raise ValueError(f'fields: {name}: "{heading}" holds people or their words, which are not read')
        return self


def recognise(sample: Sample) -> Recognition | None:
    """Some programs and some languages of the menu write the same columns with other capitals: "ID", "Created At"."""
    header = {name.casefold(): name for name in reversed(sample.header)}
    if not {"id", "created at"} <= set(header) or len(OWN & set(header)) < OWN_NEEDED:
        return None
    options: dict[str, object] = {}
    for key in ("id", "opened", "closed", "channel", "first_reply"):
        own = Options.model_fields[key].default
        there = header.get(own.casefold())
        options |= {} if there == own else {key: there}
    if via := header.get("via"):
        at = sample.header.index(via)
        words = slugs(sorted({row[at] for row in sample.records[1:] if len(row) == len(sample.header)}))
        options |= {"channel_map": words} if 0 < len(words) <= MOST_WORDS else {}
    default = Options.model_fields["date_format"].default
    columns = ((header["created at"], "time_zone"), (header.get("solved at"), ""))
    dates = tuple(Dated(name, default, zone=zone) for name, zone in columns if name)
    missing = () if options.get("channel_map") or "channel" in options else ("channel_map",)
    return Recognition("columns Id, Created at and others of tickets", None, options, missing, dates=dates)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The tickets as cases, and how many came a local day and channel (metric "contacts"), as `service_cases_csv`.

    The first reply, its calendar minutes after the creation, stands as ``taken_in_charge``, the act that the time to
    first response is read from; a ticket without one was not answered. Times carry no zone: the account's own is the
    source's ``time_zone``. Raises SourceError for a file that is cut, a missing column, an id that a spreadsheet has
    rounded, a date or number that cannot be read, a channel nobody mapped, a ticket given twice and one solved before
    it came (the last three unless the options say otherwise).
    """
    wanted = options.fields | ({ANSWERED: options.first_reply} if options.first_reply else {})
    plain = {name: getattr(options, name) for name in service_cases_csv.Options.model_fields}
    reading = service_cases_csv.read(files, source, case, service_cases_csv.Options(**(plain | {"fields": wanted})))
    cases = reading.cases
    _check_ids(cases, options)
    notes = list(reading.notes)
    if options.first_reply is not None:
        answered, more = _answered(cases, options.first_reply, options.decimal)
        cases = cases.assign(**{ANSWERED: answered})
        notes += more
    return Reading(reading.measurements, reading.time_zone, cases=cases, notes=tuple(notes))


def _check_ids(cases: pd.DataFrame, options: Options) -> None:
    rounded = cases["case_id"].str.fullmatch(ROUNDED.pattern).to_numpy(dtype=bool)
    if rounded.any():
        index = int(rounded.argmax())
        raise SourceError(
            f'a spreadsheet has rounded the id "{cases["case_id"].iloc[index]}"; ids like this: {int(rounded.sum())}',
            where=f'{place(cases, index)}, column "{options.id}"',
            cure="use the export as received, never opened and saved in a spreadsheet",
        )


def _answered(cases: pd.DataFrame, heading: str, decimal: DecimalMark | None) -> tuple[pd.Series, list[Note]]:
    """The moment of each first reply, NaT without one; notes on the tickets without."""

    def minutes(rows: pd.DataFrame) -> pd.Series:
        cells, lines, file = rows[ANSWERED].tolist(), rows["row"].tolist(), rows["file"].iloc[0]
        values = numbers(cells, lines, file, heading, decimal=decimal)
        return pd.Series(values, index=rows.index)

    by_file = [rows for _, rows in cases.groupby("file", sort=True)]
    waits = pd.concat(together(partial(minutes, rows) for rows in by_file)).reindex(cases.index)
    notes = [
        Note(rows["file"].iloc[0], "ticket without a first reply", int(missing), "not answered, which is not zero")
        for rows in by_file
        if (missing := np.isnan(waits[rows.index]).sum())
    ]
    return cases["opened"] + pd.to_timedelta(waits, unit="min"), notes
