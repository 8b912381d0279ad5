"""Channels of a contact centre with a known diversion: what the accounting of moved contacts is measured on.

Every channel follows a common demand that drifts, by its own loading, and adds a drift, a memory and a week of its
own; counts are negative binomial. After the exit a declared share of what the exited channel would have had moves
to each receiving channel. All rates are a day.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate import processes

LEVELS = {"exited": 400.0, "phone": 1010.0, "chat": 310.0, "email": 505.0, "branch": 220.0}
TRUE_RATIOS = {"phone": 0.35, "chat": 0.175, "email": 0.1375, "branch": 0.0}
COMMON_DRIFT, OWN_DRIFT = 0.012, 0.003  # standard deviation of one day's step, log
MEMORY = (0.4, 0.04)  # daily autocorrelation and deviation of each channel's own noise, log
DISPERSION = 0.004
CONTROL_NOISE = 0.03  # of the demand control, log


@dataclass(frozen=True, slots=True)
class DiversionWorld:
    """``exited`` NaN after the exit; ``receiving`` one column a channel; ``control`` a noisy series of demand;
    ``post`` mask of the days after; ``ratios`` the true shares over the whole horizon."""

    exited: pd.Series
    receiving: pd.DataFrame
    control: pd.DataFrame
    post: np.ndarray
    ratios: dict[str, float]


def diversion_world(
    number: int, *, before: int = 365, after: int = 84, proportional: float | None = None
) -> DiversionWorld:
    """The world of a number; the same number gives the same world.

    With ``proportional`` that share of the exited contacts moves, every day in proportion to what each channel has.
    """
    length = before + after
    days = pd.date_range("2018-01-01", periods=length, freq="D")
    post = np.arange(length) >= before
    demand = np.cumsum(generator_for("diversion world", number, "demand").normal(0, COMMON_DRIFT, length))
    means = {name: _mean(number, name, level, demand, days) for name, level in LEVELS.items()}
    if proportional is None:
        shares = TRUE_RATIOS
    else:
        whole = sum(means[name] for name in TRUE_RATIOS)
        shares = {name: proportional * means[name] / whole for name in TRUE_RATIOS}
    moved = {name: post * share * means["exited"] for name, share in shares.items()}
    ratios = {name: float(moved[name].sum() / means["exited"][post].sum()) for name in TRUE_RATIOS}
    counts = {
        name: _counts(number, name, mean + moved[name]) for name, mean in means.items() if name != "exited"
    }
    exited = np.where(post, np.nan, _counts(number, "exited", means["exited"]))
    noise = generator_for("diversion world", number, "control").normal(0, CONTROL_NOISE, length)
    control = pd.DataFrame({"logins": 50_000 * np.exp(demand + noise)}, index=days)
    return DiversionWorld(
        pd.Series(exited, index=days), pd.DataFrame(counts, index=days).astype(float), control, post, ratios
    )


def _mean(number: int, name: str, level: float, demand: np.ndarray, days: pd.DatetimeIndex) -> np.ndarray:
    draw = generator_for("diversion world", number, "channel", name)
    loading = draw.uniform(0.7, 1.3)
    drift = np.cumsum(draw.normal(0, OWN_DRIFT, len(days)))
    week = np.append(draw.normal(0, 0.1, 5), [-0.4, -0.7])
    memory = processes.autoregression(draw, len(days), *MEMORY)
    return level * np.exp(loading * demand + drift + processes.weekly_season(days, week - week.mean()) + memory)


def _counts(number: int, name: str, mean: np.ndarray) -> np.ndarray:
    return processes.negative_binomial(generator_for("diversion world", number, "counts", name), mean, DISPERSION)
