"""Notebook parameters are strict: a misspelt one never runs with the default in silence."""

import pytest

from analysis.core import paths
from analysis.core.errors import CaseError
from analysis.pipeline.parameters import checked, declared, parse_assignment

BOOKS = {path.stem: path for path in sorted(paths.NOTEBOOKS.glob("*.ipynb"))}


def test_every_notebook_declares_a_case() -> None:
    assert len(BOOKS) >= 8
    for path in BOOKS.values():
        assert declared(path)["cases" if path.stem == "90_compare_cases" else "case"] == ""


def test_right_parameters_pass_unchanged() -> None:
    given = {"03_engagement": {"level": 0.9, "outcomes": ["a"]}, "04_service_volume": {"draws": 100}}
    assert checked(BOOKS, given) == given


@pytest.mark.parametrize(
    ("given", "what", "cure"),
    [
        ({"03_engagement": {"lvel": 0.9}}, 'no parameter "lvel"', 'Did you mean "level"?'),
        ({"03_engagment": {"level": 0.9}}, 'no notebook "03_engagment"', 'Did you mean "03_engagement"?'),
        ({"03_engagement": {"level": "high"}}, "not of the right type", "float"),
        ({"04_service_volume": {"draws": 10.5}}, "not of the right type", "int"),
        ({"03_engagement": {"level": True}}, "not of the right type", "float"),
        ({"03_engagement": {"case": "other"}}, 'no parameter "case"', "level"),
    ],
)
def test_a_wrong_parameter_is_an_error_that_names_the_nearest(given: dict, what: str, cure: str) -> None:
    with pytest.raises(CaseError) as caught:
        checked(BOOKS, given)
    assert what in caught.value.what
    assert cure in caught.value.cure


def test_assignments_are_literals_never_evaluated() -> None:
    assert parse_assignment("03_engagement.level=0.9") == ("03_engagement", "level", 0.9)
    assert parse_assignment("a.b=__import__('os')") == ("a", "b", "__import__('os')")
    for text in ("level=0.9", "03_engagement.level", "=", ""):
        with pytest.raises(CaseError, match=r"NOTEBOOK\.NAME=VALUE"):
            parse_assignment(text)
