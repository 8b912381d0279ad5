"""Planted small groups go into "other", what points at persons is refused, binned or cut short."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.generalising import Generalised, binned, cut_short, identifying, merged


def levels(**counts: int) -> pd.Series:
    return pd.Series([name for name, count in counts.items() for _ in range(count)], dtype="str")


def counts_of(values: pd.Series) -> dict[str, int]:
    return values.value_counts().to_dict()


def test_levels_of_fewer_cases_than_the_smallest_cell_become_other() -> None:
    made, became = merged(levels(north=40, south=30, east=7, west=6), 10)
    assert counts_of(made) == {"north": 40, "south": 30, "other": 13}
    assert became == Generalised(read=4, kept=3, merged=2, smallest=13)


def test_other_that_would_be_too_small_itself_takes_the_next_smallest_level() -> None:
    made, became = merged(levels(north=40, south=30, east=7, west=2), 10)
    assert counts_of(made) == {"north": 40, "other": 39}
    assert became == Generalised(read=4, kept=2, merged=3, smallest=39)


def test_of_equally_small_levels_the_first_by_name_joins_whatever_the_order_of_rows() -> None:
    values = levels(west=20, south=20, east=20, north=3)
    for seed in range(5):
        shuffled = values.sample(frac=1, random_state=seed)
        assert counts_of(merged(shuffled, 10)[0]) == {"west": 20, "south": 20, "other": 23}


def test_a_level_called_other_takes_the_merged_in() -> None:
    made, became = merged(levels(north=40, other=25, south=20, east=3), 10)
    assert counts_of(made) == {"north": 40, "other": 28, "south": 20}
    assert became.merged == 1


def test_large_levels_and_empty_cells_stay_as_they_are() -> None:
    values = pd.Series([*["north"] * 12, *["south"] * 10, "", None], dtype="str")
    made, became = merged(values, 10)
    pd.testing.assert_series_equal(made, values)
    assert became == Generalised(read=2, kept=2, merged=0, smallest=10)


def test_all_cases_together_too_few_leave_nothing() -> None:
    made, became = merged(levels(north=5, south=4), 10)
    assert set(made) == {""}
    assert became == Generalised(read=2, kept=0, merged=2, smallest=0)


@pytest.mark.parametrize("seed", range(20))
def test_no_level_is_ever_smaller_than_the_cell(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = pd.Series(generator.choice(list("abcdefgh"), size=80, p=generator.dirichlet(np.full(8, 0.4))), dtype="str")
    made, became = merged(values, 10)
    assert min(counts_of(made).values()) >= 10
    assert became.smallest == min(counts_of(made).values())


@pytest.mark.parametrize(
    ("cells", "looks"),
    [
        (["1980-05-17", "1971-01-02"], "dates"),
        (["17/05/1980", "2.1.71"], "dates"),
        (["a@example.org", "b@example.org"], "e-mail addresses"),
        (["SW1A 1AA", "M1 1AE"], "postcodes"),
        ([f"{number:05d}" for number in range(20100, 20140)], "numbers"),
        ([f"customer {number}" for number in range(40)], "values of nearly every case's own"),
        (["18", "19", "20"] * 10, None),
        (["under 1,000", "10,000 or more", "1,000 to 9,999"] * 10, None),
        (["", ""], None),
    ],
)
def test_what_points_at_persons_is_known_by_its_looks(cells: list[str], looks: str | None) -> None:
    assert identifying(pd.Series(cells, dtype="str")) == looks


def test_numbers_go_into_the_bins_declared() -> None:
    values = pd.Series(["17", "18", "29.5", "30", "64", "65", "", None], dtype="str")
    made = binned(values, (18, 30, 65))
    assert made.tolist()[:7] == ["<18", "≥18 <30", "≥18 <30", "≥30 <65", "≥30 <65", "≥65", ""]
    assert made.isna().tolist() == [False] * 7 + [True]
    with pytest.raises(ValueError, match="2 cells are no numbers") as told:
        binned(pd.Series(["12", "Rossi", "Bianchi"]), (18,))
    assert "Rossi" not in str(told.value)


def test_codes_are_cut_to_their_first_characters() -> None:
    values = pd.Series(["20121", "20", "", None], dtype="str")
    assert cut_short(values, 2).tolist()[:3] == ["20*", "20", ""]
    assert cut_short(values, 2).isna().tolist() == [False, False, False, True]
