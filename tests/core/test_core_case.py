"""case.yaml is hostile input: every problem named with key and line, nothing evaluated, nothing outside the folder."""

import os
import time
from pathlib import Path

import pytest
import yaml

from analysis.core import paths
from analysis.core.case_loading import load_case, load_case_folder, parse_case
from analysis.core.errors import CaseError

SHIPPED = sorted([*paths.RAW.glob("*/case.yaml"), *(paths.PROJECT / "tests/cases").glob("*/case.yaml")])
GOOD = """\
slug: demo
title: A demo
brand: Demo
summary: Nothing happened.
data_status: real
time_zone: Europe/Rome
stages:
  - {id: exit, date: 2019-06-01, kind: channels_closed, label: Closed, channels: [facebook]}
windows: {first: 2018-01-01, pre_last: 2019-05-01, event: 2019-06-03, last: 2019-12-30}
channels:
  - {id: facebook, label: Facebook, role: exited, closed: 2019-06-01}
  - {id: twitter, label: Twitter, role: retained}
sources:
  - {id: all, format: measurements_csv, label: Everything, files: [all.csv], options: {}}
outcomes:
  - id: total
    label: Total
    question: engagement
    metric: engagements
    channels: [facebook, twitter]
    unit: engagements per week
    estimand: average effect
    estimator: interrupted_time_series
"""


def refused(text: str) -> str:
    with pytest.raises(CaseError) as caught:
        parse_case(text.encode(), where="case.yaml")
    return str(caught.value)


def test_the_good_case_loads() -> None:
    assert parse_case(GOOD.encode(), where="x").donut_days() == 32


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("slug: demo", "slug: demo\nwindow: {}", 'line 2, window: unknown key "window". Did you mean "windows"?'),
        (
            "    estimand: average",
            "    estimator_options: {}\n    estimand: average",
            'unknown key "estimator_options"',
        ),
        ("pre_last: 2019-05-01", "pre_last: 2019-07-01", "out of order"),
        ("event: 2019-06-03", "event: someday", "line 9, windows.event"),
        ("slug: demo\n", "", 'the key "slug" is missing'),
        ("Europe/Rome", "Mars/Olympus", "not a time zone"),
        ("[facebook, twitter]", "[facebook]", "zero by construction"),
        ("[facebook, twitter]", "[facebok]", 'the channel "facebok"'),
        ("role: exited, closed: 2019-06-01", "role: exited", "say when"),
        ("title: A demo", "title: A demo\ntitle: Another", "given twice"),
        ("summary: Nothing happened.", "summary: !!python/object/apply:os.system ['true']", "not valid YAML"),
    ],
)
def test_each_mistake_is_named(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert said in refused(GOOD.replace(old, new))


DIVERSION = """\
diversion:
  exited: [facebook]
  receiving: [twitter]
  windows: {first: 2018-01-01, pre_last: 2019-05-01, event: 2019-05-06, last: 2019-12-30}
"""
RETURNED = "windows: {first: 2019-06-10, pre_last: 2019-09-02, event: 2019-09-09, last: 2019-12-30}\n"
RETURN_STAGE = "  - {id: back, date: 2019-09-04, kind: returned, label: Back, channels: [facebook]}\nwindows: {"
WINDOWS = "windows: {first: 2018-01-01, pre_last: 2019-05-01, event: 2019-06-03, last: 2019-12-30}\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pre_last: 2019-05-01, event: 2019-06-03", "pre_last: 2019-06-03, event: 2019-06-10", "set pre_last before"),
        # The label lies before the closing, the week that it names does not.
        ("pre_last: 2019-05-01", "pre_last: 2019-05-27", 'runs to 2019-06-02, but "facebook" closed on 2019-06-01'),
        ("event: 2019-06-03", "event: 2019-05-27", "closed on 2019-06-01 only"),
        ("closed: 2019-06-01", "closed: 2019-05-31", "the stage that closes it is dated 2019-06-01"),
        ("outcomes:\n", DIVERSION + "outcomes:\n", "diversion: the event is 2019-05-06"),
        (WINDOWS, RETURNED, "set pre_last before the closing"),
        ("first: 2018-01-01", "first: 0218-01-01", 'windows.first: "0218-01-01" must be at least 1990-01-01'),
        ("last: 2019-12-30", "last: 9999-12-31", "must be at most 2099-12-31"),
    ],
)
def test_dates_that_contradict_the_exit_are_refused(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert said in refused(GOOD.replace(old, new))


def test_windows_may_study_an_announcement_or_a_return() -> None:
    early = GOOD.replace("event: 2019-06-03", "event: 2019-05-06")
    assert "closed on 2019-06-01 only" in refused(early)
    parse_case(early.replace("[facebook, twitter]", "[twitter]").encode(), where="x")
    parse_case((early + "    scale: log_return\n").encode(), where="x")
    returned = GOOD.replace(WINDOWS, RETURNED).replace("windows: {", RETURN_STAGE)
    assert parse_case(returned.encode(), where="x").returned("facebook") is not None


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_every_case_that_is_shipped_is_sound(file: Path) -> None:
    parse_case(file.read_bytes(), where=file.parent.name)


def test_every_problem_is_told_at_once() -> None:
    message = refused(GOOD.replace("slug: demo", "slug: demo\nfoo: 1").replace("Europe/Rome", "Nowhere"))
    assert "foo" in message
    assert "Nowhere" in message


def test_stages_out_of_order_name_both() -> None:
    later = "stages:\n  - {id: late, date: 2020-01-01, kind: other, label: Late}\n"
    message = refused(GOOD.replace("stages:\n", later))
    assert 'line 9, case: stages out of order: "exit" (2019-06-01) comes after "late" (2020-01-01)' in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("event: 2019-06-03", "event: 2019-13-01", 'line 9, windows.event: "2019-13-01" is not a date: write Y'),
        ("A demo", "A \0demo", "case.yaml, line 2"),
        ("title: A demo", 'title: "A\n  demo', "case.yaml, line 2"),
        ("[all.csv]", "[]", "line 14, sources.0.files: the list is too short: give at least 1"),
        ("role: retained", "role: retaind", 'is not one of exited, retained, owned. Did you mean "retained"?'),
        ("id: twitter", "id: Twit ter", "write lower-case letters, digits and underscores"),
        ("title: A demo", "title: [1]", "is not a text"),
    ],
)
def test_a_slip_is_told_once_with_its_line_and_in_plain_words(old: str, new: str, said: str) -> None:
    message = refused(GOOD.replace(old, new))
    assert said in message
    for words in ("Input should", "Tuple", "problems in case.yaml"):
        assert words not in message


