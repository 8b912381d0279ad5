"""Attributes that together could point at someone are coarsened: rare levels merged, numbers binned, codes cut short.

Global recoding, one attribute at a time: Sweeney 2002, International Journal of Uncertainty, Fuzziness and
Knowledge-Based Systems 10:571; Article 29 Working Party, Opinion 05/2014 on anonymisation techniques, section 3.2.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

OTHER = "other"
MOST_NUMBERS = 20  # distinct numbers, or values that nearly every case has for itself, that pass for levels
NEARLY_ALL = 0.9  # of the values look like it: an export has slips
OF_ITS_OWN = 0.5  # distinct values a case from which a column rather names cases than groups them
DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([T ].*)?")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{4} ?[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d", re.IGNORECASE)
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
# What a column looks like -> from how many distinct values on it is refused.
LOOKS: Mapping[str, tuple[re.Pattern[str], int]] = {
    "dates": (DATE, 1), "e-mail addresses": (ADDRESS, 1), "postcodes": (POSTCODE, 1), "numbers": (NUMBER, MOST_NUMBERS),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Generalised:
    """What became of one attribute: distinct values read, levels kept, levels merged into "other", cases of the
    smallest level kept (0 where none is)."""

    read: int
    kept: int
    merged: int
    smallest: int


def identifying(values: pd.Series) -> str | None:
    """What the values (n,), texts, look like where they would point at persons ("dates", "postcodes" ...), else None.

    "values of nearly every case's own" for a column that numbers or names cases. Empty and missing cells do not count.
    """
    known = values[_given(values)].astype("str").str.strip()
    distinct = known.unique()
    for name, (pattern, most) in LOOKS.items():
        alike = np.mean([pattern.fullmatch(value) is not None for value in distinct]) if len(distinct) else 0.0
        if alike >= NEARLY_ALL and len(distinct) >= most:
            return name
    if len(distinct) > max(MOST_NUMBERS, OF_ITS_OWN * len(known)):
        return "values of nearly every case's own"
    return None


def binned(values: pd.Series, edges: Sequence[float]) -> pd.Series:
    """Numbers (n,), as texts, put between rising ``edges``: "<18", "≥18 <30", "≥30"; an edge belongs to the bin above
    it, empty cells stay. Raises ValueError for a text that is no number, which the error does not repeat."""
    given = _given(values)
    numbers = pd.to_numeric(values[given].astype("str").str.strip().str.replace(",", "."), errors="coerce")
    if numbers.isna().any():
        raise ValueError(f"{int(numbers.isna().sum())} cells are no numbers")
    shown = [f"{edge:.15g}" for edge in edges]
    middle = [f"≥{low} <{high}" for low, high in pairwise(shown)]
    labels = np.array([f"<{shown[0]}", *middle, f"≥{shown[-1]}"], dtype=object)
    made = values.astype(object)
    made[given] = labels[np.searchsorted(np.asarray(edges, dtype=float), numbers.to_numpy(dtype=float), side="right")]
    return made.astype("str").where(values.notna())


def cut_short(values: pd.Series, length: int) -> pd.Series:
    """The first ``length`` characters of each text (n,) and a "*" for the rest; empty cells stay."""
    texts = values.astype("str").str.strip()
    return texts.where(texts.str.len() <= length, texts.str.slice(0, length) + "*").where(values.notna())


def merged(values: pd.Series, smallest: int) -> tuple[pd.Series, Generalised]:
    """Levels of fewer than ``smallest`` cases as "other".

    Where those are together too few, the next smallest level (of equals the first by name) joins them, so that the
    others' counts less all cases do not give them back. Where all cases together are too few, every cell is left empty.
    Empty and missing cells stay as they are and are no level.
    """
    given = _given(values)
    counts = values[given].astype("str").value_counts()
    order = sorted(counts.index, key=lambda level: (counts[level], level))
    pool = {level for level in order if counts[level] < smallest}
    if pool and OTHER in counts.index:
        pool.add(OTHER)
    for level in order:
        if not pool or sum(counts[name] for name in pool) >= smallest:
            break
        pool.add(level)
    together = int(sum(counts[name] for name in pool))
    fate = OTHER if together >= smallest else ""
    made = values.mask(given & values.isin(pool), fate)
    left = made[_given(made)].astype("str").value_counts()
    gone = len(pool - {OTHER})
    return made, Generalised(len(counts), len(left), gone, int(left.min()) if len(left) else 0)


def _given(values: pd.Series) -> pd.Series:
    return values.notna() & (values.astype("str").str.strip() != "")
