"""The truth annex of simulated cases, its part on service: waiting times, equal treatment, tone."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.pipeline.study import Study

MEASURES = {"first_response": "first response", "taken_in_charge": "taking in charge", "outcome": "outcome"}


def service_rows(study: Study, truth: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Name, label, truth, point, interval of what notebook 05 found; empty for a truth without service."""
    known = truth.get("service")
    if known is None or study.case.care is None:
        return []
    return [*_times(study, known), *_equal(study, known), *_tone(study, known)]


def _row(name: str, label: str, truth: float, point: float, lower: float, upper: float) -> dict[str, Any]:
    bounds = None if pd.isna(lower) else {"lower": lower, "upper": upper}
    return {"name": name, "label": label, "truth": truth, "point": point, "interval": bounds}


def _times(study: Study, known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Change of medians over all cases, abandoned ones counting as never, which is what the estimate counts."""
    table = study.store.table("response_times")
    scope = known["times"].get(study.case.care.compare, {})
    for row in [] if table is None else table.to_dict("records"):
        periods = scope.get(row["measure"], {})
        medians = [periods.get(period, {}).get("median_incidence") for period in ("before", "after")]
        if all(medians):
            yield _row(
                f"median_{row['measure']}", f"Change of the median time to {MEASURES[row['measure']]}",
                medians[1] / medians[0] - 1, row["median_change"], row["median_change_lower"],
                row["median_change_upper"],
            )  # fmt: skip


def _equal(study: Study, known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Ratios of median times less one, 90 % intervals; the same before and after as built."""
    table = study.store.table("equal_treatment")
    for row in [] if table is None else table[table["period"] != "change"].to_dict("records"):
        declared = known["equal_treatment"].get(row["attribute"])
        if declared is None or row["group"] not in declared["ratios"]:
            continue
        truth = declared["ratios"][row["group"]] / declared["ratios"][row["reference"]]
        label = f"Waiting of {row['label']} {row['group']} against {row['reference']}, {row['period']}"
        name = f"equal_{row['attribute']}_{row['group']}_{row['period']}"
        yield _row(name, label, truth - 1, row["ratio"] - 1, row["lower"] - 1, row["upper"] - 1)


def _tone(study: Study, known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Of all cases, those who never wrote back too: only bounds can hold that, and the annex shows whether they do."""
    table = study.store.table("tone_bounds")
    if table is None or "tone" not in known:
        return
    rows = table[table["quantity"] == "positive_given_worst"].set_index("period")
    for period in ("before", "after"):
        truth = known["tone"]["positive_given_negative"].get(period)
        if truth is not None and period in rows.index and pd.notna(rows.loc[period, "repliers"]):
            label = f"Angriest first and content last, all cases, {period} (bounds)"
            row = rows.loc[period]
            yield _row(f"tone_{period}", label, truth, row["repliers"], row["lower"], row["upper"])
