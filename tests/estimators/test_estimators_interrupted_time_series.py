import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from analysis import Panel, Windows, estimate
from analysis.core.effect import PATH_COLUMNS
from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for

NAME = "interrupted_time_series"
BEFORE, DONUT, AFTER = 110, 4, 26


def series(step=0.0, stage=0.0, season=0.0, noise=1.0, demand=0.0):
    """Weekly series: trend, noise, a step at the event, a stage in week 70, a yearly season, a demand covariate."""
    length = BEFORE + DONUT + AFTER
    generator = generator_for("interrupted series")
    at = np.arange(length)
    driver = generator.normal(size=length)
    y = 200 + 0.05 * at + noise * generator.normal(size=length) + season * np.sin(2 * np.pi * at / 52.18)
    y += step * (at >= BEFORE + DONUT) + stage * (at >= 70) + demand * driver
    index = pd.date_range("2017-01-02", periods=length, freq="W-MON")
    return pd.DataFrame({"brand": y, "demand": np.exp(driver)}, index=index)


def panel_of(frame, **options):
    times = frame.index
    windows = Windows(times[0], times[BEFORE - 1], times[BEFORE + DONUT], times[-1])
    return Panel.from_wide(frame, treated="brand", windows=windows, **options)


def test_a_step_is_found_and_an_absent_one_is_not():
    assert estimate(NAME, panel_of(series(step=-10)), slope=False).point == pytest.approx(-10, abs=1)
    assert 0 in estimate(NAME, panel_of(series()), slope=False).interval


def test_path_mean_gap_is_the_point_and_the_band_holds_one_period():
    panel = panel_of(series(step=-10))
    effect = estimate(NAME, panel, slope=False)
    after = effect.path[panel.post]
    assert (after["observed"] - after["expected"]).mean() == pytest.approx(effect.point)
    noise = effect.diagnostics["innovation_sd"] ** 2 / (1 - effect.diagnostics["rho"] ** 2)
    quantile = student.ppf(0.975, effect.diagnostics["degrees_of_freedom"])
    half = quantile * np.sqrt(effect.standard_error**2 + noise)
    np.testing.assert_allclose(after["upper"] - after["expected"], half)  # one step: every period errs alike
    assert np.isfinite(effect.path[list(PATH_COLUMNS)]).all().all()


def test_season_of_weekly_dates_is_a_year():
    effect = estimate(NAME, panel_of(series(step=-10, season=15)), slope=False, harmonics=1)
    assert effect.point == pytest.approx(-10, abs=1.5)
    assert effect.diagnostics["coefficients"]["sine 1"] == pytest.approx(15, abs=1)


def test_stages_are_told_apart_from_the_event_and_added_up():
    frame, date = series(step=-10, stage=6), series().index[70]
    effect = estimate(NAME, panel_of(frame), slope=False, stages=[{"date": date.strftime("%Y-%m-%d"), "label": "ads"}])
    (stage,) = effect.diagnostics["stages"]
    assert (stage["label"], stage["date"]) == ("ads", date)
    assert stage["effect"] == pytest.approx(6, abs=1.5)
    assert stage["lower"] < stage["effect"] < stage["upper"]
    assert effect.point == pytest.approx(-10, abs=1.5)
    assert effect.diagnostics["total"]["effect"] == pytest.approx(effect.point + stage["effect"])


def test_excluded_periods_and_the_donut_do_not_touch_the_estimate():
    frame = series(step=-10)
    spoilt = frame.copy()
    first, last = frame.index[40], frame.index[44]
    spoilt.loc[first:last, "brand"] += 300
    spoilt.iloc[BEFORE : BEFORE + DONUT, 0] -= 300
    spans = {"exclude": [[first.strftime("%Y-%m-%d"), last.strftime("%Y-%m-%d")]]}
    one, two = (estimate(NAME, panel_of(data), slope=False, **spans) for data in (frame, spoilt))
    assert two.point == pytest.approx(one.point)
    assert two.diagnostics["periods_excluded"] == 5
    assert estimate(NAME, panel_of(spoilt), slope=False).point != pytest.approx(one.point, abs=0.5)


def test_excluded_post_periods_leave_the_average():
    frame = series(step=-10)
    span = [frame.index[-6].strftime("%Y-%m-%d"), frame.index[-1].strftime("%Y-%m-%d")]
    assert estimate(NAME, panel_of(frame), exclude=[span]).n_post == AFTER - 6


def test_a_covariate_takes_its_share_of_the_noise():
    frame = series(step=-10, demand=8).assign(demand=lambda data: np.log(data["demand"]))
    alone = estimate(NAME, panel_of(frame), slope=False)
    helped = estimate(NAME, panel_of(frame, covariates=["demand"]), slope=False)
    assert helped.standard_error < alone.standard_error / 3


def test_covariates_follow_the_scale():
    frame = series(step=-10, demand=8)
    log = estimate(NAME, panel_of(frame, covariates=["demand"], scale="log"), slope=False)
    assert log.diagnostics["coefficients"]["covariate: demand"] == pytest.approx(0.04, abs=0.01)
    with pytest.raises(DesignError, match="no logarithm"):
        estimate(NAME, panel_of(frame.assign(demand=frame["demand"] - 5), covariates=["demand"], scale="log"))


def test_slope_average_is_step_plus_half_the_slope():
    found = estimate(NAME, panel_of(series(step=-10)))
    terms = found.diagnostics["coefficients"]
    assert found.point == pytest.approx(terms["event"] + terms["event slope"] * (AFTER - 1) / 2)


def test_a_stage_beyond_the_data_is_not_in_the_model():
    effect = estimate(NAME, panel_of(series()), stages=[{"date": "2030-01-01", "label": "later"}])
    assert effect.diagnostics["stages"] == []


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"stages": [{"date": "2019-02-25", "label": "announced"}]}, DesignError, "0 periods of its own"),
        ({"stages": [{"date": "2019-01-28", "slope": True}]}, DesignError, "8 are needed"),
        ({"stages": [{"date": "2016-12-26"}]}, DesignError, "none before it"),
        ({"stages": [{"day": "2018-01-01", "date": "2018-01-01"}]}, CaseError, "no option"),
        ({"stages": [{"label": "ads"}]}, CaseError, "lacks"),
        ({"exclude": [["2018-01-01"]]}, CaseError, "pairs"),
        ({"exclude": [["2018-02-01", "2018-01-01"]]}, CaseError, "before it begins"),
        ({"exclude": [["2017-01-01", "2019-02-01"]]}, DesignError, "excluded ranges leave"),
        ({"harmonics": 1, "season_length": 200}, DesignError, "cannot be estimated"),
    ],
)
def test_what_the_data_cannot_carry_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        estimate(NAME, panel_of(series()), **options)


def test_monthly_series_need_a_season_length():
    frame = series()
    frame.index = pd.date_range("2010-01-01", periods=len(frame), freq="MS")
    with pytest.raises(DesignError, match="length of the season"):
        estimate(NAME, panel_of(frame), harmonics=1)
    assert estimate(NAME, panel_of(frame), harmonics=1, season_length=12).point
