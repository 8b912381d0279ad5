"""Every contact channel without the exit, estimated jointly: draws of what would have come, channel by channel.

The logarithms of the channels' counts are rotated to their mean and contrasts, so that the error that all channels
share stays shared; each coordinate is predicted from its own past, the calendar and the demand controls (parameters
integrated, controls smoothed); draws are rotated back and exponentiated. Rotation: orthonormal Helmert contrasts
(Lancaster 1965, American Mathematical Monthly 72(1)); prediction: analysis.inference.structural.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import helmert

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.calendar_terms import holiday_column, is_daily, weekday_columns
from analysis.inference.structural import ALONE, CONTROLLED
from analysis.inference.structural_controls import smooth
from analysis.inference.structural_draws import predict

DRAWS = 4000
DAYS_PER_YEAR = 365.25
MINIMUM_PRE = {"week": 20, "day": 91}
LOG_SHIFT = 0.5  # a day without a contact has a logarithm too
EXITED = "exited"


@dataclass(frozen=True, slots=True, eq=False)
class Counterfactual:
    """Joint draws of contacts without the exit over the periods after it.

    ``draws``: shape (draws, periods, 1 + receiving), the exited total first. ``observed``: shape (periods, receiving).
    ``index``: the labels of those periods. ``before``: mean contacts a period before, exited total first.
    """

    receiving: tuple[str, ...]
    index: pd.DatetimeIndex
    draws: np.ndarray
    observed: np.ndarray
    before: np.ndarray

    def path(self, level: float = 0.95) -> pd.DataFrame:
        """One row a period and channel: time, channel, observed (NaN for the exited), expected, lower, upper."""
        tail = (1 - level) / 2
        middle, lower, upper = np.quantile(self.draws, [0.5, tail, 1 - tail], axis=0)
        parts = [
            pd.DataFrame(
                {
                    "time": self.index,
                    "channel": name,
                    "observed": np.nan if item == 0 else self.observed[:, item - 1],
                    "expected": middle[:, item],
                    "lower": lower[:, item],
                    "upper": upper[:, item],
                }
            )
            for item, name in enumerate((EXITED, *self.receiving))
        ]
        return pd.concat(parts, ignore_index=True)


def without_the_exit(
    exited: pd.Series,
    receiving: pd.DataFrame,
    controls: pd.DataFrame,
    *,
    pre: np.ndarray,
    post: np.ndarray,
    seed_names: Sequence[object],
    harmonics: int = 2,
    holidays: str | None = None,
    offset: pd.Series | None = None,
    draws: int = DRAWS,
) -> Counterfactual:
    """Predict every channel from before the exit.

    All inputs share one index of days or weeks; ``exited`` is the total of the exited channels (NaN after the exit),
    ``controls`` positive series of demand that the exit does not move, ``offset`` the customers that could have
    called (contacts are then predicted per customer), ``pre`` and ``post`` masks of the periods used (event periods
    already taken out). Raises DesignError for too little before the exit, a gap, a negative count, or an offset or
    control that is not positive.
    """
    counts = pd.concat([exited.rename(EXITED), receiving], axis=1)
    daily = is_daily(counts.index)
    _check(counts, controls, offset, pre, post, "day" if daily else "week")
    times = np.asarray((counts.index - counts.index[0]).days) // (1 if daily else 7)
    design = _design(controls, counts.index, times, pre, pre | post, harmonics, holidays)
    exposure = np.zeros(len(counts)) if offset is None else np.log(offset.to_numpy(dtype=float))
    rotation = helmert(counts.shape[1], full=True)
    coordinates = (np.log(counts.to_numpy()[pre] + LOG_SHIFT) - exposure[pre, None]) @ rotation.T
    paths = np.stack(
        [
            predict(
                coordinates[:, item], design[pre], times[pre], design[post], times[post],
                draws=draws, generator=generator_for(*seed_names, "diversion", item),
                grid=ALONE if controls.empty else CONTROLLED,
            ).draws
            for item in range(counts.shape[1])
        ],
        axis=2,
    )  # fmt: skip
    volumes = np.maximum(np.exp(paths @ rotation + exposure[post, None]) - LOG_SHIFT, 0.0)
    return Counterfactual(
        tuple(receiving.columns), counts.index[post], volumes, receiving.to_numpy(dtype=float)[post],
        counts.to_numpy(dtype=float)[pre].mean(axis=0),
    )  # fmt: skip


def _check(
    counts: pd.DataFrame, controls: pd.DataFrame, offset: pd.Series | None, pre: np.ndarray, post: np.ndarray, bin_: str
) -> None:
    if pre.sum() < MINIMUM_PRE[bin_] or post.sum() < 1:
        raise DesignError(
            f"{int(pre.sum())} {bin_}s before and {int(post.sum())} after the exit are too few to follow contacts",
            where="diversion",
            cure=f"at least {MINIMUM_PRE[bin_]} {bin_}s before are needed",
        )
    for name in counts:
        needed = counts.loc[pre if name == EXITED else pre | post, name]
        if needed.isna().any():
            when = needed.index[needed.isna()][0]
            raise DesignError(
                f'"{name}" has {bin_}s without data', where=f"diversion, {when:%Y-%m-%d}",
                cure="fill the gap in the export, or shorten the windows",
            )  # fmt: skip
        if (needed < 0).any():
            when = needed.index[needed < 0][0]
            raise DesignError(
                f'"{name}" has a negative number of contacts', where=f"diversion, {when:%Y-%m-%d}",
                cure="correct the export",
            )  # fmt: skip
    extra = controls if offset is None else controls.assign(**{"the offset": offset})
    for name in extra:
        if not (extra.loc[pre | post, name] > 0).all():
            raise DesignError(
                f'"{name}" is missing or not positive somewhere in the windows', where="diversion",
                cure="a control or offset needs a positive value in every period used",
            )  # fmt: skip


def _design(
    controls: pd.DataFrame, index: pd.DatetimeIndex, times: np.ndarray, pre: np.ndarray, used: np.ndarray,
    harmonics: int, holidays: str | None,
) -> np.ndarray:  # fmt: skip
    """Level, days of the week, holidays, yearly waves and the controls without their noise, shape (periods, terms)."""
    daily = is_daily(index)
    year = DAYS_PER_YEAR if daily else DAYS_PER_YEAR / 7
    columns = [np.ones(len(index))]
    columns += weekday_columns(index, pre).values() if daily else []
    columns += [holiday_column(index, holidays, pre)] if holidays else []
    for order in range(1, harmonics + 1):
        angle = 2 * np.pi * order * times / year
        columns += [np.sin(angle), np.cos(angle)]
    base = np.column_stack(columns)
    for name in controls:
        values = np.log(controls[name].to_numpy(dtype=float))
        level = np.full(len(index), np.nan)
        level[used] = smooth(values[used], base[used], times[used])
        columns.append(level - np.nanmean(level))
    return np.column_stack(columns)
