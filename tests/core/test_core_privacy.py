"""Small counts do not get out, nor does a sum that would give them back."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.core import paths
from analysis.core.case import Privacy
from analysis.core.case_loading import load_case
from analysis.core.errors import PseudonymKeyError
from analysis.core.hidden_periods import hidden_periods
from analysis.core.privacy import KEY_VARIABLE, key_mark, pseudonyms, suppressed, with_companions
from analysis.pipeline.estimates import hidden_in

KEY = "sixteen letters."
IDS = pd.Series(["K7", "K1", "", "K7", None, "K2"], index=[3, 1, 4, 0, 5, 9], dtype="str")


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def test_counts_under_the_smallest_cell_are_left_empty() -> None:
    values = pd.Series([0.0, 1.0, 9.0, 10.0, 250.0, None])
    kept = suppressed(values, 10)
    assert kept.isna().tolist() == [False, True, True, False, False, True]
    assert kept[0] == 0.0


def test_smaller_groups_are_shown_with_a_recorded_reason_only() -> None:
    assert Privacy().minimum_cell == 10
    assert Privacy(minimum_cell=50).reason is None
    assert Privacy(minimum_cell=5, reason="Agreed with the works council.").minimum_cell == 5
    for given in ({"minimum_cell": 9}, {"minimum_cell": 1, "reason": "x"}, {"minimum_cell": 5, "reason": ""}):
        with pytest.raises(ValidationError):
            Privacy(**given)


def test_a_sum_is_left_empty_where_one_of_its_parts_is() -> None:
    case = load_case(str(paths.RAW / "unicredit"))
    days = pd.date_range(case.windows.first, periods=21)
    counts = {"phone": 40.0, "chat": 30.0, "email": 1.0}
    rows = [
        {"date": day, "unit": case.brand, "channel": channel, "metric": "contacts", "period": "day",
         "value": 2.0 if channel == "email" and day < days[7] else value}
        for day in days for channel, value in counts.items()
    ]  # fmt: skip
    outcome = next(item for item in case.outcomes if item.metric == "contacts").model_copy(
        update={"channels": tuple(counts), "missing": "refuse", "aggregate": "sum", "treated": None, "windows": None}
    )
    study, times = SimpleNamespace(case=case), pd.DatetimeIndex(days[::7])
    assert hidden_in(study, outcome, pd.DataFrame(rows), times) == [False, True, True]
    alone = outcome.model_copy(update={"channels": ("email",)})
    assert hidden_in(study, alone, pd.DataFrame(rows), times) == [False, True, True]
    people = outcome.model_copy(update={"metric": "engagement"})
    assert hidden_in(study, people, pd.DataFrame(rows), times) == []


@pytest.mark.parametrize("week", [0, 30, 131])
def test_a_mean_over_a_window_gives_no_small_week_back(week: int) -> None:
    case = load_case(str(paths.RAW / "lush"))
    windows = case.windows
    days = pd.date_range(windows.first, windows.last)
    counts = pd.Series(40.0, index=days)
    counts.iloc[7 * week : 7 * week + 7] = 1.0
    rows = pd.DataFrame(
        {"date": days, "unit": case.brand, "channel": "email", "metric": "contacts", "period": "day",
         "value": counts.to_numpy()}
    )  # fmt: skip
    hidden = hidden_periods(
        case, rows, unit=case.brand, metric="contacts", channel="email", aggregate="sum", missing="refuse"
    )
    weeks = counts.resample("W-MON", label="left", closed="left").sum()
    assert weeks.index[week] in hidden
    for first, last in ((windows.first, windows.pre_last), (windows.event, windows.last)):
        inside = [label for label in hidden if pd.Timestamp(first) <= label <= pd.Timestamp(last)]
        assert len(inside) != 1
        assert not inside or weeks[inside].sum() >= case.privacy.minimum_cell


def test_what_is_added_to_a_small_count_is_the_least_that_hides_it() -> None:
    assert with_companions(np.array([50, 3, 20, 12]), 10).tolist() == [False, True, False, True]
    assert with_companions(np.array([50, 3, 4, 12]), 10).tolist() == [False, True, True, True]
    assert with_companions(np.array([50, 6, 4, 12]), 10).tolist() == [False, True, True, False]
    assert with_companions(np.array([50, 0, 20]), 10).tolist() == [False, False, False]


def test_without_a_key_customers_are_numbered_as_they_appear() -> None:
    made = pseudonyms(IDS)
    assert made.index.tolist() == IDS.index.tolist()
    assert made.isna().tolist() == [False, False, True, False, True, False]
    assert made.dropna().tolist() == [1, 2, 1, 3]
    assert pseudonyms(pd.Series(["b", "a"])).dtype == "int64"
    assert key_mark() == ""


def test_with_a_key_they_are_blake2b_under_it_and_link_two_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    made = pseudonyms(IDS)
    assert made[3] == hashlib.blake2b(b"K7", key=KEY.encode(), digest_size=16).hexdigest()
    assert made.isna().tolist() == [False, False, True, False, True, False]
    assert made[0] == made[3] != made[1]
    again = pseudonyms(pd.Series(["K9", "K1"]))
    assert again[1] == made[1]
    assert made[1] != hashlib.blake2b(b"K1", digest_size=16).hexdigest(), "a hash without the key can be undone"
    monkeypatch.setenv(KEY_VARIABLE, KEY[::-1])
    assert pseudonyms(IDS)[1] != made[1]


def test_a_long_key_counts_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for end in "ab":
        monkeypatch.setenv(KEY_VARIABLE, "k" * 80 + end)
        found.add(pseudonyms(IDS)[1])
    assert len(found) == 2


@pytest.mark.parametrize("key", ["", "fifteen letters"])
def test_a_short_key_is_refused_and_not_repeated(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(PseudonymKeyError, match="shorter than 16 characters") as told:
        pseudonyms(IDS)
    assert KEY_VARIABLE in str(told.value)
    assert "fifteen letters" not in str(told.value)


def test_the_mark_tells_keys_apart_and_is_too_short_to_confirm_one(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = []
    for key in (KEY, KEY[::-1], KEY):
        monkeypatch.setenv(KEY_VARIABLE, key)
        marks.append(key_mark())
    assert marks[0] == marks[2] != marks[1]
    assert len(marks[0]) == 4
