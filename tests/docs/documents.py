"""What the documents hold: fenced blocks by kind, commands in blocks and in running text, and the rule for each."""

import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path

import typer
from distributed.cli import dask_scheduler, dask_worker

from analysis.__main__ import app
from analysis.core import paths

ROOT = paths.PROJECT
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
KINDS = {"sh", "text", "python", "yaml"}
EXECUTED = ROOT / "docs" / "tutorial.md"  # what only a run can check may stand there alone
ONLY_EXECUTED = {"cp", "cut"}
STUDY = (".venv/bin/exit-study", "exit-study")
PYTHON = (".venv/bin/python", "python")
PROGRAMS = ("make", "pip", "dask", "curl", "git", *STUDY, *PYTHON)
DASK = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
FENCE = re.compile(r"^```(.*)\n((?:(?!```).*\n)*?)^```$", re.MULTILINE)
INLINE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: ``line`` is that of its fence, for whoever must find it."""

    file: Path
    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class Command:
    """One command line, comments taken off; ``ends_with`` is the exit code that its comment announces."""

    text: str
    ends_with: int = 0

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)


def blocks(file: Path) -> list[Block]:
    text = file.read_text("utf-8")
    return [Block(file, text.count("\n", 0, m.start()) + 1, m[1].strip(), m[2]) for m in FENCE.finditer(text)]


def running_text(file: Path) -> str:
    return FENCE.sub("", file.read_text("utf-8"))


def commands(block: Block) -> list[Command]:
    """The commands of a block of them, in order."""
    found = []
    for line in block.text.splitlines():
        command, _, comment = line.partition("  #") if "  #" in line else (line, "", "")
        ends = re.search(r"ends with (\d+)", comment)
        if command.strip():
            found.append(Command(command.strip(), int(ends[1]) if ends else 0))
    return found


def inline_commands(file: Path) -> list[Command]:
    """Commands in running text: code that begins with a program and goes on."""
    said = [" ".join(text.split()) for text in INLINE.findall(running_text(file))]
    return [Command(text) for text in said if text.startswith(tuple(f"{name} " for name in PROGRAMS))]


def stray_lines(file: Path) -> list[str]:
    """Lines that look like a command and stand where none is looked for: shown output, indented blocks."""
    shown = [line for block in blocks(file) if block.kind != "sh" for line in block.text.splitlines()]
    shown += [line for line in running_text(file).splitlines() if re.match(r" {4,}|\t|\$ ", line)]
    return [line for line in shown if line.strip().removeprefix("$ ").startswith(tuple(f"{p} " for p in PROGRAMS))]


def problem_of(text: str, file: Path, *, inline: bool = False) -> str | None:
    """Why a command of this document would not do; None when a rule covers it and finds nothing.

    ``inline``: running text may name a command without saying of what ("`exit-study fetch`").
    """
    parts = [part.strip() for part in text.split(" | ")]
    if len(parts) > 1:
        if not parts[0].startswith("printf "):
            return "no rule covers what feeds the pipe"
        fed = re.fullmatch(r"xargs (?:-n \d+|-I\{\}) (.+)", parts[1])
        return problem_of(fed[1] if "{}" in fed[1] else f"{fed[1]} CASE", file) if fed else "no rule covers the pipe"
    program, *rest = shlex.split(text)
    if program == "make":
        return _make(rest)
    if program in STUDY:
        known = typer.main.get_command(app).commands
        return None if inline and rest[1:] == [] and rest[0] in known else _parsed(known, rest)
    if program in PYTHON:
        return _python(rest)
    if program == "dask":
        return _parsed(DASK, rest)
    if program == "pip":
        return _pip(rest)
    if program in ONLY_EXECUTED and file == EXECUTED:
        return None
    return f'no rule covers "{program}"'


def _make(words: list[str]) -> str | None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    settable = set(re.findall(r"^([A-Z]+) \?=", makefile, flags=re.MULTILINE))
    for word in words:
        name, given, _ = word.partition("=")
        if name not in (settable if given else targets):
            return f'the Makefile has no "{name}"'
    return None


def _parsed(programs: dict, words: list[str]) -> str | None:
    if not words or words[0] not in programs:
        return f"there is no such command: {words[:1]}"
    if words[1:] == ["--help"]:
        return None
    try:
        programs[words[0]].make_context(words[0], words[1:])
    except Exception as error:  # typer and click each have their own
        return f"{type(error).__name__}: {error}"
    return None


def _python(words: list[str]) -> str | None:
    if words[:2] == ["-m", "dask"]:
        return _parsed(DASK, words[2:])
    if words[:2] == ["-m", "pytest"]:
        return next((f"there is no {word}" for word in words[2:] if not (ROOT / word).exists()), None)
    return None if words and (ROOT / words[0]).is_file() else f"no rule covers python {' '.join(words)}"


def _pip(words: list[str]) -> str | None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    if words and words[0] == "install" and words[1:] in [[f"exit-study[{extra}]"] for extra in extras]:
        return None
    return f"no such extra: {words}"
