"""Notebook 04: what the contacts cost with the exit against without it."""

import numpy as np
import pandas as pd

from analysis.core.errors import DesignError
from analysis.pipeline.service_volume import contacts_of, diversion_windows
from analysis.pipeline.staffing_study import LEVEL, weekly_volumes
from analysis.pipeline.study import Study
from analysis.service.cost import cost_table, decompose_cost, unit_costs
from analysis.service.counterfactual import Counterfactual


def cost(study: Study, gone: Counterfactual | None, level: float = LEVEL) -> pd.DataFrame | None:
    """Volume, mix and rate effects a week, written as tables/cost.csv; None without declared costs or an exit.

    The exited channels' contacts cost what an average contact over them cost before. A channel without a declared
    cost leaves the table out and the reason in tables/cost_missing.csv.
    """
    plan = study.case.staffing
    if gone is None or plan is None or study.case.diversion.opened:
        return None
    without, with_exit = weekly_volumes(study, gone)
    exited = study.case.diversion.exited
    try:
        before, after = unit_costs(plan, (*exited, *gone.receiving))
    except DesignError as error:
        study.store.write_table("cost_missing", pd.DataFrame([{"reason": error.what, "what_to_do": error.cure}]))
        return None
    without |= _exited_volumes(study, gone)
    result = decompose_cost(without, with_exit, before, after)
    return study.store.write_table("cost", cost_table(result, level=level).assign(currency=plan.currency))


def _exited_volumes(study: Study, gone: Counterfactual) -> dict[str, np.ndarray]:
    """The exited total, spread over its channels as before the exit."""
    per_week = 1 if study.case.frequency == "week" else 7
    total = gone.draws[:, :, 0].mean(axis=1) * per_week
    exited, metric, last = study.case.diversion.exited, study.case.diversion.metric, diversion_windows(study).pre_last
    measurements = study.store.measurements()  # as counted: the table of volumes leaves small counts empty
    counted = {name: contacts_of(study, measurements, metric, name) for name in exited}
    size = {name: float(series[series.index <= pd.Timestamp(last)].mean()) for name, series in counted.items()}
    whole = sum(size.values())
    return {name: total * size[name] / whole for name in exited}
