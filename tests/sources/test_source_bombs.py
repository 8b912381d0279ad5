"""Files that would exhaust memory or time, or lead elsewhere: each is refused by name in seconds, or read rightly."""

import gzip
import json
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import bombs
import pyarrow.parquet  # noqa: F401
import pytest

from analysis.core.errors import StudyError
from analysis.pipeline.detect import examine, read_as, report_of
from analysis.pipeline.runner import run_case
from analysis.pipeline.source_block import block_of, sources_of
from analysis.sources import available

available()  # the readers are loaded once, not by each child
SECONDS, PEAK_MB, CEILING = 10, 1_000, 4 << 30
HANGS = 90  # on the wall, where other work may run beside; SECONDS are the processor's
TABLE = {"format": "measurements_csv", "channel": "x",
         "options": {"date": "date", "metrics": {"engagements": "engagements"}}}  # fmt: skip
PAGE = {"format": "linkedin_page", "channel": "linkedin", "options": {}}
VIDEOS = {"format": "facebook_insights_videos", "channel": "facebook", "options": {}}
LOG = {"format": "large_log", "channel": "x", "options": {"time": "time"}}
VIEWS = {"format": "wikimedia_pageviews", "channel": "x", "options": {}}
PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml",
         "xl/_rels/workbook.xml.rels", "docProps/core.xml")  # fmt: skip


def told_by_child(path: Path, source: dict) -> dict:
    """What a process of its own says of the file: examined, then read."""

    def told() -> dict:
        seen = examine(path)
        block_of(sources_of([seen])[0])
        found: dict = {"examined": report_of(seen), "what": "", "where": "", "cure": ""}
        try:
            found["value"] = float(read_as((path,), source).measurements["value"].sum())
        except StudyError as error:
            found |= {"what": error.what, "where": error.where, "cure": error.cure}
        return found

    return in_child(told)


