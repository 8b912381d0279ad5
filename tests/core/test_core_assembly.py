"""From measurements to a panel: weeks, zeros, closings, windows, donors; recomputed by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.assembly import build_panel, donor_table, panel_windows
from analysis.core.case import Case
from analysis.core.errors import CaseError, DesignError, StructurallyAbsentOutcome
from analysis.core.series import series_of

DAYS = pd.date_range("2018-01-01", "2019-12-29", freq="D")  # whole Monday weeks
CLOSED = pd.Timestamp("2019-06-01")


def case(**changes: object) -> Case:
    base = {
        "slug": "demo",
        "title": "Demo",
        "brand": "Brand",
        "summary": "A demo.",
        "data_status": "real",
        "time_zone": "Europe/Rome",
        "stages": [{"id": "exit", "date": "2019-06-01", "kind": "channels_closed", "label": "Closed"}],
        "windows": {"first": "2018-01-01", "pre_last": "2019-04-28", "event": "2019-06-03", "last": "2019-12-29"},
        "channels": [
            {"id": "facebook", "label": "Facebook", "role": "exited", "closed": "2019-06-01"},
            {"id": "twitter", "label": "Twitter", "role": "retained"},
            {"id": "phone", "label": "Phone", "role": "owned"},
        ],
        "sources": [{"id": "all", "format": "measurements_csv", "label": "x", "files": ["x.csv"]}],
        "outcomes": [outcome()],
    }
    return Case.model_validate(base | changes)


def outcome(**changes: object) -> dict:
    return {
        "id": "total",
        "label": "Total",
        "question": "engagement",
        "metric": "engagements",
        "channels": ["facebook", "twitter"],
        "unit": "engagements",
        "estimand": "average",
        "estimator": "interrupted_time_series",
    } | changes


def rows(channel: str, values: np.ndarray, days: pd.DatetimeIndex = DAYS, **changes: str) -> pd.DataFrame:
    frame = pd.DataFrame({"date": days, "unit": "Brand", "channel": channel, "metric": "engagements", "value": values})
    return frame.assign(source="all", file="x.csv", row=1, period="day").assign(**changes)


NUMBERS = np.arange(len(DAYS), dtype=float) % 97 + 50
FACEBOOK = rows("facebook", NUMBERS[DAYS < CLOSED], DAYS[DAYS < CLOSED])
TWITTER = rows("twitter", NUMBERS)
BOTH = pd.concat([FACEBOOK, TWITTER], ignore_index=True)


def total(measurements: pd.DataFrame, study: Case, **changes: object) -> pd.Series:
    options = {"unit": "Brand", "metric": "engagements", "channels": ("facebook", "twitter"), "aggregate": "sum"}
    options |= {"missing": "refuse", "first": study.windows.first, "last": study.windows.last} | changes
    return series_of(measurements, study, **options)


def test_weeks_are_sums_of_seven_days_and_a_closed_channel_counts_as_nothing() -> None:
    panel = build_panel(case(), case().outcomes[0], BOTH)
    by_hand = pd.Series(np.where(DAYS < CLOSED, 2 * NUMBERS, NUMBERS), index=DAYS).resample("W-SUN").sum()
    by_hand.index = by_hand.index - pd.Timedelta(days=6)
    np.testing.assert_allclose(panel.frame["Brand"], by_hand.loc[panel.times])
    assert panel.n_pre == 69
    assert panel.n_post == 30


def test_a_week_with_a_missing_day_is_missing_not_small() -> None:
    holed = BOTH[~((BOTH["channel"] == "twitter") & (BOTH["date"] == "2018-03-07"))]
    series = total(holed, case())
    assert np.isnan(series["2018-03-05"])
    assert series.isna().sum() == 1
    with pytest.raises(DesignError, match="missing periods, the first 2018-03-05"):
        build_panel(case(), case().outcomes[0], holed)


def test_a_missing_day_is_zero_only_when_the_case_says_so() -> None:
    holed = BOTH[~((BOTH["channel"] == "twitter") & (BOTH["date"] == "2018-03-07"))]
    day = DAYS.get_loc("2018-03-07")
    filled = total(holed, case(), missing="zero")["2018-03-05"]
    assert filled == total(BOTH, case())["2018-03-05"] - NUMBERS[day]


def test_zeros_are_never_added_beyond_the_export() -> None:
    short = BOTH[BOTH["date"] <= "2019-10-06"]
    series = total(short, case(), channels=("twitter",), missing="zero")
    assert series.loc["2019-10-07":].isna().all()


def test_weekly_and_daily_exports_may_be_mixed() -> None:
    weeks = DAYS[DAYS.day_of_week == 0]
    linkedin = rows("linkedin", np.full(len(weeks), 700.0), weeks, period="week")
    mixed = pd.concat([TWITTER, linkedin], ignore_index=True)
    study = case(channels=[])
    alone = total(TWITTER, study, channels=("twitter",))
    np.testing.assert_allclose(total(mixed, study, channels=("twitter", "linkedin")), alone + 700.0)


def test_a_channel_without_data_is_an_error_even_when_missing_days_are_zero() -> None:
    with pytest.raises(DesignError, match='on the channel "phone"'):
        total(BOTH, case(), channels=("twitter", "phone"), missing="zero")


@pytest.mark.parametrize(
    ("pre_last", "event", "expected"),
    [
        ("2019-04-28", "2019-06-03", "2019-04-22"),
        ("2019-05-29", "2019-06-01", "2019-05-20"),  # the week of 27 May holds days after the closing
        ("2019-06-02", "2019-06-03", "2019-05-27"),
    ],
)
def test_a_week_that_holds_the_event_is_not_before_it(pre_last: str, event: str, expected: str) -> None:
    windows = {"first": "2018-01-01", "pre_last": pre_last, "event": event, "last": "2019-12-29"}
    study = case(windows=windows, channels=[])
    assert panel_windows(study, study.windows).pre_last == pd.Timestamp(expected)


def test_an_exited_channel_is_no_outcome_even_when_no_channel_is_named() -> None:
    study = case(outcomes=[outcome(channels=[], metric="reach")])
    reach = FACEBOOK.assign(metric="reach")
    with pytest.raises(StructurallyAbsentOutcome, match="structurally absent"):
        build_panel(study, study.outcomes[0], pd.concat([BOTH, reach], ignore_index=True))


def test_a_control_on_an_exited_channel_is_refused() -> None:
    study = case(outcomes=[outcome(covariates=["reach"])])
    with pytest.raises(DesignError, match="which the exit closed"):
        build_panel(study, study.outcomes[0], pd.concat([BOTH, FACEBOOK.assign(metric="reach")], ignore_index=True))


def test_the_brand_is_never_a_donor() -> None:
    with pytest.raises(ValueError, match="cannot be among them"):
        case(competitors=["Brand", "Peer"])
    study = case(outcomes=[outcome(treated="Peer", donors=["Other", "Peer 2"])])
    changed = study.outcomes[0].model_copy(update={"donors": ("Brand",)})
    with pytest.raises(DesignError, match="cannot be a donor"):
        build_panel(study, changed, BOTH.replace({"unit": {"Nobody": "Peer"}}))


def test_a_donor_that_is_not_in_the_data_names_the_nearest() -> None:
    study = case(outcomes=[outcome(channels=["twitter"], donors=["Peer One"])])
    data = pd.concat([TWITTER, TWITTER.assign(unit="Peer 1"), TWITTER.assign(unit="Zebra")], ignore_index=True)
    with pytest.raises(CaseError, match='of "Peer One"') as caught:
        build_panel(study, study.outcomes[0], data)
    assert caught.value.cure == 'Did you mean "Peer 1"?'


def test_data_that_end_early_are_no_channel_that_ended() -> None:
    short = BOTH[BOTH["date"] < "2019-03-01"]
    for channels in (["facebook", "twitter"], ["twitter"]):
        study = case(outcomes=[outcome(channels=channels)])
        with pytest.raises(DesignError, match="the data end on 2019-02-28, the window asks for 2019-12-29") as caught:
            build_panel(study, study.outcomes[0], short)
        assert "x.csv" in caught.value.where
        assert not isinstance(caught.value, StructurallyAbsentOutcome)


def test_a_series_that_ends_at_the_event_while_its_file_goes_on_is_absent() -> None:
    study = case(outcomes=[outcome(channels=["twitter"], id="gone")])
    gone = pd.concat([TWITTER[TWITTER["date"] < CLOSED], rows("phone", NUMBERS)], ignore_index=True)
    with pytest.raises(StructurallyAbsentOutcome):
        build_panel(study, study.outcomes[0], gone)


def test_a_channel_that_came_back_is_not_filled_with_zeros() -> None:
    stages = [
        {"id": "exit", "date": "2019-06-01", "kind": "channels_closed", "label": "x", "channels": ["facebook"]},
        {"id": "back", "date": "2019-09-02", "kind": "returned", "label": "x", "channels": ["facebook"]},
    ]
    series = total(BOTH, case(stages=stages), channels=("facebook",))
    assert (series.loc["2019-06-03":"2019-08-26"] == 0).all()
    assert series.loc["2019-09-02":].isna().all()


def test_donors_are_kept_or_dropped_with_the_reason() -> None:
    peers = [
        TWITTER.assign(unit="Whole"),
        TWITTER.assign(unit="Holed")[TWITTER["date"] != "2018-05-02"],
        TWITTER.assign(unit="Zero", value=0.0),
    ]
    study = case(
        competitors=["Whole", "Holed", "Zero", "Unheard of"],
        outcomes=[outcome(channels=["twitter"], donors="competitors", scale="log")],
    )
    table = donor_table(study, study.outcomes[0], pd.concat([TWITTER, *peers], ignore_index=True)).set_index("unit")
    assert table["kept"].tolist() == [True, False, False, False]
    assert table.loc["Holed", "reason"] == "1 of 104 periods missing"
    assert "no logarithm" in table.loc["Zero", "reason"]
    assert table.loc["Unheard of", "reason"] == "not in the data"
