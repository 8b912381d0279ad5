"""What sentences count: closed channels, periods left out, peers left out, outcomes that moved."""

import math

import numpy as np
import pandas as pd
import pytest
import report_worlds as worlds

from analysis.report import digests, series
from analysis.report.results import build_results


def outcome_of(case, name):
    return next(item for item in case["outcomes"] if item["id"] == name)


def test_the_closed_channels_share_comes_from_the_outcome_of_those_that_stayed(tmp_path):
    outcomes = [*worlds.ENGAGEMENT, *worlds.SERVICE, *worlds.MARKET]
    store = worlds.unicredit(tmp_path, outcomes=outcomes)
    kept = store.effect("engagement_retained") | {"expected_mean": 3000.0}
    worlds.artefacts.write_json(store.layout.estimates / "engagement_retained.json", kept)
    found = build_results(store, {})
    assert found["effects.engagement_total.closure.counted"]
    assert found["effects.engagement_total.closure.share"] == pytest.approx(1 - 3000 / 12000)
    assert not found["effects.engagement_retained.closure.counted"]
    assert found["effects.contacts_total.closure.share"] == pytest.approx(2840 / 12000, rel=1e-5)  # from the diversion
    assert not found["effects.share_price.closure.counted"]


def test_a_share_that_no_artefact_gives_is_not_made_up(tmp_path):
    store = worlds.unicredit(tmp_path, diversion=None)
    assert build_results(store, {})["effects.contacts_total.closure.share"] is None


def adjusted(tmp_path, n_post):
    event = {"id": "breach", "label": "A breach, large (day unverified)", "first": "2019-09-11", "last": "2019-09-24"}
    store = worlds.unicredit(tmp_path, events=[*worlds.EVENTS, event | {"adjust": True}])
    record = store.effect("contacts_total") | {"n_post": n_post}
    worlds.artefacts.write_json(store.layout.estimates / "contacts_total.json", record)
    return store


def test_periods_left_out_are_counted_named_and_marked(tmp_path):
    store = adjusted(tmp_path, 35)  # the weeks of 9, 16 and 23 September
    found = build_results(store, {})
    assert found["effects.contacts_total.left_out.post"] == 3
    assert found["effects.contacts_total.left_out.post_whole"] == 38
    assert found["effects.contacts_total.left_out.why"] == "A breach, large"
    path = store.path("contacts_total")
    flags = digests.flagged(path, store.effect("contacts_total"), store.case, "contacts_total")
    after = path["time"][flags & (path["period"] == "post")].tolist()
    assert after == ["2019-09-09", "2019-09-16", "2019-09-23"]
    assert "2019-03-11" in path["time"][flags].tolist()  # the outage of 13 March


def test_where_the_counts_disagree_nothing_is_named_or_marked(tmp_path):
    store = adjusted(tmp_path, 30)
    assert build_results(store, {})["effects.contacts_total.left_out.why"] == ""
    record = store.effect("contacts_total")
    assert not digests.flagged(store.path("contacts_total"), record, store.case, "contacts_total").any()


def test_peers_are_counted_by_the_kind_of_reason():
    rows = [
        ["a", "one", True, "complete"],
        ["a", "two", False, "3 of 118 periods missing"],
        ["b", "two", False, "40 of 114 periods missing"],
        ["a", "three", False, "7 of 118 periods missing"],
        ["a", "four", False, "not in the data"],
    ]
    found = digests.of_peers(pd.DataFrame(rows, columns=["outcome", "unit", "kept", "reason"]))
    assert (found["peers.candidates"], found["peers.left_out"], found["peers.kinds"]) == (4, 3, 2)
    assert (found["peers.kind.0.reason"], found["peers.kind.0.count"]) == ("periods missing", 2)


def test_outcomes_that_leave_zero_out_are_counted(tmp_path):
    found = build_results(worlds.unicredit(tmp_path), {})
    assert found["summary.outcomes"] == 4
    assert found["summary.beyond_zero"] == 2
    assert found["summary.open"] == 2


def test_stages_of_a_model_of_rates_are_shares_and_of_one_of_levels_are_in_its_unit():
    ratio = {"rate_ratio": 0.9, "rate_ratio_lower": 0.8, "rate_ratio_upper": 1.1}
    counted = {
        "scale": "level", "point": -3.0, "interval": {"lower": -6.0, "upper": 1.0},
        "diagnostics": {"stages": [{"label": "stop", "date": "2018-04-02"} | ratio], "total": ratio} | ratio,
    }  # fmt: skip
    flat = digests.of_stages("effects.x", counted)
    assert flat["effects.x.stages.style"] == "percent"
    assert flat["effects.x.stages.0.effect"] == pytest.approx(-0.1)
    assert flat["effects.x.stages.event.upper"] == pytest.approx(0.1)
    row = {"label": "stop", "date": "2018-04-02", "effect": -45.0, "lower": -50.0, "upper": -40.0}
    level = {
        "scale": "level", "point": 2.4, "interval": {"lower": 1.0, "upper": 4.0},
        "diagnostics": {"stages": [row], "total": {"effect": -42.6, "lower": -48.0, "upper": -37.0}},
    }  # fmt: skip
    flat = digests.of_stages("effects.x", level)
    assert (flat["effects.x.stages.style"], flat["effects.x.stages.event.effect"]) == ("number", 2.4)
    logged = digests.of_stages("effects.x", level | {"scale": "log"})
    assert logged["effects.x.stages.event.effect"] == pytest.approx(math.expm1(2.4))


def test_the_family_is_counted_by_role():
    table = pd.DataFrame(
        {"outcome": ["a", "b", "c"], "role": ["primary", "primary", "secondary"], "adjusted": [0.06, 0.2, np.nan]}
    )
    flat = digests.of_family(table)
    assert flat == {
        "effects.a.family.adjusted": 0.06, "effects.a.family.count": 2, "effects.b.family.adjusted": 0.2,
        "effects.b.family.count": 2,
    }  # fmt: skip
@pytest.mark.parametrize(("hidden", "shown"), [(0, True), (1, True), (2, False), (20, False)])
def test_a_mean_of_weeks_is_given_only_where_few_of_them_are_hidden(hidden: int, shown: bool) -> None:
    weeks = pd.date_range("2019-01-07", periods=40, freq="7D")
    contacts = np.where(np.arange(40) < hidden, np.nan, 20.0)
    table = pd.DataFrame({"week": weeks, "channel": "app", "label": "App", "role": "owned", "contacts": contacts})
    windows = {"first": weeks[0], "pre_last": weeks[19], "event": weeks[20], "last": weeks[39]}
    found = series.volume_means(table, {"windows": windows})
    assert found["volumes.app.before"] == (20.0 if shown else None)
    assert found["volumes.app.after"] == 20.0


@pytest.mark.parametrize(("event", "counted"), [("2019-04-15", {"facebook"}), ("2020-03-16", set())])
def test_a_channel_that_the_brand_came_back_to_is_not_counted_as_nothing(event, counted):
    case = {
        "brand": "Demo",
        "channels": [{"id": "facebook", "role": "exited"}, {"id": "web", "role": "owned"}],
        "stages": [{"kind": "returned", "date": "2020-03-16", "channels": ["facebook"]}],
        "windows": {"event": event},
    }
    assert digests.closed_channels(case, {"treated": "Demo", "channels": []}) == counted
