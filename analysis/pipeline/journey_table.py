"""From the cases a reader found to journeys: one row a case, its stages as moments, without the desk's own ids."""

import pandas as pd

from analysis.core.errors import CaseError
from analysis.pipeline.study import Study
from analysis.sources import CASE_COLUMNS, Reading

STAGES = ("private_request", "pool", "taken_in_charge", "outcome", "abandoned", "reopened")
ABSENT_WORDS = ("first_tone", "last_tone")
NOT_ATTRIBUTES = (*CASE_COLUMNS, *STAGES, *ABSENT_WORDS, "is_public", "contacts", "channels_used", "customer", "due")


def journeys_of(study: Study, reading: Reading) -> pd.DataFrame:
    """Columns case, channel, signal, the stages (missing where they did not happen or are not logged), first_tone,
    last_tone, is_public, contacts, channels_used, customer and due (a moment) where known, and the attributes asked
    for; by signal.

    A list of cases with an opening and a closing is a log of two stages. Raises CaseError for a source without cases,
    and for one without due dates where the case judges something by them.
    """
    if reading.cases is None:
        raise CaseError(
            f'the source "{study.case.care.source}" holds no service cases',
            where="care, source",
            cure="name a source of the format event_log_csv or service_cases_csv",
        )
    cases = reading.cases
    if study.case.care.judged_when_due and ("due" not in cases or cases["due"].isna().all()):
        raise CaseError(
            f'the source "{study.case.care.source}" says of no case when it was due',
            where="care, judged_when_due",
            cure="name the column of the due dates in the source's options with `due:`, or judge nothing by them",
        )
    never = pd.Series(pd.NaT, index=cases.index, dtype=cases["opened"].dtype)
    columns = {"channel": cases["channel"], "signal": cases["opened"]}
    columns |= {name: cases.get(name, never).astype(never.dtype) for name in STAGES if name != "outcome"}
    columns["outcome"] = cases["closed"].astype(never.dtype)
    columns |= {name: cases.get(name, pd.Series(None, index=cases.index, dtype="str")) for name in ABSENT_WORDS}
    columns["is_public"] = cases.get("is_public", pd.Series(pd.NA, index=cases.index, dtype="boolean"))
    columns |= {name: cases[name] for name in ("contacts", "channels_used", "customer", "due") if name in cases}
    columns |= {name: cases[name] for name in cases if name not in NOT_ATTRIBUTES}
    table = pd.DataFrame(columns).assign(order=cases["case_id"])
    table = table.sort_values(["signal", "order"], kind="stable", ignore_index=True).drop(columns="order")
    table.insert(0, "case", range(1, len(table) + 1))
    wanted = study.case.care.channels
    return table[table["channel"].isin(wanted)].reset_index(drop=True) if wanted else table


def end_of_log(journeys: pd.DataFrame) -> pd.Timestamp:
    """The last moment anything was logged: what had not happened by then is not known never to happen."""
    return max(journeys[name].max() for name in ("signal", *STAGES) if journeys[name].notna().any())
