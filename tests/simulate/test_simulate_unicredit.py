"""The simulated UniCredit world: committed files, truth, structural absence, honesty about what is invented."""

import csv
import dataclasses
import gzip
import io
import itertools
import re

import numpy as np
import pandas as pd
import pytest

from analysis.core import paths
from analysis.core.artefacts import read_json, rounded
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import SourceError
from analysis.simulate.facebook_layout import CLICKS, ENGAGEMENT_HEADER
from analysis.simulate.truth import read_truth
from analysis.simulate.twitter_layout import HEADER
from analysis.simulate.unicredit import CASE, export_files, simulate_unicredit, write_world
from analysis.simulate.unicredit_parameters import (
    CONTACTS,
    ENGAGEMENT,
    EXITED_CONTACTS,
    GROUPS,
    RECEIVING_CONTACTS,
    SOCIAL,
    listed,
)
from analysis.simulate.unicredit_truth import ESTIMANDS, REACTION

FOLDER = paths.RAW / CASE
LARGEST_FOLDER = 3_000_000
CLOSING = pd.Timestamp("2019-06-01")
# Real institutions that a careless edit could put on invented numbers.
REAL_BANKS = (
    "Intesa", "Sanpaolo", "Mediobanca", "Banco BPM", "UBI", "BPER", "Fineco", "Monte dei Paschi", "Commerzbank",
    "Deutsche Bank", "BNP", "Santander", "ING", "Crédit Agricole", "Credem", "Poste", "buddybank",
)


@pytest.fixture(scope="module")
def world():
    return simulate_unicredit()


@pytest.fixture(scope="module")
def case():
    return load_case_folder(CASE).case


def test_committed_files_are_what_the_generator_writes(world, tmp_path):
    written = {path.name: path.read_bytes() for path in write_world(world, tmp_path)}
    committed = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.name != paths.CASE_FILE}
    assert sorted(written) == sorted(committed)
    assert [name for name in written if written[name] != committed[name]] == []


def test_another_seed_is_another_world_and_the_same_seed_the_same(world):
    again, other = simulate_unicredit(), simulate_unicredit(7)
    assert export_files(again) == export_files(world)
    assert not other.contacts["contacts"].equals(world.contacts["contacts"])
    effects = [item.truth["outcomes"]["engagement_total"]["log_effect"] for item in (other, again)]
    assert effects[0] != effects[1]


def test_folder_stays_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < LARGEST_FOLDER


def test_truth_of_phone_contacts_another_way(world):
    """Day by day in plain Python: extra calls are the declared share of the expected exited contacts of the week."""
    expected = world.intensities["contacts"].without_exit
    weeks: dict[pd.Timestamp, list[float]] = {}
    for day, row in expected.loc["2019-06-03":"2020-02-23"].iterrows():
        cell = weeks.setdefault(day - pd.Timedelta(days=day.day_of_week), [0.0, 0.0])
        cell[0] += row["phone"]
        cell[1] += sum(row[channel] for channel in EXITED_CONTACTS)
    share = CONTACTS.diversion.value["phone"]
    logs = [np.log((own + share * exited) / own) for own, exited in weeks.values()]
    truth = world.truth["outcomes"]["contacts_phone"]
    assert len(weeks) == 38
    assert truth["log_effect"] == pytest.approx(np.mean(logs), rel=1e-6)
    assert truth["mean_per_week"] == pytest.approx(np.mean([share * exited for _, exited in weeks.values()]), rel=1e-6)


def test_truth_of_the_retained_channels_is_the_declared_spillover(world):
    for channel, spillover in ENGAGEMENT.spillover.value.items():
        assert world.truth["outcomes"][f"engagement_{channel}"]["relative"] == pytest.approx(spillover, abs=1e-6)
    parts = [ENGAGEMENT.spillover.value[name] for name in ("linkedin", "twitter")]
    assert parts[0] < world.truth["outcomes"]["engagement_retained"]["relative"] < parts[1]


def test_diversion_adds_up_to_the_exited_contacts(world):
    truth = world.truth["diversion"]
    assert truth["recapture"] + truth["lost"] == pytest.approx(1)
    for channel in RECEIVING_CONTACTS:
        assert truth[channel] == pytest.approx(CONTACTS.diversion.value[channel], abs=1e-6)
    pair = world.intensities["contacts"]
    change = (pair.with_exit - pair.without_exit).loc["2019-06-03":].sum().sum()
    exited = pair.without_exit.loc["2019-06-03":, list(EXITED_CONTACTS)].sum().sum()
    assert change == pytest.approx(-truth["lost"] * exited, rel=1e-6)


