"""A case's artefacts: the notebooks write them, figures and the report read them, nothing passes in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.core import artefacts
from analysis.core.case import Case, Outcome
from analysis.core.check import CheckResult
from analysis.core.effect import BAND_COLUMNS, PATH_COLUMNS, Effect, Interval
from analysis.core.errors import StudyError
from analysis.core.panel import Panel
from analysis.core.paths import Layout
from analysis.core.privacy import COUNTS_OF_PEOPLE, key_mark, suppressed
from analysis.core.said import lines_of


def _interval(value: Interval | None) -> dict[str, float] | None:
    return None if value is None else {"lower": value.lower, "upper": value.upper, "level": value.level}


def _head(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome.id,
        "label": outcome.label,
        "question": outcome.question,
        "role": outcome.role,
        "unit": outcome.unit,
        "smallest_effect": outcome.smallest_effect,
    }


def effect_record(outcome: Outcome, panel: Panel, effect: Effect, estimator_label: str) -> dict[str, Any]:
    """Every number of an effect, ready to be written."""
    post = effect.path.loc[panel.post]
    return _head(outcome) | {
        "estimator": effect.estimator,
        "estimator_label": estimator_label,
        "estimand": outcome.estimand,
        "scale": outcome.scale,
        "point": effect.point,
        "interval": _interval(effect.interval),
        "p_value": effect.p_value,
        "inference": effect.inference,
        "standard_error": effect.standard_error,
        "relative": effect.relative,
        "relative_interval": _interval(effect.relative_interval),
        "cumulative": effect.cumulative,
        "cumulative_interval": _interval(effect.cumulative_interval),
        # The estimator's own means give its relative effect exactly; a mean of the path need not, on the log scale.
        "observed_mean": effect.diagnostics.get("observed_mean", float(post["observed"].mean())),
        "expected_mean": effect.diagnostics.get("expected_mean", float(post["expected"].mean())),
        "n_pre": effect.n_pre,
        "n_post": effect.n_post,
        "first_post": post.index[0],
        "last_post": _last_day(post.index),
        "assumptions": effect.assumptions,
        "diagnostics": dict(effect.diagnostics),
    }


def _last_day(labels: pd.Index) -> object:
    """The last day the post-period covers: a week's label is its first day."""
    weekly = isinstance(labels, pd.DatetimeIndex) and len(labels) > 1 and (labels[1:] - labels[:-1]).min().days == 7
    return labels[-1] + pd.Timedelta(days=6) if weekly else labels[-1]


def check_record(result: CheckResult, label: str) -> dict[str, Any]:
    """A check as written: its table as a list of rows."""
    return {
        "check": result.check,
        "label": label,
        "status": result.status,
        "sentence": result.sentence,
        "recommendation": result.recommendation,
        # How the two were made: keys and values, from which the report says them in the reader's language.
        "said": {name: lines_of(getattr(result, name)) for name in ("sentence", "recommendation")},
        "statistic": result.statistic,
        "threshold": result.threshold,
        "table": [] if result.table is None else result.table.to_dict("records"),
    }


