"""Nulls of methods that compare: the brand's gap to its donors simulated, and the ordinary days of a share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._nulls import COLUMNS
from analysis.core.panel import Panel
from analysis.core.seeds import generator_for
from analysis.estimators._donors import fits_exactly, root_mean_square
from analysis.estimators.augmented_synthetic_control import fit_augmented
from analysis.estimators.difference_in_differences import gap_of
from analysis.estimators.market_event_study import fit_market_model
from analysis.estimators.synthetic_control import fit_gap
from analysis.inference.calendar_terms import FEWEST, is_daily, weekday_columns
from analysis.inference.donor_nulls import UNLIKE, change_deviations, gap_dynamics, is_livelier
from analysis.inference.null_calibration import simulated_errors
from analysis.inference.structural import Fit
from analysis.inference.synthetic_did_weights import fit_synthetic_difference, noise_level
from analysis.inference.time_axis import WEEK, positions

# Weights fitted to the brand hide part of what sets it apart, so less is asked for before it is looked into.
UNLIKE_FITTED = 0.25


@dataclass(frozen=True, slots=True)
class Compared:
    """What a method makes of one series: the ``gap`` (periods,) to its counterfactual, the ``unit`` in which its
    interval is measured (the interval is that many times a number that hangs on the donors alone), and which donors
    were ``fitted`` (donors,) to it."""

    gap: np.ndarray
    unit: float
    fitted: np.ndarray


def _differences(y: np.ndarray, donors: np.ndarray, pre: np.ndarray, post: np.ndarray) -> Compared:
    return Compared(gap_of(y, donors, pre), 1.0, np.zeros(donors.shape[1], dtype=bool))


def _synthetic_differences(y: np.ndarray, donors: np.ndarray, pre: np.ndarray, post: np.ndarray) -> Compared:
    # The penalty spreads the weights over all donors, so that hardly more is fitted than by their mean.
    return Compared(fit_synthetic_difference(y, donors, pre, post).gap, 1.0, np.zeros(donors.shape[1], dtype=bool))


def _synthetic(y: np.ndarray, donors: np.ndarray, pre: np.ndarray, post: np.ndarray) -> Compared:
    found, gap = fit_gap(y, donors, pre)
    return Compared(gap, root_mean_square(gap[pre]), found.weights > 0)


def _augmented(
    y: np.ndarray, donors: np.ndarray, pre: np.ndarray, post: np.ndarray, ridge: float | None = None
) -> Compared:
    found = fit_augmented(y, donors, pre, ridge)
    return Compared(found.gap, found.held_out_rmse, found.simplex > 0)


COMPARES: Mapping[str, Callable[..., Compared]] = MappingProxyType(
    {
        "difference_in_differences": _differences,
        "synthetic_control": _synthetic,
        "augmented_synthetic_control": _augmented,
        "synthetic_difference_in_differences": _synthetic_differences,
    }
)


def bare_point(context: CheckContext, panel: Panel) -> float:
    """The point that the context's method finds on another panel; without its inference, where it compares."""
    if context.estimator not in COMPARES:
        return context.average_of(panel).point
    y, donors, pre, post = panel.y, panel.donor_values, panel.pre, panel.post
    found = COMPARES[context.estimator](y, donors, pre, post, **_options(context))
    if noise_level(donors[pre]) == 0 or fits_exactly(found.unit, y[pre]):
        return context.average_of(panel).point  # it refuses what cannot be estimated, and says why
    return float(found.gap[post].mean())


