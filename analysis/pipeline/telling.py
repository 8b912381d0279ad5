"""How a run is asked for, and who hears what goes on."""

from collections.abc import Callable
from dataclasses import dataclass

LONGEST_CELL_SECONDS = 1800
Progress = Callable[[str, str], None]
Explain = Callable[[str], None]


def silent(*_: object) -> None:
    """Shows nothing."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who hears what goes on: states of notebooks, and why each is run or kept."""

    progress: Progress = silent
    explain: Explain = silent


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: how many side by side, whatever is kept or not, how long a cell may take (seconds)."""

    jobs: int = 2
    force: bool = False
    cell_seconds: int = LONGEST_CELL_SECONDS
