"""Contacts, cases and customers: means recomputed with plain pandas, and an interval that knows weeks."""

import numpy as np
import pandas as pd
import pytest

from analysis.core.seeds import generator_for
from analysis.service.contact_units import attribute_shares, contact_units, due_while_followed, gaps


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


def test_only_cases_due_while_they_are_followed_count_whatever_became_of_them() -> None:
    frame, before, after = log()
    hours = pd.Series(pd.to_timedelta(np.arange(len(frame)) % 30, unit="D"), index=frame.index)
    due = (frame["signal"] + hours).where(frame.index % 7 != 0)
    limits = tuple(frame["signal"][kept].max() + pd.Timedelta(days=2) for kept in (before, after))
    settled = due_while_followed(frame.assign(due=due), after, limits)
    limit = np.where(after, limits[1], limits[0])
    assert settled.tolist() == [moment is not pd.NaT and moment < end for moment, end in zip(due, limit, strict=True)]
    # Open cases that are not yet due are in time so far, and so are those without a due date.
    late = settled & (frame.index % 3 == 0)
    given = frame.assign(due=due, on_time=np.where(late, "LATE", "ONTIME"))
    table = attribute_shares(given, before, after, {"on_time": "ONTIME"}, judged={"on_time": settled})
    assert table["quantity"].tolist() == ["on_time: ONTIME", "not judged: on_time"]
    row, left_out = (table.iloc[place] for place in range(2))
    assert row["cases_after"] == (settled & after).sum()
    assert row["after"] == pytest.approx(1 - late[after].sum() / settled[after].sum())
    assert row["after"] < (given["on_time"][after] == "ONTIME").mean()
    assert left_out["before"] == pytest.approx(1 - settled[before].mean())
    assert (left_out["cases_before"], left_out["cases_after"]) == (before.sum(), after.sum())


def test_whether_a_case_was_closed_does_not_decide_whether_it_counts() -> None:
    frame, before, after = log()
    due = frame["signal"] + pd.Timedelta(days=1)
    limits = (frame["signal"][before].max(), frame["signal"].max())
    settled = due_while_followed(frame.assign(due=due), after, limits)
    for ended in (frame["signal"], pd.Series(pd.NaT, frame.index, dtype=due.dtype)):
        assert (due_while_followed(frame.assign(due=due, outcome=ended), after, limits) == settled).all()


def test_what_is_not_known_of_cases_is_counted() -> None:
    frame, before, after = log()
    never = pd.Series(pd.NaT, index=frame.index, dtype=frame["signal"].dtype)
    ended, left = frame["signal"].where(frame.index % 4 != 0), never.mask(frame.index % 8 == 0, frame["signal"])
    table = gaps(frame.assign(outcome=ended, abandoned=left), before, after, ("on_time", "contacts", "elsewhere"))
    assert table["quantity"].tolist() == ["still_open", "missing: on_time"]
    shares = table.set_index("quantity")
    assert shares.loc["still_open", "after"] == pytest.approx((np.flatnonzero(after) % 8 == 4).mean())
    assert shares.loc["missing: on_time", "before"] == pytest.approx(50 / before.sum())


def test_bounds_of_shares_and_of_their_change_stay_where_shares_can_be() -> None:
    """Nothing was open before, a few cases are after: less than nothing cannot be, and the change says so too."""
    frame, before, after = log()
    days = (frame["signal"] - frame["signal"].max()).dt.days
    frame["outcome"] = frame["signal"].where(before | (days < -3) | (frame.index % 3 != 0))  # the last days only
    row = gaps(frame, before, after, ()).set_index("quantity").loc["still_open"]
    assert row["before"] == 0
    assert np.isnan(row["before_lower"])
    assert 0 == row["after_lower"] < row["after"] < row["after_upper"] < 0.1
    assert row[["change", "lower", "upper"]].tolist() == row[["after", "after_lower", "after_upper"]].tolist()
    # The mirror image: all before had it, a few after have not.
    have = frame.assign(kept=np.where(frame["outcome"].isna(), "NO", "YES"))
    mirrored = attribute_shares(have, before, after, {"kept": "YES"}).iloc[0]
    assert mirrored["change"] == pytest.approx(-row["change"])
    assert (mirrored["lower"], mirrored["upper"]) == pytest.approx((-row["upper"], -row["lower"]))
    assert mirrored["after_upper"] == 1
