"""Several hypotheses at once: adjusted p-values over a declared family.

Holm (1979), Bonferroni, Benjamini and Hochberg (1995) and Benjamini and Yekutieli (2001) need the p-values only;
Romano and Wolf (2005, Econometrica 73:1237; 2016, Statistics and Probability Letters 113:38) use the joint
distribution of the statistics and so keep their dependence.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from analysis.core.errors import CaseError, DesignError, nearest


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Step-down adjusted p-values: family-wise error under any dependence, never larger than Bonferroni's."""
    values = _checked(p_values)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    return _restored(stepped, order)


def bonferroni(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """p-values times the size of the family."""
    values = _checked(p_values)
    return np.minimum(values * len(values), 1.0)


def benjamini_hochberg(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Step-up adjusted p-values: expected share of false findings, independence or positive dependence."""
    return np.minimum(_stepped_up(_checked(p_values)), 1.0)


def benjamini_yekutieli(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """As Benjamini-Hochberg under any dependence, at the price of the harmonic sum."""
    values = _checked(p_values)
    return np.minimum(_stepped_up(values) * (1 / np.arange(1, len(values) + 1)).sum(), 1.0)


METHODS: Mapping[str, Callable[[Sequence[float] | np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "bonferroni": bonferroni,
        "holm": holm,
        "benjamini_hochberg": benjamini_hochberg,
        "benjamini_yekutieli": benjamini_yekutieli,
    }
)


def adjust(p_values: Sequence[float] | np.ndarray, method: str) -> np.ndarray:
    """Adjusted p-values (m,) by the method's name, in the order given. Raises CaseError for an unknown method."""
    if method not in METHODS:
        raise CaseError(f'there is no method "{method}"', where="multiplicity", cure=nearest(method, METHODS))
    return METHODS[method](p_values)


def romano_wolf(statistics: Sequence[float] | np.ndarray, null_draws: np.ndarray) -> np.ndarray:
    """Step-down adjusted p-values (m,) from the joint null distribution of studentised statistics.

    ``statistics`` (m,), large in absolute value against the null; ``null_draws`` (draws, m): the same statistics,
    studentised alike and centred at their null, from a joint bootstrap or from placebos, one draw a row. Hypotheses
    are taken from the largest |statistic| down; each is compared with the largest |draw| among itself and those
    below it, p = (1 + #{draws at least as large}) / (1 + draws), made monotone. With one hypothesis this is the rank
    p-value. Raises DesignError for shapes that do not match or values that are not numbers.
    """
    sizes, draws = np.abs(np.asarray(statistics, dtype=float)), np.abs(np.asarray(null_draws, dtype=float))
    if sizes.ndim != 1 or draws.ndim != 2 or draws.shape[1] != len(sizes) or not len(draws):
        raise DesignError(
            f"draws of shape {draws.shape} do not belong to {sizes.size} statistics", where="Romano-Wolf",
            cure="give one row a draw and one column a hypothesis",
        )  # fmt: skip
    if np.isnan(sizes).any() or np.isnan(draws).any():
        raise DesignError(
            "a statistic or a draw is not a number", where="Romano-Wolf", cure="leave out the outcome without a result"
        )
    order = np.argsort(-sizes, kind="stable")
    largest_left = np.maximum.accumulate(draws[:, order][:, ::-1], axis=1)[:, ::-1]
    exceed = (largest_left >= sizes[order]).sum(axis=0)
    return _restored(np.maximum.accumulate((1 + exceed) / (1 + len(draws))), order)


def _checked(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    values = np.asarray(p_values, dtype=float)
    if values.ndim != 1 or not len(values) or not ((values >= 0) & (values <= 1)).all():
        raise DesignError(
            "a p-value is missing or not a probability", where="multiplicity", cure="leave out outcomes without one"
        )
    return values


def _stepped_up(values: np.ndarray) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return adjusted


def _restored(stepped: np.ndarray, order: np.ndarray) -> np.ndarray:
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
