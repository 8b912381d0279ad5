"""What may be added up is; what counts people or reads a level is refused, with the key to change and the cure."""

from collections.abc import Sequence

import pandas as pd

from analysis.core.case import Case
from analysis.core.errors import CaseError
from analysis.core.kpis import kind_of, kpi_of
from analysis.core.vocabulary import why_no_sum


def check_sums(rows: pd.DataFrame, case: Case, channels: Sequence[str], aggregate: str, key: str) -> None:
    """Refuse to add up over channels or over the days of a week what has no sum there.

    ``rows`` are one unit's of one metric, columns channel, metric, period, and kpi where it is known. Raises CaseError.
    """
    over_days = case.frequency == "week" and aggregate == "sum"
    if len(channels) < 2 and not over_days:
        return
    rows = rows[rows["channel"].isin(channels)]
    kpis = rows["kpi"] if "kpi" in rows else rows["metric"].map(lambda name: kpi_of(name, case.kpis))
    for kpi in kpis.unique():
        metric = rows["metric"].iloc[0]
        why = why_no_sum(kind_of(kpi), over="channels")
        if why and len(channels) > 1:
            raise CaseError(
                f"{metric} of {len(channels)} channels ({', '.join(channels)}) is never added up: it is {why}",
                where=f"{key}, channels",
                cure="name one channel, and give each of the others an outcome of its own",
            )
        why = why_no_sum(kind_of(kpi), over="days")
        if why and over_days and (rows.loc[kpis == kpi, "period"] == "day").any():
            raise CaseError(
                f"the days of {metric} do not add up to a week: it is {why}",
                where=f"{key}, aggregate",
                cure="write `aggregate: mean` (of the week's days) or `aggregate: last` (its last day)",
            )
