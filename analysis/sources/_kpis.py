"""Which KPI each metric of a reading is: told by the header it was read from, else by its own name or the case."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from analysis.core.kpis import KPIS, kpi_of
from analysis.core.vocabulary import POSTING
from analysis.sources._posts import PEOPLE, RATES

# Columns of page level exports that no reader lists: a window that slides over the days, people, rates.
SLIDING = re.compile(r"(weekly|28 days) |:(week|days_28)$", re.IGNORECASE)
LIFETIME = "lifetime_"


@dataclass(frozen=True, slots=True)
class Meaning:
    """``kpi``: a KPI's id, a kind alone, or "" where nobody says; ``header``: the column, where an option names it;
    ``clock``: the day a value belongs to."""

    metric: str
    kpi: str
    header: str = ""
    clock: str = ""

    @property
    def renamed(self) -> bool:
        """Whether the metric bears the name of a KPI that it is not, because the case gave it that name."""
        return bool(self.header) and self.metric in KPIS and self.kpi not in ("", self.metric)


def meanings(
    module: ModuleType, options: Any, metrics: Iterable[str], ties: Mapping[str, str]
) -> dict[str, Meaning]:
    """What each metric of a reader's measurements is; ``ties`` are the case's own (``kpis:``)."""
    chosen = getattr(options, "metrics", None)
    columns = chosen if isinstance(chosen, Mapping) else {}
    return {name: _meaning(name, columns.get(name), module, ties) for name in metrics}


def _meaning(metric: str, column: Any, module: ModuleType, ties: Mapping[str, str]) -> Meaning:
    header = _header(column)
    kpi = _of_header(header, column, module) if header else module.KPIS.get(metric, "")
    kpi = kpi or kpi_of(metric, ties)
    posted = getattr(module, "POSTED", False) or metric.startswith(LIFETIME)
    clock = POSTING if posted else KPIS[kpi].clock if kpi in KPIS else ""
    return Meaning(metric, kpi, header, clock)


def _header(column: Any) -> str:
    """The header of a metric's column, as the reader's options write it."""
    if isinstance(column, str):
        return column
    named = (getattr(column, key, None) for key in ("header", "sum_of_prefix", "column"))
    return next((name for name in named if name), "")


def _of_header(header: str, column: Any, module: ModuleType) -> str:
    """What the reader knows of a header; of one that a platform's reader does not list, how it adds up."""
    folded = {name.casefold(): kpi for name, kpi in module.KPIS.items()}
    kpi = folded.get(header.casefold()) or folded.get(re.sub(r"[^a-z0-9]+", "_", header.casefold()).strip("_"), "")
    if "(Unique Users)" in (getattr(column, "description_contains", None) or ""):
        return kpi if kpi in KPIS and KPIS[kpi].kind == "unique" else "unique"
    if kpi or not module.KPIS:
        return kpi
    kinds = (("stock", SLIDING), ("rate", RATES), ("unique", PEOPLE))
    return next((kind for kind, pattern in kinds if pattern.search(header)), "")
