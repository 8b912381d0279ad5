"""The decision: where an interval lies, what either choice risks, and what other defensible estimates would answer."""

import numpy as np
import pytest

from analysis.core.seeds import generator_for
from analysis.report.deciding import action, expected_losses, overall

HIGHER = {"better": "higher", "keep": -0.05, "reverse": -0.20}
LOWER = {"better": "lower", "keep": 0.05, "reverse": 0.20}


@pytest.mark.parametrize(
    ("lower", "upper", "answer"),
    [
        (-0.05, 0.10, "keep"),
        (-0.0501, 0.10, "open"),
        (-0.15, -0.06, "extend"),
        (-0.30, -0.20, "reverse"),
        (-0.30, -0.199, "open"),
        (-0.30, 0.10, "open"),
    ],
)
def test_action_by_where_the_whole_interval_lies(lower, upper, answer):
    assert action(lower, upper, HIGHER) == answer
    assert action(-upper, -lower, LOWER) == answer


def test_one_call_to_go_back_decides_and_an_open_question_keeps_the_rest_open():
    assert overall(["keep", "open", "reverse"]) == "reverse"
    assert overall(["keep", "extend", "open"]) == "open"
    assert overall(["keep", "extend"]) == "extend"
    assert overall(["keep", "keep"]) == "keep"


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
