"""Counts over time: a log-linear model with over-dispersed, serially correlated errors; the effect is a rate ratio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student

from analysis.core.effect import Effect, Interval
from analysis.core.errors import DesignError, nearest
from analysis.core.panel import Panel
from analysis.estimators._requirements import SMALLEST_PRE, require_level, require_pre_periods
from analysis.estimators._segmented_options import covariate_columns, excluded_periods, stage_terms
from analysis.inference.count_regression import CountFit, contrast, fit_counts
from analysis.inference.effects import build_effect
from analysis.inference.noisy_autoregression import MixtureContrast
from analysis.inference.segmented import EVENT, EVENT_SLOPE, Design, StageTerm, segmented_design
from analysis.inference.simultaneous import bonferroni_factor
from analysis.inference.time_axis import positions, season_of

NAME = "count_time_series"
LABEL = "Count time series"
REFERENCE = "Lopez Bernal, Cummins and Gasparrini 2017, International Journal of Epidemiology 46:348; Zeger 1988"
NEEDS_DONORS = 0
ESTIMAND = "average effect of the event on the counts over the post-period, from the rate ratio"
ASSUMPTIONS = (
    "Without the exit the rate's trend and season of the pre-period would have gone on, in proportion.",
    "Nothing else moved the rate at the same time, apart from the stages and covariates in the model.",
    "The exit did not move the covariates or the offset.",
    "The variance of a count grows with its mean as the chosen family says.",
)
FAMILY = {"quasi_poisson": "quasi-Poisson", "negative_binomial": "negative binomial"}
INFERENCE = {
    "autoregressive": "Student's t, correlation (autoregressive intensity under counting noise) integrated out",
    "newey_west": "Newey-West sandwich, Student's t: rejects too often, a sensitivity and not a primary answer",
    "none": "scaled variance, Student's t, counts taken as independent over time",
}


@dataclass(frozen=True, slots=True)
class _Model:
    design: Design
    fit: CountFit
    offset: np.ndarray
    used: np.ndarray
    counted: np.ndarray
    stages: tuple[StageTerm, ...]
    event_terms: tuple[str, ...]

    def rates(self, without: Sequence[str] = ()) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the design and expected counts (periods,), with the named terms taken out."""
        rows = self.design.matrix.copy()
        rows[:, [name in without for name in self.design.names]] = 0.0
        return rows, np.exp(self.offset + rows @ self.fit.coefficients)

    def log_rate_ratio(self, names: Sequence[str]) -> "LogRateRatio":
        """Of the totals over the counted periods, with the named terms and without them."""
        (with_rows, with_rate), (rows, rate) = self.rates(), self.rates(names)
        at = self.counted
        gradient = with_rate[at] @ with_rows[at] / with_rate[at].sum() - rate[at] @ rows[at] / rate[at].sum()
        value = float(np.log(with_rate[at].sum() / rate[at].sum()))
        return LogRateRatio(contrast(self.fit, gradient), value - float(gradient @ self.fit.coefficients))


@dataclass(frozen=True, slots=True)
class LogRateRatio:
    """A rate ratio of totals to first order about the fit: the linear ``part`` shifted by a constant."""

    part: MixtureContrast
    shift: float

    @property
    def estimate(self) -> float:
        return self.part.estimate + self.shift

    def shifted(self) -> MixtureContrast:
        part = self.part
        return MixtureContrast(part.weights, part.locations + self.shift, part.scales, part.degrees_of_freedom)


