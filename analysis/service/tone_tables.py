"""Tables of tone from first to last message: transitions, summary, bounds for those who never wrote back.

Every table has the columns ``level`` and ``cases`` (the cases a share is of); bounds of intervals are quantiles of
the same draws. A cell that fewer than ``smallest`` cases stand behind is left empty, and with it others from which it
could be worked out: within rows and columns, and every quantity made of such cells.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.core.privacy import with_companions
from analysis.inference.tone_chain import conditional
from analysis.service.tone import CONDITIONAL, PERIODS, ToneDraws, bounded, measures

OF_MARGINS = ("net_gain",)  # made of the shares of first and last tones alone


def with_change(values: np.ndarray) -> np.ndarray:
    """(..., 2) by period to (..., 3): before, after, change."""
    return np.concatenate([values, values[..., 1:] - values[..., :1]], axis=-1)


def interval(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (...) from draws (B, ...): their quantiles; NaN where a draw has no value."""
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        lower, upper = np.quantile(draws, [tail, 1 - tail], axis=0)
    return lower, upper


def hidden_cells(counts: np.ndarray, smallest: int) -> np.ndarray:
    """Mask (R, C) of cells to leave empty: small ones, and others until no row, column or sum gives one away."""
    first, last = with_companions(counts.sum(axis=1), smallest), with_companions(counts.sum(axis=0), smallest)
    mask = (counts > 0) & (counts < smallest) | first[:, None] | last[None, :]
    while True:
        known = mask.copy()
        for row in range(counts.shape[0]):
            mask[row] = with_companions(counts[row], smallest, mask[row])
        for column in range(counts.shape[1]):
            mask[:, column] = with_companions(counts[:, column], smallest, mask[:, column])
        if (mask == known).all():
            return mask


def _hidden_quantities(table: np.ndarray, smallest: int) -> Callable[[str], bool]:
    """Which quantities of one period's counts (K, K + 1) have to stay empty."""
    size = len(table)
    replied = table[:, :size]
    mask = hidden_cells(replied, smallest)
    margins = {
        "first": with_companions(replied.sum(axis=1), smallest),
        "last": with_companions(replied.sum(axis=0), smallest),
    }

    def small(*counts: float) -> bool:
        return any(0 < count < smallest for count in counts)

    silent = small(table[:, size].sum(), replied.sum())
    silent_worst = small(table[0, size], replied[0].sum())

    def hidden(name: str) -> bool:
        side, _, item = name.partition(":")
        if item:
            return bool(margins[side][int(item)])
        if name == "never_wrote_back":
            return silent
        if name == "never_wrote_back_given_worst":
            return silent_worst or silent
        if name in CONDITIONAL:
            return bool(mask[0].any())
        if name in OF_MARGINS:
            return bool(margins["first"].any() or margins["last"].any())
        return bool(mask.any())

    return hidden


def _cases(table: np.ndarray, name: str, everybody: bool) -> float:
    part = table if everybody or name.startswith("never_wrote_back") else table[:, :-1]
    worst = name in CONDITIONAL or name == "never_wrote_back_given_worst"
    return float(part[0].sum() if worst else part.sum())


def quantity_rows(
    result: ToneDraws, name: str, columns: dict[str, np.ndarray], smallest: int, *, everybody: bool = False
) -> list[dict[str, object]]:
    """Three rows (before, after, change) of one quantity; ``columns`` hold three values each.

    ``everybody``: the values are of all cases and not only of those who wrote back.
    """
    quantity, _, item = name.partition(":")
    silent = "never_wrote_back_given_worst" if name in CONDITIONAL else "never_wrote_back"
    hides = [_hidden_quantities(table, smallest) for table in result.counts]
    hidden = [hide(name) or (everybody and hide(silent)) for hide in hides]
    cases = [_cases(table, name, everybody) for table in result.counts]
    hidden, cases = [*hidden, any(hidden)], [*cases, sum(cases)]
    return [
        {"period": period, "quantity": quantity, "tone": result.classes[int(item)] if item else ""}
        | {key: np.nan if hidden[place] else float(values[place]) for key, values in columns.items()}
        | {"cases": np.nan if hidden[place] else cases[place]}
        for place, period in enumerate((*PERIODS, "change"))
    ]


