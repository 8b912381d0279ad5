"""Thresholds of a case: in order, of outcomes that are there, once each."""

import pytest
from pydantic import ValidationError

from analysis.core.case_plan import Plan, Threshold


def test_reverse_lies_on_the_bad_side_of_keep():
    Threshold(outcome="a", better="higher", keep=-0.05, reverse=-0.2)
    Threshold(outcome="a", better="lower", keep=0.05, reverse=0.2)
    with pytest.raises(ValidationError, match="must be below keep"):
        Threshold(outcome="a", better="higher", keep=-0.2, reverse=-0.05)
    with pytest.raises(ValidationError, match="must be above keep"):
        Threshold(outcome="a", better="lower", keep=0.2, reverse=0.2)


def test_a_plan_has_thresholds_and_looks():
    with pytest.raises(ValidationError):
        Plan(thresholds=())
    with pytest.raises(ValidationError):
        Plan(thresholds=(Threshold(outcome="a", keep=0.0, reverse=-0.1),), horizons_weeks=())
