"""Where the contacts of the exited channels went: expected volume = recaptured + lost, in every draw.

Ratios are formed draw by draw from the joint counterfactual (never a ratio of two separate intervals). Diversion
ratio: Conlon and Mortimer 2021, RAND Journal of Economics 52(4), here for volumes. Proportional diversion, the null
under which contacts move in proportion to what each channel had: Train 2009, Discrete Choice Methods with
Simulation, section 3.3 (independence of irrelevant alternatives).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.service.counterfactual import EXITED, Counterfactual


@dataclass(frozen=True, slots=True)
class DiversionDraws:
    """Joint draws over a horizon, per period. ``moved`` has one column a receiving channel.

    ``exited_expected``: shape (draws,); ``moved``: shape (draws, receiving); ``observed``: shape (receiving,).
    """

    receiving: tuple[str, ...]
    exited_expected: np.ndarray
    moved: np.ndarray
    observed: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """Share of the exited contacts that each receiving channel took up, shape (draws, receiving)."""
        return self.moved / self.exited_expected[:, None]

    @property
    def recapture(self) -> np.ndarray:
        return self.moved.sum(axis=1) / self.exited_expected

    @property
    def lost(self) -> np.ndarray:
        return 1.0 - self.recapture

    @property
    def expected(self) -> np.ndarray:
        """Contacts a period without the exit, shape (draws, receiving)."""
        return self.observed - self.moved


def divert(counterfactual: Counterfactual, periods: int | None = None) -> DiversionDraws:
    """What moved over the first ``periods`` periods after the exit (all by default), means a period."""
    kept = slice(None, periods)
    mean = counterfactual.draws[:, kept].mean(axis=1)
    observed = counterfactual.observed[kept].mean(axis=0)
    return DiversionDraws(counterfactual.receiving, mean[:, 0], observed - mean[:, 1:], observed)


def diversion_table(result: DiversionDraws, *, level: float = 0.95) -> pd.DataFrame:
    """One row a part: exited, each receiving channel, recaptured, lost. Per period; ratios are shares of the exited.

    Points are means over the draws and shares are of those means, so that the parts add up to the whole and each share
    fits the contacts beside it; bounds are quantiles of what was formed draw by draw.
    """
    tail = (1 - level) / 2

    def row(part: str, channel: str, moved: np.ndarray, observed: float | None) -> dict[str, object]:
        ratio = moved / exited
        low, high = np.quantile(moved, [tail, 1 - tail])
        ratio_low, ratio_high = np.quantile(ratio, [tail, 1 - tail])
        mean = float(moved.mean())
        return {
            "part": part,
            "channel": channel,
            "expected": None if observed is None else observed - mean,
            "observed": observed,
            "moved": mean,
            "moved_lower": low,
            "moved_upper": high,
            "ratio": mean / float(exited.mean()),
            "ratio_lower": ratio_low,
            "ratio_upper": ratio_high,
        }

    exited = result.exited_expected
    taken_up = result.moved.sum(axis=1)
    whole = row("exited", EXITED, exited, None) | {"expected": float(exited.mean()), "observed": 0.0}
    whole |= {"moved": -whole["moved"], "moved_lower": -whole["moved_upper"], "moved_upper": -whole["moved_lower"]}
    rows = [whole]
    rows += [
        row("receiving", channel, result.moved[:, item], float(result.observed[item]))
        for item, channel in enumerate(result.receiving)
    ]
    rows += [row("recaptured", "recaptured", taken_up, None), row("lost", "lost", exited - taken_up, None)]
    return pd.DataFrame(rows).assign(level=level)


def horizon_table(
    counterfactual: Counterfactual, horizons: Sequence[tuple[str, int]], *, level: float = 0.95
) -> pd.DataFrame:
    """The same accounting over short and long horizons: one row a horizon and part, columns horizon, periods, part,
    channel, ratio, ratio_lower, ratio_upper. Horizons beyond the data are left out."""
    last = len(counterfactual.index)
    parts = [
        diversion_table(divert(counterfactual, periods), level=level)
        .loc[lambda table: table["part"] != "exited", ["part", "channel", "ratio", "ratio_lower", "ratio_upper"]]
        .assign(horizon=name, periods=periods)
        for name, periods in horizons
        if periods <= last
    ]
    columns = ["horizon", "periods", "part", "channel", "ratio", "ratio_lower", "ratio_upper"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


@dataclass(frozen=True, slots=True)
class Proportional:
    """The test of proportional diversion. ``table``: channel, proportional (share of the recaptured contacts that the
    channel would take in proportion to its size), actual, excess, excess_lower, excess_upper, as shares of the
    exited contacts. ``distance`` and ``p_value``: of the joint test that every excess is zero."""

    table: pd.DataFrame
    distance: float
    p_value: float


def proportional_diversion(result: DiversionDraws, *, level: float = 0.95) -> Proportional:
    """Do the recaptured contacts spread over the channels in proportion to what each had already?

    Excess = moved less the channel's part of all moved, per draw. The p-value is the share of draws that lie at
    least as far from the draws' centre (Mahalanobis distance in the space of excesses that sum to zero) as no
    excess does; the channels' intervals come from the same draws. One receiving channel leaves nothing to test.
    """
    size = result.expected / result.expected.sum(axis=1, keepdims=True)
    total = result.moved.sum(axis=1, keepdims=True)
    excess = (result.moved - total * size) / result.exited_expected[:, None]
    tail = (1 - level) / 2
    lower, upper = np.quantile(excess, [tail, 1 - tail], axis=0)
    table = pd.DataFrame(
        {
            "channel": result.receiving,
            "proportional": (total * size / result.exited_expected[:, None]).mean(axis=0),
            "actual": result.ratios.mean(axis=0),
            "excess": excess.mean(axis=0),
            "excess_lower": lower,
            "excess_upper": upper,
        }
    )
    if len(result.receiving) < 2:
        return Proportional(table, 0.0, 1.0)
    free = excess[:, :-1]
    centre = free.mean(axis=0)
    inverse = np.linalg.pinv(np.atleast_2d(np.cov(free, rowvar=False)))
    from_centre = free - centre
    distances = np.einsum("di,ij,dj->d", from_centre, inverse, from_centre)
    distance = float(centre @ inverse @ centre)
    return Proportional(table, distance, float((1 + (distances >= distance).sum()) / (1 + len(distances))))


def mix_table(result: DiversionDraws, *, level: float = 0.95) -> pd.DataFrame:
    """The channel mix as a composition, with the exit against without it.

    One row a channel (exited first): share_without, share_with, change with its interval (share points), and
    log_ratio with its interval: the change of the centred log-ratio among the channels that stayed, which says how
    the mix of those moved whatever was lost (Aitchison 1986, The Statistical Analysis of Compositional Data, ch. 6).
    """
    tail = (1 - level) / 2
    whole = np.column_stack([result.exited_expected, result.expected])
    without = whole / whole.sum(axis=1, keepdims=True)
    observed = np.append(0.0, result.observed)
    share = observed / observed.sum()
    change = share - without
    stayed = np.log(np.maximum(result.expected, 1e-9))
    centred = stayed - stayed.mean(axis=1, keepdims=True)
    now = np.log(np.maximum(result.observed, 1e-9))
    moved = now - now.mean() - centred
    low, high = np.quantile(change, [tail, 1 - tail], axis=0)
    moved_low, moved_high = np.quantile(moved, [tail, 1 - tail], axis=0)
    return pd.DataFrame(
        {
            "channel": (EXITED, *result.receiving),
            "share_without": without.mean(axis=0),
            "share_with": share,
            "change": change.mean(axis=0),
            "change_lower": low,
            "change_upper": high,
            "log_ratio": np.append(np.nan, moved.mean(axis=0)),
            "log_ratio_lower": np.append(np.nan, moved_low),
            "log_ratio_upper": np.append(np.nan, moved_high),
        }
    )
