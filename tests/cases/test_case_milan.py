"""UniCredit's share at the announcement: the published numbers, and the words the report must use."""

import json
import re

import pytest

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def root(run_real):
    return run_real("milan-announcement")


def test_the_known_numbers(root) -> None:
    record = json.loads((root / "data/processed/milan-announcement/estimates/announcement_reaction.json").read_text())
    found = record["diagnostics"]
    assert record["n_pre"] == 250
    assert round(found["beta"], 3) == 1.607
    assert round(record["point"] * 100, 2) == -0.89
    assert round(found["standardised_uncorrected"], 3) == -0.695
    assert record["interval"]["lower"] < 0 < record["interval"]["upper"]


def test_the_report_says_it_in_those_terms(root) -> None:
    page = (root / "reports/milan-announcement/index.html").read_text("utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "REAL DATA" in text
    assert "−0.89 %" in text
    assert "−0.695" in text
    assert "no detectable reaction" in text.lower()


def test_the_public_statement_is_estimated_too(root) -> None:
    record = json.loads((root / "data/processed/milan-announcement/estimates/statement_reaction.json").read_text())
    assert record["n_pre"] == 250
    assert record["first_post"] == "2018-08-07"


def test_an_attack_on_what_is_published_finds_nobody(root, attack) -> None:
    assert attack(root, "milan-announcement") == []


@pytest.mark.slow  # a minute and more; the pages of the cases that ship are looked at every time
def test_its_pages_hold_in_a_browser(root, in_a_browser) -> None:
    assert in_a_browser(root) == ""
