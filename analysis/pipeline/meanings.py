"""What the metrics of a case are: the vocabulary of its measurements, and what a reader should know of their names."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.core.case import Case
from analysis.core.kpis import KPIS, kind_of
from analysis.core.vocabulary import COUNTED_TWICE
from analysis.sources import Meaning

COLUMNS = (
    *("metric", "source", "channels", "kpi", "label", "kind", "unit", "clock", "denominator", "counts", "defined_by"),
)
Meant = Mapping[str, Mapping[str, Meaning]]


def vocabulary_of(case: Case, meant: Meant, measurements: pd.DataFrame) -> pd.DataFrame:
    """One row a metric and source of the case, columns COLUMNS; a metric of no known KPI has its kind alone."""
    channels = measurements.groupby(["source", "metric"], sort=True)["channel"].unique()
    rows = []
    for source in case.sources:
        for metric, meaning in meant[source.id].items():
            on = ", ".join(sorted(channels.get((source.id, metric), ())))
            kpi = KPIS.get(meaning.kpi)
            told = (kpi.label, kpi.kind, kpi.unit) if kpi else ("", kind_of(meaning.kpi), "")
            more = (kpi.denominator, kpi.counts, kpi.source) if kpi else ("", "", "")
            rows.append((metric, source.id, on, kpi.id if kpi else "", *told, meaning.clock, *more))
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(["metric", "source"], kind="stable", ignore_index=True)


def meaning_notes(case: Case, meant: Meant, measurements: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for the table of data quality: metrics nobody described, names that mean something else elsewhere, and
    followers that an outcome adds up over channels."""
    rows = []
    for source, metrics in meant.items():
        for name, meaning in metrics.items():
            count = int(((measurements["source"] == source) & (measurements["metric"] == name)).sum())
            if not meaning.kpi:
                detail = f'{name}: added up as a count of events; say what it is with "kpis:" in case.yaml'
                rows.append(_row(source, "metric of no known KPI", count, detail))
            elif meaning.renamed:
                known = KPIS.get(meaning.kpi)
                what = f"{known.label.lower()} ({known.id})" if known else f"a {meaning.kpi}"
                detail = f'{name}: the column "{meaning.header}" holds {what}'
                rows.append(_row(source, "metric named after another KPI", count, detail))
    for outcome in case.outcomes:
        own = measurements[measurements["metric"] == outcome.metric]
        on = set(outcome.channels) or set(own.loc[own["unit"] == (outcome.treated or case.brand), "channel"])
        if len(on) > 1 and any(kind_of(kpi) == "stock" for kpi in own["kpi"].unique()):
            rows.append(_row("", "level of several channels", len(on), f"{outcome.label}: {COUNTED_TWICE}"))
    return rows


def _row(source: str, finding: str, count: int, detail: str) -> dict[str, Any]:
    return {"source": source, "file": "", "finding": finding, "count": count, "detail": detail}
