"""Numbers in text: one reading or a named question, never a guess."""

import numpy as np
import pytest

from analysis.core.errors import SourceError
from analysis.sources._numbers import numbers


def read(*cells: str, decimal: str | None = None) -> list[float]:
    return list(numbers(cells, range(2, 2 + len(cells)), "export.csv", "Sessions", decimal=decimal))


def test_a_point_before_exactly_three_digits_everywhere_is_asked_about() -> None:
    with pytest.raises(SourceError) as caught:
        read("6.707", "512", "12.001", "")
    assert '"6.707" is 6707 if "." parts thousands and 6.707 if it begins the decimals' in str(caught.value)
    assert 'export.csv, rows 2, 4, column "Sessions"' in str(caught.value)
    assert 'decimal: "."' in caught.value.cure


def test_a_declared_mark_settles_it() -> None:
    assert read("6.707", "512", decimal=".") == [6.707, 512.0]


@pytest.mark.parametrize("proof", ["0.5", "6.7", "1234.567", "0.125", "12.0001"])
def test_one_cell_with_one_reading_settles_its_column(proof: str) -> None:
    assert read("6.707", proof)[0] == 6.707


def test_whole_numbers_and_absences_raise_no_question() -> None:
    found = read("6707", "-", "", "12")
    assert found[0] == 6707
    assert np.isnan(found[1:3]).all()
