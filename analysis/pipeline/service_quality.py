"""Notebook 05: how customers were served (speed, stages, equal treatment, tone), before and after, from the log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.core.case import channel_label
from analysis.core.case_service import Care
from analysis.core.errors import DesignError
from analysis.pipeline.journey_table import end_of_log
from analysis.pipeline.service_privacy import protected
from analysis.pipeline.study import Study
from analysis.service import contact_units as units
from analysis.service import equal_treatment as treatment
from analysis.service import journey_tables as tables
from analysis.service import tone_checks, tone_tables
from analysis.service.journeys import Journeys, on_calendar, prepare
from analysis.service.tone import follow_tone

LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class CareLog:
    """The cases compared: one row a case, masks of the periods, what the case declares; ``ready`` to be timed."""

    table: pd.DataFrame
    before: np.ndarray
    after: np.ndarray
    care: Care
    ready: Journeys
    smallest: int


def open_journeys(study: Study) -> CareLog | None:
    """The cases begun before and after, None when the case declares no log of service cases.

    The donut is left out, and so are weeks of co-interventions the case adjusts for. ``compare`` narrows the channels.
    """
    care = study.case.care
    if care is None:
        return None
    whole = study.store.journeys()
    table = whole[whole["channel"].isin(_channels(study))].reset_index(drop=True)
    windows = study.case.windows
    day = table["signal"].dt.tz_localize(None).dt.normalize()
    before = ((day >= pd.Timestamp(windows.first)) & (day <= _last_day(study, windows.pre_last))).to_numpy()
    after = ((day >= pd.Timestamp(windows.event)) & (day <= _last_day(study, windows.last))).to_numpy()
    usual = ~_disturbed(study, day, set(table["channel"]))
    before, after = before & usual, after & usual
    ready = prepare(table, before, after, care, end_of_log(whole))
    return CareLog(table, before, after, care, ready, study.case.privacy.minimum_cell)


def _last_day(study: Study, label: date) -> pd.Timestamp:
    """The last day of a window: a label on which weeks start stands for the whole of its week."""
    last = pd.Timestamp(label)
    starts = study.case.frequency == "week" and f"{last:%A}".lower() == study.case.week_starts
    return last + pd.Timedelta(days=6) if starts else last


def _channels(study: Study) -> set[str]:
    care, case = study.case.care, study.case
    logged = set(care.channels) or {channel.id for channel in case.channels}
    exited = {channel.id for channel in case.channels if channel.role == "exited"}
    roles = {role: {channel.id for channel in case.channels if channel.role == role} for role in ("retained", "owned")}
    kept = {"all": logged, "same_channels": logged - exited, **{role: logged & those for role, those in roles.items()}}
    return kept[care.compare]


def _disturbed(study: Study, day: pd.Series, channels: set[str]) -> np.ndarray:
    touched = np.zeros(len(day), dtype=bool)
    for event in study.case.events:
        if event.adjust and (not event.channels or set(event.channels) & channels):
            touched |= ((day >= pd.Timestamp(event.first)) & (day <= pd.Timestamp(event.last))).to_numpy()
    return touched


def _written(study: Study, name: str, make: Callable[[], pd.DataFrame | None]) -> pd.DataFrame | None:
    """The table, written; a log that cannot carry it is said so in tables/not_measured.csv and not an error."""
    try:
        table = make()
        reason = "" if table is not None and not table.empty else "the log does not hold it"
    except DesignError as error:
        table, reason = None, f"{error.what}; {error.cure}"
    missing = study.store.table("not_measured")
    rows = [] if missing is None else [row for row in missing.to_dict("records") if row["table"] != name]
    rows += [{"table": name, "reason": reason}] if reason else []
    study.store.write_table("not_measured", pd.DataFrame(rows, columns=["table", "reason"]))
    if reason:  # a table of an earlier run must not stand for an answer that there no longer is
        (study.layout.tables / f"{name}.csv").unlink(missing_ok=True)
        return None
    shown, hidden = protected(name, table, study.case.privacy.minimum_cell)
    _record_hidden(study, name, hidden + int(table.attrs.get("left_out", 0)))
    return study.store.write_table(name, shown)


def _record_hidden(study: Study, name: str, cells: int) -> None:
    """tables/suppressed_service.csv: how many cells of each table are not shown."""
    known = study.store.table("suppressed_service")
    rows = [] if known is None else [row for row in known.to_dict("records") if row["table"] != name]
    rows.append({"table": name, "cells": cells})
    study.store.write_table("suppressed_service", pd.DataFrame(rows, columns=["table", "cells"]))


def _timed(
    study: Study, log: CareLog | None, make: Callable[..., pd.DataFrame], level: float, *, calendar: bool = False
) -> pd.DataFrame | None:
    """One of the tables of journeys, under its function's name; ``calendar``: on the calendar's clock."""
    if log is None:
        return None
    ready = on_calendar(log.ready, log.care) if calendar else log.ready
    return _written(study, make.__name__, lambda: make(ready, smallest=log.smallest, level=level))


def response_times(study: Study, log: CareLog | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Time to first response, taking in charge and outcome, written as tables/response_times.csv."""
    return _timed(study, log, tables.response_times, level)


