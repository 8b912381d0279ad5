"""The truth annex of simulated cases: the only step that may see what the estimates were meant to find."""

import pandas as pd

from analysis.core.errors import StudyError
from analysis.pipeline.service_truth import service_rows
from analysis.pipeline.study import Study
from analysis.simulate.truth import read_truth

COLUMNS = ["outcome", "label", "role", "truth", "point", "lower", "upper", "inside"]


def truth_annex(study: Study) -> pd.DataFrame:
    """Truth beside every estimate, written as tables/truth.csv. Raises StudyError on a case that is not simulated."""
    if study.case.data_status != "simulated":
        raise StudyError("only simulated data have a known truth", where=study.case.slug, cure="leave this annex out")
    truth = read_truth(study.folder.folder)
    rows = [row for name in study.store.outcomes if (row := _outcome_row(study, truth, name))]
    rows += _diversion_rows(study, truth)
    rows += [
        _row(item["name"], item["label"], "secondary", item["truth"], item["point"], item["interval"])
        for item in service_rows(study, truth)
    ]
    return study.store.write_table("truth", pd.DataFrame(rows, columns=COLUMNS))


def _outcome_row(study: Study, truth: dict, name: str) -> dict | None:
    record, known = study.store.effect(name), truth["outcomes"].get(name)
    if known is None or "refused" in record:
        return None
    in_relative = record["relative"] is not None
    interval = record["relative_interval"] if in_relative else record["interval"]
    value = known["relative"] if in_relative else known["level"]
    point = record["relative"] if in_relative else record["point"]
    return _row(name, record["label"], record["role"], value, point, interval)


def _diversion_rows(study: Study, truth: dict) -> list[dict]:
    table = study.store.table("diversion")
    if table is None:
        return []
    known = truth["diversion"]
    return [
        _row(
            f"diversion_{row.channel}",
            f"Share of the exited contacts: {row.label}",
            "primary" if row.part == "recaptured" else "secondary",
            known[row.channel],
            row.ratio,
            {"lower": row.ratio_lower, "upper": row.ratio_upper},
        )
        for row in table.itertuples()
        if row.channel in known and row.part in ("receiving", "recaptured")
    ] + [
        _row(
            "diversion_recaptured",
            "Share of the exited contacts: recaptured",
            "primary",
            known["recapture"],
            row.ratio,
            {"lower": row.ratio_lower, "upper": row.ratio_upper},
        )
        for row in table.itertuples()
        if row.part == "recaptured" and "recaptured" not in known
    ]


def _row(name: str, label: str, role: str, truth: float, point: float, interval: dict | None) -> dict:
    inside = None if interval is None else bool(interval["lower"] <= truth <= interval["upper"])
    bounds = interval or {"lower": None, "upper": None}
    return {
        "outcome": name,
        "label": label,
        "role": role,
        "truth": truth,
        "point": point,
        "lower": bounds["lower"],
        "upper": bounds["upper"],
        "inside": inside,
    }
