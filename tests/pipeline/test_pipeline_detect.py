"""exit-study detect and new --from: what they print and write, their exit codes, and what hostile files come to."""

import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from analysis.__main__ import app, main
from analysis.core.case_loading import parse_case
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline.case_from_exports import make_case_from, safe_names
from analysis.pipeline.detect import examine, report_of
from analysis.pipeline.new_case import case_text
from analysis.pipeline.source_block import block_of, sources_of, write_block
from analysis.sources import available
from analysis.sources._recognising import TODO

RAW = Path(__file__).parents[1] / "sources" / "fixtures"
DAYS = pd.date_range("2023-01-02", "2025-01-05", freq="D")


def called(monkeypatch, capsys, *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command, as a shell would see them."""
    monkeypatch.setattr("sys.argv", ["exit-study", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr()
    return int(stopped.value.code or 0), told.out, told.err


def plain_table(path: Path, channel: str, level: int, last: str = "2025-01-05") -> Path:
    rows = [(f"{day:%Y-%m-%d}", channel, int(level + 20 * np.sin(n)), n % 7)
            for n, day in enumerate(DAYS) if day <= pd.Timestamp(last)]  # fmt: skip
    pd.DataFrame(rows, columns=["date", "channel", "engagements", "posts"]).to_csv(path, index=False)
    return path


@pytest.fixture
def exports(tmp_path: Path) -> list[Path]:
    (tmp_path / "pile").mkdir()
    return [plain_table(tmp_path / "pile" / "fb.csv", "facebook", 300, "2024-06-02"),
            plain_table(tmp_path / "pile" / "li.csv", "linkedin", 100)]  # fmt: skip


def test_detect_prints_each_file_and_one_block(monkeypatch, capsys):
    files = sorted(RAW.glob("daily_tweet*.csv"))
    code, told, wrong = called(monkeypatch, capsys, "detect", *files)
    assert (code, wrong) == (0, "")
    assert told.count("format: twitter_analytics_daily (Twitter Analytics, activity by day (CSV))") == 2
    assert "covers: 2019-05-28 to 2019-05-31" in told
    assert "Days are counted in UTC here" in told
    [source] = yaml.safe_load(told[told.index("sources:") :])["sources"]
    assert source["files"] == [file.name for file in files]
    assert (source["format"], source["channel"]) == ("twitter_analytics_daily", "twitter")


def test_the_block_is_written_only_where_nothing_is(monkeypatch, capsys, tmp_path, exports):
    code, told, _ = called(monkeypatch, capsys, "detect", *exports, "--output", tmp_path / "block.yaml")
    assert code == 0
    written = (tmp_path / "block.yaml").read_text("utf-8")
    assert written in told
    assert [item["files"] for item in yaml.safe_load(written)["sources"]] == [["fb.csv", "li.csv"]]
    code, _, wrong = called(monkeypatch, capsys, "detect", *exports, "--output", tmp_path / "block.yaml")
    assert code == 2
    assert "already" in wrong
    assert (tmp_path / "block.yaml").read_text("utf-8") == written
    with pytest.raises(CaseError, match="already"):
        write_block("x", exports[0])


def test_a_file_that_cannot_be_named_ends_in_1_after_the_others_were_told(monkeypatch, capsys, tmp_path, exports):
    (tmp_path / "junk.csv").write_bytes(bytes(range(256)) * 8)
    code, told, wrong = called(monkeypatch, capsys, "detect", tmp_path / "junk.csv", *exports, tmp_path / "gone.csv")
    assert code == 1
    assert "2 of 4 files could not be named or read" in wrong
    assert "It is neither text nor a workbook" in told
    assert "there is no such file" in told
    assert "fb.csv" in yaml.safe_load(told[told.index("sources:") :])["sources"][0]["files"]


@pytest.mark.parametrize(("arguments", "code"), [(("detect",), 2), (("detect", "--outptu", "x"), 2),
                                                (("new", "x", "file.csv"), 2), (("new", "../x", "--from", "a"), 2)])
def test_wrong_usage_ends_in_2(monkeypatch, capsys, arguments, code):
    assert called(monkeypatch, capsys, *arguments)[0] == code


def test_the_help_says_what_each_does():
    told = CliRunner().invoke(app, ["detect", "--help"]).output
    assert "Name the format, the period, the metrics and the doubts of exports" in told
    assert "--output" in told
    assert "--from" in CliRunner().invoke(app, ["new", "--help"]).output
    assert "detect" in CliRunner().invoke(app, ["--help"]).output


def test_a_table_of_no_format_is_written_out_as_what_it_may_be(monkeypatch, capsys, tmp_path, exports):
    log = tmp_path / "log.csv"
    log.write_text("case:concept:name,concept:name,time:timestamp\n7,ask: #1,2024-01-03 10:00:00\n"
                   "7,end,2024-01-03 11:00:00\n", "utf-8")  # fmt: skip
    code, told, _ = called(monkeypatch, capsys, "detect", log, exports[0], "--output", tmp_path / "block.yaml")
    assert code == 1
    written = (tmp_path / "block.yaml").read_text("utf-8")
    assert written in told
    assert [source["files"] for source in yaml.safe_load(written)["sources"]] == [["fb.csv"]]
    kept = written[written.index("  # - id: event_log_csv") : written.index("  # - id: measurements_csv")]
    [source] = yaml.safe_load(re.sub("(?m)^  # ", "  ", kept))
    assert source["options"]["event_map"] == {"ask: #1": TODO, "end": TODO}
    assert "to one of signal, private_request" in kept
    made = make_case_from("mine", [log, exports[0]], tmp_path)
    assert kept in (made.folder / "case.yaml").read_text("utf-8")
    assert (made.folder / "log.csv").is_file()


# A case made from exports


def test_a_pile_of_exports_becomes_a_case_that_asks_only_what_no_file_says(monkeypatch, capsys, tmp_path, exports):
    before = [file.read_bytes() for file in exports]
    code, told, wrong = called(monkeypatch, capsys, "new", "mine", "--into", tmp_path, "--from", *exports)
    assert (code, wrong) == (0, "")
    folder = tmp_path / "mine"
    assert [file.read_bytes() for file in exports] == before == [(folder / file.name).read_bytes() for file in exports]
    text = (folder / "case.yaml").read_text("utf-8")
    assert "windows: {first: 2023-01-02, pre_last: TODO, event: TODO, last: 2024-12-30}" in text
    listed = [line for line in told.splitlines() if line.startswith("  - ")]
    asked = {re.match(r"  - (?:line \d+, )?([a-z_0-9.]+):", line)[1] for line in listed}
    assert asked == {"time_zone", "stages.0.date", "stages.0.channels.0", "windows.pre_last", "windows.event",
                     "channels.0.role", "channels.1.role", "title", "brand", "summary"}  # fmt: skip
    code, _, wrong = called(monkeypatch, capsys, "check", folder)
    assert code == 1
    assert all(f"{key}:" in wrong for key in asked - {"title", "brand", "summary"})


def test_every_question_that_the_files_can_answer_gets_its_outcome(tmp_path, exports):
    desk = tmp_path / "desk.csv"
    desk.write_text("case_id,opened,channel\n1,2024-01-03 10:00:00,Phone\n2,2024-12-04 11:00:00,Chat\n", "utf-8")
    folder = make_case_from("mine", [*exports, desk], tmp_path).folder
    text = (folder / "case.yaml").read_text("utf-8")
    found = {item["id"]: item for item in yaml.safe_load(text)["outcomes"]}
    assert {name: (item["question"], item["channels"]) for name, item in found.items()} == {
        "engagements_total": ("engagement", ["facebook", "linkedin"]), "contacts_total": ("service", ["chat", "phone"]),
    }  # fmt: skip
    assert "engagements from 2023-01-02 to 2025-01-05; contacts from 2024-01-03 to 2024-12-04" in text
    assert "  # Also in the files: posts (facebook, linkedin)." in text


def test_the_template_names_what_may_be_shown_of_people():
    text = case_text("x")
    for commented in ("# privacy:", "#   bins: {age: [18, 30, 65]}", "#   prefix: {postcode: 2}"):
        assert commented in text
    block = text[text.index("# privacy:") : text.index("# events:")]
    told = yaml.safe_load(re.sub("(?m)^# ?", "", block))
    case = yaml.safe_load(text) | told
    assert parse_case(yaml.safe_dump(case).encode(), where="x").privacy.bins == {"age": (18, 30, 65)}


def test_once_its_author_has_filled_it_the_check_passes(monkeypatch, capsys, tmp_path, exports):
    folder = make_case_from("mine", exports, tmp_path).folder
    text = (folder / "case.yaml").read_text("utf-8")
    for old, new in (
        ("time_zone: TODO", "time_zone: Europe/Rome"), ("id: exit, date: TODO", "id: exit, date: 2024-06-03"),
        ("channels: [TODO]", "channels: [facebook]"), ("pre_last: TODO", "pre_last: 2024-05-27"),
        ("event: TODO", "event: 2024-06-03"), ("label: Facebook, role: TODO", "label: F, role: exited, closed: "
         "2024-06-03"), ("role: TODO", "role: retained"), ("What leaving did to the brand's engagement", "Title"),
        ("Our brand", "Invented Bank"), ("One paragraph in plain words; it opens the report.", "Words."),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    (folder / "case.yaml").write_text(text, "utf-8")
    code, told, wrong = called(monkeypatch, capsys, "check", folder)
    assert (code, wrong) == (0, ""), wrong + told
    # What stands as TODO in a source's options is told too, where its reader would take it for a name.
    (folder / "case.yaml").write_text(text.replace("layout: wide", "layout: wide\n      decimal: TODO"), "utf-8")
    code, _, wrong = called(monkeypatch, capsys, "check", folder)
    assert code == 1
    assert "decimal still says TODO" in wrong


def test_a_folder_that_is_there_is_left_alone(tmp_path, exports):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "case.yaml").write_text("kept", "utf-8")
    with pytest.raises(CaseError, match="there already"):
        make_case_from("mine", exports, tmp_path)
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["case.yaml"]
    assert (tmp_path / "mine" / "case.yaml").read_text("utf-8") == "kept"
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CaseError, match="there already"):
        make_case_from("link", exports, tmp_path)


def test_nothing_is_made_when_no_file_is_known(tmp_path):
    (tmp_path / "a.txt").write_text("hello", "utf-8")
    with pytest.raises(StudyError, match=r"nothing was made[\s\S]*a\.txt"):
        make_case_from("mine", [tmp_path / "a.txt", tmp_path], tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_a_pile_with_everything_makes_sound_yaml(tmp_path):
    made = make_case_from("all", sorted(RAW.iterdir()), tmp_path)
    data = yaml.safe_load((made.folder / "case.yaml").read_text("utf-8"))
    named = [name for source in data["sources"] for name in source["files"]]
    assert sorted(named) == sorted(file.name for file in RAW.iterdir())
    assert {source["format"] for source in data["sources"]} == {
        "facebook_insights_page", "measurements_csv", "prices_yahoo", "service_cases_csv", "twitter_analytics_daily",
    }  # fmt: skip
    assert TODO not in str(data["sources"]).replace(f"'ticker': '{TODO}'", "").replace(f"'channel': '{TODO}'", "")
    assert (made.folder / "SOURCE.md").read_text("utf-8").count("| ") >= len(named) * 3


def test_the_window_is_the_brands_and_not_a_competitors(tmp_path, exports):
    peers = pd.read_csv(exports[1]).assign(brand="Invented peer").query("date < '2024-01-01'")
    peers.to_csv(tmp_path / "peers.csv", index=False)
    made = make_case_from("mine", [tmp_path / "peers.csv", *exports], tmp_path)
    text = (made.folder / "case.yaml").read_text("utf-8")
    assert "last: 2024-12-30}" in text
    assert "brand: Invented peer" not in text
    assert "brand may be one of these units of the files, the others may be competitors: Invented peer" in text


def test_names_inside_the_folder_are_plain_and_distinct(tmp_path):
    given = ["case.yaml", "truth.json", "a*[b]?.csv", "A*[B]?.CSV", "..hidden", "x" * 240 + ".csv", "new\nline|.csv",
             "sub/a.csv", "other/a.csv", "SOURCE.md"]  # fmt: skip
    names = list(safe_names([tmp_path / name for name in given]).values())
    assert len({name.casefold() for name in names}) == len(given)
    assert not {"case.yaml", "truth.json", "source.md"} & {name.casefold() for name in names}
    for name in names:
        assert re.fullmatch(r"[^/\\*?\[\]\n|]{1,200}", name)
        assert not name.startswith(".")


def test_the_template_lists_every_format(tmp_path):
    text = case_text("x")
    listed = re.search(r"# Formats: ([\s\S]*?)\n# `", text)[1]
    assert re.findall(r"\w+", listed.replace("#", "")) == list(available())
    assert parse_case(text.encode(), where="x").slug == "x"


# Hostile files


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"\0" * 20_000_000)


HOSTILE = {
    "empty.csv": b"", "nul.csv": bytes(5_000), "junk.xlsx": b"PK\x03\x04" + bytes(range(256)) * 9,
    "junk.xls": bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "cut.csv.gz": b"\x1f\x8b\x08\x00" + b"x" * 30,
    "wide.csv": b",".join(b"c%d" % n for n in range(100_000)) + b"\n" + b",".join([b"1"] * 100_000) + b"\n",
    "line.csv": b"date,likes\n" + b"x" * 3_000_000 + b"\n", "quote.csv": b'a,b\n"never closed\n' * 50,
    "entities.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "deep.json": b"[" * 200_000, "formula.csv": b"date,=cmd|' /C calc'!A0\n2019-05-13,=1+1\n",
    "escape.csv": b"date,a\x1b[2Jb,\xe2\x80\xaec\n1,2,3\n", "marks.csv": b"\xff\xfe" * 3_001,
    "bom.csv": b"\xef\xbb\xbf",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_sentence(tmp_path, name):
    (tmp_path / name).write_bytes(HOSTILE[name])
    found = examine(tmp_path / name)
    assert found.problem is not None
    assert found.problem.what
    assert found.problem.cure
    told = report_of(found)
    assert all(line.isprintable() for line in told.splitlines())
    assert len(told) < 5_000
    assert block_of(sources_of([found])[0]).count("\n") < 50


def test_folders_pipes_and_a_bomb_end_in_a_sentence(tmp_path):
    bomb(tmp_path / "bomb.xlsx")
    os.mkfifo(tmp_path / "pipe.csv")
    said = {name: examine(tmp_path / name).problem.what for name in ("", "bomb.xlsx", "pipe.csv")}
    assert said[""] == "this is a folder"
    assert "unpack to 20,000,000" in said["bomb.xlsx"]
    assert said["pipe.csv"] == "there is no such file"


def test_words_of_a_file_are_data_in_the_block(tmp_path):
    hostile = 'date,channel,"a: [b, *c]\n# d","- !!python/object:os.system e"\n'
    (tmp_path / "*.csv").write_text(hostile + "2019-05-13,x,1,2\n2019-05-14,x,1,2\n", "utf-8")
    found = examine(tmp_path / "*.csv")
    [source] = yaml.safe_load(block_of(sources_of([found])[0]))["sources"]
    assert list(source["options"]["metrics"].values()) == ["a: [b, *c]\n# d", "- !!python/object:os.system e"]
    assert source["files"] == ["[*].csv"]  # the file itself, not a pattern
    made = make_case_from("mine", [tmp_path / "*.csv"], tmp_path)
    assert (made.folder / "_.csv").is_file()


def test_a_name_that_is_no_text_is_shown_and_copied_under_one_that_is(monkeypatch, capsys, tmp_path):
    path = plain_table(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[2J.csv")), "facebook", 300)
    other = plain_table(tmp_path / "b.csv", "facebook", 300)
    code, told, wrong = called(monkeypatch, capsys, "new", "mine", "--into", tmp_path, "--from", path, other)
    assert (code, wrong) == (0, "")
    assert "\x1b" not in told
    assert "the file's name is not text" in told
    assert (tmp_path / "mine" / "___2J.csv").read_bytes() == path.read_bytes()


def test_two_files_of_one_name_are_told_and_copied_under_two(tmp_path):
    pile = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        pile.append(plain_table(tmp_path / str(number) / "a.csv", f"c{number}", 100))
    assert "2 files are called a.csv" in sources_of([examine(path) for path in pile])[1][0]
    folder = make_case_from("mine", pile, tmp_path).folder
    assert {path.name for path in folder.glob("*.csv")} == {"a.csv", "a-2.csv"}
    assert (folder / "a-2.csv").read_bytes() == pile[1].read_bytes()


def test_files_of_one_kind_that_do_not_join_are_kept_apart(tmp_path):
    for number, name in enumerate(("a.csv", "b.csv")):
        (tmp_path / name).write_text(f"date,channel,likes\n2019-05-13,x,{number}\n2019-05-14,x,5\n", "utf-8")
    joined, apart = sources_of([examine(tmp_path / "a.csv"), examine(tmp_path / "b.csv")])
    assert [item.source["files"] for item in joined] == [["a.csv"], ["b.csv"]]
    assert [item.source["id"] for item in joined] == ["measurements_csv", "measurements_csv_2"]
    assert "a.csv, b.csv are kept apart: two exports disagree" in apart[0]
