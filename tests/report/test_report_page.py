"""The page a strategist gets: every number keyed, nothing remote, nothing unescaped, for every kind of case."""

import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest
import report_worlds as worlds
from bs4 import BeautifulSoup
from links import BESIDE, dead_links

from analysis.core import artefacts
from analysis.report import languages
from analysis.report.build import build_report, section_html
from analysis.report.index import build_index
from analysis.report.languages import WORDING
from analysis.report.numbers import Numbers
from analysis.report.page import LANGUAGES, page_name, stylesheet

WORDS_ABOVE_METHODS = 900
HOSTILE = '<script>alert("x")</script>=cmd|1 \u202eשלום'


@pytest.fixture(scope="module", params=list(worlds.WORLDS))
def world(request, tmp_path_factory):
    store = worlds.WORLDS[request.param](tmp_path_factory.mktemp(request.param))
    return build_report(store, worlds.PROVENANCE)


@pytest.fixture(params=LANGUAGES)
def built(request, world):
    """A language, and the files of a study."""
    return request.param, world


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return in_english(worlds.unicredit(tmp_path_factory.mktemp("full")), worlds.PROVENANCE)


@pytest.fixture(scope="module")
def full_store(tmp_path_factory):
    return worlds.unicredit(tmp_path_factory.mktemp("full store"))


def in_english(store, provenance):
    return build_report(store, provenance, languages=("en",))


def soup_of(files, language="en") -> BeautifulSoup:
    return BeautifulSoup(files[page_name(language)].decode(), "html.parser")


@pytest.mark.usefixtures("drawn_anew")
def test_the_same_artefacts_give_the_same_bytes(tmp_path, full):
    again = in_english(worlds.unicredit(tmp_path), worlds.PROVENANCE)
    assert again == full


def test_the_pages_lead_to_each_other_and_say_their_language(built):
    language, files = built
    page, other = soup_of(files, language), "it" if language == "en" else "en"
    assert page.html["lang"] == language
    assert page.select_one(f'head link[rel="alternate"][hreflang="{other}"]')["href"] == page_name(other)
    assert page.select_one(f'header a[hreflang="{other}"]')["href"] == page_name(other)
    assert len(files[page_name(language)]) < 3_000_000
    assert {name.replace(".it.svg", ".svg") for name in files if name.endswith(".it.svg")} == {
        name for name in files if name.endswith(".svg") and not name.endswith(".it.svg")
    }


def test_what_others_published_is_real_beside_simulated_data(full):
    tables = {name: pd.read_csv(io.BytesIO(content)) for name, content in full.items() if name.startswith("tables/")}
    said = {name: set(table["data_status"]) for name, table in tables.items() if len(table)}
    assert said.pop("tables/claims.csv") == {"real"}
    assert set.union(*said.values()) == {"simulated"}


def test_the_time_line_names_the_day_of_the_exit_not_the_first_day_counted(built):
    language, files = built
    case = json.loads(files["results.json"])
    image = soup_of(files, language).select_one("#figure-stage-timeline img")
    closed = [key for key, value in case.items() if key.endswith(".kind") and value == "channels_closed"]
    key = closed[0].removesuffix("kind") + "date" if closed else "case.windows.event"
    assert str(Numbers(case, language)(key, "date")) in image["alt"]


@pytest.mark.parametrize(
    ("language", "went", "carried", "role"),
    [("en", "Phone took up most by the best guess: 34.9 %", "Phone changed most: ", "own channel"),
     ("it", "Ne ha assorbiti di più Phone, circa il 34,9 %", "Cambia di più Phone: da ", "canale proprio")],
)  # fmt: skip
def test_pictures_of_contacts_say_what_they_show(full_store, language, went, carried, role):
    page = BeautifulSoup(section_html(full_store, "where_contacts_went", language), "html.parser")
    titles = [page.select_one(f"#figure-{name} h3") for name in ("diversion", "volumes-by-channel")]
    said = [" ".join(title.get_text().split()) for title in titles]
    assert said[0] == went
    assert said[1].startswith(carried)
    assert len(titles[1].select(".n")) == 2
    assert WORDING[language]["figure.role.owned"] == role


