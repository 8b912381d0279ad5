"""Interrupted time series: one series, its own past as the counterfactual, autocorrelated errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student

from analysis.core.effect import Effect, Interval
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.estimators._requirements import SMALLEST_PRE, require_level, require_pre_periods
from analysis.estimators._segmented_options import covariate_columns, excluded_periods, stage_terms
from analysis.inference.autoregressive import LARGEST_RHO, Contrast, Regression, contrast, fit_autoregressive
from analysis.inference.effects import build_effect
from analysis.inference.newey_west import fit_least_squares
from analysis.inference.segmented import EVENT, EVENT_SLOPE, Design, StageTerm, segmented_design
from analysis.inference.serial_tests import durbin_watson
from analysis.inference.simultaneous import bonferroni_factor, widened_band
from analysis.inference.time_axis import positions, season_of

NAME = "interrupted_time_series"
LABEL = "Interrupted time series"
REFERENCE = "Turner et al. 2021, BMC Medical Research Methodology, doi 10.1186/s12874-021-01364-0; Linden 2015"
NEEDS_DONORS = 0
ESTIMAND = "average effect of the event on the series over the post-period"
ASSUMPTIONS = (
    "Without the exit the level, trend and season of the pre-period would have gone on.",
    "Nothing else moved the series at the same time, apart from the stages and covariates in the model.",
    "The exit did not move the covariates.",
)


@dataclass(frozen=True, slots=True)
class _Model:
    design: Design
    fit: Regression
    used: np.ndarray
    counted: np.ndarray
    stages: tuple[StageTerm, ...]
    event_terms: tuple[str, ...]


def estimate(
    panel: Panel, *, seed: int = 0, level: float = 0.95, trend: bool = True, slope: bool = True, harmonics: int = 0,
    season_length: float | None = None, stages: Sequence[Mapping[str, Any]] = (), exclude: Sequence[Sequence[Any]] = (),
) -> Effect:
    """Segmented regression with AR(1) errors (restricted maximum likelihood); Student's t, Satterthwaite df.

    ``slope`` lets the trend change at the event; the effect is then the average over the post-period of step and
    slope. ``harmonics`` waves of a season of ``season_length`` periods (a year when the dates are weekly).
    ``stages`` (mappings date, label, slope) are other steps inside the pre-period that stay; the effect is what the
    event added to them, ``diagnostics["total"]`` is all of them together. ``exclude`` are closed ranges left out of
    fit and average, as the donut is left out of the fit. Donors are not used.

    The expected path of the post-period carries the mean residual there, so its mean gap is the point exactly; its
    band allows for the effect's error in each period and for that period's own noise. Raises DesignError, among others
    for fewer than 8 pre-periods, harmonics on less than a season, or a stage with too few periods of its own.
    """
    require_level(level)
    require_pre_periods(panel)
    model = _fit(panel, trend, slope, int(harmonics), season_length, stages, exclude)
    design, counted = model.design, model.counted
    weights = design.average_of(model.event_terms, counted)
    average = contrast(model.fit, weights)
    expected = design.without_event() @ model.fit.coefficients
    gap = panel.y - expected
    expected = expected + np.where(panel.post, gap[counted].mean() - average.estimate, 0.0)
    band = _band(model, panel.post, expected, level)
    factor = bonferroni_factor(int(panel.post.sum()), average.degrees_of_freedom, level)
    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=average.estimate,
        expected=expected,
        interval=Interval(*average.interval(level), level),
        p_value=average.p_value,
        inference="regression with AR(1) errors by restricted maximum likelihood, Student's t (Satterthwaite)",
        standard_error=average.standard_error,
        band=band,
        joint=widened_band(expected, band, factor, panel.post),
        counted=counted,
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(panel, model, average, weights, level),
    )


def _fit(
    panel: Panel, trend: bool, slope: bool, harmonics: int, season_length: float | None,
    stages: Sequence[Mapping[str, Any]], exclude: Sequence[Sequence[Any]],
) -> _Model:
    at = positions(panel.times)
    season_length = season_of(panel.times) if season_length is None else float(season_length)
    left_out = excluded_periods(panel, exclude)
    used = (panel.pre | panel.post) & ~left_out
    counted = panel.post & ~left_out
    _require_windows(panel, used, counted, harmonics, season_length, at)
    terms = stage_terms(panel, stages, at)
    slope = slope and counted.sum() > 1  # with one period after the event there is no slope to speak of
    design = segmented_design(
        at, int(at[panel.post][0]), trend=trend, slope=slope, stages=terms, harmonics=harmonics,
        season_length=season_length, covariates=covariate_columns(panel), covariate_names=panel.covariates,
    )  # fmt: skip
    fit = fit_autoregressive(panel.y[used], design.matrix[used], at[used])
    return _Model(design, fit, used, counted, terms, (EVENT, EVENT_SLOPE) if slope else (EVENT,))


def _require_windows(
    panel: Panel, used: np.ndarray, counted: np.ndarray, harmonics: int, season_length: float | None, at: np.ndarray
) -> None:
    if not counted.any() or (used & panel.pre).sum() < SMALLEST_PRE:
        raise DesignError(
            f"the excluded ranges leave {int((used & panel.pre).sum())} periods before and {int(counted.sum())} after",
            where="options, exclude",
            cure="exclude less, or widen the windows",
        )
    span = int(np.ptp(at[panel.pre])) + 1
    if harmonics and season_length is not None and span < np.floor(season_length):
        raise DesignError(
            f"a season of {season_length:.1f} periods cannot be estimated from {span} periods before the event",
            where="options, harmonics",
            cure="widen the pre-period to a whole season, or use harmonics: 0",
        )


def _band(model: _Model, post: np.ndarray, expected: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Of one period's value: after the event the uncertainty of its effect, before it of the fit, and its own noise."""
    rows = model.design.matrix.copy()
    others = [name not in model.event_terms for name in model.design.names]
    rows[np.ix_(post, others)] = 0
    noise = model.fit.innovation_sd**2 / (1 - model.fit.rho**2)
    half = np.empty(len(expected))
    for period, row in enumerate(rows):
        value = contrast(model.fit, row)
        error = np.sqrt(value.standard_error**2 + noise)
        half[period] = error * student.ppf((1 + level) / 2, value.degrees_of_freedom)
    return expected - half, expected + half


