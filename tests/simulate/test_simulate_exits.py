"""The simulated exits of 3 Italia (hypothetical) and Lush UK: committed files, truth, silence, honesty."""

import dataclasses
import gzip
import re

import numpy as np
import pandas as pd
import pytest

from analysis.core import paths
from analysis.core.case_loading import load_case_folder
from analysis.simulate import lush, tre_italia
from analysis.simulate.exit_files import simulate, write_case
from analysis.simulate.exit_truth import by_week
from analysis.simulate.exit_world import away, back, study_days
from analysis.simulate.parameters import listed_group
from analysis.simulate.truth import read_truth

CASES = {"tre-italia": tre_italia.CASE, "lush": lush.CASE}
LARGEST_FOLDER = 1_500_000
# Real brands that a careless edit could put on invented numbers.
REAL_PEERS = (
    "TIM", "Telecom Italia", "Vodafone", "Wind", "PosteMobile", "Fastweb", "CoopVoce", "The Body Shop", "Boots",
    "L'Occitane", "Sephora", "Superdrug", "Rituals", "Neal's Yard",
)


@pytest.fixture(scope="module", params=list(CASES))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def made(name):
    return CASES[name]


@pytest.fixture(scope="module")
def simulated(made):
    return simulate(made)


def _table(name: str, file: str, date: str = "date") -> pd.DataFrame:
    return pd.read_csv(paths.RAW / name / file, parse_dates=[date])


def test_committed_files_are_what_the_generator_writes(name, made, tmp_path):
    written = {path.name: path.read_bytes() for path in write_case(made, tmp_path)}
    folder = paths.RAW / name
    committed = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != paths.CASE_FILE}
    assert sorted(written) == sorted(committed)
    assert [file for file in written if written[file] != committed[file]] == []


def test_another_seed_is_another_world(made, simulated):
    calendar = dataclasses.replace(made.world.calendar, seed=7)
    other = simulate(dataclasses.replace(made, world=dataclasses.replace(made.world, calendar=calendar)))
    assert not other.tables["contacts.csv"]["contacts"].equals(simulated.tables["contacts.csv"]["contacts"])


def test_seeds_are_the_dates_of_the_event(made):
    assert made.world.calendar.seed == int(f"{made.world.calendar.closed:%Y%m%d}") == made.desk.seed


def test_truth_covers_every_outcome_on_its_channels_and_window(name, made):
    case, truth = load_case_folder(name).case, read_truth(paths.RAW / name)
    assert set(truth["outcomes"]) == {outcome.id for outcome in case.outcomes} == set(made.estimands)
    for outcome in case.outcomes:
        known, windows = made.estimands[outcome.id], case.windows_of(outcome)
        assert set(known.channels) == set(outcome.channels)
        assert known.metric == outcome.metric
        assert (known.first, known.last) == (windows.event, windows.last)
    assert set(case.diversion.exited) == set(made.world.contacts.exited)
    assert set(case.diversion.receiving) == set(made.world.contacts.diversion)
    assert (case.windows.event, case.windows.last) == made.closed


def test_diversion_is_the_declared_one_and_adds_up(name, made, simulated):
    truth = read_truth(paths.RAW / name)["diversion"]
    assert truth["recapture"] + truth["lost"] == pytest.approx(1)
    for channel, share in made.world.contacts.diversion.items():
        assert truth[channel] == pytest.approx(share, abs=1e-5)
    pair = simulated.intensities["contacts"]
    change = (by_week(pair.with_exit, *made.closed) - by_week(pair.without_exit, *made.closed)).sum().sum()
    exited = by_week(pair.without_exit, *made.closed)[list(made.world.contacts.exited)].sum().sum()
    assert change == pytest.approx(-truth["lost"] * exited, rel=1e-5)


def test_truth_of_one_channel_another_way(name, made, simulated):
    """Week by week in plain Python: extra contacts are the declared share of those expected on the closed channels."""
    expected = simulated.intensities["contacts"].without_exit
    share = made.world.contacts.diversion["email"]
    first, last = (pd.Timestamp(day) for day in made.closed)
    logs = []
    for monday in pd.date_range(first, last, freq="7D"):
        week = expected.loc[monday : monday + pd.Timedelta(days=6)]
        exited = sum(week[channel].sum() for channel in made.world.contacts.exited)
        logs.append(np.log1p(share * exited / week["email"].sum()))
    assert read_truth(paths.RAW / name)["outcomes"]["contacts_email"]["log_effect"] == pytest.approx(
        np.mean(logs), rel=1e-5
    )