def test_a_table_has_the_ground_of_the_box_it_stands_in():
    style = stylesheet()
    assert "--paper" not in style.split(".scroll{")[1].split("}")[0]
    assert "--ground:var(--wash)" in style.split("section.annex{")[1].split("}")[0]


def test_every_link_leads_somewhere(tmp_path, world):
    notebooks = [item["href"] for item in worlds.PROVENANCE["notebooks"]]
    for name, content in (world | dict.fromkeys((*BESIDE, *notebooks), b"")).items():
        artefacts.write_bytes(tmp_path / name, content)
    pages = [page_name(language) for language in LANGUAGES]
    assert {name: found for name in pages if (found := dead_links(tmp_path / name))} == {}


def test_every_number_is_in_results_under_its_key(built):
    """Take out what is looked up; no digit may be left in what a reader sees."""
    language, files = built
    results, page = json.loads(files["results.json"]), soup_of(files, language)
    spans = page.body.select("[data-key]")
    assert len(spans) > 30
    for span in spans:
        assert span["data-key"] in results, span
        value = results[span["data-key"]]
        if isinstance(value, str) and "t" in span["class"]:
            assert span.get_text() == value or (language != "en" and not span.get("lang"))
        elif value is not None and not isinstance(value, str):
            assert agrees(in_english_marks(span.get_text(), language), float(value)), (span, value)
    for span in spans:
        span.extract()
    for link in page.body.select("ul.downloads a"):
        link.extract()  # file names
    left = re.findall(r".{0,30}\d.{0,30}", page.body.get_text(" "))
    assert left == []


def in_english_marks(text: str, language: str) -> str:
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def agrees(text: str, value: float) -> bool:
    """The printed number is the value, rounded as printed and possibly without its sign."""
    if text == "–" or text.startswith(">"):
        return text == "–" or value > 0.99
    if text.startswith("<"):
        bound = float(text.strip("<\u00a0%")) / (100 if text.endswith("%") else 1)
        return 0 <= value < bound <= 0.01
    if text in ("yes", "no"):
        return bool(value) == (text == "yes")
    share = text.endswith("%")
    digits = text.replace("\u00a0", "").replace("%", "").replace(",", "").replace("−", "-").replace("+", "")
    places = len(digits.partition(".")[2])
    shown, true = float(digits) / (100 if share else 1), value
    unit = 10.0**-places / (100 if share else 1)
    return abs(abs(shown) - abs(true)) <= unit * 0.51 and (shown >= 0 or true < 0)


def test_the_keyed_number_test_can_fail():
    assert not agrees("−61.3\u00a0%", -0.612)
    assert not agrees("−5.0\u00a0%", 0.05)
    assert agrees("61.2\u00a0%", -0.612)
    assert agrees("<\u00a00.001", 0.0004)
    assert not agrees("<\u00a00.001", 0.0014)
    assert not agrees("<\u00a01\u00a0%", 0.012)


def test_nothing_is_fetched_and_nothing_runs(built):
    language, files = built
    html = files[page_name(language)].decode()
    page = soup_of(files, language)
    assert not page.find_all(["script", "iframe", "object", "embed", "base"])
    assert [link["rel"] for link in page.find_all("link")] == [["alternate"]]  # named, not fetched
    for tag in page.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
        for name in ("src", "srcset", "href"):
            value = tag.get(name, "")
            assert not re.match(r"(https?:)?//|javascript:|file:", value), value[:80]
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "@import" not in html
    assert "url(" not in html.split("</style>")[0]


def test_one_h1_and_headings_in_order(built):
    language, files = built
    page = soup_of(files, language)
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for link in page.select('a[href^="#"]'):
        assert link["href"][1:] in ids


