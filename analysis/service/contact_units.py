"""Contact, case and customer kept apart: one customer may have several cases, one case several contacts and channels.

A contact is something the customer did (a signal, a message, a reopening), a case what the desk opened for it, a
customer whoever stands behind. Counting contacts where cases are meant doubles those that hop channels.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from analysis.core.generalising import OTHER
from analysis.inference.weekly_clusters import WeeklyClusters, weekly_clusters
from analysis.service.clock import local_days, weeks_of
from analysis.service.journeys import PERIODS, SMALLEST, Paired, means, within_shares

FOUR_WEEKS = 28
SHARES = ("several_channels", "still_open")
MISSING, NOT_JUDGED = "missing: ", "not judged: "
COLUMNS = [
    "quantity", "before", "before_lower", "before_upper", "after", "after_lower", "after_upper", "change", "lower",
    "upper", "p_value", "cases_before", "cases_after", "level",
]  # fmt: skip


def contact_units(
    journeys: pd.DataFrame, before: np.ndarray, after: np.ndarray, *, smallest: int = SMALLEST, level: float = 0.95
) -> pd.DataFrame:
    """Contacts a case, share of cases on more than one channel, and cases a customer, before and after.

    ``journeys`` one row a case with signal and, where known, contacts, channels_used and customer; masks of its rows.
    Cases a customer is the mean over cases of how many cases their customer has in the same four weeks of the period,
    so that periods of unequal length compare; its interval knows that weeks differ, not that customers do. Columns
    COLUMNS; quantities that the log does not hold are left out, and those of fewer than ``smallest`` cases in either
    period (``attrs["left_out"]`` counts these). Raises DesignError for too few weeks.
    """
    quantities: dict[str, np.ndarray] = {}
    if "contacts" in journeys:
        quantities["contacts_a_case"] = journeys["contacts"].to_numpy(dtype=float)
    if "channels_used" in journeys:
        quantities["several_channels"] = (journeys["channels_used"] > 1).to_numpy(dtype=float)
    if "customer" in journeys:
        quantities["cases_a_customer_in_four_weeks"] = _cases_of_customer(journeys, before, after)
    return period_means(journeys, before, after, quantities, smallest=smallest, level=level)


def _cases_of_customer(journeys: pd.DataFrame, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    own, day = np.full(len(journeys), np.nan), local_days(journeys["signal"])
    for mask in (before, after):
        if mask.any():
            block = (day[mask] - day[mask].min()) // FOUR_WEEKS
            keys = pd.DataFrame({"customer": journeys["customer"].to_numpy()[mask], "block": block})
            own[mask] = keys.groupby(["customer", "block"])["block"].transform("size").to_numpy(dtype=float)
    return own


def attribute_shares(
    journeys: pd.DataFrame, before: np.ndarray, after: np.ndarray, shares: Mapping[str, str], *,
    judged: Mapping[str, np.ndarray] = MappingProxyType({}), smallest: int = SMALLEST, level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Share of cases whose attribute is the given word, before and after; the same columns. An empty cell counts as
    not known and is left out, and so is a share (``attrs["left_out"]`` counts it) whose word too few cases had to be
    kept: it is in "other" (see `core.generalising`), and would pass for nothing.

    ``judged``: by attribute the cases (n,) of which it can be judged, see ``due_while_followed``; the others are left
    out whatever their word, and a row "not judged: ..." gives their share of all cases (empty cells among them).
    """
    quantities, hidden = {}, 0
    for name, word in shares.items():
        if (journeys[name] == OTHER).any() and not (journeys[name] == word).any():
            hidden += 1
            continue
        counted = ~_empty(journeys[name]) & judged.get(name, True)
        quantities[f"{name}: {word}"] = np.where(counted, (journeys[name] == word).to_numpy(dtype=float), np.nan)
        if name in judged:
            quantities[f"{NOT_JUDGED}{name}"] = (~counted).astype(float)
    table = period_means(journeys, before, after, quantities, smallest=smallest, level=level)
    table.attrs["left_out"] += hidden
    return table


