"""Cases side by side: what may be pooled, what is said of the rest, and a publication that cannot break the last."""

import json
import math
import re
import string

import pytest
from bs4 import BeautifulSoup
from links import dead_links
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.core import artefacts
from analysis.core.errors import StudyError
from analysis.core.paths import COMPARISON, Layout
from analysis.pipeline import comparison as comparing
from analysis.pipeline import comparison_run
from analysis.pipeline.comparison import Comparison, open_comparison, pooled, published, side_by_side, without_each
from analysis.pipeline.comparison_run import compare_cases, publish_comparison
from analysis.pipeline.front_page import write_front_page
from analysis.report._english_comparison import COMPARISON as ENGLISH
from analysis.report._italian_comparison import COMPARISON as ITALIAN

EFFECTS = {"one": (0.1, 0.0, 0.2), "two": (-0.1, -0.2, 0.05), "three": (0.05, -0.1, 0.25)}


def outcome(name: str, shown: tuple[float | None, ...], **more: object) -> dict[str, object]:
    stem, (point, lower, upper) = f"effects.{name}", shown
    found = {
        "label": name, "question": "engagement", "role": "primary", "place": 0, "measured_on": "retained",
        "market": False, "shown.point": point, "shown.lower": lower, "shown.upper": upper, "shown.level": 0.95,
        "shown.style": "percent", "grade.word": "moderate", "first_post": "2019-06-03", "last_post": "2020-02-23",
    }  # fmt: skip
    return {f"{stem}.{key}": value for key, value in (found | more).items()}


def report(slug: str, status: str, shown: tuple[float | None, ...], **more: object) -> dict[str, object]:
    head = {
        "case.slug": slug, "case.title": f"Case <{slug}>", "case.brand": f"Brand {slug}", "case.data_status": status,
        "case.event_name": None, "case.stages.left.kind": "channels_closed", "provenance.code_sha256": "a" * 64,
    }  # fmt: skip
    return head | outcome("kept", shown) | more


def reports() -> dict[str, dict[str, object]]:
    found = {slug: report(slug, "simulated", shown) for slug, shown in EFFECTS.items()}
    found["true"] = report("true", "real", (-0.3, -0.4, -0.2))
    return found


def opened(tmp_path, results=None) -> Comparison:
    layout = Layout.under(tmp_path, COMPARISON)
    made = Comparison(results or reports(), layout)
    artefacts.write_json(layout.case, comparing._summary(made))
    return made


def made(tmp_path, results=None) -> Comparison:
    done = opened(tmp_path, results)
    side_by_side(done)
    pooled(done)
    without_each(done)
    return done


def written(tmp_path) -> None:
    for slug, record in reports().items():
        artefacts.write_json(tmp_path / "reports" / slug / "results.json", record)


def text_of(html: bytes) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html.decode(), "html.parser").get_text(" ")).replace("\u00a0", " ")


def test_the_standard_error_is_the_one_the_printed_interval_implies():
    effect, error = comparing.standardised(
        point=0.1, lower=0.0, upper=0.21, level=0.95, style="percent", natural=False
    )
    assert effect == pytest.approx(math.log(1.1))
    assert error == pytest.approx(math.log(1.21) / (2 * 1.959964), rel=1e-6)
    natural = comparing.standardised(point=0.4, lower=0.0, upper=0.9, level=0.95, style="percent", natural=True)
    assert natural == pytest.approx((0.4, 0.9 / (2 * 1.959964)))


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"lower": None}, "no_interval"), ({"style": "number"}, "no_share"), ({"lower": -1.2}, "whole")],
)
def test_what_has_no_place_on_the_scale_says_why(changes, why):
    shown = {"point": 0.1, "lower": 0.0, "upper": 0.21, "level": 0.95, "style": "percent"} | changes
    assert comparing.standardised(**shown, natural=False) == why
    assert f"comparison.outside.{why}" in ENGLISH


