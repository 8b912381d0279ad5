"""The plan: settled by what lies before the event, registered by its hash, honest about what it could find."""

import json
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.core import artefacts, paths
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import CaseError
from analysis.core.paths import Layout
from analysis.core.seeds import generator_for
from analysis.inference.power import FOUR_IN_FIVE
from analysis.pipeline import plan as planning
from analysis.pipeline import registration
from analysis.pipeline.estimates import design_of, estimate_outcomes
from analysis.pipeline.plan import before_event, detectable_table, plan_hash, plan_of, plan_record, plan_text
from analysis.pipeline.preflight import check_declarations, check_panels
from analysis.pipeline.prepare import prepare
from analysis.pipeline.study import Study

EVENT = pd.Timestamp("2024-06-03")
CASE = """\
slug: planned
title: A made-up exit
brand: Brand
summary: Made up for the tests.
data_status: real
time_zone: Europe/Rome
frequency: week
stages:
  - {id: exit, date: 2024-06-03, kind: channels_closed, label: Left}
windows: {first: 2023-01-02, pre_last: 2024-05-20, event: 2024-06-03, last: 2024-08-26}
competitors: [Peer 1, Peer 2, Peer 3, Peer 4, Peer 5, Peer 6]
sources:
  - id: panel
    format: measurements_csv
    label: Panel
    files: [panel.csv]
    period: week
    channel: page
    options: {layout: long, date: date, unit_column: brand, metric: engagements, value: value}
outcomes:
  - id: total
    label: Engagement
    question: engagement
    role: primary
    metric: engagements
    donors: competitors
    unit: engagements
    estimand: average change in weekly engagement
    estimator: default
    scale: log
    smallest_effect: 0.10
  - id: alone
    label: Engagement on its own
    question: engagement
    metric: engagements
    unit: engagements
    estimand: average change in weekly engagement
    estimator: interrupted_time_series
"""


def study_of(folder: Path, *, text: str = CASE, after: float = 1.0, before: float = 1.0) -> Study:
    """The made-up case; ``after`` and ``before`` multiply the brand on either side of the event."""
    folder.mkdir(parents=True, exist_ok=True)
    weeks = pd.date_range("2023-01-02", "2024-08-26", freq="7D")
    rows = []
    for unit in ("Brand", *(f"Peer {number}" for number in range(1, 7))):
        values = 1000 * np.exp(generator_for("plan tests", unit).normal(0, 0.05, size=len(weeks)))
        if unit == "Brand":
            values = values * np.where(weeks < EVENT, 1.0, after)
            values[20] *= before
        rows += [
            {"date": week.strftime("%Y-%m-%d"), "brand": unit, "value": round(value)}
            for week, value in zip(weeks, values, strict=True)
            if not (unit == "Peer 6" and week == weeks[10])
        ]
    (folder / "case.yaml").write_text(text, "utf-8")
    pd.DataFrame(rows).to_csv(folder / "panel.csv", index=False)
    study = Study(load_case_folder(str(folder)), Layout.under(folder / "out", "planned"))
    prepare(study)
    return study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return study_of(tmp_path_factory.mktemp("plan") / "planned")


@pytest.fixture(scope="module")
def plan(study: Study) -> dict:
    return plan_of(study)


def outcome_of(plan: dict, name: str) -> dict:
    return next(item for item in plan["outcomes"] if item["id"] == name)


def test_the_plan_is_the_same_whatever_happened_afterwards(plan: dict, tmp_path: Path) -> None:
    other = plan_of(study_of(tmp_path / "planned", after=0.2))
    assert other == plan
    assert plan_hash(other) == plan_hash(plan)


def test_what_could_be_detected_does_depend_on_what_went_before(plan: dict, tmp_path: Path) -> None:
    other = plan_of(study_of(tmp_path / "planned", before=3.0))
    assert outcome_of(other, "alone")["detectable"] != outcome_of(plan, "alone")["detectable"]
    assert plan_hash(other) == plan_hash(plan)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("smallest_effect: 0.10", "smallest_effect: 0.15"),
        ("estimator: interrupted_time_series", "estimator: structural_time_series"),
        ("last: 2024-08-26", "last: 2024-08-19"),
        ("Peer 5, Peer 6]", "Peer 5]"),
        ("scale: log", "scale: level"),
        ("    role: primary\n", ""),
    ],
)
def test_anything_promised_changes_the_hash(plan: dict, tmp_path: Path, old: str, new: str) -> None:
    assert CASE.count(old) == 1
    changed = plan_of(study_of(tmp_path / "planned", text=CASE.replace(old, new)))
    assert plan_hash(changed) != plan_hash(plan)


