"""Two languages, one set of rules: golden sentences, nothing left in code, nothing without its Italian."""

import ast
import re
from pathlib import Path
from string import Formatter

import golden_sentences as golden
import pytest
import report_worlds as worlds
from bs4 import BeautifulSoup

from analysis import estimators, figures, sources
from analysis.checks import _wording, sentence_in, specification_curve
from analysis.checks import available as checks
from analysis.core.case import Case
from analysis.core.case_loading import load_case_folder
from analysis.core.case_texts import texts_of
from analysis.core.discovery import discover
from analysis.core.errors import CaseError
from analysis.core.italian_articles import with_article
from analysis.core.kpis import KPIS
from analysis.core.vocabulary import POSTING
from analysis.figures import _style
from analysis.report import grading, sections
from analysis.report.build import section_html
from analysis.report.languages import GLOSSARY, WORDING
from analysis.report.numbers import Numbers
from analysis.report.page import LANGUAGES
from analysis.report.texts import TEXTS, Texts
from analysis.report.wording import Words

ANALYSIS = Path(sections.__file__).parents[2]
# What sections and figures may not say themselves.
SPEAKING = [
    *sorted((ANALYSIS / "report" / "sections").glob("*.py")),
    *(ANALYSIS / "report" / f"{name}.py" for name in ("context", "deciding", "digests", "results", "series")),
    ANALYSIS / "report" / "privacy.py",
    *sorted((ANALYSIS / "figures").glob("*.py")),
]
WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2,}[ \u00a0][A-Za-zÀ-ÿ]{2,}")
# Values of tables and options that are compared with, never shown; settings of the drawing library.
NOT_SHOWN = {"not alike", "offset points", "axes fraction", *_style.FAMILIES, *GLOSSARY["en"]}
SHORTEST = 10
KINDS = ("decisions", "sentences", "wording")


@pytest.mark.parametrize("name", [f"golden_{kind}.{language}.csv" for kind in KINDS for language in LANGUAGES])
def test_every_combination_gives_its_golden_sentence(name):
    """Made anew with ``python tests/report/golden_sentences.py --accept``, read before it is committed."""
    assert golden.goldens()[name].splitlines() == (golden.FOLDER / name).read_text("utf-8").splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_golden_table_holds_every_verdict_grade_and_action(language):
    rows = golden.sentences(language)
    assert {row[2] for row in rows} == set(golden.SCALES)
    results = [
        golden.results_of(row[0], float(row[1]) if row[1] else None, *row[2:5]) for row in rows
    ]  # fmt: skip
    verdicts = {item["effects.posts.verdict"] for item in results}
    assert {f"verdict.{name}" for name in verdicts} | {"verdict.detectable"} == {
        key for key in WORDING[language] if key.startswith("verdict.")
    }
    assert {item["effects.posts.grade.word"] for item in results} == set(grading.GRADES) - {"high"}
    actions = {"keep", "extend", "reverse", "open", "no_return", "no_keep"}
    assert {row[1] for row in golden.decisions(language)} == actions


def said_in(source: str) -> list[str]:
    """Literals with words in them that could reach a reader: no docstring, no mark-up, no constant of a module."""
    tree = ast.parse(source)
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            hidden.add(id(node.body[0].value))
        if isinstance(node, ast.Raise):  # an error speaks to who runs the study
            hidden |= {id(part) for part in ast.walk(node)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("LABEL", "REFERENCE"):
            hidden |= {id(part) for part in ast.walk(node)}
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in hidden]
    return [text for text in found if isinstance(text, str) and WORDS.search(re.sub(r"<[^>]*>", "", text))]


@pytest.mark.parametrize("file", SPEAKING, ids=[f"{file.parent.name}/{file.stem}" for file in SPEAKING])
def test_no_string_is_left_in_code(file):
    assert [text for text in said_in(file.read_text("utf-8")) if text not in NOT_SHOWN] == []


def test_a_string_left_in_code_is_found():
    code = 'def f(say):\n    """A docstring here."""\n    return say("a.key"), "Left in code", f"{say}: also left"'
    assert said_in(code) == ["Left in code", ": also left"]


def discovered():
    found = [("estimators", estimators, "estimate"), ("readers", sources, "read"), ("figures", figures, "draw")]
    named = [(kind, module) for kind, package, name in found for module in discover(package, name).values()]
    named += [("checks", module) for module in checks().values()]
    return named + [("sections", module) for module in discover(sections, "build").values()]


def test_every_label_has_its_italian():
    labels = {module.LABEL for _, module in discovered()}
    assert len(labels) > 60
    assert labels - set(TEXTS["it"]) == set()


def test_assumptions_of_every_estimator_have_their_italian():
    said = {text for _, module in discovered() for text in getattr(module, "ASSUMPTIONS", ())}
    assert len(said) > 15
    assert said - set(TEXTS["it"]) == set()


