"""The nulls of an estimate: the same estimator where nothing happened, at pretended dates and on simulated series."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.core.windows import Windows
from analysis.estimators._structural_model import Model, build_model
from analysis.inference.null_calibration import (
    FLAT,
    simulated_errors,
    statistic_of,
    structural_nulls,
)
from analysis.inference.structural import fit

SHARED_MODEL = "structural_time_series"
SIMULATED_FOR = (SHARED_MODEL, "interrupted_time_series")
# Each of these ties a column of the model to the calendar, so two dates do not share a design.
CALENDAR_OPTIONS = ("stages", "exclude", "holidays")
MODEL_OPTIONS = ("trend", "day_of_week", "harmonics", "season_length", "holidays", "stages", "exclude")
DEFAULTS = {
    "trend": False, "day_of_week": None, "harmonics": 0, "season_length": None, "holidays": None, "stages": (),
    "exclude": (),
}  # fmt: skip
MOST_REFITTED = 40  # simulated series that each need a fit of their own
HALF = 0.5  # added to counts before their logarithm is taken
COLUMNS = ["kind", "place", "length", "effect", "statistic"]


def pretended_nulls(context: CheckContext, windows: Sequence[Windows], most_alone: int) -> pd.DataFrame:
    """One row a pretended date: kind, place (row of the panel), length of its post-period, effect, statistic."""
    if _shares_a_design(context):
        return _shared(context, windows)
    thinned = np.unique(np.linspace(0, len(windows) - 1, min(most_alone, len(windows))).round().astype(int))
    rows = []
    for item in thinned:
        panel = context.panel.with_windows(windows[item])
        try:
            effect = context.average_of(panel)
        except DesignError:
            continue  # less than a season, a stage in the pretended post-period: no fair test at this date
        if effect.interval is not None:
            place = int(context.panel.times.get_loc(windows[item].event))
            rows.append(("pretended", place, panel.n_post, effect.point, statistic_of(effect)))
    return pd.DataFrame(rows, columns=COLUMNS)


def simulated_nulls(context: CheckContext, count: int, most_refitted: int = MOST_REFITTED) -> pd.DataFrame:
    """One row a series simulated with the memory, noise and drift of the pre-period; empty for other estimators.

    At most ``most_refitted`` where every series needs a fit of its own.
    """
    if context.estimator not in SIMULATED_FOR:
        return pd.DataFrame(columns=COLUMNS)
    try:
        model = structural_model(context)
    except DesignError:
        return pd.DataFrame(columns=COLUMNS)  # too little before the event to know the dynamics
    generator = generator_for(context.case_slug, context.outcome, "simulated nulls")
    length = int(model.counted.sum())
    if context.estimator == SHARED_MODEL:
        errors = simulated_errors(model.fit, model.at, count, generator)
        grid, level = model.fit.factors.grid, context.effect.interval.level
        nulls = structural_nulls(errors, model.matrix, model.at, model.used, model.counted, grid, level)
        rows = zip(range(count), nulls.effects, nulls.statistics, strict=True)
        return pd.DataFrame([("simulated", k, length, *row) for k, *row in rows], columns=COLUMNS)
    rows = []
    for number, panel in enumerate(_null_panels(context.panel, model, min(count, most_refitted), generator)):
        effect = context.average_of(panel)
        rows.append(("simulated", number, length, effect.point, statistic_of(effect)))
    return pd.DataFrame(rows, columns=COLUMNS)


def simulated_counts(context: CheckContext, count: int) -> pd.DataFrame:
    """As ``simulated_nulls``, for a model of counts: its series are counts with the dynamics of their logarithms."""
    treated = context.panel.treated
    raised = context.panel.frame.assign(**{treated: context.panel.frame[treated] + HALF})
    try:
        model = structural_model(replace(context, panel=replace(context.panel, frame=raised, scale="log")))
    except DesignError:
        return pd.DataFrame(columns=COLUMNS)
    generator = generator_for(context.case_slug, context.outcome, "simulated counts")
    logged, length, rows = replace(context.panel, frame=raised, scale="log"), int(model.counted.sum()), []
    for number, panel in enumerate(_null_panels(logged, model, count, generator)):
        counts = np.maximum(np.round(panel.frame[treated] - HALF), 0.0)
        try:
            effect = context.re_estimate(replace(context.panel, frame=panel.frame.assign(**{treated: counts})))
        except DesignError:
            continue  # nothing counted after the event in this draw
        rows.append(("simulated", number, length, effect.point, statistic_of(effect)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _null_panels(panel: Panel, model: Model, count: int, generator: np.random.Generator) -> Iterator[Panel]:
    """The panel with simulated series in the treated place.

    A method that rules drift out is held against all that the data cannot rule out, none or any amount, by what the
    pre-period says of each. A line through 104 weeks that do not show whether they drift would else be believed.
    """
    flat = fit(panel.y[model.used], model.matrix[model.used], model.at[model.used], FLAT)
    for error in simulated_errors(flat, model.at, count, generator).T:
        yield _with_series(panel, model, error)


def structural_model(context: CheckContext) -> Model:
    """The structural model of the pre-period with the estimate's own season, stages and exclusions."""
    asked = DEFAULTS | {name: value for name, value in context.options.items() if name in MODEL_OPTIONS}
    if context.estimator != SHARED_MODEL:
        asked["trend"] = bool(context.options.get("trend", True))
    return build_model(context.panel, **asked)


def _shares_a_design(context: CheckContext) -> bool:
    tied = any(context.options.get(name) for name in CALENDAR_OPTIONS)
    return context.estimator == SHARED_MODEL and not tied and not context.panel.covariates


def _shared(context: CheckContext, windows: Sequence[Windows]) -> pd.DataFrame:
    """Every pretended date in one fit."""
    model, times, y = structural_model(context), context.panel.times, context.panel.y
    places = [int(times.get_loc(item.first)) for item in windows]
    first = windows[0]
    ends = [int(times.get_loc(item)) - places[0] for item in (first.pre_last, first.event, first.last)]
    inside = np.arange(ends[2] + 1)
    series = np.column_stack([y[place + inside] for place in places])
    at, design = model.at[places[0] + inside], model.matrix[places[0] + inside]
    nulls = structural_nulls(
        series, design, at, inside <= ends[0], inside >= ends[1], model.fit.factors.grid, context.effect.interval.level
    )
    length = ends[2] - ends[1] + 1
    rows = zip(places, nulls.effects, nulls.statistics, strict=True)
    return pd.DataFrame([("pretended", place + ends[1], length, *row) for place, *row in rows], columns=COLUMNS)


def _with_series(panel: Panel, model: Model, error: np.ndarray) -> Panel:
    """The panel with the model's regular part and simulated errors in place of the treated series."""
    weights = model.fit.weights[:, 0]
    regular = model.matrix @ (weights @ model.fit.coefficients[:, :, 0])
    frame = panel.frame.copy()
    frame[panel.treated] = panel.back(regular + error)
    return replace(panel, frame=frame)