def due_while_followed(
    journeys: pd.DataFrame, after: np.ndarray, limits: tuple[pd.Timestamp, pd.Timestamp]
) -> np.ndarray:
    """Cases (n,) whose due date lies before the end of their follow-up: for them it is settled whether they kept it.

    ``limits``: to when the cases before and ``after`` (n,) are followed (``Journeys.limits``). What became of a case
    plays no part, closed or open: to leave out the open ones that are not yet due and keep those that are late would
    choose by the outcome. Cases without a due date cannot keep one and do not count.
    """
    limit = pd.Series(pd.DatetimeIndex(limits)[np.asarray(after, dtype=int)], index=journeys.index)
    return (journeys["due"] < limit).to_numpy()


def gaps(
    journeys: pd.DataFrame, before: np.ndarray, after: np.ndarray, attributes: Collection[str], *,
    smallest: int = SMALLEST, level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """What is not known of the cases: the share still open where the log ends, and the share without each attribute
    that some lack ("missing: ..."); the same columns. Cases begun later had less time to end."""
    quantities = {"still_open": still_open(journeys).astype(float)}
    quantities |= {f"{MISSING}{name}": _empty(journeys[name]).astype(float) for name in attributes if name in journeys}
    some = {name: values for name, values in quantities.items() if values[before | after].any()}
    return period_means(journeys, before, after, some, smallest=smallest, level=level)


def still_open(journeys: pd.DataFrame) -> np.ndarray:
    """Cases (n,) neither brought to an end nor abandoned when the log ends."""
    ends = [journeys[name].notna().to_numpy() for name in ("outcome", "abandoned") if name in journeys]
    return ~np.logical_or.reduce(ends)


def _empty(values: pd.Series) -> np.ndarray:
    return (values.isna() | (values.astype("str") == "")).to_numpy()


def period_means(
    journeys: pd.DataFrame, before: np.ndarray, after: np.ndarray, quantities: Mapping[str, np.ndarray], *,
    smallest: int = SMALLEST, level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Means of quantities (n,) over the cases of each period and their change, weeks as clusters.

    Bounds of shares are cut at 0 and 1, those of their change where the shares end (``within_shares``): all three come
    from one method, so that a share that was nothing before and its change say the same.

    A quantity known for fewer than ``smallest`` cases of a period is left out; ``attrs["left_out"]`` counts those.
    """
    rows, left_out = [], 0
    for name, values in quantities.items():
        used = (before | after) & np.isfinite(values)
        later = after[used]
        if not later.any() or later.all():
            continue
        if min(later.sum(), (~later).sum()) < smallest:
            left_out += 1
            continue
        clusters = weekly_clusters(weeks_of(local_days(journeys["signal"][used])), later)
        row: dict[str, object] = {"quantity": name}
        row |= {"cases_before": int((~later).sum()), "cases_after": int(later.sum())}
        rows.append(row | _before_after(means(later, values[used]), clusters, level, share=is_share(name)))
    table = pd.DataFrame(rows).assign(level=level).reindex(columns=COLUMNS)
    table.attrs["left_out"] = left_out
    return table


def _before_after(found: Paired, clusters: WeeklyClusters, level: float, *, share: bool) -> dict[str, float]:
    row, change = {}, found.change(clusters, level)
    for side, (period, _) in enumerate(PERIODS):
        own = found.of(period, clusters, level)
        low, high = np.clip([own.lower[0], own.upper[0]], 0, 1) if share else (own.lower[0], own.upper[0])
        row |= {period: found.value[side, 0], f"{period}_lower": low, f"{period}_upper": high}
    bounds = change.lower[0], change.upper[0]
    lower, upper = within_shares(bounds, row) if share else bounds
    return row | {"change": change.point[0], "lower": lower, "upper": upper, "p_value": change.p_value[0]}


def is_share(quantity: str) -> bool:
    """Whether a quantity of these tables is a share of cases (else a mean of counts)."""
    return ":" in quantity or quantity in SHARES