def test_every_picture_says_its_finding_with_numbers_of_the_page(built):
    language, files = built
    page = soup_of(files, language)
    shown = {span.get_text() for span in page.select(".n")}
    pictures = page.find_all("img")
    assert pictures
    for image in pictures:
        assert any(number in image["alt"] for number in shown if re.search(r"\d", number)), image["alt"]
        figure = image.find_parent("figure")
        assert figure.select("details table")
        for address in (image["src"], figure.select_one("picture source[media*=max-width]")["srcset"]):
            assert "@media%20(prefers-color-scheme:dark){[style*='" in address


def test_at_most_900_words_above_the_methods(built):
    language, files = built
    page = soup_of(files, language)
    page.find(id="methods").extract()
    for later in ("data", "provenance", "truth"):
        section = page.find(id=later)
        if section:
            section.extract()
    for folded in page.select("details"):
        folded.extract()
    words = re.split(r"[ \n\t]+", page.body.get_text(" "))  # a number and its unit are one word
    assert len([word for word in words if re.search(r"\w", word)]) <= WORDS_ABOVE_METHODS


@pytest.mark.parametrize(
    ("status", "words"), [("real", "REAL DATA"), ("simulated", "SIMULATED DATA"), ("mixed", "MIXED")]
)
def test_the_banner_says_what_the_data_are_whatever_a_caller_passes(tmp_path, status, words):
    store = worlds.unicredit(tmp_path, data_status=status)
    files = in_english(store, worlds.PROVENANCE | {"data_status": "real", "banner": "", "status": "real"})
    banner = soup_of(files).select("aside.banner")
    assert len(banner) == 1
    assert words in banner[0].get_text()
    style = files["index.html"].decode().split("<style>")[1].split("</style>")[0]
    assert not re.search(r"\.banner[^{]*\{[^}]*(display:none|visibility:hidden)", style)
    assert "table-header-group" in style.split("@media print")[1]  # repeated on every printed page


def test_only_simulated_cases_have_a_truth_annex(tmp_path, full):
    assert soup_of(full).find(id="truth")
    assert not soup_of(in_english(worlds.unicredit(tmp_path, data_status="real"), {})).find(id="truth")


def test_strings_of_cases_and_exports_are_escaped(tmp_path):
    changes = {
        "brand": HOSTILE,
        "title": HOSTILE,
        "summary": HOSTILE,
        "limits": [HOSTILE],
        "claims": [
            dict.fromkeys(("quote", "by", "window", "comparator", "says", "source", "brand", "said"), HOSTILE)
        ],
        "events": [
            {
                "id": "e",
                "label": HOSTILE + " --> </svg>",
                "first": "2019-05-09",
                "last": "2019-05-09",
                "source": HOSTILE,
            }
        ],
        "outcomes": [worlds.ENGAGEMENT[0] | {"label": HOSTILE, "unit": HOSTILE}],
    }
    store = worlds.unicredit(tmp_path, **changes)
    record = store.effect("engagement_total") | {"label": HOSTILE, "unit": HOSTILE}
    worlds.artefacts.write_json(store.layout.estimates / "engagement_total.json", record)
    files = in_english(store, {"command": HOSTILE})

    class Tags(HTMLParser):
        seen: frozenset[str] = frozenset()

        def handle_starttag(self, tag, attrs):
            self.seen |= {tag}

    tags = Tags()
    tags.feed(files["index.html"].decode())
    assert "script" not in tags.seen
    assert "שלום" in soup_of(files).h1.get_text()
    assert soup_of(files).h1.span["dir"] == "auto"
    assert "<script>alert(" not in files["index.html"].decode()
    assert not any(b"<script" in content for name, content in files.items() if name.endswith(".svg"))


def test_tables_to_download_are_neutral(tmp_path):
    store = worlds.unicredit(tmp_path)
    record = store.effect("engagement_total") | {"label": "=HYPERLINK(1)"}
    worlds.artefacts.write_json(store.layout.estimates / "engagement_total.json", record)
    files = in_english(store, {})
    assert "'=HYPERLINK(1)" in files["tables/effects.csv"].decode()
    linked = {link["href"] for link in soup_of(files).select('a[href^="tables/"]')}
    assert linked == {name for name in files if name.startswith("tables/")}