def in_child(step: Callable[[], dict]) -> dict:
    """What the step returns in a process of its own, with a clock and a ceiling on its memory."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            signal.alarm(HANGS)
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (CEILING, CEILING))
            told = step()
        except BaseException as error:
            told = {"crash": f"{type(error).__name__}: {error}"}
        with os.fdopen(writes, "w") as stream:
            json.dump(told, stream)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as stream:
        text = stream.read()
    _, status, used = os.wait4(child, 0)
    assert status == 0, f"out of time: ended by signal {status}"
    assert used.ru_maxrss / 1024 < PEAK_MB
    return json.loads(text)


def refused(tmp_path: Path, name: str, data: bytes, source: dict) -> str:
    path = tmp_path / name
    path.write_bytes(data)
    told = told_by_child(path, source)
    assert "crash" not in told, told
    assert told["what"], f"{name} was read: {told}"
    assert name in told["where"], told
    assert told["cure"], told
    assert all(line.isprintable() for line in told["examined"].splitlines())
    return f"{told['what']} | {told['where']}"


@pytest.mark.parametrize("kind", bombs.DECLARATIONS)
def test_document_types_are_refused_in_every_part(tmp_path, kind):
    declared, used = bombs.DECLARATIONS[kind]
    assert "declares" in refused(tmp_path, "a.xml", bombs.in_spreadsheetml(declared, used), VIDEOS)
    for part in PARTS:
        assert "declares" in refused(tmp_path, "a.xlsx", bombs.in_part(part, declared, used), PAGE), part


@pytest.mark.parametrize(
    ("name", "make", "source", "said"),
    [
        ("wide.csv", bombs.wide_csv, TABLE, 'no column "engagements" | wide.csv, row 1'),
        ("wide.xml", bombs.wide_spreadsheetml, VIDEOS, 'stand at "16385"'),
        ("wide.xlsx", bombs.wide_xlsx, PAGE, "or 16,384 columns"),
        ("wide.csv", bombs.wide_csv, LOG, 'no column "time" | wide.csv, row 1'),
        ("wide.parquet", bombs.wide_parquet, LOG, 'no column "time"'),
        ("cells.xlsx", lambda: bombs.cells_bomb(1_000_000), PAGE, "too large to be an export"),
        ("less.xlsx", lambda: bombs.cells_bomb(600_000), PAGE, "elements of XML"),
        ("strings.xlsx", lambda: bombs.strings_bomb(600_000), PAGE, "elements of XML"),
        ("deep.xlsx", bombs.deep_xlsx, PAGE, "deep"),
        ("deep.xml", bombs.deep_xml, VIDEOS, "deep"),
        ("deep.json", lambda: b"[" * bombs.DEEP, VIEWS, "not sound JSON"),
        ("deep.jsonl", lambda: b'{"time":' + b'{"a":' * bombs.DEEP, LOG, "no JSON object | deep.jsonl, row 1"),
        ("zeros.csv.gz", lambda: gzip.compress(bytes(30_000_000)), TABLE, "too large to be an export"),
        ("zeros.csv.gz", lambda: gzip.compress(bytes(30_000_000)), LOG, "unpack to"),
        ("zeros.jsonl.gz", lambda: gzip.compress(bytes(30_000_000)), LOG, "unpack to"),
        ("twice.csv.gz", lambda: gzip.compress(gzip.compress(bytes(30_000_000))), TABLE, "NUL bytes"),
        ("line.csv", lambda: b"a" * bombs.LONG, TABLE, "a line is longer than"),
        ("commas.csv", lambda: b"," * bombs.LONG, TABLE, "a line is longer than"),
        ("commas.csv", lambda: b"," * bombs.LONG, LOG, "the last row is longer than"),
        ("line.csv", lambda: b"a" * bombs.LONG, LOG, "the last row is longer than"),
        ("head.csv", lambda: b"a" * 3_000_000 + b"\n1\n", LOG, "the header cannot be read (field larger"),
        ("row.csv", lambda: b"time,a\n2019-05-01 10:00:00," + b"a" * 3_000_000 + b"\n2019-05-02 10:00:00,b\n", LOG,
         "longer than 2,000,000 bytes | row.csv, row 2"),
        ("long.jsonl", lambda: b'{"time": "' + b"a" * bombs.LONG, LOG, "no JSON object | long.jsonl, row 1"),
        ("later.jsonl", lambda: b'{"time": "2019-05-01 10:00:00"}\n' * 1001 + b'{"time": "' + b"a" * bombs.LONG, LOG,
         "longer than 16 million"),
        ("line.xml", lambda: b'<?xml version="1.0"?><Workbook>' + b"a" * bombs.LONG, VIDEOS, "cut short"),
        ("nul.csv", lambda: bombs.PLAIN.replace("3\n", "\0\n").encode(), TABLE, "NUL bytes"),
        ("nul.csv", lambda: b"time\n2019-05-01 10:00:00\n2019\0-05-01 10:00:00\n", LOG, '"2019?-05-01'),
        ("mixed.csv", bombs.mixed_encodings, TABLE, "not utf-8: it cannot be decoded | mixed.csv, line 11"),
        ("mixed.csv", bombs.mixed_encodings, TABLE | {"options": TABLE["options"] | {"encoding": "cp1252"}},
         "mixes two encodings"),
        ("two.csv", bombs.two_files_in_one, TABLE, "NUL bytes: it is UTF-16, or it is damaged | two.csv, line 22"),
        ("translated.csv", lambda: bombs.PLAIN.replace("engagements", "interazioni").encode(), TABLE,
         'no column "engagements" | translated.csv, row 1'),
    ],
)  # fmt: skip
def test_what_would_exhaust_or_mislead_is_refused(tmp_path, name, make, source, said):
    assert said in refused(tmp_path, name, make(), source)


def test_a_workbook_that_says_it_unpacks_a_thousandfold_is_refused(tmp_path):
    data = bombs.zip_bomb()
    assert sum(bombs.sizes_in(data)) > 900 * len(data)
    assert "unpack to" in refused(tmp_path, "zip.xlsx", data, PAGE)


def test_a_damaged_footer_is_refused(tmp_path):
    for name, data in bombs.damaged_footers().items():
        refused(tmp_path, name, data, LOG)


@pytest.mark.parametrize("make", [bombs.wide_jsonl, bombs.growing_jsonl])
def test_records_with_a_hundred_thousand_keys_are_read(tmp_path, make):
    (tmp_path / "a.jsonl").write_bytes(make())
    told = told_by_child(tmp_path / "a.jsonl", LOG)
    assert told.get("value") == make().count(b"\n"), told


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("pack", [bytes, lambda text: gzip.compress(text, 1)])
def test_a_last_row_longer_than_the_databases_piece_is_not_lost(tmp_path, end, pack):
    text = b"time,a\n2019-05-01 10:00:00,b\n2019-05-02 10:00:00," + os.urandom(1 << 20).hex().encode() * 20 + end
    name = "a.csv" if pack is bytes else "a.csv.gz"
    assert "the last row is longer than 2,000,000 bytes" in refused(tmp_path, name, pack(text), LOG)


def test_an_entity_never_brings_another_files_text(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("never shown")
    declared = f"<!DOCTYPE x [<!ENTITY e SYSTEM 'file://{secret}'>]>"
    (tmp_path / "a.xml").write_bytes(bombs.in_spreadsheetml(declared, "&e;"))
    assert "never shown" not in json.dumps(told_by_child(tmp_path / "a.xml", VIDEOS))


@pytest.mark.parametrize("name", ["'; DROP TABLE counted; --.csv", "<img src=x onerror=alert(1)>.csv",
                                  "=cmd|' '!A0.csv", "[a]*?.csv", "http:", "s3:b.csv",
                                  "\u202egpj.csv", "a\x1b[2Jb.csv"])  # fmt: skip
def test_a_files_name_is_a_name_only(tmp_path, name):
    path = tmp_path / name
    path.write_text(bombs.PLAIN)
    told = told_by_child(path, TABLE)
    assert told.get("value") == sum(range(20)), told
    assert all(line.isprintable() for line in told["examined"].splitlines())
    if name.endswith(".csv"):
        path.write_text("time\n" + "2019-05-01 10:00:00\n" * 3)
        assert told_by_child(path, LOG).get("value") == 3


# What a case declares, its plan and its registration; and what a run leaves of the report that stands


CASE = """\
slug: bombed
title: A made-up exit
brand: Brand
summary: Made up for the tests.
data_status: real
time_zone: Europe/Rome
frequency: day
stages:
  - {id: exit, date: 2019-05-16, kind: channels_closed, label: Left}
