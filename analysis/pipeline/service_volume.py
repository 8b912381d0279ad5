"""Notebook 04: contacts per channel and where those of the exited channels went."""

import numpy as np
import pandas as pd

from analysis.core.assembly import control_series, series_of
from analysis.core.case import StudyWindows, channel_label
from analysis.core.privacy import small_cells, suppressed
from analysis.pipeline.study import Study
from analysis.service.diversion import diversion_table, divert


def volumes(study: Study) -> pd.DataFrame:
    """Contacts per channel and period inside the windows, written as tables/volumes.csv (long).

    Counts under the case's smallest publishable cell are left empty; tables/suppressed.csv says how many.
    """
    case, measurements = study.case, study.store.measurements()
    metric = case.diversion.metric if case.diversion else "contacts"
    rows = measurements[(measurements["metric"] == metric) & (measurements["unit"] == case.brand)]
    smallest = case.privacy.minimum_cell
    parts, left_out = [], []
    for channel in _in_order(study, rows["channel"].unique()):
        series = _contacts(study, measurements, metric, channel)
        left_out.append({"channel": channel_label(case, channel), "cells": small_cells(series, smallest)})
        parts.append(
            pd.DataFrame(
                {
                    "week": series.index,
                    "channel": channel,
                    "label": channel_label(case, channel),
                    "role": next((item.role for item in case.channels if item.id == channel), "owned"),
                    "contacts": suppressed(series, smallest).to_numpy(),
                }
            )
        )
    columns = ["week", "channel", "label", "role", "contacts"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    study.store.write_table("suppressed", pd.DataFrame(left_out, columns=["channel", "cells"]))
    return study.store.write_table("volumes", table)


def _windows(study: Study) -> StudyWindows:
    plan = study.case.diversion
    return study.case.windows if plan is None or plan.windows is None else plan.windows


def _in_order(study: Study, present: np.ndarray) -> list[str]:
    listed = [item.id for item in study.case.channels if item.id in set(present)]
    return listed + sorted(set(present) - set(listed))


def _contacts(study: Study, measurements: pd.DataFrame, metric: str, channel: str) -> pd.Series:
    """The channel's contacts by bin; days without a case are zeros only if the outcomes of the metric say so."""
    windows = _windows(study)
    rule = "zero" if any(item.missing == "zero" for item in study.case.outcomes if item.metric == metric) else "refuse"
    return series_of(
        measurements,
        study.case,
        unit=study.case.brand,
        metric=metric,
        channels=(channel,),
        aggregate="sum",
        missing=rule,
        first=windows.first,
        last=windows.last,
    )


def diversion(study: Study, draws: int = 4000, level: float = 0.95) -> pd.DataFrame | None:
    """The diversion table, written as tables/diversion.csv; None when the case declares no diversion."""
    case = study.case
    if case.diversion is None:
        return None
    measurements = study.store.measurements()
    plan = case.diversion
    series = {name: _contacts(study, measurements, plan.metric, name) for name in (*plan.exited, *plan.receiving)}
    exited = sum(series[name] for name in plan.exited)
    receiving = pd.DataFrame({name: series[name] for name in plan.receiving})
    windows = _windows(study)
    controls = pd.DataFrame(
        {name: control_series(measurements, case, name, windows) for name in plan.controls},
        index=receiving.index,
    )
    usable = ~_event_bins(study, receiving.index)
    index = receiving.index
    pre = usable & (index >= pd.Timestamp(windows.first)) & (index <= pd.Timestamp(windows.pre_last))
    post = usable & (index >= pd.Timestamp(windows.event)) & (index <= pd.Timestamp(windows.last))
    result = divert(
        exited,
        receiving,
        controls,
        pre=pre,
        post=post,
        seed_names=(case.slug,),
        harmonics=plan.harmonics,
        draws=draws,
        level=level,
    )
    table = diversion_table(result, level=level)
    table.insert(
        2, "label", [_part_label(study, part, name) for part, name in zip(table["part"], table["channel"], strict=True)]
    )
    table.insert(
        3,
        "role",
        [
            next((item.role for item in case.channels if item.id == name), part)
            for part, name in zip(table["part"], table["channel"], strict=True)
        ],
    )
    _write_summary(study, result, pre, post, receiving)
    return study.store.write_table("diversion", table)


def _part_label(study: Study, part: str, name: str) -> str:
    if part == "exited":
        return ", ".join(channel_label(study.case, item) for item in study.case.diversion.exited)
    return {"recaptured": "Recaptured", "lost": "Lost"}.get(part) or channel_label(study.case, name)


def _event_bins(study: Study, index: pd.DatetimeIndex) -> np.ndarray:
    """Bins touched by a co-intervention that the case adjusts for."""
    plan = study.case.diversion
    length = pd.Timedelta(days=7 if study.case.frequency == "week" else 1)
    touched = np.zeros(len(index), dtype=bool)
    for event in study.case.events:
        if event.adjust and (not event.channels or set(event.channels) & {*plan.exited, *plan.receiving}):
            touched |= (index + length > pd.Timestamp(event.first)) & (index <= pd.Timestamp(event.last))
    return touched


def _write_summary(study: Study, result: object, pre: np.ndarray, post: np.ndarray, receiving: pd.DataFrame) -> None:
    rows = []
    for name in result.receiving:
        rows.append(
            {
                "channel": name,
                "label": channel_label(study.case, name),
                "role": study.case.channel(name).role,
                "pre_mean": receiving.loc[pre, name].mean(),
                "post_mean": receiving.loc[post, name].mean(),
                "expected_post": result.expected[name].mean(),
                "expected_lower": result.lower[name].mean(),
                "expected_upper": result.upper[name].mean(),
            }
        )
    study.store.write_table("volume_summary", pd.DataFrame(rows))
