"""Contacts, cases and customers: means recomputed with plain pandas, and an interval that knows weeks."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.seeds import generator_for
from analysis.service.contact_units import attribute_shares, contact_units, gaps


def log(change: float = 0.3) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    draw = generator_for("contact units")
    days = pd.date_range("2018-06-04", periods=70 * 7, freq="D", tz="Europe/Rome")
    signal = days.repeat(6)
    after = np.asarray(signal >= pd.Timestamp("2019-06-03", tz="Europe/Rome"))
    frame = pd.DataFrame(
        {
            "signal": signal,
            "contacts": 1 + draw.poisson(0.5 + change * after),
            "channels_used": 1 + (draw.random(len(signal)) < 0.2),
            "customer": draw.integers(0, 900, len(signal)),
            "on_time": np.where(draw.random(len(signal)) < 0.8, "ONTIME", "LATE"),
        }
    )
    frame.loc[frame.index[:50], "on_time"] = ""
    return frame, ~after, after


def test_means_are_those_of_the_log() -> None:
    frame, before, after = log()
    table = contact_units(frame, before, after).set_index("quantity")
    assert table.loc["contacts_a_case", "before"] == pytest.approx(frame["contacts"][before].mean())
    assert table.loc["several_channels", "after"] == pytest.approx((frame["channels_used"][after] > 1).mean())
    block = (frame["signal"][before].dt.normalize() - frame["signal"].min()).dt.days // 28
    counts = frame[before].groupby([frame["customer"][before], block])["customer"].transform("size")
    assert table.loc["cases_a_customer_in_four_weeks", "before"] == pytest.approx(counts.mean())
    assert table.loc["contacts_a_case", "cases_after"] == after.sum()


def test_a_change_is_found_and_its_interval_holds_it() -> None:
    table = contact_units(*log(0.3)).set_index("quantity").loc["contacts_a_case"]
    assert table["lower"] < 0.3 < table["upper"]
    assert table["lower"] > 0
    assert table["p_value"] < 0.05
    quiet = contact_units(*log(0.0)).set_index("quantity").loc["contacts_a_case"]
    assert quiet["lower"] < 0 < quiet["upper"]


def test_a_share_leaves_out_what_is_not_known() -> None:
    frame, before, after = log()
    row = attribute_shares(frame, before, after, {"on_time": "ONTIME"}).iloc[0]
    known = frame[before & (frame["on_time"] != "")]
    assert row["quantity"] == "on_time: ONTIME"
    assert row["before"] == pytest.approx((known["on_time"] == "ONTIME").mean())
    assert row["cases_before"] == before.sum() - 50


def test_a_log_without_customers_says_nothing_of_them() -> None:
    frame, before, after = log()
    assert contact_units(frame[["signal", "contacts"]], before, after)["quantity"].tolist() == ["contacts_a_case"]


def test_a_period_of_a_few_cases_is_left_out_and_counted() -> None:
    frame, before, after = log()
    few = after & (np.cumsum(after) <= 9)
    table = contact_units(frame, before, few, smallest=10)
    assert table.empty
    assert table.attrs["left_out"] == 3
    assert len(contact_units(frame, before, few, smallest=9)) == 3
    rare = frame.assign(on_time=frame["on_time"].where(before | few, ""))
    shares = attribute_shares(rare, before, after, {"on_time": "ONTIME"}, smallest=10)
    assert (len(shares), shares.attrs["left_out"]) == (0, 1)


def test_an_open_case_that_is_not_yet_due_does_not_count_as_in_time() -> None:
    frame, before, after = log()
    ended = frame["signal"].where(frame.index % 4 != 0)
    row = attribute_shares(
        frame.assign(outcome=ended), before, after, {"on_time": "ONTIME"}, undecided=("on_time",)
    ).iloc[0]
    counted = frame[after & (ended.notna() | (frame["on_time"] == "LATE"))]
    assert row["cases_after"] == len(counted)
    assert row["after"] == pytest.approx((counted["on_time"] == "ONTIME").mean())
    assert row["after"] < (frame["on_time"][after] == "ONTIME").mean()


def test_what_is_not_known_of_cases_is_counted() -> None:
    frame, before, after = log()
    never = pd.Series(pd.NaT, index=frame.index, dtype=frame["signal"].dtype)
    ended, left = frame["signal"].where(frame.index % 4 != 0), never.mask(frame.index % 8 == 0, frame["signal"])
    table = gaps(frame.assign(outcome=ended, abandoned=left), before, after, ("on_time", "contacts", "elsewhere"))
    assert table["quantity"].tolist() == ["still_open", "missing: on_time"]
    shares = table.set_index("quantity")
    assert shares.loc["still_open", "after"] == pytest.approx((np.flatnonzero(after) % 8 == 4).mean())
    assert shares.loc["missing: on_time", "before"] == pytest.approx(50 / before.sum())