@pytest.mark.parametrize("part", ["label", "kind", "unit", "counts", "clock", "denominator"])
def test_the_vocabulary_of_metrics_has_its_italian(part):
    texts = Texts("it", {})
    said = {getattr(kpi, part) for kpi in KPIS.values()} | ({POSTING} if part == "clock" else set())
    assert [text for text in said if texts(text) is None] == []


@pytest.mark.parametrize(
    ("english", "italian"),
    [
        ("metric named after another KPI", "misura con il nome di un altro indicatore"),
        ('engagements: the column "Daily Page consumptions" holds clicks on content (clicks)',
         "interazioni: la colonna «Daily Page consumptions» contiene clic sui contenuti"),
        ('fans: the column "Page likes" holds a stock', "fans: la colonna «Page likes» contiene: livello"),
        ("Reactions: wow", "Reazioni: wow"),
        ("as declared", "come dichiarato"),
        ("harmonics 3", "armoniche: 3"),
    ],
)  # fmt: skip
def test_what_a_table_says_is_said_in_italian(english, italian):
    said = Texts("it", {})(english)
    assert said == italian


def test_every_other_choice_has_its_italian():
    choices = [f"{way} {what}" for way in ("with", "without") for what in ("trend", "slope")] + ["without covariates"]
    texts = Texts("it", {})
    english, italian = (specification_curve.SENTENCES[language] for language in LANGUAGES)
    for choice in choices:
        way, what = choice.split()
        assert english[way].format(choice=what) == choice
        assert texts(choice) == italian[way].format(choice=texts(what))


def test_italian_numbers_ask_for_their_article():
    bare = re.compile(r"\b(il|lo|del|al|dal|nel) \{(?!level)")
    assert [key for key, text in WORDING["it"].items() if bare.search(text)] == []
    numbers, words = Numbers({"eight": 0.081, "eleven": 0.114, "size": 0.846}, "it"), Words("it", "l'uscita")
    eight, eleven, size = (numbers(name, "percent") for name in ("eight", "eleven", "size"))
    said = [
        words.text("claims.placed.over", share=size),
        words.text("claims.answer.seen", label="X", value=eleven, detectable=eight),
        words.text("robust.detect.title", label="X", first="4", last="9", first_share=eleven, last_share=eight),
        words.text("robust.pointwise.subtitle", level="95 %"),
    ]
    whole = " ".join(said).replace("\u00a0", " ")
    for part in ("per l'84,6 %", "un cambiamento dell'11,4 % si", "uno dell'8,1 %", "la somma dopo l'uscita"):
        assert part in whole


@pytest.mark.parametrize("other", ["donator", "coinvolgiment"])
def test_italian_calls_a_thing_by_one_name(other):
    said = [*WORDING["it"].values(), *TEXTS["it"].values()]
    assert [text for text in said if other in text.lower()] == []


def blanks(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_fixed_texts_fill_the_same_blanks():
    assert not [key for key, said in TEXTS["it"].items() if "{" in key and blanks(said) - blanks(key)]


@pytest.mark.parametrize("check", checks())
def test_a_check_says_the_same_in_both_languages(check):
    english, italian = (checks()[check].SENTENCES[language] for language in LANGUAGES)
    assert {key: blanks(text) for key, text in english.items()} == {key: blanks(text) for key, text in italian.items()}


def test_what_a_check_said_is_said_again_in_italian():
    table = {"en": {"found": "It fell by {size} among {donors} ({p}) on {day}."},
             "it": {"found": "Calo di {size}, {donors} ({p}), {day}."}}  # fmt: skip
    values = {"size": _wording.share(0.1234, 1), "donors": _wording.count(1, "donor")}
    values |= {"p": _wording.probability(0.0123), "day": _wording.day("2019-06-01")}
    said = _wording.say(table, "found", **values)
    assert said == "It fell by 12.3 % among 1 donor (p = 0.012) on 1 June 2019."
    italian = _wording.compose(table, "it", said.lines, str).replace("\u00a0", " ")
    assert italian == "Calo di 12,3 %, 1 impresa di confronto (p = 0,012), 1º giugno 2019."
    assert sentence_in("it", "pre_period_fit", [["not_run", {"reason": _wording.text("zero")}]], str) == (
        "La verifica non è stata eseguita: zero."
    )


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [("il", "8,1 %", "l'8,1 %"), ("Il", "0,5 %", "Lo 0,5 %"), ("del", "11 %", "dell'11 %"), ("al", "95 %", "al 95 %"),
     ("il", "1,5 %", "l'1,5 %"), ("il", "110 %", "il 110 %"), ("dal", "1º giugno 2019", "dal 1º giugno 2019"),
     ("dal", "8 giugno 2019", "dall'8 giugno 2019"), ("il", "120", "120"), ("del", "8", "di 8")],
)  # fmt: skip
def test_numbers_take_their_italian_article(kind, text, said):
    assert with_article(kind, text) == said


def test_the_first_of_a_month_is_primo():
    days = Numbers({"a": "2019-06-01", "b": "2019-06-11"}, "it")
    assert str(days("a", "date")) == "1º\u00a0giugno\u00a02019"
    assert str(days("b", "short_date")) == "11\u00a0giu\u00a02019"