def test_nothing_differs_before_the_closing(world):
    for pair in world.intensities.values():
        before = pair.with_exit.index < CLOSING
        pd.testing.assert_frame_equal(pair.with_exit[before], pair.without_exit[before])


def test_truth_covers_every_outcome_of_the_case_on_its_channels_and_window(case):
    truth = read_truth(FOLDER)
    assert set(truth["outcomes"]) == {outcome.id for outcome in case.outcomes}
    assert str(case.windows.event) == "2019-06-03"
    assert str(case.windows.last) == "2020-02-23"
    for outcome in case.outcomes:
        if outcome.id == REACTION:
            assert truth["outcomes"][REACTION]["log_effect"] == 0
            continue
        assert set(ESTIMANDS[outcome.id].channels) == set(outcome.channels)
        assert ESTIMANDS[outcome.id].metric == outcome.metric
        after = case.windows_of(outcome)
        assert (after.event, after.last) == (case.windows.event, case.windows.last)


def test_truth_file_holds_the_truth_of_the_world(world):
    stored = read_json(FOLDER / paths.TRUTH_FILE)
    assert set(stored) == {*world.truth, "service"}
    for name, known in world.truth["outcomes"].items():
        assert stored["outcomes"][name]["log_effect"] == rounded(known["log_effect"])


@pytest.mark.parametrize("content", [None, "not json", '{"seed": 1}', "[]"])
def test_a_missing_or_broken_truth_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / paths.TRUTH_FILE).write_text(content)
    with pytest.raises(SourceError, match="truth"):
        read_truth(tmp_path)


def test_exited_channels_have_no_row_from_the_closing_on():
    instagram = pd.read_csv(FOLDER / "instagram.csv", parse_dates=["date"])
    contacts = pd.read_csv(FOLDER / "contacts.csv", parse_dates=["date"])
    last = contacts.groupby("channel")["date"].max()
    assert instagram["date"].max() == CLOSING - pd.Timedelta(days=1)
    assert (last[list(EXITED_CONTACTS)] == CLOSING - pd.Timedelta(days=1)).all()
    assert (last[list(RECEIVING_CONTACTS)] == pd.Timestamp("2020-02-23")).all()
    page = sorted(FOLDER.glob("Facebook Insights*.csv"))
    assert page[-1].stem.endswith("2019-05-31")
    assert page[-1].read_text("cp1252").splitlines()[-1].startswith("5/31/2019,")


def test_facebook_windows_have_the_platform_s_quirks():
    headers = []
    for number, path in enumerate(sorted(FOLDER.glob("Facebook Insights*.csv"))):
        rows = list(csv.reader(io.StringIO(path.read_text("cp1252"), newline="")))
        assert len(rows) - 2 <= 180
        assert len(rows[0]) in range(40, 70)
        assert rows[1] == ["", ""] if number == 0 else len(rows[1]) == len(rows[0]) and rows[1][0] == ""
        assert {len(row) for row in rows[2:]} == {len(rows[0])}
        assert len(set(rows[0])) < len(rows[0])  # namesakes
        table = pd.DataFrame(rows[2:], columns=range(len(rows[0])))
        kinds = [rows[0].index(f"{ENGAGEMENT_HEADER} by type - {kind}") for kind in CLICKS]
        total = table[rows[0].index(ENGAGEMENT_HEADER)].astype(int)
        assert table[kinds].replace("", 0).astype(int).sum(axis=1).equals(total)
        headers.append(set(rows[0]))
    assert len({frozenset(item) for item in headers}) > 1  # columns come and go
    assert any("Forlì" in name for name in headers[0])
    with pytest.raises(UnicodeDecodeError):
        path.read_text("utf-8")


def test_facebook_windows_join_without_gap():
    names = [re.findall(r"\d{4}-\d{2}-\d{2}", path.name) for path in sorted(FOLDER.glob("Facebook Insights*.csv"))]
    for (_, end), (start, _) in itertools.pairwise(names):
        assert pd.Timestamp(start) - pd.Timestamp(end) == pd.Timedelta(days=1)


def test_advertising_stops_on_the_declared_day(world):
    paid = next(name for name in world.facebook.columns if name[0] == "Daily Paid Reach")
    assert (world.facebook.loc[:"2018-03-30", paid] > 0).all()
    assert (world.facebook.loc["2018-03-31":, paid] == 0).all()


