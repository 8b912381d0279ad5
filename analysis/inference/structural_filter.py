"""Exact whitening of AR(1) + random walk + white noise for a whole grid of parameters at once, in linear time.

The covariance ``K = rho^|s - t| + drift * min(s, t) + nugget * [s = t]`` is that of a two-state Markov process, so
the prediction errors of the Kalman filter, divided by their deviations, are ``L^-1 x`` with ``K = L L'`` to the
last digit, without ever forming K. The filter's gains do not depend on the data: ``factorise`` remembers them, and
one factorisation serves every outcome, control, draw and pseudo-date that shares its time positions. Source:
Harvey 1989, Forecasting, Structural Time Series Models and the Kalman Filter, sections 3.2 and 3.4.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

JITTER = 1e-9  # keeps the first innovation of a grid point without noise away from zero
REMEMBERED = 32  # factorisations: a few megabytes for two years of days


@dataclass(frozen=True, slots=True)
class Grid:
    """Parameters of the covariance, one tuple entry a grid point: ``rho`` of the AR(1) part (variance one),
    ``nugget`` the variance of the white noise, ``drift`` the variance of one step of the random walk, and
    ``log_prior``, up to a constant."""

    rho: tuple[float, ...]
    nugget: tuple[float, ...]
    drift: tuple[float, ...]
    log_prior: tuple[float, ...]

    @classmethod
    def crossed(cls, rho: dict[float, float], nugget: dict[float, float], drift: dict[float, float]) -> "Grid":
        """Every combination of three sets of values, each value with its prior weight (any positive scale).

        Without autocorrelation the AR(1) part is itself white, so a nugget beside it would count it twice.
        """
        points = [item for item in product(rho, nugget, drift) if item[0] > 0 or item[1] == 0]
        weight = {p: (rho[p[0]] * (nugget[p[1]] if p[0] > 0 else sum(nugget.values())) * drift[p[2]]) for p in points}
        return cls(
            *(tuple(values) for values in zip(*points, strict=True)), tuple(float(np.log(weight[p])) for p in points)
        )

    def __len__(self) -> int:
        return len(self.rho)


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Everything about n positions that no series changes, for G grid points.

    ``decay`` (n, G, 1) is rho^lag since the position before, ``gain_smooth`` and ``gain_drift`` (n, G, 1) the
    filter's gains, ``deviation`` (n, G, 1) that of a prediction error (scale one), ``log_determinant`` (G,) of K,
    ``state_covariance`` (G, 2, 2) of the AR(1) part and the random walk after the last position.
    """

    positions: np.ndarray
    grid: Grid
    decay: np.ndarray
    gain_smooth: np.ndarray
    gain_drift: np.ndarray
    deviation: np.ndarray
    log_determinant: np.ndarray
    state_covariance: np.ndarray

    def only(self, point: int) -> "Factors":
        """The factors of one grid point."""
        grid, at = self.grid, slice(point, point + 1)
        alone = Grid(grid.rho[at], grid.nugget[at], grid.drift[at], grid.log_prior[at])
        parts = (part[:, at] for part in (self.decay, self.gain_smooth, self.gain_drift, self.deviation))
        return Factors(self.positions, alone, *parts, self.log_determinant[at], self.state_covariance[at])


@dataclass(frozen=True, slots=True, eq=False)
class Whitened:
    """``values`` (n, G, m) are L^-1 x of m columns; ``smooth`` and ``drift`` (G, m) the expected AR(1) part and
    random walk at the last position given all of the column."""

    values: np.ndarray
    smooth: np.ndarray
    drift: np.ndarray


def factorise(positions: np.ndarray, grid: Grid) -> Factors:
    """Factors of increasing whole-number ``positions`` (n,), remembered. Raises ValueError if they do not increase."""
    at = np.asarray(positions, dtype=np.int64)
    if len(at) == 0 or (np.diff(at) <= 0).any():
        raise ValueError("positions must increase")
    return _factorise((at - at[0]).tobytes(), grid)


@lru_cache(maxsize=REMEMBERED)
def _factorise(packed: bytes, grid: Grid) -> Factors:
    at = np.frombuffer(packed, dtype=np.int64)
    n, size = len(at), len(grid)
    rho, nugget, drift = (np.array(values) for values in (grid.rho, grid.nugget, grid.drift))
    lags = np.diff(at, prepend=at[0])
    decay, gain_smooth, gain_drift, variance = (np.empty((n, size)) for _ in range(4))
    smooth, mixed, walk = np.ones(size), np.zeros(size), np.zeros(size)  # the walk starts at the first position
    for t, lag in enumerate(lags):
        decay[t] = rho**lag if lag else 1.0
        smooth = decay[t] ** 2 * smooth + (1 - decay[t] ** 2)
        mixed, walk = decay[t] * mixed, walk + lag * drift
        variance[t] = smooth + 2 * mixed + walk + nugget + JITTER
        gain_smooth[t], gain_drift[t] = (smooth + mixed) / variance[t], (mixed + walk) / variance[t]
        smooth, mixed, walk = (
            smooth - gain_smooth[t] * (smooth + mixed),
            mixed - gain_smooth[t] * (mixed + walk),
            walk - gain_drift[t] * (mixed + walk),
        )
    state = np.stack([np.stack([smooth, mixed], axis=1), np.stack([mixed, walk], axis=1)], axis=1)
    parts = (decay[..., None], gain_smooth[..., None], gain_drift[..., None], np.sqrt(variance)[..., None])
    log_determinant = np.log(variance).sum(axis=0)
    for array in (*parts, log_determinant, state):
        array.flags.writeable = False
    return Factors(at, grid, *parts, log_determinant, state)


def whiten(factors: Factors, columns: np.ndarray) -> Whitened:
    """L^-1 ``columns`` (n, m) for every grid point; several series of one length are several columns."""
    columns = np.asarray(columns, dtype=float)
    size, width = len(factors.grid), columns.shape[1]
    values = np.empty((len(columns), size, width))
    smooth, drift, step = (np.zeros((size, width)) for _ in range(3))
    for t, row in enumerate(columns):
        error = values[t]
        smooth *= factors.decay[t]
        np.add(smooth, drift, out=error)
        np.subtract(row, error, out=error)
        np.multiply(error, factors.gain_smooth[t], out=step)
        smooth += step
        np.multiply(error, factors.gain_drift[t], out=step)
        drift += step
    values /= factors.deviation
    return Whitened(values, smooth, drift)


def noise_of(factors: Factors, point: int, whitened: np.ndarray) -> np.ndarray:
    """The expected white noise of a residual e at one grid point, nugget * K^-1 e, shape (n,), from L^-1 e (n,).

    The backward pass of the disturbance smoother (de Jong 1988, Biometrika 75(1), equations 4 and 5).
    """
    decay, first, second = (
        part[:, point, 0].tolist() for part in (factors.decay, factors.gain_smooth, factors.gain_drift)
    )
    inverse, back_smooth, back_drift = [0.0] * len(whitened), 0.0, 0.0
    scaled = (np.asarray(whitened) / factors.deviation[:, point, 0]).tolist()
    for t in range(len(whitened) - 1, -1, -1):
        inverse[t] = scaled[t] - first[t] * back_smooth - second[t] * back_drift
        back_smooth, back_drift = decay[t] * (back_smooth + inverse[t]), back_drift + inverse[t]
    return factors.grid.nugget[point] * np.array(inverse)
