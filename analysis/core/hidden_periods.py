"""Which periods of a count of people are left empty: small ones, and as many beside them that no mean gives one back.

A report prints means over windows. Where one period of a window is empty, the mean times the number of periods less
those shown is that period. Hence the windows of a case cut its time into stretches, and in each of them none or at
least two periods are empty, which together are no small count: complementary suppression (Hundepool et al. 2012,
Statistical Disclosure Control, section 4.4.1). The stretches are the case's, not a table's, so that every table leaves
the same periods empty.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.core.assembly import panel_windows
from analysis.core.case import Case, StudyWindows
from analysis.core.privacy import with_companions
from analysis.core.series import series_of

DAY = pd.Timedelta(days=1)


def hidden_periods(
    case: Case, measurements: pd.DataFrame, *, unit: str, metric: str, channel: str, aggregate: str, missing: str
) -> pd.Index:
    """Labels of the periods of one unit's counts on a channel that are not shown. Raises as ``series_of``."""
    every = list(_windows(case))
    first, last = min(item.first for item in every), max(item.last for item in every)
    series = series_of(
        measurements, case, unit=unit, metric=metric, channels=(channel,), aggregate=aggregate, missing=missing,
        first=first, last=last,
    ).dropna()  # fmt: skip
    stretches = np.searchsorted(_cuts(case, every), series.index.to_numpy(), side="right")
    hidden = [
        part.index[with_companions(part.to_numpy(), case.privacy.minimum_cell)]
        for _, part in series.groupby(stretches)
    ]
    return series.index[:0].append(hidden)


def _windows(case: Case) -> Iterator[StudyWindows]:
    yield case.windows
    yield from (item.windows for item in case.outcomes if item.windows and item.scale != "log_return")
    if case.diversion and case.diversion.windows:
        yield case.diversion.windows


def _cuts(case: Case, every: list[StudyWindows]) -> np.ndarray:
    """The first labels after each edge of a window, each horizon of the diversion and each event that may be left out
    of a mean; rising."""
    step = pd.Timedelta(days=7 if case.frequency == "week" else 1)
    cuts: set[pd.Timestamp] = set()
    for windows in (panel_windows(case, item) for item in every):
        cuts |= {windows.first, windows.pre_last + step, windows.event, windows.last + step}
        cuts |= {windows.event + pd.Timedelta(weeks=weeks) for weeks in _horizons(case)}
    for event in (item for item in case.events if item.adjust):
        cuts |= {pd.Timestamp(event.first) - step + DAY, pd.Timestamp(event.last) + DAY}
    return np.array(sorted(cuts), dtype="datetime64[ns]")


def _horizons(case: Case) -> tuple[int, ...]:
    return case.diversion.horizons_weeks if case.diversion else ()
