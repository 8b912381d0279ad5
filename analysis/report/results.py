"""Every number and every string a report may print, under one stable key each: the content of results.json."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.core import artefacts
from analysis.core.store import Store
from analysis.inference.power import FOUR_IN_FIVE
from analysis.report import claims, deciding, digests, grading, robust, series

DEFAULT_LEVEL = 0.95
SHOWN_TABLES = (
    *("claims", "data_quality", "donors", "family", "redefinitions", "sources", "truth", "vocabulary", "weights"),
    *("personal_data", "quasi_identifiers"),
    *("diversion_horizons", "diversion_proportional", "channel_mix", "contact_units"),
    *("response_times", "funnel", "stage_times", "weekends", "private_share", "incidence", "segments"),
    *(
        "equal_treatment",
        "equal_verdicts",
        "not_measured",
        "tone_transitions",
        "tone_summary",
        "tone_bounds",
        "tone_regression",
    ),
    *("staffing", "staffing_total", "service_level_curve", "cost", "cost_missing", "gain"),
)
CASE_PARTS = (
    "slug",
    "title",
    "brand",
    "summary",
    "data_status",
    "event_name",
    "frequency",
    "time_zone",
    "stages",
    "windows",
    "channels",
    "competitors",
    "events",
    "limits",
    "rights",
    "privacy",
    "diversion",
    "care",
    "staffing",
)


def build_results(store: Store, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The flat mapping key -> number, string, truth value or None; numbers rounded as every artefact is."""
    case = store.case
    flat: dict[str, Any] = dict(_constants())
    flat |= flatten("case", {part: case.get(part) for part in CASE_PARTS})
    flat |= flatten("case.said", _names(case))
    flat |= flatten("provenance", provenance) | flatten("plan", _plan(store))
    for place, name in enumerate(store.outcomes):
        flat |= _of_outcome(store, case, name) | {f"effects.{name}.place": place}
    for name in SHOWN_TABLES:
        table = store.table(name)
        if table is not None:
            flat |= of_table(f"tables.{name}", table)
    flat |= _of_diversion(store.table("diversion"))
    flat |= digests.of_events(case) | digests.of_peers(store.table("donors")) | digests.of_outcomes(flat)
    flat |= digests.of_family(store.table("family"))
    flat |= digests.of_checks(store) | deciding.of_decisions(store, case, flat)
    flat |= series.volume_means(store.table("volumes"), case)
    flat |= digests.of_privacy(store)
    flat |= claims.of_claims(flat, store, case) | robust.of_robustness(flat, store, case)
    return {key: artefacts.plain(value) for key, value in sorted(flat.items())}


