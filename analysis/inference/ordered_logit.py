"""Proportional odds: an ordered outcome on what is known beforehand, many weighted tables fitted at once.

P(outcome <= j | x) = logistic(cut_j - x'b): a positive coefficient moves towards the higher classes (packages differ
in this sign, so a test holds it). McCullagh 1980, Journal of the Royal Statistical Society B 42(2).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from analysis.core.errors import DesignError

ITERATIONS = 100
CONVERGED = 1e-9  # largest step of a parameter, on the scale of log odds
HALVINGS = 30
LARGEST = 15.0  # log odds beyond which a class is separated rather than likely


@dataclass(frozen=True, slots=True)
class OrderedLogit:
    """``coefficients`` (..., p) and ``cuts`` (..., K - 1) in log odds, ``deviance`` (...), minus twice the
    log-likelihood, ``covariance`` (..., p + K - 1, p + K - 1) of coefficients then cuts for independent cases."""

    coefficients: np.ndarray
    cuts: np.ndarray
    deviance: np.ndarray
    covariance: np.ndarray


def fit_ordered_logit(weights: np.ndarray, design: np.ndarray) -> OrderedLogit:
    """Fit by Fisher scoring. ``weights`` (..., R, K): cases by row of the design and class of the outcome.

    ``design`` (R, p) without a constant. Raises DesignError when a class of the outcome has no case, when the design
    has no full rank, or when a single table is separated so that a coefficient has no finite maximum; among several
    tables, those are NaN.
    """
    weights, design = np.asarray(weights, dtype=float), np.asarray(design, dtype=float)
    leading, classes = weights.shape[:-2], weights.shape[-1]
    tables = weights.reshape(-1, *weights.shape[-2:])
    _require_estimable(tables, design)
    shares = tables.sum(axis=1).cumsum(axis=1)
    cuts = logit(shares[:, :-1] / shares[:, -1:])
    theta = np.concatenate([np.zeros((len(tables), design.shape[1])), cuts], axis=1)
    derivative = _linear_derivative(design, classes)
    running = np.arange(len(tables))
    for _ in range(ITERATIONS):
        theta[running], moved = _step(theta[running], tables[running], derivative, design)
        running = running[(moved > CONVERGED) & (np.abs(theta[running]).max(axis=1) <= LARGEST)]
        if not len(running):
            break
    theta[np.abs(theta).max(axis=1) > LARGEST] = np.nan
    if not leading and np.isnan(theta).any():
        raise DesignError(
            "one group has only the highest or the lowest outcomes, so its odds have no finite estimate",
            where="ordered logit",
            cure="merge the group with another, or merge classes",
        )
    value = _log_likelihood(theta, tables, design)
    _, information = _score(theta, tables, derivative, design)
    covariance = np.full(information.shape, np.nan)
    finite = np.isfinite(information).all(axis=(1, 2))
    covariance[finite] = np.linalg.inv(information[finite])
    terms = design.shape[1]
    return OrderedLogit(
        theta[:, :terms].reshape(*leading, terms),
        theta[:, terms:].reshape(*leading, classes - 1),
        (-2 * value).reshape(leading),
        covariance.reshape(*leading, *covariance.shape[1:]),
    )


def saturated_deviance(weights: np.ndarray) -> float:
    """Minus twice the log-likelihood when every row of ``weights`` (R, K) has its own shares."""
    weights = np.asarray(weights, dtype=float)
    total = np.broadcast_to(weights.sum(axis=1, keepdims=True), weights.shape)
    used = weights > 0
    return float(-2 * (weights[used] * np.log(weights[used] / total[used])).sum())


def _step(
    theta: np.ndarray, tables: np.ndarray, derivative: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One step of Fisher scoring, halved until the likelihood does not fall, and the largest change it asked for."""
    score, information = _score(theta, tables, derivative, design)
    step = np.linalg.solve(information, score[..., None])[..., 0]
    value, size = _log_likelihood(theta, tables, design), np.ones(len(theta))
    for _ in range(HALVINGS):
        worse = ~(_log_likelihood(theta + size[:, None] * step, tables, design) >= value - 1e-12 * np.abs(value))
        if not worse.any():
            break
        size[worse] /= 2
    return theta + size[:, None] * step, np.abs(step).max(axis=1)


def _require_estimable(tables: np.ndarray, design: np.ndarray) -> None:
    if (tables.sum(axis=1) <= 0).any():
        raise DesignError(
            "a class of the outcome has no case",
            where="ordered logit",
            cure="merge the class with its neighbour, or widen the window",
        )
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(design)), design])) < design.shape[1] + 1:
        raise DesignError(
            "two terms of the model say the same thing, so their effects cannot be told apart",
            where="ordered logit",
            cure="drop the term that repeats another",
        )


def _cumulative(theta: np.ndarray, design: np.ndarray) -> np.ndarray:
    """P(outcome <= j), (n, R, K - 1)."""
    terms = design.shape[1]
    return expit(theta[:, None, terms:] - (theta[:, :terms] @ design.T)[..., None])


def _shares(cumulative: np.ndarray) -> np.ndarray:
    return np.diff(cumulative, axis=-1, prepend=0.0, append=1.0)


def _log_likelihood(theta: np.ndarray, tables: np.ndarray, design: np.ndarray) -> np.ndarray:
    shares = _shares(_cumulative(theta, design))
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(tables > 0, tables * np.log(shares), 0.0)
    # Cuts out of order give negative shares: no likelihood at all, so the step is halved.
    return np.where((shares > 0).all(axis=(1, 2)), parts.sum(axis=(1, 2)), -np.inf)


def _linear_derivative(design: np.ndarray, classes: int) -> np.ndarray:
    """Derivative (R, K - 1, p + K - 1) of cut_j - x'b."""
    rows, terms = design.shape
    slopes = np.broadcast_to(-design[:, None, :], (rows, classes - 1, terms))
    return np.concatenate([slopes, np.broadcast_to(np.eye(classes - 1), (rows, classes - 1, classes - 1))], axis=2)


def _score(
    theta: np.ndarray, tables: np.ndarray, derivative: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient (n, q) and expected information (n, q, q) of the log-likelihood."""
    cumulative = _cumulative(theta, design)
    slope = (cumulative * (1 - cumulative))[..., None] * derivative  # (n, R, K - 1, q)
    edge = np.zeros((*slope.shape[:2], 1, slope.shape[3]))
    change = np.diff(np.concatenate([edge, slope, edge], axis=2), axis=2)  # of the class shares, (n, R, K, q)
    shares = _shares(cumulative)
    score = np.einsum("nrk,nrkq->nq", tables / shares, change)
    weight = tables.sum(axis=2, keepdims=True) / shares
    return score, np.einsum("nrk,nrkq,nrks->nqs", weight, change, change, optimize=True)
