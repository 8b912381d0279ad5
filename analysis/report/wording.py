"""Every sentence a reader sees, in the reader's language, chosen by rule and filled with looked-up values.

Where a sentence counts, "<key>.one" is its singular.
"""

import re
from typing import Any

from babel import Locale
from markupsafe import Markup

from analysis.core.errors import StudyError, nearest
from analysis.report.languages import GLOSSARY, WORDING
from analysis.report.numbers import Numbers, Value

QUESTIONS = ("engagement", "service", "reputation")  # in the reader's order

_LINK = re.compile(r"\[\[(.+?)\|(.+?)\]\]")


def anchor(term: str) -> str:
    """The glossary id of a term."""
    return "term-" + re.sub(r"[^a-z]+", "-", term.lower()).strip("-")


class Words:
    """Sentences of one language. ``say`` gives HTML, ``text`` the same sentence bare, for attributes and drawings.

    ``event`` is what the case calls its event ("the exit"); every sentence may name it.
    """

    def __init__(self, language: str, event: str | None = None) -> None:
        self.language, self._table, self._plural = language, WORDING[language], Locale(language).plural_form
        self.linked: set[str] = set()  # glossary terms that sentences have linked so far
        self._event = event or self._table["event.exit"]

    def _filled(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"event": self._event} | {name: _no_none(value) for name, value in values.items()}

    def _sentence(self, key: str) -> str:
        if key not in self._table:
            raise StudyError(
                f'no sentence is called "{key}"',
                where=f"wording, {self.language}",
                cure=nearest(key, self._table)[:400],
            )
        return self._table[key]

    def _form(self, key: str, plural: float | None) -> str:
        """The key of the sentence for so many: the singular where the language counts so and has one."""
        single = plural is not None and self._plural(plural) == "one" and f"{key}.one" in self._table
        return f"{key}.one" if single else key

    def say(self, key: str, *, plural: float | None = None, **values: Any) -> Markup:
        """The sentence as HTML: values escaped or marked, glossary words linked; ``plural`` chooses its number."""
        sentence = self._sentence(self._form(key, plural))
        self.linked |= {term for _, term in _LINK.findall(sentence)}
        linked = _LINK.sub(r'<a class="term" href="#{anchor:\2}">\1</a>', sentence)
        linked = re.sub(r"\{anchor:(.+?)\}", lambda match: anchor(match.group(1)), linked)
        return Markup(linked).format(**self._filled(values))

    def text(self, key: str, *, plural: float | None = None, **values: Any) -> str:
        """The sentence without any mark-up."""
        return _LINK.sub(r"\1", self._sentence(self._form(key, plural))).format(**self._filled(values))

    def glossary(self, used: set[str]) -> list[tuple[str, str, str]]:
        """Anchor, name, meaning of the terms used, in the reader's order."""
        every = GLOSSARY[self.language].items()
        return [(anchor(term), name, meaning) for term, (name, meaning) in every if term in used]


def _no_none(value: Any) -> Any:
    return "" if value is None else value


