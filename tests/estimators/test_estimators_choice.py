import numpy as np
import pandas as pd
import pytest
from estimator_worlds import panel_of, weekly_frame

from analysis import Panel, Windows, estimate
from analysis.core.errors import CaseError, DesignError, StructurallyAbsentOutcome
from analysis.core.panel import AbsentOutcome
from analysis.core.seeds import generator_for
from analysis.estimators import available, choose


def panel(*, donors=0, before=60, values=None):
    frame = weekly_frame(donors=max(donors, 1), before=before + 4, after=12)
    if values is not None:
        frame["brand"] = values(len(frame))
    return panel_of(frame, before=before + 4, donors=[f"peer {k:02d}" for k in range(1, donors + 1)])


def counts(mean):
    return lambda length: generator_for("choice counts", mean).poisson(mean, size=length).astype(float)


@pytest.mark.parametrize(
    ("donors", "before", "chosen", "warned"),
    [
        (24, 60, "synthetic_difference_in_differences", 0),
        (19, 60, "synthetic_difference_in_differences", 0),
        (18, 60, "synthetic_difference_in_differences", 1),
        (5, 60, "synthetic_difference_in_differences", 1),
        (4, 60, "difference_in_differences", 1),
        (1, 60, "difference_in_differences", 1),
        (0, 60, "structural_time_series", 1),
        (0, 24, "structural_time_series", 1),
        (0, 23, "structural_time_series", 2),
        (0, 12, "structural_time_series", 2),
        (24, 23, "synthetic_difference_in_differences", 1),
    ],
)
def test_the_rule_at_each_of_its_borders(donors, before, chosen, warned):
    choice = choose(panel(donors=donors, before=before))
    assert choice.estimator == chosen
    assert len(choice.warnings) == warned
    assert choice.reasons
    for sentence in (*choice.reasons, *choice.warnings):
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert sentence.endswith(".")
        assert ". " not in sentence


def test_small_whole_numbers_are_counts_and_large_ones_are_not():
    assert choose(panel(values=counts(6))).estimator == "count_time_series"
    assert choose(panel(values=counts(60))).estimator == "structural_time_series"
    assert choose(panel(values=lambda length: counts(6)(length) + 0.5)).estimator == "structural_time_series"


def test_small_counts_on_the_log_scale_or_with_donors_are_warned_of():
    shown = panel(values=lambda length: counts(6)(length) + 1)
    logged = Panel.from_wide(shown.frame, treated="brand", windows=shown.windows, scale="log")
    assert choose(logged).estimator == "structural_time_series"
    assert any("scale level" in warning for warning in choose(logged).warnings)
    assert any("counts" in warning for warning in choose(panel(donors=20, values=counts(6))).warnings)


def returns(scale):
    times = pd.date_range("2019-01-01", periods=80, freq="B")
    drawn = generator_for("choice returns").normal(0, 0.01, size=(80, 2)) * scale
    frame = pd.DataFrame(drawn, index=times, columns=["share", "market"])
    windows = Windows(times[0], times[69], times[75], times[79])
    return Panel.from_wide(frame, treated="share", covariates=["market"], windows=windows)


def test_returns_with_a_market_are_an_event_study():
    assert choose(returns(1)).estimator == "market_event_study"
    assert choose(returns(1000)).estimator == "structural_time_series"


@pytest.mark.parametrize("donors", [24, 3, 0])
def test_ten_weeks_are_described_only(donors):
    with pytest.raises(DesignError, match="10 weeks before the event: too few") as caught:
        choose(panel(donors=donors, before=10))
    shown = panel(donors=donors, before=10)
    first = shown.times[shown.pre][-1] - pd.Timedelta(weeks=11)
    assert caught.value.cure == f"describe only, or add weeks back to {first:%Y-%m-%d}"
    assert choose(panel(donors=donors, before=12)).estimator


def test_an_absent_series_is_refused():
    with pytest.raises(StructurallyAbsentOutcome):
        choose(AbsentOutcome("page", 3, 10.0))
    with pytest.raises(StructurallyAbsentOutcome):
        estimate("default", AbsentOutcome("page", 3, 10.0))


@pytest.mark.parametrize("donors", [24, 3, 0])
def test_nothing_after_the_event_is_looked_at(donors):
    shown = panel(donors=donors)
    frame = shown.frame.copy()
    frame.loc[shown.post] = np.arange(1, 1 + frame.loc[shown.post].size).reshape(frame.loc[shown.post].shape)
    other = Panel.from_wide(frame, treated="brand", donors=shown.donors, windows=shown.windows)
    assert choose(other) == choose(shown)


@pytest.mark.parametrize(
    "case", [panel(donors=24), panel(donors=3), panel(before=12), panel(values=counts(6)), returns(1)]
)
def test_default_is_the_chosen_estimator_and_says_why(case):
    choice = choose(case)
    assert choice.estimator in available()
    effect, named = estimate("default", case, level=0.9), estimate(choice.estimator, case, level=0.9)
    assert (effect.estimator, effect.point, effect.interval) == (choice.estimator, named.point, named.interval)
    assert effect.diagnostics["chosen_because"] == " ".join(choice.reasons)
    assert effect.diagnostics.get("chosen_with_warnings", "") == " ".join(choice.warnings)
    assert "chosen_because" not in named.diagnostics


def test_options_are_those_of_the_chosen_estimator():
    with pytest.raises(CaseError, match="no option"):
        estimate("default", panel(donors=24), harmonics=2)
    assert estimate("default", panel(), harmonics=1).estimator == "structural_time_series"