def _described(value: Contrast, level: float) -> dict[str, float]:
    lower, upper = value.interval(level)
    return {
        "effect": value.estimate, "lower": lower, "upper": upper, "standard_error": value.standard_error,
        "p_value": value.p_value, "degrees_of_freedom": value.degrees_of_freedom,
    }  # fmt: skip


def _diagnostics(
    panel: Panel, model: _Model, average: Contrast, weights: np.ndarray, level: float
) -> dict[str, Any]:
    """Everything a reader may ask of the fit; stage effects are averages over the counted post-period."""
    fit, design = model.fit, model.design
    stages, total = [], weights.copy()
    for stage in model.stages:
        own = design.average_of(stage.names, model.counted)
        total = total + own
        described = _described(contrast(fit, own), level)
        step = contrast(fit, np.eye(len(design.names))[design.column(stage.names[0])]).estimate
        stages.append({"label": stage.label, "date": panel.times[_index_of(panel, stage)], "step": step, **described})
    return {
        "rho": fit.rho,
        "rho_at_bound": fit.rho > LARGEST_RHO - 1e-3,
        "degrees_of_freedom": average.degrees_of_freedom,
        "residual_degrees_of_freedom": fit.residual_df,
        "innovation_sd": fit.innovation_sd,
        "coefficients": dict(zip(design.names, fit.coefficients.tolist(), strict=True)),
        "coefficient_standard_errors": dict(zip(design.names, np.sqrt(np.diag(fit.covariance)).tolist(), strict=True)),
        "stages": stages,
        "total": _described(contrast(fit, total), level),
        "periods_excluded": int((panel.pre | panel.post).sum() - model.used.sum()),
        "pre_rmspe": float(np.sqrt(np.mean(fit.residuals[panel.pre[model.used]] ** 2))),
        "whitened_residuals": fit.whitened.tolist(),
    } | _sensitivities(panel, model, weights)


def _sensitivities(panel: Panel, model: _Model, weights: np.ndarray) -> dict[str, float]:
    """The same effect as other reports would state it: shown, never tested, for their errors are too small."""
    at = positions(panel.times)[model.used]
    plain = fit_least_squares(panel.y[model.used], model.design.matrix[model.used], at)
    independent = plain.contrast(weights, newey_west=False)
    return {
        "least_squares_effect": independent.estimate,
        "least_squares_standard_error": independent.standard_error,
        "newey_west_standard_error": plain.contrast(weights).standard_error,
        "newey_west_lag": plain.lag,
        "durbin_watson": durbin_watson(plain.residuals, at),
    }


def _index_of(panel: Panel, stage: StageTerm) -> int:
    return int(np.argmax(positions(panel.times) >= stage.position))
