"""Ordinary least squares with standard errors that allow for correlation in time (Newey and West 1987).

A sensitivity to be shown, not a primary test: on short autocorrelated series it rejects a true null two to five times
too often. Newey and West (1987, Econometrica 55:703); small-sample factor n / (n - k) as in Linden (2015, Stata
Journal 15(2):480-500); periods left out stay in place with a weight of zero (Parzen 1963, Sankhya A 25:383).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.sandwich_covariance import S_hac_simple

from analysis.core.errors import DesignError
from analysis.inference.autoregressive import Contrast


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """``coefficients`` (k,) and ``residuals`` (n,) in the units of y; ``covariance`` (k, k) for independent errors.

    ``newey_west`` (k, k) is the covariance with Bartlett weights up to ``lag`` periods; ``residual_df`` n - k.
    """

    coefficients: np.ndarray
    residuals: np.ndarray
    covariance: np.ndarray
    newey_west: np.ndarray
    lag: int
    residual_df: int

    def contrast(self, weights: np.ndarray, *, newey_west: bool = True) -> Contrast:
        """weights'b, ``weights`` (k,), with Student's t on n - k degrees of freedom."""
        weights = np.asarray(weights, dtype=float)
        covariance = self.newey_west if newey_west else self.covariance
        error = float(np.sqrt(weights @ covariance @ weights))
        return Contrast(float(weights @ self.coefficients), error, float(self.residual_df))

    def p_values(self) -> np.ndarray:
        """Two-sided, one a coefficient (k,), by the Newey-West standard errors."""
        ratio = np.abs(self.coefficients) / np.sqrt(np.diag(self.newey_west))
        return 2 * student.sf(ratio, self.residual_df)


def newey_west_lag(periods: int) -> int:
    """The rule floor(4 (T/100)^(2/9)) of Newey and West (1994, Review of Economic Studies 61:631)."""
    return int(np.floor(4 * (periods / 100) ** (2 / 9)))


def fit_least_squares(
    y: np.ndarray, design: np.ndarray, positions: np.ndarray, *, lag: int | None = None
) -> LeastSquares:
    """Regress ``y`` (n,) on ``design`` (n, k) at the increasing whole-number ``positions`` (n,).

    ``lag`` in periods; by default floor(4 (n/100)^(2/9)), the rule of Newey and West (1994). Raises DesignError for
    too few rows, a design without full rank, or a lag that the series cannot carry.
    """
    y, design = np.asarray(y, dtype=float), np.asarray(design, dtype=float)
    at = np.asarray(positions, dtype=int)
    n, k = design.shape
    lag = newey_west_lag(n) if lag is None else int(lag)
    _require_estimable(design, lag)
    fitted = OLS(y, design).fit()
    scores = np.zeros((int(at[-1] - at[0]) + 1, k))
    scores[at - at[0]] = design * fitted.resid[:, None]
    bread = fitted.normalized_cov_params
    robust = n / (n - k) * bread @ S_hac_simple(scores, nlags=lag) @ bread
    return LeastSquares(fitted.params, fitted.resid, fitted.cov_params(), robust, lag, n - k)


def _require_estimable(design: np.ndarray, lag: int) -> None:
    n, k = design.shape
    if n <= k or not 0 <= lag < n:
        raise DesignError(
            f"{n} periods cannot carry {k} terms and a lag of {lag}", where="Newey-West", cure="drop terms or lags"
        )
    scaled = design / np.maximum(np.linalg.norm(design, axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled, tol=1e-8) < k:
        raise DesignError(
            "two terms of the model say the same thing, so their effects cannot be told apart",
            where="Newey-West",
            cure="drop the stage, covariate or harmonic that repeats another",
        )
