"""Is the gain in tone more than regression to the mean and misreading, and does the chain differ after the exit?

Who is chosen for an angry first message is angrier then than on average, and was sometimes only read as angry: both
make a last message look better although nobody served the customer. Galton 1886, Journal of the Anthropological
Institute 15; for panels of classes, Barnett, van der Pols and Dobson 2005, International Journal of Epidemiology 34.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import f as fisher

from analysis.core.privacy import with_companions
from analysis.inference.ordered_logit import OrderedLogit, fit_ordered_logit, saturated_deviance
from analysis.inference.tone_chain import (
    ChiSquare,
    chain_homogeneity_test,
    conditional,
    marginal_homogeneity_test,
    symmetry_test,
)
from analysis.service.tone import (
    CONDITIONAL,
    PERIODS,
    ToneDraws,
    drawn_afresh,
    measures,
    unchanged_but_misread,
)
from analysis.service.tone_tables import interval, quantity_rows, with_change

FACED = (*CONDITIONAL, "net_gain")
NOTHING = 1e-10  # of the largest variance of a contrast: below it a direction does not vary
MOST_SEPARATED = 0.05  # share of draws without a finite coefficient from which on there is no interval


def regression_to_the_mean(result: ToneDraws, *, smallest: int, level: float = 0.95) -> pd.DataFrame:
    """What the same cases would show if nobody had been served, beside what they show, all as classified.

    Scenarios: observed; misread_only, where no true tone changes within a case (missing without a labelled sample);
    drawn_afresh, where a last tone is any first tone; beyond_misreading and beyond_fresh_draw, the observed less
    each. Service that helps lies beyond both; net_gain is of all cases, which are not chosen by their first tone,
    and zero under either. People who write at all may still be at their angriest: no log of cases shows that.

    Columns: period (before, after, change), quantity, tone, scenario, value, lower, upper, cases, level.
    """
    observed = measures(result.counts), measures(result.count_draws)
    fresh = measures(drawn_afresh(result.counts)), measures(drawn_afresh(result.count_draws))
    scenarios: dict[str, Callable[[int, str], np.ndarray]] = {
        "observed": lambda at, name: observed[at][name],
        "drawn_afresh": lambda at, name: fresh[at][name],
        "beyond_fresh_draw": lambda at, name: observed[at][name] - fresh[at][name],
    }
    if result.corrected:
        misread = (
            measures(unchanged_but_misread(result.joint, result.errors)),
            measures(unchanged_but_misread(result.joint_draws, result.error_draws[:, None])),
        )
        scenarios["misread_only"] = lambda at, name: misread[at][name]
        scenarios["beyond_misreading"] = lambda at, name: observed[at][name] - misread[at][name]
    rows = []
    for name in FACED:
        for scenario, values in scenarios.items():
            lower, upper = interval(with_change(values(1, name)), level)
            columns = {"value": with_change(values(0, name)), "lower": lower, "upper": upper}
            rows += [row | {"scenario": scenario} for row in quantity_rows(result, name, columns, smallest)]
    order = ["period", "quantity", "tone", "scenario", "value", "lower", "upper", "cases"]
    return pd.DataFrame(rows)[order].assign(level=level)


def ordered_tone(result: ToneDraws, *, smallest: int = 1, level: float = 0.95) -> pd.DataFrame:
    """Ordered logit of the last tone on the first and the period: a positive coefficient means a better last tone.

    Fitted to the cases as classified, and to the corrected shares as if they were cases; both intervals from the
    draws. Columns: term (first, after), tone (the first one; against the worst), observed, observed_lower,
    observed_upper, corrected, lower, upper (log odds), cases, level. What fewer than ``smallest`` cases of a first tone
    say of it stays empty. Raises DesignError as fit_ordered_logit does.
    """
    size = len(result.classes)
    columns = {}
    for names, point, draws in (
        (("observed", "observed_lower", "observed_upper"), result.counts, result.count_draws),
        (("corrected", "lower", "upper"), result.joint, result.joint_draws),
    ):
        if point is None:
            columns |= {name: np.full(size, np.nan) for name in names}
            continue
        # Each period keeps its own number of cases, so that the weights are those of the cases as classified.
        number = [
            counts[..., :size].sum(axis=(-2, -1), keepdims=True) for counts in (result.counts, result.count_draws)
        ]
        values = _fit(point, number[0], size).coefficients
        drawn = _fit(draws, number[1], size).coefficients
        lower, upper = _finite_interval(drawn, level)
        columns |= dict(zip(names, (values, lower, upper), strict=True))
    terms = {"term": ["first"] * (size - 1) + ["after"], "tone": [*result.classes[1:], ""]}
    cases = float(result.counts[:, :, :size].sum())
    few = np.any([with_companions(table.sum(axis=1), smallest) for table in result.counts[:, :, :size]], axis=0)
    empty = np.append(few[1:] | few[0], False)  # each is told against the worst
    columns = {name: np.where(empty, np.nan, values) for name, values in columns.items()}
    return pd.DataFrame(terms | columns).assign(cases=cases, level=level)


def _fit(joint: np.ndarray, number: np.ndarray, size: int) -> OrderedLogit:
    replied = joint[..., :size]
    weights = replied / replied.sum(axis=(-2, -1), keepdims=True) * number
    firsts = np.tile(np.eye(size)[:, 1:], (2, 1))
    period = np.repeat([0.0, 1.0], size)
    return fit_ordered_logit(weights.reshape(*weights.shape[:-3], 2 * size, size), np.column_stack([firsts, period]))


def _finite_interval(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of the draws that have a value, or none when too many have not."""
    finite = np.isfinite(draws).all(axis=1)
    if finite.mean() < 1 - MOST_SEPARATED:
        return np.full(draws.shape[1], np.nan), np.full(draws.shape[1], np.nan)
    return interval(draws[finite], level)


