"""Conformal inference for a synthetic counterfactual: are the residuals after the event like those before?

Chernozhukov, Wüthrich and Zhu (2021, Journal of the American Statistical Association 116:1849). The hypothesised
effect is taken off the treated series, the proxy is fitted again on all periods, and the size of the residuals
after the event is ranked among the same residuals in other places.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.core.effect import Interval
from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for
from analysis.inference.simplex import simplex_least_squares

Proxy = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (series, donors) -> residuals, all of length periods
SCHEMES = ("moving_block", "permutation")
DOUBLINGS, HALVINGS = 40, 40
TIE = 1e-9  # statistics this close, relative to their size, are the same number computed in another order


def synthetic_control_residuals(series: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """Residuals (T,) of the exact synthetic control fitted on all T periods; ``donors`` (T, J)."""
    return series - donors @ simplex_least_squares(donors, series).weights


@dataclass(frozen=True, slots=True)
class ConformalTest:
    """``p_value``, the ``statistic`` in place, and how many ``arrangements`` it was ranked among (itself included)."""

    p_value: float
    statistic: float
    arrangements: int


def conformal_test(
    series: np.ndarray, donors: np.ndarray, post: np.ndarray, *, effect: float | np.ndarray = 0.0, q: float = 1.0,
    scheme: str = "moving_block", draws: int = 5000, proxy: Proxy = synthetic_control_residuals, seed: int = 0,
) -> ConformalTest:
    """Test of the sharp null that the event moved ``series`` (T,) by ``effect`` (a number or (periods after,)).

    ``post`` (T,) marks the periods after the event, at the end of the series. The statistic is
    (sum |u|^q / sqrt(T*))^(1/q) over the T* residuals after the event. ``scheme`` "moving_block" shifts the
    residuals round (T arrangements, valid under serial correlation, smallest p 1/T); "permutation" shuffles them
    (independent errors only; ``draws`` shuffles by ``seed``, the arrangement in place counted). Raises DesignError
    when ``post`` is not a run at the end, CaseError for an unknown scheme or q below 1.
    """
    if scheme not in SCHEMES or not q >= 1:
        raise CaseError(
            f'there is no conformal scheme "{scheme}" with q = {q}', where="conformal",
            cure=f"use {' or '.join(SCHEMES)}, and q from 1",
        )  # fmt: skip
    after = _length_after(post)
    adjusted = np.asarray(series, dtype=float).copy()
    adjusted[post] -= effect
    sizes = np.abs(proxy(adjusted, np.asarray(donors, dtype=float))) ** q
    if scheme == "moving_block":
        sums = np.convolve(np.concatenate([sizes, sizes[: after - 1]]), np.ones(after), mode="valid")
    else:
        generator = generator_for("conformal permutation", seed)
        shuffled = [generator.permutation(sizes)[-after:].sum() for _ in range(draws)]
        sums = np.append(shuffled, sizes[-after:].sum())
    observed = float(sizes[-after:].sum())
    at_least = int((sums >= observed * (1 - TIE)).sum())
    return ConformalTest(at_least / len(sums), float((observed / np.sqrt(after)) ** (1 / q)), len(sums))


def conformal_interval(
    series: np.ndarray, donors: np.ndarray, post: np.ndarray, *, level: float = 0.95, q: float = 1.0,
    scheme: str = "moving_block", draws: int = 5000, proxy: Proxy = synthetic_control_residuals, seed: int = 0,
) -> Interval | None:
    """The constant effects that ``conformal_test`` does not reject at 1 - level, as the interval they span.

    Found by walking outwards from the estimate on the pre-period until rejection and halving the last step, the
    proxy refitted each time. None when no constant effect is rejected (level above 1 - 1/arrangements), or when
    even the estimate is (residuals after the event too uneven for a constant effect).
    """

    def kept(effect: float) -> bool:
        found = conformal_test(
            series, donors, post, effect=effect, q=q, scheme=scheme, draws=draws, proxy=proxy, seed=seed
        )
        return found.p_value > 1 - level + 1e-12

    start, step = _starting_point(series, donors, post, proxy)
    if not kept(start):
        return None
    ends = [_edge(kept, start, sign * step) for sign in (-1.0, 1.0)]
    return None if None in ends else Interval(float(ends[0]), float(ends[1]), level)


def pointwise_intervals(
    series: np.ndarray, donors: np.ndarray, post: np.ndarray, *, level: float = 0.95,
    proxy: Proxy = synthetic_control_residuals,
) -> list[Interval | None]:
    """An interval for the effect in each period after the event, from the pre-period and that period alone."""
    post = np.asarray(post, dtype=bool)
    _length_after(post)
    found = []
    for period in np.flatnonzero(post):
        rows = np.append(np.flatnonzero(~post), period)
        last = np.arange(len(rows)) == len(rows) - 1
        found.append(conformal_interval(series[rows], donors[rows], last, level=level, proxy=proxy))
    return found


def _length_after(post: np.ndarray) -> int:
    post = np.asarray(post, dtype=bool)
    after = int(post.sum())
    if not 0 < after < len(post) or not post[-after:].all():
        raise DesignError(
            "the periods after the event are not a run at the end", where="conformal",
            cure="leave the donut out and put the periods after the event last",
        )  # fmt: skip
    return after


def _starting_point(series: np.ndarray, donors: np.ndarray, post: np.ndarray, proxy: Proxy) -> tuple[float, float]:
    """The constant effect at which residuals after the event have the mean zero, and a first step."""
    series, effect = np.asarray(series, dtype=float), 0.0
    residual = proxy(series, donors)
    for _ in range(DOUBLINGS):  # refitting with the effect taken off pulls the proxy back to the pre-period
        if abs(residual[post].mean()) <= 1e-9 * max(abs(effect), float(series.std()), 1e-300):
            break
        effect += float(residual[post].mean())
        residual = proxy(series - np.where(post, effect, 0.0), donors)
    return effect, max(float(residual[~post].std()), 1e-12 * max(float(np.abs(series).max()), 1e-300))


def _edge(kept: Callable[[float], bool], start: float, step: float) -> float | None:
    inside, outside = start, start + step
    for _ in range(DOUBLINGS):
        if not kept(outside):
            break
        inside, outside = outside, start + 2 * (outside - start)
    else:
        return None
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if abs(outside - inside) <= 1e-9 * max(abs(step), abs(outside - start)):
            break
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
    return inside
