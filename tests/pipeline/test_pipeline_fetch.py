"""Downloads against a local server that answers as the Wikimedia REST interface does; nothing else uses a network."""

import ast
import csv
import errno
import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO
from urllib.parse import unquote

import nbformat
import pytest
from rich.console import Console
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.core import paths
from analysis.core.artefacts import sha256_file
from analysis.core.case_loading import load_case_folder
from analysis.core.errors import CaseError, StudyError
from analysis.pipeline import fetch as module
from analysis.pipeline.fetch import fetch_case
from analysis.pipeline.progress import shown_count
from analysis.sources import read_source

ROUTE = "/metrics/pageviews/per-article/"
CASE = """\
slug: demo
title: A demo
brand: Caffè & Co
summary: Nothing happened.
data_status: simulated
time_zone: Europe/Rome
stages: [{id: exit, date: 2019-06-01, kind: channels_closed, label: Closed}]
windows: {first: 2019-05-01, pre_last: 2019-05-31, event: 2019-06-01, last: 2019-06-30}
channels: [{id: wikipedia, label: Wikipedia, role: owned}]
competitors: [Peer A]
sources:
  - id: views
    format: wikimedia_pageviews
    label: Page views
    files: [wikimedia/*.json]
    channel: wikipedia
    options: {articles: {Caffè_&_Co/Italia: Caffè & Co, Peer_A: Peer A}}
outcomes:
  - {id: o, label: O, question: reputation, metric: page_views, unit: views, estimand: change, estimator: default}
fetch:
  wikimedia:
    project: it.wikipedia.org
    first: 2019-05-01
    last: 2019-05-03
    articles: {Caffè & Co: Caffè & Co/Italia, Peer A: Peer_A}
"""


