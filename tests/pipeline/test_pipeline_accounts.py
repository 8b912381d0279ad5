"""A case with a register of accounts: what is refused, the dose that is written, where zeros are structural."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.core.assembly import build_panel
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import CaseError, SourceError
from analysis.core.paths import Layout
from analysis.core.series import series_of
from analysis.pipeline.exposure import changes, exposure_of
from analysis.pipeline.preflight import check_declarations, warnings_of
from analysis.pipeline.prepare import prepare
from analysis.pipeline.provenance import input_hashes
from analysis.pipeline.study import Study
from analysis.sources import read_accounts

HEADER = "brand,country,platform,handle,opened,closed,carries_service\n"
LEFT = """\
Demo,IT,facebook,demo,,2019-06-01,yes
Demo,DE,facebook,demo.de,2018-01-10,2019-06-05,no
Demo,IT,twitter,demo,,,yes
Demo,DE,twitter,demo_de,,2019-06-05,yes
Peer,IT,twitter,peer,,,no
"""
CASE = """\
slug: demo
title: A demo
brand: Demo
summary: Nothing happened.
data_status: real
time_zone: Europe/Rome
stages:
  - {id: exit, date: 2019-06-05, kind: channels_closed, label: Closed, channels: [facebook]}
windows: {first: 2019-01-07, pre_last: 2019-05-26, event: 2019-06-10, last: 2019-12-29}
channels:
  - {id: facebook, label: Facebook, role: exited, closed: 2019-06-05}
  - {id: twitter, label: Twitter, role: retained}
competitors: [Peer]
accounts: accounts.csv
sources:
  - id: all
    format: measurements_csv
    label: Everything
    files: [all.csv]
    options: {layout: long, date: date, channel_column: channel, metric: engagements, value: engagements}
outcomes:
  - id: total
    label: Total
    question: engagement
    metric: engagements
    channels: [facebook, twitter]
    unit: engagements
    estimand: average change
    estimator: interrupted_time_series
