"""Notebook 04: where the contacts of the exited channels went, soon and later, and how the channel mix changed."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.core.assembly import control_series
from analysis.core.case import Diversion, StudyWindows, channel_label
from analysis.core.series import series_of
from analysis.pipeline.service_volume import contacts_of, diversion_windows, hidden_contacts
from analysis.pipeline.study import Study
from analysis.service.counterfactual import EXITED, Counterfactual, without_the_exit
from analysis.service.diversion import (
    diversion_table,
    divert,
    horizon_table,
    mix_table,
    proportional_diversion,
)
from analysis.service.gain import gain_table

LEVEL = 0.95


def counterfactual(study: Study, draws: int = 4000) -> Counterfactual | None:
    """Every channel without the exit, jointly; None when the case declares no diversion.

    Raises DesignError for too little before the exit, a gap or a control that the exit moved.
    """
    case, plan = study.case, study.case.diversion
    if plan is None:
        return None
    measurements, windows = study.store.measurements(), diversion_windows(study)
    series = {
        name: contacts_of(study, measurements, plan.metric, name) for name in (*plan.source_channels, *plan.receiving)
    }
    exited = sum(series[name] for name in plan.source_channels)
    receiving = pd.DataFrame({name: series[name] for name in plan.receiving})
    index = receiving.index
    controls = {name: control_series(measurements, case, name, windows) for name in plan.controls}
    usable = ~_event_bins(study, plan, index)
    pre = usable & (index >= pd.Timestamp(windows.first)) & (index <= pd.Timestamp(windows.pre_last))
    post = usable & (index >= pd.Timestamp(windows.event)) & (index <= pd.Timestamp(windows.last))
    return without_the_exit(
        exited, receiving, pd.DataFrame(controls, index=index), pre=pre, post=post, seed_names=(case.slug,),
        harmonics=plan.harmonics, holidays=plan.holidays, draws=draws,
        offset=_offset(study, plan, measurements, windows),
    )  # fmt: skip


def _offset(
    study: Study, plan: Diversion, measurements: pd.DataFrame, windows: StudyWindows
) -> pd.Series | None:
    if plan.offset is None:
        return None
    return series_of(
        measurements, study.case, unit=study.case.brand, metric=plan.offset, channels=(), aggregate="mean",
        missing="refuse", first=windows.first, last=windows.last,
    )  # fmt: skip


def _event_bins(study: Study, plan: Diversion, index: pd.DatetimeIndex) -> np.ndarray:
    """Bins touched by a co-intervention that the case adjusts for."""
    length = pd.Timedelta(days=7 if study.case.frequency == "week" else 1)
    touched = np.zeros(len(index), dtype=bool)
    for event in study.case.events:
        if event.adjust and (not event.channels or set(event.channels) & {*plan.source_channels, *plan.receiving}):
            touched |= (index + length > pd.Timestamp(event.first)) & (index <= pd.Timestamp(event.last))
    return touched


def diversion(study: Study, gone: Counterfactual | None, level: float = LEVEL) -> pd.DataFrame | None:
    """The diversion table over the whole window, written as tables/diversion.csv, with paths and channel summary.

    For channels that opened instead, tables/gain.csv: what they gained, from which channel, and how much is new.
    """
    if gone is None:
        return None
    if study.case.diversion.opened:
        return _gain(study, gone, level)
    result = divert(gone)
    _write_paths(study, gone, level)
    _write_summary(study, gone)
    return study.store.write_table("diversion", _labelled(study, diversion_table(result, level=level), 2))


def _gain(study: Study, gone: Counterfactual, level: float) -> pd.DataFrame:
    plan, measurements = study.case.diversion, study.store.measurements()
    opened = sum(contacts_of(study, measurements, plan.metric, name) for name in plan.opened).loc[gone.index]
    _write_paths(study, gone, level)
    parts = [
        gain_table(gone, opened.to_numpy(), periods, level=level).assign(horizon=name, periods=periods)
        for name, periods in _horizons(study, gone)
    ]
    return study.store.write_table("gain", _labelled(study, pd.concat(parts, ignore_index=True), 2))


def _horizons(study: Study, gone: Counterfactual) -> list[tuple[str, int]]:
    """Name and length in periods of every declared horizon that the data reach, and of the whole, shortest first."""
    per_week = 1 if study.case.frequency == "week" else 7
    asked = {weeks * per_week: f"{weeks} weeks" for weeks in study.case.diversion.horizons_weeks}
    asked.setdefault(len(gone.index), "all")
    return [(name, periods) for periods, name in sorted(asked.items()) if periods <= len(gone.index)]


def horizons(study: Study, gone: Counterfactual | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Recaptured and lost after a few weeks and after many, written as tables/diversion_horizons.csv."""
    if gone is None or study.case.diversion.opened:
        return None
    table = horizon_table(gone, _horizons(study, gone), level=level)
    return study.store.write_table("diversion_horizons", _labelled(study, table, 4))


def proportional(study: Study, gone: Counterfactual | None, level: float = LEVEL) -> pd.DataFrame | None:
    """The test of proportional diversion, written as tables/diversion_proportional.csv."""
    if gone is None or study.case.diversion.opened:
        return None
    found = proportional_diversion(divert(gone), level=level)
    table = found.table.assign(distance=found.distance, p_value=found.p_value)
    return study.store.write_table("diversion_proportional", _labelled(study, table, 1))


def channel_mix(study: Study, gone: Counterfactual | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Shares of the channels with the exit against without it, written as tables/channel_mix.csv."""
    if gone is None or study.case.diversion.opened:
        return None
    return study.store.write_table("channel_mix", _labelled(study, mix_table(divert(gone), level=level), 1))


def _labelled(study: Study, table: pd.DataFrame, place: int) -> pd.DataFrame:
    """The reader's name and the role of each row's channel, put in at a place."""
    table = table.copy()
    table.insert(place, "label", [_part_label(study, name) for name in table["channel"]])
    roles = {item.id: item.role for item in study.case.channels}
    table.insert(place + 1, "role", [roles.get(name, name) for name in table["channel"]])
    return table


def _part_label(study: Study, name: str) -> str:
    if name in (EXITED, "gained"):
        return ", ".join(channel_label(study.case, item) for item in study.case.diversion.source_channels)
    return {"recaptured": "Recaptured", "lost": "Lost", "new": "New"}.get(name) or channel_label(study.case, name)


def _write_paths(study: Study, gone: Counterfactual, level: float) -> None:
    table = gone.path(level)
    measurements, metric = study.store.measurements(), study.case.diversion.metric
    for name in gone.receiving:
        hidden = hidden_contacts(study, measurements, metric, name)
        table.loc[(table["channel"] == name) & table["time"].isin(hidden), "observed"] = np.nan
    study.store.write_table("volume_paths", _labelled(study, table, 2))


def _write_summary(study: Study, gone: Counterfactual) -> None:
    rows: list[dict[str, Any]] = []
    middle, lower, upper = np.quantile(gone.draws.mean(axis=1), [0.5, (1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    for item, name in enumerate(gone.receiving, start=1):
        rows.append(
            {
                "channel": name,
                "label": channel_label(study.case, name),
                "role": study.case.channel(name).role,
                "pre_mean": gone.before[item],
                "post_mean": gone.observed[:, item - 1].mean(),
                "expected_post": middle[item],
                "expected_lower": lower[item],
                "expected_upper": upper[item],
            }
        )
    study.store.write_table("volume_summary", pd.DataFrame(rows))
