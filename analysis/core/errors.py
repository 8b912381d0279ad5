"""Errors a reader can act on: what is wrong, where (file, row, column, key), what to do."""

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import partial
from textwrap import indent
from typing import Any

# Control characters but tab and line end, marks that reverse or hide text, halves of characters.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def _visible(text: str) -> str:
    """Without signs that a terminal obeys or that hide what is written: words of hostile files stand in messages."""
    return HIDDEN.sub("?", text)


class StudyError(Exception):
    """The study cannot go on. ``where`` names file, row, column or key; ``cure`` says what to do next.

    ``problems`` lists every problem found, when there are several.
    """

    def __init__(self, what: str, *, where: str = "", cure: str = "", problems: Iterable[str] = ()) -> None:
        self.what, self.where, self.cure = _visible(what), _visible(where), _visible(cure)
        self.problems = tuple(map(_visible, problems))
        super().__init__(self.what, self.where, self.cure)

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors come back from worker processes; without this, pickle would give ``where`` by position."""
        return partial(type(self), where=self.where, cure=self.cure, problems=self.problems), (self.what,)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.cure:
            lines.append(f"  what to do: {self.cure}")
        return "\n".join([*lines, *(indent(problem, "    ").replace("    ", "  - ", 1) for problem in self.problems)])


class CaseError(StudyError):
    """case.yaml or a parameter is wrong."""


class PseudonymKeyError(StudyError):
    """The key that pseudonyms are to be made with is none."""


class SourceError(StudyError):
    """An export cannot be read as what the case says it is."""


def joined(errors: Sequence[SourceError]) -> SourceError:
    """One problem as it is, several as one error that lists them."""
    if len(errors) == 1:
        return errors[0]
    listed = [text for item in errors for text in (item.problems or [str(item)])]
    places = dict.fromkeys(item.where.split(", row")[0] for item in errors)
    return SourceError(
        f"{len(listed)} problems", where=", ".join(places), cure="correct each of these", problems=listed
    )


class DesignError(StudyError):
    """The method asked for cannot answer the question with these data."""


class StructurallyAbsentOutcome(DesignError):
    """The outcome is zero or missing after the exit by construction, so a change in it is not a finding."""


def nearest(word: str, known: Iterable[str]) -> str:
    """' Did you mean "x"?' for a misspelt name, else the list of known names."""
    known = sorted(str(name) for name in known)
    if not known:
        return "There is none to choose from."
    close = difflib.get_close_matches(str(word), known, n=1, cutoff=0.5)
    return f'Did you mean "{close[0]}"?' if close else f"Known: {', '.join(known)}."
