"""What cases, readers, estimators and checks wrote in English, said in the reader's language.

Three sources, in this order: what checks remember of how they said it, the case's own translations, the wording's
table of fixed texts. A key of that table may hold blanks, "{n} of {m} periods missing"; what fills them is translated
in turn.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol

from analysis.checks import sentence_in
from analysis.report._italian_kpis import VOCABULARY
from analysis.report._italian_privacy import PRIVACY_TEXTS
from analysis.report._italian_public_claims import PUBLIC_CLAIMS
from analysis.report._italian_texts import TEXTS as ITALIAN_TEXTS
from analysis.report.numbers import NO_BREAK, ORIGINAL

TEXTS: Mapping[str, Mapping[str, str]] = {"en": {}, "it": VOCABULARY | ITALIAN_TEXTS | PUBLIC_CLAIMS | PRIVACY_TEXTS}
# Between parts that are each a text of their own.
JOINED = ("; ", ", ")
_NUMBER = re.compile(r"[−+-]?\d[\d,]*(\.\d+)?( %)?")
_BLANK = re.compile(r"\\\{(\w+)\\\}")


class Texts:
    """One language's translations: called with the original, returns it translated, or None."""

    def __init__(self, language: str, case: Mapping[str, Any], checks: Iterable[Mapping[str, Any]] = ()) -> None:
        self.language = language
        own = (case.get("translations") or {}).get(language, {})
        self._known: dict[str, str | None] = {text: said.replace(" %", f"{NO_BREAK}%") for text, said in own.items()}
        self._known.setdefault(case.get("brand", ""), case.get("brand", ""))  # a name
        self._checks, self._fixed = list(checks), TEXTS[language]
        # Names written side by side, each of which may hold a comma of its own.
        exited = [item["label"] for item in case.get("channels", ()) if item["role"] == "exited"]
        self._known.setdefault(", ".join(exited), ", ".join(self._name(label) for label in exited))

    def __call__(self, original: str) -> str | None:
        if self.language == ORIGINAL or not original:
            return original
        if original in self._said_by_checks:
            return self._said_by_checks[original]
        return self._of(original)

    def or_original(self, original: str) -> str:
        """For a name inside a sentence: translated, or as it is."""
        said = self(original)
        return original if said is None else said

    def _of(self, original: str) -> str | None:
        if original not in self._known:
            self._known[original] = self._looked_up(original)
        return self._known[original]

    def _looked_up(self, original: str) -> str | None:
        if original in self._fixed:
            return self._fixed[original]
        if _NUMBER.fullmatch(original):
            return self._number(original)
        for pattern, template in self._templates:
            found = pattern.fullmatch(original)
            if found:
                parts = {name: self._of(part) for name, part in found.groupdict().items()}
                return template.format(**{name: part or found[name] for name, part in parts.items()})
        for sign in JOINED:
            originals = original.split(sign) if sign in original else []
            # A single word that nobody translated is a name: Messenger.
            parts = [self._of(part) or (part if " " not in part else None) for part in originals]
            if parts and all(parts) and parts != originals:
                return sign.join(parts)
        return None

    def _number(self, written: str) -> str:
        marks = {",": get_group_symbol(self.language), ".": get_decimal_symbol(self.language), " ": NO_BREAK}
        return written.translate(str.maketrans(marks))

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        """Those with blanks as patterns, the longest first: the most particular wins."""
        with_blanks = sorted((key for key in self._fixed if "{" in key), key=len, reverse=True)
        return [(re.compile(_BLANK.sub(r"(?P<\1>.+?)", re.escape(key))), self._fixed[key]) for key in with_blanks]

    @cached_property
    def _said_by_checks(self) -> dict[str, str]:
        """The English of each finding and advice -> the same from its key and values."""
        found: dict[str, str] = {}
        for record in self._checks:
            for name, made in (record.get("said") or {}).items():
                said = sentence_in(self.language, record["check"], made, self._name)
                if said:
                    found[record[name]] = said
        return found

    def _name(self, original: str) -> str:
        return self._of(original) or original