def test_a_market_case_says_no_detectable_reaction_and_what_would_be_detected(tmp_path):
    text = soup_of(in_english(worlds.market_only(tmp_path), {})).body.get_text().replace("\u00a0", " ")
    assert "was −0.89 %, which is −0.695 residual standard deviations before the forecast-error correction" in text
    assert "no detectable reaction" in text
    # 2.8016 standard errors of .0129
    assert "No detectable reaction: one would show, four times in five, from about 3.61 %" in text


def test_a_day_that_does_not_stand_out_is_not_called_likely(tmp_path):
    text = soup_of(in_english(worlds.market_only(tmp_path), {})).main.get_text().replace("\u00a0", " ")
    before_methods = text.split("How the numbers were made")[0]
    assert "likely" not in before_methods
    assert "log return" not in before_methods


def test_the_models_own_terms_are_folded(tmp_path):
    page = soup_of(in_english(worlds.market_only(tmp_path), {}))
    for folded in page.select("details"):
        folded.extract()
    assert "residual standard deviations" not in page.get_text()


def text_of(files, section) -> str:
    return soup_of(files).find(id=section).get_text().replace("\u00a0", " ")


def test_what_is_so_by_construction_is_said_and_comes_second(tmp_path):
    retained = worlds.ENGAGEMENT[1] | {"role": "primary"}
    outcomes = [worlds.ENGAGEMENT[0], retained, *worlds.ENGAGEMENT[2:], *worlds.SERVICE, *worlds.MARKET]
    store = worlds.unicredit(tmp_path, outcomes=outcomes)
    kept = store.effect("engagement_retained") | {"role": "primary", "expected_mean": 3000.0}
    worlds.artefacts.write_json(store.layout.estimates / "engagement_retained.json", kept)
    files = in_english(store, {})
    headline = text_of(files, "headline")
    assert "Closed channels, nothing by construction, were 75.0 % of it." in headline
    for section in ("headline", "decision", "tiles"):
        text = text_of(files, section)
        assert text.index("Engagement on Twitter and LinkedIn") < text.index("Engagement over all channels"), section
    lines = [tag.get_text() for tag in soup_of(files).select("#what-happened h2")]
    assert lines == ["After the exit, some of what we saw parted from what we expected, some cannot be told from it"]


def test_without_an_artefact_for_its_share_construction_is_said_in_words(tmp_path):
    files = in_english(worlds.unicredit(tmp_path, diversion=None), {})
    assert "It counts the closed channels as nothing, which is so by construction." in text_of(files, "headline")


def test_an_open_verdict_has_no_likelihood_in_the_headline_and_one_in_the_table(full):
    headline = text_of(full, "headline")
    assert "A fall is virtually certain" not in headline.split("Contacts over all channels")[1]
    assert re.search(r"a (fall|rise): very likely \(99 %\)", text_of(full, "how-sure"))


def test_the_decision_names_direction_and_what_would_tell_by_method(full, tmp_path):
    decision = text_of(full, "decision")
    assert "Settled: a fall that matters" in decision
    assert "more peers" not in decision  # neither open outcome leans on peers
    service = text_of(in_english(worlds.service_only(tmp_path), {}), "decision")
    assert "Not settled: a fall that matters is possible" in service
    assert "a control that the exit does not move" in service


def test_the_grade_stands_beside_every_chart_of_an_outcome(full):
    marks = [tag.get_text() for tag in soup_of(full).select("#what-happened h3 .grade, #others h3 .grade")]
    assert len(marks) == 3
    assert all(mark.startswith("(evidence: ") for mark in marks)


