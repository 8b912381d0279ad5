"""Every estimator that is found keeps the contract, and one that is added is found and held to it."""

import sys

import estimator_contract
import pytest

from analysis import estimators
from analysis.core.errors import CaseError, StructurallyAbsentOutcome, StudyError
from analysis.core.panel import AbsentOutcome

NEW_ESTIMATOR = '''
"""The change of the mean, for the test of discovery."""

import numpy as np
from scipy.stats import t as student

from analysis.core.effect import Interval
from analysis.estimators._requirements import require_pre_periods
from analysis.inference.effects import build_effect

NAME = "{name}"
LABEL = "Change of the mean"
REFERENCE = "none"
ASSUMPTIONS = ("Nothing else changed.",)


def estimate(panel, *, seed=0, level=0.95):
    require_pre_periods(panel)
    before, after = panel.y[panel.pre], panel.y[panel.post]
    point = {point}
    spread = before.std(ddof=1) * np.sqrt(1 / len(before) + 1 / len(after))
    half = student.ppf((1 + level) / 2, len(before) - 1) * spread
    return build_effect(
        panel, estimator=NAME, estimand="change", point=point, expected=panel.y - np.where(panel.post, point, 0.0),
        interval=Interval(point - half, point + half, level),
        p_value=float(2 * student.sf(abs(point) / spread, len(before) - 1)), inference="Student's t",
        assumptions=ASSUMPTIONS, diagnostics={{"spread": spread}},
    )
'''
RIGHT, WRONG = "float(after.mean() - before.mean())", "float(before.mean() * 1e-3)"


@pytest.mark.parametrize("requirement", estimator_contract.CONTRACT, ids=lambda item: item.__name__)
@pytest.mark.parametrize("name", estimators.available())
def test_estimator_keeps_the_contract(name, requirement):
    requirement(estimators.available()[name])


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Adds a file to the package's search path and takes it away again."""
    monkeypatch.setattr(estimators, "__path__", [*estimators.__path__, str(tmp_path)])

    def add(name, point=RIGHT):
        (tmp_path / f"{name}.py").write_text(NEW_ESTIMATOR.format(name=name, point=point), "utf-8")
        return name

    yield add
    for file in tmp_path.glob("*.py"):
        sys.modules.pop(f"analysis.estimators.{file.stem}", None)
        if hasattr(estimators, file.stem):
            delattr(estimators, file.stem)


def test_one_new_file_is_found_and_keeps_the_contract(added):
    name = added("change_of_the_mean")
    module = estimators.available()[name]
    for requirement in estimator_contract.CONTRACT:
        requirement(module)
    panel = estimator_contract.panel_for(module)
    assert estimators.estimate(name, panel).estimator == name


def test_an_estimator_that_ignores_the_outcome_breaks_the_contract(added):
    name = added("blind_to_the_outcome", WRONG)
    module = estimators.available()[name]
    with pytest.raises(AssertionError):
        estimator_contract.moves_with_the_effect(module)


def test_unknown_names_and_options_name_the_nearest():
    panel = estimator_contract.panel_for(estimators.available()["synthetic_control"])
    with pytest.raises(StudyError, match="synthetic_control"):
        estimators.estimate("synthetic_controls", panel)
    with pytest.raises(CaseError, match="harmonics"):
        estimators.estimate("interrupted_time_series", panel, harmonic=2)
    with pytest.raises(CaseError, match="level"):
        estimators.estimate("synthetic_control", panel, level=95)


def test_an_absent_outcome_is_refused_by_every_estimator():
    for name in estimators.available():
        with pytest.raises(StructurallyAbsentOutcome):
            estimators.estimate(name, AbsentOutcome("facebook", "2019-05-27", 10.0))
