"""Do the data reach as far as the windows ask? An export that ends early must not pass for a channel that ended."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd

from analysis.core.case import WEEKDAYS, Case, Outcome, StudyWindows
from analysis.core.case_rules import last_day_before
from analysis.core.errors import DesignError

LONGEST_CLOSURE_DAYS = 7  # of a stock exchange: prices may end that much before a window does
STEPS = {"day": timedelta(days=1), "week": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What the data lack for ``needs`` (an outcome's id, or the diversion), and up to when they are asked for."""

    lack: str
    file: str
    cure: str
    needs: str
    asked: str = ""

    @property
    def what(self) -> str:
        return f"{self.lack}, the window asks for {self.asked}" if self.asked else self.lack

    def error(self, *others: str) -> DesignError:
        needed = ", ".join(dict.fromkeys((self.needs, *others)))
        return DesignError(self.what, where=f"{self.file}; needed by {needed}", cure=self.cure)


def merged(found: Iterable[Shortfall]) -> list[DesignError]:
    """One error a lack, with the latest day asked for and everybody who needs it."""
    groups: dict[tuple[str, str], list[Shortfall]] = {}
    for item in found:
        groups.setdefault((item.lack, item.file), []).append(item)
    return [max(items, key=lambda item: item.asked).error(*(item.needs for item in items)) for items in groups.values()]


@dataclass(frozen=True, slots=True)
class _Need:
    """Rows that somebody needs, up to a day."""

    case: Case
    windows: StudyWindows
    measurements: pd.DataFrame
    needs: str

    def last(self, weekly: bool) -> date:
        """The last label that the windows ask for: a weekly study needs the whole of its last week."""
        last = self.windows.last
        if self.case.frequency != "week":
            return last
        label = last - timedelta(days=(last.weekday() - WEEKDAYS.index(self.case.week_starts)) % 7)
        return label if weekly else label + timedelta(days=6)

    def last_on(self, channel: str, weekly: bool) -> date:
        """As ``last``; a channel that closed for good is needed to the end of the time before."""
        last = self.last(weekly)
        closed = next((item.closed for item in self.case.channels if item.id == channel), None)
        back = self.case.returned(channel)
        if closed is None or closed > last or (back is not None and back <= last):
            return last
        return min(last_day_before(self.case, self.windows) - timedelta(days=6 * weekly), closed - STEPS["day"])

    def ends_at_the_event(self, rows: pd.DataFrame, weekly: bool) -> bool:
        """A single series that ends there while its file goes on may have ended by construction: the panel decides."""
        end = rows["date"].max().date()
        return last_day_before(self.case, self.windows) - timedelta(days=6 * weekly) <= end < self.windows.event

    def absent(self, metric: str, whose: str, near: pd.DataFrame) -> Shortfall:
        files = ", ".join(sorted(near["file"].unique())[:3]) or "the sources"
        cure = "check the spelling, or export the file again if it was cut"
        return Shortfall(f'no "{metric}" {whose} in the data', files, cure, self.needs)

    def short(self, rows: pd.DataFrame, needed: date, whose: str = "") -> Shortfall | None:
        end = rows["date"].max().date()
        if end >= needed:
            return None
        file = str(rows.loc[rows["date"].idxmax(), "file"])
        return Shortfall(
            f"the data{whose} end on {end}",
            file,
            f"export again up to {needed}, or end the window (last) earlier",
            self.needs,
            f"{needed}",
        )


def shortfalls(case: Case, measurements: pd.DataFrame, *, thorough: bool = True) -> list[Shortfall]:
    """What the data lack for every outcome, secondary ones too, and for the diversion."""
    found: list[Shortfall] = []
    for outcome in case.outcomes:
        found += outcome_shortfalls(case, outcome, measurements, thorough=thorough)
    plan = case.diversion
    if plan:
        need = _Need(case, plan.windows or case.windows, measurements, "diversion")
        rule = [item.missing for item in case.outcomes if item.metric == plan.metric]
        channels = (*plan.source_channels, *plan.receiving)
        found += _of_unit(need, case.brand, plan.metric, channels, strict="zero" not in rule, thorough=thorough)
        for name in (*plan.controls, *([plan.offset] if plan.offset else [])):
            found += _of_unit(need, case.brand, name, (), strict=True, thorough=thorough)
    return found


def outcome_shortfalls(
    case: Case, outcome: Outcome, measurements: pd.DataFrame, *, thorough: bool = True
) -> list[Shortfall]:
    """What the data of one outcome lack: the brand's, its controls', its donors'."""
    need = _Need(case, case.windows_of(outcome), measurements, outcome.id)
    treated = outcome.treated or case.brand
    if outcome.scale == "log_return":
        market = outcome.options.get("market")
        return [item for unit in (treated, market) for item in _of_price(need, outcome.metric, unit, thorough=thorough)]
    strict = outcome.missing == "refuse"
    found = list(_of_unit(need, treated, outcome.metric, outcome.channels, strict=strict, thorough=thorough))
    for name in outcome.covariates:
        found += _of_unit(need, case.brand, name, (), strict=True, thorough=thorough)
    donors = donor_names(case, outcome, measurements)
    return found + list(_of_donors(need, outcome, donors, thorough=thorough))


def donor_names(case: Case, outcome: Outcome, measurements: pd.DataFrame) -> tuple[str, ...]:
    """The candidate donors that the outcome names, complete or not."""
    if outcome.donors == "none":
        return ()
    if outcome.donors != "competitors":
        return tuple(outcome.donors)
    if case.competitors:
        return case.competitors
    rows = measurements[measurements["metric"] == outcome.metric]
    listed = {item.treated for item in case.outcomes if item.treated}
    return tuple(sorted(set(rows["unit"]) - {case.brand, outcome.treated or case.brand} - listed))