def tone_tests(result: ToneDraws) -> pd.DataFrame:
    """Tests of the chain of those who wrote back, one row a test and period.

    Tests: symmetry (Bowker) and marginal_change (Stuart-Maxwell) by period; chain_change (likelihood ratio, before
    against after); ordered_logit_fit (deviance against a saturated model). Columns: period, test, statistic,
    degrees_of_freedom, p_value (cases as classified and independent, as the textbook has it), p_clustered (Hotelling's
    test of the same contrast with the covariance of the draws, so that weeks are what is independent; of the
    corrected chain for chain_change; missing for ordered_logit_fit), cases. Read p_clustered where they differ.
    """
    size = len(result.classes)
    replied, draws = result.counts[:, :, :size], result.count_draws[..., :size]
    rows = []
    for place, period in enumerate(PERIODS):
        table, drawn, weeks = replied[place], draws[:, place], result.weeks[place]
        rows.append(
            (period, "symmetry", symmetry_test(table), _clustered(_asymmetry, table, drawn, weeks), table.sum())
        )
        rows.append(
            (
                period,
                "marginal_change",
                marginal_homogeneity_test(table),
                _clustered(_marginal_change, table, drawn, weeks),
                table.sum(),
            )
        )
    chain = (result.joint, result.joint_draws) if result.corrected else (result.counts, result.count_draws)
    clustered = _clustered(_chain_change, *(table[..., :size] for table in chain), min(result.weeks))
    rows.append(("change", "chain_change", chain_homogeneity_test(replied), clustered, replied.sum()))
    number = replied.sum(axis=(-2, -1), keepdims=True)
    lack = float(_fit(result.counts, number, size).deviance) - saturated_deviance(replied.reshape(2 * size, size))
    free = 2 * size * (size - 1) - (2 * size - 1)
    rows.append(("both", "ordered_logit_fit", ChiSquare(max(lack, 0.0), free), np.nan, replied.sum()))
    return pd.DataFrame(
        [
            {
                "period": period,
                "test": test,
                "statistic": found.statistic,
                "degrees_of_freedom": found.degrees_of_freedom,
                "p_value": found.p_value,
                "p_clustered": clustered,
                "cases": float(cases),
            }
            for period, test, found, clustered, cases in rows
        ]
    )


def _asymmetry(table: np.ndarray) -> np.ndarray:
    upper = np.triu_indices(table.shape[-1], 1)
    shares = table / table.sum(axis=(-2, -1), keepdims=True)
    return (shares - np.swapaxes(shares, -1, -2))[..., upper[0], upper[1]]


def _marginal_change(table: np.ndarray) -> np.ndarray:
    shares = table / table.sum(axis=(-2, -1), keepdims=True)
    return (shares.sum(axis=-2) - shares.sum(axis=-1))[..., 1:]


def _chain_change(tables: np.ndarray) -> np.ndarray:
    chain = conditional(tables)
    change = (chain[..., 1, :, :] - chain[..., 0, :, :])[..., 1:]
    return change.reshape(*change.shape[:-2], -1)


def _clustered(contrast: Callable[[np.ndarray], np.ndarray], table: np.ndarray, draws: np.ndarray, weeks: int) -> float:
    """P-value of a contrast that is zero under the hypothesis, with the covariance of its draws."""
    value, drawn = contrast(table), contrast(draws)
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if not np.isfinite(value).all() or len(drawn) < len(draws) / 2:
        return np.nan
    covariance = np.atleast_2d(np.cov(drawn, rowvar=False))
    roots, directions = np.linalg.eigh(covariance)
    used = roots > NOTHING * max(roots.max(), 1e-300)
    rank = int(used.sum())
    if rank == 0 or weeks <= rank:
        return np.nan
    squared = float((((directions.T @ value)[used]) ** 2 / roots[used]).sum())
    return float(fisher.sf(squared * (weeks - rank) / (rank * (weeks - 1)), rank, weeks - rank))