windows: {first: 2019-05-01, pre_last: 2019-05-15, event: 2019-05-16, last: 2019-05-20}
sources:
  - {id: table, format: FORMAT, label: Table, files: [FILE], channel: page, options: OPTIONS}
outcomes:
  - {id: total, label: Engagement, question: engagement, metric: engagements, unit: engagements, estimand: change,
     estimator: interrupted_time_series}
"""
THRESHOLD = "{outcome: total, keep: 0.1, reverse: -0.1}"
LAUGHING = "plan:\n  a0: &a0 [ha]\n" + "".join(
    f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
REGISTERED = '{"registered": "2019-05-01", "sha256": '
PLANS = {
    "laughs": (LAUGHING, "aliases"),
    "alias": (f"plan:\n  thresholds: &a [{THRESHOLD}]\n  horizons_weeks: *a\n", "aliases"),
    "merged": (f"plan:\n  thresholds: &a [{THRESHOLD}]\n  <<: {{horizons_weeks: *a}}\n", "aliases"),
    "deep flow": ("plan: " + "{a: " * 50_000, "recursion"),
    "deep list": (f"plan:\n  thresholds: {'[' * 100_000}", "recursion"),
    "deep block": ("plan:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 500)), "recursion"),
    "digits": (f"plan:\n  thresholds: [{{outcome: total, keep: {'9' * 200_000}, reverse: 0}}]\n", "keep"),
    "endless": (f"plan:\n  thresholds: [{THRESHOLD}]\n  horizons_weeks: [{'4,' * 90_000}]\n", "at most 200"),
    "many": (f"plan:\n  thresholds: [{f'{THRESHOLD},' * 5_000}]\n", "at most 200"),
    "twice": (f"plan: {{thresholds: [{THRESHOLD}]}}\n" * 2, "given twice"),
    "long": (f"plan: {{thresholds: [{THRESHOLD}]}}\n" + "#" * 300_000, "300,000 bytes"),
}  # fmt: skip
LOCKS = {
    "list": "[" * bombs.DEEP, "objects": '{"a":' * bombs.DEEP, "deep hash": REGISTERED + "[" * bombs.DEEP,
    "digits": REGISTERED + "9" * 9_000 + "}", "number": REGISTERED + "9}",
    "long": REGISTERED + f'"{"a" * 10_000_000}"}}', "object": REGISTERED + '{"a": 1}}', "nul": "\0" * 5_000,
}  # fmt: skip


def standing(root: Path) -> dict[str, bytes]:
    """Every file under a folder."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def case_with(tmp_path: Path, case: str, name: str, data: bytes, lock: str | None = None) -> tuple[Path, Path]:
    """The case's folder, and one in which its report stands."""
    folder, root = tmp_path / "bombed", tmp_path / "root"
    folder.mkdir()
    (folder / "case.yaml").write_text(case, "utf-8")
    (folder / name).write_bytes(data)
    if lock is not None:
        (folder / "plan.lock.json").write_text(lock, "utf-8")
    for part, text in (("reports/bombed/index.html", "<p>stands</p>"), ("reports/index.html", "front"),
                       ("data/processed/bombed/plan.first_read.json", "{}")):  # fmt: skip
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        (root / part).write_text(text, "utf-8")
    return folder, root


