"""The claims auditor's table: what was published about this exit and by others who left, each in its window."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import yaml
from pydantic import ValidationError

from analysis.core import paths
from analysis.core.case_context import PublicClaims
from analysis.core.case_rules import CLOSING
from analysis.core.errors import CaseError

COLUMNS = (
    *("origin", "quote", "brand", "by", "interested", "about", "outcome", "value", "window", "first", "last", "event"),
    *("placed", "share_before", "days_after", "comparator", "compared", "says", "said", "source"),
)


def public_claims() -> list[dict[str, Any]]:
    """What others who left said, as ``data/raw/claims.yaml`` holds it. Raises CaseError where the file is wrong."""
    where = paths.CLAIMS.relative_to(paths.PROJECT).as_posix()
    try:
        found = PublicClaims.model_validate(yaml.safe_load(paths.CLAIMS.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError, OSError) as error:
        raise CaseError(f"the public claims cannot be read: {error}", where=where, cure="correct that file") from error
    return [claim.model_dump(mode="json") for claim in found.claims]


def claims_table(case: Mapping[str, Any]) -> pd.DataFrame:
    """One row a claim: the case's own first, then those of others that it does not quote itself.

    ``case`` is a case as written. ``placed`` says where the window lies: before, over, after the exit, unstated;
    ``share_before`` is the part of its days before it, ``days_after`` how many come from the exit on.
    """
    own = list(case["claims"])
    quoted = {(claim["quote"], claim["source"]) for claim in own}
    others = [claim for claim in public_claims() if (claim["quote"], claim["source"]) not in quoted]
    return rows_of([("own", claim) for claim in own] + [("other", claim) for claim in others], event_of(case))


def rows_of(claims: Sequence[tuple[str, Mapping[str, Any]]], event: str | None = None) -> pd.DataFrame:
    """Claims (origin, claim as written) as rows; ``event`` is the exit of those that name none."""
    rows = []
    for origin, claim in claims:
        day = claim["event"] or (event if origin == "own" else None)
        rows.append({**claim, "origin": origin, "event": day, **placed(claim["first"], claim["last"], day)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def event_of(case: Mapping[str, Any]) -> str:
    """The day of the exit: of the first closing, else of the case's windows."""
    closed = [item["date"] for item in case["stages"] if item["kind"] == CLOSING]
    return min(closed, default=case["windows"]["event"])


def placed(first: str | None, last: str | None, event: str | None) -> dict[str, Any]:
    """Where a window lies against the exit; without a last day it is open, and only its beginning counts."""
    if first is None or event is None:
        return {"placed": "unstated", "share_before": None, "days_after": None}
    begins, day = date.fromisoformat(first), date.fromisoformat(event)
    if last is None:
        return {"placed": "after" if begins >= day else "over", "share_before": None, "days_after": None}
    ends = date.fromisoformat(last) + timedelta(days=1)
    before = max(0, (min(ends, day) - begins).days)
    whole = (ends - begins).days
    where = "after" if before == 0 else "before" if before == whole else "over"
    return {"placed": where, "share_before": before / whole, "days_after": whole - before}
