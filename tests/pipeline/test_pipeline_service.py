"""From the shipped case's exports to the service tables and the sections that print them."""

import json
import re
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.core import paths
from analysis.core.case_loading import CaseFolder, load_case_folder
from analysis.core.case_service import Care
from analysis.core.errors import CaseError
from analysis.core.paths import Layout
from analysis.pipeline import cost_study, moved_contacts, service_quality, service_volume, staffing_study
from analysis.pipeline.journey_table import end_of_log, journeys_of
from analysis.pipeline.prepare import prepare
from analysis.pipeline.service_truth import service_rows
from analysis.pipeline.study import Study
from analysis.pipeline.unanswered import unanswered
from analysis.report.build import build_report, section_html
from analysis.service.counterfactual import Counterfactual
from analysis.simulate.truth import read_truth

PROVENANCE = {"versions": {}, "notebooks": [], **{f"{name}_sha256": "a" * 64 for name in ("case", "code", "lock")}}
DRAWN = ("cumulative_incidence", "stage_times", "equal_treatment", "tone_matrix", "service_level", "diversion",
         "volumes_by_channel")  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = load_case_folder(str(paths.RAW / "unicredit"))
    made = Study(folder, Layout.under(tmp_path_factory.mktemp("service"), folder.case.slug))
    prepare(made)
    service_volume.volumes(made)
    gone = moved_contacts.counterfactual(made, 400)
    for step in (moved_contacts.diversion, moved_contacts.horizons, moved_contacts.proportional,
                 moved_contacts.channel_mix, staffing_study.staffing, staffing_study.service_level, cost_study.cost):
        assert step(made, gone) is not None, step.__name__
    log = service_quality.open_journeys(made)
    for step in (service_quality.response_times, service_quality.incidence, service_quality.stage_times,
                 service_quality.funnel, service_quality.weekends, service_quality.private_share,
                 service_quality.contact_units, service_quality.equal_treatment):
        assert step(made, log) is not None, step.__name__
    assert service_quality.tone(made, log, draws=200) is not None
    unanswered(made)
    return made  # fmt: skip


def test_expected_volume_is_recaptured_plus_lost_over_every_horizon(study) -> None:
    table = study.store.table("diversion_horizons")
    for _, part in table.groupby("horizon"):
        shares = part.set_index("part")["ratio"]
        assert shares["recaptured"] + shares["lost"] == pytest.approx(1, abs=1e-5)
    whole = table[table["horizon"] == "all"].set_index("channel")["ratio"]
    assert study.store.table("diversion").set_index("channel").loc["recaptured", "ratio"] == whole["recaptured"]


def test_all_desks_together_are_the_sum_of_the_desks(study) -> None:
    desks, total = study.store.table("staffing"), study.store.table("staffing_total").iloc[0]
    assert total["desks"] == len(desks)
    assert total["agents_change"] == pytest.approx(desks["agents_change"].sum(), abs=1e-3)
    width = total["agents_change_upper"] - total["agents_change_lower"]
    assert width < (desks["agents_change_upper"] - desks["agents_change_lower"]).sum()


def test_volume_mix_and_rate_are_the_change_of_the_cost(study) -> None:
    cost = study.store.table("cost").query("per == 'week'").set_index("part")["mean"]
    assert cost["volume"] + cost["mix"] + cost["rate"] == pytest.approx(cost["change"], abs=1)
    assert cost["after"] - cost["before"] == pytest.approx(cost["change"], abs=1)


def test_small_counts_are_left_out_of_what_is_printed_not_of_the_cost(study) -> None:
    whole, shown = study.store.table("cost"), study.store.table("volumes")
    hidden = shown.assign(contacts=shown["contacts"].mask(shown["channel"] == study.case.diversion.exited[0]))
    study.store.write_table("volumes", hidden)
    again = cost_study.cost(study, moved_contacts.counterfactual(study, 400))
    study.store.write_table("volumes", shown)
    pd.testing.assert_frame_equal(again, whole)


