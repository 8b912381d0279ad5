"""From tidy measurements to the panel of one outcome: series made, units chosen."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.core.case import WEEKDAYS, Case, Outcome, StudyWindows
from analysis.core.coverage import donor_names, merged, outcome_shortfalls
from analysis.core.errors import CaseError, DesignError, nearest
from analysis.core.panel import AbsentOutcome, Panel
from analysis.core.redefinitions import of_outcome
from analysis.core.series import series_of
from analysis.core.windows import Windows


def week_label(days: pd.Series, week_starts: str) -> pd.Series:
    """The first day of each day's week."""
    offset = (days.dt.day_of_week - WEEKDAYS.index(week_starts)) % 7
    return days - pd.to_timedelta(offset, unit="D")


def units_for(case: Case, outcome: Outcome, measurements: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """The treated unit and the donor units that the outcome names."""
    return outcome.treated or case.brand, donor_names(case, outcome, measurements)


def check_estimable(
    case: Case, outcome: Outcome, measurements: pd.DataFrame, treated: str, donors: tuple[str, ...]
) -> None:
    """The rules that need the data to be applied: no exited channel as an outcome, no brand that left as a donor.

    Raises StructurallyAbsentOutcome, DesignError, or CaseError for a donor that is not in the data.
    """
    exited = {item.id for item in case.channels if item.role == "exited"}
    own = measurements[measurements["unit"] == case.brand]

    def channels_of(metric: str) -> set[str]:
        return set(own.loc[own["metric"] == metric, "channel"])

    measured = set(outcome.channels) or channels_of(outcome.metric)
    if treated == case.brand and measured and measured <= exited:
        last = own.loc[(own["metric"] == outcome.metric) & own["channel"].isin(measured), "date"].max()
        raise AbsentOutcome(f"{outcome.label}: {', '.join(sorted(measured))}", last, float("nan")).refuse()
    units = set(measurements.loc[measurements["metric"] == outcome.metric, "unit"])
    unknown = [name for name in outcome.donors if name not in units] if isinstance(outcome.donors, tuple) else []
    if unknown:
        raise CaseError(
            f'no row of "{outcome.metric}" is of "{unknown[0]}"',
            where=f"outcomes, {outcome.id}, donors",
            cure=nearest(unknown[0], units - {case.brand, treated}),
        )
    if case.brand in donors:
        raise DesignError(
            "the brand that left cannot be a donor",
            where=f"outcomes, {outcome.id}, donors",
            cure="name brands that did not leave",
        )


Candidates = Mapping[str, tuple[pd.Series | None, str]]


def candidates_of(case: Case, outcome: Outcome, measurements: pd.DataFrame) -> Candidates:
    """Each candidate donor's series (None when it has none) and why it cannot be a donor, empty when it can."""
    _, donors = units_for(case, outcome, measurements)
    by_unit = dict(tuple(measurements[measurements["metric"] == outcome.metric].groupby("unit"))) if donors else {}
    return {unit: _candidate(case, outcome, by_unit.get(unit), unit) for unit in donors}


def donor_table(
    case: Case, outcome: Outcome, measurements: pd.DataFrame, candidates: Candidates | None = None
) -> pd.DataFrame:
    """Each candidate donor, kept or dropped, and why: columns outcome, unit, kept, reason."""
    found = candidates_of(case, outcome, measurements) if candidates is None else candidates
    rows = [
        {"outcome": outcome.id, "unit": unit, "kept": not reason, "reason": reason or "complete"}
        for unit, (_, reason) in found.items()
    ]
    return pd.DataFrame(rows, columns=["outcome", "unit", "kept", "reason"])


def _candidate(case: Case, outcome: Outcome, rows: pd.DataFrame | None, unit: str) -> tuple[pd.Series | None, str]:
    if rows is None:
        return None, "not in the data"
    try:
        series = _series(rows, case, outcome, unit)
    except DesignError as error:
        return None, error.what
    gaps = int(series.isna().sum())
    if gaps:
        return series, f"{gaps} of {len(series)} periods missing"
    zeros = int((series <= 0).sum()) if outcome.scale == "log" else 0
    return series, f"{zeros} periods at zero have no logarithm" if zeros else ""


def _series(measurements: pd.DataFrame, case: Case, outcome: Outcome, unit: str) -> pd.Series:
    """One unit's series of an outcome."""
    windows = case.windows_of(outcome)
    return series_of(
        measurements,
        case,
        unit=unit,
        metric=outcome.metric,
        channels=outcome.channels,
        aggregate=outcome.aggregate,
        missing=outcome.missing,
        first=windows.first,
        last=windows.last,
        key=f"outcomes, {outcome.id}",
    )


def control_series(measurements: pd.DataFrame, case: Case, metric: str, windows: StudyWindows) -> pd.Series:
    """A control of the brand by bin (mean over its days). Raises DesignError when the exit closed a channel of it."""
    exited = {item.id for item in case.channels if item.role == "exited"}
    own = measurements[(measurements["unit"] == case.brand) & (measurements["metric"] == metric)]
    moved = sorted(set(own["channel"]) & exited)
    if moved:
        raise DesignError(
            f'the control "{metric}" is measured on {", ".join(moved)}, which the exit closed',
            where=f"control {metric}",
            cure="a control must be something that the exit does not move",
        )
    return series_of(
        measurements,
        case,
        unit=case.brand,
        metric=metric,
        channels=(),
        aggregate="mean",
        missing="refuse",
        first=windows.first,
        last=windows.last,
        key=f"control {metric}",
    )


def build_panel(
    case: Case, outcome: Outcome, measurements: pd.DataFrame, candidates: Candidates | None = None
) -> Panel:
    """The outcome's panel: treated unit, complete donors (of ``candidates``, where those are known), covariates,
    windows.

    Raises DesignError when something is missing or the data end early, StructurallyAbsentOutcome when the series
    vanished.
    """
    for error in merged(outcome_shortfalls(case, outcome, measurements, thorough=False)):
        raise error
    if outcome.scale == "log_return":
        return _return_panel(case, outcome, measurements)
    windows = case.windows_of(outcome)
    treated, named = units_for(case, outcome, measurements)
    check_estimable(case, outcome, measurements, treated, named)
    found = candidates_of(case, outcome, measurements) if candidates is None else candidates
    kept = tuple(unit for unit, (_, reason) in found.items() if not reason)
    columns = {treated: _series(measurements, case, outcome, treated)} | {unit: found[unit][0] for unit in kept}
    columns |= {name: control_series(measurements, case, name, windows) for name in outcome.covariates}
    return Panel(
        pd.DataFrame(columns),
        treated=treated,
        donors=kept,
        covariates=outcome.covariates,
        windows=panel_windows(case, windows),
        outcome=outcome.label,
        unit=outcome.unit,
        scale="log" if outcome.scale == "log" else "level",
        redefinitions=of_outcome(case, outcome, measurements),
    )


def panel_windows(case: Case, windows: StudyWindows) -> Windows:
    """The windows on the case's bins: a week that holds days of the event or later does not count as before."""
    first, pre_last, event, last = (
        pd.Timestamp(getattr(windows, name)) for name in ("first", "pre_last", "event", "last")
    )
    if case.frequency == "week":
        pre_last = week_label(pd.Series([pre_last]), case.week_starts).iloc[0]
        if pre_last + pd.Timedelta(days=6) >= event:
            pre_last -= pd.Timedelta(days=7)
    return Windows(first, pre_last, event, last)


def _return_panel(case: Case, outcome: Outcome, measurements: pd.DataFrame) -> Panel:
    """Log returns of a price and of its market index, on the days both were traded."""
    options = dict(outcome.options)
    market = options.get("market")
    if not isinstance(market, str):
        raise DesignError(
            "no market index is named", where=f"outcomes, {outcome.id}, options", cure="add market: TICKER"
        )
    treated = outcome.treated or case.brand
    prices = measurements[(measurements["metric"] == outcome.metric) & measurements["unit"].isin([treated, market])]
    wide = prices.pivot(index="date", columns="unit", values="value")
    missing = {treated, market} - set(wide.columns)
    if missing:
        raise DesignError(
            f'no "{outcome.metric}" of "{sorted(missing)[0]}" in the data',
            where=outcome.id,
            cure="check the ticker and the metric",
        )
    returns = np.log(wide[[treated, market]].dropna().sort_index()).diff().dropna()
    return Panel(
        returns,
        treated=treated,
        donors=(),
        covariates=(market,),
        windows=panel_windows(case, case.windows_of(outcome)),
        outcome=outcome.label,
        unit=outcome.unit,
        scale="level",
    )
