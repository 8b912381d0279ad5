import numpy as np
import pytest
from check_worlds import context_of, frame_of
from scipy.stats import norm

from analysis.checks import minimum_detectable_effect
from analysis.report.grading import detectable


def test_a_precise_design_passes_and_longer_averages_see_more():
    context = context_of(frame_of(effect=-3), "difference_in_differences")
    result = minimum_detectable_effect.run(context)
    assert result.status == "PASS"
    assert list(result.table["periods"]) == [4, 13, 16]
    assert result.table["detectable"].iloc[-1] == pytest.approx(2.8015852 * context.effect.standard_error)
    assert result.table["detectable"].iloc[0] > result.table["detectable"].iloc[-1]


def test_a_vague_design_is_reviewed():
    frame = frame_of()
    frame["brand"] += 40 * np.sin(np.arange(len(frame)) / 9.0)
    result = minimum_detectable_effect.run(context_of(frame, "structural_time_series"))
    assert result.status == "REVIEW"
    assert result.statistic > 0.2
    assert "no effect" in result.recommendation


def test_a_rank_interval_is_raised_to_be_found_four_times_in_five():
    context = context_of(frame_of())
    smallest, share, basis = minimum_detectable_effect.detectable(context.effect)
    interval = context.effect.interval
    assert basis == "placebo quantile"
    assert smallest == pytest.approx((interval.upper - interval.lower) / 2 * 2.8015852 / norm.ppf(0.975))
    assert share == pytest.approx(smallest / context.effect.diagnostics["expected_mean"])


def test_without_an_interval_it_says_so():
    result = minimum_detectable_effect.run(context_of(frame_of(donors=1), "difference_in_differences"))
    assert result.status == "REVIEW"
    assert "no interval" in result.sentence


def test_the_report_gives_the_same_figure():
    context = context_of(frame_of(effect=-3), "difference_in_differences")
    effect, checked = context.effect, minimum_detectable_effect.run(context).statistic
    written = {
        "interval": {"lower": effect.interval.lower, "upper": effect.interval.upper, "level": effect.interval.level},
        "standard_error": effect.standard_error,
        "scale": effect.scale,
        "expected_mean": effect.diagnostics["expected_mean"],
    }
    assert detectable(written, relative=True) == pytest.approx(checked)


def test_periods_are_those_that_count():
    frame = frame_of()
    times = frame.index
    context = context_of(frame[["brand"]], "structural_time_series", exclude=[(times[-4], times[-1])])
    result = minimum_detectable_effect.run(context)
    assert context.panel.n_post == 16
    assert result.table["periods"].iloc[-1] == 12
    assert "Averaged over 12 periods" in result.sentence