def test_journeys_carry_no_id_of_the_desk(study) -> None:
    journeys = study.store.journeys()
    assert journeys["case"].tolist() == list(range(1, len(journeys) + 1))
    assert "case_id" not in journeys
    assert journeys["customer"].dtype.kind == "i"
    assert journeys["signal"].is_monotonic_increasing
    assert end_of_log(journeys) >= journeys["outcome"].max()


def test_the_donut_and_adjusted_events_are_left_out(study) -> None:
    log = service_quality.open_journeys(study)
    days = log.table["signal"].dt.tz_localize(None)
    donut = (days >= "2019-05-01") & (days < "2019-06-03")
    breach = (days >= "2019-10-28") & (days < "2019-11-18")
    assert donut.any()
    assert breach.any()
    assert not (log.before | log.after)[donut | breach].any()


def test_every_printed_number_of_the_service_sections_is_keyed(study) -> None:
    files = build_report(study.store, PROVENANCE, languages=("en",))
    results = json.loads(files["results.json"])
    page = BeautifulSoup(files["index.html"].decode(), "html.parser")
    for name in ("where-contacts-went", "how-served", "who-is-needed"):
        section = page.find(id=name)
        assert section is not None, name
        for span in section.select("[data-key]"):
            assert span["data-key"] in results
            span.extract()
        assert re.findall(r".{0,30}\d.{0,30}", section.get_text(" ")) == []
    figures = {name for name in files if name.startswith("figures/")}
    assert {f"figures/{name}.svg" for name in DRAWN} <= figures


def test_a_log_that_cannot_answer_says_so(study) -> None:
    log = service_quality.open_journeys(study)
    few = log.table.assign(first_tone="furious")
    broken = service_quality.CareLog(few, log.before, log.after, log.care, log.ready, log.smallest)
    kept = study.store.table("tone_transitions")
    assert service_quality.tone(study, broken) is None
    missing = study.store.table("not_measured").set_index("table")["reason"]
    assert "furious" in missing["tone_transitions"]
    study.store.write_table("tone_transitions", kept)


def test_what_no_log_answers_is_on_the_page_once(study) -> None:
    service_quality.funnel(study, service_quality.open_journeys(study))  # a later table keeps what was said
    again = unanswered(study)
    assert again["table"].is_unique
    assert {"complaints_after_opening", "moderation", "crisis_decay", "phone_complement"} <= set(again["table"])
    section = BeautifulSoup(section_html(study.store, "how_served"), "html.parser").get_text()
    assert "here one closed" in section
    assert "How many messages had to be hidden or removed" in section


def test_before_an_exit_the_plan_says_whom_to_hire(study) -> None:
    table = staffing_study.planned_staffing(study, study.store.measurements())
    total = table[table["channel"] == "all"].set_index("scenario")
    assert total["extra"].is_monotonic_increasing
    assert total.index.tolist() == ["low", "central", "high"]
    assert (pd.to_datetime(total["start_by"]) == pd.Timestamp("2019-03-25")).all()  # ten weeks before 3 June, a Monday
    text = staffing_study.planned_text(table)
    assert "central" in text
    assert "60%" in text
    assert np.isfinite(total["extra_lower"]).all()


def test_the_annex_sets_the_truth_of_service_beside_what_was_found(study) -> None:
    truth = read_truth(study.folder.folder)
    rows = {row["name"]: row for row in service_rows(study, truth)}
    times = truth["service"]["times"]["all"]["first_response"]
    expected = times["after"]["median_incidence"] / times["before"]["median_incidence"] - 1
    assert rows["median_first_response"]["truth"] == pytest.approx(expected)
    assert rows["equal_followers_10,000 or more_before"]["truth"] == pytest.approx(-0.5)
    assert rows["tone_after"]["truth"] == truth["service"]["tone"]["positive_given_negative"]["after"]
    assert all(row["interval"]["lower"] <= row["point"] <= row["interval"]["upper"] for row in rows.values())