def test_real_and_simulated_are_never_pooled_together(tmp_path):
    table = pooled(made(tmp_path))
    assert table["data_status"].tolist() == ["simulated"]
    assert table["studies"].tolist() == [3]
    changed = reports() | {"true": report("true", "real", (5.0, 4.0, 6.0))}
    again = pooled(made(tmp_path / "again", changed))
    assert again.equals(table)


def test_the_average_lies_among_the_cases_and_each_is_left_out_in_turn(tmp_path):
    done = made(tmp_path)
    average = done.store.table("pooled").iloc[0]
    assert -0.1 < average["mean"] < 0.1
    assert average["prediction_lower"] < average["lower"] < average["mean"] < average["upper"]
    left = done.store.table("left_out")
    assert left["case"].tolist() == ["one", "three", "two"]
    assert left["weight"].sum() == pytest.approx(1, abs=1e-5)
    assert left.set_index("case").loc["two", "mean"] > average["mean"]
    assert (left["studies"] == 2).all()


def test_a_change_that_is_no_exit_is_shown_and_not_pooled(tmp_path):
    other = {slug: report(slug, "simulated", shown) for slug, shown in EFFECTS.items()}
    other["three"].pop("case.stages.left.kind")
    done = made(tmp_path, other)
    assert done.store.table("pooled")["studies"].tolist() == [2]
    assert done.store.table("left_out")["mean"].isna().all()
    files = comparison_run.build_comparison(done.store, {})
    text = text_of(files["index.html"])
    assert "Case <three> ( +5.0 % ; −10.0 % to +25.0 % ) studies another change than an exit" in text
    assert "Two cases leave the average all but open" in text


def test_one_case_of_a_kind_is_said_to_stand_alone(tmp_path):
    text = text_of(comparison_run.build_comparison(made(tmp_path).store, {})["index.html"])
    assert "one exit only, Case <true> ( −30.0 % ; −40.0 % to −20.0 % ). Nothing is averaged." in text
    assert "Over 3 simulated exits" in text
    assert "of real exits nothing is averaged" in text


def test_a_case_answers_a_question_once_with_its_first_main_outcome(tmp_path):
    more = outcome("shops", (0.5, 0.4, 0.6), place=1) | outcome("aside", (0.9, 0.8, 1.0), role="secondary", place=-1)
    rows = side_by_side(opened(tmp_path, {"one": report("one", "real", (0.1, 0.0, 0.2)) | more}))
    assert rows["outcome"].tolist() == ["kept"]


def test_every_number_of_the_page_is_looked_up_and_every_status_has_its_sign(tmp_path):
    files = comparison_run.build_comparison(made(tmp_path).store, {"command": "exit-study compare"})
    page, results = BeautifulSoup(files["index.html"].decode(), "html.parser"), json.loads(files["results.json"])
    assert [chip.get_text() for chip in page.select(".chip")] == ["REAL DATA", "SIMULATED DATA"]
    assert "MIXED" in page.select_one("aside.banner").get_text()
    assert page.find("img")["alt"].startswith("Forest of 3 cases, average ")
    assert not page.find_all("script")
    assert {link["rel"][0] for link in page.find_all("link")} <= {"alternate"}  # names another page, fetches nothing
    for span in page.select("[data-key]"):
        assert span["data-key"] in results
        span.extract()
    for link in page.select("ul.downloads a"):
        link.extract()
    assert re.findall(r".{0,30}\d.{0,30}", page.body.get_text(" ")) == []


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_the_italian_sentences_have_the_keys_and_the_blanks_of_the_english_ones(tmp_path):
    assert set(ITALIAN) == set(ENGLISH)
    assert {key: fields(text) for key, text in ITALIAN.items()} == {key: fields(text) for key, text in ENGLISH.items()}
    files = comparison_run.build_comparison(made(tmp_path).store, {})
    text = text_of(files["index.it.html"])
    assert "Che cosa hanno in comune le uscite" in text
    assert "−30,0 %" in text
    assert 'href="index.it.html"' in files["index.html"].decode()
    assert "figures/cases_retained_simulated.it.svg" in files


