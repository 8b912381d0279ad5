"""Which sentence follows from interval and margin, which word from a probability, which grade from the checks."""

import re
from string import Formatter

import pytest

from analysis.checks import available as checks
from analysis.inference.power import FOUR_IN_FIVE
from analysis.pipeline.registration import AS_REGISTERED
from analysis.report import grading, languages
from analysis.report.languages import WORDING
from analysis.report.numbers import Numbers
from analysis.report.texts import TEXTS
from analysis.report.wording import Findings, Words

# Advice that warns of the forbidden reading names it.
DENIED = ("Do not read an unclear result as no effect: a change below {own} may well have been missed.",)


def of_checks(language):
    return [text for module in checks().values() for text in module.SENTENCES[language].values()]

# lower, upper, margin, key, sentence
GOLDEN = [
    (
        -0.30,
        -0.12,
        0.10,
        "fall_matters",
        "A fall of at least 12.0 % is indicated, beyond the 10 % declared to matter.",
    ),
    (
        0.12,
        0.30,
        0.10,
        "rise_matters",
        "A rise of at least 12.0 % is indicated, beyond the 10 % declared to matter.",
    ),
    (
        -0.30,
        -0.02,
        0.10,
        "fall_unsettled",
        "A fall is indicated; whether it reaches the 10 % declared to matter is unsettled.",
    ),
    (
        0.02,
        0.30,
        0.10,
        "rise_unsettled",
        "A rise is indicated; whether it reaches the 10 % declared to matter is unsettled.",
    ),
    (
        -0.08,
        -0.02,
        0.10,
        "fall_small",
        "A fall is indicated, smaller than the 10 % declared to matter.",
    ),
    (
        0.02,
        0.08,
        0.10,
        "rise_small",
        "A rise is indicated, smaller than the 10 % declared to matter.",
    ),
    (
        -0.08,
        0.05,
        0.10,
        "ruled_out",
        "Changes larger than 10 % either way are ruled out under the assumptions. "
        "Smallest detectable change: about 9.3 %.",
    ),
    (
        -0.20,
        0.20,
        0.10,
        "inconclusive",
        "Inconclusive: a fall and a rise of more than 10 % both remain possible. "
        "Smallest detectable change: about 28.6 %.",
    ),
    (
        -0.20,
        0.05,
        0.10,
        "inconclusive_fall",
        "Inconclusive: a rise of more than 10 % is ruled out under the assumptions, a fall of that size is not. "
        "Smallest detectable change: about 17.9 %.",
    ),
    (
        -0.05,
        0.20,
        0.10,
        "inconclusive_rise",
        "Inconclusive: a fall of more than 10 % is ruled out under the assumptions, a rise of that size is not. "
        "Smallest detectable change: about 17.9 %.",
    ),
    (
        -0.30,
        -0.12,
        None,
        "fall_no_margin",
        "A fall is indicated; no smallest change that matters was declared beforehand, so its size is not judged.",
    ),
    (
        0.12,
        0.30,
        None,
        "rise_no_margin",
        "A rise is indicated; no smallest change that matters was declared beforehand, so its size is not judged.",
    ),
    (
        -0.1,
        0.2,
        None,
        "open_no_margin",
        "Inconclusive: even the direction is unsettled, and no smallest change that matters was declared. "
        "Smallest detectable change: about 21.4 %.",
    ),
    (None, None, 0.10, "no_interval", "No interval can be given: the difference is described, not estimated."),
]


@pytest.mark.parametrize(("lower", "upper", "margin", "key", "sentence"), GOLDEN, ids=[row[3] for row in GOLDEN])
def test_the_sentence_follows_the_interval_and_the_margin(lower, upper, margin, key, sentence):
    assert grading.verdict(lower, upper, margin) == key
    results = {
        "effects.x.verdict": key,
        "effects.x.smallest_effect": margin,
        "effects.x.shown.style": "percent",
        "effects.x.shown.lower": lower,
    }
    if lower is not None:
        error = grading.standard_error_of(lower, upper, 0.95)
        results |= {
            "effects.x.shown.nearest_zero": min(abs(lower), abs(upper)),
            "effects.x.detectable": FOUR_IN_FIVE * error,
        }
    said = Findings("x", Words("en"), Numbers(results)).verdict().striptags().replace("\u00a0", " ")
    assert said == sentence


def test_every_verdict_has_a_sentence_and_a_test():
    keys = {key.removeprefix("verdict.") for key in WORDING["en"] if key.startswith("verdict.")}
    assert keys == {row[3] for row in GOLDEN} | {"detectable"}


def test_touching_the_margin_is_not_beyond_it():
    assert grading.verdict(-0.3, -0.1, 0.1) == "fall_unsettled"
    assert grading.verdict(-0.1, 0.1, 0.1) == "ruled_out"


@pytest.mark.parametrize(
    ("probability", "word"),
    [(0.995, "virtually_certain"), (0.99, "very_likely"), (0.9, "likely"), (0.66, "even"), (0.5, "even")],
)
def test_likelihood_words(probability, word):
    assert grading.likelihood_word(probability) == word


