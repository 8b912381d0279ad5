from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from check_worlds import context_of, frame_of

from analysis.checks import specification_curve
from analysis.checks._gaps import agreement, agrees_with
from analysis.core.effect import Interval


def test_a_clear_step_has_the_same_sign_whatever_the_choice():
    result = specification_curve.run(context_of(frame_of(effect=-12), "difference_in_differences"))
    assert result.status == "PASS"
    assert result.statistic == 1
    assert result.table["declared"].sum() == 1
    assert result.table["effect"].is_monotonic_increasing
    assert (result.table["effect"] < 0).all()


def test_options_are_changed_one_at_a_time():
    context = context_of(frame_of(), "interrupted_time_series", harmonics=1, season_length=13.0)
    named = {what: dict(options) for what, _, _, options in specification_curve.alternatives(context)}
    assert named["without trend"] == {"harmonics": 1, "season_length": 13.0, "trend": False}
    assert named["harmonics 0"]["harmonics"] == 0
    assert named["harmonics 2"]["harmonics"] == 2
    assert "without slope" in named
    assert named["Structural time series"] == {"harmonics": 1, "season_length": 13.0}


def test_disagreement_fails():
    frame = frame_of()
    line = np.arange(len(frame)) - len(frame) / 2
    frame["brand"] = 100 - 0.5 * line + np.sin(line)  # falls throughout; without a trend the rise after looks a fall
    frame.iloc[-16:, 0] += 8
    result = specification_curve.run(context_of(frame[["brand"]], "interrupted_time_series", trend=False, slope=False))
    assert result.status != "PASS"
    assert "range" in result.recommendation


def test_a_choice_that_never_followed_the_series_is_not_in_the_curve():
    frame = frame_of(effect=-12)
    frame["brand"] += 80  # outside the donors: no mixture of their levels reaches it
    table = specification_curve.specification_table(context_of(frame, "difference_in_differences"))
    assert "synthetic_control" not in set(table["estimator"])
    assert "synthetic_difference_in_differences" in set(table["estimator"])


@pytest.mark.parametrize("effect", [0.0, -12.0])
def test_agreement_is_side_of_zero_for_a_finding_and_interval_for_none(effect):
    context = context_of(frame_of(effect=effect), "difference_in_differences")
    table = specification_curve.specification_table(context)
    for row in table.itertuples():
        inside, same = row.effect in context.effect.interval, row.effect * context.effect.point > 0
        same_side = same and not row.lower <= 0 <= row.upper
        assert row.agrees == (inside if 0.0 in context.effect.interval else same_side)


def of(point, *ends):
    return SimpleNamespace(point=point, interval=Interval(*ends, 0.95) if ends else None)


@pytest.mark.parametrize(
    ("declared", "kind", "other", "agrees"),
    [
        (of(-7, -12, -1), "same_side", of(-7.5, -12, -2), True),
        (of(-7, -12, -1), "same_side", of(-4, -11, 2), False),  # holds zero: it would decide otherwise
        (of(-7, -12, -1), "same_side", of(3.2, 1, 6), False),
        (of(-7, -12, -1), "same_side", of(-30, -40, -20), True),
        (of(-7, -12, -1), "same_side", of(-5), True),
        (of(2, -5, 10), "inside", of(-3, -4, -2), True),
        (of(2, -5, 10), "inside", of(11, -1, 20), False),
        (of(2), "same_sign", of(5, -1, 11), True),
        (of(2), "same_sign", of(-5, -11, 1), False),
    ],
)
def test_agreeing_is_the_same_answer_for_whoever_decides(declared, kind, other, agrees):
    assert agreement(declared) == kind
    assert agrees_with(other, declared) is agrees


@pytest.mark.parametrize(
    ("effect", "said"),
    [(-12.0, "agree (the same sign, and zero outside their interval)"), (0.0, "inside the interval of the declared")],
)
def test_the_sentence_says_what_agreeing_means(effect, said):
    assert said in specification_curve.run(context_of(frame_of(effect=effect), "difference_in_differences")).sentence


def test_one_donor_carries_no_curve():
    result = specification_curve.run(context_of(frame_of(donors=1), "difference_in_differences"))
    assert result.status == "REVIEW"
    assert "0 other specifications" in result.sentence


def test_one_choice_outside_the_interval_is_named_however_many_agree(monkeypatch):
    context = context_of(frame_of(effect=-12), "difference_in_differences")
    table = specification_curve.specification_table(context)
    odd = table[~table["declared"]].iloc[[0]].assign(specification="the odd one", effect=3.0, agrees=False)
    agreeing = pd.concat([table[~table["declared"]]] * 3)
    everything = pd.concat([table[table["declared"]], agreeing, odd], ignore_index=True)
    monkeypatch.setattr(specification_curve, "specification_table", lambda _: everything)
    result = specification_curve.run(context)
    assert result.statistic >= specification_curve.PASS_FROM
    assert result.status == "REVIEW"
    assert "Outside its interval: the odd one (3 posts)" in result.sentence
