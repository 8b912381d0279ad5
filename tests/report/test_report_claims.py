"""The claims auditor: where a claim's window lies, and what a study could say of a claim of that size."""

import re

import pytest
import report_worlds as worlds
from bs4 import BeautifulSoup

from analysis.core.case import Case
from analysis.core.case_context import Claim
from analysis.pipeline import claims as auditing
from analysis.pipeline.claims import claims_table, placed, public_claims
from analysis.report._english_claims import CLAIMS as ENGLISH
from analysis.report._italian_claims import CLAIMS as ITALIAN
from analysis.report.build import section_html
from analysis.report.results import build_results

HORIZONS = [{"periods": periods, "share": share, "detectable": share, "basis": "standard error"}
            for periods, share in ((4, 0.2), (13, 0.1), (38, 0.05))]  # fmt: skip


def claim(**changes: object) -> dict[str, object]:
    base = dict.fromkeys(("quote", "by", "window", "comparator", "says", "source"), "made up")
    return Claim.model_validate(base | changes).model_dump(mode="json")


@pytest.mark.parametrize(
    ("first", "last", "where", "share", "days"),
    [
        ("2018-01-29", "2018-04-29", "over", 77 / 91, 14),
        ("2018-01-01", "2018-04-15", "before", 1.0, 0),
        ("2018-04-16", "2018-04-16", "after", 0.0, 1),
    ],
)
def test_where_a_window_lies(first, last, where, share, days):
    found = placed(first, last, "2018-04-16")
    assert (found["placed"], found["days_after"]) == (where, days)
    assert found["share_before"] == pytest.approx(share)


def test_an_open_or_an_unstated_window():
    assert placed("2023-04-05", None, "2023-04-05")["placed"] == "after"
    assert placed("2023-04-04", None, "2023-04-05")["placed"] == "over"
    assert placed(None, None, "2023-04-05")["placed"] == placed("2023-04-05", None, None)["placed"] == "unstated"


def test_the_public_claims_are_of_four_brands_each_cited_and_the_famous_one_lies_mostly_before():
    claims = public_claims()
    assert {item["brand"] for item in claims} == {"JD Wetherspoon", "Lush", "NPR", "Bottega Veneta"}
    assert all(item["source"] and item["interested"] is not None and item["compared"] for item in claims)
    sales = claims_table(worlds.case()).query("brand == 'JD Wetherspoon' and about == 'sales'").iloc[0]
    assert sales["placed"] == "over"
    assert sales["share_before"] == pytest.approx(77 / 91)


def test_a_claim_that_the_case_quotes_itself_is_shown_once():
    twice = public_claims()[0]
    table = claims_table(worlds.case(claims=[twice]))
    assert table["quote"].value_counts()[twice["quote"]] == 1
    assert table.iloc[0]["origin"] == "own"


def answers(tmp_path, **changes: object) -> dict[str, object]:
    store = worlds.unicredit(tmp_path, claims=[claim(**changes)])
    found = worlds.check("minimum_detectable_effect", "PASS", "made up") | {"table": HORIZONS}
    worlds.artefacts.write_json(store.layout.checks / "contacts_total.json", [found])
    results = build_results(store, {})
    return {key.removeprefix("claims.0."): value for key, value in results.items() if key.startswith("claims.0.")}


INSIDE = {"outcome": "contacts_total", "first": "2019-06-03", "last": "2019-09-01"}  # 13 weeks


@pytest.mark.parametrize(
    ("changes", "answer", "smallest"),
    [
        ({"about": "sales", "value": 0.1}, "unmeasured", None),
        ({"outcome": "engagement_bound", "value": 0.1}, "unmeasured", None),  # refused by the study
        (INSIDE | {"value": -0.12}, "seen", 0.1),
        (INSIDE | {"value": 0.08}, "too_small", 0.1),
        (INSIDE | {"last": "2019-06-16", "value": 0.12}, "too_small", 0.2),  # two weeks: the shortest horizon
        (INSIDE, "no_size", None),
        (INSIDE | {"last": "2021-01-01", "value": 0.1}, "outside", None),
        (INSIDE | {"first": "2019-01-01", "last": "2019-06-16", "value": 0.1}, "mostly_before", None),
        (INSIDE | {"first": "2019-01-01", "last": "2019-02-01", "value": 0.1}, "before", None),
        ({"about": "contacts", "first": "2019-06-03", "last": "2019-09-01", "value": 0.12}, "seen", 0.1),
    ],
)
def test_what_the_design_could_say(tmp_path, changes, answer, smallest):
    found = answers(tmp_path, **changes)
    assert found["answer"] == answer
    assert found.get("detectable") == smallest


def test_a_claim_names_an_outcome_that_exists():
    with pytest.raises(ValueError, match='there is no outcome "contact_total"'):
        worlds.case(claims=[claim(outcome="contact_total")])
    with pytest.raises(ValueError, match="last is before first"):
        claim(first="2019-02-01", last="2019-01-01")
    with pytest.raises(ValueError, match="intrested"):
        Case.model_validate(worlds.case() | {"claims": [claim() | {"intrested": True}]})


def test_the_page_shows_each_claim_folded_with_who_when_against_what_and_the_design(tmp_path):
    section = BeautifulSoup(section_html(worlds.unicredit(tmp_path), "what_else"), "html.parser")
    folds = [fold for fold in section.find_all("details") if "what this study could say" in fold.summary.get_text()]
    assert len(folds) == 1
    rows = [re.sub(r"\s+", " ", row.get_text(" ")) for row in folds[0].select("tbody tr")]
    assert len(rows) == len(public_claims())
    famous = next(row for row in rows if "Like-for-like" in row)
    for part in ("an interested party", "84.6 % of it before the exit", "its own past", "no outcome of this study"):
        assert part in famous.replace("\u00a0 %", " %").replace("\u00a0", " "), famous


def test_the_file_of_claims_is_strict(tmp_path, monkeypatch):
    broken = tmp_path / "claims.yaml"
    broken.write_text("claims:\n  - quote: only this\n")
    monkeypatch.setattr(auditing.paths, "CLAIMS", broken)
    monkeypatch.setattr(auditing.paths, "PROJECT", tmp_path)
    with pytest.raises(auditing.CaseError, match="cannot be read"):
        public_claims()


def test_the_italian_sentences_have_the_keys_and_the_blanks_of_the_english_ones():
    assert {key: set(re.findall(r"\{(\w+)(?::\w+)?\}", text)) for key, text in ITALIAN.items()} == {
        key: set(re.findall(r"\{(\w+)(?::\w+)?\}", text)) for key, text in ENGLISH.items()
    }
