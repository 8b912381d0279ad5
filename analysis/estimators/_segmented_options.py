"""Options of the segmented regression, checked against the panel's time axis."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.core.errors import CaseError, DesignError, nearest
from analysis.core.panel import Panel
from analysis.inference.segmented import StageTerm
from analysis.inference.time_axis import as_time

STAGE_KEYS = ("date", "label", "slope")
# A step needs more than one period before the next change, a change of trend enough to draw a line through.
SMALLEST_STEP, SMALLEST_SLOPE = 2, 8


def stage_terms(panel: Panel, stages: Sequence[Mapping[str, Any]], positions: np.ndarray) -> tuple[StageTerm, ...]:
    """Stages as terms. One later than the panel's last period is left out: it is not in these data.

    Raises CaseError for an unknown key; DesignError for a stage without periods of its own in the pre-period.
    """
    dated = []
    for stage in stages:
        unknown = sorted(set(stage) - set(STAGE_KEYS))
        if unknown or "date" not in stage:
            key = unknown[0] if unknown else "date"
            cure = nearest(key, STAGE_KEYS) if unknown else "say when it began with date:"
            what = f'a stage {"has no option" if unknown else "lacks"} "{key}"'
            raise CaseError(what, where="options, stages", cure=cure)
        when = as_time(stage["date"], panel.times)
        if when <= panel.windows.last:
            dated.append((when, str(stage.get("label", stage["date"])), bool(stage.get("slope", False))))
    dated.sort(key=lambda item: item[0])
    starts = [item[0] for item in dated]
    terms = []
    for (when, label, slope), following in zip(dated, [*starts[1:], None][: len(dated)], strict=True):
        own = panel.pre & np.asarray(panel.times >= when)
        if following is not None:
            own &= np.asarray(panel.times < following)
        _require_periods(label, int(own.sum()), slope, bool((panel.times[panel.pre] < when).any()))
        terms.append(StageTerm(label, int(positions[int(np.argmax(panel.times >= when))]), slope))
    return tuple(terms)


def _require_periods(label: str, own: int, slope: bool, something_before: bool) -> None:
    needed = SMALLEST_SLOPE if slope else SMALLEST_STEP
    if own >= needed and something_before:
        return
    raise DesignError(
        f'the stage "{label}" has {own} periods of its own in the pre-period'
        + ("" if something_before else ", and none before it")
        + f"; {needed} are needed",
        where="options, stages",
        cure="drop it, give it slope: false, or end the pre-period before it so that it falls into the donut",
    )


def excluded_periods(panel: Panel, exclude: Sequence[Sequence[Any]]) -> np.ndarray:
    """Mask (periods,) of the closed ranges [first, last]. Raises CaseError for what is not a range."""
    mask = np.zeros(len(panel.times), dtype=bool)
    for span in exclude:
        where = f"options, exclude: {span}"
        if isinstance(span, str) or len(span) != 2:
            raise CaseError("exclude wants pairs of dates", where=where, cure="write [first, last]")
        first, last = (as_time(end, panel.times) for end in span)
        if last < first:
            raise CaseError("an excluded range ends before it begins", where=where, cure="swap them")
        mask |= np.asarray((panel.times >= first) & (panel.times <= last))
    return mask


def covariate_columns(panel: Panel) -> np.ndarray:
    """Covariates on the model's scale, shape (periods, covariates). Raises DesignError for a non-positive logarithm."""
    values = panel.covariate_values
    if panel.scale == "log" and (values <= 0).any():
        name = panel.covariates[int((values <= 0).any(axis=0).argmax())]
        raise DesignError("zeros or negative values have no logarithm", where=f"covariate {name}", cure="drop it")
    return panel.transform(values)
