"""How much longer intervals of tone have to be because a mood lasts: weeks that resemble the weeks before them.

Draws that resample weeks take them as independent. The gain in tone of those who wrote back, summed by week, is also
put through ``inference.weekly_clusters``, where a shock may last and its correlation is integrated; how much wider that
interval is than the one of independent weeks is the factor by which draws are spread. One factor a period serves all
quantities: a mood that lasts moves every tone, and the gain adds up what it does to them.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.inference.weekly_clusters import weekly_clusters, weekly_estimate
from analysis.service.clock import local_days, weeks_of

LEVEL = 0.95
PERIODS = ("before", "after")


def lasting_mood(signal: pd.Series, after: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Factors (before, after): the interval of the mean gain over that of independent weeks.

    ``signal`` (n,) moments with a zone, ``after`` (n,), ``gain`` (n,) in classes from the first to the last message.
    Raises DesignError for too few weeks.
    """
    week = weeks_of(local_days(signal))
    order = np.lexsort((gain, week, after))  # sums that the order of the cases does not round otherwise
    week, after, gain = week[order], np.asarray(after, dtype=bool)[order], gain[order]
    clusters = weekly_clusters(week, after)
    size = np.bincount(after, minlength=2)
    mean = np.bincount(after, weights=gain, minlength=2) / size
    influence = (gain - mean[after.astype(int)]) / size[after.astype(int)]
    sums = np.bincount(clusters.row, weights=influence)
    factors = np.ones(2)
    for side, period in enumerate(PERIODS):
        own = sums[clusters.after == bool(side)]
        independent = norm.ppf((1 + LEVEL) / 2) * np.sqrt(len(own) / (len(own) - 1) * (own**2).sum())
        found = weekly_estimate(clusters, mean[[side]], influence, part=period, level=LEVEL)
        half = found.upper[0] - found.point[0]
        if np.isfinite(half) and independent > 0:
            factors[side] = half / independent
    return factors
