"""Errors a reader can act on: what is wrong, where (file, row, column, key), what to do."""

import difflib
from collections.abc import Iterable


class StudyError(Exception):
    """The study cannot go on. ``where`` names file, row, column or key; ``cure`` says what to do next."""

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what, self.where, self.cure = what, where, cure
        super().__init__(what, where, cure)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.cure:
            lines.append(f"  what to do: {self.cure}")
        return "\n".join(lines)


class CaseError(StudyError):
    """case.yaml or a parameter is wrong; ``problems`` lists every problem found."""

    def __init__(self, what: str, *, where: str = "", cure: str = "", problems: Iterable[str] = ()) -> None:
        super().__init__(what, where=where, cure=cure)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  - {problem}" for problem in self.problems)])


class SourceError(StudyError):
    """An export cannot be read as what the case says it is."""


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
