"""The gap between what was observed and what was expected, on the model's scale."""

import numpy as np

from analysis.checks._context import CheckContext
from analysis.core.effect import Effect


def gaps_of(context: CheckContext) -> np.ndarray:
    """Observed minus expected in every period of the panel, (periods,); NaN where the donut has no value."""
    path = context.effect.path
    return context.panel.transform(path["observed"].to_numpy()) - context.panel.transform(path["expected"].to_numpy())


def claims_an_effect(context: CheckContext) -> bool:
    """Whether the estimate's own interval leaves out zero."""
    return context.effect.interval is not None and 0.0 not in context.effect.interval


def agreement(effect: Effect) -> str:
    """What agreeing with an estimate means, as the key of its words: the same answer for whoever decides.

    ``same_side``: it claims an effect, so another estimate has its sign and leaves zero out of its own interval too
    (one without an interval: its sign). ``inside``: its interval holds zero, so another one lies inside that interval.
    ``same_sign``: it has no interval, and its sign is all there is.
    """
    if effect.interval is None:
        return "same_sign"
    return "inside" if 0.0 in effect.interval else "same_side"


def agrees_with(other: Effect, effect: Effect) -> bool:
    """Whether another estimate agrees with this one, by ``agreement``."""
    kind = agreement(effect)
    if kind == "inside":
        return other.point in effect.interval
    open_too = kind == "same_side" and other.interval is not None and 0.0 in other.interval
    return bool(np.sign(other.point) == np.sign(effect.point)) and not open_too


def leaves_the_estimate(other: float, effect: Effect) -> bool:
    """Whether another estimate contradicts this one: outside its interval, or (without one) of the other sign.

    A sign that turns inside an interval that holds zero is no contradiction: the direction was open anyway. Where the
    interval leaves zero out, the other sign is outside it.
    """
    if effect.interval is None:
        return bool(np.sign(other) != np.sign(effect.point))
    return other not in effect.interval
