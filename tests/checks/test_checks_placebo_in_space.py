from dataclasses import replace

import pytest
from check_worlds import context_of, frame_of

from analysis.checks import placebo_in_space
from analysis.inference.placebo import rank_p_value


def test_a_large_effect_ranks_first():
    result = placebo_in_space.run(context_of(frame_of(effect=-40)))
    assert (result.status, result.statistic) == ("PASS", 1 / 23)
    assert result.sentence.startswith("None of 22 donors")
    assert result.table["role"].tolist() == ["treated"] + ["donor"] * 22


def test_table_agrees_with_the_estimate():
    context = context_of(frame_of())
    table = placebo_in_space.run(context).table
    donors = table[table["role"] == "donor"]
    assert rank_p_value(table["statistic"].iloc[0], donors["statistic"]) == context.effect.p_value
    assert table["effect"].iloc[0] == context.effect.point


def test_placebos_are_estimated_where_the_estimator_does_not_state_them():
    context = context_of(frame_of(donors=6), "difference_in_differences")
    stated = placebo_in_space.placebo_table(context)
    diagnostics = {key: value for key, value in context.effect.diagnostics.items() if "placebo" not in key}
    silent = replace(context, effect=replace(context.effect, diagnostics=diagnostics))
    estimated = placebo_in_space.placebo_table(silent)
    assert estimated["effect"].to_numpy() == pytest.approx(stated["effect"].to_numpy())
    assert estimated["statistic"].to_numpy() == pytest.approx(stated["statistic"].to_numpy())


@pytest.mark.parametrize(
    ("rank_p", "smallest_p", "claimed", "status"),
    [
        (0.04, 0.04, True, "PASS"),
        (0.5, 0.04, False, "PASS"),
        (0.2, 0.04, True, "REVIEW"),
        (0.3, 0.04, True, "FAIL"),
        (0.1, 0.1, False, "REVIEW"),
    ],
)
def test_verdict(rank_p, smallest_p, claimed, status):
    assert placebo_in_space.verdict(rank_p, smallest_p, claimed) == status


def test_few_donors_are_told_what_they_cannot_show():
    result = placebo_in_space.run(context_of(frame_of(donors=6)))
    assert result.status == "REVIEW"
    assert "0.14" in result.sentence
    assert "19" in result.recommendation
    context = context_of(frame_of(donors=3))
    assert "3 donors" in placebo_in_space.applies(context.panel, context.module)
