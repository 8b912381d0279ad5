"""Breaks that a drifting level would swallow: the strongest step before the event, a control that moved at it."""

import numpy as np
from scipy.stats import t as student

from analysis.core.panel import Panel
from analysis.inference.structural import Fit, Functionals, fit, predictive
from analysis.inference.structural_controls import SMOOTHING
from analysis.inference.structural_filter import Grid, whiten

EDGE = 5  # periods at either end where a step cannot be told from a surprise


def strongest_step(y: np.ndarray, design: np.ndarray, fitted: Fit) -> tuple[float, float, int]:
    """Size, p-value (Bonferroni over all places) and place of the step that improves the best grid point's fit most.

    ``y`` (n,), ``design`` (n, k). One generalised least squares regression a place, by projection (Frisch and Waugh
    1933), so the memory and drift of the series are allowed for.
    """
    n, k = design.shape
    places = np.arange(EDGE, n - EDGE)
    steps = (np.arange(n)[:, None] >= places).astype(float)
    white = whiten(fitted.factors.only(fitted.best()), np.column_stack([design, y, steps])).values[:, 0]
    orthogonal = np.linalg.qr(white[:, :k])[0]
    rest = white[:, k:] - orthogonal @ (orthogonal.T @ white[:, k:])
    squares = np.maximum((rest[:, 1:] ** 2).sum(axis=0), 1e-300)
    known = squares > 1e-6  # a step that a stage already carries has nothing left
    sizes = np.where(known, rest[:, 1:].T @ rest[:, 0] / squares, 0.0)
    left = np.maximum(rest[:, 0] @ rest[:, 0] - sizes**2 * squares, 1e-300)
    degrees = n - k - 1
    statistic = np.abs(sizes) * np.sqrt(squares * degrees / left)
    best = int(np.argmax(statistic))
    p_value = min(1.0, len(places) * 2 * float(student.sf(statistic[best], degrees)))
    return float(sizes[best]), p_value, int(places[best])


def changes_of(
    panel: Panel, design: np.ndarray, positions: np.ndarray, used: np.ndarray, counted: np.ndarray
) -> dict[str, float]:
    """p-value, a control, of no step at the event, each control by itself (see ``steps_at``)."""
    if not panel.covariates:
        return {}
    values = panel.transform(panel.covariate_values)
    _, p_values = steps_at(values, design, positions, used | counted, counted, SMOOTHING)
    return dict(zip(panel.covariates, p_values.tolist(), strict=True))


def steps_at(
    values: np.ndarray, design: np.ndarray, positions: np.ndarray, used: np.ndarray, after: np.ndarray, grid: Grid
) -> tuple[np.ndarray, np.ndarray]:
    """Size and p-value, (m,) both, of a step at the event in each of m series ``values`` (n, m).

    ``design`` (n, k) are regressors, ``used`` and ``after`` (n,) mark the periods of the fit and those of the step. The
    step is a regressor of the structural model over both sides of the event: what comes after helps to tell a step
    from drift, so it is seen far more often than by asking whether the average after was foreseen from before.
    """
    with_step = np.column_stack([design, after.astype(float)])
    fitted = fit(values[used], with_step[used], positions[used], grid)
    asked = np.zeros((1, with_step.shape[1]))
    asked[0, -1] = 1.0
    ask = Functionals(np.ones(1, dtype=int), np.zeros((1, 1)), asked)
    found = [predictive(fitted, ask, item) for item in range(values.shape[1])]
    sizes = np.array([float(one.mean[0]) for one in found])
    return sizes, np.array([float(one.two_sided(np.zeros(1))[0]) for one in found])