def test_the_italian_page_has_the_italian_titles_and_leads_to_the_italian_pages(tmp_path):
    told = reports()
    told["one"]["case.said.it.title"] = "Caso <uno>"
    files = comparison_run.build_comparison(made(tmp_path, told).store, {})
    page = BeautifulSoup(files["index.it.html"].decode(), "html.parser")
    links = {link["href"]: link.get_text() for link in page.select('a[href^="../"]')}
    assert links["../one/index.it.html"] == "Caso <uno>"
    assert links["../two/index.it.html"] == "Case <two>"  # nobody says it in Italian
    assert not [href for href in links if href.endswith("index.html")]
    assert not page.find(string=re.compile("Brand one; "), attrs={"lang": "en"})
    english = BeautifulSoup(files["index.html"].decode(), "html.parser")
    assert english.select_one('a[href="../one/index.html"]').get_text() == "Case <one>"


def test_without_reports_and_without_a_report_of_that_name(tmp_path):
    with pytest.raises(StudyError, match="no case has a report"):
        published(tmp_path / "reports")
    written(tmp_path)
    with pytest.raises(StudyError, match='no report of "twoo"') as caught:
        published(tmp_path / "reports", ["twoo"])
    assert "two" in caught.value.cure
    assert list(published(tmp_path / "reports", ["two", "one"])) == ["one", "two"]


@pytest.mark.study
def test_the_notebook_runs_publishes_and_is_not_run_twice(tmp_path):
    written(tmp_path)
    answer = CliRunner().invoke(app, ["compare", "--output", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    folder = tmp_path / "reports" / COMPARISON
    assert {"index.html", "results.json", "manifest.json", "figures", "tables", "notebooks"} <= {
        item.name for item in folder.iterdir()
    }
    assert (folder / "index.html").stat().st_size < 3_000_000
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["inputs"]) == {f"{slug}/results.json" for slug in reports()}
    assert "index.html" in manifest["outputs"]
    assert str(tmp_path) not in (folder / "notebooks" / "90_compare_cases.html").read_text()
    for page in folder.rglob("*.html"):
        assert dead_links(page, outside=page.parent != folder) == [], page  # the cases here have numbers alone
    crate = {item["@id"]: item for item in json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]}
    assert crate["./"]["name"] == ENGLISH["comparison.title"]
    assert len(crate["#run"]["object"]) == len(reports())
    assert compare_cases(output=tmp_path) == (folder / "index.html", False)
    assert 'href="comparison/index.html"' in (tmp_path / "reports" / "index.html").read_text()


def test_a_comparison_that_fails_leaves_the_last_one(tmp_path, monkeypatch):
    written(tmp_path)
    page = artefacts.write_text(tmp_path / "reports" / COMPARISON / "index.html", "the last")

    def broken(*_: object) -> None:
        raise StudyError("broken", where="here", cure="none")

    monkeypatch.setattr(comparison_run, "execute", broken)
    with pytest.raises(StudyError, match="broken"):
        compare_cases(output=tmp_path)
    assert page.read_text() == "the last"


def test_the_front_page_does_not_take_the_comparison_for_a_case(tmp_path):
    written(tmp_path)
    artefacts.write_json(tmp_path / "reports" / COMPARISON / "results.json", {"comparison.count": 4})
    page = write_front_page(tmp_path).read_text()
    assert page.count("<li>") == 4
    assert "comparison/index.html" not in page


def test_the_notebook_can_be_opened_on_chosen_cases(tmp_path, monkeypatch):
    written(tmp_path)
    monkeypatch.setenv("EXIT_STUDY_OUTPUT", str(tmp_path))
    chosen = open_comparison("one, two")
    assert list(chosen.results) == ["one", "two"]
    side_by_side(chosen)
    assert pooled(chosen)["prediction_lower"].isna().all()
    without_each(chosen)
    assert "index.html" in publish_comparison(chosen)["file"].tolist()
