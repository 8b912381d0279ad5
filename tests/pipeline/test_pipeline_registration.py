"""When the plan was fixed: registrations by their date, and what was planned when the data were first read."""

import json
from datetime import date
from pathlib import Path

import pytest
from test_pipeline_plan import CASE, study_of

from analysis.core import artefacts
from analysis.core.case_loading import load_case_folder
from analysis.core.paths import Layout
from analysis.pipeline import registration
from analysis.pipeline.plan import plan_record
from analysis.pipeline.study import Study
from analysis.report.results import _plan

EVENT = date(2024, 6, 3)


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2024-06-02", registration.AS_REGISTERED),
        ("2024-06-03", registration.AFTER_EVENT),
        ("2999-01-01", registration.AFTER_EVENT),
    ],
)
def test_a_registration_on_the_event_or_later_says_so(tmp_path: Path, day: str, status: str) -> None:
    registration.register(tmp_path, "a", day)
    assert registration.registered(tmp_path, "a", EVENT)["status"] == status
    assert registration.registered(tmp_path, "b", EVENT)["status"] == registration.CHANGED
    assert registration.registered(tmp_path, "a")["status"] == registration.AS_REGISTERED


def test_the_study_compares_the_date_with_its_own_event(tmp_path: Path) -> None:
    study = study_of(tmp_path / "planned")
    digest = plan_record(study)["sha256"]
    registration.register(study.folder.folder, digest, "2024-06-03")
    assert plan_record(study)["status"] == "registered after the event"


def test_a_plan_changed_after_the_first_reading_says_where(tmp_path: Path) -> None:
    study = study_of(tmp_path / "planned")
    first = plan_record(study, reading=True)
    kept = study.layout.processed / registration.FIRST_READ_FILE
    assert artefacts.read_json(kept)["sha256"] == first["sha256"]
    assert len(artefacts.read_json(kept)["data_sha256"]) == 64
    assert first["status"] == registration.NOT_REGISTERED
    assert plan_record(study, reading=True) == first
    text = CASE.replace("smallest_effect: 0.10", "smallest_effect: 0.05")
    (study.folder.folder / "case.yaml").write_text(text, "utf-8")
    changed = Study(load_case_folder(str(study.folder.folder)), study.layout)
    record = plan_record(changed, reading=True)
    assert record["status"] == "changed after the data were first read (total.smallest_effect)"
    assert record["differs"] == ["total.smallest_effect"]
    assert _plan(changed.store)["status"] == record["status"]
    assert artefacts.read_json(kept)["sha256"] == first["sha256"]  # the first one stays
    assert plan_record(changed)["status"] == registration.NOT_REGISTERED  # a plan shown before any run


def test_a_run_reads_what_was_published_and_carries_it_over(tmp_path: Path) -> None:
    study = study_of(tmp_path / "planned")
    place = Layout.under(tmp_path, "planned")
    site = place.processed.parent / f"{registration.BUILDING}planned"
    running = Study(study.folder, Layout.under(site, "planned"))
    assert registration.published(running.layout) == place
    assert registration.published(study.layout) == study.layout
    place.processed.mkdir(parents=True)
    artefacts.write_json(
        place.processed / registration.FIRST_READ_FILE,
        {"sha256": "other", "data_sha256": "", "plan": {"brand": "Another", "outcomes": []}},
    )
    differs = registration.changed_since_reading(running, {"brand": "Brand", "outcomes": [{"id": "total"}]}, "mine")
    assert differs == ["brand", "total: added"]
    assert json.loads((running.layout.processed / registration.FIRST_READ_FILE).read_text("utf-8"))["sha256"] == "other"


@pytest.mark.parametrize("spoilt", ["", "[]", "{}", '{"plan": 3}'])
def test_a_record_that_cannot_be_read_is_begun_anew(tmp_path: Path, spoilt: str) -> None:
    study = study_of(tmp_path / "planned")
    (study.layout.processed / registration.FIRST_READ_FILE).write_text(spoilt, "utf-8")
    assert registration.changed_since_reading(study, {"outcomes": []}, "mine") == []
    assert artefacts.read_json(study.layout.processed / registration.FIRST_READ_FILE)["sha256"] == "mine"


def test_a_rebuild_is_told_what_was_planned_at_first(tmp_path: Path) -> None:
    one, other = Layout.under(tmp_path / "one", "planned"), Layout.under(tmp_path / "other", "planned")
    registration.hand_over(one, other)
    assert not other.processed.exists()
    artefacts.write_json(one.processed / registration.FIRST_READ_FILE, {"sha256": "a"})
    registration.hand_over(one, other)
    assert artefacts.read_json(other.processed / registration.FIRST_READ_FILE) == {"sha256": "a"}