def test_checks_that_lower_a_grade_are_in_sight_and_the_others_counted_and_folded(full):
    page = soup_of(full).find(id="how-sure")
    for name in ("Pre period fit", "Placebo in time", "Leave one donor out", "Autocorrelation", "Null calibration"):
        assert name in page.get_text()
    assert "2 of 5 checks passed wherever they apply" in page.get_text()
    for folded in page.select("details"):
        folded.extract()
    for name in ("Autocorrelation", "Null calibration"):
        assert name in page.select_one(".lowering").get_text()
    assert "Leave one donor out" not in page.get_text()  # asked to look again, which lowers nothing


def test_a_result_that_rests_on_its_controls_is_in_sight(tmp_path):
    store = worlds.unicredit(tmp_path)
    found = worlds.check("controls_moved", "REVIEW", "The result rests on the one control, logins.", "Say why.")
    found["table"] = [{"control": "logins", "carries": True}]
    worlds.artefacts.write_json(store.layout.checks / "contacts_total.json", [found])
    page = soup_of(in_english(store, {})).find(id="how-sure")
    for folded in page.select("details"):
        folded.extract()
    assert "Contacts over all channels: The result rests on the one control, logins." in page.get_text()


def test_peers_left_out_are_counted_and_their_table_is_short(tmp_path):
    store = worlds.unicredit(tmp_path)
    rows = [
        ["engagement_total", f"page {number}", False, f"{number} of 118 periods missing"] for number in range(1, 31)
    ]
    table = pd.DataFrame(rows, columns=["outcome", "unit", "kept", "reason"])
    worlds.artefacts.write_csv(store.layout.tables / "donors.csv", table)
    page = soup_of(in_english(store, {})).find(id="data")
    text = page.get_text(" ", strip=True)
    assert "30 of 30 peers were left out of a comparison: 30 for periods missing ." in re.sub(r"\s+", " ", text)
    fold = page.find("summary", string="Peers left out, with the reason").parent
    assert len(fold.select("tbody tr")) == 12
    assert fold.select_one('a[href="tables/donors.csv"]')


def test_where_counting_starts_is_explained(full):
    assert "We count from 3 June 2019, the first full week after the closing." in text_of(full, "headline")


def test_alt_texts_of_comparisons_hold_every_row(full):
    alt = soup_of(full).select_one("#figure-effects-forest img")["alt"]
    for label in ("Engagement over all channels", "Engagement on Twitter and LinkedIn", "Contacts by phone"):
        assert label in alt


def test_the_glossary_holds_the_terms_of_the_page(full, tmp_path):
    terms = [tag.get_text() for tag in soup_of(full).select("#glossary dt")]
    assert "recaptured" in terms
    market = soup_of(in_english(worlds.market_only(tmp_path), {}))
    short = [tag.get_text() for tag in market.select("#glossary dt")]
    assert "interval" in short
    assert "recaptured" not in short
    assert "donor" not in short


def test_a_refused_outcome_says_what_to_estimate_instead(full):
    text = soup_of(full).find(id="how-sure").get_text()
    assert "zero after the exit by construction" in text
    assert "What to do: estimate the total over all channels instead" in text


def test_statuses_have_a_word_and_a_shape(full):
    marks = soup_of(full).select("#how-sure .status")
    assert {mark.get_text() for mark in marks} == {"●Pass", "▲Review", "✕Fail", "○Not run"}


def test_both_denominators_are_printed(full):
    text = soup_of(full).find(id="where-contacts-went").p.get_text()
    assert "69.1\u00a0% of them came back" in text
    assert "4.1\u00a0% of all contacts" in text  # 1960 of 47560


def test_the_page_is_free_of_words_that_claim_too_much(full):
    text = soup_of(full).body.get_text(" ").lower()
    assert not [word for word in languages.FORBIDDEN["en"] if word in text]