def test_nothing_differs_before_the_closing(made, simulated):
    for pair in simulated.intensities.values():
        before = pair.with_exit.index < pd.Timestamp(made.world.calendar.closed)
        pd.testing.assert_frame_equal(pair.with_exit[before], pair.without_exit[before])


def test_closed_channels_have_no_row_while_they_are_closed(name, made):
    days = study_days(made.world.calendar)
    closed, returned = (days[shut(made.world.calendar, days)] for shut in (away, back))
    for metric in ("engagement", "contacts"):
        table, exited = _table(name, f"{metric}.csv"), getattr(made.world, metric).exited
        own = table[table["channel"].isin(exited)]
        assert not own["date"].isin(closed).any()
        assert set(returned) <= set(own["date"])
        stayed = table[~table["channel"].isin(exited)]
        assert (stayed.groupby("channel")["date"].nunique() == len(days)).all()


def test_peer_panel_is_complete_and_invented(name, made):
    peers = _table(name, "peers.csv.gz", "week")
    weeks = study_days(made.world.calendar)[::7]
    assert len(peers) == made.world.engagement.peers * len(made.world.engagement.channels) * len(weeks)
    assert set(peers["week"]) == set(weeks)
    assert set(peers["brand"]) == set(made.world.engagement.peer_names())
    assert set(peers["brand"]) == set(load_case_folder(name).case.competitors)
    assert peers["brand"].str.fullmatch(r"Peer (operator|retailer) \d\d").all()


def test_no_real_peer_stands_on_invented_numbers(name):
    for path in (paths.RAW / name).iterdir():
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
        assert [peer for peer in REAL_PEERS if re.search(rf"\b{re.escape(peer)}\b", text)] == [], path.name


def test_the_case_says_simulated_wherever_it_is_read(name):
    case, page = load_case_folder(name).case, (paths.RAW / name / "SOURCE.md").read_text("utf-8")
    assert page.startswith("# SIMULATED DATA")
    assert case.data_status == "simulated"
    assert "SIMULATED" in case.title
    assert "SIMULATED" in case.summary
    assert all("simulated" in source.label for source in case.sources)
    assert all(f"`{path.name}`" in page for path in (paths.RAW / name).iterdir()
               if path.name not in ("SOURCE.md", paths.CASE_FILE))  # fmt: skip


def test_every_parameter_says_where_it_comes_from(name, made):
    page = (paths.RAW / name / "SOURCE.md").read_text("utf-8")
    for group in (*made.world.groups, made.desk):
        assert set(group.sources) <= {item.name for item in dataclasses.fields(group)}
        for part, field, parameter in listed_group(group):
            assert parameter.meaning
            assert parameter.source
            assert f"| {part} | {field} |" in page


def test_folder_stays_small(name):
    assert sum(path.stat().st_size for path in (paths.RAW / name).iterdir()) < LARGEST_FOLDER


def test_the_hypothetical_exit_is_called_so():
    case = load_case_folder("tre-italia").case
    assert case.event_name == "the hypothetical exit"
    assert "hypothetical" in case.title
    assert (case.windows.pre_last - case.windows.first).days >= 78 * 7 - 1


def test_the_paid_phone_takes_less_than_its_part():
    """The phone has most contacts and gets the least of those that moved."""
    contacts = tre_italia.CASE.world.contacts
    stayed = {channel: contacts.level[channel] for channel in contacts.diversion}
    assert contacts.diversion["phone"] / sum(contacts.diversion.values()) < 0.3 * stayed["phone"] / sum(stayed.values())


def test_the_return_reverses_the_exit_in_part():
    outcomes = read_truth(paths.RAW / "lush")["outcomes"]
    assert outcomes["engagement_total"]["relative"] < outcomes["engagement_after_return"]["relative"] < -0.05
    assert outcomes["engagement_shops"]["relative"] > 0.1


def test_the_pandemic_is_listed_and_moves_peers_as_it_moves_the_brand():
    case, simulated = load_case_folder("lush").case, simulate(lush.CASE)
    assert any("COVID-19" in event.label for event in case.events)
    assert any("COVID-19" in limit for limit in case.limits)
    peers = simulated.tables["peers.csv.gz"]
    weekly = np.log(peers.groupby(["week", "brand"])["engagements"].sum().unstack())
    rise = weekly.loc["2020-03-16":"2020-04-20"].mean() - weekly.loc["2020-01-27":"2020-03-09"].mean()
    assert rise.mean() > 0.1