def donor_nulls(context: CheckContext, count: int) -> pd.DataFrame:
    """One row a null of a method with donors whose brand moves unlike them; no row where it moves as they do.

    What the donors leave of the brand before the event is given dynamics of its own, simulated over the whole window
    and put on what they predict; the method's weights are then fitted anew. Each null has parameters drawn from what
    the pre-period leaves open: a brand that moves unlike its donors may drift too. Its interval is that of the
    estimate in its own unit: no placebo hangs on the brand, so none is computed again.
    """
    panel, compare = context.panel, partial(COMPARES[context.estimator], **_options(context))
    donors, pre, post = panel.donor_values, panel.pre, panel.post
    level, at = _level_and_week(panel), positions(panel.times)

    def dynamics(series: np.ndarray, others: np.ndarray, found: Compared) -> Fit:
        try:
            return gap_dynamics(series, _carried(level, others[:, found.fitted], pre), at, pre)
        except ValueError:  # donors that copy one another cannot be told apart: what they leave together can
            return gap_dynamics(found.gap, level, at, pre)

    own = compare(panel.y, donors, pre, post)
    mine = dynamics(panel.y if own.fitted.any() else own.gap, donors, own)
    measures = [_measures(own, mine, at, pre, post)]
    for j in range(donors.shape[1]):
        series, others = donors[:, j], np.delete(donors, j, axis=1)
        theirs = compare(series, others, pre, post)
        fitted = dynamics(series if theirs.fitted.any() else theirs.gap, others, theirs)
        measures.append(_measures(theirs, fitted, at, pre, post))
    unlike = UNLIKE_FITTED if own.fitted.any() else UNLIKE
    if not any(is_livelier(each, unlike) for each in np.array(measures).T):
        return pd.DataFrame(columns=COLUMNS)
    interval = context.effect.interval
    reach = (interval.upper - interval.lower) / 2 / own.unit
    generator = generator_for(context.case_slug, context.outcome, "simulated gaps")
    rows = []
    for number, simulated in enumerate(simulated_errors(mine, at, count, generator).T):
        again = compare(panel.y - own.gap + simulated, donors, pre, post)
        effect = float(again.gap[post].mean())
        rows.append(("simulated", number, int(post.sum()), effect, abs(effect) / (reach * again.unit)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _measures(found: Compared, fitted: Fit, at: np.ndarray, pre: np.ndarray, post: np.ndarray) -> tuple[float, float]:
    """How far a gap goes: its deviation before the event, known well, tells a noisier brand; that of its change over
    the event, by its dynamics and in the interval's unit, a brand that drifts where its donors do not."""
    change = float(change_deviations(fitted, at, pre, post)[0])
    return float(found.gap[pre].std()), change / max(found.unit, 1e-300)


def _carried(level: np.ndarray, donors: np.ndarray, pre: np.ndarray) -> np.ndarray:
    """Level, week and as many of the fitted donors as half of the pre-period can carry."""
    return np.column_stack([level, donors[:, : max(int(pre.sum()) // 2 - level.shape[1], 0)]])


def _options(context: CheckContext) -> dict[str, float]:
    ridge = context.options.get("ridge")
    return {} if ridge is None else {"ridge": ridge}


def _level_and_week(panel: Panel) -> np.ndarray:
    level = np.ones((len(panel.times), 1))
    if not is_daily(panel.times) or panel.n_pre < 2 * FEWEST * WEEK:
        return level
    return np.column_stack([level, *weekday_columns(panel.times, panel.pre).values()])


def ordinary_days(context: CheckContext) -> pd.DataFrame:
    """One row a run of days of the estimation window as long as the event's, the model fitted on the other days."""
    panel, days = context.panel, context.effect.n_post
    returns, market = panel.y[panel.pre], panel.covariate_values[panel.pre, 0]
    reach = (context.effect.interval.upper - context.effect.interval.lower) / 2 / context.effect.standard_error
    rows = []
    for start in range(len(returns) - days + 1):
        out = np.zeros(len(returns), dtype=bool)
        out[start : start + days] = True
        model = fit_market_model(returns[~out], market[~out])
        effect = float((returns[out] - model.expected(market[out])).sum())
        statistic = abs(effect) / (reach * model.forecast_sd(market[out]))
        rows.append(("ordinary days", start, days, effect, statistic))
    return pd.DataFrame(rows, columns=COLUMNS)
