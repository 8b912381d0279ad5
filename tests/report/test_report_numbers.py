"""How numbers are written for a reader."""

import pytest

from analysis.core.errors import StudyError
from analysis.report.numbers import Numbers

NUMBERS = Numbers(
    {"a": -0.6123, "b": 12345.6, "c": 0.0, "d": None, "e": "2019-06-03", "f": 0.9999, "g": 1.006, "h": "x<y"}
    | {"i": 0.0046, "j": 0.0004}
)


@pytest.mark.parametrize(
    ("key", "style", "text"),
    [
        ("a", "percent", "−61.2 %"),
        ("a", "size_percent", "61.2 %"),
        ("a", "return", "−61.23 %"),
        ("b", "count", "12,346"),
        ("b", "signed_count", "+12,346"),
        ("c", "signed_percent", "0.0 %"),
        ("d", "percent", "–"),
        ("e", "date", "3 June 2019"),
        ("f", "probability", "> 99 %"),
        ("i", "probability", "< 1 %"),
        ("c", "probability", "< 1 %"),
        ("i", "p", "0.005"),
        ("j", "p", "< 0.001"),
        ("c", "p", "< 0.001"),
        ("f", "p", "1.000"),
        ("a", "fixed3", "−0.612"),
        ("g", "number", "1.01"),
    ],
)
def test_formats(key, style, text):
    assert str(NUMBERS(key, style)).replace("\u00a0", " ") == text


def test_a_value_is_marked_in_html_and_bare_in_text():
    assert NUMBERS("a", "percent").__html__() == '<span class="n" data-key="a">−61.2\u00a0%</span>'
    assert NUMBERS.text("h").__html__() == '<span class="t" dir="auto" data-key="h">x&lt;y</span>'
    assert f"{NUMBERS.text('h')}" == "x<y"


def test_a_number_nobody_wrote_is_an_error_that_names_the_nearest():
    with pytest.raises(StudyError, match="no result is called"):
        NUMBERS("aa")


def test_other_languages_write_numbers_their_way():
    italian = Numbers({"a": -0.6123, "e": "2019-06-03"}, "it")
    assert str(italian("a", "percent")) == "−61,2\u00a0%"
    assert str(italian("e", "date")) == "3\u00a0giugno\u00a02019"
