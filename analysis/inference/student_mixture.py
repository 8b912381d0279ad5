"""A mixture of Student's t distributions with common degrees of freedom: exact distribution function and quantiles."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

NEGLIGIBLE = 1e-6  # of the largest weight: components below change no printed digit
STEPS = 200
CLOSE = 1e-5  # of the narrowest component: after a Newton step of this size the error is of the order of its square
TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class StudentMixture:
    """Distributions of q quantities: ``weights`` (G,) that sum to one, ``centres`` and ``scales`` (G, q)."""

    weights: np.ndarray
    centres: np.ndarray
    scales: np.ndarray
    degrees_of_freedom: float

    @property
    def mean(self) -> np.ndarray:
        return self.weights @ self.centres

    @property
    def standard_deviation(self) -> np.ndarray:
        """Infinite with two degrees of freedom or fewer."""
        if self.degrees_of_freedom <= 2:
            return np.full(self.centres.shape[1], np.inf)
        inflate = self.degrees_of_freedom / (self.degrees_of_freedom - 2)
        second = self.weights @ (inflate * self.scales**2 + self.centres**2)
        return np.sqrt(np.maximum(second - self.mean**2, 0.0))

    def pruned(self) -> "StudentMixture":
        keep = self.weights > NEGLIGIBLE * self.weights.max()
        weights = self.weights[keep] / self.weights[keep].sum()
        return StudentMixture(weights, self.centres[keep], self.scales[keep], self.degrees_of_freedom)

    def distribution(self, values: np.ndarray) -> np.ndarray:
        """P(quantity <= value) for ``values`` (q,)."""
        return self.weights @ stdtr(self.degrees_of_freedom, (values - self.centres) / self.scales)

    def two_sided(self, values: np.ndarray) -> np.ndarray:
        """Twice the smaller tail at ``values`` (q,): under .05 exactly outside the central 95 % interval."""
        below = self.weights @ stdtr(self.degrees_of_freedom, (values - self.centres) / self.scales)
        above = self.weights @ stdtr(self.degrees_of_freedom, (self.centres - values) / self.scales)
        return np.minimum(2 * np.minimum(below, above), 1.0)

    def density(self, values: np.ndarray) -> np.ndarray:
        """Density at ``values`` (q,)."""
        degrees = self.degrees_of_freedom
        height = np.exp(gammaln((degrees + 1) / 2) - gammaln(degrees / 2)) / np.sqrt(degrees * np.pi)
        standardised = (values - self.centres) / self.scales
        return self.weights @ (height * (1 + standardised**2 / degrees) ** (-(degrees + 1) / 2) / self.scales)

    def quantile(self, share: float) -> np.ndarray:
        """Quantiles (q,): Newton's steps inside the bracket of the components' own quantiles, else halving it."""
        small = self.pruned()
        own = small.centres + small.scales * stdtrit(small.degrees_of_freedom, share)
        low, high = own.min(axis=0), own.max(axis=0)
        spread = small.scales.min(axis=0)
        inflate = np.sqrt(1 - 2 / self.degrees_of_freedom) if self.degrees_of_freedom > 2 else 0.0
        start = small.mean + inflate * small.standard_deviation * stdtrit(self.degrees_of_freedom, share)
        at = np.clip(start, low, high) if inflate else small.weights @ own
        for _ in range(STEPS):
            surplus = small.distribution(at) - share
            low, high = np.where(surplus < 0, at, low), np.where(surplus > 0, at, high)
            step = at - surplus / np.maximum(small.density(at), TINY)
            following = np.where((step >= low) & (step <= high), step, (low + high) / 2)
            moved = np.abs(following - at)
            at = following
            if (moved <= CLOSE * spread).all():
                break
        return at
