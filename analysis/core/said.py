"""A sentence that remembers how it was made, so that it can be said again in another language."""

from collections.abc import Mapping
from typing import Any

Line = tuple[str, Mapping[str, Any]]


class Said(str):
    """The English sentence; ``lines`` are the keys of its sentences with the values that fill them, ready for JSON."""

    __slots__ = ("lines",)
    lines: tuple[Line, ...]

    def __new__(cls, text: str, lines: tuple[Line, ...]) -> "Said":
        made = super().__new__(cls, text)
        made.lines = lines
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Results come back from other processes; pickle would make one of the text alone."""
        return type(self), (str(self), self.lines)

    def then(self, other: "Said") -> "Said":
        """This sentence, and another after it."""
        return Said(f"{self} {other}", self.lines + other.lines)


def lines_of(text: str) -> list[Line]:
    """What a sentence was made of; empty for one that is plain text."""
    return list(text.lines) if isinstance(text, Said) else []
