"""The simulated care logs: order, silence after the closing, truth as declared, a classifier as labelled."""

import dataclasses
import gzip
import itertools

import numpy as np
import pandas as pd
import pytest

from analysis.core import paths
from analysis.core.case_loading import load_case_folder
from analysis.simulate import lush_care, tre_italia_parameters, unicredit_care
from analysis.simulate.care_desk import hour_weights, labelled_counts
from analysis.simulate.care_log import EVENTS, FILE, care_log, log_bytes
from analysis.simulate.care_truth import care_truth
from analysis.simulate.truth import read_truth

DESKS = {"unicredit": unicredit_care.CARE, "tre-italia": tre_italia_parameters.DESK, "lush": lush_care.DESK}
LARGEST_LOG = 620_000
ORDER = ("signal", "private_request", "pool", "taken_in_charge", "outcome", "reopened")
MEDIAN_ERROR = 0.02  # of the truth's own draws, 100,000 a channel and period


@pytest.fixture(scope="module", params=list(DESKS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def desk(name):
    return DESKS[name]


@pytest.fixture(scope="module")
def log(name):
    return pd.read_csv(paths.RAW / name / FILE, parse_dates=["time"], keep_default_na=False)


@pytest.fixture(scope="module")
def truth(name):
    return read_truth(paths.RAW / name)["service"]


@pytest.fixture(scope="module")
def wide(log):
    return log.pivot(index="ticket", columns="event", values="time")


@pytest.fixture(scope="module")
def heads(log):
    return log[log["event"] == "signal"].set_index("ticket")


def test_a_case_has_one_signal_and_its_stages_in_order(log, wide):
    assert not log.duplicated(["ticket", "event"]).any()
    assert set(log["event"]) == set(EVENTS)
    assert wide["signal"].notna().all()
    for earlier, later in itertools.pairwise(ORDER):
        both = wide[[earlier, later]].dropna()
        assert (both[earlier] <= both[later]).all(), (earlier, later)
    assert (wide["message"].dropna() >= wide["outcome"].reindex(wide["message"].dropna().index)).all()


def test_abandonment_and_outcome_exclude_each_other_and_some_cases_stay_open(desk, wide):
    assert not (wide["abandoned"].notna() & wide["outcome"].notna()).any()
    still_open = wide[wide["abandoned"].isna() & wide["outcome"].isna()]
    assert 0 < len(still_open) < 0.02 * len(wide)
    assert wide.max().max() < pd.Timestamp(desk.last) + pd.Timedelta(days=1)


def test_closed_channels_are_silent_from_the_closing_on(log, heads, desk):
    exited = [channel for channel, role in desk.roles.items() if role == "exited"]
    late = log[log["time"] >= pd.Timestamp(desk.exit)]
    assert not late["channel"].isin(exited).any()
    assert set(exited) <= set(heads["channel"])


def test_moved_cases_come_in_on_the_channels_that_stay(heads, desk):
    """Together; season and chance hide the rise of a single channel's sample."""
    stayed = heads[heads["channel"].map(desk.roles) != "exited"]
    each = {}
    for period in ("before", "after"):
        first, last = (pd.Timestamp(day) for day in getattr(desk, period))
        each[period] = stayed["time"].between(first, last + pd.Timedelta(days=1)).sum() / ((last - first).days + 1)
    assert each["after"] > 1.08 * each["before"]


def test_no_time_falls_into_the_hours_that_a_clock_skips_or_shows_twice(log, desk):
    assert log["time"].dt.tz_localize(desk.zone, ambiguous="NaT", nonexistent="NaT").notna().all()


def test_the_labelled_counts_of_the_case_are_those_the_generator_draws(name, desk):
    tone = load_case_folder(name).case.care.tone
    assert tone.labelled == labelled_counts(desk)
    assert tone.classes == desk.tones
    assert {sum(row) for row in tone.labelled} == {desk.labelled_each}


def test_the_case_uses_what_the_truth_is_about(name, desk, truth):
    case = load_case_folder(name).case
    assert set(case.care.channels) == set(desk.roles)
    assert case.care.target_minutes == truth["target_minutes"]
    assert case.care.horizon_hours == truth["horizon_hours"]
    assert set(case.care.equal_treatment.attributes) == {*desk.groups, "first_tone", "channel"}
    assert (case.windows.pre_last, case.windows.event, case.windows.last) == (desk.before[1], *desk.after)
    assert desk.first == desk.before[0] >= case.windows.first
    for channel, role in desk.roles.items():
        assert case.channel(channel).role == role


def test_declared_shares_are_probabilities(desk):
    rows = [desk.first_tone, *desk.tone_before, *desk.tone_after, *desk.confusion]
    rows += [tuple(share for share, _ in groups.values()) for groups in desk.groups.values()]
    assert np.allclose([sum(row) for row in rows], 1)
    assert all(hour_weights(desk, channel).sum() == pytest.approx(1) for channel in desk.roles)
    assert all(next(iter(groups.values()))[1] == 1.0 for groups in desk.groups.values())


def test_one_attribute_is_treated_alike_and_one_is_not(name, truth):
    margin = 1 + load_case_folder(name).case.care.equal_treatment.margin
    ratios = {item: list(part["ratios"].values()) for item, part in truth["equal_treatment"].items()}
    assert all(1 / margin < ratio < margin for ratio in ratios["customer_class"])
    assert min(ratios["followers"]) < 0.8 / margin


def test_truth_of_the_channels_is_the_declared_ratio(desk, truth):
    """The weekend's ratio moves too; where it does not, the ratio of the medians is the declared one."""
    drift = desk.weekend_ratio[1] / desk.weekend_ratio[0]
    for channel, ratio in truth["effect_by_channel"].items():
        found = truth["times"][channel]["first_response"]["ratio"]
        assert ratio == desk.response_ratio[channel]
        assert ratio * (1 - MEDIAN_ERROR) < found < ratio * max(drift, 1) * (1 + MEDIAN_ERROR)


def test_truth_of_the_median_is_that_of_the_log(log, wide, heads, desk, truth):
    """The log's own median, abandoned cases counted as never: within five standard errors of its cases and weeks."""
    response = wide[["private_request", "taken_in_charge"]].min(axis=1)
    minutes = (response - wide["signal"]).dt.total_seconds().fillna(np.inf) / 60
    for channel in desk.roles:
        own = (heads["channel"] == channel) & heads["time"].between(*map(pd.Timestamp, desk.before))
        known = truth["times"][channel]["first_response"]["before"]["median_incidence"]
        spread = np.hypot(1.5 * 1.25 / np.sqrt(own.sum()), 2 * desk.week_shock[1] / np.sqrt(50))
        assert abs(np.log(minutes[own.to_numpy()].median() / known)) < 5 * spread


def test_truth_of_private_signals_and_reopened_cases_is_that_of_the_log(wide, heads, desk, truth):
    for period in ("before", "after"):
        own = heads[heads["time"].between(*map(pd.Timestamp, getattr(desk, period)))]
        assert (own["public"] == "no").mean() == pytest.approx(truth["private_share"][period], abs=0.04)
    assert wide["reopened"].notna().sum() / wide["outcome"].notna().sum() == pytest.approx(desk.reopened[0], abs=0.015)


def test_those_who_write_again_are_not_everybody(log, truth):
    """The naive share among writers, with the classifier's words, is far from the truth and what the log shows."""
    said = log[log["event"].isin(["signal", "message"])].pivot(index="ticket", columns="event", values="tone")
    before = said[(said["signal"] == "negative") & said["message"].notna()]
    naive = truth["tone"]["naive_positive_given_negative"]
    assert min(naive.values()) - 0.05 < (before["message"] == "positive").mean() < max(naive.values()) + 0.05
    assert naive["before"] > 1.15 * truth["tone"]["positive_given_negative"]["before"]


def test_customers_return_and_are_codes(log, heads):
    assert log["customer"].str.fullmatch(r"K\d{5}").all()
    assert heads["customer"].duplicated().mean() > 0.2
    assert log.groupby("ticket")["channel"].nunique().gt(1).mean() > 0.03


def test_logs_are_small_and_carry_neither_name_nor_time(name):
    content = (paths.RAW / name / FILE).read_bytes()
    assert len(content) < LARGEST_LOG
    assert content[3] == 0  # no file name
    assert content[4:8] == b"\0\0\0\0"  # no time


def test_the_same_desk_is_the_same_log_and_another_seed_another():
    desk = dataclasses.replace(DESKS["unicredit"], first=DESKS["unicredit"].before[0])
    days = pd.date_range(desk.first, desk.last)
    contacts = pd.DataFrame({channel: np.full(len(days), 200.0) for channel in desk.roles}, index=days)
    once, again = (log_bytes(care_log(desk, contacts)) for _ in range(2))
    other = log_bytes(care_log(dataclasses.replace(desk, seed=7), contacts))
    assert once == again
    assert once != other
    assert gzip.decompress(once).startswith(b"ticket,event,time,channel,customer,tone,public,customer_class")


def test_without_an_effect_the_truth_has_none():
    desk = DESKS["unicredit"]
    flat = {channel: 1.0 for channel in desk.roles}
    calm = dataclasses.replace(desk, response_ratio=flat, weekend_ratio=(1.5, 1.5), outcome_ratio=1.0)
    days = pd.date_range(desk.first, desk.last)
    contacts = pd.DataFrame({channel: np.full(len(days), 200.0) for channel in desk.roles}, index=days)
    times = care_truth(calm, contacts, target_minutes=60, horizon_hours=72)["times"]["same_channels"]
    for measure in times.values():
        assert measure["ratio"] == pytest.approx(1, abs=0.005)
