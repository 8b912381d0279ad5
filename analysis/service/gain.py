"""Where the contacts of a channel that opened came from: gained = taken from the others + new, in every draw.

The mirror image of diversion: the joint counterfactual says what every channel would have carried had nothing opened.
Source: as analysis.service.diversion (Conlon and Mortimer 2021, RAND Journal of Economics 52(4)).
"""

import numpy as np
import pandas as pd

from analysis.service.counterfactual import Counterfactual


def gain_table(
    gone: Counterfactual, opened: np.ndarray, periods: int | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """One row a part: gained, from each other channel, new. Per period over the first ``periods`` (all by default);
    ratios are shares of what was gained.

    ``gone`` has the opened channels in the first place; ``opened`` (periods,) is what they carried after. Points are
    means over the draws, so that the parts add up; ratios are missing unless the whole interval of the gain is above
    zero: a share of what may be nothing says nothing.
    """
    tail = (1 - level) / 2
    kept = slice(None, periods)
    expected = gone.draws[:, kept].mean(axis=1)
    gained = opened[kept].mean() - expected[:, 0]
    taken = expected[:, 1:] - gone.observed[kept].mean(axis=0)
    measurable = float(np.quantile(gained, tail)) > 0

    def row(part: str, channel: str, contacts: np.ndarray) -> dict[str, object]:
        low, high = np.quantile(contacts, [tail, 1 - tail])
        found = {"part": part, "channel": channel, "contacts": contacts.mean(), "lower": low, "upper": high}
        ratio = contacts / gained if measurable else np.full(2, np.nan)
        ends = np.quantile(ratio, [tail, 1 - tail])
        share = contacts.mean() / gained.mean() if measurable else np.nan
        return found | {"ratio": share, "ratio_lower": ends[0], "ratio_upper": ends[1]}

    rows = [row("gained", "gained", gained)]
    rows += [row("taken", name, taken[:, item]) for item, name in enumerate(gone.receiving)]
    rows.append(row("new", "new", gained - taken.sum(axis=1)))
    return pd.DataFrame(rows).assign(level=level)