def test_no_row_of_the_event_or_later_is_seen(study: Study) -> None:
    seen = before_event(study.store.measurements(), study.case, study.case.outcome("total"))
    assert seen["date"].max() == pd.Timestamp("2024-05-20")


def test_donors_are_kept_or_dropped_with_the_reason(plan: dict) -> None:
    donors = {donor["unit"]: donor for donor in outcome_of(plan, "total")["donors"]}
    assert [unit for unit, donor in donors.items() if not donor["kept"]] == ["Peer 6"]
    assert donors["Peer 6"]["reason"] == "1 of 73 periods missing"


def test_the_default_is_settled_in_the_plan_as_it_will_be_in_the_estimate(plan: dict, study: Study) -> None:
    planned = outcome_of(plan, "total")
    assert planned["estimator"] == "synthetic_difference_in_differences"
    assert "5 donors can be weighted" in planned["because"][0]
    assert "cannot reach a p-value" in planned["warnings"][0]
    assert planned["n_pre"] == 73
    design = design_of(study).set_index("outcome")
    assert list(design["estimator"]) == ["Synthetic difference in differences", "Interrupted time series"]
    assert design.loc["total", "because"] == " ".join(planned["because"])
    assert design.loc["total", "warnings"] == " ".join(planned["warnings"])
    assert design.loc["alone", "because"] == "Declared in the case file."
    shown = estimate_outcomes(study, study.case.outcomes)
    assert (shown["widened"] >= 1).all()
    assert study.store.effect("alone")["diagnostics"]["null_kind"] == "simulated series"
    effect = study.store.effect("total")
    assert effect["estimator"] == planned["estimator"]
    assert effect["n_pre"] == planned["n_pre"]
    assert effect["diagnostics"]["chosen_because"] == " ".join(planned["because"])
    assert "chosen_because" not in study.store.effect("alone")["diagnostics"]


def test_horizons_hold_the_studys_own_and_say_when_the_past_is_too_short(plan: dict) -> None:
    found = {item["horizon"]: item for item in outcome_of(plan, "total")["detectable"]}
    assert list(found) == ["4 weeks", "13 weeks", "26 weeks", "52 weeks"]
    assert [name for name, item in found.items() if item["own"]] == ["13 weeks"]
    assert found["13 weeks"]["detectable"] > 0
    assert found["13 weeks"]["enough"] == (found["13 weeks"]["detectable"] <= 0.10)


def test_a_horizon_that_does_not_fit_is_not_tried() -> None:
    panel = SimpleNamespace(times=pd.date_range("2023-01-02", periods=62, freq="7D"))
    effects, reason = planning._where_nothing_happened(pytest.fail, panel, SimpleNamespace(), 52, 1)
    assert effects == []
    assert "too short" in reason


@pytest.mark.parametrize(
    ("points", "errors", "scale", "expected"),
    [
        ([1, -1, 1], [2, 2, 1], "log_return", FOUR_IN_FIVE * 1),  # no excess: the latest standard error
        ([2, -2, 2], [1, 1, 1], "log_return", FOUR_IN_FIVE * 2),  # twice as far out as the errors say
        ([3, -4, 0], [None] * 3, "log_return", FOUR_IN_FIVE * 5 / math.sqrt(3)),
        ([0.1, -0.1, 0.1], [0.1] * 3, "log", math.expm1(FOUR_IN_FIVE * 0.1)),
        ([5, -5, 5], [5] * 3, "level", FOUR_IN_FIVE * 5 / 50),
    ],
)
def test_the_detectable_change_by_hand(points: list, errors: list, scale: str, expected: float) -> None:
    effects = list(zip(points, errors, strict=True))
    panel = SimpleNamespace(frame=pd.DataFrame({"brand": [40.0, 60.0]}), treated="brand")
    assert planning._detectable(effects, panel, SimpleNamespace(scale=scale)) == pytest.approx(expected)


