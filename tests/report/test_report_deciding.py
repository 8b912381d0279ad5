"""The decision: where an interval lies, what either choice risks, and what other defensible estimates would answer."""

import numpy as np
import pytest

from analysis.core.seeds import generator_for
from analysis.report.deciding import _next_look, action, expected_losses, overall

HIGHER = {"better": "higher", "keep": -0.05, "reverse": -0.20}
LOWER = {"better": "lower", "keep": 0.05, "reverse": 0.20}


@pytest.mark.parametrize(
    ("lower", "upper", "answer"),
    [
        (-0.05, 0.10, "keep"),
        (-0.0501, 0.10, "no_return"),
        (-0.15, 0.10, "no_return"),
        (-0.15, -0.06, "extend"),
        (-0.30, -0.20, "reverse"),
        (-0.30, -0.199, "no_keep"),
        (-0.30, 0.10, "open"),
    ],
)
def test_action_by_where_the_whole_interval_lies(lower, upper, answer):
    assert action(lower, upper, HIGHER) == answer
    assert action(-upper, -lower, LOWER) == answer


@pytest.mark.parametrize(
    ("actions", "answer"),
    [
        (["keep", "open", "reverse"], "reverse"),
        (["keep", "keep"], "keep"),
        (["keep", "no_return"], "no_return"),
        (["keep", "extend"], "extend"),
        (["no_return", "extend"], "extend"),
        (["keep", "open"], "open"),
        (["no_return", "open"], "open"),
        (["extend", "open"], "no_keep"),
        (["keep", "no_keep"], "no_keep"),
    ],
)
def test_going_back_asks_for_one_outcome_and_staying_out_for_all(actions, answer):
    assert overall(actions) == overall(actions[::-1]) == answer


def test_expected_losses_are_averages_over_the_plausible_effects():
    draws = generator_for("expected loss").normal(-0.10, 0.08, size=400_000)
    reach = 1.959964 * 0.08
    found = expected_losses(-0.10, -0.10 - reach, -0.10 + reach, 0.95, HIGHER)
    assert found["stay"] == pytest.approx(np.maximum(-0.20 - draws, 0).mean(), rel=0.02)
    assert found["return"] == pytest.approx(np.maximum(draws + 0.20, 0).mean(), rel=0.02)
    mirrored = expected_losses(0.10, 0.10 - reach, 0.10 + reach, 0.95, LOWER)
    assert mirrored == pytest.approx(found)


def test_a_certain_effect_has_the_plain_difference_as_its_loss():
    assert expected_losses(-0.3, -0.3, -0.3, 0.95, HIGHER) == pytest.approx({"stay": 0.1, "return": 0.0})
    assert expected_losses(0.1, 0.1, 0.1, 0.95, HIGHER) == pytest.approx({"stay": 0.0, "return": 0.3})


def test_an_interval_with_a_longer_side_is_read_with_it():
    draw = generator_for("expected loss of two sides")
    below, above = 0.10, 0.04  # standard errors on either side of a fall of 10 %
    left = draw.random(400_000) < below / (below + above)
    draws = -0.10 + np.where(left, -below, above) * np.abs(draw.normal(size=400_000))
    for reverse in (-0.20, -0.06):
        threshold = {"better": "higher", "keep": -0.05, "reverse": reverse}
        found = expected_losses(-0.10, -0.10 - 1.959964 * below, -0.10 + 1.959964 * above, 0.95, threshold)
        assert found["stay"] == pytest.approx(np.maximum(reverse - draws, 0).mean(), rel=0.02)
        assert found["return"] == pytest.approx(np.maximum(draws - reverse, 0).mean(), rel=0.02)


@pytest.mark.parametrize(
    ("returned", "expected"), [(None, "2020-04-13"), ("2020-03-16", None), ("2020-06-01", "2020-04-13")]
)
def test_no_look_is_declared_for_after_the_brand_went_back(returned, expected):
    stages = [{"kind": "returned", "date": returned, "channels": ["facebook"]}] if returned else []
    case = {"windows": {"event": "2019-04-15", "last": "2020-03-15"}, "stages": stages}
    found = _next_look(case, [4, 13, 26, 52])
    assert found["decision.next_look"] == expected
    assert found.get("decision.returned") == returned