class Store:
    """Reads and writes the artefacts of one case under a Layout.

    ``only`` hides the other outcomes: notebooks that run side by side must not see each other's half-made results.
    """

    def __init__(self, layout: Layout, only: Collection[str] | None = None) -> None:
        self.layout = layout
        self.only = only

    # ---- reading

    @property
    def case(self) -> dict[str, Any]:
        return artefacts.read_json(self._existing(self.layout.case))

    @property
    def outcomes(self) -> list[str]:
        """Ids of the outcomes estimated or refused so far, in the case's order."""
        written = {path.stem for path in self.layout.estimates.glob("*.json")}
        shown = written if self.only is None else written & set(self.only)
        return [item["id"] for item in self.case["outcomes"] if item["id"] in shown]

    def effect(self, outcome: str) -> dict[str, Any]:
        return artefacts.read_json(self._existing(self.layout.estimates / f"{outcome}.json"))

    def path(self, outcome: str) -> pd.DataFrame:
        return pd.read_csv(self._existing(self.layout.paths / f"{outcome}.csv"))

    def checks(self, outcome: str) -> list[dict[str, Any]]:
        file = self.layout.checks / f"{outcome}.json"
        return artefacts.read_json(file) if file.is_file() else []

    @property
    def challenged(self) -> bool:
        """Whether the checks of the case have been run, of whatever outcome."""
        return any(self.layout.checks.glob("*.json"))

    def table(self, name: str) -> pd.DataFrame | None:
        file = self.layout.tables / f"{name}.csv"
        return pd.read_csv(file) if file.is_file() else None

    @property
    def tables(self) -> list[str]:
        return sorted(path.stem for path in self.layout.tables.glob("*.csv"))

    def measurements(self) -> pd.DataFrame:
        return pd.read_parquet(self._existing(self.layout.measurements))

    def journeys(self) -> pd.DataFrame:
        """One row a service case, numbered: the desk's own case ids stay in the export."""
        return pd.read_parquet(self._existing(self.layout.journeys))

    def drawing(self, key: str) -> str | None:
        """A figure's SVG kept under ``key``."""
        file = self.layout.drawings / f"{key}.svg"
        return file.read_text("utf-8") if file.is_file() else None

    def _existing(self, path: Any) -> Any:
        if not path.is_file():
            raise StudyError(
                f"{path.name} has not been made yet",
                where=path.name,
                cure="run the earlier notebooks first: 01_prepare, 02_design, then the estimates",
            )
        return path

    # ---- writing

    def write_drawing(self, key: str, svg: str) -> None:
        artefacts.write_text(self.layout.drawings / f"{key}.svg", svg)

    def write_case(self, case: Case) -> None:
        artefacts.write_json(self.layout.case, case.model_dump(mode="json"))

    def write_measurements(self, frame: pd.DataFrame) -> None:
        """Words as categories: each is compared and copied once, not once a row."""
        self.layout.measurements.parent.mkdir(parents=True, exist_ok=True)
        words = frame.select_dtypes(["object", "string"]).columns
        frame.astype(dict.fromkeys(words, "category")).to_parquet(self.layout.measurements, index=False)

    def write_journeys(self, frame: pd.DataFrame) -> None:
        """And the mark of the key that pseudonyms were made with, by which a run with another key sees it."""
        self.layout.journeys.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(self.layout.journeys, index=False)
        if mark := key_mark():
            artefacts.write_json(self.layout.pseudonyms, {"mark": mark})
        else:
            self.layout.pseudonyms.unlink(missing_ok=True)

    def write_effect(
        self, outcome: Outcome, panel: Panel, effect: Effect, estimator_label: str, hidden: Sequence[bool] = ()
    ) -> None:
        """``hidden``: periods whose sum is left empty because one of the parts it is made of is."""
        artefacts.write_json(
            self.layout.estimates / f"{outcome.id}.json", effect_record(outcome, panel, effect, estimator_label)
        )
        path = effect.path.loc[:, [*PATH_COLUMNS, *BAND_COLUMNS]].copy()
        if outcome.metric in COUNTS_OF_PEOPLE:
            path["observed"] = suppressed(path["observed"], self.case["privacy"]["minimum_cell"])
            path["observed"] = path["observed"].mask(np.asarray(hidden)) if len(hidden) else path["observed"]
        if panel.redefinitions:  # the number of changes so far of what is counted
            starts = [pd.Timestamp(item.first) for item in panel.redefinitions]
            path["definition"] = [1 + sum(start <= time for start in starts) for time in path.index]
        path.insert(0, "period", np.select([panel.pre, panel.post], ["pre", "post"], "donut"))
        path.insert(0, "time", list(path.index))
        artefacts.write_csv(self.layout.paths / f"{outcome.id}.csv", path)

    def write_refusal(self, outcome: Outcome, error: StudyError) -> None:
        """An outcome that cannot be estimated is recorded with the reason and with what to do instead."""
        refused = {"what": error.what, "where": error.where, "cure": error.cure}
        artefacts.write_json(self.layout.estimates / f"{outcome.id}.json", _head(outcome) | {"refused": refused})

    def write_checks(self, outcome: str, records: Iterable[Mapping[str, Any]]) -> None:
        artefacts.write_json(self.layout.checks / f"{outcome}.json", list(records))

    def write_table(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """Write and return the table as a reader will see it (rounded)."""
        artefacts.write_csv(self.layout.tables / f"{name}.csv", table)
        return pd.read_csv(self.layout.tables / f"{name}.csv")