def _of_unit(
    need: _Need, unit: str, metric: str, channels: Sequence[str], *, strict: bool, thorough: bool
) -> Iterator[Shortfall]:
    of_metric = need.measurements[need.measurements["metric"] == metric]
    rows = of_metric[of_metric["unit"] == unit]
    wanted = channels or sorted(rows["channel"].unique())
    if thorough and rows.empty:
        yield need.absent(metric, f'of "{unit}"', of_metric)
    for channel in wanted if len(rows) else ():
        part = rows[rows["channel"] == channel]
        if part.empty:
            yield from [need.absent(metric, f'of "{unit}" on the channel "{channel}"', rows)] if thorough else []
            continue
        weekly = bool((part["period"] == "week").any())
        needed = need.last_on(channel, weekly) if unit == need.case.brand else need.last(weekly)
        whole = need.measurements[need.measurements["source"].isin(part["source"].unique())]
        short = need.short(whole, needed)
        if short is None and strict and not (len(wanted) == 1 and need.ends_at_the_event(part, weekly)):
            short = need.short(part, needed, f' of "{channel}"')
        if short:
            yield short
        elif thorough:
            yield from _gaps(need, whole, needed)


def _of_donors(need: _Need, outcome: Outcome, donors: Sequence[str], *, thorough: bool) -> Iterator[Shortfall]:
    rows = need.measurements
    known = set(rows["unit"].unique())
    unheard = [name for name in donors if name not in known] if thorough else []
    rows = rows[(rows["metric"] == outcome.metric) & rows["unit"].isin(donors)]
    if unheard:
        yield need.absent(outcome.metric, f"of {', '.join(unheard)}", rows)
    if outcome.channels:
        rows = rows[rows["channel"].isin(outcome.channels)]
    for source, part in rows.groupby("source", sort=True):
        whole = need.measurements[need.measurements["source"] == source]
        needed = need.last(bool((part["period"] == "week").any()))
        short = need.short(whole, needed, " of the donors")
        if short is None and thorough and outcome.missing == "refuse":
            short = _cut(need, whole, needed)
        if short:
            yield short
        elif thorough:
            yield from _gaps(need, whole, needed)


def _of_price(need: _Need, metric: str, unit: object, *, thorough: bool) -> Iterator[Shortfall]:
    of_metric = need.measurements[need.measurements["metric"] == metric]
    rows = of_metric[of_metric["unit"] == unit]
    if thorough and rows.empty:
        yield need.absent(metric, f'of "{unit}"', of_metric)
    if len(rows):
        needed = max(need.windows.event, need.windows.last - timedelta(days=LONGEST_CLOSURE_DAYS))
        short = need.short(rows, needed, f' of "{unit}"')
        yield from [short] if short else []


def _gaps(need: _Need, whole: pd.DataFrame, needed: date) -> Iterator[Shortfall]:
    """Periods between two exports of one source that neither holds; the time left out of the models counts too."""
    for source, rows in whole.groupby("source", sort=True):
        if rows["file"].nunique() < 2:
            continue
        step = STEPS[str(rows["period"].iloc[0])]
        owner = rows[["date", "file"]].drop_duplicates("date").sort_values("date", ignore_index=True)
        before = owner.shift()
        wide = (owner["date"] - before["date"] > step) & (owner["file"] != before["file"])
        for index in owner.index[wide]:
            first, last = (before["date"][index] + step).date(), (owner["date"][index] - step).date()
            if last >= need.windows.first and first <= needed:
                yield Shortfall(
                    f"no export covers {first} to {last}",
                    f'between "{before["file"][index]}" and "{owner["file"][index]}" of source {source}',
                    "export that period too and put the file beside the others",
                    need.needs,
                )


def _cut(need: _Need, whole: pd.DataFrame, needed: date) -> Shortfall | None:
    """Signs that the file with the latest row was cut at a line's end although its data reach far enough.

    In a file in order of time the last period begins as the one before and stops early; in a file with series after
    series the last one stops before the others.
    """
    file = whole.loc[whole["date"].idxmax(), "file"]
    rows = whole[whole["file"] == file].drop_duplicates("row").sort_values("row")
    end, place = rows["date"].max().date(), f"{file}, row {int(rows['row'].iloc[-1])}"
    series = list(zip(rows["unit"], rows["channel"], strict=True))
    if rows["date"].is_monotonic_increasing:
        periods = [list(zip(part["unit"], part["channel"], strict=True)) for _, part in rows.groupby("date")][-2:]
        if end > needed or len(periods) < 2 or len(periods[1]) >= len(periods[0]):
            return None
        if periods[1] != periods[0][: len(periods[1])]:
            return None
        what = f"its last period, {end}, has {len(periods[1])} rows, the one before {len(periods[0])}"
    else:
        changes = sum(one != two for one, two in pairwise(series))
        last = rows["date"].iloc[-1].date()
        if changes + 1 != len(set(series)) or last >= min(end, needed):
            return None
        what = f"its last rows, of {' on '.join(series[-1])}, end on {last}, others go on to {end}"
    return Shortfall(
        f"the file seems to be cut: {what}",
        place,
        "export it again; if what is missing is truly absent, end the window (last) earlier or leave that peer out",
        need.needs,
    )
