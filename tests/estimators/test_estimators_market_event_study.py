import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis import Panel, Windows, estimate
from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.estimators.market_event_study import placebo_day_p_value

NAME = "market_event_study"
DAYS, DONUT = 120, 10


def panel_of(event_days=1, abnormal=0.0, **options):
    generator = generator_for("returns")
    length = DAYS + DONUT + event_days
    market = generator.normal(0.0005, 0.01, size=length)
    share = 0.0002 + 1.3 * market + generator.normal(0, 0.008, size=length)
    share[DAYS + DONUT :] += abnormal
    frame = pd.DataFrame({"share": share, "market": market}, index=pd.bdate_range("2018-01-01", periods=length))
    times = frame.index
    windows = Windows(times[0], times[DAYS - 1], times[DAYS + DONUT], times[-1])
    options.setdefault("covariates", ["market"])
    return Panel.from_wide(frame, treated="share", windows=windows, **options)


@pytest.mark.parametrize("event_days", [1, 4])
def test_interval_is_the_prediction_interval_of_the_regression(event_days):
    """The sum of abnormal returns against statsmodels' least squares with a dummy for the sum's mean direction."""
    panel = panel_of(event_days, abnormal=-0.02)
    effect = estimate(NAME, panel)
    frame, pre, post = panel.frame, panel.pre, panel.post
    fit = sm.OLS(frame["share"][pre], sm.add_constant(frame["market"][pre])).fit()
    future = sm.add_constant(frame["market"][post], has_constant="add")
    total = future.sum().to_numpy()
    variance = fit.mse_resid * event_days + total @ fit.cov_params().to_numpy() @ total
    assert effect.point == pytest.approx(frame["share"][post].sum() - fit.params.to_numpy() @ total)
    assert effect.standard_error == pytest.approx(np.sqrt(variance))
    assert effect.diagnostics["degrees_of_freedom"] == fit.df_resid
    assert effect.diagnostics["standardised"] == pytest.approx(effect.point / np.sqrt(variance))


def test_cumulative_is_the_point_and_there_is_no_relative_effect():
    effect = estimate(NAME, panel_of(4, abnormal=-0.02))
    assert effect.cumulative == effect.point
    assert effect.relative is None
    assert effect.diagnostics["mean_abnormal_return"] == pytest.approx(effect.point / 4)


def test_event_days_shorten_the_window():
    panel = panel_of(4, abnormal=-0.02)
    first = estimate(NAME, panel, event_days=1)
    assert first.n_post == 1
    assert first.point == pytest.approx(estimate(NAME, panel).diagnostics["abnormal_returns"][0])


def test_rank_counts_runs_of_as_many_days():
    residuals = np.array([1.0, -1.0, 2.0, 2.0, -3.0])
    assert placebo_day_p_value(3.0, residuals, 1) == 2 / 6
    assert placebo_day_p_value(3.5, residuals, 2) == 2 / 5


def test_what_is_not_a_market_model_is_refused():
    with pytest.raises(DesignError, match="0 covariates"):
        estimate(NAME, panel_of(covariates=[]))
    with pytest.raises(DesignError, match="event days"):
        estimate(NAME, panel_of(), event_days=2)
    short = panel_of()
    times = short.times
    with pytest.raises(DesignError, match="too few"):
        estimate(NAME, short.with_windows(Windows(times[100], times[119], times[-1], times[-1])))
