"""Controls without their white noise: regressed on raw, a noisy control's coefficient is biased towards zero.

A control is the common movement plus noise of its own. Each is replaced by its smoothed level, the conditional
mean of everything but its white noise under the same family of covariances, at its own most likely parameters,
over the whole window: controls are unaffected by the exit, so their future may be used. The bias becomes smaller,
it does not vanish, for a control's own memory stays in. On the training worlds this beat raw controls,
their drift alone, and drift and memory as two regressors; against the first component it was mixed. Source of the bias
and the cure: Carroll, Ruppert, Stefanski and Crainiceanu 2006, Measurement Error in Nonlinear Models, chapter 4
(regression calibration).
"""

import numpy as np

from analysis.inference.structural import DRIFT, NUGGET, fit
from analysis.inference.structural_filter import Grid, noise_of

# No rho of 0: its noise would count as signal. A flat prior: the drift of a control is what is wanted of it.
SMOOTHING = Grid.crossed(dict.fromkeys((0.5, 0.85), 1.0), dict.fromkeys(NUGGET, 1.0), dict.fromkeys(DRIFT, 1.0))


def smooth(columns: np.ndarray, design: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """``columns`` (n,) or (n, c) without their white noise, same shape; ``design`` (n, k) is what moves them
    regularly (level, week, season). Raises ValueError as ``structural.fit`` does."""
    series = np.asarray(columns, dtype=float).reshape(len(design), -1)
    fitted = fit(series, design, positions, SMOOTHING)
    cleaned = np.empty_like(series)
    for item in range(series.shape[1]):
        best = fitted.best(item)
        cleaned[:, item] = series[:, item] - noise_of(fitted.factors, best, fitted.residuals[:, best, item])
    return cleaned.reshape(np.shape(columns))
