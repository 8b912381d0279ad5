"""Pretended events inside the pre-period: where an honest method should find nothing."""

import numpy as np

from analysis.core.panel import Panel
from analysis.core.windows import Windows


def pseudo_windows(panel: Panel, count: int, smallest_pre: int) -> tuple[Windows, ...]:
    """Up to ``count`` windows, evenly spread, that lie wholly before the event and its donut.

    Each keeps the study's donut and post lengths in periods; where the pre-period is too short for that, the post
    window is shortened to what remains, but not below half its length. Empty when nothing fits.
    """
    times = panel.times[panel.pre]
    donut = len(panel.times) - panel.n_pre - panel.n_post
    shortest_post = -(-panel.n_post // 2)
    latest = len(times) - panel.n_post
    if latest < smallest_pre + donut:
        latest = len(times) - shortest_post
    earliest = smallest_pre + donut
    if latest < earliest:
        return ()
    starts = np.unique(np.linspace(earliest, latest, count).round().astype(int))
    return tuple(
        Windows(
            first=times[0],
            pre_last=times[start - donut - 1],
            event=times[start],
            last=times[min(start + panel.n_post, len(times)) - 1],
        )
        for start in starts
    )
