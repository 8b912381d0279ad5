"""The page on personal data: keyed numbers, escaped strings, both languages, and what the case and the run say."""

import json
import re

import pandas as pd
import pytest
import report_worlds as worlds
from bs4 import BeautifulSoup
from test_report_page import agrees, in_english_marks

from analysis.core import artefacts
from analysis.report import languages
from analysis.report.build import build_report, privacy_name
from analysis.report.page import LANGUAGES, page_name
from analysis.report.privacy import OPEN
from analysis.sources._personal import FATES, HOLDS

HOSTILE = '<script>alert("x")</script> \u202eשלום'
CARE = {"source": "log"}
SOURCES = [
    *worlds.SOURCES, {"id": "log", "format": "event_log_csv", "files": ["log.csv"], "label": "The desk's log"},
]  # fmt: skip
PERSONAL = [("ticket", "case_id", "numbered"), ("who", "customer", "numbered"), ("Filiale", "attribute", "generalised")]


def world(root, *, personal=PERSONAL, label="The desk's log", **changes):
    """A study with a log of cases, three columns of it, one attribute, and cells left empty."""
    store = worlds.unicredit(root, care=CARE, sources=SOURCES, **changes)
    frames = {
        "personal_data": pd.DataFrame(
            [("log", label, "event_log_csv", *row) for row in personal],
            columns=["source", "label", "format", "column", "holds", "fate"],
        ),
        "quasi_identifiers": pd.DataFrame(
            [("branch", "branch", "as read", 8, 6, 3, 20)],
            columns=["attribute", "label", "how", "levels_read", "levels_kept", "merged", "smallest_group"],
        ),
        "sources": pd.DataFrame(
            [("test", "Made-up weekly table", "measurements_csv", "made-up.csv", "ab" * 32, 142, "2017-06-05"),
             ("log", label, "event_log_csv", "log.csv", "cd" * 32, 77, "2018-01-01")],
            columns=["source", "label", "format", "file", "sha256", "rows", "first"],
        ).assign(last="2020-02-17"),
        "suppressed": pd.DataFrame({"channel": ["Phone", "Chat"], "cells": [2, 3]}),
        "suppressed_service": pd.DataFrame({"table": ["funnel", "incidence"], "cells": [1, 6]}),
    }  # fmt: skip
    for name, frame in frames.items():
        artefacts.write_csv(store.layout.tables / f"{name}.csv", frame)
    return store


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return build_report(world(tmp_path_factory.mktemp("privacy")), worlds.PROVENANCE)


def soup_of(files, language="en") -> BeautifulSoup:
    return BeautifulSoup(files[privacy_name(language)].decode(), "html.parser")


def section(files, name: str, language="en") -> str:
    text = soup_of(files, language).find(id=name).get_text(" ").replace("\u00a0", " ")
    return re.sub(r"\s+([.,:;])", r"\1", " ".join(text.split()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_is_in_results_under_its_key(files, language):
    results, page = json.loads(files["results.json"]), soup_of(files, language)
    spans = page.body.select("[data-key]")
    assert len(spans) > 25
    for span in spans:
        value = results[span["data-key"]]
        if not isinstance(value, str):
            assert agrees(in_english_marks(span.get_text(), language), float(value)), (span, value)
        span.extract()
    assert re.findall(r".{0,30}\d.{0,30}", page.body.get_text(" ")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_stands_alone_says_its_status_and_leads_back(files, language):
    page, other = soup_of(files, language), "it" if language == "en" else "en"
    assert page.html["lang"] == language
    assert len(page.find_all("h1")) == 1
    assert not page.find_all(["script", "iframe", "img", "object"])
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")
    assert ("SIMULATED DATA" if language == "en" else "DATI SIMULATI") in page.select_one("aside.banner").get_text()
    links = [link["href"] for link in page.select("a[href]") if not link["href"].startswith("#")]
    assert sorted(links) == sorted([page_name(language), privacy_name(other)])
    report = BeautifulSoup(files[page_name(language)].decode(), "html.parser")
    assert [link.parent.parent["id"] for link in report.select(f'a[href="{privacy_name(language)}"]')] == ["data"]


def test_it_says_what_it_is_and_is_not(files):
    text = " ".join(soup_of(files).header.get_text(" ").split())
    assert "Article 35 of Regulation (EU) 2016/679 (GDPR)" in text
    assert "It is not legal advice" in text
    assert "Non è un parere legale" in soup_of(files, "it").header.get_text()


def test_columns_of_persons_stand_with_what_becomes_of_each(files):
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in soup_of(files).select("#columns tbody tr")]
    assert rows == [
        ["ticket", "The desk's number of a case", "Read and replaced by a pseudonym"],
        ["who", "Who the customer is", "Read and replaced by a pseudonym"],
        ["Filiale", "What a case or customer is like", "Read and kept in groups that are large enough"],
    ]
    assert "No such column in: Made-up weekly table." in section(files, "columns")
    assert soup_of(files, "it").select_one("#columns tbody th").get_text() == "ticket"


def test_small_groups_are_counted_and_attributes_told(files):
    assert "Counts of people below 10 are not printed" in section(files, "small")
    assert "Left empty: 5 counts of contacts, 7 entries in the tables on service." in section(files, "small")
    row = [cell.get_text() for cell in soup_of(files).select("#groups tbody tr th, #groups tbody tr td")]
    assert row == ["branch", "as read", "8", "6", "3", "20"]


def test_a_lowered_cell_is_told_with_its_reason(tmp_path):
    lowered = {"minimum_cell": 5, "reason": "Agreed with the works council."}
    text = section(build_report(world(tmp_path, privacy=lowered), worlds.PROVENANCE, languages=("en",)), "small")
    assert "below 5 are not printed" in text
    assert "Usually 10 is the least. It was lowered for this reason: Agreed with the works council." in text


def test_a_study_without_cases_says_that_there_are_none(tmp_path):
    files = build_report(worlds.market_only(tmp_path), worlds.PROVENANCE, languages=("en",))
    assert "none is read one by one" in section(files, "kept")
    assert "No format read here has a column that tells of a person." in section(files, "columns")
    assert "keeps no attribute" in section(files, "groups")
    assert "Left empty: 0 counts of contacts, 0 entries" in section(files, "small")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_controller_has_to_fill_in_stands_as_questions(files, language):
    questions = [item.get_text() for item in soup_of(files, language).select("#open li")]
    assert len(questions) == len(OPEN)
    assert all(question.endswith("?") for question in questions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_column_and_fate_has_its_words(language):
    keys = {f"privacy.holds.{name}" for name in HOLDS} | {f"privacy.fate.{name}" for name in FATES}
    said = {key for key in languages.WORDING[language] if key.startswith(("privacy.holds.", "privacy.fate."))}
    assert said == keys


def test_strings_of_case_and_exports_are_escaped(tmp_path):
    personal = [(HOSTILE, "customer", "numbered")]
    store = world(tmp_path, personal=personal, label=HOSTILE, brand=HOSTILE, title=HOSTILE, summary=HOSTILE)
    files = build_report(store, worlds.PROVENANCE)
    for language in LANGUAGES:
        html = files[privacy_name(language)].decode()
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert "\u202e" not in html


@pytest.mark.usefixtures("drawn_anew")
def test_the_same_artefacts_give_the_same_page(files, tmp_path):
    again = build_report(world(tmp_path), worlds.PROVENANCE)
    for language in LANGUAGES:
        assert again[privacy_name(language)] == files[privacy_name(language)]
