"""Questions on service that no export of a case can answer: said on the page, with what it would take."""

import pandas as pd

from analysis.pipeline.study import Study

NO_OPENING = "needs a channel that opened for care, with contacts before and after: here one closed"
NO_COMPLAINTS = "needs contacts marked as complaints, and how many customers there are"
REASONS = {
    "moderation": "needs the log of messages that were hidden or removed, out of all that were written",
    "crisis_decay": "needs mentions by day with their tone, over several crises before the exit and after it",
    "phone_complement": "needs several outages of the social channels, days on which chance alone took them away",
}


def unanswered(study: Study) -> pd.DataFrame:
    """Adds to tables/not_measured.csv (table, reason) what was asked of service and cannot be measured here."""
    plan, missing = study.case.diversion, study.store.table("not_measured")
    opened = plan is not None and bool(plan.opened)
    reasons = {"complaints_after_opening": NO_COMPLAINTS if opened else NO_OPENING} | REASONS
    kept = [] if missing is None else [row for row in missing.to_dict("records") if row["table"] not in reasons]
    rows = [*kept, *({"table": name, "reason": reason} for name, reason in reasons.items())]
    return study.store.write_table("not_measured", pd.DataFrame(rows, columns=["table", "reason"]))