class Service:
    """The real interface's answers; ``script`` holds what to do first: a status, headers, or bytes cut short."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.script: list[tuple[int, dict[str, str]] | str] = []
        self.views = {"Caffè_&_Co/Italia": 5, "Peer_A": 7}
        self.running = self.most_at_once = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.running += 1
                service.most_at_once = max(service.most_at_once, service.running)
                service.asked.append((self.path, self.headers["User-Agent"]))
                status, headers, body, cut = service.answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                service.running -= 1
                self.wfile.write(body[: len(body) // 2] if cut else body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a client that hangs up is part of the tests
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}/api/rest_v1"

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes, bool]:
        first = self.script.pop(0) if self.script else "whole"
        if isinstance(first, tuple):
            return first[0], first[1], b"{}", False
        assert path.startswith("/api/rest_v1" + ROUTE)
        project, access, agent, title, granularity, start, end = path.removeprefix("/api/rest_v1" + ROUTE).split("/")
        title = unquote(title)
        if title not in self.views:
            body = {"title": "Not found.", "detail": "The date(s) you used are valid, but there are no data for them."}
            return 404, {}, json.dumps(body).encode(), False
        begins, ends = (datetime.strptime(stamp, "%Y%m%d00") for stamp in (start, end))
        base = {"project": project.removesuffix(".org"), "article": title, "granularity": granularity}
        items = [
            base | {"timestamp": f"{begins + timedelta(days=day):%Y%m%d}00", "access": access, "agent": agent,
                    "views": self.views[title] + day}
            for day in range((ends - begins).days + 1)
        ]  # fmt: skip
        return 200, {}, json.dumps({"items": items}).encode(), first == "cut"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = Service()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def fetch(service: Service, tmp_path: Path) -> Callable[..., tuple[list[str], list[str]]]:
    """Fetch for the case as it stands in the folder; names of the files fetched and of those kept."""
    (tmp_path / "case.yaml").write_text(CASE, "utf-8")

    def run(**options: object) -> tuple[list[str], list[str]]:
        options = {"base": service.base, "pause": lambda seconds: None, "timeout": 5.0} | options
        fetched, kept = fetch_case(load_case_folder(str(tmp_path)), **options)
        return [path.name for path in fetched], [path.name for path in kept]

    return run


def rewrite(folder: Path, old: str, new: str) -> None:
    text = (folder / "case.yaml").read_text("utf-8")
    assert old in text
    (folder / "case.yaml").write_text(text.replace(old, new), "utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "wikimedia").iterdir())}


def test_what_is_fetched_is_what_the_reader_reads(service, fetch, tmp_path) -> None:
    fetched, kept = fetch(contact="ada@example.org")
    assert (len(fetched), kept) == (2, [])
    path = "it.wikipedia.org/all-access/user/Caff%C3%A8_%26_Co%2FItalia/daily/2019050100/2019050300"
    assert service.asked[0] == (f"/api/rest_v1{ROUTE}{path}", "exit-study/0.1.0 (ada@example.org)")
    assert service.most_at_once == 1
    reading = read_source(load_case_folder(str(tmp_path)), "views")
    rows = reading.measurements.groupby("unit", sort=True)["value"].agg(list).to_dict()
    assert rows == {"Caffè & Co": [5.0, 6.0, 7.0], "Peer A": [7.0, 8.0, 9.0]}
    assert reading.notes == ()
    assert sorted(contents(tmp_path)) == sorted([*fetched, "SOURCE.md", "fetched.csv"])  # no leftovers


def test_the_record_and_the_page_carry_what_can_be_checked(service, fetch, tmp_path) -> None:
    fetched, _ = fetch()
    folder = tmp_path / "wikimedia"
    with (folder / "fetched.csv").open(encoding="utf-8", newline="") as stream:
        record = {row["file"]: row for row in csv.DictReader(stream)}
    page = (folder / "SOURCE.md").read_text("utf-8")
    for name in fetched:
        row = record[name]
        assert row["sha256"] == sha256_file(folder / name)
        assert int(row["bytes"]) == (folder / name).stat().st_size
        assert row["address"].startswith(service.base + ROUTE)
        assert abs(date.fromisoformat(row["fetched_on"]) - datetime.now(UTC).date()) <= timedelta(days=1)
        assert all(row[key] in page for key in ("file", "sha256", "address"))
    assert record["SOURCE.md"]["sha256"] == sha256_file(folder / "SOURCE.md")


def test_what_is_there_is_not_asked_for_again_and_force_asks(service, fetch, tmp_path) -> None:
    fetched, _ = fetch()
    assert fetch() == ([], fetched)
    assert len(service.asked) == 2
    service.views["Peer_A"] = 100
    assert fetch(force=True) == (fetched, [])
    assert len(service.asked) == 4
    assert json.loads(contents(tmp_path)[fetched[1]])["items"][0]["views"] == 100
    rewrite(tmp_path, "last: 2019-05-03", "last: 2019-05-04")  # other days are other files
    assert len(fetch()[0]) == 2
    assert fetched[0] in contents(tmp_path)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("name", ["data", "SOURCE.md"])
def test_a_file_changed_by_hand_is_never_overwritten(service, fetch, tmp_path, force, name) -> None:
    fetched, _ = fetch()
    path = tmp_path / "wikimedia" / (fetched[1] if name == "data" else name)
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    (tmp_path / "wikimedia" / fetched[0]).unlink()
    before = contents(tmp_path)
    with pytest.raises(CaseError, match=r"changed or put there by hand; nothing was downloaded[\s\S]*move it away"):
        fetch(force=force)
    assert contents(tmp_path) == before
    assert len(service.asked) == 2


def test_a_file_that_was_never_fetched_is_not_overwritten_either(service, fetch, tmp_path) -> None:
    fetch()
    (tmp_path / "wikimedia" / "fetched.csv").unlink()
    before = contents(tmp_path)
    with pytest.raises(CaseError, match="put there by hand"):
        fetch(force=True)
    assert contents(tmp_path) == before
    (tmp_path / "wikimedia" / "fetched.csv").write_text("not,a\nrecord,at,all\n")
    with pytest.raises(CaseError, match="record of what was fetched cannot be read"):
        fetch()


def test_waits_as_long_as_the_service_asks_and_longer_each_time(service, fetch) -> None:
    waited: list[float] = []
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    service.script = [(429, {"Retry-After": "7"}), (503, {"Retry-After": later}), (500, {}), "cut", "whole"]
    fetched, _ = fetch(pause=waited.append)
    assert len(fetched) == 2
    assert waited[0] == 7
    assert 90 < waited[1] <= 100
    assert waited[2:] == [4, 8]
    assert len(service.asked) == 6


def test_gives_up_in_the_end_and_goes_on_from_there_the_next_time(service, fetch, tmp_path) -> None:
    service.script = ["whole", *[(503, {})] * 5]
    said: list[str] = []
    with pytest.raises(StudyError, match=r"the service answers 503, 5 times[\s\S]*try again later"):
        fetch(progress=lambda done, total, text: said.append(f"{done}/{total} {text}"))
    assert "1/2 the service answers 503; again in 8 s" in said
    assert len([name for name in contents(tmp_path) if name.endswith(".json")]) == 1
    fetched, kept = fetch()
    assert (len(fetched), len(kept)) == (1, 1)
    assert len(service.asked) == 7


def test_a_try_that_fails_leaves_what_is_there_as_it_was(service, fetch, tmp_path, monkeypatch) -> None:
    fetch()
    before = contents(tmp_path)
    service.views["Peer_A"] = service.views["Caffè_&_Co/Italia"] = 1000
    service.script = [(503, {})] * 5
    with pytest.raises(StudyError, match="503"):
        fetch(force=True)
    assert contents(tmp_path) == before
    monkeypatch.setattr(Path, "open", full_disk)
    with pytest.raises(StudyError, match=r"cannot write here: No space left[\s\S]*free the disk"):
        fetch(force=True)
    monkeypatch.undo()
    assert contents(tmp_path) == before


def full_disk(path: Path, mode: str = "r", *rest: object, **named: object) -> IO:
    if "x" in mode:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")
    return open(path, mode, *rest, **named)


def test_a_terminal_shows_a_bar_with_how_many_are_done() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with shown_count(console) as show:
        show(1, 3, "Caffè [b]")
    assert "1/3" in console.file.getvalue()
    assert "Caffè [b]" in console.file.getvalue()


def test_too_long_a_wait_a_refusal_and_another_address_end_it_at_once(service, fetch, tmp_path) -> None:
    waited: list[float] = []
    for answer, said in (
        ((429, {"Retry-After": "4000"}), r"429 and asks for patience[\s\S]*in 4000 seconds"),
        ((403, {}), r"refuses with 403[\s\S]*--contact"),
        ((302, {"Location": f"{service.base}/elsewhere"}), "refuses with 302"),
    ):
        service.script = [answer]
        with pytest.raises(StudyError, match=said):
            fetch(pause=waited.append)
    assert waited == []
    assert len(service.asked) == 3  # the redirect was not followed
    assert contents(tmp_path) == {}


def test_articles_the_service_does_not_have_are_told_together_and_the_rest_kept(service, fetch, tmp_path) -> None:
    rewrite(tmp_path, "competitors: [Peer A]", "competitors: [Peer A, Peer B, Peer C]")
    rewrite(tmp_path, "Peer A: Peer_A}\n", "Peer A: Peer_A, Peer B: Nobody, Peer C: Nothing}\n")
    with pytest.raises(StudyError) as caught:
        fetch()
    assert caught.value.what == "2 articles could not be fetched"
    assert 'no views of "Nobody" on it.wikipedia.org from 2019-05-01 to 2019-05-03' in str(caught.value)
    assert "fetch, wikimedia, articles, Peer C" in str(caught.value)
    assert "there are no data for them" in str(caught.value)
    assert len(contents(tmp_path)) == 4


def test_an_answer_that_is_not_what_was_asked_for_is_not_kept(service, fetch, tmp_path, monkeypatch) -> None:
    for body in (b"<html>", b'{"items": []}', b'{"items": [{"article": "Other", "views": 1}]}', b"[" * 100_000):
        monkeypatch.setattr(service, "answer", lambda path, body=body: (200, {}, body, False))
        with pytest.raises(StudyError, match="holds no views of"):
            fetch()
    assert contents(tmp_path) == {}


def test_nobody_there_and_silence_are_told(service, fetch, monkeypatch) -> None:
    with pytest.raises(StudyError, match=r"no whole answer \(.*refused.*, 5 times[\s\S]*check the connection"):
        fetch(base="http://127.0.0.1:9/api")
    stalled = threading.Event()
    monkeypatch.setattr(service, "answer", lambda path: stalled.wait(2) and (500, {}, b"", False))
    with pytest.raises(StudyError, match=r"no whole answer .*timed out"):
        fetch(timeout=0.05)
    stalled.set()


def test_only_the_cases_own_folder_is_written_and_only_one_at_a_time(service, fetch, tmp_path, monkeypatch) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (tmp_path / "wikimedia").symlink_to(outside)
    with pytest.raises(CaseError, match="outside the case's folder"):
        fetch()
    (tmp_path / "wikimedia").unlink()
    rewrite(tmp_path, "time_zone:", f"data_root: ../{outside.name}\ntime_zone:")
    monkeypatch.setenv(paths.DATA_ROOTS_VARIABLE, str(outside))
    with pytest.raises(CaseError, match="outside the case's folder"):
        fetch()
    rewrite(tmp_path, f"data_root: ../{outside.name}\n", "")
    (tmp_path / "wikimedia").mkdir()
    with module._alone(tmp_path / "wikimedia"), pytest.raises(StudyError, match="another download"):
        fetch()
    (tmp_path / "wikimedia" / ".fetched.csv.part").symlink_to(outside / "prey")
    assert len(fetch()[0]) == 2
    assert list(outside.iterdir()) == []


def test_what_cannot_be_fetched_is_said_before_anything_is_asked(service, fetch, tmp_path) -> None:
    rewrite(tmp_path, "last: 2019-05-03", f"last: {datetime.now(UTC).date()}")
    with pytest.raises(CaseError, match="may not be counted yet"):
        fetch()
    rewrite(tmp_path, f"last: {datetime.now(UTC).date()}", "last: 2019-05-03")
    with pytest.raises(CaseError, match="one line"):
        fetch(contact="a\r\nHost: elsewhere")
    (tmp_path / "case.yaml").write_text(CASE[: CASE.index("fetch:")], "utf-8")
    with pytest.raises(CaseError, match=r"asks for nothing to be fetched[\s\S]*add `fetch:"):
        fetch()
    assert service.asked == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("it.wikipedia.org", "evil.example/../x", "does not have the form"),
        ("    project:", "    base: http://evil.example\n    project:", 'unknown key "base"'),
        ("last: 2019-05-03", "last: 2019-04-03", "dates out of order"),
        ("first: 2019-05-01\n", "first: 2015-06-30\n", "2015-07-01 (the first day counted)"),
        ("Peer A: Peer_A}\n", "Peer A: ..}\n", "cannot be the title"),
        ("Peer A: Peer_A}\n", 'Peer A: "Peer\\nA"}\n', "cannot be the title"),
        ("Peer A: Peer_A}\n", "Peer A: Caffè_&_Co/Italia}\n", "given to two brands"),
        ("Peer A: Peer_A}\n", "Pear A: Peer_A}\n", 'nor one of the competitors. Did you mean "Peer A"?'),
        ("    last: 2019-05-03\n", "    last: 2019-05-03\n    agent: humans\n", "is not one of user, all-agents"),
    ],
)
def test_case_yaml_is_checked(tmp_path, old, new, said) -> None:
    (tmp_path / "case.yaml").write_text(CASE, "utf-8")
    rewrite(tmp_path, old, new)
    with pytest.raises(CaseError) as caught:
        load_case_folder(str(tmp_path))
    assert said in str(caught.value)


def test_the_command_says_what_was_done_and_how_to_read_it(service, fetch, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "fetch_case", partial(fetch_case, base=service.base))
    done = CliRunner().invoke(app, ["fetch", str(tmp_path), "--contact", "https://example.org"])
    assert done.exit_code == 0
    assert "0 of 2: Caffè & Co" in done.output
    assert "2 fetched, 0 there already" in done.output
    assert "files: [wikimedia/*.json]" in done.output
    assert service.asked[1][1].endswith("(https://example.org)")
    shown = CliRunner().invoke(app, ["fetch", "--help"]).output
    assert "No other command uses the network" in " ".join(shown.split())


def test_a_missing_export_names_the_command_that_downloads_it(tmp_path) -> None:
    (tmp_path / "case.yaml").write_text(CASE, "utf-8")
    with pytest.raises(CaseError, match=r"an export is missing[\s\S]*exit-study fetch"):
        read_source(load_case_folder(str(tmp_path)), "views")


# ---- nothing else in the project touches a network

NETWORK = {
    "aiohttp", "asyncio", "ftplib", "http", "httpcore", "httpx", "imaplib", "nntplib", "poplib", "requests", "smtplib",
    "socket", "socketserver", "ssl", "telnetlib", "tornado", "urllib", "urllib3", "websocket", "websockets", "xmlrpc",
}  # fmt: skip
HARMLESS = {"urllib.parse"}
CLIENT, COMMAND = "analysis/pipeline/web.py", "analysis/pipeline/fetch.py"


def imports(tree: ast.AST) -> set[str]:
    """Every module that is imported, by its full name; of `from a import b` both a and a.b."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module == "urllib" else {node.module, *names}
    return found