def test_the_detectable_factor_is_that_of_power_80():
    assert pytest.approx(2.8016, abs=5e-5) == FOUR_IN_FIVE


def check(status):
    return {"check": status.lower(), "status": status}


@pytest.mark.parametrize(
    ("design", "statuses", "expected"),
    [
        ("donors", [], "low"),
        ("donors", ["PASS", "REVIEW"], "moderate"),
        ("donors", ["FAIL"], "low"),
        ("donors", ["NOT_RUN"], "low"),
        ("donors", ["FAIL", "NOT_RUN", "FAIL"], "very_low"),
        ("own_past", ["PASS"], "low"),
        ("own_past", ["NOT_RUN"], "very_low"),
        ("description", ["PASS"], "very_low"),
        ("market", ["PASS"], "moderate"),
    ],
)
def test_a_check_that_failed_or_did_not_run_lowers_the_grade(design, statuses, expected):
    assert grading.grade(design, [check(status) for status in statuses]).grade == expected


FLIPS = [{"effect": -0.06}, {"effect": 0.03}]
STAYS = [{"effect": -0.06}, {"effect": -0.01}, {"effect": None}]
CLAIMED = {"point": -0.07, "interval": {"lower": -0.12, "upper": -0.01, "level": 0.95}}
OPEN = {"point": -0.02, "interval": {"lower": -0.12, "upper": 0.08, "level": 0.95}}


def looked_at(name, table=(), status="REVIEW"):
    return {"check": name, "status": status, "table": list(table)}


PASSED = check("PASS")
CURVE, DONORS = looked_at("specification_curve", FLIPS), looked_at("leave_one_donor_out", FLIPS)
NULLS = looked_at("null_calibration")
KEPT = {"plan": "as registered"}


@pytest.mark.parametrize(
    ("design", "checks", "effect", "data", "expected", "against"),
    [
        ("drawn", [PASSED], CLAIMED, KEPT, "high", ()),
        ("drawn", [PASSED], CLAIMED, {}, "moderate", ("plan",)),
        ("drawn", [PASSED], CLAIMED, {"plan": "changed since registration"}, "moderate", ("plan",)),
        ("drawn", [PASSED], CLAIMED, {"plan": "registered after the event"}, "moderate", ("plan",)),
        ("drawn", [PASSED, check("FAIL")], CLAIMED, KEPT, "moderate", ()),
        ("donors", [PASSED], CLAIMED, {}, "moderate", ("plan",)),
        ("donors", [PASSED], CLAIMED, KEPT, "moderate", ()),
        ("donors", [PASSED], CLAIMED, KEPT | {"missing": 0.05}, "moderate", ()),
        ("donors", [PASSED], CLAIMED, KEPT | {"missing": 0.06}, "low", ("data",)),
        ("donors", [PASSED], CLAIMED, KEPT | {"redefined": True}, "low", ("data",)),
        ("donors", [PASSED], CLAIMED, KEPT | {"redefined": True, "missing": 0.5}, "low", ("data",)),
        ("donors", [looked_at("redefinitions", status="FAIL")], CLAIMED, KEPT | {"redefined": True}, "low", ()),
        ("donors", [looked_at("redefinitions")], CLAIMED, KEPT | {"redefined": True}, "low", ("data",)),
        ("donors", [CURVE], CLAIMED, KEPT, "low", ("sign",)),
        ("donors", [DONORS], CLAIMED, KEPT, "low", ("sign",)),
        ("donors", [CURVE], OPEN, KEPT, "moderate", ()),  # the direction was open anyway
        ("donors", [looked_at("specification_curve", STAYS)], CLAIMED, KEPT, "moderate", ()),
        ("donors", [looked_at("specification_curve", FLIPS, "FAIL")], CLAIMED, KEPT, "low", ()),  # not twice
        ("controls", [NULLS], CLAIMED, KEPT, "low", ("interval",)),
        ("controls", [looked_at("null_calibration", status="PASS")], CLAIMED, KEPT, "moderate", ()),
        ("controls", [NULLS, CURVE], CLAIMED, KEPT, "low", ("sign", "interval")),  # one doubt, one step
        ("controls", [NULLS, CURVE, check("FAIL")], CLAIMED, {"missing": 0.2}, "very_low",
         ("data", "sign", "interval", "plan")),
        ("donors", [], CLAIMED, KEPT, "low", ()),
        ("donors", [looked_at("other_intervals")], CLAIMED, KEPT, "moderate", ()),
    ],
)  # fmt: skip
def test_the_grade_by_design_checks_data_doubt_and_plan(design, checks, effect, data, expected, against):
    found = grading.grade(design, checks, effect, **data)
    assert found.grade == expected
    assert found.against == against


def test_what_counts_as_registered_is_what_the_plan_says():
    assert grading.REGISTERED == AS_REGISTERED


def test_nothing_that_a_case_can_declare_starts_at_high():
    assert {name for name, start in grading.START.items() if start == "high"} == {"drawn"}