def estimate(
    panel: Panel, *, seed: int = 0, level: float = 0.95, family: str = "quasi_poisson",
    serial: str = "autoregressive", offset: str | None = None, trend: bool = True, slope: bool = False,
    harmonics: int = 0, season_length: float | None = None, stages: Sequence[Mapping[str, Any]] = (),
    exclude: Sequence[Sequence[Any]] = (),
) -> Effect:
    """Segmented log-linear regression of counts; the effect is the rate ratio RR of the post-period's totals.

    ``relative`` is RR - 1; ``point`` is the same effect in counts a period, mean observed x (1 - 1/RR), so that
    point, cumulative and relative effect and their intervals are one answer; ``diagnostics`` hold log_rate_ratio
    with its standard error and interval. ``family`` quasi_poisson or negative_binomial; ``offset`` names the
    covariate whose logarithm enters with coefficient one (customers, population); ``serial`` autoregressive
    (default), newey_west or none. The other options are those of interrupted_time_series, but ``slope`` is off: a
    constant ratio is what the published studies report, and a change of trend read off a drifting series finds too
    much (declare it where it is expected). Donors are not used.

    Raises DesignError for a panel on the log scale, negative counts, broken numbers with the negative binomial, an
    offset that is not a positive covariate, fewer than 8 pre-periods, or terms the data cannot carry.
    """
    require_level(level)
    require_pre_periods(panel)
    if panel.scale != "level":
        raise DesignError("counts are modelled on their own scale", where=panel.outcome, cure='use scale: "level"')
    model = _fit(panel, family, serial, offset, trend, slope, int(harmonics), season_length, stages, exclude)
    ratio = model.log_rate_ratio(model.event_terms).shifted()
    interval = Interval(*ratio.interval(level), level)
    total, periods = float(panel.y[model.counted].sum()), int(model.counted.sum())
    expected = model.rates(model.event_terms)[1]
    level_after = total * np.exp(-ratio.estimate) / expected[model.counted].sum()
    expected = np.where(panel.post, level_after * expected, expected)

    half = _half_band(model, panel.post, expected, level)
    factor = bonferroni_factor(int(panel.post.sum()), model.fit.residual_df, level)
    joint = np.where(panel.post, factor * half, np.nan)

    def in_counts(value: float) -> float:
        return -total / periods * float(np.expm1(-value))

    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=in_counts(ratio.estimate),
        expected=expected,
        interval=interval.map(in_counts),
        p_value=ratio.p_value,
        inference=f"{FAMILY[family]} regression; {INFERENCE[serial]}",
        standard_error=total / periods * float(np.exp(-ratio.estimate)) * ratio.standard_error,
        band=(expected * np.exp(-half), expected * np.exp(half)),
        joint=(expected * np.exp(-joint), expected * np.exp(joint)),
        counted=model.counted,
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(panel, model, ratio, level, family, serial),
    )


def _fit(
    panel: Panel, family: str, serial: str, offset: str | None, trend: bool, slope: bool, harmonics: int,
    season_length: float | None, stages: Sequence[Mapping[str, Any]], exclude: Sequence[Sequence[Any]],
) -> _Model:  # fmt: skip
    at = positions(panel.times)
    season_length = season_of(panel.times) if season_length is None else float(season_length)
    left_out = excluded_periods(panel, exclude)
    used, counted = (panel.pre | panel.post) & ~left_out, panel.post & ~left_out
    _require_windows(panel, used, counted, harmonics, season_length, at)
    terms = stage_terms(panel, stages, at)
    slope = slope and counted.sum() > 1  # with one period after the event there is no slope to speak of
    controls = [name for name in panel.covariates if name != offset]
    kept = [panel.covariates.index(name) for name in controls]
    design = segmented_design(
        at, int(at[panel.post][0]), trend=trend, slope=slope, stages=terms, harmonics=harmonics,
        season_length=season_length, covariates=covariate_columns(panel)[:, kept], covariate_names=controls,
    )  # fmt: skip
    exposure = _log_offset(panel, offset, used)
    fit = fit_counts(
        panel.y[used], design.matrix[used], exposure[used], at[used], family=family, serial=serial
    )
    return _Model(design, fit, exposure, used, counted, terms, (EVENT, EVENT_SLOPE) if slope else (EVENT,))


def _log_offset(panel: Panel, offset: str | None, used: np.ndarray) -> np.ndarray:
    if offset is None:
        return np.zeros(len(panel.times))
    if offset not in panel.covariates:
        cure = nearest(offset, panel.covariates) if panel.covariates else "name it among the outcome's covariates"
        raise DesignError(f'the offset "{offset}" is not a covariate', where="options, offset", cure=cure)
    values = panel.frame[offset].to_numpy()
    if not (values[used] > 0).all():
        raise DesignError("an offset has zeros or negative values", where=f"covariate {offset}", cure="drop the offset")
    return np.log(np.where(values > 0, values, np.nan))