def test_twitter_months_have_the_verbatim_header_and_add_up():
    files = sorted(FOLDER.glob("daily_tweet_activity_metrics_UniCreditSim_*_en.csv"))
    assert len(HEADER) == 38
    assert len(files) == 38  # January 2017 to February 2020
    days = 0
    for path in files:
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
        assert path.read_bytes().startswith(b'"Date","Tweets published","impressions"')
        assert tuple(rows[0]) == HEADER
        for row in rows:
            kinds = [int(row[name]) for name in HEADER[5:20] if name != "media views"]
            assert sum(kinds) == int(row["engagements"])
            assert {row[name] for name in HEADER[20:]} == {"-"}
        start, end = re.findall(r"\d{8}", path.name)
        assert len(rows) == (pd.Timestamp(end) - pd.Timestamp(start)).days
        days += len(rows)
    assert days == 1148


def test_peer_panel_is_complete():
    peers = pd.read_csv(FOLDER / "peers.csv", parse_dates=["week"])
    weeks = pd.date_range("2017-01-02", "2020-02-17", freq="7D")
    assert len(peers) == 24 * 4 * len(weeks)
    assert not peers.duplicated(["week", "brand", "channel"]).any()
    assert set(peers["brand"]) == {f"Peer bank {number:02d}" for number in range(1, 25)}
    assert set(peers["channel"]) == set(SOCIAL)
    assert set(peers["week"]) == set(weeks)
    assert (peers["engagements"] > 0).all()


def test_peers_do_not_notice_the_exit(world):
    """Peers' log weekly Twitter engagement moves by chance only between the same weeks of two years."""
    table = world.peers[world.peers["channel"] == "twitter"].pivot(index="week", columns="brand", values="engagements")
    logs = np.log(table)
    change = logs.loc["2019-06-03":"2020-02-17"].mean() - logs.loc["2018-06-04":"2019-02-18"].mean()
    assert change.abs().max() < 0.5
    assert change.std() < 0.15


def test_prices_follow_the_market_model(world):
    wide = world.prices.pivot(index="Date", columns="Ticker", values="Adj Close")
    returns = np.log(wide).diff().dropna()
    slope = returns.cov().loc["SIM-BRAND", "SIM-INDEX"] / returns["SIM-INDEX"].var()
    assert slope == pytest.approx(1.607, abs=0.15)
    assert wide.index.equals(pd.DatetimeIndex(wide.index).unique())
    assert (world.prices["Low"] <= world.prices[["Open", "Close"]].min(axis=1)).all()
    assert (world.prices["High"] >= world.prices[["Open", "Close"]].max(axis=1)).all()


def test_the_case_loads_and_its_event_window_counts_trading_days(case, world):
    assert case.data_status == "simulated"
    assert "SIMULATED" in case.title
    assert "SIMULATED" in case.summary
    reaction = case.outcome(REACTION).windows
    days = pd.DatetimeIndex(world.prices["Date"].unique())
    event = days.get_loc(pd.Timestamp(reaction.event))
    assert days[event - 12] == pd.Timestamp(reaction.pre_last)
    assert ((days >= str(reaction.first)) & (days <= str(reaction.pre_last))).sum() == 250


def test_every_parameter_says_where_it_comes_from():
    rows = list(listed())
    page = (FOLDER / "SOURCE.md").read_text("utf-8")
    assert len(rows) == sum(len(dataclasses.fields(group)) for group in GROUPS)
    for group, name, parameter in rows:
        assert parameter.meaning
        assert parameter.source
        assert f"| {group} | {name} |" in page


def test_no_real_bank_stands_on_invented_numbers():
    """SOURCE.md cites the public prices a slope was recomputed from; the exports themselves name nobody."""
    for path in FOLDER.iterdir():
        if path.name in ("SOURCE.md", paths.CASE_FILE):
            continue
        encoding = "cp1252" if path.name.startswith("Facebook") else "utf-8"
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode(encoding)
        found = [bank for bank in REAL_BANKS if re.search(rf"\b{re.escape(bank)}\b", text)]
        assert found == [], path.name


def test_every_file_name_or_the_source_page_says_simulated():
    page = (FOLDER / "SOURCE.md").read_text("utf-8")
    assert page.startswith("# SIMULATED DATA")
    for path in (item for item in FOLDER.iterdir() if item.name != "SOURCE.md"):
        assert "imulated" in path.name or "Sim" in path.name or f"`{path.name}`" in page
