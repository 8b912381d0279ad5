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
PER_HEAD = re.compile(r"\bper\b|\brate\b|average", re.IGNORECASE)  # "Views per unique viewer" are no people


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
    kpi = _kpi(metric, column, module.KPIS, ties)
    posted = getattr(module, "POSTED", False) or metric.startswith(LIFETIME)
    clock = POSTING if posted else KPIS[kpi].clock if kpi in KPIS else ""
    return Meaning(metric, kpi, header, clock)


def counts_whole(metric: str, column: Any, known: Mapping[str, str], ties: Mapping[str, str]) -> bool:
    """Whether a metric counts whole things. ``column``: where an option finds it, None for a reader's own metric;
    ``known``: the reader's KPIS. What the case ties the metric to comes first: it may know of fractions."""
    kpi = ties.get(metric) or _kpi(metric, column, known, ties)
    if kpi in KPIS:
        return KPIS[kpi].whole
    return kpi == "unique" and not PER_HEAD.search(_header(column))


def whole_of(columns: Mapping[str, Any], known: Mapping[str, str], ties: Mapping[str, str]) -> set[str]:
    """Those of a source's metrics that count whole things; ``columns`` is where each is found."""
    return {metric for metric, column in columns.items() if counts_whole(metric, column, known, ties)}


def _kpi(metric: str, column: Any, known: Mapping[str, str], ties: Mapping[str, str]) -> str:
    header = _header(column)
    return (_of_header(header, column, known) if header else known.get(metric, "")) or kpi_of(metric, ties)


def _header(column: Any) -> str:
    """The header of a metric's column, as the reader's options write it."""
    if isinstance(column, str):
        return column
    named = (getattr(column, key, None) for key in ("header", "sum_of_prefix", "column"))
    return next((name for name in named if name), "")


def _of_header(header: str, column: Any, known: Mapping[str, str]) -> str:
    """What the reader knows of a header; of one that a platform's reader does not list, how it adds up."""
    folded = {name.casefold(): kpi for name, kpi in known.items()}
    kpi = folded.get(header.casefold()) or folded.get(re.sub(r"[^a-z0-9]+", "_", header.casefold()).strip("_"), "")
    if "(Unique Users)" in (getattr(column, "description_contains", None) or ""):
        return kpi if kpi in KPIS and KPIS[kpi].kind == "unique" else "unique"
    if kpi or not known:
        return kpi
    kinds = (("stock", SLIDING), ("rate", RATES), ("unique", PEOPLE))
    return next((kind for kind, pattern in kinds if pattern.search(header)), "")