def incidence(study: Study, log: CareLog | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Cumulative incidence of outcome and abandonment, written as tables/incidence.csv."""
    return _timed(study, log, tables.incidence, level)


def stage_times(study: Study, log: CareLog | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Share of the total time spent in each stage, written as tables/stage_times.csv."""
    return _timed(study, log, tables.stage_times, level)


def funnel(study: Study, log: CareLog | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Was there a first response, a take-charge message, an outcome message; written as tables/funnel.csv."""
    return _timed(study, log, tables.funnel, level)


def weekends(study: Study, log: CareLog | None, level: float = LEVEL) -> pd.DataFrame | None:
    """First response to weekend signals against weekdays, written as tables/weekends.csv."""
    return _timed(study, log, tables.weekends, level, calendar=True)


def private_share(study: Study, log: CareLog | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Share of cases that begin or go on in private, written as tables/private_share.csv."""
    return _timed(study, log, tables.private_share, level)


def contact_units(study: Study, log: CareLog | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Contacts a case, cases a customer, declared shares and what is not known of the cases, written as
    tables/contact_units.csv."""
    if log is None:
        return None

    def both() -> pd.DataFrame:
        given, usual = (log.table, log.before, log.after), {"smallest": log.smallest, "level": level}
        care = log.care
        due = units.due_while_followed(log.table, log.after, log.ready.limits) if care.judged_when_due else None
        judged = dict.fromkeys(care.judged_when_due, due)
        parts = [
            units.contact_units(*given, **usual),
            units.attribute_shares(*given, care.shares, judged=judged, **usual),
            units.gaps(*given, _attributes(care), **usual),
        ]
        table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        table.attrs["left_out"] = sum(part.attrs["left_out"] for part in parts)
        return table

    return _written(study, "contact_units", both)


def _attributes(care: Care) -> list[str]:
    """What the case asks of each of its cases beyond its channel."""
    asked = (*(care.equal_treatment.attributes if care.equal_treatment else ()), *care.shares)
    return [name for name in dict.fromkeys(asked) if name != "channel"]


def equal_treatment(study: Study, log: CareLog | None) -> pd.DataFrame | None:
    """Are groups of cases answered alike, within the declared margin; written as tables/equal_treatment.csv."""
    if log is None or log.care.equal_treatment is None:
        return None
    declared = log.care.equal_treatment

    def make() -> pd.DataFrame:
        table = treatment.equal_treatment(log.ready, declared, smallest=log.smallest)
        verdicts = treatment.attribute_verdicts(table)
        study.store.write_table("equal_verdicts", _named(verdicts).assign(margin=declared.margin))
        named = _named(table)
        channels = named["attribute"] == "channel"
        for column in ("group", "reference"):
            named.loc[channels, column] = [channel_label(study.case, name) for name in named.loc[channels, column]]
        return named

    return _written(study, "equal_treatment", make)


def tone(study: Study, log: CareLog | None, draws: int = 2000, level: float = LEVEL) -> pd.DataFrame | None:
    """First to last tone, corrected for the classifier, written as tables/tone_*.csv; returns the transitions."""
    if log is None or log.care.tone is None:
        return None
    plan = log.care.tone
    try:
        result = follow_tone(
            log.table, before=log.before, after=log.after, classes=plan.classes, labelled=plan.labelled or None,
            seed_names=(study.case.slug,), draws=draws,
        )  # fmt: skip
    except DesignError as error:
        reason = error
        return _written(study, "tone_transitions", lambda: _raise(reason))
    made = {
        "tone_summary": tone_tables.tone_summary,
        "tone_bounds": tone_tables.bounds,
        "tone_regression": tone_checks.regression_to_the_mean,
    }
    for name, table in made.items():
        study.store.write_table(name, table(result, smallest=log.smallest, level=level))
    study.store.write_table("tone_logit", tone_checks.ordered_tone(result, smallest=log.smallest, level=level))
    study.store.write_table("tone_tests", tone_checks.tone_tests(result))
    shown = tone_tables.transitions(result, smallest=log.smallest, level=level)
    return _written(study, "tone_transitions", lambda: shown)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """With the attribute as a reader reads it."""
    return table.assign(label=[str(name).replace("_", " ") for name in table["attribute"]])


def _raise(error: DesignError) -> pd.DataFrame:
    raise error