def test_several_rules_about_the_whole_case_are_told_together() -> None:
    text = GOOD.replace("closed: 2019-06-01", "closed: 2019-05-31") + "    donors: [twitter]\n"
    message = refused(text.replace("channels: [facebook, twitter]", "channels: [facebok, twitter]"))
    assert "3 problems" in message
    for words in ("the stage that closes it", '"twitter" under donors is a channel of the brand', '"facebok"'):
        assert words in message


def test_bombs_and_depth_are_refused() -> None:
    bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"
    assert "aliases" in refused(bomb)
    assert "YAML" in refused("[" * 5000)
    assert "300,000 bytes" in refused("#" * 300_001)


def folder_with(tmp_path: Path, **changes: object) -> Path:
    data = yaml.safe_load(GOOD) | changes
    folder = tmp_path / "demo"
    folder.mkdir(exist_ok=True)
    (folder / "case.yaml").write_text(yaml.safe_dump(data), "utf-8")
    return folder


def test_a_case_stays_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CaseError, match="outside the case's folder"):
        load_case_folder(str(folder_with(tmp_path, data_root="..")))
    monkeypatch.setenv("EXIT_STUDY_DATA_ROOTS", str(tmp_path))
    assert load_case_folder(str(folder_with(tmp_path, data_root=".."))).data_root == tmp_path.resolve()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a {x: 1}\nb: {<<: *a}\n", "aliases"),
        ("{a: " * 5000, "recursion"),
        ("".join(" " * depth + "a:\n" for depth in range(500)), "recursion"),
        (GOOD.replace("options: {}", "options: " + "{a: " * 400 + "1" + "}" * 400), "line 14"),
        (GOOD + "".join(f"k{number}: 1\n" for number in range(2_000)), "and 1,950 more"),
        ("slug: " + "1:" * 140_000 + "1", "problems in case.yaml"),
        (GOOD.replace("slug: demo", "slug: demo\nprivacy: {minimum_cell: " + "9" * 5_000 + "}"), "minimum_cell"),
        (GOOD.replace("Europe/Rome", "../../../etc/passwd"), "not a time zone"),
        (GOOD + "    smallest_effect: .inf\n", "not a finite number"),
        (GOOD.replace("A demo", '"\\e[2J"').replace("Europe/Rome", '"\\e[2J"'), '"?[2J" is not a time zone'),
    ],
)
def test_a_hostile_case_is_refused_soon(text: str, said: str) -> None:
    began = time.process_time()
    assert said in refused(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "name",
    ["linkdir/secret.csv", "linkdir/*.csv", "*/secret.csv", "**x.csv", "a\0.csv", "x" * 300, "loop", "pipe.csv", "dir",
     "zero.csv", "..", "a/../../secret.csv", "http://x/a.csv", "s3://b/a.csv", "~/a.csv", "file:///etc/passwd"],
)  # fmt: skip
def test_no_path_of_a_case_leads_outside_or_to_what_is_no_file(tmp_path: Path, name: str) -> None:
    source = {"id": "all", "format": "measurements_csv", "label": "x", "files": [name], "options": {}}
    folder = folder_with(tmp_path, sources=[source], accounts=name)
    (tmp_path / "secret.csv").write_text("x")
    for link, target in (("linkdir", tmp_path), ("loop", folder / "loop"), ("zero.csv", Path("/dev/zero"))):
        (folder / link).symlink_to(target)
    os.mkfifo(folder / "pipe.csv")
    (folder / "dir").mkdir()
    if "\0" in name:
        with pytest.raises(CaseError, match="control character"):
            load_case_folder(str(folder))
        return
    case = load_case_folder(str(folder))
    for ask in (lambda: case.files_of("all"), lambda: case.accounts_file):
        with pytest.raises(CaseError) as caught:
            ask()
        assert caught.value.cure
        assert "case.yaml" in caught.value.where
    if name not in ("dir",) and not name.startswith(("*", "linkdir/*")):
        with pytest.raises(CaseError, match="data_root"):
            load_case_folder(str(folder_with(tmp_path, data_root=name)))


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/hostname", "link.csv"])
def test_a_source_stays_in_the_data_root(tmp_path: Path, name: str) -> None:
    source = {"id": "all", "format": "measurements_csv", "label": "x", "files": [name], "options": {}}
    folder = folder_with(tmp_path, sources=[source])
    (tmp_path / "secret.csv").write_text("x")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(CaseError, match=r"inside|outside|leads"):
        load_case_folder(str(folder)).files_of("all")