def _both_scales(result: ToneDraws, of: Callable[[np.ndarray], np.ndarray], level: float) -> dict[str, np.ndarray]:
    """Observed and corrected with their bounds, each (..., 3); ``of`` maps joint tables to values by period."""
    lower, upper = interval(with_change(of(result.count_draws)), level)
    columns = {"observed": with_change(of(result.counts)), "observed_lower": lower, "observed_upper": upper}
    if result.corrected:
        lower, upper = interval(with_change(of(result.joint_draws)), level)
        return columns | {"corrected": with_change(of(result.joint)), "lower": lower, "upper": upper}
    return columns | {name: np.full_like(lower, np.nan) for name in ("corrected", "lower", "upper")}


def transitions(result: ToneDraws, *, smallest: int, level: float = 0.95) -> pd.DataFrame:
    """One row a period (before, after, change), first and last tone: shares of last tones given the first.

    Columns: period, first, last, observed, observed_lower, observed_upper (as classified), corrected, lower, upper,
    cases, level. Of cases whose customer wrote back.
    """
    size = len(result.classes)
    shares = _both_scales(result, lambda joint: np.moveaxis(conditional(joint[..., :size]), -3, -1), level)
    replied = result.counts[:, :, :size]
    masks = [hidden_cells(table, smallest) for table in replied]
    masks.append(masks[0] | masks[1])
    cases = [*replied, replied.sum(axis=0)]
    rows = [
        {"period": period, "first": result.classes[first], "last": result.classes[last]}
        | {
            key: np.nan if masks[place][first, last] else float(values[first, last, place])
            for key, values in shares.items()
        }
        | {"cases": np.nan if masks[place][first, last] else float(cases[place][first, last])}
        for place, period in enumerate((*PERIODS, "change"))
        for first in range(size)
        for last in range(size)
    ]
    return pd.DataFrame(rows).assign(level=level)


def tone_summary(result: ToneDraws, *, smallest: int, level: float = 0.95) -> pd.DataFrame:
    """One row a quantity and period (before, after, change), with the columns of ``transitions``' numbers.

    Quantities: those of ``measures``; first and last are shares by tone, in the column tone.
    """
    rows = []
    for name in measures(result.counts):
        columns = _both_scales(result, lambda joint, name=name: measures(joint)[name], level)
        rows += quantity_rows(result, name, columns, smallest)
    return pd.DataFrame(rows).assign(level=level)


def bounds(result: ToneDraws, *, smallest: int, level: float = 0.95) -> pd.DataFrame:
    """What those who never wrote back could do to each quantity of all cases.

    Columns: period, quantity, tone, repliers (the value of those who wrote back), least, most (whatever the missing
    tones were), lower, upper (an interval that holds the whole range), cases, basis (corrected or observed), level.
    """
    point, draws = (result.joint, result.joint_draws) if result.corrected else (result.counts, result.count_draws)
    known, limits, limit_draws = measures(point), bounded(point), bounded(draws)
    rows = []
    for name, ends in limits.items():
        least, most = (_extreme(ends, side) for side in (0, 1))
        least_draws, most_draws = (_extreme(limit_draws[name], side) for side in (0, 1))
        columns = {
            "repliers": with_change(known[name]),
            "least": least,
            "most": most,
            "lower": interval(least_draws, level)[0],
            "upper": interval(most_draws, level)[1],
        }
        rows += quantity_rows(result, name, columns, smallest, everybody=True)
    return pd.DataFrame(rows).assign(basis="corrected" if result.corrected else "observed", level=level)


def _extreme(ends: tuple[np.ndarray, np.ndarray], side: int) -> np.ndarray:
    """One end by period, and that of the change: the least change sets the most before against the least after."""
    near, far = ends[side], ends[1 - side]
    return np.concatenate([near, near[..., 1:] - far[..., :1]], axis=-1)
