"""Every command, option, snippet and link of the documents is checked: one that no rule covers fails."""

import re

import numpy as np
import pandas as pd
import pytest
import typer
from documents import (
    DASK,
    DOCUMENTS,
    EXECUTED,
    INLINE,
    KINDS,
    ROOT,
    blocks,
    commands,
    inline_commands,
    problem_of,
    running_text,
    stray_lines,
)  # fmt: skip

from analysis.__main__ import app

EXTENDING = ROOT / "docs" / "extending.md"  # its snippets are files; test_docs_extending.py writes and runs them
LINKED = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("data/raw/*/*.md")]


def named(file):
    return str(file.relative_to(ROOT))


@pytest.fixture(params=DOCUMENTS, ids=named)
def document(request):
    return request.param


def test_every_block_is_of_a_known_kind(document):
    fences = len(re.findall(r"^\s*(?:```|~~~)", document.read_text("utf-8"), flags=re.MULTILINE))
    assert fences == 2 * len(blocks(document)), "a fence is not closed, indented or of another kind"
    assert [(block.line, block.kind) for block in blocks(document) if block.kind not in KINDS] == []
    assert stray_lines(document) == []


def test_every_command_exists_with_its_options(document):
    found = [command.text for block in blocks(document) if block.kind == "sh" for command in commands(block)]
    told = [(text, problem_of(text, document)) for text in found]
    told += [(item.text, problem_of(item.text, document, inline=True)) for item in inline_commands(document)]
    assert [item for item in told if item[1]] == []


def test_every_option_named_alone_exists(document):
    given = [*typer.main.get_command(app).commands.values(), *DASK.values()]
    options = {name for command in given for item in command.params for name in (*item.opts, *item.secondary_opts)}
    said = [text.split()[0].partition("=")[0] for text in INLINE.findall(running_text(document)) if text[:2] == "--"]
    assert [name for name in said if name not in options] == []


def test_the_documents_have_commands_of_every_program():
    """Were nothing found any more, the tests above would pass on nothing."""
    found = {file: [c.text for b in blocks(file) if b.kind == "sh" for c in commands(b)] for file in DOCUMENTS}
    assert {"make report", "make test"} <= {text.partition("  ")[0] for text in found[ROOT / "README.md"]}
    assert len(found[EXECUTED]) > 8
    assert sum(text.startswith(".venv/bin/exit-study") for texts in found.values() for text in texts) > 25
    assert len(inline_commands(ROOT / "CONTRIBUTING.md")) > 5


@pytest.mark.parametrize(
    "text",
    ["make reports", "make accept CASES=all", "exit-study rnu unicredit", "exit-study run unicredit --jbos 2",
     "exit-study run unicredit --jobs two", ".venv/bin/exit-study batch", "curl example", "pip install exit-study[x]",
     ".venv/bin/python -m pytest tests/nowhere", "python nowhere.py", "dask worker --nthread 1", "cp a b",
     "cat cases | xargs -n 2 exit-study batch", "printf x | xargs -n 2 exit-study bacth", "printf x | sh"],
)  # fmt: skip
def test_a_wrong_or_uncovered_command_is_found(text):
    assert problem_of(text, ROOT / "README.md")


def test_a_command_hidden_in_output_or_an_indented_block_is_found(tmp_path):
    file = tmp_path / "page.md"
    file.write_text("```text\nmake nothing\n```\n\n    exit-study rnu\n\n`make a\nb` and `make`\n", "utf-8")
    assert [line.strip() for line in stray_lines(file)] == ["make nothing", "exit-study rnu"]
    assert [command.text for command in inline_commands(file)] == ["make a b"]


def test_every_link_leads_somewhere():
    broken, followed = [], 0
    for file in LINKED:
        for link in re.findall(r"\]\(([^)\s]+)\)", file.read_text("utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            followed += 1
            target, _, anchor = link.partition("#")
            place = file.parent / target if target else file
            if not place.exists() or (anchor and anchor not in anchors(place)):
                broken.append(f"{named(file)}: {link}")
    assert broken == []
    assert followed > 30


def anchors(file):
    heads = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def given():
    """What the snippets of the documents start from: packs by state and year, falling in California after 1988."""
    years, states = range(1970, 2001), ["California", *(f"State {number:02}" for number in range(12))]
    rows = [
        (state, year, 120 - year + 1970 + 5 * np.sin(number * year) - 20 * (state == "California" and year > 1988))
        for number, state in enumerate(states)
        for year in years
    ]
    return {"frame": pd.DataFrame(rows, columns=["state", "year", "packs"])}


SNIPPETS = [b for file in DOCUMENTS if file != EXTENDING for b in blocks(file) if b.kind == "python"]


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda block: f"{named(block.file)}:{block.line}")
def test_every_snippet_runs(snippet):
    space = given()
    exec(compile(snippet.text, named(snippet.file), "exec"), space)
    effect = space["effect"]
    assert effect.interval.lower < effect.point < effect.interval.upper < 0
    assert effect.point == pytest.approx(-20, abs=4)
