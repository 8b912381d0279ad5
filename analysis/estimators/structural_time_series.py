"""Structural time series: one series and its controls, drifting level, memory and noise, uncertainty integrated."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import stdtrit

from analysis.core.effect import Average, Effect, Interval
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.estimators._requirements import require_level, require_pre_periods
from analysis.estimators._structural_model import Model, build_model
from analysis.inference.effects import build_effect
from analysis.inference.simultaneous import draws_factor, widened_band
from analysis.inference.structural import DRIFT, Functionals, predictive
from analysis.inference.structural_breaks import changes_of, strongest_step
from analysis.inference.structural_draws import draw_paths
from analysis.inference.student_mixture import StudentMixture

NAME = "structural_time_series"
LABEL = "Structural time series"
REFERENCE = (
    "Harvey 1989, Forecasting, Structural Time Series Models and the Kalman Filter; Handcock and Stein 1993, "
    "Technometrics 35(4)"
)
NEEDS_DONORS = 0
# Below 24 the data hardly tell drift, memory and noise apart and the declared prior decides; below 12 it is unmeasured.
SMALLEST_PRE_PERIODS = 12
ESTIMAND = "average effect of the event on the series over the post-period"
DRAWS = 1999  # of a whole path: with them the 95 % quantile of its largest departure errs by about 2 %
NEGLIGIBLE = 0.1  # weight of a set of parameters, over the largest, below which no path is drawn with it
ASSUMPTIONS = (
    "Without the exit the series would have gone on drifting as it did before, neither faster nor slower.",
    "Nothing else moved the series at the same time, apart from the season, stages and controls in the model.",
    "The exit did not move the controls.",
)
INFERENCE = "predictive distribution of a structural time series, parameters integrated over a declared prior"


def estimate(
    panel: Panel, *, seed: int = 0, level: float = 0.95, trend: bool = False, day_of_week: bool | None = None,
    harmonics: int = 0, season_length: float | None = None, holidays: str | None = None,
    stages: Sequence[Mapping[str, Any]] = (), exclude: Sequence[Sequence[Any]] = (),
) -> Effect:
    """Observed average minus the predictive distribution of the average without the exit.

    Point, interval and p-value are mean, central interval and twice the smaller tail of one mixture of Student's t.
    ``day_of_week`` is on by default where the dates are days; ``harmonics`` waves of ``season_length`` periods (a
    year when the dates are weekly); ``holidays`` the code of a country whose public holidays are one regressor;
    ``trend`` adds a straight line (the drift follows slow change without one). ``stages`` (mappings date, label,
    slope) are steps in the pre-period that stay, ``exclude`` closed ranges left out of fit and average. The panel's
    covariates are smoothed, then all used. Donors are not. ``seed`` changes nothing: what is drawn, the band that holds
    for all periods at once, has a seed of its own.

    The path before the event is the prediction of each period from those before it, with its band; from the donut
    on it is the predictive mean and the central interval of each period. On the log scale the average effect is the
    mean gap of logarithms. Raises DesignError, among others for fewer than 12 periods before the event, or a
    series that never varies.
    """
    require_level(level)
    require_pre_periods(panel, SMALLEST_PRE_PERIODS)
    model = build_model(panel, trend, day_of_week, int(harmonics), season_length, holidays, stages, exclude)
    counted, average = model.counted, _average_effect(panel, model, level)
    alone = _alone(average, level)
    expected, low, high = _path(panel, model, level)
    factor = _joint_factor(model, expected, low, high, level)
    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=alone.point,
        expected=expected,
        interval=alone.interval,
        p_value=alone.p_value,
        inference=INFERENCE,
        standard_error=alone.standard_error,
        band=(low, high),
        joint=widened_band(expected, (low, high), factor, panel.post),
        counted=counted,
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(panel, model, average, level),
    )


def average_of(panel: Panel, **options: Any) -> Average:
    """The average of ``estimate`` with the same options: no path, band or diagnostics are made."""
    given = {**estimate.__kwdefaults__, **options}
    level = given.pop("level")
    del given["seed"]
    require_level(level)
    require_pre_periods(panel, SMALLEST_PRE_PERIODS)
    model = build_model(panel, **given | {"harmonics": int(given["harmonics"])})
    return _alone(_average_effect(panel, model, level), level)


def _alone(average: Mapping[str, float], level: float) -> Average:
    point = average["effect"]
    interval = Interval(min(average["lower"], point), max(average["upper"], point), level)
    return Average(point, average["standard_error"], interval, average["p_value"])


def _average_effect(panel: Panel, model: Model, level: float) -> dict[str, float]:
    return _described(float(panel.y[model.counted].mean()), predictive(model.fit, _average(model)), level)


def _average(model: Model, without: Sequence[str] = ()) -> Functionals:
    """The mean over the counted periods, as if the terms named ``without`` were absent too."""
    weights = model.counted[model.counted] / model.counted.sum()
    rows = model.matrix[model.counted].copy()
    rows[:, [model.names.index(name) for name in without]] = 0.0
    return Functionals(model.leads(model.counted), weights[None], weights[None] @ rows)


def _path(panel: Panel, model: Model, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expected value and its band, each (periods,), model scale. Excluded periods of the pre-period are bridged."""
    point, fitted, used = model.fit.best(), model.fit, model.used
    deviation = fitted.factors.deviation[:, point, 0]
    regular = model.matrix @ fitted.coefficients[point, :, 0]
    half = stdtrit(fitted.degrees_of_freedom, (1 + level) / 2) * np.sqrt(fitted.scale[point, 0]) * deviation
    surprise = panel.y[used] - deviation * fitted.residuals[:, point, 0] - regular[used]
    every = model.at.astype(float)
    expected = regular + np.interp(every, every[used], surprise)
    width = np.interp(every, every[used], half)
    lower, upper = expected - width, expected + width
    later = every > every[used][-1]
    rows = model.matrix[later]
    mixture = predictive(fitted, Functionals(model.leads(later), np.eye(len(rows)), rows))
    expected[later] = mixture.mean
    lower[later], upper[later] = mixture.quantile((1 - level) / 2), mixture.quantile((1 + level) / 2)
    return expected, lower, upper


