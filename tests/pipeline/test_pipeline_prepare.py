"""Reading side by side: which of several errors is told, and that large exports are read one at a time."""

import json
from pathlib import Path

import pytest
import yaml
from test_pipeline_vocabulary import CASE

from analysis.core.case_loading import load_case_folder
from analysis.core.errors import StudyError
from analysis.core.paths import Layout
from analysis.pipeline import prepare as preparing
from analysis.pipeline.study import JOBS_VARIABLE, Study

GOOD = "date,likes\n2016-01-01,1\n2016-01-02,2\n"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(JOBS_VARIABLE, "2")

    def make(files: dict[str, str]) -> Study:
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_text(content)
        case = yaml.safe_load(CASE)
        page, likes = case["sources"][0], case["outcomes"][0]
        page["options"]["metrics"] = {"likes": "likes"}
        sources = [page | {"id": name, "files": [f"{name}.csv"], "channel": name} for name in files]
        text = json.dumps(case | {"sources": sources, "outcomes": [likes]}, default=str)  # YAML without aliases
        (tmp_path / "case.yaml").write_text(text)
        return Study(load_case_folder(tmp_path), Layout.under(tmp_path / "out", "demo"))

    return make


def test_of_several_unreadable_sources_the_cases_first_is_told_however_small(study) -> None:
    files = {"good": GOOD, "first": "date,likes\n2016-01-01,many\n", "second": GOOD + "2016-01-03,lots\n" * 50}
    with pytest.raises(StudyError) as told:
        preparing.prepare(study(files))
    assert "first.csv" in told.value.where
    assert any("sources" in str(entry.path) for entry in told.traceback), "it is told from where it arose"
    assert "second.csv" not in repr(told.getrepr()), "and the other is not told beside it"


def test_an_error_of_a_reader_does_not_hide_that_of_a_source_before_it(study, monkeypatch: pytest.MonkeyPatch) -> None:
    read = preparing.read_source
    monkeypatch.setattr(preparing, "read_source", lambda folder, name: 1 / 0 if name == "last" else read(folder, name))
    with pytest.raises(ZeroDivisionError):
        preparing.prepare(study({"good": GOOD, "last": GOOD}))
    with pytest.raises(StudyError):
        preparing.prepare(study({"first": "date,likes\n2016-01-01,many\n", "last": GOOD * 9}))


def test_readings_stand_in_the_cases_order_whatever_is_read_first(study) -> None:
    sizes = {"small": GOOD, "large": GOOD + "2016-01-03,4\n", "middle": GOOD}
    found = preparing.prepare(study(sizes))
    assert found["source"].tolist() == list(sizes)
    assert found["rows"].tolist() == [2, 3, 2]


def test_large_exports_are_read_one_at_a_time_in_this_process(study, monkeypatch: pytest.MonkeyPatch) -> None:
    beside, side_by_side = [], preparing.map_tasks
    monkeypatch.setattr(preparing, "map_tasks", lambda *task, **how: beside.append(1) or side_by_side(*task, **how))
    made = study({"one": GOOD, "other": GOOD})
    assert preparing.prepare(made)["rows"].tolist() == [2, 2]
    assert beside
    beside.clear()
    monkeypatch.setattr(preparing, "LARGE", 2 * len(GOOD))
    assert preparing.prepare(made)["rows"].tolist() == [2, 2]
    assert not beside