def case_of(source: dict, name: str) -> str:
    options = json.dumps(source["options"])
    return CASE.replace("FORMAT", source["format"]).replace("FILE", json.dumps(name)).replace("OPTIONS", options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*(f"plan: {name}" for name in PLANS), *(f"lock: {name}" for name in LOCKS)])
def test_a_bomb_in_the_plan_or_its_registration_leaves_the_report_that_stands(tmp_path, kind):
    what, _, name = kind.partition(": ")
    plan, said = PLANS[name] if what == "plan" else ("", "the registration cannot be read")
    given = case_of(TABLE, "a.csv") + plan, "a.csv", bombs.PLAIN.encode(), LOCKS[name] if what == "lock" else None
    folder, root = case_with(tmp_path, *given)
    before = standing(root)

    def told() -> dict:
        try:
            run_case(str(folder), output=root)
        except StudyError as error:
            return {"what": "\n".join([str(error), *error.problems]), "cure": error.cure}
        return {"what": "was run"}

    found = in_child(told)
    assert said in found.get("what", ""), found
    assert found["cure"]
    assert standing(root) == before


def test_a_case_file_without_end_is_not_read_whole(tmp_path):
    folder, root = case_with(tmp_path, case_of(TABLE, "a.csv"), "a.csv", bombs.PLAIN.encode())
    os.truncate(folder / "case.yaml", 6 << 30)
    with pytest.raises(StudyError, match="300,000 bytes"):
        run_case(str(folder), output=root)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "make", "source"),
    [
        ("deep.jsonl", lambda: b'{"time":' + b'{"a":' * bombs.DEEP, LOG),
        ("zeros.csv.gz", lambda: gzip.compress(bytes(30_000_000)), TABLE),
        ("zip.xlsx", bombs.zip_bomb, PAGE),
        ("laughs.xml", lambda: bombs.in_spreadsheetml(*bombs.DECLARATIONS["laughs"]), VIDEOS),
    ],
)
def test_a_bomb_among_the_exports_leaves_the_report_that_stands(tmp_path, name, make, source):
    folder, root = case_with(tmp_path, case_of(source, name), name, make())
    before = standing(root)
    with pytest.raises(StudyError) as refused_with:
        run_case(str(folder), output=root)
    assert name in str(refused_with.value)
    after = standing(root)
    assert {path: after.get(path) for path in before} == before
    assert not [path for path in after if path.startswith("reports/") and path not in before]
