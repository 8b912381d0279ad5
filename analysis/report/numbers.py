"""The only way a number, a date or a case's own text reaches a page: looked up by key, written for the reader, marked.

A Value shows itself as a marked span in HTML and as bare text in an attribute, so that one sentence serves both. In
Italian a sentence may ask for a number with its article, "{size:del}".
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from analysis.core.errors import StudyError, nearest
from analysis.core.italian_articles import with_article

NO_BREAK = "\u00a0"
ORIGINAL = "en"  # the language of case files, readers and checks where nobody translated them
MINUS = "−"


@dataclass(frozen=True, slots=True)
class Value:
    """One looked-up thing, formatted. ``numeric`` values get tabular figures.

    ``language`` is that of the text where it is not the reader's: a screen reader then says it right.
    """

    key: str
    text: str
    numeric: bool = True
    language: str | None = None

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> Markup:
        kind = "n" if self.numeric else "t"
        direction = "" if self.numeric else ' dir="auto"'
        language = f' lang="{escape(self.language)}"' if self.language else ""
        key = escape(self.key)
        return Markup(f'<span class="{kind}"{direction}{language} data-key="{key}">{escape(self.text)}</span>')

    def __format__(self, article: str) -> str:
        return with_article(article, self.text) if article else self.text

    def __html_format__(self, article: str) -> Markup:
        if not article:
            return self.__html__()
        before = with_article(article, self.text).removesuffix(self.text)
        return escape(before) + self.__html__()


def _decimal(value: float, pattern: str, locale: str) -> str:
    return format_decimal(value + 0.0, format=pattern, locale=locale).replace("-", MINUS)


def _percent(value: float, locale: str) -> str:
    return f"{_decimal(round(100 * value, 1), '#,##0.0', locale)}{NO_BREAK}%"


def _return(value: float, locale: str) -> str:
    """Daily returns are read to the hundredth of a per cent."""
    return f"{_decimal(round(100 * value, 2), '#,##0.00', locale)}{NO_BREAK}%"


def _percent_whole(value: float, locale: str) -> str:
    return f"{_decimal(100 * value, '#,##0.##', locale)}{NO_BREAK}%"


def _count(value: float, locale: str) -> str:
    """Whole above ten, else one decimal: nobody reads a tenth of a contact in ten thousand."""
    return _decimal(value, "#,##0" if abs(value) >= 9.95 or float(value).is_integer() else "#,##0.0", locale)


def _number(value: float, locale: str) -> str:
    """About three significant digits."""
    size = abs(value)
    places = 0 if size >= 99.95 or float(value).is_integer() else 1 if size >= 9.995 else 2 if size >= 0.995 else 3
    return _decimal(value, "#,##0" + ("." + "0" * places if places else ""), locale)


def _signed(plain: Callable[[float, str], str]) -> Callable[[float, str], str]:
    return lambda value, locale: ("+" if value > 0 else "") + plain(value, locale)


def _magnitude(plain: Callable[[float, str], str]) -> Callable[[float, str], str]:
    return lambda value, locale: plain(abs(value), locale)


def _probability(value: float, locale: str) -> str:
    """Never more certain than the method: the ends are written as bounds."""
    for beyond, sign, bound in ((value > 0.99, ">", 0.99), (value < 0.01, "<", 0.01)):
        if beyond:
            return f"{sign}{NO_BREAK}{_percent_whole(bound, locale)}"
    return _percent_whole(round(value, 2), locale)


def _p_value(value: float, locale: str) -> str:
    """Three decimals; what they cannot show is a bound, as no p-value is zero."""
    least = 0.001
    sign, shown = (f"<{NO_BREAK}", least) if value < least else ("", value)
    return f"{sign}{_decimal(shown, '#,##0.000', locale)}"


PLAIN: dict[str, Callable[[float, str], str]] = {
    "percent": _percent,
    "return": _return,
    "percent_whole": _percent_whole,
    "count": _count,
    "number": _number,
    "integer": lambda value, locale: _decimal(value, "#,##0", locale),
    "fixed2": lambda value, locale: _decimal(value, "#,##0.00", locale),
    "fixed3": lambda value, locale: _decimal(value, "#,##0.000", locale),
    "year": lambda value, locale: str(int(value)),
    "probability": _probability,
    "p": _p_value,
}
FORMATS = (
    PLAIN
    | {f"signed_{name}": _signed(PLAIN[name]) for name in ("percent", "return", "count", "number")}
    | {f"size_{name}": _magnitude(PLAIN[name]) for name in ("percent", "return", "count", "number", "fixed3")}
)
YES_NO = {"en": ("yes", "no"), "it": ("sì", "no")}
DATE_PATTERNS = {"date": "d MMMM yyyy", "short_date": "d MMM yyyy", "month": "MMM yyyy"}


def day_of(day: date, style: str, locale: str) -> str:
    """A day as the reader writes it; in Italian the first of a month is "1º"."""
    text = format_date(day, format=DATE_PATTERNS[style], locale=locale)
    if locale == "it" and style != "month" and day.day == 1:
        text = text.replace("1", "1º", 1)
    return text.replace(" ", NO_BREAK)


class Numbers:
    """Looks up and formats. ``results`` is the flat mapping that results.json holds; ``locale`` the reader's.

    ``texts`` says a string of the case, of a check or of a reader in the reader's language (None where it cannot).
    """

    def __init__(
        self, results: Mapping[str, Any], locale: str = "en", texts: Callable[[str], str | None] | None = None
    ) -> None:
        self.results, self.locale, self.texts = results, locale, texts or (lambda original: original)

    def __contains__(self, key: str) -> bool:
        return self.results.get(key) is not None

    def raw(self, key: str) -> Any:
        """The value itself. Raises StudyError naming the nearest key when there is none."""
        if key not in self.results:
            raise StudyError(
                f'no result is called "{key}"', where="results.json", cure=nearest(key, self.results)[:400]
            )
        return self.results[key]

    def __call__(self, key: str, style: str = "number") -> Value:
        """A number or a date in a declared format; a dash where the study has none."""
        value = self.raw(key)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return Value(key, "–")
        if style in DATE_PATTERNS:
            return Value(key, day_of(date.fromisoformat(str(value)[:10]), style, self.locale))
        return Value(key, FORMATS[style](float(value), self.locale))

    def text(self, key: str) -> Value:
        """A string of the case, of a check or of a source: in the reader's language, else as it is and marked so."""
        original = "" if self.raw(key) is None else str(self.raw(key))
        said = self.texts(original)
        if said is None:
            words = re.search(r"[^\W\d_]{2,}\s[^\W\d_]{2,}", original)  # a single word is a name, a file, a code
            return Value(key, original, numeric=False, language=ORIGINAL if words else None)
        return Value(key, said, numeric=False)

    def cell(self, key: str) -> Value:
        """Whatever is there: a string as it is, a number in about three digits, a truth value as a word."""
        value = self.raw(key)
        if isinstance(value, bool):
            return Value(key, YES_NO[self.locale][not value], numeric=False)
        return self(key) if isinstance(value, int | float) else self.text(key)


def join(parts: list[Any], sign: str = " ") -> Markup:
    """Sentences side by side, each already marked."""
    return Markup(sign).join(parts)
