"""How checks say what they found: a key with typed values, said in any language that the check has sentences in.

A value is a part: ``style``, ``value`` and what the style needs besides, all ready for JSON. Sentences stand in each
check's SENTENCES, language by language; nouns and what several checks say stand here.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from string import Formatter
from typing import Any

from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from analysis.core.artefacts import rounded
from analysis.core.effect import Effect
from analysis.core.italian_articles import with_article
from analysis.core.said import Line, Said

RETURN = "log return"  # the unit of returns, read as per cent like any return
ENGLISH, ITALIAN = "en", "it"
MINUS, NO_BREAK = "−", "\u00a0"

Part = Mapping[str, Any]
Translate = Callable[[str], str]

# Singular and plural of what is counted.
NOUNS = {
    ENGLISH: {
        "donor": ("donor", "donors"),
        "other cut": ("other cut", "other cuts"),
        "other specification": ("other specification", "other specifications"),
        "period": ("period", "periods"),
        "pretended date": ("pretended date", "pretended dates"),
        "separate one": ("separate one", "separate ones"),
        "simulated series": ("simulated series", "simulated series"),
        "false effect": ("false effect", "false effects"),
        "control": ("control", "controls"),
    },
    ITALIAN: {
        "donor": ("impresa di confronto", "imprese di confronto"),
        "other cut": ("altro taglio", "altri tagli"),
        "other specification": ("altra specificazione", "altre specificazioni"),
        "period": ("periodo", "periodi"),
        "pretended date": ("data fittizia", "date fittizie"),
        "separate one": ("separata", "separate"),
        "simulated series": ("serie simulata", "serie simulate"),
        "false effect": ("effetto falso", "effetti falsi"),
        "control": ("controllo", "controlli"),
    },
}
CONJUNCTIONS = {ENGLISH: {"and": " and ", "or": " or "}, ITALIAN: {"and": " e ", "or": " o "}}
UNMEASURABLE = {ENGLISH: "not measurable", ITALIAN: "non misurabile"}
# What any check may say.
COMMON = {
    ENGLISH: {"not_run": "The check did not run: {reason}.", "what_to_do": "{cure}"},
    ITALIAN: {"not_run": "La verifica non è stata eseguita: {reason}.", "what_to_do": "{cure}"},
}


def number(value: float) -> Part:
    """Three significant digits."""
    return {"style": "number", "value": rounded(value)}


def fixed(value: float, places: int) -> Part:
    return {"style": "fixed", "value": rounded(value), "places": places}


def whole(value: int) -> Part:
    return {"style": "whole", "value": int(value)}


def amount(value: float, effect: Effect) -> Part:
    """An effect: a percentage on the log scale and for returns, else the number in its unit."""
    return {"style": "amount", "value": rounded(value), "scale": effect.scale, "unit": effect.unit}


def size(value: float, effect: Effect) -> Part:
    """A magnitude, without a sign."""
    return {**amount(value, effect), "style": "size"}


def share(value: float, places: int = 0) -> Part:
    return {"style": "share", "value": rounded(value), "places": places}


def count(how_many: int, thing: str) -> Part:
    """"1 donor", "24 donors"; ``thing`` is one of NOUNS."""
    return {"style": "count", "value": int(how_many), "thing": thing}


def counted(how_many: int, thing: str) -> str:
    """The same as English text, for reasons that stay in the notebooks."""
    return f"{how_many} {NOUNS[ENGLISH][thing][how_many != 1]}"


def probability(value: float) -> Part:
    return {"style": "p", "value": rounded(value)}


def text(words: object) -> Part:
    """A name or a label, said in the reader's language where the case or the wording has it."""
    return {"style": "text", "value": str(words)}


def names(words: list[str], conjunction: str) -> Part:
    return {"style": "names", "value": list(words), "conjunction": conjunction}


def day(label: str) -> Part:
    """A day (ISO) or the number of a period."""
    return {"style": "day", "value": label}


def line(key: str, **values: Part) -> Part:
    """A sentence inside a sentence."""
    return {"style": "lines", "value": [(key, values)], "between": " "}