def _names(case: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Title and brand in the other languages of the case, for pages that show them beside other cases'."""
    tables: Mapping[str, Mapping[str, str]] = case.get("translations") or {}
    return {
        language: {part: table[case[part]] for part in ("title", "brand") if case[part] in table}
        for language, table in tables.items()
    }


def _plan(store: Store) -> dict[str, Any]:
    """Hash of the plan and whether it is the registered one; empty where no plan was made."""
    file = store.layout.processed / "plan.json"
    record = artefacts.read_json(file) if file.is_file() else {}
    return {key: record[key] for key in ("sha256", "status", "registered") if record.get(key)}


def flatten(prefix: str, value: Any) -> dict[str, Any]:
    """Nested mappings and lists as dotted keys; items of a list that have an id go by it, others by position."""
    if isinstance(value, Mapping):
        pairs = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        pairs = [(_name_of(item, index), item) for index, item in enumerate(value)]
    else:
        return {prefix: value}
    flat: dict[str, Any] = {}
    for key, item in pairs:
        flat |= flatten(f"{prefix}.{key}", item)
    return flat


def _name_of(item: Any, index: int) -> str:
    return str(item["id"]) if isinstance(item, Mapping) and "id" in item else str(index)


def _constants() -> Iterator[tuple[str, Any]]:
    yield "constants.detectable_factor", FOUR_IN_FIVE
    yield "constants.power", 0.8
    yield "constants.missing", grading.MISSING
    for word, least in grading.LIKELIHOOD:
        yield f"constants.likelihood.{word}", least


def _of_outcome(store: Store, case: Mapping[str, Any], name: str) -> dict[str, Any]:
    record, stem = store.effect(name), f"effects.{name}"
    checks = store.checks(name)
    flat: dict[str, Any] = {}
    for item in checks:
        kept = {
            key: item.get(key) for key in ("label", "status", "sentence", "recommendation", "statistic", "threshold")
        }
        flat |= flatten(f"checks.{name}.{item['check']}", kept)
    if "refused" in record:
        return flat | flatten(stem, record)
    nested = {key: value for key, value in record.items() if not key.endswith("interval")}
    nested["diagnostics"] = _scalars(record.get("diagnostics") or {})
    flat |= flatten(stem, {key: value for key, value in nested.items() if key not in ("relative", "cumulative")})
    for measure in ("", "relative", "cumulative"):
        interval = record.get(f"{measure}_interval" if measure else "interval") or {}
        place = f"{stem}.{measure}" if measure else stem
        flat[f"{place}.point"] = record.get(measure or "point")
        flat |= {f"{place}.{key}": interval.get(key) for key in ("lower", "upper", "level")}
    outcome = next(item for item in case["outcomes"] if item["id"] == name)
    path = store.path(name)
    flat |= flatten(stem, _judged(record, outcome, checks, _shortcomings(store, name, path)))
    flat |= series.of_path(f"paths.{name}", path)
    flat[f"{stem}.market"] = is_market(outcome)
    flat |= digests.of_stages(stem, record) | digests.of_closure(stem, store, case, outcome)
    flat |= digests.of_left_out(stem, path, record, case, outcome)
    if is_market(outcome):
        flat |= series.of_market(stem, path, record)
    return flat | series.of_placebos(f"placebos.{name}", store.table("placebo_space"), record, name)


def is_market(outcome: Mapping[str, Any]) -> bool:
    """True for an abnormal return: its point is a share already, although the model is on the level scale."""
    return outcome.get("scale") == "log_return"


def _scalars(diagnostics: Mapping[str, Any]) -> dict[str, Any]:
    """Diagnostics a sentence can print; the long ones are in the tables."""
    return {key: value for key, value in diagnostics.items() if not isinstance(value, Mapping | list | tuple)}


def _shortcomings(store: Store, name: str, path: pd.DataFrame) -> dict[str, Any]:
    """What of its data and its plan the grade of an outcome looks at: ``missing``, ``redefined``, ``plan``."""
    compared = path.loc[path["period"].isin(["pre", "post"]), "observed"]
    table = store.table("redefinitions")
    inside = [] if table is None else table["outcomes"].dropna()
    return {
        "missing": float(compared.isna().mean()),
        "redefined": any(name in str(names).split() for names in inside),
        "plan": _plan(store).get("status"),
    }


def _judged(
    record: Mapping[str, Any], outcome: Mapping[str, Any], checks: list[dict[str, Any]], data: Mapping[str, Any]
) -> dict[str, Any]:
    """What the report says of an effect: the measure shown, verdict, likelihood, grade, smallest detectable effect."""
    market = is_market(outcome)
    # A share without an interval is not shown where the effect itself has one.
    whole = record.get("relative_interval") is not None or record.get("interval") is None
    relative = record.get("relative") is not None and whole and not market
    point = record["relative"] if relative else record["point"]
    interval = (record.get("relative_interval") if relative else record.get("interval")) or {}
    lower, upper, level = interval.get("lower"), interval.get("upper"), interval.get("level")
    style = "return" if market else "percent" if relative else "number"
    margin = record.get("smallest_effect")
    if margin is not None and style == "number":
        margin = artefacts.rounded(margin * abs(record["expected_mean"]))  # declared as a share of what was expected
    judged: dict[str, Any] = {
        "shown": {"point": point, "lower": lower, "upper": upper, "level": level, "style": style},
        "smallest_effect": margin,
        "verdict": grading.verdict(lower, upper, margin),
        "grade": _grade_fields(record, outcome, checks, data),
    }
    if lower is not None:
        judged["shown"]["nearest_zero"] = min(abs(lower), abs(upper))
        judged["detectable"] = grading.detectable(record, relative=relative)
        probability = grading.direction_probability(point, lower, upper, level, _p_values(record))
        judged["likelihood"] = {
            "probability": probability,
            "word": grading.likelihood_word(probability),
            "direction": "fall" if point < 0 else "rise",
        }
    return judged


def _p_values(record: Mapping[str, Any]) -> list[float | None]:
    """The method's own p-value and, where it has one, the rank among placebos."""
    return [record.get("p_value"), (record.get("diagnostics") or {}).get("rank_p_value")]


def _grade_fields(
    record: Mapping[str, Any], outcome: Mapping[str, Any], checks: list[dict[str, Any]], data: Mapping[str, Any]
) -> dict[str, Any]:
    found = grading.grade(grading.design_of(record, outcome), checks, record, **data)
    return {
        "word": found.grade,
        "start": found.start,
        "design": found.design,
        "lowered": len(found.lowered_by),
        "noted": len(found.noted),
        "checks": len(checks),
        "against": {name: name in found.against for name in grading.AGAINST},
    }


def of_table(prefix: str, table: pd.DataFrame) -> dict[str, Any]:
    """Every cell of a table under its row and column, and how many rows there are."""
    flat: dict[str, Any] = {f"{prefix}.rows": len(table)}
    for index, row in enumerate(table.to_dict("records")):
        for column, value in row.items():
            flat[f"{prefix}.{index}.{column}"] = None if pd.isna(value) else value
    return flat


def _of_diversion(table: pd.DataFrame | None) -> dict[str, Any]:
    """Each part under its channel, and the same contacts as a share of all contacts expected: both denominators."""
    if table is None or table.empty:
        return {}
    flat: dict[str, Any] = {}
    counted = table[table["part"].isin(["exited", "receiving"])]
    total = float(counted["expected"].sum())
    flat["diversion.total_expected"] = total
    flat["diversion.level"] = float(table["level"].iloc[0]) if "level" in table else DEFAULT_LEVEL
    for row in table.to_dict("records"):
        stem = f"diversion.{row['channel'] if row['part'] == 'receiving' else row['part']}"
        flat |= {f"{stem}.{key}": None if pd.isna(value) else value for key, value in row.items()}
        flat[f"{stem}.share_of_all"] = (
            abs(float(row["moved"])) / total if row["part"] != "receiving" else row["moved"] / total
        )
    return flat
