"""What a study keeps of a desk's log names nobody, and a key changes the pseudonyms and nothing else."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis.core import artefacts, paths
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import PseudonymKeyError
from analysis.core.paths import Layout
from analysis.core.privacy import KEY_VARIABLE
from analysis.pipeline.chain import READS_SOURCES, notebooks_for
from analysis.pipeline.ingredients import changes, ingredients
from analysis.pipeline.prepare import prepare
from analysis.pipeline.runner import _has_asked_key, run_case
from analysis.pipeline.service_quality import contact_units, open_journeys
from analysis.pipeline.study import Study

sys.path.append(str(Path(__file__).parents[1] / "reproducibility"))
from privacy_attack import identities_of, people_kept

SLUG = "tre-italia"
KEY = "a key of the test, never written"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Study]:
    """The case prepared with a key and without."""
    folder, studies = load_case_folder(SLUG), {}
    for name, key in (("numbered", None), ("keyed", KEY)):
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(KEY_VARIABLE, raising=False)
            if key is not None:
                patch.setenv(KEY_VARIABLE, key)
            studies[name] = Study(folder, Layout.under(tmp_path_factory.mktemp(name), SLUG))
            prepare(studies[name])
            contact_units(studies[name], open_journeys(studies[name]))
    return studies


def hashes(study: Study) -> dict[str, str]:
    root = study.layout.processed
    return {
        path.relative_to(root).as_posix(): artefacts.sha256_file(path) for path in root.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("name", ["numbered", "keyed"])
def test_no_raw_identity_is_kept(made: dict[str, Study], name: str) -> None:
    identities = identities_of(made[name].folder)
    assert len(identities) > 1000
    assert list(people_kept(made[name].layout.processed, identities)) == []


def test_an_identity_planted_in_what_is_kept_is_found(made: dict[str, Study], tmp_path: Path) -> None:
    identities = identities_of(made["numbered"].folder)
    table = made["numbered"].store.journeys()
    table.loc[3, "language"] = min(identities)
    table.to_parquet(tmp_path / "journeys.parquet")
    (tmp_path / "note.csv").write_text(f"detail\ncase {max(identities)}: left out\n")
    found = list(people_kept(tmp_path, identities))
    assert [item.split(":")[0] for item in found] == ["note.csv", "journeys.parquet, language"]


def test_a_key_changes_the_pseudonyms_and_nothing_else(made: dict[str, Study]) -> None:
    plain, keyed = made["numbered"].store.journeys(), made["keyed"].store.journeys()
    pd.testing.assert_frame_equal(plain.drop(columns="customer"), keyed.drop(columns="customer"))
    assert keyed["customer"].str.fullmatch("[0-9a-f]{32}").all()
    assert (plain.groupby("customer").size().to_numpy() > 1).any()
    assert (pd.factorize(plain["customer"])[0] == pd.factorize(keyed["customer"])[0]).all()
    before, after = hashes(made["numbered"]), hashes(made["keyed"])
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == {
        "journeys.parquet", "pseudonyms.json",
    }  # fmt: skip
    quantities = made["keyed"].store.table("contact_units")["quantity"].tolist()
    assert "cases_a_customer_in_four_weeks" in quantities


def test_the_key_is_written_nowhere(made: dict[str, Study]) -> None:
    files = [path for path in made["keyed"].layout.processed.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if KEY.encode() in path.read_bytes()] == []
    assert len(artefacts.read_json(made["keyed"].layout.pseudonyms)["mark"]) == 4


def test_another_key_is_seen_and_none_asks_for_nothing(made: dict[str, Study], monkeypatch: pytest.MonkeyPatch) -> None:
    plain, keyed = made["numbered"].layout, made["keyed"].layout
    asked = {}
    for key in (None, KEY, KEY[::-1]):
        monkeypatch.delenv(KEY_VARIABLE, raising=False)
        if key is not None:
            monkeypatch.setenv(KEY_VARIABLE, key)
        asked[key] = (_has_asked_key(plain), _has_asked_key(keyed))
    assert asked == {None: (True, True), KEY: (False, True), KEY[::-1]: (False, False)}


def test_a_short_key_stops_a_run_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "too short")
    with pytest.raises(PseudonymKeyError) as told:
        run_case(SLUG, output=tmp_path)
    assert "too short" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_only_the_mark_of_a_key_is_an_ingredient() -> None:
    notebook = notebooks_for(load_case_folder(SLUG).case)[READS_SOURCES]
    plain, keyed, other = (ingredients(notebook, {}, {}, {}, key=key) for key in ("", "a1b2", "c3d4"))
    assert changes(plain, keyed) == [f"{KEY_VARIABLE} is new"]
    assert changes(keyed, other) == [f"{KEY_VARIABLE} changed"]
    assert notebook == paths.NOTEBOOKS / "01_prepare.ipynb"