def lines(parts: list[Part], between: str = "; ") -> Part:
    """Several ``line`` side by side."""
    return {"style": "lines", "value": [one for part in parts for one in part["value"]], "between": between}


def again(said: str) -> Part:
    """A sentence made before, inside another; plain text stays as it is."""
    return {"style": "lines", "value": list(said.lines), "between": " "} if isinstance(said, Said) else text(said)


def say(sentences: Mapping[str, Mapping[str, str]], key: str, **values: Part) -> Said:
    """The sentence in English, remembering how it was made."""
    made: tuple[Line, ...] = ((key, values),)
    return Said(compose(sentences, ENGLISH, made, str), made)


def compose(sentences: Mapping[str, Mapping[str, str]], language: str, made: Any, translate: Translate) -> str:
    """The sentences of ``made`` in a language; ``translate`` says names and labels in it.

    Raises KeyError for a key the language has no sentence for.
    """
    return " ".join(_filled(sentences, language, key, values, translate) for key, values in made)


class _Speaking(Formatter):
    """In Italian a blank may ask for its article: "{share:del}"."""

    def format_field(self, value: str, article: str) -> str:
        return with_article(article, value) if article else value


SPEAKING = _Speaking()


def _filled(sentences: Mapping, language: str, key: str, values: Mapping[str, Part], translate: Translate) -> str:
    table = COMMON[language] | dict(sentences[language])
    shown = {name: _shown(part, sentences, language, translate) for name, part in values.items()}
    return SPEAKING.vformat(table[key], (), shown)


def _shown(part: Part, sentences: Mapping, language: str, translate: Translate) -> str:
    style, value = part["style"], part["value"]
    if value is None:  # what is not finite
        return UNMEASURABLE[language]
    if style == "text":
        return translate(value)
    if style == "names":
        return CONJUNCTIONS[language][part["conjunction"]].join(translate(name) for name in value)
    if style == "lines":
        return part["between"].join(_filled(sentences, language, key, own, translate) for key, own in value)
    if style == "count":
        return f"{value} {NOUNS[language][part['thing']][value != 1]}"
    if style == "day":
        return _day(value, language)
    if style in ("amount", "size"):
        return _amount(part, language, translate)
    return _local(FORMATS[style](part, language), language)


def _number(value: float) -> str:
    """Thousands separated, no exponent: 0.0123, -19.5, 1,230."""
    if value == 0:
        return "0"
    decimals = max(2 - math.floor(math.log10(abs(value))), 0)
    shown = f"{value:,.{decimals}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _amount(part: Part, language: str, translate: Translate) -> str:
    value, gap = part["value"], " " if language == ENGLISH else NO_BREAK
    sign = "+" if part["style"] == "amount" else ""
    if part["style"] == "size":
        value = abs(value)
    if part["scale"] == "log":
        return _local(f"{100 * math.expm1(value):{sign}.1f}{gap}%", language)
    if part["unit"] == RETURN:
        return _local(f"{100 * value:{sign}.2f}{gap}%", language)
    return f"{_local(_number(value), language)} {translate(part['unit'])}".strip()


def _share(part: Part, language: str) -> str:
    gap = " " if language == ENGLISH else NO_BREAK
    return f"{100 * part['value']:.{part['places']}f}{gap}%"


FORMATS: Mapping[str, Callable[[Part, str], str]] = {
    "number": lambda part, _: _number(part["value"]),
    "fixed": lambda part, _: f"{part['value']:.{part['places']}f}",
    "whole": lambda part, _: str(part["value"]),
    "share": _share,
    "p": lambda part, _: "p < 0.001" if part["value"] < 0.001 else f"p = {part['value']:.3f}",
}


def _local(shown: str, language: str) -> str:
    """Decimal mark and thousands as the language writes them, a true minus."""
    marks = {",": get_group_symbol(language), ".": get_decimal_symbol(language), "-": MINUS}
    return shown.translate(str.maketrans(marks))


def _day(label: str, language: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", label):
        return label
    when = date.fromisoformat(label)
    said = format_date(when, format="d MMMM yyyy", locale=language)
    if language == ENGLISH:
        return said
    said = said.replace("1 ", "1º ", 1) if when.day == 1 else said
    return said.replace(" ", NO_BREAK)
