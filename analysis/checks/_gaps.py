"""The gap between what was observed and what was expected, on the model's scale."""

import numpy as np

from analysis.checks._context import CheckContext


def gaps_of(context: CheckContext) -> np.ndarray:
    """Observed minus expected in every period of the panel, (periods,); NaN where the donut has no value."""
    path = context.effect.path
    return context.panel.transform(path["observed"].to_numpy()) - context.panel.transform(path["expected"].to_numpy())


def claims_an_effect(context: CheckContext) -> bool:
    """Whether the estimate's own interval leaves out zero."""
    return context.effect.interval is not None and 0.0 not in context.effect.interval
