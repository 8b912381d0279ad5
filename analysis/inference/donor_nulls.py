"""Does the brand's gap to its donors move more than theirs do, and what would it do where nothing happened?

An interval from the spread of the donors' own changes is honest while the brand moves as its donors do (Conley and
Taber 2011, Review of Economics and Statistics 93(1):113, assumption 2; Ferman and Pinto 2019, Review of Economics and
Statistics 101(3):452, on unlike variances). What can be seen of it before the event is the gap: the treated unit less
its counterfactual. Here the gaps of the brand and of every donor in its place are given one family of dynamics
(AR(1), noise, drift), compared, and the brand's are simulated.
"""

import numpy as np

from analysis.inference.null_calibration import FLAT
from analysis.inference.structural import Fit, fit
from analysis.inference.structural_filter import Grid

UNLIKE = 0.10  # chance that a brand like its donors is taken for livelier; with J donors at least 1 / (J + 1)


def gap_dynamics(y: np.ndarray, design: np.ndarray, positions: np.ndarray, pre: np.ndarray) -> Fit:
    """Dynamics of what ``design`` (n, k) leaves of ``y`` (n,) or (n, B) over the mask ``pre`` (n,).

    ``design`` holds the level, for days the week, and the donors whose weights were fitted to ``y``, if any were: the
    restricted likelihood then knows that they have taken some of its movement. ``positions`` (n,) are whole numbers.
    """
    return fit(y[pre], design[pre], positions[pre], FLAT)


def change_deviations(dynamics: Fit, positions: np.ndarray, pre: np.ndarray, post: np.ndarray) -> np.ndarray:
    """Standard deviation (B,) of mean after less mean before, by each gap's dynamics, parameters integrated."""
    used = pre | post
    at, weights = positions[used], (post / post.sum() - pre / pre.sum())[used]
    variances = _variances(dynamics.factors.grid, at, weights)
    return np.sqrt((dynamics.weights * dynamics.scale * variances[:, None]).sum(axis=0))


def _variances(grid: Grid, at: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Variance (G,) of the linear functional at every point of the grid, scale one."""
    lags, walks = np.abs(at[:, None] - at), np.minimum(at[:, None], at) - at[0]
    smooth = {rho: weights @ (np.power(float(rho), lags) @ weights) for rho in set(grid.rho)}
    walk, white = weights @ (walks @ weights), weights @ weights
    rows = zip(grid.rho, grid.nugget, grid.drift, strict=True)
    return np.array([smooth[rho] + drift * walk + nugget * white for rho, nugget, drift in rows])


def is_livelier(measures: np.ndarray, unlike: float = UNLIKE) -> bool:
    """Whether the first of ``measures`` (1 + J,) is so large that one like the J others would rarely be.

    Rank test: at most a share ``unlike`` of all are as large; with few donors, none of theirs.
    """
    own, others = measures[0], measures[1:]
    allowed = max(int(np.floor(unlike * len(measures) + 1e-9)), 1)
    return bool(len(others)) and 1 + int((others >= own).sum()) <= allowed