def test_a_pattern_looks_through_a_folder_once(tmp_path: Path) -> None:
    source = {"id": "all", "format": "measurements_csv", "label": "x", "files": ["**/**/x*"], "options": {}}
    with pytest.raises(CaseError, match=r"write \*\* once"):
        load_case_folder(str(folder_with(tmp_path, sources=[source]))).files_of("all")


@pytest.mark.parametrize("name", [paths.CASE_FILE, paths.TRUTH_FILE, paths.LOCK_FILE])
def test_what_stands_beside_the_case_is_no_link_out_of_its_folder(tmp_path: Path, name: str) -> None:
    folder = folder_with(tmp_path)
    (tmp_path / "elsewhere").write_bytes((folder / paths.CASE_FILE).read_bytes())
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CaseError, match="a link leads outside") as caught:
        load_case_folder(str(folder))
    assert caught.value.where.endswith(name)


def test_a_missing_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="an export is missing") as caught:
        load_case_folder(str(folder_with(tmp_path))).files_of("all")
    assert "all.csv" in caught.value.where


def test_an_unknown_case_names_the_nearest() -> None:
    with pytest.raises(CaseError, match='Did you mean "unicredit"'):
        load_case("unicredti")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("brand: Demo", 'brand: "a\\0b\\e[31m"', r"brand: .*U\+0000"),
        ("label: Everything", 'label: "x\\e[31m"', r"sources\.0\.label: .*U\+001B"),
        ("label: Closed", 'label: "a\\x9bb"', r"stages\.0\.label: .*U\+009B"),
    ],
)
def test_a_control_character_in_a_text_is_refused_with_its_key_and_line(old, new, told):
    with pytest.raises(CaseError, match=told) as caught:
        parse_case(GOOD.replace(old, new).encode(), where="case.yaml")
    assert caught.value.where == f"case.yaml, line {GOOD[: GOOD.index(old)].count(chr(10)) + 1}"
    parse_case(GOOD.replace(old, old.split(":")[0] + ': "a\\tb\\n"').encode(), where="case.yaml")
