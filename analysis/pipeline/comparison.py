"""Notebook 90: the published cases side by side on one scale, and what exits of one kind have in common.

Real and simulated cases are never pooled together, nor an exit with another kind of change. An effect enters with the
standard error that its printed interval implies, calibration included: half its width over the normal quantile, on
the scale of the logarithm for shares of what was expected. A case enters a question once, with its first main outcome.
"""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from scipy import stats

from analysis.core import artefacts, paths
from analysis.core.errors import StudyError, nearest
from analysis.core.paths import COMPARISON, Layout
from analysis.core.store import Store
from analysis.inference.meta_analysis import FEWEST, pool
from analysis.pipeline.claims import public_claims, rows_of
from analysis.pipeline.study import OUTPUT_VARIABLE

REPORTS_VARIABLE = "EXIT_STUDY_REPORTS"
LEVEL = 0.95
KINDS = ("retained", "owned", "total", "contacts", "recaptured", "market")
NATURAL = ("recaptured", "market")  # shares and returns are pooled as they are, the others as log ratios
STATUSES = ("real", "simulated", "mixed")
EXIT = "exit"
COLUMNS = (
    *("kind", "data_status", "change", "case", "title", "brand", "outcome", "label"),
    *("point", "lower", "upper", "level", "style", "effect", "standard_error", "left_out"),
    *("grade", "first_post", "last_post"),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The reports that are compared, by slug, and where the comparison goes."""

    results: Mapping[str, Mapping[str, Any]]
    layout: Layout

    @property
    def store(self) -> Store:
        return Store(self.layout)


def open_comparison(cases: str = "") -> Comparison:
    """The published reports of the cases named, separated by commas or blanks; of every case when none is named."""
    root = Path(os.environ.get(OUTPUT_VARIABLE) or paths.PROJECT)
    reports = Path(os.environ.get(REPORTS_VARIABLE) or root / "reports")
    layout = Layout.under(root, COMPARISON)
    comparison = Comparison(published(reports, cases.replace(",", " ").split()), layout)
    artefacts.write_json(layout.case, _summary(comparison))
    return comparison


def published(reports: Path, names: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """results.json of each case by slug, in the order of the slugs. Raises StudyError for a case without a report."""
    found = {file.parent.name: file for file in sorted(reports.glob("*/results.json"))}
    found.pop(COMPARISON, None)
    for name in names:
        if name not in found:
            raise StudyError(
                f'there is no report of "{name}"', where="exit-study compare",
                cure=f"{paths.COMMAND} run {name}, or {nearest(name, found)}",
            )  # fmt: skip
    chosen = {name: artefacts.read_json(found[name]) for name in (sorted(set(names)) if names else found)}
    if not chosen:
        raise StudyError("no case has a report", where="exit-study compare", cure=f"{paths.COMMAND} run unicredit")
    return chosen


def _summary(comparison: Comparison) -> dict[str, Any]:
    statuses = {record["case.data_status"] for record in comparison.results.values()}
    return {
        "slug": COMPARISON,
        "data_status": statuses.pop() if len(statuses) == 1 else "mixed",
        "cases": [
            {"id": slug, **{key: record[f"case.{key}"] for key in ("title", "brand", "data_status")}}
            for slug, record in comparison.results.items()
        ],
        "translations": _translations(comparison.results.values()),
        "code_versions": len({record.get("provenance.code_sha256") for record in comparison.results.values()}),
    }


def _translations(records: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """What the cases are called in other languages: language -> the original -> as its report says it."""
    found: dict[str, dict[str, str]] = {}
    for record in records:
        for key, said in record.items():
            if key.startswith("case.said."):
                *_, language, part = key.split(".")
                found.setdefault(language, {})[record[f"case.{part}"]] = said
    return found


def side_by_side(comparison: Comparison) -> pd.DataFrame:
    """One row a case and question, written as table ``effects``: the effect as printed and on the scale it pools on."""
    rows = [row for slug, record in comparison.results.items() for row in _rows_of(slug, record)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    order = frame["kind"].map(KINDS.index) * len(STATUSES) + frame["data_status"].map(STATUSES.index)
    frame = frame.assign(order=order).sort_values(["order", "case"], kind="stable").drop(columns="order")
    return comparison.store.write_table("effects", frame.reset_index(drop=True))


def _rows_of(slug: str, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = dict.fromkeys(key.split(".")[1] for key in record if key.startswith("effects.") and key.endswith(".place"))
    chosen: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (_of(record, name, "role") != "primary", _of(record, name, "place"))):
        if (kind := kind_of(record, name)) is not None:
            chosen.setdefault(kind, name)
    closed = any(key.startswith("case.stages.") and value == "channels_closed" for key, value in record.items())
    head = {
        "data_status": record["case.data_status"], "change": EXIT if closed else "other", "case": slug,
        "title": record["case.title"], "brand": record["case.brand"],
    }  # fmt: skip
    rows = [head | _effect(record, name, kind) for kind, name in chosen.items()]
    if record.get("diversion.recaptured.ratio") is not None and closed:
        rows.append(head | _recaptured(record))
    return rows


def _of(record: Mapping[str, Any], name: str, key: str) -> Any:
    return record.get(f"effects.{name}.{key}")


def kind_of(record: Mapping[str, Any], name: str) -> str | None:
    """The question an outcome answers in every case, or None for one that answers none of them."""
    if _of(record, name, "market"):
        return "market"
    place = _of(record, name, "measured_on")
    if _of(record, name, "question") == "engagement":
        return {"all": "total", "retained": "retained", "owned": "owned"}.get(place)
    return "contacts" if _of(record, name, "question") == "service" and place == "all" else None


def _effect(record: Mapping[str, Any], name: str, kind: str) -> dict[str, Any]:
    shown = {key: _of(record, name, f"shown.{key}") for key in ("point", "lower", "upper", "level", "style")}
    more = {key: _of(record, name, key) for key in ("label", "first_post", "last_post")}
    scaled = standardised(**shown, natural=kind in NATURAL)
    return {"kind": kind, "outcome": name, "grade": _of(record, name, "grade.word"), **shown, **more, **_scaled(scaled)}


def _recaptured(record: Mapping[str, Any]) -> dict[str, Any]:
    ends = {"point": "ratio", "lower": "ratio_lower", "upper": "ratio_upper"}
    shown = {key: record.get(f"diversion.recaptured.{name}") for key, name in ends.items()}
    shown["level"] = record["diversion.level"]
    shown["style"] = "percent"
    scaled = standardised(**shown, natural=True)
    return {"kind": "recaptured", "outcome": "diversion", "label": record["diversion.exited.label"], **shown} | _scaled(
        scaled
    )


def _scaled(scaled: tuple[float, float] | str) -> dict[str, Any]:
    if isinstance(scaled, str):
        return {"left_out": scaled}
    return {"effect": scaled[0], "standard_error": scaled[1]}


def standardised(
    *, point: float | None, lower: float | None, upper: float | None, level: float | None, style: str, natural: bool
) -> tuple[float, float] | str:
    """The effect and its standard error on the scale it pools on, or the reason (a key of the wording) why not."""
    if point is None or lower is None or upper is None or level is None:
        return "no_interval"
    if style == "number":
        return "no_share"
    if not natural and lower <= -1:
        return "whole"
    ends = [value if natural else math.log1p(value) for value in (point, lower, upper)]
    return ends[0], (ends[2] - ends[1]) / (2 * float(stats.norm.ppf((1 + level) / 2)))


def poolable(effects: pd.DataFrame) -> pd.DataFrame:
    """The rows that may enter a pool: exits with an effect on the common scale."""
    return effects[(effects["change"] == EXIT) & effects["standard_error"].notna() & (effects["standard_error"] > 0)]


def pooled(comparison: Comparison, level: float = LEVEL) -> pd.DataFrame:
    """One row a question and status with two cases or more, written as table ``pooled``; means as shares again."""
    rows = [
        {"kind": kind, "data_status": status} | _pooled(kind, rows, level)
        for (kind, status), rows in _groups(comparison)
        if len(rows) >= FEWEST
    ]
    columns = ["kind", "data_status", "studies", "mean", "lower", "upper", "level", "prediction_lower"]
    columns += ["prediction_upper", "tau", "i_squared", "q", "heterogeneity_p", "p_value", "truncated"]
    return comparison.store.write_table("pooled", pd.DataFrame(rows, columns=columns))


def _groups(comparison: Comparison) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    effects = poolable(comparison.store.table("effects"))
    return list(effects.groupby(["kind", "data_status"], sort=False))


def _pooled(kind: str, rows: pd.DataFrame, level: float) -> dict[str, Any]:
    found = pool(rows["effect"], rows["standard_error"], level=level)
    back = float if kind in NATURAL else math.expm1
    shown = {"mean": back(found.mean), "lower": back(found.interval.lower), "upper": back(found.interval.upper)}
    if found.prediction is not None:
        ends = found.prediction
        shown |= {"prediction_lower": back(ends.lower), "prediction_upper": back(ends.upper)}
    same = ("studies", "tau", "i_squared", "q", "heterogeneity_p", "p_value", "truncated")
    return shown | {name: getattr(found, name) for name in same} | {"level": level}


def without_each(comparison: Comparison, level: float = LEVEL) -> pd.DataFrame:
    """One row a pooled case, its weight and, where two or more remain, the average without it; written as
    ``left_out``.
    """
    columns = ["kind", "data_status", "case", "title", "weight", "studies", "mean", "lower", "upper", "level"]
    rows = []
    for (kind, status), group in _groups(comparison):
        if len(group) < FEWEST:
            continue
        weights = pool(group["effect"], group["standard_error"], level=level).weights
        for one, weight in zip(group.itertuples(), weights, strict=True):
            row = {"kind": kind, "data_status": status, "case": one.case, "title": one.title, "weight": weight}
            if len(group) > FEWEST:
                found = _pooled(kind, group[group["case"] != one.case], level)
                row |= {key: found[key] for key in ("studies", "mean", "lower", "upper", "level")}
            rows.append(row)
    return comparison.store.write_table("left_out", pd.DataFrame(rows, columns=columns))


def outside_claims(comparison: Comparison) -> pd.DataFrame:
    """What brands that left have said of it, each claim in its window, written as ``claims``."""
    return comparison.store.write_table("claims", rows_of([("other", claim) for claim in public_claims()]))
