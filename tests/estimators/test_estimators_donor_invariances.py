"""What must not matter to a comparison with donors: a common calendar, the units' own levels, the unit of counting.

Every estimator that needs donors is held to it, also one that is added tomorrow.
"""

import numpy as np
import pytest
from estimator_worlds import panel_of, weekly_frame

from analysis import estimate
from analysis.estimators import available

DONOR_METHODS = [name for name, module in available().items() if getattr(module, "NEEDS_DONORS", 0)]
WITHOUT_CONSTANT = {"synthetic_control", "augmented_synthetic_control"}  # a level of one's own is a misfit to these
# Its penalty grows with the donors' unrest, which common moves raise: before the event they must be a straight line.
PENALTY_FROM_MOVES = {"synthetic_difference_in_differences"}
SAME = {"rel": 1e-6, "abs": 1e-8}
LENGTH, EVENT = 91, 70


def found(name, frame):
    effect = estimate(name, panel_of(frame))
    return effect.point, effect.p_value


def frame():
    return weekly_frame("invariances", effect=-5)


def time_effects(name):
    at = np.arange(LENGTH)
    wild = 10 * np.sin(at) + 0.02 * at**1.5
    return np.where(at < EVENT, 0.3 * at, wild) if name in PENALTY_FROM_MOVES else wild


@pytest.mark.parametrize("name", DONOR_METHODS)
def test_what_happens_to_every_unit_alike_changes_nothing(name):
    data = frame()
    moved = data.add(time_effects(name), axis=0)
    assert found(name, moved) == pytest.approx(found(name, data), **SAME)


@pytest.mark.parametrize("name", DONOR_METHODS)
def test_the_units_own_levels_change_nothing_where_a_constant_is_allowed(name):
    data = frame()
    levels = 40 * np.cos(np.arange(data.shape[1]))
    moved = found(name, data + levels)
    if name in WITHOUT_CONSTANT:
        assert moved[0] != pytest.approx(found(name, data)[0], abs=0.1)
    else:
        assert moved == pytest.approx(found(name, data), **SAME)


@pytest.mark.parametrize("factor", [1e-3, 250.0])
@pytest.mark.parametrize("name", DONOR_METHODS)
def test_counting_in_another_unit_scales_the_effect_and_leaves_the_p_value(name, factor):
    plain, scaled = (found(name, data) for data in (frame(), frame() * factor))
    assert scaled[0] == pytest.approx(factor * plain[0], rel=1e-6)
    assert scaled[1] == pytest.approx(plain[1], rel=1e-6)


def test_the_methods_are_found():
    assert {*WITHOUT_CONSTANT, *PENALTY_FROM_MOVES, "difference_in_differences"} <= set(DONOR_METHODS)