def test_the_front_page_lists_cases_with_their_findings(full):
    html = build_index(
        [
            {
                "slug": "unicredit",
                "href": "unicredit/index.html",
                "links": {"en": "unicredit/index.html", "it": "unicredit/index.it.html"},
                "results": json.loads(full["results.json"]),
            }
        ]
    )
    page = BeautifulSoup(html, "html.parser")
    assert (
        page.select_one('a[href="unicredit/index.html"]').get_text()
        == "UniCredit leaves Facebook, Messenger and Instagram"
    )
    assert "61.2\u00a0% below" in page.get_text()
    assert "SIMULATED DATA" in page.get_text()
    assert page.select_one('a[hreflang="it"]')["href"] == "unicredit/index.it.html"
    assert not page.select('a[href^="#term"]')
    assert "No case has been run" in build_index([])


def test_declared_thresholds_give_an_answer_with_the_risk_of_either_choice(tmp_path):
    threshold = {"outcome": "contacts_total", "better": "higher", "keep": -0.05, "reverse": -0.15, "because": None}
    plan = {"thresholds": [threshold], "horizons_weeks": [4, 52]}
    store = worlds.unicredit(tmp_path, plan=plan)
    again = worlds.check("specification_curve", "PASS", "Others agree.", "")
    record = store.effect("contacts_total")
    again["table"] = [{"effect": record["point"], "lower": None, "upper": None}]
    worlds.artefacts.write_json(store.layout.checks / "contacts_total.json", [again])
    files = in_english(store, worlds.PROVENANCE)
    said = text_of(files, "decision")
    results = json.loads(files["results.json"])
    assert results["decision.0.action"] == "no_return"  # the interval is above the threshold for going back
    assert "Do not go back, the rest is open" in said
    assert results["decision.0.again.0.action"] == results["decision.0.action"]
    assert results["decision.0.loss.stay"] >= 0
    assert "Risk of going back" in said
    assert results["decision.next_look"] == "2020-06-01"
    assert "1 June 2020" in said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "unchecked", "graded"),
    [("en", "(evidence: not yet checked)", "(evidence: "), ("it", "(solidità: non ancora verificata)", "(solidità: ")],
)
@pytest.mark.parametrize("section", ["what_happened", "others"])
def test_a_chapter_before_the_checks_gives_no_grade(tmp_path, section, language, unchecked, graded):
    store = worlds.unicredit(tmp_path)
    checks = {name: store.checks(name) for name in store.outcomes}
    for file in store.layout.checks.glob("*.json"):
        file.unlink()
    before = BeautifulSoup(section_html(store, section, language), "html.parser").get_text()
    assert before.count(unchecked) == before.count(graded) > 0
    artefacts.write_json(store.layout.checks / "engagement_total.json", checks["engagement_total"])
    after = BeautifulSoup(section_html(store, section, language), "html.parser").get_text()
    assert unchecked not in after
    assert graded in after


def test_a_page_whose_checks_are_missing_says_so_by_a_lower_grade(tmp_path):
    store = worlds.market_only(tmp_path)
    assert "not yet checked" not in text_of(in_english(store, {}), "others")
    assert "(evidence: moderate)" in text_of(in_english(store, {}), "others")
    for file in store.layout.checks.glob("*.json"):
        file.unlink()
    assert "(evidence: low)" in text_of(in_english(store, {}), "others")


def again_of(tmp_path, rows, language):
    threshold = {"outcome": "contacts_total", "better": "higher", "keep": -0.05, "reverse": -0.15, "because": None}
    store = worlds.unicredit(tmp_path, plan={"thresholds": [threshold], "horizons_weeks": [4, 52]})
    check = worlds.check("specification_curve", "PASS", "Others agree.", "")
    moved = store.effect("contacts_total")["expected_mean"]  # the printed interval, -6 % to +2.2 %, moved by a share
    check["table"] = [
        {"effect": store.effect("contacts_total")["point"] + share * moved, "declared": declared}
        for share, declared in rows
    ]
    worlds.artefacts.write_json(store.layout.checks / "contacts_total.json", [check])
    page = soup_of(build_report(store, worlds.PROVENANCE, languages=(language,)), language)
    found = next(row for row in page.select("#decision details tr") if "Specification curve" in row.get_text())
    return found.select_one("td").get_text().replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(0.0, True), (0.1, False), (0.2, False), (0.3, False)], {"en": "3 of 3: stay out", "it": "3 su 3: restare"}),
        (
            [(0.0, True), (0.0, False), (0.0, False), (0.0, False), (0.1, False), (0.2, False)],
            {
                "en": "3 of 5: do not go back, the rest is open; 2 of 5: stay out",
                "it": "3 su 5: non tornare, resto aperto; 2 su 5",
            },
        ),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_check_says_how_many_of_its_other_estimates_answer_what(tmp_path, rows, said, language):
    assert again_of(tmp_path, rows, language).startswith(said[language])


