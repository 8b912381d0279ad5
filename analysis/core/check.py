"""What a check returns. A crash is NOT_RUN with its reason, never silence."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Status = Literal["PASS", "REVIEW", "FAIL", "NOT_RUN"]
STATUSES: tuple[Status, ...] = ("PASS", "REVIEW", "FAIL", "NOT_RUN")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one outcome.

    ``statistic`` and ``threshold`` are in the check's own unit (None where there is none); ``sentence`` says what
    was found, ``recommendation`` what to do about it (may be empty on PASS). ``table`` holds the rows behind it.
    """

    check: str
    outcome: str
    status: Status
    sentence: str
    recommendation: str = ""
    statistic: float | None = None
    threshold: float | None = None
    table: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status {self.status!r} is not one of {', '.join(STATUSES)}")
        if not self.sentence:
            raise ValueError("a check says what it found, in a sentence")
        if self.status != "PASS" and not self.recommendation:
            raise ValueError("a check that does not pass says what to do")