class Findings:
    """What may be said of one outcome, from its results alone."""

    def __init__(self, name: str, words: Words, numbers: Numbers) -> None:
        self.name, self.words, self.numbers, self.stem = name, words, numbers, f"effects.{name}"

    def raw(self, key: str) -> Any:
        return self.numbers.results.get(f"{self.stem}.{key}")

    def number(self, key: str, style: str = "number") -> Value:
        return self.numbers(f"{self.stem}.{key}", style)

    def shown(self, key: str, prefix: str = "") -> Value:
        """A number on the scale the outcome is shown on, e.g. shown("shown.point", "signed_")."""
        return self.number(key, f"{prefix}{self.raw('shown.style')}")

    @property
    def label(self) -> Value:
        return self.numbers.text(f"{self.stem}.label")

    @property
    def refused(self) -> bool:
        return f"{self.stem}.refused.what" in self.numbers.results

    @property
    def is_market(self) -> bool:
        return bool(self.raw("market"))

    @property
    def has_interval(self) -> bool:
        return self.raw("shown.lower") is not None

    @property
    def direction(self) -> str:
        return "fall" if self.raw("shown.point") < 0 else "rise"

    @property
    def settled(self) -> bool:
        return self.raw("verdict") in ("fall_matters", "rise_matters", "fall_small", "rise_small", "ruled_out")

    @property
    def covers_zero(self) -> bool:
        return self.raw("verdict") in (
            "ruled_out",
            "inconclusive",
            "inconclusive_fall",
            "inconclusive_rise",
            "open_no_margin",
        )

    @property
    def counts_closed(self) -> bool:
        """Whether exited channels are part of the outcome, as nothing after the exit."""
        return bool(self.raw("closure.counted"))

    @property
    def reading_order(self) -> tuple[int, int, bool]:
        """Main outcomes first, by question; in each, what was found before what is so by construction."""
        if self.raw("role") != "primary":
            return 1, 0, False
        return 0, QUESTIONS.index(self.raw("question")), self.counts_closed

    def closure(self) -> Markup:
        """How much of a total is gone by construction; nothing for an outcome without closed channels."""
        if not self.counts_closed or self.refused:
            return Markup("")
        if self.raw("closure.share") is None:
            return self.words.say("headline.closure.unknown")
        return self.words.say("headline.closure", share=self.number("closure.share", "percent"))

    def interval(self) -> dict[str, Value]:
        """lower and upper, signed, for a sentence."""
        return {"lower": self.shown("shown.lower", "signed_"), "upper": self.shown("shown.upper", "signed_")}

    def headline(self, *, links: bool = True, again: bool = False) -> Markup:
        """Direction, size, interval, period; ``links`` to the glossary only on a page that has one.

        ``again``: the period has just been said of another outcome.
        """
        sentence = self._headline(again=again)
        return sentence if links else Markup(re.sub(r'<a class="term"[^>]*>(.*?)</a>', r"\1", sentence))

    def period(self) -> tuple[Any, Any]:
        return self.raw("first_post"), self.raw("last_post")

    def _headline(self, *, again: bool) -> Markup:
        if self.refused:
            return self.words.say(
                "headline.refused", label=self.label, what=self.numbers.text(f"{self.stem}.refused.what")
            )
        period = {"first": self.number("first_post", "date"), "last": self.number("last_post", "date")}
        if not self.has_interval:
            return self.words.say(
                "headline.no_interval", label=self.label, point=self.shown("shown.point", "signed_"), **period
            )
        kind = ("market." if self.raw("n_post") == 1 else "market.long.") if self.is_market else ""
        size = self.shown("shown.point", "size_")
        return self.words.say(
            f"headline.{kind}{self.direction}{'.again' if again and not kind else ''}",
            label=self.label,
            size=size,
            level=self.number("shown.level", "percent_whole"),
            **self.interval(),
            **period,
        )

    def reading(self) -> Markup:
        """What the interval says. Beside an open verdict a likelihood would only invite to read it as a finding."""
        if self.covers_zero:
            first = self.words.say("likelihood.market.none") if self.is_market else ""
            return Markup("{} {}").format(first, self.verdict()).strip()
        return Markup("{} {}").format(self.likelihood(), self.verdict()).strip()

    def left_out(self) -> Markup:
        """How many periods after the event count, and why the others do not; nothing where all do."""
        if not self.raw("left_out.post"):
            return Markup("")
        counts = {
            "counted": self.number("n_post", "integer"),
            "whole": self.number("left_out.post_whole", "integer"),
            "left_out": self.number("left_out.post", "integer"),
        }
        # Why is in the section on other events: it may take a sentence of its own.
        return self.words.say("happened.left_out", **counts)

    def likelihood(self) -> Markup:
        """The likelihood word of the direction, with its probability; nothing without an interval."""
        if not self.has_interval:
            return Markup("")
        if self.is_market and self.covers_zero:
            return self.words.say("likelihood.market.none")
        word = self.raw("likelihood.word")
        key = "likelihood.even" if word == "even" else f"likelihood.{self.raw('likelihood.direction')}"
        shown = self.words.text(f"likelihood.word.{word}")
        return self.words.say(key, word=shown, probability=self.number("likelihood.probability", "probability"))

    def verdict(self) -> Markup:
        """The sentence of the interval against the margin; beside every null result, what could have been detected."""
        values: dict[str, Any] = {}
        if self.raw("smallest_effect") is not None:
            values["margin"] = self.margin()
        if self.has_interval:
            values["bound"] = self.shown("shown.nearest_zero")
        sentence = self.words.say(f"verdict.{self.raw('verdict')}", **values)
        if self.covers_zero:
            sentence += " " + self.words.say("verdict.detectable", detectable=self.shown("detectable"))
        return sentence

    def title(self) -> Markup:
        """The finding in one short sentence, for a heading."""
        say = self.words.say
        if self.refused or not self.has_interval:
            return say("happened.heading.open", label=self.label)
        if self.is_market and self.covers_zero:
            return say("headline.title.market", label=self.label, first=self.number("first_post", "date"))
        if self.raw("verdict") == "ruled_out":
            return say("happened.heading.ruled_out", label=self.label, margin=self.margin())
        if self.covers_zero:
            return say("happened.heading.open", label=self.label)
        kind = "others" if self.is_market else "happened"
        return say(f"{kind}.heading.{self.direction}", label=self.label, size=self.shown("shown.point", "size_"))

    def margin(self) -> Value:
        style = self.raw("shown.style")
        return self.number("smallest_effect", style if style == "number" else "percent_whole")

    def grade_word(self) -> str:
        return self.words.text(f"grade.{self.raw('grade.word')}")

    def family(self) -> Markup:
        """Beside a difference among several main outcomes, the p-value that counts them all; whatever that is."""
        counted = self.raw("role") == "primary" and (self.raw("family.count") or 0) > 1
        if not counted or not self.has_interval or self.covers_zero:
            return Markup("")
        values = {"count": self.number("family.count", "integer"), "p_value": self.number("family.adjusted", "p")}
        return self.words.say("headline.family", **values)

    def attribution(self) -> Markup:
        """How far the difference may be put down to the exit, given interval, design and checks."""
        said = self.words.say(f"attribution.{self._attributed()}")
        return self.words.say("headline.evidence", attribution=said, grade=self.grade_word()).strip()

    def _attributed(self) -> str:
        """An interval that holds zero shows no difference that could be put down to anything."""
        design = self.raw("grade.design")
        if design == "description":
            return "description"
        if self._failed():
            return "association"
        return "consistent" if design == "own_past" and not self.covers_zero else "estimated"

    def _failed(self) -> bool:
        start = f"checks.{self.name}."
        return any(
            value == "FAIL"
            for key, value in self.numbers.results.items()
            if key.startswith(start) and key.endswith(".status")
        )
