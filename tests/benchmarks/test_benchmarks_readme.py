"""What the README and the documents show of the measured tables is what was measured."""

import re

import pytest

from analysis.core import paths

BENCHMARKS = paths.PROJECT / "benchmarks"
DOCS = paths.PROJECT / "docs"
MEASURED = {line for file in sorted(BENCHMARKS.glob("*.md")) for line in file.read_text("utf-8").splitlines()}
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
# How many rows of measurements each shows at least: a header that is misspelt would take its table out of the test.
SHOWN = {paths.PROJECT / "README.md": 12, DOCS / "model_card.md": 41, DOCS / "peers.md": 12}
# Numbers in sentences, and the table each is from.
SPEED = (BENCHMARKS / "speed.md").read_text("utf-8")
STUDY = re.search(r"report, one at a time \| [^|]*\| [\d.]+ \| ([\d.]+) /", SPEED)[1]  # seconds, as measured last
QUOTED = {STUDY: "speed", "0.85 GiB": "speed", "7.2": "large_logs", "32.2": "large_logs", "911 MB": "large_logs"}


@pytest.mark.parametrize("file", SHOWN, ids=lambda file: file.name)
def test_every_row_of_a_measured_table_was_measured(file) -> None:
    tables = [table.splitlines() for table in TABLE.findall(file.read_text("utf-8"))]
    shown = [row for table in tables if table[0] in MEASURED for row in table[2:]]
    assert len(shown) >= SHOWN[file]
    assert [row for row in shown if row not in MEASURED] == []


@pytest.mark.parametrize("number", QUOTED)
def test_numbers_of_the_page_on_many_cases_stand_in_their_tables(number) -> None:
    page = " ".join((DOCS / "many_cases.md").read_text("utf-8").split())
    assert number in page, "quote another, or take it out here"
    table = (BENCHMARKS / f"{QUOTED[number]}.md").read_text("utf-8")
    assert number in table, f"measured anew: renew docs/many_cases.md from benchmarks/{QUOTED[number]}.md"


def test_the_hours_of_a_thousand_cases_follow_from_the_seconds() -> None:
    tables = [table.splitlines() for table in TABLE.findall((DOCS / "many_cases.md").read_text("utf-8"))]
    costs, hours = [[cells(row) for row in table[2:]] for table in tables]
    seconds = {case: float(taken) for case, _, taken, _ in costs}
    assert seconds["UniCredit"] == round(float(STUDY))
    assert len(hours) == len(seconds)
    for case, *told in hours:
        spent = 1000 * (float(STUDY) if case == "UniCredit" else seconds[case]) / 3600
        assert told == [f"{spent / workers:.1f}" for workers in (1, 2, 50)], case


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]