def network(tree: ast.AST) -> set[str]:
    used = {name for name in imports(tree) if name.split(".")[0] in NETWORK}
    return {name for name in used if not any(name == safe or name.startswith(f"{safe}.") for safe in HARMLESS)}


@cache
def code() -> dict[str, ast.AST]:
    files = {path.relative_to(paths.PROJECT).as_posix(): path for path in (paths.PROJECT / "analysis").rglob("*.py")}
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in files.items()}
    for path in paths.NOTEBOOKS.glob("*.ipynb"):
        cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        trees[path.name] = ast.parse("\n".join(cells))
    return trees


def test_one_module_imports_a_network_library() -> None:
    assert {name for name, tree in code().items() if network(tree)} == {CLIENT}
    assert network(ast.parse("from urllib import request")) == {"urllib.request"}
    assert network(ast.parse("def f():\n    import http.client")) == {"http.client"}
    assert network(ast.parse("from urllib.parse import quote")) == set()


def test_only_the_command_fetch_reaches_it() -> None:
    trees = code()
    users = {name for name, tree in trees.items() if "analysis.pipeline.web" in imports(tree)}
    assert users == {COMMAND}
    users = {name for name, tree in trees.items() if "analysis.pipeline.fetch" in imports(tree)}
    assert users == {"analysis/__main__.py"}
    commands = [
        node.name
        for node in trees["analysis/__main__.py"].body
        if isinstance(node, ast.FunctionDef) and "analysis.pipeline.fetch" in imports(node)
    ]
    assert commands == ["fetch"]  # and so neither run, check nor plan, and not the import of the command line itself
    top = ast.Module([node for node in trees["analysis/__main__.py"].body if not isinstance(node, ast.FunctionDef)], [])
    assert "analysis.pipeline.fetch" not in imports(top)
