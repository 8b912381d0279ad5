"""How small a change could a design see, before any outcome is looked at: closed forms for planning.

Multiples of the standard error: Bloom (1995, Evaluation Review 19:547-556). Step in a series with AR(1) errors by
generalised least squares, the correlation taken as known: McLeod and Vingilis (2005, Technometrics 47:174-181). Step
of a Poisson mean with free dispersion: McCullagh and Nelder (1989, Generalized Linear Models, chapters 6 and 9).
All are the best case: what has to be estimated besides (correlation, season, trend of counts) costs more.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from analysis.core.errors import DesignError
from analysis.inference.autoregressive import whiten
from analysis.inference.segmented import EVENT, segmented_design


@dataclass(frozen=True, slots=True)
class DetectableRatio:
    """Smallest ``rise`` and smallest ``fall`` that are found, as shares of the mean before (.10 = 10 %).

    They are the same distance on the log scale, so the rise is the larger share.
    """

    rise: float
    fall: float


def detectable_multiplier(level: float = 0.95, power: float = 0.8) -> float:
    """Standard errors by which an effect must differ from nothing to be found with probability ``power``.

    z(1 - alpha/2) + z(power) for a two-sided normal test at alpha = 1 - ``level``. Raises DesignError for a level or a
    power outside (0, 1).
    """
    if not (0 < level < 1 and 0 < power < 1):
        raise DesignError(
            f"level {level} and power {power} must be probabilities", where="power", cure="use .95 and .8"
        )
    return float(norm.ppf((1 + level) / 2) + norm.ppf(power))


FOUR_IN_FIVE = detectable_multiplier()  # 2.8016 standard errors: found four times in five by a two-sided test at 5 %


def level_change_error(before: int, after: int, *, rho: float = 0.0, deviation: float = 1.0) -> float:
    """Standard error of the step at the event beside a level, a trend and a change of trend, in units of y.

    ``before`` and ``after`` are numbers of periods; errors are AR(1) with correlation ``rho`` and standard deviation
    ``deviation`` (of the series, not of its innovations). Raises DesignError for fewer than two periods on a side, a
    correlation outside (-1, 1), or a deviation that is not positive.
    """
    _require(before >= 2 and after >= 2, f"{before} and {after} periods do not carry a trend on each side")
    _require(-1 < rho < 1 and deviation > 0, f"correlation {rho} or deviation {deviation} is not possible")
    design = segmented_design(np.arange(before + after), before)
    rows = whiten(design.matrix, rho, np.ones(before + after - 1, dtype=int))
    unscaled = np.linalg.inv(rows.T @ rows)
    place = design.column(EVENT)
    return deviation * float(np.sqrt((1 - rho**2) * unscaled[place, place]))


def detectable_step(
    before: int, after: int, *, rho: float = 0.0, deviation: float = 1.0, level: float = 0.95, power: float = 0.8
) -> float:
    """Smallest step at the event, in units of y, that is found with probability ``power``. Raises as its parts do."""
    return detectable_multiplier(level, power) * level_change_error(before, after, rho=rho, deviation=deviation)


def detectable_poisson_step(
    before: int, after: int, mean: float, *, dispersion: float = 1.0, level: float = 0.95, power: float = 0.8
) -> DetectableRatio:
    """Smallest step of a count's mean that is found: no trend, no season, independent periods.

    ``mean`` counts a period before the event; the variance is ``dispersion`` times the mean, taken on both sides as
    before the event, which flatters a large fall a little (at 50 a week it is found 78 times in 100, not 80) and does a
    large rise the opposite. The log rate ratio has variance dispersion / mean (1/before + 1/after). Raises DesignError
    for numbers that are not positive.
    """
    _require(min(before, after) >= 1 and mean > 0 and dispersion > 0, "a number of the design is not positive")
    error = np.sqrt(dispersion / mean * (1 / before + 1 / after))
    distance = detectable_multiplier(level, power) * error
    return DetectableRatio(float(np.expm1(distance)), float(-np.expm1(-distance)))


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise DesignError(what, where="power", cure="correct the numbers of the design")