def test_every_design_and_reason_has_its_words():
    for language, table in WORDING.items():
        assert {f"sure.design.{name}" for name in grading.START} <= set(table), language
        assert {f"sure.against.{name}" for name in grading.AGAINST} <= set(table), language


@pytest.mark.parametrize(
    ("record", "outcome", "design"),
    [
        ({"interval": {}, "scale": "log"}, {"donors": "competitors"}, "donors"),
        ({"interval": {}, "scale": "level"}, {"donors": "none", "covariates": ["logins"]}, "controls"),
        ({"interval": {}, "scale": "level"}, {"donors": "none", "covariates": []}, "own_past"),
        ({"interval": {}, "scale": "level"}, {"donors": "none", "scale": "log_return"}, "market"),
        ({"interval": None, "scale": "level"}, {"donors": "competitors"}, "description"),
    ],
)
def test_the_design_is_read_off_the_case(record, outcome, design):
    assert grading.design_of(record, outcome) == design


def blanks(sentence):
    """What fills a sentence. Every one may name the event, which no language has to."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name} - {"event"}


def test_languages_have_the_same_sentences_and_the_same_blanks():
    english = WORDING["en"]
    for language, table in WORDING.items():
        assert set(table) == set(english), language
        assert set(languages.GLOSSARY[language]) == set(languages.GLOSSARY["en"])
        assert {key: blanks(table[key]) for key in english} == {key: blanks(english[key]) for key in english}


@pytest.mark.parametrize("language", WORDING)
def test_a_singular_belongs_to_a_sentence_with_the_same_blanks(language):
    table = WORDING[language]
    singular = [key for key in table if key.endswith(".one") and key.removesuffix(".one") in table]
    assert len(singular) > 5
    apart = [key for key in singular if blanks(table[key]) != blanks(table[key.removesuffix(".one")])]
    assert apart == ["else.heading.one"]  # a heading of its own, not a singular
    assert "1 period" in Words("en").text("came.span", plural=1, periods=1)
    assert "2 periodi" in Words("it").text("came.span", plural=2, periods=2)


def everything(language):
    return [*WORDING[language].values(), *(meaning for _, meaning in languages.GLOSSARY[language].values())]


@pytest.mark.parametrize("language", WORDING)
def test_no_sentence_claims_too_much(language):
    forbidden = languages.FORBIDDEN[language]
    said = [*everything(language), *TEXTS[language].values(), *of_checks(language)]
    assert not [(word, text) for word in forbidden for text in said if word in text.lower() and text not in DENIED]


@pytest.mark.parametrize("language", WORDING)
def test_no_sentence_holds_a_number(language):
    assert not [text for text in everything(language) if any(sign.isdigit() for sign in text)]


@pytest.mark.parametrize("language", WORDING)
def test_linked_words_are_in_the_glossary(language):
    terms = {term for text in WORDING[language].values() for _, term in re.findall(r"\[\[(.+?)\|(.+?)\]\]", text)}
    assert terms <= set(languages.GLOSSARY[language])
    assert len(terms) > 3


def test_values_are_escaped_once_and_links_survive():
    words, numbers = Words("en"), Numbers({"a": "<b>&"})
    said = words.say("headline.evidence", attribution=numbers.text("a"), grade="low")
    assert "&lt;b&gt;&amp;" in said
    assert "&amp;lt;" not in said
    assert '<a class="term" href="#term-evidence-grade">low</a>' in said
    assert words.text("headline.evidence", attribution=numbers.text("a"), grade="low") == "<b>& Evidence: low."


def found_of(**known):
    base = {"role": "primary", "verdict": "fall_unsettled", "shown.lower": -0.2, "shown.level": 0.95,
            "grade.word": "low", "grade.design": "own_past", "family.count": 3, "family.adjusted": 0.0641}  # fmt: skip
    return Findings("x", Words("en"), Numbers({f"effects.x.{key}": value for key, value in (base | known).items()}))


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        *((name, False) for name in
          ("inconclusive", "inconclusive_fall", "inconclusive_rise", "open_no_margin", "ruled_out")),
        *((name, True) for name in ("fall_unsettled", "rise_small", "fall_matters", "rise_no_margin")),
    ],
)  # fmt: skip
def test_an_interval_that_holds_zero_is_not_called_consistent_with_an_effect(verdict, said):
    assert ("Consistent with an effect" in found_of(verdict=verdict).attribution()) == said


@pytest.mark.parametrize(("p_value", "printed"), [(0.0641, "0.064"), (0.0499, "0.050"), (1e-9, "< 0.001")])
def test_the_p_value_of_the_family_is_printed_whatever_it_is_and_says_no_more(p_value, printed):
    said = found_of(**{"family.adjusted": p_value}).family().striptags().replace("\u00a0", " ")
    assert said == f"With 3 main outcomes, p {printed}."


@pytest.mark.parametrize("known", [{"family.count": 1}, {"role": "secondary"}, {"verdict": "inconclusive"}])
def test_a_family_of_one_or_an_open_verdict_needs_no_p_value(known):
    assert found_of(**known).family() == ""