def _joint_factor(model: Model, expected: np.ndarray, low: np.ndarray, high: np.ndarray, level: float) -> float:
    """By how much the band must grow to hold for all counted periods at once; parameters drawn with the paths."""
    where, generator = model.counted, generator_for("simultaneous band")
    rows, leads = model.matrix[where], model.leads(where)
    drawn = draw_paths(model.fit, rows, leads, draws=DRAWS, generator=generator, least=NEGLIGIBLE)
    return draws_factor(drawn - expected[where], (expected - low)[where], (high - expected)[where], level)


def _described(observed: float, mixture: StudentMixture, level: float) -> dict[str, float]:
    lower, upper = (observed - float(mixture.quantile(share)[0]) for share in ((1 + level) / 2, (1 - level) / 2))
    return {
        "effect": observed - float(mixture.mean[0]), "lower": lower, "upper": upper,
        "standard_error": float(mixture.standard_deviation[0]),
        "p_value": float(mixture.two_sided(np.array([observed]))[0]),
    }  # fmt: skip


def _stages(
    panel: Panel, model: Model, average: dict[str, float], level: float
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """What each stage does over the counted post-period, and event and stages together."""
    rows, every = [], []
    for stage in model.stages:
        every += stage.names
        asked = np.zeros((1, len(model.names)))
        for name in stage.names:
            column = model.names.index(name)
            asked[0, column] = -model.matrix[model.counted, column].mean()  # an effect is what is added: 0 - (-b'x)
        nothing = Functionals(np.ones(1, dtype=int), np.zeros((1, 1)), asked)
        when = panel.times[int(np.argmax(model.at >= stage.position))]
        rows.append({"label": stage.label, "date": when, **_described(0.0, predictive(model.fit, nothing), level)})
    if not every:
        return [], average
    observed = float(panel.y[model.counted].mean())
    return rows, _described(observed, predictive(model.fit, _average(model, every)), level)


def _diagnostics(panel: Panel, model: Model, average: dict[str, float], level: float) -> dict[str, Any]:
    """Everything a reader may ask of the fit; parameters are means over the grid, variances relative to the AR part."""
    fitted = model.fit
    weights, grid, point = fitted.weights[:, 0], fitted.factors.grid, fitted.best()
    beta = weights @ fitted.coefficients[:, :, 0]
    scale = float(weights @ fitted.scale[:, 0])
    residuals = fitted.residuals[:, point, 0] / np.sqrt(fitted.scale[point, 0])
    raw = fitted.residuals[:, point, 0] * fitted.factors.deviation[:, point, 0]
    half = len(residuals) // 2
    stages, total = _stages(panel, model, average, level)
    step, p_value, place = strongest_step(panel.y[model.used], model.matrix[model.used], fitted)
    return {
        "rho": float(weights @ np.array(grid.rho)),
        "nugget": float(weights @ np.array(grid.nugget)),
        "drift": float(weights @ np.array(grid.drift)),
        "drift_at_bound": float(weights @ (np.array(grid.drift) >= DRIFT[-1])) > 0.5,
        "scale": float(np.sqrt(scale)),
        "residual_degrees_of_freedom": fitted.degrees_of_freedom,
        "coefficients": dict(zip(model.names, beta.tolist(), strict=True)),
        "controls": list(panel.covariates),
        "control_changes": changes_of(panel, model.regular, model.at, model.used, model.counted),
        "strongest_step": {"date": panel.times[model.used][place], "size": step, "p_value": p_value},
        "variance_ratio": float((residuals[half:] ** 2).mean() / max((residuals[:half] ** 2).mean(), 1e-300)),
        "stages": stages,
        "total": total,
        "periods_excluded": int((panel.pre | panel.post).sum() - (model.used | model.counted).sum()),
        "pre_rmspe": float(np.sqrt(np.mean(raw**2))),
        "whitened_residuals": residuals.tolist(),
    }


