"""Attributes of cases reach data/processed only in groups that are large enough, or not at all."""

from types import SimpleNamespace

import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.core.case import Privacy
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import CaseError
from analysis.core.paths import Layout
from analysis.pipeline.journey_table import journeys_of
from analysis.pipeline.quasi_identifiers import attributes_of, without_small_groups
from analysis.pipeline.study import Study
from analysis.service.contact_units import attribute_shares
from analysis.sources import read_source

MOMENT = pd.Timestamp("2019-03-01 09:00", tz="Europe/Rome")


def case(fields: dict[str, str] | None = None, **privacy: object) -> SimpleNamespace:
    log = SimpleNamespace(id="log", options={"fields": fields or {}})
    return SimpleNamespace(privacy=Privacy(**privacy), care=SimpleNamespace(source="log"), sources=(log,))


def journeys(**attributes: list[str]) -> pd.DataFrame:
    size = len(next(iter(attributes.values())))
    fixed = {"case": range(1, size + 1), "channel": "email", "signal": MOMENT, "first_tone": "neutral"}
    return pd.DataFrame(fixed | attributes)


def test_what_happened_in_a_case_is_no_attribute_of_it() -> None:
    assert attributes_of(journeys(language=["it"], branch=["Milan"])) == ["language", "branch"]


def test_planted_small_groups_are_merged_and_told() -> None:
    given = journeys(language=["it"] * 50 + ["fr"] * 20 + ["mt"] * 6 + ["ga"] * 5, branch=["Milan"] * 81)
    table, told = without_small_groups(case(), given)
    assert table["language"].value_counts().to_dict() == {"it": 50, "fr": 20, "other": 11}
    assert given["language"].nunique() == 4, "the table given is not changed"
    assert told.set_index("attribute").loc["language"].to_dict() == {
        "label": "language", "how": "as read", "levels_read": 4, "levels_kept": 3, "merged": 2, "smallest_group": 10,
    }  # fmt: skip
    unchanged = table.drop(columns="language")
    pd.testing.assert_frame_equal(unchanged, given.drop(columns="language"))


def test_a_column_that_points_at_persons_is_refused_without_showing_it() -> None:
    with pytest.raises(CaseError) as told:
        without_small_groups(case(), journeys(born=[f"19{year}-05-17" for year in range(50, 90)]))
    assert 'the attribute "born" holds dates' in str(told.value)
    assert "sources, log, options, fields, born" in str(told.value)
    assert "1950" not in str(told.value)


@pytest.mark.parametrize("heading", ["Agent", "agent_id", "Operatore", "codice addetto", "assignee name"])
def test_who_of_the_staff_answered_is_refused_however_it_is_grouped(heading: str) -> None:
    given = journeys(team=["A7", "B2"] * 20)
    with pytest.raises(CaseError, match="says who of the staff answered"):
        without_small_groups(case({"team": heading}, prefix={"team": 1}), given)
    without_small_groups(case({"team": "Agent group"}), given)


def test_bins_and_prefix_let_it_pass_in_groups() -> None:
    codes = [f"{20100 + number % 2 * 60000 + number}" for number in range(40)]
    given = journeys(age=[str(age) for age in range(20, 60)], postcode=codes)
    table, told = without_small_groups(case(bins={"age": [40]}, prefix={"postcode": 1}), given)
    assert table["age"].value_counts().to_dict() == {"<40": 20, "≥40": 20}
    assert table["postcode"].value_counts().to_dict() == {"2*": 20, "8*": 20}
    assert told["how"].tolist() == ["bins", "prefix"]


def test_bins_of_what_is_no_number_or_no_attribute_are_refused() -> None:
    with pytest.raises(CaseError, match="2 cells are no numbers"):
        without_small_groups(case(bins={"age": [40]}), journeys(age=["30", "old", "young"]))
    with pytest.raises(CaseError, match='no attribute "agee"') as told:
        without_small_groups(case(bins={"agee": [40]}), journeys(age=["30"]))
    assert 'Did you mean "age"?' in str(told.value)


@pytest.mark.parametrize(
    "given", [{"bins": {"age": [40, 30]}}, {"bins": {"age": []}}, {"prefix": {"age": 0}},
              {"bins": {"age": [40]}, "prefix": {"age": 2}}],
)  # fmt: skip
def test_what_is_declared_in_vain_is_refused(given: dict) -> None:
    with pytest.raises(ValidationError):
        Privacy(**given)


def test_a_share_of_a_word_that_was_merged_is_left_out_not_nothing() -> None:
    days = pd.date_range("2019-01-07 10:00", periods=400, freq="6h", tz="Europe/Rome")
    words = ["late" if place in (3, 7) else "lost" if place % 3 else "kept" for place in range(400)]
    given = pd.DataFrame({"case": range(1, 401), "channel": "email", "signal": days, "state": words})
    before = (given["signal"] < "2019-03-01").to_numpy()
    table, _ = without_small_groups(case(), given)
    found = attribute_shares(table, before, ~before, {"state": "late"})
    assert found.empty
    assert found.attrs["left_out"] == 1
    assert attribute_shares(given, before, ~before, {"state": "lost"})["quantity"].tolist() == ["state: lost"]


def test_a_shipped_case_loses_no_group_it_compares(tmp_path) -> None:
    folder = load_case_folder("lush")
    study = Study(folder, Layout.under(tmp_path, folder.case.slug))
    given = journeys_of(study, read_source(folder, folder.case.care.source))
    table, told = without_small_groups(folder.case, given)
    pd.testing.assert_frame_equal(table, given)
    assert told["attribute"].tolist() == ["customer_class", "followers", "language"]
    assert (told["merged"] == 0).all()
    assert told["smallest_group"].min() > 500
