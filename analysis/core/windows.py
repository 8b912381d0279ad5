"""The periods a study compares: before, the donut left out, after."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.core.errors import DesignError


@dataclass(frozen=True, slots=True)
class Windows:
    """Closed windows on any ordered time axis (dates or integers): pre, donut (may be empty), post.

    ``event`` is the first time of the post window; times between ``pre_last`` and ``event`` are the donut.
    Raises DesignError when the windows are out of order.
    """

    first: Any
    pre_last: Any
    event: Any
    last: Any

    def __post_init__(self) -> None:
        if not self.first <= self.pre_last < self.event <= self.last:
            raise DesignError(
                "the windows overlap or are out of order",
                where=f"pre {self.first} to {self.pre_last}, post {self.event} to {self.last}",
                cure="give first <= pre_last < event <= last",
            )

    @classmethod
    def split(cls, *, first: Any, event: Any, last: Any, pre_last: Any = None) -> "Windows":
        """Windows with no donut (unless ``pre_last`` is given): pre is everything from first up to the event."""
        if pre_last is None:
            pre_last = event - (pd.Timedelta(days=1) if isinstance(event, pd.Timestamp) else 1)
        return cls(first=first, pre_last=pre_last, event=event, last=last)

    def pre(self, times: pd.Index) -> Any:
        """Boolean mask of the pre-period, shape (len(times),)."""
        return (times >= self.first) & (times <= self.pre_last)

    def post(self, times: pd.Index) -> Any:
        """Boolean mask of the post-period, shape (len(times),)."""
        return (times >= self.event) & (times <= self.last)

    def donut(self, times: pd.Index) -> Any:
        """Boolean mask of the periods left out between the two, shape (len(times),)."""
        return (times > self.pre_last) & (times < self.event)
