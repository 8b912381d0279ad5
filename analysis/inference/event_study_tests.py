"""Tests of abnormal returns over a sample of firms that share an event: is the average event-day return zero?

Patell (1976, Journal of Accounting Research 14:246), Boehmer, Musumeci and Poulsen (1991, Journal of Financial
Economics 30:253; BMP), Kolari and Pynnönen (2010, Review of Financial Studies 23:3996), Corrado (1989, Journal of
Financial Economics 23:385). With one firm none of the cross-sections exists: use the market event study.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata
from scipy.stats import t as student

from analysis.core.errors import DesignError

MARKET_MODEL_PARAMETERS = 2


@dataclass(frozen=True, slots=True)
class EventStudyTests:
    """Statistics of N firms; ``mean_correlation`` is the average correlation of their estimation-window returns.

    ``patell``, ``corrado`` are referred to the normal, ``bmp``, ``kolari_pynnonen`` and ``cross_sectional`` to
    Student's t on N - 1. Patell takes firms as independent and the variance as unchanged on the event day, BMP
    drops the second, Kolari-Pynnönen both; they are the ones to read when all firms share one date.
    """

    firms: int
    patell: float
    bmp: float
    mean_correlation: float
    kolari_pynnonen: float
    corrado: float
    cross_sectional: float

    def p_value(self, name: str) -> float:
        """Two-sided p-value of the statistic called ``name``."""
        size = abs(float(getattr(self, name)))
        return float(2 * (norm.sf(size) if name in ("patell", "corrado") else student.sf(size, self.firms - 1)))


def event_study_tests(
    estimation: np.ndarray, event: np.ndarray, *, forecast_factor: np.ndarray | None = None
) -> EventStudyTests:
    """``estimation`` (N, L): market-model residuals of the estimation window; ``event`` (N,): event-day abnormal
    returns; both as shares a day.

    ``forecast_factor`` (N,), from 1: how much the uncertainty of the fitted market model widens the event day's
    standard deviation (1 without correction). Raises DesignError for fewer than two firms, fewer than five days,
    shapes that do not match, or a firm without any variation.
    """
    residuals, abnormal = np.asarray(estimation, dtype=float), np.asarray(event, dtype=float)
    _require_sample(residuals, abnormal)
    firms, days = residuals.shape
    factor = np.ones(firms) if forecast_factor is None else np.asarray(forecast_factor, dtype=float)
    degrees = days - MARKET_MODEL_PARAMETERS
    deviation = np.sqrt((residuals**2).sum(axis=1) / degrees)
    standardised = abnormal / (deviation * factor)
    bmp = mean_over_error(standardised)
    correlation = float(np.corrcoef(residuals)[np.triu_indices(firms, 1)].mean())
    shared = max(1 + (firms - 1) * correlation, 1e-12)
    return EventStudyTests(
        firms=firms,
        patell=float(standardised.sum() / np.sqrt(firms * degrees / (degrees - 2))),
        bmp=bmp,
        mean_correlation=correlation,
        kolari_pynnonen=float(bmp * np.sqrt(max(1 - correlation, 0.0) / shared)),
        corrado=corrado(np.column_stack([residuals, abnormal])),
        cross_sectional=mean_over_error(abnormal),
    )


def mean_over_error(values: np.ndarray) -> float:
    """sqrt(N) mean / standard deviation (divisor N - 1)."""
    return float(np.sqrt(len(values)) * values.mean() / values.std(ddof=1))


def corrado(returns: np.ndarray) -> float:
    """Rank statistic of the last day among all days of ``returns`` (N, days): ranks over 1 + days less one half."""
    ranks = rankdata(returns, axis=1) / (1 + returns.shape[1]) - 0.5
    mean = ranks.mean(axis=0)
    return float(mean[-1] / np.sqrt(np.mean(mean**2)))


def _require_sample(residuals: np.ndarray, abnormal: np.ndarray) -> None:
    if residuals.ndim != 2 or abnormal.shape != residuals.shape[:1]:
        raise DesignError(
            f"residuals of shape {residuals.shape} and {abnormal.size} event returns do not match",
            where="event-study tests", cure="give one row of residuals and one event return a firm",
        )  # fmt: skip
    if len(abnormal) < 2 or residuals.shape[1] < 5:
        raise DesignError(
            f"{len(abnormal)} firms and {residuals.shape[1]} days are too few for a cross-section of abnormal returns",
            where="event-study tests", cure="use market_event_study for one firm",
        )  # fmt: skip
    if not np.isfinite(residuals).all() or (residuals.std(axis=1) == 0).any():
        raise DesignError("a firm lacks returns or never moves", where="event-study tests", cure="drop that firm")