def lowered(store, language):
    page = BeautifulSoup(section_html(store, "how_sure", language), "html.parser")
    return " ".join(page.get_text(" ").split())


@pytest.mark.parametrize(
    ("status", "english", "italian"), [("FAIL", "Fail", "Fallita"), ("NOT_RUN", "Not run", "Non eseguita")]
)
def test_a_failed_or_crashed_check_visibly_lowers_the_grade(tmp_path, status, english, italian):
    """The grade of the main outcome falls by a step, and the table of checks says which one did it."""
    pages = {}
    for name in ("passed", "lowered"):
        store = worlds.unicredit(tmp_path / name)
        records = [worlds.check(f"check {number}", "PASS", "All is well.") for number in range(2)]
        if name == "lowered":
            records[1] = worlds.check("check 1", status, "The check did not run: it broke.", "Look into it.")
        store.write_checks(store.outcomes[0], records)
        (store.layout.tables / "placebo_space.csv").unlink()  # its picture has no part in this
        pages |= {(name, language): lowered(store, language) for language in LANGUAGES}
    assert "Moderate" in pages["passed", "en"]
    assert "Moderata" in pages["passed", "it"]
    assert "Low; 1 of 2 checks lowered the grade" in pages["lowered", "en"]
    assert "Bassa; abbassata da 1 verifica su 2" in pages["lowered", "it"]
    for language, word in (("en", english), ("it", italian)):
        assert pages["lowered", language].count(word) > pages["passed", language].count(word)


def test_a_case_says_its_texts_in_italian_and_marks_what_it_does_not(tmp_path):
    given = {"it": {"Exit announced": "Annuncio <b>dell'uscita</b>"}}
    html = section_html(worlds.unicredit(tmp_path, translations=given), "what_else", "it")
    page = BeautifulSoup(html, "html.parser")
    assert "Annuncio &lt;b&gt;dell&#39;uscita&lt;/b&gt;" in html
    assert "<b>dell" not in html
    untranslated = page.find(attrs={"data-key": "case.stages.ads.label"})
    assert untranslated["lang"] == "en"


def test_a_translation_of_what_the_case_does_not_say_is_refused(tmp_path):
    shipped = load_case_folder("unicredit")
    content = (shipped.folder / "case.yaml").read_text("utf-8").replace('"E-mail":', '"E-mial":')
    (tmp_path / "case.yaml").write_text(content, "utf-8")
    with pytest.raises(CaseError) as told:
        load_case_folder(str(tmp_path))
    assert '"E-mial" is not a text of this case. Did you mean "E-mail"?' in str(told.value)
    assert str(content[: content.index('"E-mial"')].count("\n") + 1) in str(told.value)
    with pytest.raises(ValueError, match="translations"):
        Case.model_validate(worlds.case() | {"translations": {"fr": {}}})


@pytest.mark.parametrize("slug", ["unicredit", "lush", "tre-italia"])
def test_shipped_cases_have_every_text_in_italian(slug):
    case = load_case_folder(slug).case
    texts = Texts("it", case.model_dump(mode="json"))
    assert [text for text in texts_of(case) if " " in text and texts(text) is None] == []


def test_names_side_by_side_and_blanks_are_translated():
    case = worlds.case(translations={"it": {"Facebook page": "Pagina Facebook"}})
    texts = Texts("it", case)
    assert texts("Facebook page, Messenger, Instagram") == "Pagina Facebook, Messenger, Instagram"
    assert texts("3 of 1,118 periods missing") == "3 periodi mancanti su 1.118"
    assert texts("a sentence nobody knows") is None
    assert Texts("en", case)("Facebook page") == "Facebook page"


def syllables(word: str) -> int:
    return max(len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e"))), 1)


def ease(language: str, sentences: list[str]) -> float:
    """Mean reading ease: Flesch for English (Flesch 1948), Gulpease for Italian (Lucisano and Piemontese 1988)."""
    words = [word for text in sentences for word in re.findall(r"[^\W\d_]+", text)]
    count = sum(max(len(re.findall(r"[.;:!?](?:\s|$)", text)), 1) for text in sentences)
    if language == "it":
        return 89 + (300 * count - 10 * sum(map(len, words))) / len(words)
    return 206.835 - 1.015 * len(words) / count - 84.6 * sum(map(syllables, words)) / len(words)


@pytest.mark.parametrize(("language", "least"), [("en", 60), ("it", 60)])
def test_sentences_can_be_read(language, least):
    """From 60 Flesch calls a text plain, and Gulpease one that is easy for who finished middle school."""
    keys = ("headline.", "verdict.", "happened.", "went.", "decision.", "sure.", "served.", "who.", "likelihood.")
    long = [text for key, text in golden.filled(language) if key.startswith(keys) and len(text.split()) >= SHORTEST]
    assert len(long) > 40
    assert ease(language, long) > least