RULE = {"en": ("The grade starts from the design", "5 % are missing", "Against it:"),
        "it": ("La solidità parte dal disegno", "più del 5 %", "Contro:")}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rule_of_the_grade_stands_under_the_grades_and_its_reasons_in_sight(tmp_path, language):
    store = worlds.unicredit(tmp_path)
    flips = worlds.check("specification_curve", "REVIEW", "One disagrees.", "Say why.") | {"table": [{"effect": 0.5}]}
    nulls = worlds.check("null_calibration", "REVIEW", "Too few dates.", "Add years.")
    artefacts.write_json(store.layout.checks / "engagement_total.json", [flips, nulls])
    page = soup_of(build_report(store, worlds.PROVENANCE, languages=(language,)), language).find(id="how-sure")
    said = page.get_text().replace("\u00a0", " ")
    assert all(part in said for part in RULE[language])
    for folded in page.select("details"):
        folded.extract()
    against = page.select_one("ul.lowering").get_text()
    for name in ("sign", "interval", "plan"):
        assert languages.WORDING[language][f"sure.against.{name}"] in against
    assert languages.WORDING[language]["sure.against.data"] not in against


def test_missing_periods_and_redefinitions_lower_the_grade_of_a_page(tmp_path):
    store = worlds.unicredit(tmp_path)

    def judged(name="engagement_total"):
        results = json.loads(in_english(store, worlds.PROVENANCE)["results.json"])
        return results[f"effects.{name}.grade.word"], results[f"effects.{name}.grade.against.data"]

    assert judged() == ("moderate", False)
    whole = store.path("engagement_total")
    before = whole.index[whole["period"] == "pre"]
    artefacts.write_csv(
        store.layout.paths / "engagement_total.csv",
        whole.assign(observed=whole["observed"].mask(whole.index.isin(before[:12]))),
    )
    assert judged() == ("low", True)
    artefacts.write_csv(store.layout.paths / "engagement_total.csv", whole)
    columns = ["id", "channel", "channel_label", "metric", "first", "last", "what", "label", "source", "outcomes"]
    row = ["x", "facebook", "Facebook page", "reach", "2018-02-12", "2018-02-12", "only what came on screen counts",
           "Only what came on screen counts", "press", "engagement_retained engagement_total"]  # fmt: skip
    artefacts.write_csv(store.layout.tables / "redefinitions.csv", pd.DataFrame([row], columns=columns))
    assert judged() == ("low", True)
    assert judged("contacts_total")[1] is False


def test_a_registered_plan_is_no_reason_against_the_grade(tmp_path):
    store = worlds.market_only(tmp_path)
    assert "No plan registered" in text_of(in_english(store, {}), "how-sure")
    artefacts.write_json(store.layout.processed / "plan.json", {"sha256": "ab", "status": "as registered"})
    said = text_of(in_english(store, {}), "how-sure")
    assert "The grade is that of the design; nothing was found against it." in said
    assert "No plan registered" not in said


@pytest.mark.parametrize(
    ("rights", "said"), [(None, "not stated by the case"), ("Ours <b>, since 2019", "Ours <b>, since 2019")]
)
def test_whose_the_data_are_stands_beside_the_sources(tmp_path, rights, said):
    store = worlds.unicredit(tmp_path)
    worlds.artefacts.write_json(store.layout.case, store.case | {"rights": rights})
    assert f"Rights to the data: {said}" in text_of(in_english(store, worlds.PROVENANCE), "data")