def test_a_week_named_by_its_first_day_belongs_to_the_period_whole(study) -> None:
    """The windows of weekly studies may end on a week's label or on its last day: both mean the same cases."""
    windows = study.case.windows.model_copy(update={"pre_last": date(2019, 4, 22)})  # a Monday; the case says Sunday 28
    case = study.case.model_copy(update={"windows": windows})
    moved = Study(CaseFolder(case, study.folder.folder, study.folder.data_root), study.layout)
    np.testing.assert_array_equal(
        service_quality.open_journeys(moved).before, service_quality.open_journeys(study).before
    )


def test_a_share_that_was_left_empty_is_counted_on_the_page(study) -> None:
    hidden = study.store.table("suppressed_service").set_index("table")["cells"]
    funnel = study.store.table("funnel")
    assert hidden["funnel"] == funnel[["share_before", "share_after"]].isna().sum().sum()
    page = BeautifulSoup(build_report(study.store, PROVENANCE, languages=("en",))["index.html"].decode(), "html.parser")
    assert ("none were" in page.find(id="data").get_text()) == (hidden.sum() == 0)


def test_agents_of_today_are_those_the_usual_volume_needs(study) -> None:
    total, desks = study.store.table("staffing_total").iloc[0], study.store.table("staffing")
    assert total["agents_today"] == desks["agents_today"].sum()
    # What the contacts seen need is one number: no interval of nothing is written.
    assert total["agents_with"] == desks["agents_with"].sum()
    assert not [name for table in (total.index, desks.columns) for name in table if name.startswith("agents_with_")]
    assert total["breach_probability"] >= desks["breach_probability"].max()
    assert total["breach_probability_without"] >= desks["breach_probability_without"].max()
    # Weeks differ and the usual volume is not known exactly: some chance is neither nothing nor all, and the exit's is
    # the larger.
    for name in ("breach_probability", "breach_probability_without"):
        assert desks[name].between(0.01, 0.99).any(), name
    assert (desks["breach_probability"] >= desks["breach_probability_without"]).all()


def test_nothing_is_judged_by_due_dates_that_the_source_does_not_hold() -> None:
    moments = pd.Series(pd.date_range("2019-06-03", periods=2, tz="Europe/Rome"))
    cases = pd.DataFrame({"case_id": ["a", "b"], "opened": moments, "closed": moments, "channel": "app"})
    care = Care(source="log", shares={"on_time": "YES"}, judged_when_due=("on_time",))
    study = SimpleNamespace(case=SimpleNamespace(care=care))
    never = pd.Series(pd.NaT, index=cases.index, dtype=moments.dtype)
    for given in (cases, cases.assign(due=never)):
        with pytest.raises(CaseError, match="says of no case when it was due"):
            journeys_of(study, SimpleNamespace(cases=given))
    kept = journeys_of(study, SimpleNamespace(cases=cases.assign(due=moments)))
    assert kept["due"].tolist() == moments.tolist()


def test_single_weeks_are_those_after_the_exit_in_turn() -> None:
    """Seventeen days are two whole weeks and a piece that is left out; a week is the same one in all channels."""
    days = pd.date_range("2019-06-03", periods=17)
    observed = np.column_stack([np.arange(17.0), 100 + np.arange(17.0)])
    draws = np.arange(5.0)[:, None, None] + np.concatenate([np.zeros((17, 1)), observed - 1], axis=1)[None]
    gone = Counterfactual(("phone", "chat"), days, draws, observed, np.ones(3))
    calm, pressed = staffing_study.single_weeks(SimpleNamespace(case=SimpleNamespace(frequency="day")), gone)
    assert pressed["phone"].tolist() == [21, 70, 21, 70, 21]  # 0 + ... + 6 and 7 + ... + 13
    assert pressed["chat"].tolist() == [721, 770, 721, 770, 721]
    assert calm["phone"].tolist() == [14, 70, 28, 84, 42]
    calm, pressed = staffing_study.single_weeks(SimpleNamespace(case=SimpleNamespace(frequency="week")), gone)
    assert pressed["phone"].tolist() == [0, 1, 2, 3, 4]
    assert calm["chat"].tolist() == [99, 101, 103, 105, 107]