def _require_windows(
    panel: Panel, used: np.ndarray, counted: np.ndarray, harmonics: int, season_length: float | None, at: np.ndarray
) -> None:
    if not counted.any() or (used & panel.pre).sum() < SMALLEST_PRE:
        raise DesignError(
            f"the excluded ranges leave {int((used & panel.pre).sum())} periods before and {int(counted.sum())} after",
            where="options, exclude", cure="exclude less, or widen the windows",
        )  # fmt: skip
    if not panel.y[counted].sum() > 0:
        raise DesignError("nothing was counted after the event", where=panel.outcome, cure="describe the series only")
    span = int(np.ptp(at[panel.pre])) + 1
    if harmonics and season_length is not None and span < np.floor(season_length):
        raise DesignError(
            f"a season of {season_length:.1f} periods cannot be estimated from {span} periods before the event",
            where="options, harmonics", cure="widen the pre-period to a whole season, or use harmonics: 0",
        )  # fmt: skip


def _half_band(model: _Model, post: np.ndarray, expected: np.ndarray, level: float) -> np.ndarray:
    """Half the band (periods,) of one period's count, on the log scale: the rate ratio's error (before the event the
    fitted rate's) and the count's own noise, whose variance there is about dispersion (1/mean + alpha)."""
    rows = model.design.matrix.copy()
    others = [name not in model.event_terms for name in model.design.names]
    rows[np.ix_(post, others)] = 0
    quantile = float(student.ppf((1 + level) / 2, model.fit.residual_df))
    errors = np.array([contrast(model.fit, row).standard_error for row in rows])
    noise = model.fit.dispersion * (1 / np.maximum(expected, np.finfo(float).tiny) + model.fit.alpha)
    return quantile * np.sqrt(errors**2 + noise)


def _described(ratio: MixtureContrast, level: float) -> dict[str, float]:
    lower, upper = ratio.interval(level)
    return {
        "log_rate_ratio": ratio.estimate, "log_rate_ratio_standard_error": ratio.standard_error,
        "rate_ratio": float(np.exp(ratio.estimate)), "rate_ratio_lower": float(np.exp(lower)),
        "rate_ratio_upper": float(np.exp(upper)), "p_value": ratio.p_value,
    }  # fmt: skip


def _diagnostics(
    panel: Panel, model: _Model, ratio: MixtureContrast, level: float, family: str, serial: str
) -> dict[str, Any]:
    """Everything a reader may ask of the fit; rate ratios are those of totals over the counted post-period."""
    fit, names = model.fit, model.design.names
    axis = positions(panel.times)
    every = (*model.event_terms, *(name for stage in model.stages for name in stage.names))
    stages = [
        {"label": stage.label, "date": panel.times[int(np.argmax(axis >= stage.position))]}
        | _described(model.log_rate_ratio(stage.names).shifted(), level)
        for stage in model.stages
    ]
    spread = [contrast(fit, unit) for unit in np.eye(len(names))]
    gap = panel.y[model.used] - fit.fitted
    return _described(ratio, level) | {
        "family": family,
        "serial": serial,
        "dispersion": fit.dispersion,
        "alpha": fit.alpha,
        "rho": fit.rho,
        "noise_share": fit.noise_share,
        "degrees_of_freedom": fit.residual_df,
        "residual_degrees_of_freedom": fit.residual_df,
        "coefficients": {name: part.estimate for name, part in zip(names, spread, strict=True)},
        "coefficient_standard_errors": {name: part.standard_error for name, part in zip(names, spread, strict=True)},
        "stages": stages,
        "total": _described(model.log_rate_ratio(every).shifted(), level),
        "periods_excluded": int((panel.pre | panel.post).sum() - model.used.sum()),
        "pre_rmspe": float(np.sqrt(np.mean(gap[panel.pre[model.used]] ** 2))),
        "whitened_residuals": fit.whitened.tolist(),
    }