"""
EXITED = "role: exited, closed: 2019-06-05"


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Study]:
    """The study of the case above, its register or its text changed: (what stands there, what is to)."""
    folder = tmp_path / "demo"
    folder.mkdir()

    def make(*changed: tuple[str, str], register: str = LEFT, case: tuple[tuple[str, str], ...] = ()) -> Study:
        text = CASE
        for old, new in case:
            assert old in text
            text = text.replace(old, new)
        for old, new in changed:
            assert old in register
            register = register.replace(old, new, 1)
        (folder / "case.yaml").write_text(text, "utf-8")
        (folder / "accounts.csv").write_text(HEADER + register, "utf-8")
        days = pd.date_range("2019-01-07", "2020-01-05")
        rows = [
            {"date": f"{day.date()}", "channel": channel, "engagements": 10 + day.day_of_week}
            for channel in ("facebook", "twitter")
            for day in days
            if channel == "twitter" or day < pd.Timestamp("2019-06-05")
        ]
        pd.DataFrame(rows).to_csv(folder / "all.csv", index=False)
        return Study(load_case_folder(str(folder)), Layout.under(tmp_path, "demo"))

    return make


def test_a_sound_register_is_read(study) -> None:
    found = read_accounts(study().folder)
    assert [(item.handle, item.row) for item in found] == [
        ("demo", 2), ("demo.de", 3), ("demo", 4), ("demo_de", 5), ("peer", 6),
    ]  # fmt: skip
    assert f"{found[1].opened} {found[1].closed} {found[1].carries_service}" == "2018-01-10 2019-06-05 False"
    assert check_declarations(study().folder) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("demo,,2019-06-01", "demo,1 June 2019,2019-06-01", 'row 2, column "opened"'),
        ("demo,,2019-06-01", "demo,,2019-06-31", '"2019-06-31" is not a date'),
        ("2018-01-10,2019-06-05", "2019-06-10,2019-06-05", "closed (2019-06-05) is before opened (2019-06-10)"),
        ("facebook,demo.de", "facebok,demo.de", 'row 3, column "platform"\n  what to do: Did you mean "facebook"?'),
        ("demo.de,2018", "DEMO,2018", "accounts.csv, row 2 and row 3"),
        ("Demo,DE,twitter", "Demmo,DE,twitter", "neither the brand nor a competitor"),
        ("facebook,demo.de", "facebook,=HYPERLINK(1)", "would be run as a formula"),
        ("facebook,demo.de", "facebook,@demo.de", "take the @ off (handles without @)"),
        ("facebook,demo.de", 'facebook,"demo\nde"', "control characters"),
        ("facebook,demo.de", "facebook,demo\u202ede", "control characters"),
        ("facebook,demo.de", "facebook,", 'row 3, column "handle"'),
        ("Demo,DE,twitter", "Demo,Germany,twitter", "two capital letters"),
        ("2019-06-05,no", "2019-06-05,perhaps", "neither yes nor no"),
    ],
)
def test_a_wrong_cell_is_told_with_its_row_and_its_cure(study, old, new, said) -> None:
    folder = study((old, new)).folder
    with pytest.raises(CaseError) as caught:
        read_accounts(folder)
    assert said in str(caught.value)
    assert "what to do: " in str(caught.value)
    assert [str(error) for error in check_declarations(folder)] == [str(caught.value)]


def test_every_wrong_row_is_told_at_once(study) -> None:
    with pytest.raises(CaseError) as caught:
        read_accounts(study(("2019-06-05,no", "2019-06-05,2"), ("Peer,IT", "Pier,it")).folder)
    assert len(caught.value.problems) == 3


def test_the_table_itself_must_be_sound_and_inside_the_folder(study, tmp_path) -> None:
    folder = study().folder
    path = folder.folder / "accounts.csv"
    path.write_text((HEADER + LEFT).replace(",", ";"), "utf-8")
    with pytest.raises(CaseError, match=r"the columns are[\s\S]*separated by commas: brand, country"):
        read_accounts(folder)
    path.write_text(HEADER + LEFT + "Demo,IT\n", "utf-8")
    with pytest.raises(SourceError, match="cut short"):
        read_accounts(folder)
    path.write_text(HEADER + LEFT.splitlines()[-1] + "\n", "utf-8")
    with pytest.raises(CaseError, match='no account is of "Demo"'):
        read_accounts(folder)
    path.unlink()
    with pytest.raises(CaseError, match="the register is missing"):
        read_accounts(folder)
    (tmp_path / "outside.csv").write_text(HEADER + LEFT, "utf-8")
    for name in ("../outside.csv", f"{tmp_path}/outside.csv"):
        with pytest.raises(CaseError, match="must stay inside the case's folder"):
            read_accounts(study(case=(("accounts: accounts.csv", f"accounts: {name}"),)).folder)


def test_a_channel_is_exited_from_the_day_its_last_account_closed(study) -> None:
    late = ((EXITED, "role: exited, closed: 2019-06-01"), ("date: 2019-06-05", "date: 2019-06-01"))
    with pytest.raises(
        CaseError, match=r'every account on "facebook" is closed from 2019-06-05 on, the case says closed'
    ):
        read_accounts(study(case=late).folder)
    with pytest.raises(CaseError, match=r"the case says role: retained[\s\S]*set role: exited and closed: 2019-06-05"):
        read_accounts(study(case=((EXITED, "role: retained"),)).folder)
    ran = study()
    prepare(ran)
    series = series_of(
        ran.store.measurements(), ran.case, unit="Demo", metric="engagements", channels=("facebook",),
        aggregate="sum", missing="refuse", first=ran.case.windows.first, last=ran.case.windows.last,
    )  # fmt: skip
    assert (series[series.index >= "2019-06-10"] == 0).all()
    assert (series[series.index < "2019-06-03"] > 0).all()


def test_a_channel_with_an_account_still_open_is_not_exited_and_may_be_an_outcome(study) -> None:
    stays = ("2018-01-10,2019-06-05", "2018-01-10,")
    with pytest.raises(CaseError, match=r'"demo.de" stays open[\s\S]*row 3[\s\S]*set role: retained'):
        read_accounts(study(stays).folder)
    partial = ((EXITED, "role: retained"), ("channels: [facebook, twitter]", "channels: [twitter]"))
    ran = study(stays, case=partial)
    assert len(read_accounts(ran.folder)) == 5
    prepare(ran)
    assert build_panel(ran.case, ran.case.outcome("total"), ran.store.measurements()).n_post == 29


def test_a_register_needs_channels_and_the_accounts_of_each_that_closed(study) -> None:
    kept = "".join(line for line in LEFT.splitlines(keepends=True) if "facebook" not in line)
    with pytest.raises(CaseError, match='no account of "Demo" is on "facebook", which closed on 2019-06-05'):
        read_accounts(study(register=kept).folder)
    listed = CASE[CASE.index("channels:\n") : CASE.index("competitors:")]
    with pytest.raises(CaseError, match="a register needs channels:"):
        study(case=((listed, ""),))


def test_a_return_is_in_the_register_and_in_the_stages(study) -> None:
    stage = "  - {id: back, date: 2019-10-07, kind: returned, label: Back, channels: [facebook]}\nwindows:"
    returned = (("windows:", stage),)
    with pytest.raises(CaseError, match="open again never by the register, on 2019-10-07 by the stages"):
        read_accounts(study(case=returned).folder)
    again = LEFT + "Demo,IT,facebook,demo,2019-10-07,,yes\n"
    assert len(read_accounts(study(register=again, case=returned).folder)) == 6
    with pytest.raises(CaseError, match="open again on 2019-10-07 by the register, never by the stages"):
        read_accounts(study(register=again).folder)


def test_the_dose_by_week_is_written_and_a_closing_in_mid_week_counts_by_its_days(study) -> None:
    ran = study()
    table = exposure_of(ran)
    pd.testing.assert_frame_equal(table, ran.store.table("exposure"))
    assert len(table) == 2 * 51
    facebook = table[table["platform"] == "facebook"].set_index("time")
    # 27 May: one of two from Saturday on, 2 of 7 days; 3 June: the last one until Tuesday, 2 of 7 days.
    assert facebook["share_open"].loc[["2019-05-20", "2019-05-27", "2019-06-03", "2019-06-10"]].tolist() == (
        pytest.approx([1.0, (5 + 2 * 0.5) / 7, 2 * 0.5 / 7, 0.0], rel=1e-5)
    )
    assert facebook["share_service_open"].loc["2019-05-27"] == pytest.approx(5 / 7, rel=1e-5)
    twitter = table[table["platform"] == "twitter"].set_index("time")
    assert twitter["share_open"].iloc[[0, -1]].tolist() == [1.0, 0.5]
    shown = changes(table)
    assert shown[shown["platform"] == "facebook"]["time"].tolist() == [
        "2019-01-07", "2019-05-27", "2019-06-03", "2019-06-10",
    ]  # fmt: skip


def test_without_a_register_nothing_is_written(study) -> None:
    ran = study(case=(("accounts: accounts.csv\n", ""),))
    assert exposure_of(ran) is None
    assert changes(None) is None
    assert ran.store.tables == []
    assert read_accounts(ran.folder) == ()


def test_the_register_is_an_input_of_the_report(study) -> None:
    before = input_hashes(study().folder)
    assert "accounts.csv" in before
    assert input_hashes(study(("demo_de,,2019-06-05", "demo_de,,2019-06-06")).folder) != before


def test_an_account_that_closed_in_the_time_before_is_noted(study) -> None:
    assert warnings_of(study().folder) == []
    (said,) = warnings_of(study(("demo_de,,2019-06-05", "demo_de,,2019-03-04")).folder)
    assert said.startswith('the account "demo_de" (accounts.csv, row 5) closed on 2019-03-04, in the time before')