def test_pretended_dates_move_to_where_the_estimator_accepts_them() -> None:
    panel = SimpleNamespace(times=pd.date_range("2022-01-03", periods=100, freq="7D"))
    tried = []

    def pretended(windows):
        tried.append(windows)
        if windows.event < panel.times[70]:
            raise planning.DesignError("a stage is not over yet")
        return windows

    found, _ = planning._where_nothing_happened(pretended, panel, SimpleNamespace(), 13, 2)
    assert len(found) >= planning.FEWEST_DATES
    places = [panel.times.get_loc(windows.event) for windows in found]
    assert places == sorted(set(places))
    assert all(panel.times.get_loc(w.last) - panel.times.get_loc(w.event) == 12 for w in tried)
    assert all(panel.times.get_loc(w.event) - panel.times.get_loc(w.pre_last) == 3 for w in tried)


def test_registration_as_registered_and_changed(study: Study, tmp_path: Path) -> None:
    folder = tmp_path / "planned"
    mine = study_of(folder)
    record = plan_record(mine)
    assert record["status"] == registration.NOT_REGISTERED
    assert artefacts.read_json(mine.layout.processed / "plan.json")["sha256"] == record["sha256"]
    registration.register(folder, record["sha256"], "2024-06-01")
    lock = json.loads((folder / "plan.lock.json").read_text("utf-8"))
    assert lock == {"registered": "2024-06-01", "sha256": record["sha256"]}
    again = plan_record(mine)
    assert (again["status"], again["registered"]) == (registration.AS_REGISTERED, "2024-06-01")
    assert "as registered (2024-06-01)" in plan_text(again)
    changed = study_of(folder, text=CASE.replace("smallest_effect: 0.10", "smallest_effect: 0.05"))
    assert plan_record(changed)["status"] == registration.CHANGED
    with pytest.raises(CaseError, match="already"):
        registration.register(folder, "0" * 64, "2024-07-01")


@pytest.mark.parametrize("lock", ["", "[]", '{"sha256": "a"}', '{"sha256": "a", "registered": "soon"}'])
def test_a_lock_that_cannot_be_read_is_said(tmp_path: Path, lock: str) -> None:
    (tmp_path / "plan.lock.json").write_text(lock, "utf-8")
    with pytest.raises(CaseError, match="cannot be read"):
        registration.registered(tmp_path, "a")


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="not a date"):
        registration.register(tmp_path, "a", "1 June")
    assert list(tmp_path.iterdir()) == []


def test_the_table_has_a_row_an_outcome(plan: dict) -> None:
    table = detectable_table(plan)
    assert table["outcome"].tolist() == ["Engagement", "Engagement on its own"]
    assert table["the_study"].tolist() == table["13 weeks"].tolist()
    assert table["enough"].tolist()[1] is None


def test_the_check_before_a_run_knows_the_default(study: Study, tmp_path: Path) -> None:
    assert check_declarations(study.folder) == []
    assert check_panels(study) == ([], [])
    text = CASE.replace("    estimator: default\n", "    estimator: default\n    options: {harmonics: 2}\n")
    wrong = study_of(tmp_path / "planned", text=text)
    assert check_declarations(wrong.folder) == []
    assert ['no option "harmonics"' in str(problem) for problem in check_panels(wrong)[0]] == [True]


def command(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "analysis", "plan", *arguments],
        cwd=paths.PROJECT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_the_command_prints_the_plan_and_registers_it_with_a_date(study: Study, plan: dict, tmp_path: Path) -> None:
    folder = tmp_path / "planned"
    study_of(folder)
    refused = command(str(folder), "--register")
    assert refused.returncode == 2
    assert "--date" in refused.stderr
    done = command(str(folder), "--register", "--date", "2024-06-01")
    assert done.returncode == 0, done.stderr
    assert plan_hash(plan) in done.stdout
    assert "Peer 6: 1 of 73 periods missing" in done.stdout
    shown = command(str(folder))
    assert "as registered (2024-06-01)" in shown.stdout
