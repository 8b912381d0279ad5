"""Notebook 04: contacts per channel, as counted."""

import numpy as np
import pandas as pd

from analysis.core.case import StudyWindows, channel_label
from analysis.core.hidden_periods import hidden_periods
from analysis.core.series import series_of
from analysis.pipeline.study import Study


def volumes(study: Study) -> pd.DataFrame:
    """Contacts per channel and period inside the windows, written as tables/volumes.csv (long).

    Counts under the case's smallest publishable cell are left empty, and those that would give them back;
    tables/suppressed.csv says how many.
    """
    case, measurements = study.case, study.store.measurements()
    metric = case.diversion.metric if case.diversion else "contacts"
    rows = measurements[(measurements["metric"] == metric) & (measurements["unit"] == case.brand)]
    parts, left_out = [], []
    for channel in _in_order(study, rows["channel"].unique()):
        series = contacts_of(study, measurements, metric, channel)
        hidden = series.index.isin(hidden_contacts(study, measurements, metric, channel))
        left_out.append({"channel": channel_label(case, channel), "cells": int(hidden.sum())})
        parts.append(
            pd.DataFrame(
                {
                    "week": series.index,
                    "channel": channel,
                    "label": channel_label(case, channel),
                    "role": next((item.role for item in case.channels if item.id == channel), "owned"),
                    "contacts": series.mask(hidden).to_numpy(),
                }
            )
        )
    columns = ["week", "channel", "label", "role", "contacts"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    study.store.write_table("suppressed", pd.DataFrame(left_out, columns=["channel", "cells"]))
    return study.store.write_table("volumes", table)


def diversion_windows(study: Study) -> StudyWindows:
    plan = study.case.diversion
    return study.case.windows if plan is None or plan.windows is None else plan.windows


def _in_order(study: Study, present: np.ndarray) -> list[str]:
    listed = [item.id for item in study.case.channels if item.id in set(present)]
    return listed + sorted(set(present) - set(listed))


def hidden_contacts(study: Study, measurements: pd.DataFrame, metric: str, channel: str) -> pd.Index:
    """The periods in which the brand's contacts on a channel are not shown."""
    return hidden_periods(
        study.case, measurements, unit=study.case.brand, metric=metric, channel=channel, aggregate="sum",
        missing=_rule(study, metric),
    )  # fmt: skip


def _rule(study: Study, metric: str) -> str:
    return "zero" if any(item.missing == "zero" for item in study.case.outcomes if item.metric == metric) else "refuse"


def contacts_of(study: Study, measurements: pd.DataFrame, metric: str, channel: str) -> pd.Series:
    """The channel's contacts by bin; days without a case are zeros only if the outcomes of the metric say so."""
    windows = diversion_windows(study)
    return series_of(
        measurements,
        study.case,
        unit=study.case.brand,
        metric=metric,
        channels=(channel,),
        aggregate="sum",
        missing=_rule(study, metric),
        first=windows.first,
        last=windows.last,
    )
