"""Numbers in text: one reading or a named question, never a guess."""

import numpy as np
import pytest

from analysis.core.errors import SourceError
from analysis.sources._numbers import numbers


def read(*cells: str, decimal: str | None = None, whole: bool = False) -> list[float]:
    return list(numbers(cells, range(2, 2 + len(cells)), "export.csv", "Sessions", decimal=decimal, whole=whole))


def test_a_point_before_exactly_three_digits_everywhere_is_asked_about() -> None:
    with pytest.raises(SourceError) as caught:
        read("6.707", "512", "12.001", "")
    assert '"6.707" is 6707 if "." parts thousands and 6.707 if it begins the decimals' in str(caught.value)
    assert 'export.csv, rows 2, 4, column "Sessions"' in str(caught.value)
    assert 'decimal: "."' in caught.value.cure


def test_a_declared_mark_settles_it() -> None:
    assert read("6.707", "512", decimal=".") == [6.707, 512.0]


@pytest.mark.parametrize("mark", [".", ","])
def test_a_declared_mark_does_not_make_fractions_of_what_is_whole(mark: str) -> None:
    cells = [cell.replace(".", mark) for cell in ("6.707", "512", "12.001", "")]
    with pytest.raises(SourceError) as caught:
        read(*cells, decimal=mark, whole=True)
    assert f'"6{mark}707" would be 6.707, but the column counts whole things' in str(caught.value)
    assert 'export.csv, rows 2, 4, column "Sessions"' in str(caught.value)
    assert "without separators" in caught.value.cure


@pytest.mark.parametrize("proof", ["0.5", "6.7", "1234.567", "0.125"])
def test_counts_that_can_only_be_fractions_are_read(proof: str) -> None:
    assert read("6.707", proof, decimal=".", whole=True)[0] == 6.707


@pytest.mark.parametrize("proof", ["0.5", "6.7", "1234.567", "0.125", "12.0001"])
def test_one_cell_with_one_reading_settles_its_column(proof: str) -> None:
    assert read("6.707", proof)[0] == 6.707


def test_whole_numbers_and_absences_raise_no_question() -> None:
    found = read("6707", "-", "", "12")
    assert found[0] == 6707
    assert np.isnan(found[1:3]).all()


def test_a_number_that_floats_cannot_count_to_is_refused_with_its_row() -> None:
    assert numbers(["9007199254740992"], [2], "a.csv", "views").tolist() == [2.0**53]
    for cell in ("9007199254740994", "9" * 400):
        with pytest.raises(SourceError, match=r'(?s)larger than anything counted here.*a\.csv, row 7, column "views"'):
            numbers([cell], [7], "a.csv", "views")
