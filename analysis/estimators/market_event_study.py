"""Market event study: what a share returned on the event days beyond what the market explains."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from analysis.core.effect import Effect, Interval
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.estimators._requirements import require_level, require_pre_periods
from analysis.inference.effects import build_effect
from analysis.inference.placebo import rank_p_value

NAME = "market_event_study"
LABEL = "Market event study"
REFERENCE = "MacKinlay 1997, Journal of Economic Literature 35(1):13-39; Patell 1976 (forecast-error correction)"
NEEDS_DONORS = 0
NEEDS_COVARIATES = 1
SMALLEST_PRE_PERIODS = 30
OUTCOME_IS_RETURNS = True
ESTIMAND = "cumulative abnormal return of the treated share over the event days"
ASSUMPTIONS = (
    "The share would have followed the market as it did in the estimation window.",
    "No other news about the firm fell on the event days.",
    "Returns are independent from day to day and vary no more on the event days than before.",
)


@dataclass(frozen=True, slots=True)
class MarketModel:
    """Ordinary least squares of returns on a constant and the market over L days; ``residuals`` (L,)."""

    alpha: float
    beta: float
    residual_sd: float
    residuals: np.ndarray
    market_mean: float
    market_squares: float

    @property
    def days(self) -> int:
        return len(self.residuals)

    def expected(self, market: np.ndarray) -> np.ndarray:
        return self.alpha + self.beta * market

    def forecast_sd(self, market: np.ndarray) -> float:
        """Standard deviation of the sum of abnormal returns on days with these market returns, MacKinlay (eq. 9)."""
        days, drift = len(market), float((market - self.market_mean).sum())
        return self.residual_sd * float(np.sqrt(days + days**2 / self.days + drift**2 / self.market_squares))


def fit_market_model(returns: np.ndarray, market: np.ndarray) -> MarketModel:
    """``returns`` and ``market`` (L,), as shares per day."""
    centred = market - market.mean()
    squares = float(centred @ centred)
    beta = float(centred @ returns) / squares
    alpha = float(returns.mean() - beta * market.mean())
    residuals = returns - alpha - beta * market
    sd = float(np.sqrt(residuals @ residuals / (len(returns) - 2)))
    return MarketModel(alpha, beta, sd, residuals, float(market.mean()), squares)


def estimate(panel: Panel, *, seed: int = 0, level: float = 0.95, event_days: int | None = None) -> Effect:
    """Market model on the pre-period (the estimation window), abnormal returns on the post-period (the event days).

    The panel holds log returns on the level scale, the market as its only covariate. ``point`` is the sum of the
    abnormal returns over the event days (the first ``event_days`` of the post-period when given), tested by
    Student's t with L - 2 degrees of freedom and the forecast-error correction. There is no relative effect.
    Raises DesignError for another scale, not exactly one covariate, or fewer than 30 days of estimation.
    """
    require_level(level)
    require_pre_periods(panel, SMALLEST_PRE_PERIODS)
    _require_returns(panel, event_days)
    y, market, pre = panel.y, panel.covariate_values[:, 0], panel.pre
    event = np.flatnonzero(panel.post)[:event_days]
    model = fit_market_model(y[pre], market[pre])
    if model.residual_sd <= 1e-12 * float(np.abs(y[pre]).max()):
        raise DesignError("the market explains the share exactly", where=panel.outcome, cure="check the prices")
    abnormal = y - model.expected(market)
    point, spread = float(abnormal[event].sum()), model.forecast_sd(market[event])
    quantile = float(student.ppf((1 + level) / 2, model.days - 2))
    half = quantile * np.array([model.forecast_sd(market[day : day + 1]) for day in range(len(y))])
    counted = np.isin(np.arange(len(y)), event)
    return build_effect(
        panel,
        estimator=NAME,
        estimand=ESTIMAND,
        point=point,
        expected=y - abnormal,
        interval=Interval(point - quantile * spread, point + quantile * spread, level),
        p_value=float(2 * student.sf(abs(point) / spread, model.days - 2)),
        inference="standardised abnormal return with forecast-error correction, Student's t",
        standard_error=spread,
        band=(y - abnormal - half, y - abnormal + half),
        counted=counted,
        returns=True,
        assumptions=ASSUMPTIONS,
        diagnostics={
            "alpha": model.alpha,
            "beta": model.beta,
            "residual_sd": model.residual_sd,
            "degrees_of_freedom": model.days - 2,
            "standardised_uncorrected": point / (model.residual_sd * float(np.sqrt(len(event)))),
            "standardised": point / spread,
            "mean_abnormal_return": point / len(event),
            "abnormal_returns": abnormal[event].tolist(),
            "rank_p_value": placebo_day_p_value(point, model.residuals, len(event)),
            "residual_kurtosis": float(np.mean(model.residuals**4) / np.mean(model.residuals**2) ** 2),
            "whitened_residuals": model.residuals.tolist(),
        },
    )


def placebo_day_p_value(point: float, residuals: np.ndarray, days: int) -> float:
    """Rank of the sum among the sums of every run of as many days in the estimation window; no normality needed."""
    sums = np.convolve(residuals, np.ones(days), mode="valid")
    return rank_p_value(abs(point), np.abs(sums))


def _require_returns(panel: Panel, event_days: int | None) -> None:
    if panel.scale != "level":
        raise DesignError(
            "returns are already differences of logarithms", where=panel.outcome, cure='use the scale "level" for them'
        )
    if len(panel.covariates) != NEEDS_COVARIATES:
        raise DesignError(
            f"{len(panel.covariates)} covariates where one is needed: the market's returns",
            where=panel.outcome,
            cure="name the index as the only covariate",
        )
    if event_days is not None and not 1 <= event_days <= panel.n_post:
        raise DesignError(
            f"{event_days} event days do not fit {panel.n_post} days after the event",
            where="options, event_days",
            cure="use a smaller number or widen the post window",
        )
    if np.ptp(panel.covariate_values[panel.pre, 0]) == 0:
        raise DesignError("the market never moves", where=panel.covariates[0], cure="check the index's prices")
