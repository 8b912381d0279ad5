"""The vocabulary is complete, what has no sum is refused with its key, and redefinitions are found to the day."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_core_assembly import BOTH, FACEBOOK, TWITTER, case, outcome

from analysis.core.assembly import build_panel
from analysis.core.errors import CaseError
from analysis.core.kpis import ENTRIES, FAMILIES, KPIS, kind_of, kpi_of
from analysis.core.redefinitions import FORMATS, KNOWN, inside, known_on, of_outcome, table_of
from analysis.core.series import series_of
from analysis.core.vocabulary import KINDS, NOT_OVER_CHANNELS, NOT_OVER_DAYS, why_no_sum
from analysis.sources import available

# Of practice.md's dictionary of KPIs.
DICTIONARY = {
    "engagement_rate_followers", "engagement_rate_reach", "reach", "share_of_voice", "net_sentiment",
    "first_response_time", "take_charge_time", "outcome_time", "handle_time", "first_contact_resolution",
    "service_level", "abandonment", "contact_rate", "deflection", "occupancy", "shrinkage", "satisfaction",
    "net_promoter_score", "cost_per_contact",
}  # fmt: skip


@pytest.mark.parametrize("kpi", ENTRIES, ids=lambda kpi: kpi.id)
def test_every_kpi_says_what_it_is(kpi) -> None:
    assert kpi.kind in KINDS
    assert all(text.strip() for text in (kpi.label, kpi.unit, kpi.counts, kpi.source, kpi.clock))
    assert bool(kpi.denominator) or kpi.kind not in ("rate", "index")


def test_ids_are_used_once_and_are_no_kinds() -> None:
    assert len(KPIS) == len(ENTRIES)
    assert not set(KPIS) & set(KINDS)
    assert set(FAMILIES.values()) <= set(KPIS)
    assert set(KPIS) >= DICTIONARY


def test_followers_are_stocks_and_reach_is_people() -> None:
    assert KPIS["followers"].kind == "stock"
    assert KPIS["reach"].kind == "unique"
    assert "followers" not in why_no_sum("stock", over="channels")
    assert set(KINDS) - set(NOT_OVER_DAYS) == {"flow"}
    assert set(KINDS) - set(NOT_OVER_CHANNELS) == {"flow", "stock"}


def test_a_metric_is_found_by_its_tie_its_name_or_its_family() -> None:
    assert kpi_of("engagements") == "engagements"
    assert kpi_of("contacts_cards") == "contacts"
    assert kind_of(kpi_of("duration_p90")) == "duration"
    assert kpi_of("fans", {"fans": "followers"}) == "followers"
    assert kind_of(kpi_of("fans", {"fans": "stock"})) == "stock"
    assert (kpi_of("smiles"), kind_of(kpi_of("smiles"))) == ("", "flow")


def measured(metric: str, frame: pd.DataFrame = BOTH, **more: str) -> pd.DataFrame:
    return frame.assign(metric=metric, **more)


def test_reach_is_never_added_up_over_channels() -> None:
    with pytest.raises(ValueError, match='outcome "total": channels: reach of 2 channels is never added up'):
        case(outcomes=[outcome(metric="reach")])
    study = case(channels=[], outcomes=[outcome(metric="reach", channels=[], aggregate="mean")])
    two = measured("reach", pd.concat([TWITTER, TWITTER.assign(channel="linkedin")], ignore_index=True))
    with pytest.raises(CaseError, match=r"reach of 2 channels \(linkedin, twitter\)") as caught:
        build_panel(study, study.outcomes[0], two)
    assert caught.value.where == "outcomes, total, channels"
    assert "name one channel" in caught.value.cure


@pytest.mark.parametrize("metric", ["reach", "followers", "search_interest", "visitors"])
def test_days_of_a_level_or_of_people_do_not_add_up_to_a_week(metric: str) -> None:
    study = case(outcomes=[outcome(metric=metric, channels=["twitter"])])
    with pytest.raises(CaseError, match="do not add up to a week") as caught:
        build_panel(study, study.outcomes[0], measured(metric))
    assert caught.value.where == "outcomes, total, aggregate"
    assert "aggregate: mean" in caught.value.cure


@pytest.mark.parametrize("aggregate", ["mean", "last"])
def test_a_level_is_read_or_averaged(aggregate: str) -> None:
    study = case(outcomes=[outcome(metric="followers", channels=["twitter"], aggregate=aggregate)])
    panel = build_panel(study, study.outcomes[0], measured("followers"))
    week = TWITTER.set_index("date")["value"]["2018-01-01":"2018-01-07"]
    assert panel.frame["Brand"].iloc[0] == (week.mean() if aggregate == "mean" else week.iloc[-1])


def test_the_header_decides_whatever_the_case_calls_it() -> None:
    study = case(outcomes=[outcome(channels=["twitter"])])
    with pytest.raises(CaseError, match="people, and one person seen on two days"):
        build_panel(study, study.outcomes[0], BOTH.assign(kpi="unique"))


def test_daily_studies_and_weekly_exports_have_nothing_to_add_up() -> None:
    weeks = TWITTER[TWITTER["date"].dt.day_of_week == 0]
    options = {"unit": "Brand", "metric": "followers", "channels": ("twitter",), "aggregate": "sum",
               "missing": "refuse", "first": date(2018, 1, 1), "last": date(2018, 3, 4)}  # fmt: skip
    assert series_of(measured("followers", weeks, period="week"), case(), **options).notna().all()
    assert series_of(measured("followers", TWITTER), case(frequency="day"), **options).notna().all()


def test_ties_of_a_case_are_checked() -> None:
    assert case(kpis={"fans": "followers", "oddities": "flow"}).kpis["oddities"] == "flow"
    with pytest.raises(ValueError, match=r'there is no KPI "folowers"\. Did you mean "followers"'):
        case(kpis={"fans": "folowers"})
    with pytest.raises(ValueError, match='"reach" is a KPI by its own name'):
        case(kpis={"reach": "flow"})
    with pytest.raises(ValueError, match="never added up"):
        case(kpis={"visibility": "reach"}, outcomes=[outcome(metric="visibility")])


# ---- redefinitions


def test_every_redefinition_is_of_known_kpis_and_dated() -> None:
    assert len({item.id for item in KNOWN}) == len(KNOWN)
    assert set(FORMATS) <= set(available())
    for item in KNOWN:
        assert set(item.kpis) <= set(KPIS)
        assert item.first <= item.last
        assert all(text.strip() for text in (item.label, item.what, item.source))


def test_the_two_that_everybody_meets() -> None:
    (reactions,) = known_on("facebook", "measurements_csv", "reactions")
    assert reactions.first == reactions.last == date(2016, 2, 24)
    views = known_on("instagram", "meta_business_suite_content", "views")
    assert [item.first.year for item in views] == [2025]
    assert not known_on("facebook", "facebook_insights_page", "clicks")


def test_a_channel_is_on_its_platform_by_name_or_by_format() -> None:
    assert known_on("facebook_shops", "measurements_csv", "likes")
    assert known_on("our_page", "facebook_insights_posts", "likes")
    assert not known_on("our_page", "measurements_csv", "likes")
    assert not known_on("instagram", "measurements_csv", "likes")


@given(st.integers(-400, 400), st.integers(0, 400))
def test_a_change_is_inside_when_both_definitions_are(start: int, length: int) -> None:
    (item,) = known_on("facebook", "measurements_csv", "likes")
    first = item.first + timedelta(days=start)
    last = first + timedelta(days=length)
    old = any(first + timedelta(days=k) < item.first for k in range(length + 1))
    new = any(first + timedelta(days=k) >= item.first for k in range(length + 1))
    assert inside(item, first, last) == (old and new)


SPAN = pd.date_range("2015-06-01", "2016-12-25", freq="D")


def moved(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame({"date": SPAN, "unit": "Brand", "channel": "facebook", "metric": "likes", "value": 1.0})
    return frame.assign(source="all", file="x.csv", row=1, period="day").assign(**changes)


def study(first: str, last: str):
    windows = {"first": first, "pre_last": "2016-05-01", "event": "2016-06-06", "last": last}
    return case(channels=[], windows=windows, outcomes=[outcome(metric="likes", channels=["facebook"])])


@pytest.mark.parametrize(
    ("first", "found"), [("2015-06-01", True), ("2016-02-23", True), ("2016-02-24", False), ("2016-03-07", False)]
)
def test_found_in_the_windows_to_the_day(first: str, found: bool) -> None:
    changed = study(first, "2016-12-25")
    assert bool(of_outcome(changed, changed.outcomes[0], moved())) == found
    table = table_of(changed, moved())
    assert list(table["id"]) == ["facebook_reactions_2016"]  # inside the data in any case
    assert table["outcomes"].iloc[0] == ("total" if found else "")


def test_only_of_the_outcome_s_own_series() -> None:
    wide = study("2015-06-01", "2016-12-25")
    own = wide.outcomes[0]
    for elsewhere in ({"channel": "twitter"}, {"unit": "Peer"}, {"metric": "comments"}):
        assert not of_outcome(wide, own, moved(**elsewhere))
    later = moved()[SPAN >= "2016-02-24"]
    assert not of_outcome(wide, own, later)
    assert not len(table_of(wide, later))


def test_a_panel_knows_what_changed_inside_it() -> None:
    wide = study("2015-06-01", "2016-12-25")
    panel = build_panel(wide, wide.outcomes[0], moved())
    assert [item.id for item in panel.redefinitions] == ["facebook_reactions_2016"]
    assert panel.with_donors(()).redefinitions == panel.redefinitions
    assert build_panel(case(), case().outcomes[0], pd.concat([FACEBOOK, TWITTER])).redefinitions == ()
