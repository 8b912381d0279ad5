"""Where the contacts of the exited channels went: expected volume = recaptured + lost, in every draw.

The logarithms of the channels' weekly counts are rotated to their mean and contrasts, so that the error that all
channels share stays shared; each coordinate is predicted from its own past and the demand controls; draws are
rotated back, exponentiated, summed over the horizon, and the ratios are formed draw by draw (never a ratio of two
separate intervals). Diversion ratio: Conlon and Mortimer 2021, RAND Journal of Economics 52(4), here for volumes.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import helmert

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.structural_controls import smooth
from analysis.inference.structural_draws import predict

DRAWS = 4000
WEEKS_PER_YEAR = 365.25 / 7
MINIMUM_PRE_WEEKS = 26


@dataclass(frozen=True, slots=True)
class DiversionDraws:
    """Joint draws over the horizon, per week. ``moved`` has one column a receiving channel.

    ``exited_expected``: shape (draws,); ``moved``: shape (draws, receiving); ``expected``: shape (weeks, channels),
    ``lower`` and ``upper`` like it, median and 95 % bounds by week of the receiving channels and the exited total.
    """

    receiving: tuple[str, ...]
    exited_expected: np.ndarray
    moved: np.ndarray
    observed: np.ndarray
    expected: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame

    @property
    def ratios(self) -> np.ndarray:
        return self.moved / self.exited_expected[:, None]

    @property
    def recapture(self) -> np.ndarray:
        return self.moved.sum(axis=1) / self.exited_expected

    @property
    def lost(self) -> np.ndarray:
        return 1.0 - self.recapture


def divert(
    exited: pd.Series,
    receiving: pd.DataFrame,
    controls: pd.DataFrame,
    *,
    pre: np.ndarray,
    post: np.ndarray,
    seed_names: tuple[object, ...],
    harmonics: int = 2,
    draws: int = DRAWS,
    level: float = 0.95,
) -> DiversionDraws:
    """Predict every channel without the exit and count what moved.

    All inputs share one weekly index; ``exited`` is the total of the exited channels (NaN after the exit), ``pre``
    and ``post`` boolean masks of the weeks used (event weeks already taken out). Raises DesignError when there is
    too little before the exit or a gap.
    """
    if pre.sum() < MINIMUM_PRE_WEEKS or post.sum() < 1:
        raise DesignError(
            f"{int(pre.sum())} weeks before and {int(post.sum())} after the exit are too few to follow contacts",
            where="diversion",
            cure=f"at least {MINIMUM_PRE_WEEKS} weeks before are needed",
        )
    counts = pd.concat([exited.rename("exited"), receiving], axis=1)
    for name in counts:
        needed = pre if name == "exited" else pre | post
        if counts.loc[needed, name].isna().any():
            raise DesignError(f'"{name}" has weeks without data', where="diversion", cure="fill or shorten the windows")
    times = np.arange(len(counts))
    design = _design(controls, times, pre | post, harmonics)
    rotation = helmert(counts.shape[1], full=True)
    coordinates = np.log(counts.to_numpy()[pre] + 0.5) @ rotation.T
    paths = np.stack(
        [
            predict(
                coordinates[:, item],
                design[pre],
                times[pre],
                design[post],
                times[post],
                draws=draws,
                generator=generator_for(*seed_names, "diversion", item),
            ).draws
            for item in range(counts.shape[1])
        ],
        axis=2,
    )
    volumes = np.maximum(np.exp(paths @ rotation) - 0.5, 0.0)
    observed = receiving.to_numpy()[post].mean(axis=0)
    mean = volumes.mean(axis=1)
    tail = (1 - level) / 2
    bands = [
        pd.DataFrame(np.quantile(volumes, share, axis=0), index=counts.index[post], columns=counts.columns)
        for share in (0.5, tail, 1 - tail)
    ]
    return DiversionDraws(tuple(receiving.columns), mean[:, 0], observed - mean[:, 1:], observed, *bands)


def _design(controls: pd.DataFrame, times: np.ndarray, used: np.ndarray, harmonics: int) -> np.ndarray:
    waves = [np.ones(len(times))]
    for order in range(1, harmonics + 1):
        angle = 2 * np.pi * order * times / WEEKS_PER_YEAR
        waves += [np.sin(angle), np.cos(angle)]
    base = np.column_stack(waves)
    columns = [base]
    for name in controls:
        values = np.log(controls[name].to_numpy(dtype=float))
        level = np.full(len(times), np.nan)
        level[used] = smooth(values[used], base[used], times[used])
        columns.append((level - np.nanmean(level))[:, None])
    return np.hstack(columns)


def diversion_table(result: DiversionDraws, *, level: float = 0.95) -> pd.DataFrame:
    """One row a part: exited, each receiving channel, recaptured, lost. Per week; ratios are shares of the exited.

    Points are means over the draws, so that the parts add up to the whole as printed; bounds are quantiles.
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
            "ratio": float(ratio.mean()),
            "ratio_lower": ratio_low,
            "ratio_upper": ratio_high,
        }

    exited = result.exited_expected
    taken_up = result.moved.sum(axis=1)
    whole = row("exited", "exited", exited, None) | {"expected": float(exited.mean()), "observed": 0.0}
    whole |= {"moved": -whole["moved"], "moved_lower": -whole["moved_upper"], "moved_upper": -whole["moved_lower"]}
    rows = [whole]
    rows += [
        row("receiving", channel, result.moved[:, item], float(result.observed[item]))
        for item, channel in enumerate(result.receiving)
    ]
    rows += [row("recaptured", "recaptured", taken_up, None), row("lost", "lost", exited - taken_up, None)]
    return pd.DataFrame(rows).assign(level=level)
